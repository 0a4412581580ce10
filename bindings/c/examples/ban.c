/*
 * Bans addresses for a while. It reads them on standard input, one a line, and drops what they send; when the time of a ban is
 * over it is lifted, unless the address has gone on sending. Ends when there is no more input and no ban.
 *
 *     ban [SECONDS] < ADDRESSES
 *
 * Needs CAP_NET_ADMIN. Try it where it does no harm: examples/safely ban 2
 */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <inttypes.h>
#include <libfw.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHAIN "BANNED"

struct ban {
    fw_address address;
    time_t until;
    uint64_t packets;
    struct ban *next;
};

static struct ban *bans;

static void must(fw_status status, fw_error *error) {
    if (status == FW_OK)
        return;
    fprintf(stderr, "ban: %s\n", fw_error_text(error));
    fw_error_free(error);
    exit(1);
}

static const char *text_of(const fw_address *address) {
    static char text[INET6_ADDRSTRLEN];
    inet_ntop(address->family == FW_IPV4 ? AF_INET : AF_INET6, address->address, text, sizeof text);
    return text;
}

/* A packet from outside goes through the chain of bans first. */
static int prepare(fw_table *table, void *data, fw_error **error) {
    int64_t index;
    fw_status status = FW_OK;
    (void)data;
    if (fw_chain_exists(table, CHAIN))
        status = fw_chain_flush(table, CHAIN, error);
    else
        status = fw_chain_new(table, CHAIN, error);
    if (status == FW_OK)
        status = fw_chain_position_text(table, "INPUT", "-j " CHAIN, &index, error);
    if (status == FW_OK && index < 0)
        status = fw_chain_insert_text(table, "INPUT", 0, "-j " CHAIN, error);
    return status;
}

/* The rule of a ban. */
static fw_builder *rule_of(const fw_address *address) {
    fw_builder *builder = fw_builder_new(address->family);
    fw_builder_source_address(builder, address);
    fw_builder_verdict(builder, FW_VERDICT_DROP);
    return builder;
}

static int add(fw_table *table, void *data, fw_error **error) {
    fw_builder *builder = rule_of(data);
    fw_status status = fw_builder_append(builder, table, CHAIN, error);
    fw_builder_free(builder);
    return status;
}

static int lift(fw_table *table, void *data, fw_error **error) {
    fw_rule *rule;
    fw_builder *builder = rule_of(data);
    fw_status status = fw_builder_build(builder, NULL, &rule, error);
    if (status == FW_OK)
        status = fw_chain_ensure_absent(table, CHAIN, rule, NULL, error);
    fw_rule_free(rule);
    fw_builder_free(builder);
    return status;
}

/* How many packets of an address its ban has dropped. */
static uint64_t dropped(const fw_kernel *kernel, const fw_address *address) {
    fw_error *error = NULL;
    fw_table *table;
    fw_rules *rules;
    const fw_rule *rule;
    fw_address source;
    uint64_t packets = 0;
    must(fw_table_open(kernel, address->family, FW_TABLE_FILTER, &table, &error), error);
    must(fw_chain_rules(table, CHAIN, &rules, &error), error);
    while ((rule = fw_rules_next(rules)) != NULL) {
        if (fw_rule_source_address(rule, &source, NULL) &&
            memcmp(source.address, address->address, sizeof source.address) == 0)
            packets += fw_rule_counters(rule).packets;
    }
    fw_rules_free(rules);
    fw_table_free(table);
    return packets;
}

static void ban(const fw_kernel *kernel, char *line, int seconds) {
    fw_error *error = NULL;
    unsigned char bytes[16];
    fw_address address;
    struct ban *ban;
    line[strcspn(line, "\r\n")] = '\0';
    if (inet_pton(AF_INET, line, bytes) == 1) {
        address = fw_address_ipv4(bytes, 32);
    } else if (inet_pton(AF_INET6, line, bytes) == 1) {
        address = fw_address_ipv6(bytes, 128);
    } else {
        fprintf(stderr, "ban: %s is no address\n", line);
        return;
    }
    for (ban = bans; ban != NULL; ban = ban->next) {
        if (ban->address.family == address.family && memcmp(ban->address.address, address.address, 16) == 0)
            break;
    }
    if (ban == NULL) {
        must(fw_table_update(kernel, address.family, FW_TABLE_FILTER, add, &address, NULL, &error), error);
        ban = calloc(1, sizeof *ban);
        if (ban == NULL)
            exit(1);
        ban->address = address;
        ban->next = bans;
        bans = ban;
        printf("banned %s\n", text_of(&address));
    }
    ban->until = time(NULL) + seconds;
}

/* Lifts the bans whose time is over, and prolongs those of addresses that go on. */
static void expire(const fw_kernel *kernel, int seconds) {
    fw_error *error = NULL;
    struct ban **place = &bans, *ban;
    while ((ban = *place) != NULL) {
        uint64_t packets = dropped(kernel, &ban->address);
        if (packets > ban->packets) {
            ban->packets = packets;
            ban->until = time(NULL) + seconds;
        }
        if (ban->until > time(NULL)) {
            place = &ban->next;
            continue;
        }
        must(fw_table_update(kernel, ban->address.family, FW_TABLE_FILTER, lift, &ban->address, NULL, &error),
             error);
        printf("lifted %s after %" PRIu64 " packets\n", text_of(&ban->address), ban->packets);
        *place = ban->next;
        free(ban);
    }
}

int main(int argc, char **argv) {
    fw_error *error = NULL;
    fw_kernel *kernel = fw_kernel_new();
    int seconds = argc > 1 ? atoi(argv[1]) : 600;
    char line[256];
    bool reading = true;
    time_t looked = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stdin, NULL, _IONBF, 0);
    must(fw_kernel_set_lock(kernel, NULL, 5000, &error), error);
    must(fw_table_update(kernel, FW_IPV4, FW_TABLE_FILTER, prepare, NULL, NULL, &error), error);
    must(fw_table_update(kernel, FW_IPV6, FW_TABLE_FILTER, prepare, NULL, NULL, &error), error);
    while (reading || bans != NULL) {
        struct pollfd input = {reading ? STDIN_FILENO : -1, POLLIN, 0};
        if (poll(&input, 1, 1000) > 0) {
            reading = fgets(line, sizeof line, stdin) != NULL;
            if (reading)
                ban(kernel, line, seconds);
        }
        if (time(NULL) > looked) {
            expire(kernel, seconds);
            looked = time(NULL);
        }
    }
    fw_kernel_free(kernel);
    return 0;
}
