"""What somebody did who said it in another way is told how it is said here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import libfw
from libfw import Rule, matches, targets


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Rule(target="DNAT --to-destination 1.2.3.4"),
            'target: expected a name alone, not "DNAT --to-destination 1.2.3.4"; options are keywords,'
            ' libfw.targets.Dnat(to_destination=...), or the whole rule is a text, Rule("-j DNAT --to-destination 1.2.3.4")',
        ),
        (lambda: Rule(target="LOG --log-level 4"), "libfw.targets.Log(level=...)"),
        (lambda: Rule(target="-j DROP"), 'target: expected a name alone, not "-j DROP"; the whole rule is a text, Rule("-j DROP")'),
        (lambda: Rule(target="web now"), 'expected a name alone, not "web now"; the whole rule is a text, Rule("-j web now")'),
        (lambda: Rule(jump="DNAT --to 1.2.3.4"), "jump: expected a name alone"),
        (lambda: Rule(goto="-g web"), 'goto: expected a name alone, not "-g web"; the whole rule is a text, Rule("-g web")'),
        (lambda: Rule(matches="tcp --dport 22"), "matches: expected a name alone"),
        (lambda: Rule(matches=["-m tcp --dport 22"]), 'libfw.matches.Tcp(dport=...), or the whole rule is a text, Rule("-m tcp --dport 22")'),
        (lambda: matches.StringMatch(string="x"), "string: --algo: must be given"),
        (lambda: matches.StringMatch(algo="bm"), "string: needs --string or --hex-string"),
        (lambda: matches.PolicyMatch(pol="ipsec"), "policy: needs --dir"),
        (lambda: Rule(matches=[matches.StringMatch]), "string: needs --string or --hex-string"),
        (lambda: Rule("-s ::1"), 'address ::1 in a rule for IPv4; family="ipv6" says that it is for IPv6'),
        (lambda: Rule(source="10.0.0.0/8", family="ipv6"), 'in a rule for IPv6; family="ipv4" says that it is for IPv4'),
    ],
)
def test_how_it_is_said(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError) as raised:
        make()
    assert words in str(raised.value)


def test_matches_are_found_by_the_names_of_iptables() -> None:
    for name in ("String", "string", "Policy", "policy"):
        with pytest.raises(AttributeError, match=f"did you mean {name.capitalize()}Match?"):
            getattr(matches, name)
    with pytest.raises(AttributeError, match="has no attribute 'Policy'$"):
        getattr(targets, "Policy")  # noqa: B009


def test_the_table_of_the_other_family_is_told() -> None:
    kernel = libfw.Kernel(backend="memory")
    chain = kernel.table("mangle")["INPUT"]
    given: list[Any] = ["-s ::1 -j DROP", Rule(source="::1", family="ipv6"), "-s fe80::/10 -j DROP", Rule("-j DROP", family="ipv6")]
    for rule in given:
        with pytest.raises(ValueError) as raised:
            chain.append(rule)
        told = str(raised.value)
        assert told.endswith('; the table of IPv6 is libfw.Table("mangle", family="ipv6")'), told
        assert getattr(raised.value, "message") in told  # noqa: B009
    # And nothing where it is another mistake.
    with pytest.raises(ValueError, match="expected a port from 0 to 65535 or the name of a service$"):
        chain.append("-p tcp --dport 70000")


def test_a_module_that_there_is_not_is_called_that() -> None:
    kernel = libfw.Kernel(backend="legacy")
    for modprobe in (None, Path("/bin/false")):
        with pytest.raises(libfw.BackendAbsentError, match="nosuch cannot be loaded: there is no such module for the running kernel"):
            kernel.load_module("nosuch", modprobe=modprobe)
    with pytest.raises(libfw.BackendAbsentError, match="cannot be loaded: /nonexistent: No such file"):
        kernel.load_module("nosuch", modprobe="/nonexistent")
