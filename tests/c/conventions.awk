# With header.awk: reads libfw.h and writes a C program that holds every function to the conventions at the top of the header: NULL where a
# handle or a string is expected is an error, or nothing, but never a crash; each place for a result is written on failure
# too; an error that an earlier call left in a place is freed. Nothing has to be written for a new function, unless NULL
# suits it.

BEGIN {
    # NULL is as good as anything for these, so they have tests of their own. What they return for NULL is here.
    suits["fw_lock_take"]
    suits["fw_kernel_confirm"]
    suits["fw_kernel_roll_back"]
    suits["fw_kernel_watch_over"]
    suits["fw_transaction_begin"]
    suits["fw_watch_new"]
    suits["fw_kernel_backend"]
    suits["fw_kernel_reason"]
    suits["fw_save_json"]
    suits["fw_version"]
    suits["fw_kernel_new"]
    suits["fw_memory_new"]
    suits["fw_rehearsal_new"]
    suits["fw_builder_new"]
    suits["fw_extension_count"]
    suits["fw_extension_at"]
    suits["fw_status_name"]
    suits["fw_warnings"]
    suits["fw_counters_since"]
    # NULL, 0 and false say too much or too little here.
    blank["fw_error_rule"] = "-1"
    blank["fw_watch_fd"] = "-1"
    blank["fw_rule_fragment"] = "-1"
    blank["fw_rule_family"] = "FW_IPV4"
    blank["fw_table_family"] = "FW_IPV4"
    blank["fw_change_family"] = "FW_IPV4"
    blank["fw_chain_hook"] = "FW_HOOK_NONE"
    blank["fw_rule_verdict"] = "FW_VERDICT_NONE"
    blank["fw_value_kind"] = "FW_KIND_NONE"
    # A member that is 0 in a structure without a result.
    member_of["fw_report"] = "rules"
    member_of["fw_synced"] = "kept"
    member_of["fw_step"] = "kind"
    member_of["fw_counters"] = "packets"
    member_of["fw_address"] = "family"
    member_of["fw_range"] = "max"
    member_of["fw_masked"] = "mask"
    member_of["fw_nat"] = "min_port"
    member_of["fw_icmp"] = "max_code"
    blank["fw_extension_kind_of"] = "FW_EXTENSION_MATCH"

    print "/* Made by conventions.awk. */"
    print "#include \"check.h\"\n"
    print "static const fw_counters no_counters;"
    print "static int something;\n"
    print "/* Leaves an error in a place. */"
    print "static void leave(fw_error **error) {"
    print "    CHECK(fw_rule_parse(NULL, FW_IPV4, \"--bogus\", NULL, error) == FW_ERROR_SYNTAX);"
    print "    CHECK(fw_error_status(*error) == FW_ERROR_SYNTAX);"
    print "}\n"
    print "int main(void) {"
}

function prototype(text, name, type,    count, list, i) {
    functions++
    if (name in suits) {
        suited++
        return
    }
    declared = call = checks = ""
    count = arguments_of(text, list)
    for (i = 1; i <= count; i++)
        call = call (i > 1 ? ", " : "") argument(list[i])
    call = name "(" call ")"
    if (call ~ /&error/)
        status(name, call, declared, checks)
    else
        accessor(name, type, call, declared, checks)
}

# What is given for an argument. A place for a result is declared and filled first, and checked later.
function argument(text,    name, type, bare) {
    name = name_of(text)
    type = type_of(text)
    if (type == "fw_error **")
        return "&error"
    if (type == "char **" || type ~ /^(const )?fw_[a-z]* \*\*$/) {
        sub(/\*$/, "", type)
        declared = declared "        " type name " = (void *)&something;\n"
        checks = checks "        CHECK(" name " == NULL);\n"
        return "&" name
    }
    bare = type
    sub(/ \*$/, "", bare)
    if (bare != type && bare in member_of) {
        declared = declared "        " bare " " name ";\n        memset(&" name ", 1, sizeof " name ");\n"
        checks = checks "        CHECK(" name "." member_of[bare] " == 0);\n"
        return "&" name
    }
    if (type ~ /^(bool|size_t|u?int[0-9]+_t|fw_unit) \*$/) {
        sub(/ \*$/, "", type)
        declared = declared "        " type " " name " = 1;\n"
        checks = checks "        CHECK(" name " == " (type == "int64_t" ? "-1" : "0") ");\n"
        return "&" name
    }
    if (type ~ /\*$/ || type ~ /^fw_(edit|read|write)$/)
        return "NULL"
    if (type == "fw_counters")
        return "no_counters"
    # There is something at the NULL.
    if (name ~ /^(size|length|argc|count)$/)
        return "1"
    if (name == "fd")
        return "-1"
    return type ~ /^fw_/ ? "(" type ")0" : "0"
}

function enumerator(name) {}

function member(type, name) {}

function callback(text) {}

function constant(name, value) {}

function status(name, call, declared, checks) {
    print "    {"
    print "        fw_error *error = NULL;"
    printf "%s", declared
    print "        leave(&error);"
    # Twice: the second call finds the error of the first.
    for (i = 0; i < 2; i++) {
        print "        fw_status status" i " = " call ";"
        print "        CHECK(status" i " != FW_OK && status" i " != FW_ERROR_PANIC);"
        print "        CHECK(fw_error_status(error) == status" i ");"
        print "        CHECK(fw_error_text(error)[0] != '\\0');"
    }
    printf "%s", checks
    print "        fw_error_free(error);"
    gsub(/&[a-z]+/, "NULL", call)
    print "        CHECK(" call " == status1);"
    print "    }"
}

function accessor(name, type, call, declared, checks,    want) {
    print "    {"
    printf "%s", declared
    want = name in blank ? blank[name] : type ~ /\*$/ ? "NULL" : type == "bool" ? "false" : "0"
    if (type == "void")
        print "        " call ";"
    else if (type in member_of)
        print "        CHECK(" call "." member_of[type] " == 0);"
    else
        print "        CHECK(" call " == " want ");"
    printf "%s", checks
    if (gsub(/&[a-z]+/, "NULL", call)) {
        if (type == "void")
            print "        " call ";"
        else
            print "        (void)" call ";"
    }
    print "    }"
}

END {
    print "    return 0;"
    print "}"
    for (name in suits)
        listed++
    if (functions < 100 || suited != listed) {
        print "conventions.awk does not understand the header" > "/dev/stderr"
        exit 1
    }
}
