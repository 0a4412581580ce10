// C++: every rule of tests/rules.txt made again from what it is read as, by the setter for each kind of value, with handles that free
// themselves.
#include "check.h"

#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Free {
    void operator()(fw_rule *rule) const { fw_rule_free(rule); }
    void operator()(fw_builder *builder) const { fw_builder_free(builder); }
};
using Rule = std::unique_ptr<fw_rule, Free>;
using Builder = std::unique_ptr<fw_builder, Free>;

Rule parse(fw_family family, const std::string &text) {
    fw_rule *rule;
    return fw_rule_parse_n(nullptr, family, text.data(), text.size(), &rule, nullptr) == FW_OK ? Rule{rule} : Rule{};
}

// Sets an option to several values: numbers, two sets of names, or words.
void set_list(fw_builder *builder, const char *option, const fw_value *list) {
    std::vector<fw_range> ranges;
    std::vector<uint64_t> bits;
    std::vector<const char *> words;
    for (size_t i = 0; i < fw_value_count(list); i++) {
        const fw_value *item = fw_value_item(list, i);
        fw_range range;
        uint64_t set;
        words.push_back(fw_value_text(item, nullptr));
        if (fw_value_range(item, &range))
            ranges.push_back(range);
        else if (fw_value_bits(item, &set))
            bits.push_back(set);
    }
    CHECK(fw_value_item(list, words.size()) == nullptr);
    if (ranges.size() == words.size())
        fw_builder_ranges(builder, option, ranges.data(), ranges.size());
    else if (bits.size() == words.size() && bits.size() == 2)
        fw_builder_bits_of(builder, option, bits[0], bits[1]);
    else
        fw_builder_option(builder, option, fw_value_text(list, nullptr));
}

void set(fw_builder *builder, const fw_value *value, unsigned kinds[]) {
    const char *option = fw_option_name(fw_value_option(value));
    fw_kind kind = fw_value_kind(value);
    uint64_t number;
    uint32_t seconds;
    fw_masked masked;
    fw_range range;
    fw_address first, last;
    fw_nat nat;
    fw_icmp icmp;
    fw_unit unit;
    size_t length;
    if (fw_value_is_inverted(value))
        fw_builder_not(builder);
    switch (kind) {
    case FW_KIND_FLAG:
        return kinds[kind]++, fw_builder_flag(builder, option);
    case FW_KIND_NUMBER:
        CHECK(fw_value_number(value, &number));
        return kinds[kind]++, fw_builder_number(builder, option, number);
    case FW_KIND_MASKED:
        CHECK(fw_value_masked(value, &masked));
        return kinds[kind]++, fw_builder_masked(builder, option, masked.value, masked.mask);
    case FW_KIND_RANGE:
        CHECK(fw_value_range(value, &range));
        return kinds[kind]++, fw_builder_range(builder, option, range.min, range.max);
    case FW_KIND_ADDRESS:
    case FW_KIND_NETWORK:
        CHECK(fw_value_address(value, &first));
        return kinds[kind]++, fw_builder_address(builder, option, &first);
    case FW_KIND_ADDRESSES:
        CHECK(fw_value_addresses(value, &first, &last));
        return kinds[kind]++, fw_builder_addresses(builder, option, &first, &last);
    case FW_KIND_NAT:
        CHECK(fw_value_nat(value, &nat));
        return kinds[kind]++, fw_builder_nat(builder, option, &nat);
    case FW_KIND_ICMP:
        CHECK(fw_value_icmp(value, &icmp));
        return kinds[kind]++, fw_builder_icmp(builder, option, icmp.icmp_type, icmp.min_code, icmp.max_code);
    case FW_KIND_BYTES:
        CHECK(fw_value_bytes(value, &number));
        return kinds[kind]++, fw_builder_bytes(builder, option, number);
    case FW_KIND_MAC:
        return kinds[kind]++, fw_builder_mac(builder, option, fw_value_mac(value));
    case FW_KIND_DURATION:
        CHECK(fw_value_duration(value, &number));
        return kinds[kind]++, fw_builder_duration(builder, option, number);
    case FW_KIND_TIME:
        CHECK(fw_value_time(value, &seconds));
        return kinds[kind]++, fw_builder_time(builder, option, seconds);
    case FW_KIND_MOMENT:
        CHECK(fw_value_moment(value, &seconds));
        return kinds[kind]++, fw_builder_moment(builder, option, seconds);
    case FW_KIND_RATE:
        CHECK(fw_value_rate(value, &number, &unit));
        return kinds[kind]++, fw_builder_rate(builder, option, number, unit);
    case FW_KIND_NAMES:
        CHECK(fw_value_bits(value, &number));
        return kinds[kind]++, fw_builder_bits(builder, option, number);
    case FW_KIND_LIST:
        return kinds[kind]++, set_list(builder, option, value);
    case FW_KIND_NAME:
    case FW_KIND_TEXT: {
        const char *text = fw_value_text(value, &length);
        return kinds[kind]++, fw_builder_option_n(builder, option, text, length);
    }
    case FW_KIND_NONE:
        break;
    }
    CHECK(!"a value has a kind");
}

Rule clone(const fw_rule *rule, unsigned kinds[]) {
    Builder owned{fw_builder_new(fw_rule_family(rule))};
    fw_builder *builder = owned.get();
    bool inverted;
    fw_address address;
    uint8_t protocol;
    auto invert = [&] {
        if (inverted)
            fw_builder_not(builder);
    };
    if (fw_rule_source_address(rule, &address, &inverted))
        invert(), fw_builder_source_address(builder, &address);
    if (fw_rule_destination_address(rule, &address, &inverted))
        invert(), fw_builder_destination_address(builder, &address);
    if (const char *name = fw_rule_input(rule, &inverted))
        invert(), fw_builder_input(builder, name);
    if (const char *name = fw_rule_output(rule, &inverted))
        invert(), fw_builder_output(builder, name);
    if (fw_rule_protocol_number(rule, &protocol, &inverted))
        invert(), fw_builder_protocol_number(builder, protocol);
    int fragment = fw_rule_fragment(rule);
    if (fragment >= 0) {
        inverted = fragment == 0;
        invert(), fw_builder_fragment(builder);
    }
    for (size_t i = 0; const fw_part *part = fw_rule_match(rule, i); i++) {
        fw_builder_match(builder, fw_part_name(part));
        for (size_t j = 0; const fw_value *value = fw_part_value_at(part, j); j++)
            set(builder, value, kinds);
    }
    const fw_part *target = fw_rule_target_extension(rule);
    switch (fw_rule_verdict(rule)) {
    case FW_VERDICT_NONE:
        break;
    case FW_VERDICT_JUMP:
        fw_builder_jump(builder, fw_rule_target(rule));
        break;
    case FW_VERDICT_GOTO:
        fw_builder_goto(builder, fw_rule_target(rule));
        break;
    case FW_VERDICT_EXTENSION:
        fw_builder_target(builder, fw_part_name(target));
        for (size_t j = 0; const fw_value *value = fw_part_value_at(target, j); j++)
            set(builder, value, kinds);
        break;
    default:
        fw_builder_verdict(builder, fw_rule_verdict(rule));
    }
    fw_error *error = nullptr;
    fw_rule *again;
    if (fw_builder_build(builder, nullptr, &again, &error) != FW_OK) {
        std::fprintf(stderr, "%s: %s\n", fw_rule_text(rule), fw_error_text(error));
        fw_error_free(error);
    }
    return Rule{again};
}

} // namespace

int main() {
    std::ifstream file{"tests/rules.txt"};
    unsigned rules = 0, wrong = 0, kinds[FW_KIND_BYTES + 1] = {};
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#')
            continue;
        if (line[0] == '~')
            line.erase(0, 1);
        for (fw_family family : {FW_IPV4, FW_IPV6}) {
            Rule rule = parse(family, line);
            if (rule == nullptr)
                continue;
            Rule again = clone(rule.get(), kinds);
            rules++;
            if (again != nullptr && fw_rule_equal(rule.get(), again.get()))
                continue;
            wrong++;
            if (again != nullptr)
                std::fprintf(stderr, "%s\n  is not %s\n", fw_rule_text(rule.get()), fw_rule_text(again.get()));
        }
    }
    CHECK(wrong == 0);
    CHECK(rules > 1000);
    for (unsigned kind = FW_KIND_FLAG; kind <= FW_KIND_ICMP; kind++)
        CHECK(kinds[kind] > 0);
    return 0;
}
