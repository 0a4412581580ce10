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
