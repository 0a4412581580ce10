/* Rules made of values of C: bytes, numbers, bits; without a kernel. */
#include "check.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static fw_error *error;

static fw_rule *parse(fw_family family, const char *text) {
    fw_rule *rule;
    OK(fw_rule_parse(NULL, family, text, &rule, &error));
    return rule;
}

static fw_address ipv4(const char *text, uint8_t prefix) {
    struct in_addr address;
    CHECK(inet_pton(AF_INET, text, &address) == 1);
    return fw_address_ipv4(&address, prefix);
}

static fw_address ipv6(const char *text, uint8_t prefix) {
    struct in6_addr address;
    CHECK(inet_pton(AF_INET6, text, &address) == 1);
    return fw_address_ipv6(&address, prefix);
}

static bool is(const fw_address *address, const char *text, int prefix) {
    char shown[INET6_ADDRSTRLEN];
    inet_ntop(address->family == FW_IPV4 ? AF_INET : AF_INET6, address->address, shown, sizeof shown);
    return strcmp(shown, text) == 0 && address->prefix == prefix;
}

/* The builder makes the rule that the text is, and is freed. */
static void makes(fw_builder *builder, const char *text) {
    fw_rule *rule;
    OK(fw_builder_build(builder, NULL, &rule, &error));
    CHECK_STR(fw_rule_text(rule), text);
    fw_rule_free(rule);
    fw_builder_free(builder);
}

/* The builder has a mistake whose message has these words, and is freed. */
static void refused(fw_builder *builder, fw_status status, const char *words) {
    fw_rule *rule;
    fw_status got = fw_builder_build(builder, NULL, &rule, &error);
    if (got != status || strstr(fw_error_text(error), words) == NULL) {
        fprintf(stderr, "%s: %s\n", words, fw_error_text(error));
        CHECK(false);
    }
    fw_builder_free(builder);
    fw_error_free(error);
}

static fw_builder *with(const char *match) {
    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_protocol_number(builder, IPPROTO_TCP);
    fw_builder_match(builder, match);
    return builder;
}

static void header(void) {
    fw_address address;
    uint8_t protocol;
    bool inverted;

    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_address source = ipv4("10.1.2.3", 8), destination = ipv4("192.0.2.1", 32);
    fw_builder_not(builder);
    fw_builder_source_address(builder, &source);
    fw_builder_destination_address(builder, &destination);
    fw_builder_protocol_number(builder, IPPROTO_UDP);
    fw_builder_verdict(builder, FW_VERDICT_DROP);
    makes(builder, "! -s 10.0.0.0/8 -d 192.0.2.1/32 -p udp -j DROP");

    builder = fw_builder_new(FW_IPV6);
    source = ipv6("2001:db8::1", 32);
    fw_builder_source_address(builder, &source);
    makes(builder, "-s 2001:db8::/32");

    /* A mask that is no prefix. */
    builder = fw_builder_new(FW_IPV4);
    source = ipv4("10.0.0.7", 32);
    source.prefix = FW_PREFIX_NONE;
    memcpy(source.mask, "\xff\0\0\xff", 4);
    fw_builder_source_address(builder, &source);
    makes(builder, "-s 10.0.0.7/255.0.0.255");

    fw_rule *rule = parse(FW_IPV4, "! -s 10.0.0.0/8 -d 10.0.0.7/255.0.0.255 -p tcp -j web");
    CHECK(fw_rule_source_address(rule, &address, &inverted));
    CHECK(is(&address, "10.0.0.0", 8) && inverted && address.mask[0] == 0xff && address.mask[1] == 0);
    CHECK(fw_rule_destination_address(rule, &address, NULL));
    CHECK(address.prefix == FW_PREFIX_NONE && memcmp(address.mask, "\xff\0\0\xff", 4) == 0);
    CHECK(fw_rule_protocol_number(rule, &protocol, &inverted) && protocol == IPPROTO_TCP && !inverted);
    CHECK(fw_rule_verdict(rule) == FW_VERDICT_JUMP);
    fw_rule_free(rule);

    rule = parse(FW_IPV6, "-d 2001:db8::/32 -j LOG");
    CHECK(!fw_rule_source_address(rule, &address, &inverted) && address.family == 0 && !inverted);
    CHECK(fw_rule_destination_address(rule, &address, &inverted) && is(&address, "2001:db8::", 32));
    CHECK(!fw_rule_protocol_number(rule, &protocol, &inverted) && protocol == 0);
    CHECK(fw_rule_verdict(rule) == FW_VERDICT_EXTENSION);
    fw_rule_free(rule);

    static const struct {
        const char *text;
        fw_verdict verdict;
    } verdicts[] = {
        {"", FW_VERDICT_NONE},          {"-j ACCEPT", FW_VERDICT_ACCEPT}, {"-j DROP", FW_VERDICT_DROP},
        {"-j QUEUE", FW_VERDICT_QUEUE}, {"-j RETURN", FW_VERDICT_RETURN}, {"-g web", FW_VERDICT_GOTO},
    };
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        rule = parse(FW_IPV4, verdicts[i].text);
        CHECK(fw_rule_verdict(rule) == verdicts[i].verdict);
        fw_rule_free(rule);
        if (verdicts[i].verdict >= FW_VERDICT_ACCEPT && verdicts[i].verdict <= FW_VERDICT_RETURN) {
            builder = fw_builder_new(FW_IPV4);
            fw_builder_verdict(builder, verdicts[i].verdict);
            makes(builder, verdicts[i].text);
        }
    }

    /* What is no address, prefix, family or verdict. */
    address = ipv4("10.0.0.0", 33);
    CHECK(address.family == 0);
    builder = fw_builder_new(FW_IPV4);
    fw_builder_source_address(builder, &address);
    refused(builder, FW_ERROR_INVALID_ARGUMENT, "family");
    builder = fw_builder_new(FW_IPV4);
    address = ipv4("10.0.0.0", 8);
    address.prefix = 33;
    fw_builder_source_address(builder, &address);
    refused(builder, FW_ERROR_INVALID_ARGUMENT, "33 is no prefix");
    builder = fw_builder_new(FW_IPV4);
    address = ipv6("::1", 128);
    fw_builder_destination_address(builder, &address);
    refused(builder, FW_ERROR_INVALID_RULE, "::1");
    builder = fw_builder_new(FW_IPV4);
    fw_builder_source_address(builder, NULL);
    refused(builder, FW_ERROR_INVALID_ARGUMENT, "address");
    builder = fw_builder_new(FW_IPV4);
    fw_builder_verdict(builder, FW_VERDICT_JUMP);
    refused(builder, FW_ERROR_INVALID_ARGUMENT, "verdict");
}

static void setters(void) {
    fw_builder *builder = with(FW_MATCH_TCP);
    fw_builder_not(builder);
    fw_builder_number(builder, FW_TCP_DPORT, 22);
    fw_builder_range(builder, FW_TCP_SPORT, 1024, 65535);
    fw_builder_flag(builder, FW_TCP_SYN);
    makes(builder, "-p tcp -m tcp --sport 1024:65535 ! --dport 22 --tcp-flags FIN,SYN,RST,ACK SYN");

    builder = with(FW_MATCH_TCP);
    fw_builder_bits_of(builder, FW_TCP_FLAGS, FW_TCP_FLAGS_SYN | FW_TCP_FLAGS_ACK, 0);
    makes(builder, "-p tcp -m tcp --tcp-flags SYN,ACK NONE");

    builder = with(FW_MATCH_MULTIPORT);
    fw_range ports[] = {{22, 22}, {80, 90}, {443, 443}};
    fw_builder_ranges(builder, FW_MULTIPORT_DPORTS, ports, 3);
    makes(builder, "-p tcp -m multiport --dports 22,80:90,443");

    builder = with(FW_MATCH_MARK);
    fw_builder_masked(builder, FW_MARK_MARK, 0x10, 0xff);
    fw_builder_match(builder, FW_MATCH_MARK);
    fw_builder_number(builder, FW_MARK_MARK, 16);
    makes(builder, "-p tcp -m mark --mark 0x10/0xff -m mark --mark 0x10");

    builder = with(FW_MATCH_CONNTRACK);
    fw_address network = ipv4("192.0.2.0", 24), host = ipv4("192.0.2.9", 32);
    fw_builder_bits(builder, FW_CONNTRACK_STATE, FW_CONNTRACK_STATE_NEW | FW_CONNTRACK_STATE_ESTABLISHED);
    fw_builder_address(builder, FW_CONNTRACK_ORIG_SRC, &network);
    fw_builder_address(builder, FW_CONNTRACK_ORIG_DST, &host);
    fw_builder_range(builder, FW_CONNTRACK_EXPIRE, 10, 20);
    fw_builder_option(builder, FW_CONNTRACK_DIR, FW_CONNTRACK_DIR_REPLY);
    makes(builder, "-p tcp -m conntrack --ctstate NEW,ESTABLISHED --ctorigsrc 192.0.2.0/24 --ctorigdst 192.0.2.9 "
                   "--ctexpire 10:20 --ctdir REPLY");

    builder = with(FW_MATCH_CONNTRACK);
    const char *states[] = {"RELATED", "ESTABLISHED", NULL};
    fw_builder_names(builder, FW_CONNTRACK_STATE, states, FW_UNTIL_NULL);
    fw_builder_match(builder, FW_MATCH_CONNTRACK);
    fw_builder_names(builder, FW_CONNTRACK_STATE, states, 1);
    makes(builder, "-p tcp -m conntrack --ctstate RELATED,ESTABLISHED -m conntrack --ctstate RELATED");

    /* A set, and a side for each part of its entries, in their order. */
    builder = with(FW_MATCH_SET);
    const char *set[] = {"banned", "dst", "src", NULL};
    fw_builder_not(builder);
    fw_builder_names(builder, FW_SET_MATCH_SET, set, FW_UNTIL_NULL);
    makes(builder, "-p tcp -m set ! --match-set banned dst,src");

    builder = with(FW_MATCH_IPRANGE);
    fw_address last = ipv4("192.0.2.20", 32);
    fw_builder_addresses(builder, FW_IPRANGE_SRC_RANGE, &host, &last);
    makes(builder, "-p tcp -m iprange --src-range 192.0.2.9-192.0.2.20");

    static const struct {
        const char *first, *last;
        uint16_t min, max, base;
        const char *text;
    } nats[] = {
        {"192.0.2.9", NULL, 8080, 8080, 0, "192.0.2.9:8080"},
        {"192.0.2.9", "192.0.2.20", 8000, 8009, 80, "192.0.2.9-192.0.2.20:8000-8009/80"},
        {NULL, NULL, 0, 1, 0, ":0-1"},
    };
    for (size_t i = 0; i < sizeof nats / sizeof *nats; i++) {
        fw_nat to = {.has_ports = true, .min_port = nats[i].min, .max_port = nats[i].max, .base_port = nats[i].base}, read;
        if (nats[i].first != NULL)
            to.first = ipv4(nats[i].first, 32);
        if (nats[i].last != NULL)
            to.last = ipv4(nats[i].last, 32);
        builder = fw_builder_new(FW_IPV4);
        fw_builder_protocol_number(builder, IPPROTO_TCP);
        fw_builder_target(builder, FW_TARGET_DNAT);
        fw_builder_nat(builder, FW_DNAT_TO_DESTINATION, &to);
        fw_rule *rule;
        OK(fw_builder_build(builder, NULL, &rule, &error));
        char text[128];
        snprintf(text, sizeof text, "-p tcp -j DNAT --to-destination %s", nats[i].text);
        CHECK_STR(fw_rule_text(rule), text);
        const fw_value *value = fw_part_value(fw_rule_target_extension(rule), FW_DNAT_TO_DESTINATION);
        CHECK(fw_value_kind(value) == FW_KIND_NAT && fw_value_nat(value, &read));
        CHECK_STR(fw_value_text(value, NULL), nats[i].text);
        CHECK(read.has_ports && read.min_port == nats[i].min && read.max_port == nats[i].max);
        CHECK(read.base_port == nats[i].base);
        const char *first = nats[i].first, *last = nats[i].last != NULL ? nats[i].last : first;
        CHECK(first != NULL ? is(&read.first, first, 32) && is(&read.last, last, 32) : read.first.family == 0);
        fw_rule_free(rule);
        fw_builder_free(builder);
    }
    builder = fw_builder_new(FW_IPV6);
    fw_nat source = {.first = ipv6("2001:db8::1", 128), .last = ipv6("2001:db8::9", 128)};
    fw_builder_target(builder, FW_TARGET_SNAT);
    fw_builder_nat(builder, FW_SNAT_TO_SOURCE, &source);
    makes(builder, "-j SNAT --to-source 2001:db8::1-2001:db8::9");

    builder = with(FW_MATCH_MAC);
    fw_builder_mac(builder, FW_MAC_SOURCE, "\x02\0\0\xaa\xbb\xcc");
    makes(builder, "-p tcp -m mac --mac-source 02:00:00:aa:bb:cc");

    builder = with(FW_MATCH_LIMIT);
    fw_builder_rate(builder, FW_LIMIT_RATE, 5, FW_PER_MINUTE);
    fw_builder_number(builder, FW_LIMIT_BURST, 10);
    fw_builder_match(builder, FW_MATCH_HASHLIMIT);
    fw_builder_rate(builder, FW_HASHLIMIT_ABOVE, 1048576, FW_BYTES_PER_SECOND);
    fw_builder_option(builder, FW_HASHLIMIT_NAME, "a");
    makes(builder, "-p tcp -m limit --limit 5/min --limit-burst 10 "
                   "-m hashlimit --hashlimit-above 1mb/s --hashlimit-name a");

    builder = with(FW_MATCH_HASHLIMIT);
    fw_builder_rate(builder, FW_HASHLIMIT_UPTO, 5, FW_PER_HOUR);
    fw_builder_bytes(builder, FW_HASHLIMIT_BURST, 0);
    refused(builder, FW_ERROR_INVALID_VALUE, "--hashlimit-burst");
    builder = with(FW_MATCH_HASHLIMIT);
    fw_builder_rate(builder, FW_HASHLIMIT_UPTO, 524288, FW_BYTES_PER_SECOND);
    fw_builder_bytes(builder, FW_HASHLIMIT_BURST, 1048576);
    fw_builder_option(builder, FW_HASHLIMIT_NAME, "a");
    makes(builder, "-p tcp -m hashlimit --hashlimit-upto 512kb/s --hashlimit-burst 1mb --hashlimit-name a");
    static const struct {
        fw_unit unit;
        uint64_t count;
        const char *text;
    } rates[] = {{FW_PER_SECOND, 10000, "10000/sec"}, {FW_PER_HOUR, 5, "5/hour"}, {FW_PER_DAY, 1, "1/day"},
                 {FW_PER_SECOND, 0, NULL}, {FW_PER_SECOND, 10001, NULL}, {FW_BYTES_PER_SECOND, 5, NULL}};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        char text[64];
        builder = with(FW_MATCH_LIMIT);
        fw_builder_rate(builder, FW_LIMIT_RATE, rates[i].count, rates[i].unit);
        snprintf(text, sizeof text, "-p tcp -m limit --limit %s", rates[i].text);
        rates[i].text != NULL ? makes(builder, text) : refused(builder, FW_ERROR_INVALID_VALUE, "--limit");
    }

    for (int i = 0; i < 6; i++) {
        static const struct {
            uint8_t type, min, max;
            const char *text;
        } types[] = {{8, 0, 255, "8"}, {3, 4, 4, "3/4"}, {3, 1, 5, "3/1:5"}};
        fw_family family = i < 3 ? FW_IPV4 : FW_IPV6;
        const char *option = i < 3 ? FW_ICMP_TYPE : FW_ICMP6_TYPE;
        fw_icmp icmp;
        fw_rule *rule;
        builder = fw_builder_new(family);
        fw_builder_protocol_number(builder, i < 3 ? IPPROTO_ICMP : IPPROTO_ICMPV6);
        fw_builder_match(builder, i < 3 ? FW_MATCH_ICMP : FW_MATCH_ICMP6);
        fw_builder_not(builder);
        fw_builder_icmp(builder, option, types[i % 3].type, types[i % 3].min, types[i % 3].max);
        OK(fw_builder_build(builder, NULL, &rule, &error));
        const fw_value *value = fw_part_value(fw_rule_match(rule, 0), option);
        CHECK(fw_value_kind(value) == FW_KIND_ICMP && fw_value_is_inverted(value) && fw_value_icmp(value, &icmp));
        CHECK(icmp.icmp_type == types[i % 3].type && icmp.min_code == types[i % 3].min && icmp.max_code == types[i % 3].max);
        CHECK_STR(fw_value_text(value, NULL), types[i % 3].text);
        fw_rule_free(rule);
        fw_builder_free(builder);
    }

    builder = with(FW_MATCH_TIME);
    fw_builder_time(builder, FW_TIME_TIMESTART, 8 * 3600 + 30 * 60);
    fw_builder_moment(builder, FW_TIME_DATESTOP, 951827696);
    fw_builder_bits(builder, FW_TIME_WEEKDAYS, FW_TIME_WEEKDAYS_MON | FW_TIME_WEEKDAYS_SUN);
    makes(builder, "-p tcp -m time --timestart 08:30:00 --timestop 23:59:59 --weekdays Mon,Sun "
                   "--datestop 2000-02-29T12:34:56");

    builder = fw_builder_new(FW_IPV4);
    fw_builder_target(builder, FW_TARGET_RATEEST);
    fw_builder_option(builder, FW_RATEEST_NAME, "a");
    fw_builder_duration(builder, FW_RATEEST_INTERVAL, 250000);
    fw_builder_duration(builder, FW_RATEEST_EWMALOG, 500000);
    makes(builder, "-j RATEEST --rateest-name a --rateest-interval 250.0ms --rateest-ewmalog 500.0ms");

    builder = fw_builder_new(FW_IPV4);
    fw_builder_target(builder, FW_TARGET_REJECT);
    fw_builder_option(builder, FW_REJECT_WITH, FW_REJECT_WITH_ICMP_ADMIN_PROHIBITED);
    makes(builder, "-j REJECT --reject-with icmp-admin-prohibited");

    builder = with(FW_MATCH_COMMENT);
    fw_builder_option_n(builder, FW_COMMENT_COMMENT, "two words, and more", 9);
    makes(builder, "-p tcp -m comment --comment \"two words\"");
}

/* A mapping that no packet can have is a mistake. */
static void wrong_mappings(void) {
    static const struct {
        bool ports, other_family;
        uint16_t min, max;
    } wrong[] = {{false, false, 0, 0}, {true, false, 90, 80}, {false, true, 0, 0}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        fw_nat to = {.has_ports = wrong[i].ports, .min_port = wrong[i].min, .max_port = wrong[i].max};
        if (wrong[i].other_family)
            to.first = ipv6("::1", 128);
        fw_builder *builder = fw_builder_new(FW_IPV4);
        fw_builder_protocol_number(builder, IPPROTO_TCP);
        fw_builder_target(builder, FW_TARGET_DNAT);
        fw_builder_nat(builder, FW_DNAT_TO_DESTINATION, &to);
        refused(builder, FW_ERROR_INVALID_VALUE, "--to-destination");
    }
    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_target(builder, FW_TARGET_DNAT);
    fw_builder_nat(builder, FW_DNAT_TO_DESTINATION, NULL);
    refused(builder, FW_ERROR_INVALID_ARGUMENT, "nat");
}

/* A value of the wrong kind is a mistake, never another rule. */
static void wrong_kinds(void) {
    fw_nat nat;
    CHECK(!fw_value_nat(NULL, &nat) && !nat.has_ports && nat.first.family == 0);
    fw_address host = ipv4("192.0.2.9", 32), other = ipv6("::1", 128);
    for (int i = 0; i < 16; i++) {
        fw_builder *builder = with(i < 12 ? FW_MATCH_TCP : i < 15 ? FW_MATCH_CONNTRACK : FW_MATCH_TIME);
        fw_status status = FW_ERROR_INVALID_VALUE;
        switch (i) {
        case 0: fw_builder_number(builder, FW_TCP_DPORT, 65536); break;
        case 1: fw_builder_range(builder, FW_TCP_DPORT, 90, 80); break;
        case 2: fw_builder_masked(builder, FW_TCP_DPORT, 1, 1); break;
        case 3: fw_builder_address(builder, FW_TCP_DPORT, &host); break;
        case 4: fw_builder_addresses(builder, FW_TCP_DPORT, &host, &host); break;
        case 5: fw_builder_mac(builder, FW_TCP_DPORT, "123456"); break;
        case 6: fw_builder_duration(builder, FW_TCP_DPORT, 22000000), status = FW_ERROR_INVALID_ARGUMENT; break;
        case 7: fw_builder_rate(builder, FW_TCP_DPORT, 22, FW_PER_SECOND); break;
        case 8: fw_builder_flag(builder, FW_TCP_DPORT), status = FW_ERROR_INVALID_ARGUMENT; break;
        case 9: fw_builder_number(builder, FW_TCP_SYN, 1), status = FW_ERROR_INVALID_ARGUMENT; break;
        case 10: fw_builder_bits(builder, FW_TCP_DPORT, 1), status = FW_ERROR_INVALID_ARGUMENT; break;
        case 11: fw_builder_number(builder, FW_CONNTRACK_STATE, 1), status = FW_ERROR_SYNTAX; break;
        case 12: fw_builder_bits(builder, FW_CONNTRACK_STATE, 1 << 20), status = FW_ERROR_INVALID_ARGUMENT; break;
        case 13: fw_builder_address(builder, FW_CONNTRACK_ORIG_SRC, &other); break;
        case 14: fw_builder_number(builder, FW_CONNTRACK_STATE, 1); break;
        case 15: fw_builder_time(builder, FW_TIME_TIMESTART, 86400), status = FW_ERROR_INVALID_ARGUMENT; break;
        }
        fw_rule *rule;
        if (fw_builder_build(builder, NULL, &rule, &error) != status) {
            fprintf(stderr, "%d: %s: %s\n", i, rule == NULL ? "" : fw_rule_text(rule), fw_error_text(error));
            CHECK(false);
        }
        CHECK(rule == NULL);
        fw_builder_free(builder);
        fw_error_free(error);
    }
    fw_builder *builder = fw_builder_new(FW_IPV4);
    fw_builder_target(builder, FW_TARGET_ACCEPT);
    fw_builder_number(builder, FW_TCP_DPORT, 1);
    refused(builder, FW_ERROR_INVALID_ARGUMENT, "no match or target");
    builder = with("bogus");
    refused(builder, FW_ERROR_NO_SUCH_EXTENSION, "bogus");

    builder = with(FW_MATCH_RECENT);
    fw_builder_duration(builder, FW_RECENT_SECONDS, 60000000);
    refused(builder, FW_ERROR_INVALID_ARGUMENT, "takes no span of time, but NUMBER");
}

/* From a builder into a table, with no handle between. */
static void appended(void) {
    fw_table *table;
    fw_rule *rule;
    fw_kernel *kernel = fw_kernel_new();
    OK(fw_kernel_set_backend(kernel, FW_BACKEND_MEMORY, &error));
    OK(fw_table_open(kernel, FW_IPV4, FW_TABLE_FILTER, &table, &error));
    fw_builder *builder = with(FW_MATCH_TCP);
    fw_builder_number(builder, FW_TCP_DPORT, 22);
    for (unsigned char i = 0; i < 3; i++) {
        unsigned char bytes[] = {10, 0, 0, i};
        fw_address source = fw_address_ipv4(bytes, 32);
        fw_builder_source_address(builder, &source);
        OK(fw_builder_append(builder, table, "INPUT", &error));
    }
    FAILS(fw_builder_append(builder, table, "nowhere", &error), FW_ERROR_NO_SUCH_CHAIN);
    fw_builder *other = fw_builder_new(FW_IPV6);
    FAILS(fw_builder_append(other, table, "INPUT", &error), FW_ERROR_INVALID_ARGUMENT);
    fw_builder_free(other);
    fw_error_free(error);
    error = NULL;
    CHECK(fw_chain_rule_count(table, "INPUT") == 3);
    OK(fw_chain_rule(table, "INPUT", 2, &rule, &error));
    CHECK_STR(fw_rule_text(rule), "-s 10.0.0.2/32 -p tcp -m tcp --dport 22");
    fw_rule_free(rule);
    fw_builder_free(builder);
    fw_table_free(table);
    fw_kernel_free(kernel);
}

int main(void) {
    header();
    setters();
    wrong_mappings();
    wrong_kinds();
    appended();
    return 0;
}
