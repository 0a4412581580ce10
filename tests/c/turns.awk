# With header.awk: reads libfw.h and writes a C program that calls every function with what it expects, but for one pointer, each in its
# turn, which is NULL: a place for a result that nobody wants, an argument that may be left out, or a mistake. Of a mistake a function
# with a status says FW_ERROR_INVALID_ARGUMENT, a builder the same when the rule is built, and an accessor the least that it can say.
# Nothing has to be written for a new function, unless it takes something of a new kind, or NULL for an argument.

BEGIN {
    # NULL is as good as anything for these.
    suits["fw_kernel_set_lock path"]
    suits["fw_kernel_load_module modprobe"]
    suits["fw_chain_set_policy counters"]
    suits["fw_chain_ensure_at other"]
    suits["fw_desired_place other"]
    suits["fw_table_rules chain"]
    suits["fw_table_list chain"]
    suits["fw_restore only"]
    suits["fw_restore_n only"]
    suits["fw_restore_fd only"]
    suits["fw_restore_from only"]
    suits["fw_builder_option text"]
    # What texts are, by their names, and by function where that is not enough.
    split("name filter chain INPUT table filter only filter option dport rule -j_ACCEPT text -j_ACCEPT json {} path /dev/null " \
          "modprobe /bin/false extension TEE address 192.0.2.1 interface eth0 protocol tcp", list, " ")
    for (i = 1; i in list; i += 2) {
        gsub(/_/, " ", list[i + 1])
        good[list[i]] = list[i + 1]
    }
    good["fw_kernel_in_netns path"] = "/proc/self/ns/net"
    good["fw_chain_new chain"] = good["fw_chain_rename name"] = "web"
    good["fw_table_delete_chain chain"] = "web"
    good["fw_builder_match name"] = "udp"
    good["fw_builder_target name"] = "LOG"
    good["fw_builder_option name"] = good["fw_builder_option_n name"] = "dport"
    good["fw_builder_option text"] = good["fw_builder_option_n text"] = "22"
    good["fw_extension_default option"] = "limit-burst"
    print "/* Made by turns.awk. */"
    print "#include \"check.h\""
    print "#include \"turns.h\"\n"
    print "int main(void) {"
    print "    begin();"
}

function constant(name, value) {}
function enumerator(name) {}
function member(type, name) {}
function callback(text) {}

function prototype(text, name, type,    count, list, i, j, call, part) {
    functions++
    # What is freed is NULL in another test.
    if (name ~ /_free$/)
        return
    count = arguments_of(text, list)
    for (i = 1; i <= count; i++) {
        part = list[i]
        if (part !~ /\*|^fw_(edit|read|write) / || part ~ /^fw_error \*\*error$/)
            continue
        before = after = ""
        call = ""
        for (j = 1; j <= count; j++)
            call = call (j > 1 ? ", " : "") argument(name, list[j], j == i)
        call = name "(" call ")"
        one(name, type, call, part, name_of(part))
        turns++
    }
}

function one(name, type, call, part, pointer,    may) {
    may = part ~ /^const fw_kernel \*/ || name " " pointer in suits || part ~ /^void \*/ || is_place(part)
    print "    {"
    printf "%s", before
    if (type == "fw_status" && call ~ /&error/) {
        print "        fw_status status = " call ";"
        print "        " (may ? "allowed" : "refused") "(\"" name "\", \"" pointer "\", status);"
    } else if (type == "void")
        print "        " call ";\n        built(\"" name "\", \"" pointer "\", " (may ? "true" : "false") ");"
    else if (type ~ /^(fw_[a-z]+|char) \*$/)
        print "        " type "got = " call ";\n        blank(\"" name "\", \"" pointer "\", " (may ? "true" : "got == NULL") ");\n" \
              "        " (type == "char *" ? "fw_string_free" : substr(type, 1, length(type) - 2) "_free") "(got);"
    else if (!may && (type ~ /^const .*\*$/ || type == "bool" || type == "size_t"))
        print "        blank(\"" name "\", \"" pointer "\", " call " == 0);"
    else
        print "        (void)" call ";"
    printf "%s", after
    print "    }"
}

function is_place(part) {
    return part ~ /\*\*/ && part !~ /\*const/ || \
        part ~ /^(bool|size_t|u?int[0-9]+_t|fw_(unit|report|synced|step|family|backend|ending|address|range|masked|nat)) \*/
}

function argument(called, text, null,    name, type, bare) {
    name = name_of(text)
    type = type_of(text)
    bare = type
    sub(/^const /, "", bare)
    sub(/ ?\*+(const \*)?$/, "", bare)
    if (type == "fw_error **")
        return "&error"
    if (null)
        return "NULL"
    if (is_place(text)) {
        before = before "        " (type ~ /\*\*$/ ? bare " *" name " = NULL" : bare " " name) ";\n"
        if (type ~ /\*\*$/ && called != "fw_transaction_table")
            after = after "        " (bare == "char" ? "fw_string" : bare) "_free(" name ");\n"
        return "&" name
    }
    if (type == "const char *") {
        name = called " " name in good ? called " " name : name
        if (!(name in good))
            unknown(called, text)
        gsub(/"/, "\\\"", good[name])
        return "\"" good[name] "\""
    }
    if (type == "fw_family")
        return "FW_IPV4"
    if (type == "fw_backend")
        return "FW_BACKEND_MEMORY"
    if (type == "fw_status" || type ~ /^fw_/ && type !~ /\*/ && type !~ /^fw_(edit|read|write|counters)$/)
        return "(" type ")1"
    if (type == "fw_counters")
        return "counters"
    if (type ~ /^(const )?fw_[a-z]+ \*$/ || type ~ /^fw_/)
        return "good_" bare (type ~ /\*/ ? "()" : "")
    if (type == "const char *const *")
        return "words"
    if (type == "const fw_rule *const *")
        return "rule_list"
    if (type == "const void *")
        return "bytes"
    if (type == "void *")
        return "NULL"
    if (name ~ /^(argc|count|size|length)$/)
        return "1"
    if (name == "fd")
        return "null_file"
    if (type ~ /\*/)
        unknown(called, text)
    return "0"
}

function unknown(called, text) {
    print "turns.awk does not know what " called " takes for " text > "/dev/stderr"
    failed = 1
    exit 1
}

END {
    if (failed)
        exit 1
    print "    end();"
    print "    return 0;\n}"
    if (functions < 100 || turns < functions) {
        print "turns.awk does not understand the header" > "/dev/stderr"
        exit 1
    }
}
