# Reads libfw.h for another program, whose functions get what is in it: `prototype` each function without what compilers can
# check, with its name and the type of its result; `enumerator` each constant; `member` each member of a structure;
# `constant` each name of a string (its value begins with a quote) or bit;
# `callback` the type of each function that a program hands over.

/^typedef enum/ { kind = "enum" }
/^typedef struct fw_[a-z_]* \{/ { kind = "struct"; type = $3 }
/^typedef .*\(\*fw_[a-z_]*\)/ { callback($0) }
/^#define FW_[A-Z0-9_]* ("|\(UINT64_C)/ { constant($2, $3) }
/^}/ { kind = "" }
/^extern "C"/ { kind = "functions"; next }
/^[ \t]*(\/\*|\*|#|\}|typedef)/ || /^$/ { next }
kind == "enum" { enumerator($1) }
kind == "struct" {
    sub(/(\[[0-9]+\])?;$/, "")
    member(type, $NF)
}
kind == "functions" {
    text = text " " $0
    if (text !~ /;$/)
        next
    gsub(/[ \t]+/, " ", text)
    gsub(/ FW_[A-Z]+(\([^)]*\))?/, "", text)
    sub(/^ /, "", text)
    head = substr(text, 1, index(text, "(") - 1)
    match(head, /fw_[a-z0-9_]*$/)
    result = substr(head, 1, RSTART - 1)
    sub(/ $/, "", result)
    prototype(text, substr(head, RSTART), result)
    text = ""
}

# The arguments of a prototype, and how many there are; of each its name and its type.
function arguments_of(text, list) {
    text = substr(text, index(text, "(") + 1)
    sub(/\);$/, "", text)
    return text == "void" ? 0 : split(text, list, ", ")
}

function name_of(argument) {
    match(argument, /[a-z_0-9]+$/)
    return substr(argument, RSTART)
}

function type_of(argument) {
    sub(/ ?[a-z_0-9]+$/, "", argument)
    return argument
}
