"""Nothing that is printed means something else when it is read."""

import io

import pytest

import libfw
from libfw import matches, targets

HOSTILE = "ban\n-A INPUT -j ACCEPT\n#"
#: A chain of any name, as a save file writes one that it cannot write otherwise.
OPAQUE = "opaque:" + b"ACCEPT".hex().ljust(60, "0")


def every_text():
    for byte in range(1, 256):
        yield bytes([byte])
        yield b"a" + bytes([byte]) + b"b"


def test_every_byte_of_a_text_is_read_back_or_refused():
    for text in every_text():
        shown = text.decode("utf-8", "surrogateescape")
        for make in (lambda: matches.Comment(comment=shown), lambda: matches.Recent(rcheck=True, name=shown)):
            if b"\n" in text or b"\r" in text:
                with pytest.raises(libfw.InvalidValueError):
                    make()
                continue
            part = make()
            rule = libfw.Rule(matches=[part])
            assert libfw.Rule(str(rule)) == rule
            assert rule.matches == [part]


def test_every_byte_in_every_option_that_takes_text_is_read_back_or_refused(kernel):
    """In a network of its own, for some of them are looked up as names of hosts."""
    accepted = set()
    for extension in libfw.extensions():
        family = extension["example_family"]
        rule = libfw.Rule(extension["examples"][0], family=family)
        cls = getattr(matches if extension["kind"] == "match" else targets, extension["type_name"])
        example = rule.find(cls)
        given = {name: value for name, option in cls._options.items() if not option.spelling and (value := getattr(example, name)) not in (None, False)}

        def make(option, text):
            part = cls(**{**given, option: text.decode("utf-8", "surrogateescape")})
            if extension["kind"] == "target":
                return rule.with_(target=part)
            return rule.with_(matches=[part if type(match) is cls else match for match in rule.matches])

        for option in cls._options:
            for text in (b"ab", *every_text()):
                try:
                    made = make(option, text)
                except (libfw.Error, TypeError, ValueError):
                    if text == b"ab":
                        break
                    continue
                accepted.add((cls, option))
                assert extension["name"] == "string" or not {b"\n"[0], b"\r"[0]} & set(text), made
                assert libfw.Rule(str(made), family=family) == made
    assert len(accepted) > 20, accepted


def test_line_ends_are_refused_at_every_entrance():
    for make in (
        lambda: libfw.Rule(matches=[matches.Comment(comment=HOSTILE)], target="DROP"),
        lambda: libfw.Rule(f'-m comment --comment "{HOSTILE}" -j DROP'),
        lambda: libfw.Rule(["-m", "comment", "--comment", HOSTILE, "-j", "DROP"]),
        lambda: libfw.Rule(in_interface="a\nb"),
        lambda: libfw.Rule(["-i", "a\rb"]),
        lambda: libfw.Rule(target=targets.Log(prefix="a\n")),
        lambda: libfw.Rule(jump="a\nb"),
        lambda: libfw.Rule(["-g", "a\nb"]),
        lambda: libfw.Rule(matches=[matches.Opaque("a\nb", 0, b"")]),
    ):
        with pytest.raises((libfw.InvalidValueError, libfw.InvalidArgumentError)):
            make()


def test_an_open_quote_is_told_by_its_column():
    with pytest.raises(libfw.SyntaxError) as caught:
        libfw.Rule('-m comment --comment "open -j DROP')
    assert caught.value.column == 22


def test_what_is_no_rule_is_refused():
    for text in ("-t nat -j DROP", "-6 -s ::1 -j DROP", "-h", "-V", "-j DROP -v", "-n", "-x", "--line-numbers", "-w 5"):
        with pytest.raises(libfw.SyntaxError):
            libfw.Rule(text)
    for text in ("-A INPUT -j DROP", "-L", "-N web", "-D INPUT 1"):
        with pytest.raises(libfw.SyntaxError, match="is a command, expected a rule"):
            libfw.Rule(text)


def test_names_that_iptables_would_not_give_a_chain(kernel):
    table = kernel.table()
    table.new_chain("web")
    for name in ("ACCEPT", "LOG", "-x", "!x", "a b", "a\tb", "a\nb", "a\x01b", "", "x" * 29):
        with pytest.raises(libfw.InvalidArgumentError):
            table.new_chain(name)
        with pytest.raises(libfw.InvalidArgumentError):
            table.rename_chain("web", name)
        with pytest.raises(libfw.InvalidArgumentError):
            table.ensure_chain(name)
    assert list(table) == ["INPUT", "FORWARD", "OUTPUT", "web"]


def test_a_chain_that_is_called_accept(kernel):
    """Another program has made it: it can be read, saved, restored and deleted."""
    file = f"*filter\n:{OPAQUE} - [0:0]\n-A INPUT -j {OPAQUE}\n-A {OPAQUE} -j DROP\nCOMMIT\n"
    libfw.restore(file, kernel=kernel)
    for _ in range(2):
        table = kernel.table()
        assert table["INPUT"][0].target == targets.Jump("ACCEPT")
        assert table["ACCEPT"][0].target == targets.Drop()
        assert table["INPUT"].rules() == ["-P INPUT ACCEPT", f"-A INPUT -j {OPAQUE}"]
        libfw.restore(table.save(), kernel=kernel)
    with kernel.table() as table:
        table["INPUT"].delete(f"-A INPUT -j {OPAQUE}")
        table["ACCEPT"].flush()
        del table["ACCEPT"]
    assert list(kernel.table()) == ["INPUT", "FORWARD", "OUTPUT"]


def test_a_chain_takes_the_lines_of_its_own_listing(kernel):
    table = kernel.table()
    chain = table["INPUT"]
    chain.append("-A INPUT -p tcp -j DROP")
    (line,) = chain.rules(counters=True)[1:]
    assert line == "-A INPUT -p tcp -c 0 0 -j DROP"
    for rule in (line, line.split()):
        assert chain.contains(rule) and rule in chain and chain.index(rule) == 0
        assert not chain.ensure(rule)
        chain.insert(0, rule)
        chain.replace(0, rule)
        chain.delete(rule)
        chain.extend([rule])
        chain.delete(rule)
        with pytest.raises(libfw.InvalidArgumentError, match="for the chain INPUT, expected one for OUTPUT"):
            table["OUTPUT"].append(rule)
    assert chain.ensure_absent(line) == 1 and len(chain) == 0


def test_bytes_that_are_no_utf_8_survive_a_save_file(kernel):
    rule = libfw.Rule(matches=[matches.Comment(comment=b"caf\xe9")], target="DROP")
    with kernel.table() as table:
        table["INPUT"].append(rule)
    saved = kernel.table().save()
    assert "caf\udce9" in saved
    for file in (saved, saved.encode("utf-8", "surrogateescape")):
        libfw.restore(file, kernel=kernel)
        assert list(kernel.table()["INPUT"]) == [rule]
    (line,) = kernel.table()["INPUT"].rules()[1:]
    assert kernel.table()["INPUT"].contains(line)
    # As a text by itself it is UTF-8, and says the same.
    assert libfw.Rule(str(rule)) == rule and str(rule).isascii()


def test_what_is_no_save_file_is_refused():
    kernel = libfw.Kernel(backend="memory")
    file = "*filter\n-A INPUT -j DROP\nCOMMIT\n"
    refused = {
        file.replace("\n", "\r\n"): (1, "carriage return"),
        "*filter\n-A INPUT -j ACCEPT\r\nCOMMIT\n": (2, "carriage return"),
        "*filter\nCOMMIT\r\n": (2, "carriage return"),
        "\ufeff" + file: (1, "byte order mark"),
        file.encode("utf-16"): (1, "byte order mark"),
        file.replace("*filter", "*filter\0"): (1, "NUL"),
        "*filter\n-A INPUT -j DROP\n": (3, "no COMMIT"),
        "before\n" + file: (1, r"expected \*TABLE"),
        "*nat\nCOMMIT\nbehind\n" + file: (3, r"expected \*TABLE"),
    }
    table = kernel.table()
    for text, (line, words) in refused.items():
        for restore in (lambda: libfw.restore(text, kernel=kernel), lambda: table.restore(text)):
            with pytest.raises(libfw.Error, match=words) as caught:
                restore()
            assert caught.value.line == line and (caught.value.column or line == 3)
        assert len(table["INPUT"]) == 0
    for text in ("", "# nothing\n", "*nat\nCOMMIT\n"):
        libfw.restore(text, kernel=kernel)
        for restore in (lambda: libfw.restore(text, table="filter", kernel=kernel), lambda: table.restore(text)):
            with pytest.raises(libfw.NoSuchTableError, match="the save file has no such table"):
                restore()


def test_the_language_of_nft():
    line = "nft 'add rule ip6 filter INPUT ip6 saddr ::1 counter drop'\n"
    assert libfw.translate(["ip6tables", "-A", "INPUT", "-s", "::1", "-j", "DROP"]) == line
    file = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s ::1 -j DROP\nCOMMIT\n"
    assert "add rule ip6 filter INPUT ip6 saddr ::1 counter drop" in libfw.translate_file(file.encode(), 6).splitlines()
    with pytest.raises(libfw.SyntaxError) as caught:
        libfw.translate_file("*filter\n-A INPUT --bogus\nCOMMIT\n")
    assert caught.value.line == 2
    for args, error in ((["iptables", "-h"], ValueError), ("iptables -L", TypeError), (["nft"], ValueError), (["iptables", "-X"], libfw.Error)):
        with pytest.raises(error):
            libfw.translate(args)
    with pytest.raises(ValueError, match=r"libfw\.translate_file\(pathlib\.Path"):
        libfw.translate_file("/etc/iptables/rules.v4")


def test_a_save_file_as_xml():
    file = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j LOG\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n"
    assert libfw.to_xml(file).count("<rule ") == 2 and libfw.to_xml(io.StringIO(file), combine=True).count("<rule ") == 1
    assert "<!-- " in libfw.to_xml(file, verbose=True)
    with pytest.raises(libfw.SyntaxError) as caught:
        libfw.to_xml("*filter\n-A\n")
    assert caught.value.line == 2
