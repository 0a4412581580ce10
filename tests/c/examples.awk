# Writes each C example of the header's comments (what is indented by four more) and of Markdown files (```c) as a program:
#
#     awk -v out=DIRECTORY -f examples.awk include/libfw.h README.md ...
#
# A fragment is put into a function. The names of the files say where the example stands.

function flush(    name, file) {
    if (code == "")
        return
    name = FILENAME
    sub(/.*\//, "", name)
    gsub(/[^A-Za-z0-9]/, "-", name)
    file = out "/" name "-" from ".c"
    if (code !~ /(^|\n)int main\(/)
        code = "#define _DEFAULT_SOURCE\n#include <arpa/inet.h>\n#include <inttypes.h>\n#include <libfw.h>\n#include <netinet/in.h>\n#include <poll.h>\n#include <stdio.h>\n#include <stdlib.h>\n" \
            "#include <string.h>\n#include <unistd.h>\n\nint main(void) {\n#line " from " \"" FILENAME "\"\n" code "    return 0;\n}\n"
    else
        code = "#line " from " \"" FILENAME "\"\n" code
    printf "%s", code > file
    close(file)
    code = ""
}

function add(line) {
    if (code == "")
        from = FNR
    code = code line "\n"
}

FNR == 1 { fenced = 0 }

FILENAME ~ /\.h$/ {
    if ($0 ~ /^ *\*     /) {
        sub(/^ *\* /, "")
        add($0)
    } else if ($0 ~ /^ *\*$/ && code != "") {
        add("")
    } else {
        flush()
    }
    next
}

/^```/ {
    flush()
    fenced = ($0 ~ /^```c($|[^a-z+])/)
    next
}
fenced { add($0) }
END { flush() }
