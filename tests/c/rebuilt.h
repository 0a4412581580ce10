/* Rules taken apart and put together again. */
#ifndef REBUILT_H
#define REBUILT_H

#include "check.h"

/* A rule that shows what a match or target is for, and its family; NULL behind the last. */
static inline fw_rule *example_at(const fw_extension *extension, size_t index, fw_family *family) {
    fw_error *error = NULL;
    fw_rule *rule;
    if (fw_extension_example_at(extension, index) == NULL)
        return NULL;
    *family = fw_extension_has_family(extension, FW_IPV4) ? FW_IPV4
              : fw_extension_has_family(extension, FW_IPV6) ? FW_IPV6 : FW_ARP;
    OK(fw_rule_parse(NULL, *family, fw_extension_example_at(extension, index), &rule, &error));
    return rule;
}

/* A builder of the rule, from the values that are read from it, by a function that sets one; an option of an extension, if any is
   named, has another value. */
static inline fw_builder *rebuilt(const fw_rule *rule, fw_family family, void (*set)(fw_builder *, const fw_value *),
                                  const fw_extension *extension, const char *option, const char *text) {
    fw_builder *builder = fw_builder_new(family);
    fw_address address;
    uint8_t protocol;
    bool inverted;
    if (fw_rule_source_address(rule, &address, &inverted)) {
        if (inverted)
            fw_builder_not(builder);
        fw_builder_source_address(builder, &address);
    }
    if (fw_rule_destination_address(rule, &address, &inverted)) {
        if (inverted)
            fw_builder_not(builder);
        fw_builder_destination_address(builder, &address);
    }
    if (fw_rule_protocol_number(rule, &protocol, &inverted)) {
        if (inverted)
            fw_builder_not(builder);
        fw_builder_protocol_number(builder, protocol);
    }
    if (fw_rule_input(rule, NULL) != NULL)
        fw_builder_input(builder, fw_rule_input(rule, NULL));
    if (fw_rule_output(rule, NULL) != NULL)
        fw_builder_output(builder, fw_rule_output(rule, NULL));
    const fw_part *target = fw_rule_target_extension(rule);
    for (size_t j = 0; j <= fw_rule_match_count(rule); j++) {
        const fw_part *part = j < fw_rule_match_count(rule) ? fw_rule_match(rule, j) : target;
        if (part == NULL)
            continue;
        if (part == target)
            fw_builder_target(builder, fw_part_name(part));
        else
            fw_builder_match(builder, fw_part_name(part));
        bool is_it = fw_part_extension(part) == extension;
        for (size_t k = 0; k < fw_part_option_count(part); k++) {
            const fw_value *value = fw_part_value_at(part, k);
            CHECK_STR(fw_option_name(fw_value_option(value)), fw_part_option_name(part, k));
            CHECK(fw_value_is_inverted(value) == fw_part_option_inverted(part, k));
            if (!is_it || strcmp(fw_part_option_name(part, k), option) != 0)
                set(builder, value);
        }
        if (is_it)
            fw_builder_option(builder, option, text);
    }
    if (target == NULL && fw_rule_target(rule) != NULL) {
        if (fw_rule_verdict(rule) == FW_VERDICT_JUMP)
            fw_builder_jump(builder, fw_rule_target(rule));
        else if (fw_rule_verdict(rule) != FW_VERDICT_GOTO)
            fw_builder_verdict(builder, fw_rule_verdict(rule));
    }
    return builder;
}

#endif
