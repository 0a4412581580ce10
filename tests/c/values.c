/* Values of C that are read from rules, and make the same rules again; without a kernel. */
#include "rebuilt.h"

#include <arpa/inet.h>

static fw_error *error;

static fw_rule *parse(fw_family family, const char *text) {
    fw_rule *rule;
    OK(fw_rule_parse(NULL, family, text, &rule, &error));
    return rule;
}

static bool is(const fw_address *address, const char *text, int prefix) {
    char shown[INET6_ADDRSTRLEN];
    inet_ntop(address->family == FW_IPV4 ? AF_INET : AF_INET6, address->address, shown, sizeof shown);
    return strcmp(shown, text) == 0 && address->prefix == prefix;
}

static void getters(void) {
    uint64_t number, bits;
    fw_icmp icmp;
    uint32_t seconds;
    fw_range range;
    fw_masked masked;
    fw_address address, last;
    fw_unit unit;
    size_t length;

    /* A name, packets, bytes. */
    fw_rule *any = parse(FW_IPV4, "-p icmp --icmp-type any -m hashlimit --hashlimit-upto 1/sec --hashlimit-name a");
    const fw_value *type = fw_part_value(fw_rule_match(any, 0), FW_ICMP_TYPE);
    CHECK(fw_value_kind(type) == FW_KIND_TEXT && !fw_value_icmp(type, &icmp) && icmp.icmp_type == 0);
    const fw_value *burst = fw_part_value(fw_rule_match(any, 1), FW_HASHLIMIT_BURST);
    CHECK(fw_value_kind(burst) == FW_KIND_NUMBER && fw_value_number(burst, &number) && number == 5);
    CHECK(!fw_value_bytes(burst, &number) && number == 0 && !fw_value_bytes(NULL, &number) && !fw_value_icmp(NULL, &icmp));
    fw_rule_free(any);
    any = parse(FW_IPV4, "-m hashlimit --hashlimit-upto 1kb/s --hashlimit-burst 3mb --hashlimit-name a");
    burst = fw_part_value(fw_rule_match(any, 0), FW_HASHLIMIT_BURST);
    CHECK(fw_value_kind(burst) == FW_KIND_BYTES && fw_value_bytes(burst, &number) && number == 3 << 20);
    CHECK(!fw_value_number(burst, &number));
    fw_rule_free(any);

    fw_rule *rule = parse(FW_IPV4, "-p tcp -m tcp ! --sport 22 --dport 80:90 --syn -m mark --mark 0x10/0xff "
                                   "-m conntrack --ctstate NEW,UNTRACKED --ctorigsrc 192.0.2.0/24 "
                                   "-m iprange --dst-range 192.0.2.9-192.0.2.20 -m mac --mac-source 02:00:00:aa:bb:cc "
                                   "-m limit --limit 5/min -m time --timestart 08:30 --datestop 2000-02-29T12:34:56 "
                                   "-m multiport --dports 22,80:90 -j LOG --log-prefix \"a b\"");
    const fw_part *tcp = fw_rule_match(rule, 0), *conntrack = fw_rule_match(rule, 2);
    const fw_value *value = fw_part_value(tcp, FW_TCP_SPORT);
    CHECK(fw_value_kind(value) == FW_KIND_RANGE && fw_value_is_inverted(value));
    CHECK_STR(fw_option_name(fw_value_option(value)), "sport");
    CHECK(fw_value_number(value, &number) && number == 22);
    CHECK(fw_value_range(value, &range) && range.min == 22 && range.max == 22);
    CHECK(!fw_value_masked(value, &masked) && masked.value == 0 && masked.mask == 0);
    CHECK(!fw_value_address(value, &address) && address.family == 0);
    CHECK(!fw_value_rate(value, &number, &unit) && number == 0 && unit == FW_PER_NONE);
    CHECK(fw_part_value(tcp, "source-port") == value && fw_part_value_at(tcp, 0) == value);
    value = fw_part_value(tcp, FW_TCP_DPORT);
    CHECK(!fw_value_number(value, &number) && number == 0 && !fw_value_is_inverted(value));
    CHECK(fw_value_range(value, &range) && range.min == 80 && range.max == 90);
    CHECK_STR(fw_value_text(value, &length), "80:90");
    CHECK(length == 5);
    value = fw_part_value(tcp, FW_TCP_FLAGS);
    CHECK(fw_value_kind(value) == FW_KIND_LIST && fw_value_count(value) == 2);
    CHECK(fw_value_bits(fw_value_item(value, 1), &bits) && bits == FW_TCP_FLAGS_SYN);
    CHECK(fw_value_bits(fw_value_item(value, 0), &bits));
    CHECK(bits == (FW_TCP_FLAGS_FIN | FW_TCP_FLAGS_SYN | FW_TCP_FLAGS_RST | FW_TCP_FLAGS_ACK));
    CHECK(fw_value_item(value, 2) == NULL && !fw_value_bits(value, &bits) && bits == 0);
    CHECK(fw_part_value(tcp, FW_TCP_OPTION) == NULL && fw_part_value(tcp, "bogus") == NULL);
    CHECK(fw_part_value_at(tcp, 3) == NULL);

    value = fw_part_value(fw_rule_match(rule, 1), FW_MARK_MARK);
    CHECK(fw_value_masked(value, &masked) && masked.value == 0x10 && masked.mask == 0xff);
    CHECK(!fw_value_number(value, &number));
    value = fw_part_value(conntrack, FW_CONNTRACK_STATE);
    CHECK(fw_value_kind(value) == FW_KIND_NAMES && fw_value_bits(value, &bits));
    CHECK(bits == (FW_CONNTRACK_STATE_NEW | FW_CONNTRACK_STATE_UNTRACKED));
    CHECK(fw_value_address(fw_part_value(conntrack, FW_CONNTRACK_ORIG_SRC), &address));
    CHECK(is(&address, "192.0.2.0", 24));
    value = fw_part_value(fw_rule_match(rule, 3), FW_IPRANGE_DST_RANGE);
    CHECK(fw_value_addresses(value, &address, &last) && is(&address, "192.0.2.9", 32) && is(&last, "192.0.2.20", 32));
    value = fw_part_value(fw_rule_match(rule, 4), FW_MAC_SOURCE);
    CHECK(memcmp(fw_value_mac(value), "\x02\0\0\xaa\xbb\xcc", 6) == 0);
    value = fw_part_value(fw_rule_match(rule, 5), FW_LIMIT_RATE);
    CHECK(fw_value_rate(value, &number, &unit) && number == 5 && unit == FW_PER_MINUTE);
    CHECK(fw_value_mac(value) == NULL);
    value = fw_part_value(fw_rule_match(rule, 6), FW_TIME_TIMESTART);
    CHECK(fw_value_time(value, &seconds) && seconds == 8 * 3600 + 30 * 60);
    CHECK(!fw_value_moment(value, &seconds) && seconds == 0);
    value = fw_part_value(fw_rule_match(rule, 6), FW_TIME_DATESTOP);
    CHECK(fw_value_moment(value, &seconds) && seconds == 951827696);
    value = fw_part_value(fw_rule_match(rule, 7), FW_MULTIPORT_DPORTS);
    CHECK(fw_value_count(value) == 2 && fw_value_number(fw_value_item(value, 0), &number) && number == 22);
    CHECK(fw_value_range(fw_value_item(value, 1), &range) && range.min == 80 && range.max == 90);
    const fw_part *log = fw_rule_target_extension(rule);
    value = fw_part_value(log, FW_LOG_PREFIX);
    CHECK(fw_value_kind(value) == FW_KIND_TEXT);
    CHECK_STR(fw_value_text(value, NULL), "a b");
    CHECK_STR(fw_extension_name(fw_part_extension(log)), "LOG");
    fw_rule_free(rule);

    rule = parse(FW_IPV4, "-m state --state NEW -j RATEEST --rateest-name a --rateest-interval 250ms --rateest-ewmalog 500ms");
    CHECK_STR(fw_part_kernel_name(fw_rule_match(rule, 0)), "conntrack");
    CHECK_STR(fw_part_name(fw_rule_match(rule, 0)), "state");
    value = fw_part_value(fw_rule_target_extension(rule), FW_RATEEST_INTERVAL);
    CHECK(fw_value_duration(value, &number) && number == 250000);
    fw_rule_free(rule);
}

/* Sets an option to a value by the function for its kind, as a program would that has the value from elsewhere. */
static void set_by_kind(fw_builder *builder, const fw_value *value) {
    const char *option = fw_option_name(fw_value_option(value)), *text, *texts[16];
    size_t count = fw_value_count(value), length, i;
    uint64_t number, bits;
    uint32_t seconds;
    fw_range range, ranges[16];
    fw_masked masked;
    fw_address first, last;
    fw_unit unit;
    fw_nat nat;
    fw_icmp icmp;
    if (fw_value_is_inverted(value))
        fw_builder_not(builder);
    switch (fw_value_kind(value)) {
    case FW_KIND_FLAG:
        fw_builder_flag(builder, option);
        break;
    case FW_KIND_NUMBER:
        CHECK(fw_value_number(value, &number));
        fw_builder_number(builder, option, number);
        break;
    case FW_KIND_MASKED:
        CHECK(fw_value_masked(value, &masked));
        fw_builder_masked(builder, option, masked.value, masked.mask);
        break;
    case FW_KIND_RANGE:
        CHECK(fw_value_range(value, &range));
        fw_builder_range(builder, option, range.min, range.max);
        break;
    case FW_KIND_ADDRESS:
    case FW_KIND_NETWORK:
        CHECK(fw_value_address(value, &first));
        fw_builder_address(builder, option, &first);
        break;
    case FW_KIND_ADDRESSES:
        CHECK(fw_value_addresses(value, &first, &last));
        fw_builder_addresses(builder, option, &first, &last);
        break;
    case FW_KIND_MAC:
        fw_builder_mac(builder, option, fw_value_mac(value));
        break;
    case FW_KIND_DURATION:
        CHECK(fw_value_duration(value, &number));
        fw_builder_duration(builder, option, number);
        break;
    case FW_KIND_TIME:
        CHECK(fw_value_time(value, &seconds));
        fw_builder_time(builder, option, seconds);
        break;
    case FW_KIND_MOMENT:
        CHECK(fw_value_moment(value, &seconds));
        fw_builder_moment(builder, option, seconds);
        break;
    case FW_KIND_RATE:
        CHECK(fw_value_rate(value, &number, &unit));
        fw_builder_rate(builder, option, number, unit);
        break;
    case FW_KIND_NAMES:
        CHECK(fw_value_bits(value, &bits));
        fw_builder_bits(builder, option, bits);
        break;
    case FW_KIND_NAT:
        CHECK(fw_value_nat(value, &nat));
        fw_builder_nat(builder, option, &nat);
        break;
    case FW_KIND_ICMP:
        CHECK(fw_value_icmp(value, &icmp));
        fw_builder_icmp(builder, option, icmp.icmp_type, icmp.min_code, icmp.max_code);
        break;
    case FW_KIND_BYTES:
        CHECK(fw_value_bytes(value, &number));
        fw_builder_bytes(builder, option, number);
        break;
    case FW_KIND_LIST:
        CHECK(count <= 16);
        for (i = 0; i < count && fw_value_range(fw_value_item(value, i), &ranges[i]); i++)
            ;
        if (i == count) {
            fw_builder_ranges(builder, option, ranges, count);
            break;
        }
        if (fw_value_bits(fw_value_item(value, 0), &number) && fw_value_bits(fw_value_item(value, 1), &bits)) {
            fw_builder_bits_of(builder, option, number, bits);
            break;
        }
        for (i = 0; i < count; i++)
            texts[i] = fw_value_text(fw_value_item(value, i), NULL);
        fw_builder_names(builder, option, texts, count);
        break;
    case FW_KIND_NAME:
        fw_builder_option(builder, option, fw_value_text(value, NULL));
        break;
    default:
        CHECK(fw_value_kind(value) == FW_KIND_TEXT);
        text = fw_value_text(value, &length);
        fw_builder_option_n(builder, option, text, length);
    }
}

/* What is read from a rule makes the same rule: the examples of each match and target. */
static void there_and_back(void) {
    void (*const setters[])(fw_builder *, const fw_value *) = {fw_builder_value, set_by_kind};
    for (size_t i = 0; i < fw_extension_count(); i++) {
        fw_family family;
        fw_rule *rule, *again;
        for (size_t j = 0; (rule = example_at(fw_extension_at(i), j, &family)) != NULL; j++) {
            for (size_t k = 0; k < 2; k++) {
                fw_builder *builder = rebuilt(rule, family, setters[k], NULL, NULL, NULL);
                OK(fw_builder_build(builder, NULL, &again, &error));
                CHECK_STR(fw_rule_text(again), fw_rule_text(rule));
                CHECK(fw_rule_equal(again, rule));
                fw_rule_free(again);
                fw_builder_free(builder);
            }
            fw_rule_free(rule);
        }
    }
}

int main(void) {
    getters();
    there_and_back();
    return 0;
}
