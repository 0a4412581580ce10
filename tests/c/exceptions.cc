// C++: handles in smart pointers, and an edit function that throws ends the program instead of leaving half a table. Runs in
// a network namespace of its own.
#include "check.h"

#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

struct Free {
    void operator()(fw_table *table) const { fw_table_free(table); }
    void operator()(fw_rule *rule) const { fw_rule_free(rule); }
    void operator()(fw_error *error) const { fw_error_free(error); }
    void operator()(fw_kernel *kernel) const { fw_kernel_free(kernel); }
};

std::unique_ptr<fw_kernel, Free> kernel{fw_kernel_new()};

std::unique_ptr<fw_table, Free> open_filter() {
    fw_error *error = nullptr;
    fw_table *table;
    if (fw_table_open(kernel.get(), FW_IPV4, "filter", &table, &error) != FW_OK) {
        std::unique_ptr<fw_error, Free> owned{error};
        throw std::runtime_error(fw_error_text(owned.get()));
    }
    return std::unique_ptr<fw_table, Free>{table};
}

int edit(fw_table *table, void *data, fw_error **error) {
    const auto *rule = static_cast<const std::string *>(data);
    return fw_chain_append_text(table, "INPUT", rule->c_str(), error);
}

int throwing(fw_table *table, void *, fw_error **error) {
    CHECK(fw_chain_append_text(table, "INPUT", "-j DROP", error) == FW_OK);
    throw std::runtime_error("on purpose");
}

} // namespace

int main() {
    fw_error *error = nullptr;
    OK(fw_kernel_set_unlocked(kernel.get(), &error));
    std::string rule = "-p tcp --dport 22 -j ACCEPT";
    OK(fw_table_update(kernel.get(), FW_IPV4, "filter", edit, &rule, nullptr, &error));

    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        rlimit none = {0, 0};
        CHECK(setrlimit(RLIMIT_CORE, &none) == 0 && std::freopen("/dev/null", "w", stderr) != nullptr);
        try {
            fw_table_update(kernel.get(), FW_IPV4, "filter", throwing, nullptr, nullptr, &error);
        } catch (const std::exception &) {
        }
        _exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);

    CHECK(fw_chain_rule_count(open_filter().get(), "INPUT") == 1);
    return 0;
}
