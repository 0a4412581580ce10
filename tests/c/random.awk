# With header.awk: reads libfw.h and writes a C program that calls functions at random, with handles, texts and numbers at
# random, right and wrong: whatever comes of a call, the program goes on. Nothing has to be written for a new function, unless
# it takes something of a new kind.

BEGIN {
    split("kernel table rule builder lock strings transaction snapshot delta watch change plan desired pending memory rehearsal", kinds, " ")
    for (i in kinds)
        pooled["fw_" kinds[i]]
    print "/* Made by random.awk. */"
    print "#define _DEFAULT_SOURCE"
    print "#include \"check.h\""
    print "#include \"random.h\"\n"
}

function constant(name, value) {}
function enumerator(name) {}
function member(type, name) {}
function callback(text) {}

function prototype(text, name, type,    count, list, i, call, free) {
    before = after = last = ""
    function_name = name
    free = name ~ /_free$/
    count = arguments_of(text, list)
    for (i = 1; i <= count; i++)
        call = call (i > 1 ? ", " : "") argument(list[i], free)
    call = name "(" call ")"
    print "static void call_" name "(void) {"
    printf "%s", before
    bare = type
    sub(/ ?\*$/, "", bare)
    if (type == "const char *")
        print "    touch(" call ");"
    else if (type == "char *")
        print "    fw_string_free(" call ");"
    else if (type !~ /^const/ && bare != type && bare in pooled)
        print "    keep_" bare "(" call ");"
    else if (type == "fw_status")
        print "    note(" call ");"
    else if (type == "void")
        print "    " call ";"
    else
        print "    (void)" call ";"
    printf "%s", after
    print "}\n"
    functions[++calls] = name
}

# What is given for an argument.
function argument(text, free,    name, type, bare) {
    name = name_of(text)
    type = type_of(text)
    bare = type
    sub(/^const /, "", bare)
    sub(/ ?\*+$/, "", bare)
    if (type == "fw_error **")
        return "some(8) ? &error : NULL"
    if (type == "fw_error *" || type == "const fw_error *") {
        if (!free)
            return "error"
        after = after "    error = NULL;\n"
        return "error"
    }
    if (type == "char **") {
        before = before "    char *" name " = NULL;\n"
        after = after "    fw_string_free(" name ");\n"
        return "&" name
    }
    if (type ~ /^fw_[a-z]+ \*\*$/) {
        if (bare == "fw_rules") {
            before = before "    fw_rules *" name " = NULL;\n"
            after = after "    fw_rules_free(" name ");\n"
        } else {
            before = before "    " bare " *" name " = NULL;\n"
            # The tables of a transaction are its own.
            if (function_name != "fw_transaction_table")
                after = after "    keep_" bare "(" name ");\n"
        }
        return "&" name
    }
    if (type ~ /\*$/ && bare in pooled)
        return (free ? "take_" : "any_") bare "()"
    if (bare == "fw_rules") {
        before = before "    fw_rules *" name " = any_rules();\n"
        if (!free)
            after = after "    fw_rules_free(" name ");\n"
        return name
    }
    # No module is loaded.
    if (name == "modprobe")
        return "\"/bin/false\""
    # A lock that nobody else waits for.
    if (name == "path")
        return "\"/dev/null\""
    if (bare == "char" && free)
        return "NULL"
    if (type == "const char *") {
        before = before "    const char *" name " = any_text();\n"
        last = name
        return name
    }
    if (type == "const char *const *")
        return "words"
    if (type == "const fw_rule *const *")
        return "any_rule_list()"
    if (type == "const fw_range *")
        return "ranges"
    if (name == "length" && type == "size_t" && last != "")
        return last " == NULL ? 0 : any(strlen(" last ") + 1)"
    if (type == "size_t" && name ~ /^(argc|count|size)$/)
        return "any(5)"
    if (type == "size_t")
        return "any(4)"
    if (name == "wait" || type == "unsigned int" && name ~ /seconds$/)
        return "any(3)"
    if (name == "fd")
        return "some(2) ? null_file : -1"
    if (name == "pid")
        return "some(2) ? (uint32_t)getpid() : (uint32_t)any(100000)"
    if (type == "const void *")
        return "bytes"
    if (type == "void *")
        return "NULL"
    if (type ~ /^(const )?fw_(part|value|extension|option|address)( \*|$)/ && type ~ /^const/)
        return "any_" bare "()"
    if (type == "const fw_counters *")
        return "some(2) ? &counters : NULL"
    if (type == "fw_counters")
        return "counters"
    if (type ~ /^fw_(edit|read|write)$/)
        return "some(4) ? any_" type " : NULL"
    if (type ~ /\*$/) {
        gsub(/ /, "_", bare)
        return "some(4) ? &place_" bare " : NULL"
    }
    if (type == "fw_family")
        return "some(4) ? FW_IPV4 : some(4) ? FW_IPV6 : (fw_family)any(9)"
    if (type == "fw_backend")
        return "FW_BACKEND_MEMORY"
    if (type ~ /^fw_/)
        return "(" type ")any(10)"
    if (type == "bool")
        return "some(2)"
    return "(" type ")any_number()"
}

END {
    print "int main(int argc, char **argv) {"
    print "    static void (*const calls[])(void) = {"
    for (i = 1; i <= calls; i++)
        print "        call_" functions[i] ","
    print "    };"
    print "    begin(argc, argv);"
    print "    while (go_on())"
    print "        calls[any(sizeof calls / sizeof *calls)]();"
    print "    end();"
    print "    return 0;\n}"
    if (calls < 100) {
        print "random.awk does not understand the header" > "/dev/stderr"
        exit 1
    }
}
