"""What programs give that is nearly right: indices, numbers, dates, pairs and lists."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

import libfw
from libfw import Not, matches, targets


class Whole:
    """A number that is no `int`, as those of NumPy."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __index__(self) -> int:
        return self.number

    def __repr__(self) -> str:
        return f"Whole({self.number})"


#: Types need not know of it.
whole: Any = Whole


def chain() -> Any:
    found = libfw.Kernel(backend="memory").table()["INPUT"]
    found.extend([f"-p {number}" for number in (201, 202, 203)])
    return found


def test_indices_are_those_of_a_list() -> None:
    rules = chain()
    rules.move(-1, 0)
    rules.swap(-1, -2)
    assert [rule.protocol for rule in rules] == ["203", "202", "201"]
    for index in (-5, 10**30, -(10**30)):
        for edit in (rules.__getitem__, rules.__delitem__, lambda index: rules.replace(index, "-p 204")):
            with pytest.raises(IndexError, match=f"there is no index {index}"):
                edit(index)
        with pytest.raises(IndexError):
            rules[index] = "-p 204"
    for move in (rules.move, rules.swap):
        with pytest.raises(IndexError, match="there is no index -4, the length of the chain is 3"):
            move(0, -4)
    with pytest.raises(TypeError, match="by index or slice, not by str"):
        del rules["x"]
    assert rules[whole(-1)].protocol == "201" and len(rules) == 3


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: matches.Time(datestart=date(2024, 1, 1)), str(matches.Time(datestart=datetime(2024, 1, 1)))),
        (lambda: matches.Multiport(dports=[80, (1000, 2000)]), "-m multiport --dports 80,1000:2000"),
        (lambda: matches.Multiport(dports=(1000, 2000)), "-m multiport --dports 1000,2000"),
        (lambda: matches.Multiport(dports=[whole(80), range(5, 8)]), "-m multiport --dports 80,5:7"),
        (lambda: matches.Tcp(dport=libfw.PortRange(whole(5), 9)), "-m tcp --dport 5:9"),
        (lambda: matches.Limit(rate=libfw.Rate(whole(5))), "-m limit --limit 5/second"),
        (lambda: matches.Length(length=libfw.Range(whole(1), whole(2))), "-m length --length 1:2"),
        (lambda: targets.Dnat(to_destination=("10.0.0.1", "80-90")), "-j DNAT --to-destination 10.0.0.1:80-90"),
    ],
)
def test_a_value_is_taken_for_what_it_says(make: Callable[[], Any], text: str) -> None:
    made = make()
    assert str(made) == text and eval(repr(made)) == made


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: matches.Tcp(dport=date(2024, 1, 1)), TypeError, "dport cannot be datetime.date"),
        (lambda: matches.Time(timestart=date(2024, 1, 1)), TypeError, "timestart cannot be datetime.date"),
        (lambda: matches.Multiport(dports=[80, [1000, 2000]]), TypeError, "dports takes no .1000, 2000. among several"),
        (lambda: matches.Multiport(dports=[80, (1, 2, 3)]), TypeError, "dports takes no .1, 2, 3. among several"),
        (lambda: matches.Conntrack(state=[("NEW", "RELATED")]), TypeError, "among several"),
        (lambda: matches.Set(match_set=("a", [["src"]])), TypeError, "among several"),
        (lambda: matches.Conntrack(orig_src=5), TypeError, "orig_src cannot be 5"),
        (lambda: matches.Conntrack(orig_src=5.5), TypeError, "orig_src cannot be 5.5"),
        (lambda: matches.Conntrack(orig_src=2**63), TypeError, "orig_src cannot be 9223372036854775808"),
        (lambda: targets.Tee(gateway=5), TypeError, "gateway cannot be 5"),
        (lambda: matches.Iprange(src_range=5), TypeError, "src_range cannot be 5"),
        (lambda: matches.Limit(rate=5.9), TypeError, "rate is a whole number, not 5.9"),
        (lambda: matches.Limit(rate=float("nan")), TypeError, "rate is a whole number, not nan"),
        (lambda: matches.Hashlimit(name="x", upto="5/s", mode=[]), libfw.InvalidValueError, "mode is a list of at least one"),
        (lambda: matches.Conntrack(state=[]), libfw.InvalidValueError, "state is a list of at least one"),
        (lambda: targets.Dnat(to_destination=("10.0.0.1", "http")), ValueError, "ports are a number or a range of them, not 'http'"),
    ],
)
def test_a_value_that_would_be_another_is_refused(make: Callable[[], Any], kind: "type[Exception]", words: str) -> None:
    with pytest.raises(kind, match=words):
        make()


CONNBYTES = "-m connbytes --connbytes {} --connbytes-mode packets --connbytes-dir both"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5:5", libfw.Range(5, 5)),
        ("0:0", libfw.Range(0, 0)),
        ("5", libfw.Range(5, 2**64 - 1)),
        ("5:6", libfw.Range(5, 6)),
        ("18446744073709551615", libfw.Range(2**64 - 1, 2**64 - 1)),
    ],
)
def test_one_count_is_a_range_of_one(text: str, value: libfw.Range) -> None:
    rule = libfw.Rule(CONNBYTES.format(text))
    part = rule.matches[0]
    assert str(part) == CONNBYTES.format(text) and eval(repr(part)) == part
    assert isinstance(part, matches.Connbytes) and part.connbytes == value
    assert str(libfw.Rule(matches=[matches.Connbytes(connbytes=value, mode="packets", dir="both")])) == str(rule)
    assert libfw.Rule.from_dict(rule.to_dict()) == rule
    assert rule.to_dict()["matches"][0]["connbytes"] == {"min": value.min, "max": value.max}


def test_one_count_of_a_range_of_python_is_one() -> None:
    made = matches.Connbytes(connbytes=range(5, 6), mode="packets", dir="both")
    assert made.connbytes == libfw.Range(5, 5) and "--connbytes 5:5" in str(made)
    assert matches.Connbytes(connbytes=5, mode="packets", dir="both").connbytes == libfw.Range(5, 2**64 - 1)


SEVERAL: "list[Callable[[list[Any]], Any]]" = [lambda two: two, tuple, iter, lambda two: (one for one in two)]


@pytest.mark.parametrize("several", SEVERAL)
@pytest.mark.parametrize(
    ("make", "two", "words"),
    [
        (lambda two: matches.Tcp(dport=two), [22, 443], "libfw.matches.Multiport takes several ports, libfw.PortRange is those from"),
        (lambda two: matches.Tcp(dport=two), ["ssh", "https"], "libfw.matches.Multiport takes several ports"),
        (lambda two: matches.Udp(sport=Not(two)), [22, 443], "libfw.matches.Multiport takes several ports"),
        (lambda two: matches.Conntrack(orig_src_port=two), [22, 443], "libfw.PortRange is the ports from one to another"),
        (lambda two: targets.Redirect(to_ports=two), [22, 443], "libfw.PortRange is the ports from one to another"),
        (lambda two: matches.Length(length=two), [64, 1500], "libfw.Range is the numbers from one to another"),
        (lambda two: matches.Owner(uid_owner=two), [0, 1000], "libfw.Range is the numbers"),
        (lambda two: targets.Nfqueue(balance=two), [0, 3], "libfw.Range is the numbers"),
        (lambda two: matches.Mark(mark=two), [1, 2], "libfw.Masked is a number under a mask"),
        (lambda two: targets.Mark(set_mark=two), [1, 2], "libfw.Masked is a number"),
        (lambda two: matches.Tos(tos=two), [16, 63], "libfw.Masked is a number"),
        (lambda two: matches.Limit(rate=two), [10, "min"], "libfw.Rate is so many in a unit of time"),
        (lambda two: matches.Hashlimit(upto=two, name="a"), [10, "min"], "libfw.Rate is so many"),
        (lambda two: matches.Iprange(src_range=two), ["10.0.0.1", "10.0.0.9"], "libfw.AddressRange is the addresses from"),
        (lambda two: targets.Dnat(to_destination=two), ["10.0.0.1", "10.0.0.9"], "libfw.AddressRange is the addresses from"),
        (lambda two: matches.Conntrack(orig_src=two), ["10.0.0.0", "8"], "one value of the form ADDRESS"),
    ],
)
def test_two_values_are_no_range(make: Callable[[Any], Any], two: "list[Any]", words: str, several: Any) -> None:
    with pytest.raises(TypeError, match=words):
        make(several(two))


@pytest.mark.parametrize("several", [list, iter])
@pytest.mark.parametrize(
    ("make", "two", "words"),
    [
        (lambda two: matches.Tcp(flags=two), ["SYN", "ACK"], r"that is a tuple of two, flags=.MASK, SET."),
        (lambda two: matches.Set(match_set=two), ["web", "src"], "that is a tuple of two, match_set="),
        (lambda two: matches.Icmp(icmp_type=two), [3, 1], "one value of the form"),
        (lambda two: targets.Dnat(to_destination=two), ["10.0.0.1", 80], "one value of the form"),
    ],
)
def test_a_pair_is_a_tuple(make: Callable[[Any], Any], two: "list[Any]", words: str, several: Any) -> None:
    with pytest.raises(TypeError, match=words):
        make(several(two))
    make(tuple(two))


@pytest.mark.parametrize("kind", [matches, targets])
def test_no_option_takes_two_numbers_for_one_value(kind: Any) -> None:
    for name in kind.__all__:
        for option in getattr(getattr(kind, name), "_options", {}).values():
            if option.form in ("list", "flag") or option.repeats or option.words == 2 or option.label.startswith("NAME|TYPE"):
                continue
            for several in SEVERAL:
                with pytest.raises((TypeError, ValueError)):
                    list(option.write(several([1, 2])))


SPELLED: "list[tuple[Any, dict[str, Any]]]" = [
    (targets.Mark(set_mark=5), {"set_xmark": 5, "set_mark": 5, "and_mark": None, "or_mark": None, "xor_mark": None}),
    (targets.Mark(set_mark=libfw.Masked(0x100, 0xFF)), {"set_xmark": libfw.Masked(0x100, 0x1FF), "set_mark": libfw.Masked(0x100, 0x1FF)}),
    (targets.Mark(and_mark=0xFF), {"set_xmark": libfw.Masked(0, 0xFFFFFF00), "and_mark": 0xFF, "or_mark": None}),
    (targets.Mark(or_mark=3), {"set_xmark": libfw.Masked(3, 3), "set_mark": libfw.Masked(3, 3), "or_mark": 3, "and_mark": None}),
    (targets.Connmark(xor_mark=3), {"set_xmark": libfw.Masked(3, 0), "xor_mark": 3, "set_mark": None}),
    (targets.Connmark(save_mark=True, mask=255), {"nfmask": 255, "ctmask": 255, "mask": 255}),
    (targets.Connmark(save_mark=True, nfmask=255, ctmask=15), {"nfmask": 255, "ctmask": 15, "mask": None}),
    (targets.Tos(or_tos=3), {"set_tos": libfw.Masked(3, 3), "or_tos": 3, "and_tos": None, "xor_tos": None}),
    (targets.Dscp(set_dscp_class="EF"), {"set_dscp": 46, "set_dscp_class": "EF"}),
    (targets.Ecn(tcp_remove=True), {"tcp_ece": 0, "tcp_cwr": 0, "tcp_remove": True}),
    (targets.Ecn(tcp_ece=0, tcp_cwr=0), {"tcp_ece": 0, "tcp_cwr": 0, "tcp_remove": True}),
    (matches.Dscp(dscp_class=Not("AF11")), {"dscp": Not(10), "dscp_class": Not("AF11")}),
    (matches.Dscp(dscp=45), {"dscp": 45, "dscp_class": None}),
    (matches.Cluster(total_nodes=4, local_node=2, hash_seed=1), {"local_nodemask": 2, "local_node": 2}),
    (matches.Cluster(total_nodes=4, local_nodemask=3, hash_seed=1), {"local_nodemask": 3, "local_node": None}),
    (matches.StringMatch(hex_string="|0a0b|c", algo="bm"), {"string": "\n\x0bc", "hex_string": "|0a0b63|"}),
    (matches.StringMatch(string="abc", algo="bm"), {"string": "abc", "hex_string": "|616263|"}),
    (matches.Tcp(syn=Not(True)), {"syn": Not(True), "flags": Not((frozenset({"FIN", "SYN", "RST", "ACK"}), frozenset({"SYN"})))}),
    (matches.Tcp(flags=("FIN,SYN,RST,ACK", "SYN")), {"syn": True}),
    (matches.Tcp(flags=("SYN", "SYN")), {"syn": None}),
    (matches.Time(kerneltz=True), {"kerneltz": True, "localtz": True, "utc": False}),
    (matches.Time(utc=True), {"kerneltz": False, "localtz": False, "utc": True}),
]


@pytest.mark.parametrize(("part", "values"), SPELLED)
def test_an_option_is_read_by_every_spelling_that_says_it(part: Any, values: "dict[str, Any]") -> None:
    is_match = isinstance(part, matches.Match)
    rule = libfw.Rule(protocol="tcp", matches=[part]) if is_match else libfw.Rule(protocol="tcp", target=part)
    read = rule.matches[-1] if is_match else rule.target
    assert {name: getattr(part, name) for name in values} == values == {name: getattr(read, name) for name in values}
    assert read == part == eval(repr(part)) == eval(repr(read))


def test_a_rule_stays_beside_itself() -> None:
    chain = libfw.Kernel(backend="memory").table()["INPUT"]
    chain.extend(["-p tcp -j ACCEPT", "-j ACCEPT", "-p udp"])
    for place in "before", "after":
        assert not chain.ensure("-j ACCEPT", **{place: "-j ACCEPT"})  # type: ignore[call-overload]
    assert [str(rule) for rule in chain] == ["-p tcp -j ACCEPT", "-j ACCEPT", "-p udp"]


def test_whole_numbers_are_protocols() -> None:
    assert libfw.Rule(protocol=whole(17)).protocol == "udp"
    with pytest.raises(TypeError, match="protocol cannot be True"):
        libfw.Rule(protocol=True)


def test_counters_are_summed_and_those_of_one_table_compared() -> None:
    assert sum([libfw.Counters(1, 2), libfw.Counters(3, 4)], libfw.Counters()) == (4, 6)
    assert sum([libfw.Counters(1, 2), libfw.Counters(3, 4)]) == (4, 6)
    kernel = libfw.Kernel(backend="memory")
    with pytest.raises(ValueError, match="two tables, IPv4 nat and IPv4 filter"):
        kernel.counters("nat").delta(kernel.counters("filter"))
    with pytest.raises(ValueError, match="two tables, IPv4 filter and IPv6 filter"):
        kernel.counters().delta(kernel.counters(family=6))


def test_a_text_may_lack_the_end_of_its_last_line() -> None:
    kernel = libfw.Kernel(backend="memory")
    libfw.restore("*filter\n-A INPUT -p tcp\nCOMMIT", kernel=kernel)
    assert len(kernel.table()["INPUT"]) == 1


def test_chains_to_go_to_are_matched_by_position() -> None:
    assert targets.Jump.__match_args__ == targets.Goto.__match_args__ == ("chain",)


def test_a_module_is_an_attribute() -> None:
    assert libfw.iptc.__name__ == "libfw.iptc"
