"""Refused rule sets, one for each cause: what Python says of them. The sets are those of tests/refused.rs, on a kernel in memory."""

import os
import re
from pathlib import Path

import pytest

import libfw

FOLDER = Path(__file__).parents[1] / "refused"
END = "----\n"


def sets():
    for file in sorted(FOLDER.glob("*.txt")):
        with file.open(newline="") as text:
            for number, refused in enumerate(text.read().split(END)):
                yield pytest.param(refused, id=f"{file.stem}-{number}")


def told(refused, kernel):
    """What is said of a set by a kernel, or by all of them."""
    lines = [line[len(kernel) + 2 :] for line in refused.split("\n") if line.startswith(f"{kernel}> ")]
    return lines or (told(refused, "") if kernel else [])


def said(error):
    sentence = str(error)
    if error.errno:
        sentence = sentence.removesuffix(f": {os.strerror(error.errno)} (os error {error.errno})")
    return [f"{error.kind}: {sentence}", *(error.marked.split("\n") if error.marked else [])]


@pytest.mark.parametrize("backend", ["memory", "memory-nft"])
@pytest.mark.parametrize("refused", list(sets()))
def test_refused(refused, backend):
    file = "".join(
        line for line in re.split(r"(?<=\n)", refused) if not re.match(r"(nft|memory|memory-nft)?> ", line)
    )
    expected = told(refused, backend)
    kernel = libfw.Kernel(backend=backend)
    family = "ipv6" if "# IPv6" in file else "ipv4"
    if expected == ["accepted"]:
        libfw.restore(file, family=family, kernel=kernel)
        return
    with pytest.raises(libfw.Error) as caught:
        libfw.restore(file, family=family, kernel=kernel)
    error = caught.value
    # That a name would do is only said where the machine has a file of them, such as /etc/iproute2/group.
    named = re.compile(" or the name of a (group|realm)")
    assert [named.sub("", line) for line in said(error)] == [named.sub("", line) for line in expected]
    # The pieces are those of the sentence.
    place = re.match(r"line (\d+)(?::(\d+))?(?:, IPv\d table (.*?)(?:, chain (.*?))?(?:, rule (\d+))?)?: ", str(error), re.S)
    line, column, table, chain, rule = place.groups()
    shown = [name and name.replace("\r", "\\r") for name in (error.table, error.chain)]
    assert (str(error.line), *shown) == (line, table, chain)
    assert error.column == (int(column) if column else None)
    assert error.rule == (int(rule) - 1 if rule else None)
    if error.marked:
        start = error.column - 1
        word = error.rule_text.encode()[start : start + error.length].decode()
        assert max(len(word), 1) == error.marked.split("\n")[1].count("^")
    if error.rule_text:
        assert error.rule_text == file.split("\n")[error.line - 1].rstrip()
