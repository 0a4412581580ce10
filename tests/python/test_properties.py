"""What holds for every rule, chain and value: properties, for which hypothesis looks for a counterexample."""

import copy
import json
import pickle
from ipaddress import ip_network
from typing import Any

import pytest

hypothesis = pytest.importorskip("hypothesis")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import libfw
from libfw import Not, matches, targets

settings.register_profile(
    # How fast the machine is does not matter, nor that the directory of the project may be read-only.
    "libfw", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60
)
settings.load_profile("libfw")


def maybe_not(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Values, some of them behind a `!`."""
    return st.one_of(values, values.map(Not))


PORTS = st.integers(0, 65535)
PORT_RANGES = st.tuples(PORTS, PORTS).filter(lambda ends: ends[0] != ends[1]).map(lambda ends: libfw.PortRange(*sorted(ends)))
NETWORKS = st.tuples(st.integers(0, 2**32 - 1), st.integers(1, 32)).map(lambda parts: ip_network(parts, strict=False))
#: Names of interfaces: what a shell takes for one word.
INTERFACES = st.from_regex(r"[a-zA-Z][a-zA-Z0-9._-]{0,13}\+?", fullmatch=True)
#: Any text of up to 255 bytes, which need not be UTF-8.
COMMENTS = (
    st.binary(min_size=1, max_size=255)
    .filter(lambda data: not {0, 10, 13} & set(data))
    .map(lambda data: data.decode("utf-8", "surrogateescape"))
)
STATES = st.frozensets(st.sampled_from(["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"]), min_size=1)
FLAGS = st.frozensets(st.sampled_from(["FIN", "SYN", "RST", "PSH", "ACK", "URG"]))
RATES = st.builds(libfw.Rate, st.integers(1, 10), st.sampled_from(["second", "minute", "hour"]))

#: Options that go with no protocol, each with what it is read as.
OPTIONS: dict[tuple[Any, str], st.SearchStrategy[Any]] = {
    (matches.Comment, "comment"): COMMENTS,
    (matches.Conntrack, "state"): maybe_not(STATES),
    (matches.Length, "length"): maybe_not(st.one_of(PORTS, st.builds(libfw.Range, st.just(5), st.integers(6, 65535)))),
    (matches.Limit, "rate"): RATES,
    (matches.Mark, "mark"): maybe_not(st.integers(0, 2**32 - 1)),
    (matches.Iprange, "src_range"): maybe_not(
        st.tuples(st.ip_addresses(v=4), st.ip_addresses(v=4))
        .filter(lambda ends: ends[0] < ends[1])
        .map(lambda ends: libfw.AddressRange(*ends))
    ),
    (matches.Ttl, "ttl_eq"): maybe_not(st.integers(0, 255)),
    (matches.Owner, "uid_owner"): maybe_not(st.integers(0, 2**32 - 2)),
    (targets.Mark, "set_xmark"): st.integers(0, 2**32 - 1),
    (matches.Icmp, "icmp_type"): maybe_not(
        st.one_of(st.integers(0, 254), st.tuples(st.integers(0, 254), st.integers(0, 255)))
    ),
    (targets.Log, "prefix"): COMMENTS.filter(lambda text: len(text.encode("utf-8", "surrogateescape")) < 30),
}
TCP = {"dport": maybe_not(st.one_of(PORTS, PORT_RANGES)), "flags": maybe_not(st.tuples(FLAGS.filter(bool), FLAGS))}


@st.composite
def rules(draw: Any) -> libfw.Rule:
    """A rule of parts that go together."""
    header = {
        "source": maybe_not(NETWORKS),
        "destination": maybe_not(NETWORKS),
        "in_interface": maybe_not(INTERFACES),
        "out_interface": maybe_not(INTERFACES),
        "fragment": st.booleans(),
        "counters": st.tuples(st.integers(0, 2**63), st.integers(0, 2**63)),
    }
    parts = {name: draw(values) for name, values in header.items() if draw(st.booleans())}
    found: list[libfw.Match] = []
    if draw(st.booleans()):
        parts["protocol"] = "tcp"
        found.append(matches.Tcp(**{name: draw(values) for name, values in TCP.items() if draw(st.booleans())}))
    kinds = [kind for kind in OPTIONS if issubclass(kind[0], libfw.Match) and kind[0] is not matches.Icmp]
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=3, unique=True)):
        found.append(kind[0](**{kind[1]: draw(OPTIONS[kind])}))
    parts["matches"] = found
    verdict = st.sampled_from(["ACCEPT", "DROP", "RETURN", "web", targets.Goto("web")])
    log = OPTIONS[targets.Log, "prefix"].map(lambda prefix: targets.Log(prefix=prefix))
    parts["target"] = draw(st.one_of(verdict, log, st.just(libfw.ANY)))
    return libfw.Rule(**parts)


@given(rules())
def test_a_rule_survives_every_form(made: libfw.Rule) -> None:
    header = ("source", "destination", "in_interface", "out_interface", "protocol", "fragment", "matches", "target", "counters")
    parts = {name: getattr(made, name) for name in header}
    forms = [
        libfw.Rule(str(made)),
        libfw.Rule(str(made).encode("utf-8", "surrogateescape")),
        eval(repr(made)),
        pickle.loads(pickle.dumps(made)),
        copy.deepcopy(made),
        libfw.Rule.from_dict(json.loads(json.dumps(made.to_dict()))),
        libfw.Rule.from_json(made.to_json()),
        libfw.Rule(**{name: value for name, value in parts.items() if value is not None}),
        made.with_(),
    ]
    for form in forms:
        assert form == made and hash(form) == hash(made) and str(form) == str(made)
    for form in (*forms[3:], libfw.Rule(f"{made:c}")):
        assert form.counters == made.counters
    for part in made.matches:
        assert made.find(type(part)) is not None and eval(repr(part)) == part == pickle.loads(pickle.dumps(part))


@pytest.mark.parametrize("kind", OPTIONS, ids=lambda kind: f"{kind[0].__name__}.{kind[1]}")
@given(data=st.data())
def test_an_option_reads_as_it_was_given(kind: tuple[Any, str], data: st.DataObject) -> None:
    (cls, option), value = kind, data.draw(OPTIONS[kind])
    part = cls(**{option: value})
    assert getattr(part, option) == value and type(getattr(part, option)) is type(value)
    name = "matches" if issubclass(cls, libfw.Match) else "target"
    protocol = "icmp" if cls is matches.Icmp else libfw.ANY
    read = libfw.Rule(protocol=protocol, **{name: [part] if name == "matches" else part}).find(cls)
    assert read == part and getattr(read, option) == value


@given(st.floats(0, 1))
def test_a_probability_is_a_number(probability: float) -> None:
    read = matches.Statistic(mode="random", probability=probability).probability
    assert isinstance(read, float) and abs(read - probability) <= 2**-31
    assert matches.Statistic(mode="random", probability=read).probability == read


@given(st.one_of(st.none(), st.ip_addresses()), st.one_of(st.none(), PORTS.filter(bool), PORT_RANGES))
def test_targets_of_translation_have_parts(address: Any, ports: Any) -> None:
    hypothesis.assume((address, ports) != (None, None))
    value = libfw.NatRange(address, ports)
    assert (value.addresses, value.ports) == (address, ports) and pickle.loads(pickle.dumps(value)) == value
    read = targets.Dnat(to_destination=value).to_destination
    assert isinstance(read, libfw.NatRange)
    assert (read, read.addresses, read.ports, read.base) == (value, address, ports, None)


@given(st.text(max_size=40))
def test_texts_are_rules_or_refused(text: str) -> None:
    try:
        made = libfw.Rule(text)
    except (libfw.Error, TypeError, UnicodeEncodeError):
        return
    assert libfw.Rule(str(made)) == made


#: Rules that differ, and that no name is needed for.
TEXTS = st.integers(200, 205).map(lambda number: f"-p {number} -j DROP")
INDICES = st.integers(-6, 6)
SLICES = st.builds(
    slice, st.one_of(st.none(), INDICES), st.one_of(st.none(), INDICES), st.one_of(st.none(), st.integers(-3, 3).filter(bool))
)


class ChainIsList(RuleBasedStateMachine):
    """A chain beside a list: every edit has the same result, or raises the same exception."""

    def __init__(self) -> None:
        super().__init__()
        self.chain = libfw.Kernel(backend="memory").table()["INPUT"]
        self.list: list[libfw.Rule] = []

    def both(self, edit: Any) -> None:
        results = []
        for sequence in (self.chain, self.list):
            try:
                results.append(edit(sequence))
            except (IndexError, ValueError, TypeError) as error:
                found = next(kind for kind in (IndexError, ValueError, TypeError) if isinstance(error, kind))
                results.append(found)
        assert results[0] == results[1]

    @rule(text=TEXTS)
    def append(self, text: str) -> None:
        self.both(lambda s: s.append(libfw.Rule(text)))

    @rule(index=INDICES, text=TEXTS)
    def insert(self, index: int, text: str) -> None:
        self.both(lambda s: s.insert(index, libfw.Rule(text)))

    @rule(index=st.one_of(INDICES, SLICES))
    def get(self, index: Any) -> None:
        self.both(lambda s: s[index])

    @rule(index=INDICES, text=TEXTS)
    def put(self, index: int, text: str) -> None:
        self.both(lambda s: s.__setitem__(index, libfw.Rule(text)))

    @rule(slice=SLICES, texts=st.lists(TEXTS, max_size=4))
    def assign(self, slice: slice, texts: list[str]) -> None:
        self.both(lambda s: s.__setitem__(slice, [libfw.Rule(text) for text in texts]))

    @rule(index=st.one_of(INDICES, SLICES))
    def delete(self, index: Any) -> None:
        self.both(lambda s: s.__delitem__(index))

    @rule(index=INDICES)
    def pop(self, index: int) -> None:
        self.both(lambda s: s.pop(index))

    @rule(text=TEXTS)
    def remove(self, text: str) -> None:
        self.both(lambda s: s.remove(libfw.Rule(text)))

    @rule(text=TEXTS, start=INDICES, stop=INDICES)
    def ask(self, text: str, start: int, stop: int) -> None:
        wanted = libfw.Rule(text)
        self.both(lambda s: (wanted in s, s.count(wanted)))
        self.both(lambda s: s.index(wanted))
        self.both(lambda s: s.index(wanted, start, stop))

    @rule(texts=st.lists(TEXTS, max_size=3))
    def extend(self, texts: list[str]) -> None:
        self.both(lambda s: s.__iadd__(map(libfw.Rule, texts)) is None)

    @precondition(lambda self: len(self.list) > 3)
    @rule()
    def reverse(self) -> None:
        self.both(lambda s: s.reverse())

    @rule()
    def commit(self) -> None:
        self.chain.table.commit()

    @invariant()
    def same(self) -> None:
        assert list(self.chain) == self.list and len(self.chain) == len(self.list)
        assert list(reversed(self.chain)) == self.list[::-1]


TestChainIsList = ChainIsList.TestCase
TestChainIsList.settings = settings(deadline=None, database=None, max_examples=40, stateful_step_count=30)

NAMES = st.sampled_from(["a", "b", "c", "INPUT", "OUTPUT"])


class TableIsMapping(RuleBasedStateMachine):
    """A table beside a dictionary of its chains."""

    def __init__(self) -> None:
        super().__init__()
        self.table = libfw.Kernel(backend="memory").table()
        self.dict: dict[str, int] = dict.fromkeys(("INPUT", "FORWARD", "OUTPUT"), 0)

    @rule(name=NAMES)
    def new(self, name: str) -> None:
        if name in self.dict:
            with pytest.raises(libfw.ChainExistsError):
                self.table.new_chain(name)
        else:
            self.dict[name] = 0
            assert self.table.new_chain(name) == self.table[name]

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        if name not in self.dict:
            with pytest.raises(KeyError):
                del self.table[name]
        elif name.isupper() or self.dict[name]:
            with pytest.raises((libfw.BuiltinChainError, libfw.ChainNotEmptyError)):
                del self.table[name]
        else:
            del self.dict[name], self.table[name]

    @rule(name=NAMES, text=TEXTS)
    def append(self, name: str, text: str) -> None:
        if name in self.dict:
            self.dict[name] += 1
            self.table[name].append(text)
        else:
            with pytest.raises(KeyError):
                self.table[name]

    @invariant()
    def same(self) -> None:
        assert {name: len(chain) for name, chain in self.table.items()} == self.dict
        assert list(self.table.keys()) == list(self.table) and len(self.table) == len(self.dict)
        assert all(name in self.table and self.table.get(name) == chain for name, chain in zip(self.table, self.table.values()))


TestTableIsMapping = TableIsMapping.TestCase
TestTableIsMapping.settings = TestChainIsList.settings


@given(st.tuples(PORTS, PORTS), st.tuples(PORTS, PORTS))
def test_counters_are_counted_with(left: tuple[int, int], right: tuple[int, int]) -> None:
    one, two = libfw.Counters(*left), libfw.Counters(*right)
    assert one + two - two == one == left and type(one + two) is libfw.Counters
