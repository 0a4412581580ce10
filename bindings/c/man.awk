# Writes the manual pages of the C library from the comments of its header: fw_NAME.3 for each function, and libfw.3 for the
# conventions:
#
#     awk -v out=DIRECTORY -v version=VERSION -f man.awk include/libfw.h

# Text for troff, in which names are bold.
function troff(line,    done) {
    gsub(/\\/, "\\e", line)
    gsub(/-/, "\\-", line)
    while (match(line, /`[^`]*`/)) {
        done = done substr(line, 1, RSTART - 1) "\\fB" substr(line, RSTART + 1, RLENGTH - 2) "\\fR"
        line = substr(line, RSTART + RLENGTH)
    }
    line = done line
    if (line ~ /^[.']/)
        line = "\\&" line
    return line
}

# The first sentence of a comment, for the list of pages.
function sentence(    text, i) {
    for (i = 1; i <= lines && comment[i] != ""; i++)
        text = text (i > 1 ? " " : "") comment[i]
    if (match(text, /[.:;]( |$)/))
        text = substr(text, 1, RSTART - 1)
    gsub(/`/, "", text)
    return troff(text)
}

function heading(name, file) {
    print ".TH " name " 3 \"\" \"libfw " version "\" \"libfw\"" > file
    print ".SH NAME" > file
}

# The comment as paragraphs, examples and sections.
function body(file,    i, line, example, blank, held) {
    blank = 1
    for (i = 1; i <= lines; i++) {
        line = comment[i]
        if (line ~ /^    /) {
            if (!example)
                print ".PP\n.RS 4\n.EX" > file
            if (held)
                print "" > file
            held = 0
            example = 1
            print troff(substr(line, 5)) > file
            continue
        }
        if (line == "") {
            held = example
            blank = 1
            continue
        }
        if (example)
            print ".EE\n.RE" > file
        if (line ~ /^Errors: /) {
            print ".SH ERRORS" > file
            sub(/^Errors: /, "", line)
            line = toupper(substr(line, 1, 1)) substr(line, 2)
        } else if (line ~ /^[A-Z][a-z]+\. / && top) {
            print ".SS " substr(line, 1, index(line, ".") - 1) > file
            line = substr(line, index(line, ".") + 2)
        } else if ((blank || example) && i > 1) {
            print ".PP" > file
        }
        example = blank = 0
        print troff(line) > file
    }
    if (example)
        print ".EE\n.RE" > file
}

function page(    name, file, text) {
    text = prototype
    gsub(/[ \n]*FW_[A-Z]+(\([^)]*\))?/, "", text)
    name = text
    sub(/\(.*/, "", name)
    sub(/.*[ *]/, "", name)
    file = out "/" name ".3"
    heading(name, file)
    print name " \\- " sentence() > file
    print ".SH SYNOPSIS\n.nf\n.B #include <libfw.h>\n.PP" > file
    gsub(/\n/, "\\fR\n\\fB", text)
    print "\\fB" text "\\fR\n.fi\n.SH DESCRIPTION" > file
    body(file)
    print ".SH SEE ALSO\n.BR libfw (3)" > file
    close(file)
    pages[++count] = name
}

/^\/\*\*/ { lines = 0; inside = 1; next }
inside && /\*\/$/ {
    inside = 0
    # The first comment is about the library.
    if (!began) {
        began = 1
        file = out "/libfw.3"
        heading("libfw", file)
        sub(/^libfw: /, "", comment[1])
        print "libfw \\- " sentence() > file
        print ".SH SYNOPSIS\n.nf\n.B #include <libfw.h>\n.PP\n.B cc $(pkg\\-config \\-\\-cflags \\-\\-libs libfw)\n.fi" > file
        print ".SH DESCRIPTION" > file
        top = 1
        body(file)
        top = 0
    }
    next
}
inside { sub(/^ \* ?/, ""); comment[++lines] = $0; next }
/^extern "C"/ { functions = 1; next }
!functions || /^#/ { next }
/^$/ { prototype = ""; next }
/^}/ { next }
{
    prototype = prototype (prototype == "" ? "" : "\n") $0
    if ($0 ~ /;$/) {
        page()
        prototype = ""
    }
}
END {
    print ".SH FUNCTIONS" > file
    for (i = 1; i <= count; i++)
        print ".BR " pages[i] " (3)" (i < count ? "," : "") > file
    close(file)
    if (count < 100) {
        print "man.awk does not understand the header" > "/dev/stderr"
        exit 1
    }
}
