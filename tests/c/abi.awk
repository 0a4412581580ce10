# With header.awk: reads libfw.h and writes a C program that prints what programs are compiled with: the functions, and the
# values of constants and the sizes and offsets of structures as the compiler knows them.

BEGIN {
    print "#include <libfw.h>"
    print "#include <stdio.h>\n"
    print "int main(void) {"
}

function prototype(text, name, type) {
    print "    puts(\"" text "\");"
}

function callback(text) {
    print "    puts(\"" text "\");"
}

function constant(name, value) {
    if (name == "FW_VERSION")
        return
    if (value ~ /^"/)
        print "    puts(\"" name " = \" " name ");"
    else
        print "    printf(\"" name " = %#llx\\n\", (unsigned long long)" name ");"
}

function enumerator(name) {
    print "    printf(\"" name " = %d\\n\", (int)" name ");"
}

function member(type, name) {
    # A pointer keeps its star with its name.
    sub(/^\*+/, "", name)
    if (type != last)
        print "    printf(\"sizeof(" type ") = %zu\\n\", sizeof(" type "));"
    last = type
    print "    printf(\"offsetof(" type ", " name ") = %zu, %zu bytes\\n\", offsetof(" type ", " name "), " \
        "sizeof(((" type " *)0)->" name "));"
}

END { print "    return 0;\n}" }
