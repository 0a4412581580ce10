"""Rules, matches and targets, without a kernel."""

import inspect
import keyword
import ipaddress
import pickle
from ipaddress import ip_network
from typing import Any

import pytest

import libfw
from libfw import Not, matches, targets
from libfw._libfw import extensions
from libfw._parts import Known, names, python_name

def parts_of(rule: libfw.Rule) -> dict[str, Any]:
    """The parts that a rule has, matches and target made again."""
    header = ("source", "destination", "in_interface", "out_interface", "protocol", "fragment")
    parts = {name: getattr(rule, name) for name in header}
    parts.update(matches=[eval(repr(part)) for part in rule.matches], target=eval(repr(rule.target)))
    return {name: value for name, value in parts.items() if value is not None}


SSH = "-p tcp -m tcp --dport 22 -j ACCEPT"


def test_text_words_and_parts_make_the_same_rule():
    rules = [
        libfw.Rule("-p tcp --dport 22 -j ACCEPT"),
        libfw.Rule(["-p", "tcp", "--dport", "22", "-j", "ACCEPT"]),
        libfw.Rule(protocol="tcp", matches=[matches.Tcp(dport=22)], target=targets.Accept),
        libfw.Rule(protocol=6, matches=[matches.Tcp(dport="22")], target="ACCEPT"),
    ]
    assert {str(rule) for rule in rules} == {SSH}
    assert len(set(rules)) == 1
    # What differs only in a match or an interface hardly ever has the same hash.
    lines = [f"-p tcp --dport {port} -m comment --comment {port}" for port in range(1000)]
    lines += [f"-i eth{number}" for number in range(1000)]
    assert len({hash(libfw.Rule(line)) for line in lines}) > 1990
    assert rules[0] != libfw.Rule("-p tcp --dport 23 -j ACCEPT")
    assert rules[0] != SSH


def test_parts_are_attributes():
    rule = libfw.Rule(
        source=ip_network("10.0.0.0/8"),
        destination=Not("192.0.2.1"),
        in_interface="eth+",
        out_interface=Not("lo"),
        protocol=Not("udp"),
        fragment=False,
        counters=(3, 4),
        target=targets.Mark(set_mark=1),
    )
    assert rule.source == ip_network("10.0.0.0/8")
    assert rule.destination == Not(ip_network("192.0.2.1/32"))
    assert rule.in_interface == "eth+"
    assert rule.out_interface == Not("lo")
    assert rule.protocol == Not("udp")
    assert rule.fragment is False
    assert rule.counters == libfw.Counters(3, 4)
    assert rule.matches == []
    assert rule.target == targets.Mark(set_mark=1)
    assert str(rule).startswith("-s 10.0.0.0/8 ! -d 192.0.2.1/32 -i eth+ ! -o lo ! -p udp ! -f -j MARK")
    anything = libfw.Rule()
    assert str(anything) == ""
    assert [anything.source, anything.in_interface, anything.protocol, anything.target] == [None] * 4
    assert anything.fragment is None


def test_targets():
    def target(**parts):
        return libfw.Rule(**parts).target

    assert target(target="DROP") == targets.Drop()
    assert target(target="LOG") == targets.Log()
    assert target(target="web") == targets.Jump("web") == target(jump="web")
    assert target(goto="web") == targets.Goto("web") != targets.Jump("web")
    with pytest.raises(TypeError):
        target(jump="a", goto="b")
    with pytest.raises(TypeError):
        target(target=matches.Tcp)
    with pytest.raises(TypeError):
        libfw.Rule(matches=[targets.Log()])
    with pytest.raises(TypeError, match='no part "sourse"; it has source'):
        libfw.Rule(sourse="10.0.0.1")
    with pytest.raises(TypeError):
        libfw.Rule(3)


def test_options_of_every_form():
    limit = matches.Hashlimit(upto="10/min", burst=5, mode=["srcip", "dstport"], name="ssh")
    rule = libfw.Rule(matches=[limit])
    assert "--hashlimit-upto 10/min" in str(rule) and "--hashlimit-mode srcip,dstport" in str(rule)
    read = rule.matches[0]
    assert read == limit and hash(read) == hash(limit)
    assert read.mode == {"srcip", "dstport"} and read.name == "ssh" and read.upto == libfw.Rate(10, "minute")
    assert matches.Hashlimit(upto="10/hour", mode=["srcip"], name="ssh") != limit

    tcp = libfw.Rule("-p tcp ! --syn --sport 1024: --tcp-option 8").matches[0]
    assert isinstance(tcp, matches.Tcp)
    assert tcp.option == 8 and tcp.sport == libfw.PortRange(1024, 65535) and tcp.dport is None
    assert str(libfw.Rule(protocol="tcp", matches=[matches.Tcp(dport=range(80, 90), sport=Not(1))])) == (
        "-p tcp -m tcp ! --sport 1 --dport 80:89"
    )
    assert libfw.Rule(target=targets.Masquerade(random=True)).target.random is True
    assert targets.Masquerade().random is False
    with pytest.raises(TypeError):
        targets.Masquerade(random="yes")
    with pytest.raises(AttributeError):
        tcp.sport = 5
    state = libfw.Rule("-m state --state NEW").matches[0]
    assert type(state).__name__ == "State" and state.state == {"NEW"}


def test_groups_keep_their_order():
    words = "-m policy --dir in --pol ipsec --strict --reqid 1 --next --reqid 2 --proto esp"
    rule = libfw.Rule(words)
    policy = rule.matches[0]
    assert policy.reqid == [1, 2]
    assert eval(repr(policy)) == policy
    assert libfw.Rule(matches=[policy]) == rule


def test_unknown_options_name_those_that_exist():
    with pytest.raises(TypeError, match="Limit has no option 'brust'; it has rate, burst"):
        matches.Limit(brust=1)
    with pytest.raises(TypeError, match="Conntrack got state twice, once as ctstate"):
        matches.Conntrack(state=["NEW"], ctstate=["NEW"])


@pytest.mark.parametrize(
    "text",
    [
        SSH,
        "-s 10.0.0.0/8 ! -i eth0 -m comment --comment \"a 'quoted' \\\"word\\\"\" -j LOG --log-prefix \"x \"",
        "-m conntrack ! --ctstate NEW,ESTABLISHED -j web",
        "-p icmp -m icmp --icmp-type 8 -m limit --limit 5/sec -g web",
        "-p udp -m multiport ! --dports 53,1000:2000 -j REJECT --reject-with icmp-port-unreachable",
        "-j MARK --set-xmark 0x1/0xff",
        "",
    ],
)
def test_representations_make_the_same_rule(text):
    rule = libfw.Rule(text)
    assert eval(repr(rule)) == rule
    assert libfw.Rule(**parts_of(rule)) == rule


def test_parts_are_shown_as_in_a_rule():
    rule = libfw.Rule("-p tcp ! --dport 22 -m limit --limit 5/min -j LOG --log-prefix \"two words\"")
    tcp, limit = rule.matches
    assert [str(part) for part in (tcp, limit, rule.target)] == [
        "-m tcp ! --dport 22",
        "-m limit --limit 5/min",
        '-j LOG --log-prefix "two words"',
    ]
    assert str(rule) == f"-p tcp {tcp} {limit} {rule.target}"
    assert f"{tcp:>22}|{tcp:.6}" == "   -m tcp ! --dport 22|-m tcp"
    # Made by themselves, and with what was given.
    assert str(matches.Tcp(dport=Not(22))) == str(tcp) == str(pickle.loads(pickle.dumps(tcp)))
    assert str(matches.Limit(rate="5/min", burst=5)) == "-m limit --limit 5/min --limit-burst 5"
    assert str(matches.Opaque("nonesuch", 1, b"\x01\x02")) == "-m nonesuch --opaque 1:0102"
    for text in ["-j ACCEPT", "-j web", "-g web", "-j REJECT --reject-with tcp-reset"]:
        assert str(libfw.Rule("-p tcp " + text).target) == text
    assert [str(target) for target in (targets.Drop(), targets.Jump("a"), targets.Goto("b"))] == ["-j DROP", "-j a", "-g b"]
    # As the rule shows them that they are of.
    odd = libfw.Rule([b"-m", b"comment", b"--comment", b"\xff"])
    assert str(odd) == str(odd.matches[0])


def test_what_is_unknown_is_kept():
    opaque = matches.Opaque("frobnicate", 3, bytes(range(8)))
    rule = libfw.Rule(matches=[opaque], target=targets.Opaque("ZAP", 0, b"\1" * 16))
    assert rule.matches == [opaque]
    assert (rule.matches[0].name, rule.matches[0].revision, rule.matches[0].data) == ("frobnicate", 3, bytes(range(8)))
    assert rule.target == targets.Opaque("ZAP", 0, b"\1" * 16)
    assert eval(repr(rule)) == rule


def test_values_that_are_not_utf8_survive():
    word = "caf\udce9"
    rule = libfw.Rule(matches=[matches.Comment(comment=word)])
    assert rule.matches[0].comment == word


def test_every_extension_has_a_class():
    tables = extensions()
    assert len(names("match")) + len(names("target")) == len(tables) > 20
    for table in tables:
        module = matches if table["kind"] == "match" else targets
        cls = getattr(module, table["type_name"])
        assert issubclass(cls, Known) and cls.__doc__.startswith(table["description"])
        assert table["type_name"] in module.__all__
        keywords = list(inspect.signature(cls).parameters)
        assert keywords == [python_name(option["field"]) for option in table["options"]]
        assert not any(map(keyword.iskeyword, keywords))
        for option in table["options"]:
            attribute = getattr(cls, python_name(option["field"]))
            # An option may not hide what a part has of its own.
            assert f"--{option['name']}" in attribute.__doc__


def test_errors():
    assert issubclass(libfw.NoSuchChainError, (libfw.Error, KeyError))
    assert issubclass(libfw.PermissionDeniedError, PermissionError)
    codes = [error.code for error in libfw.errors.KINDS.values()]
    assert len(set(codes)) == len(codes)
    with pytest.raises(libfw.InvalidValueError) as caught:
        libfw.Rule("-p tcp --dport 99999")
    error = caught.value
    assert isinstance(error, ValueError)
    assert (error.kind, error.extension, error.option, error.token) == ("InvalidValue", "tcp", "dport", "99999")
    text, marks = error.marked.splitlines()
    assert text == error.rule_text
    assert text[len(marks.rstrip("^")) : len(marks)] == "99999"
    assert error.iptables == (2, "invalid port/service `99999' specified")
    assert error.errno is None and error.message in str(error)
    with pytest.raises(libfw.InvalidValueError):
        libfw.Rule(protocol="tcp", matches=[matches.Tcp(dport=99999)])
    with pytest.raises(libfw.InvalidArgumentError):
        libfw.Rule("-j DROP", family="ipx")
    with pytest.raises(libfw.NoSuchExtensionError):
        libfw.Rule("-m no-such-match")
