"""Rules as dictionaries, and functions that take the names of tables and chains.

    from libfw.iptc import easy

    easy.add_chain("filter", "web")
    easy.add_rule("filter", "web", {"protocol": "tcp", "tcp": {"dport": "80"}, "target": "ACCEPT"})
    assert easy.has_rule("filter", "web", {"protocol": "tcp", "tcp": {"dport": 80}, "target": "ACCEPT"})

In a dictionary what is absent means any. Addresses, interfaces and protocols have a `!` in front to be inverted; options of
matches and targets are texts, lists of words, in which `"!"` comes first to invert, or `""` for a flag. What is not
understood raises an exception.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Callable, Optional

from .._libfw import iptc_decode
from .errors import IPTCError as IPTCError
from .errors import UnknownParameterError
from .ip4tc import Chain, Rule, Table, _name_of
from .ip6tc import Rule6, Table6

RuleDict = dict[str, Any]

_HEADER = ("src", "dst", "protocol", "in-interface", "out-interface", "fragment")


def _table(name: str, ipv6: bool) -> Table:
    """A table as it is now, unless it has edits that wait for a commit."""
    table = (Table6 if ipv6 else Table)(name)
    if table.autocommit:
        table.refresh()
    return table


def _chain(table: str, name: str, ipv6: bool) -> Chain:
    found = _table(table, ipv6)
    if not found.is_chain(name):
        raise AttributeError(f"Table <{table}> has no chain <{name}>")
    return Chain(found, name)


def _try(raise_exc: bool, call: Callable[[], Any], otherwise: Any = None) -> Any:
    try:
        return call()
    except Exception:
        if raise_exc:
            raise
        return otherwise


def flush_all(ipv6: bool = False) -> None:
    """Empties every table."""
    for table in get_tables(ipv6):
        flush_table(table, ipv6)


def flush_table(table: str, ipv6: bool = False, raise_exc: bool = True) -> None:
    """Deletes the rules of a table, and the chains that users made."""
    _try(raise_exc, lambda: _table(table, ipv6).flush())


def flush_chain(table: str, chain: str, ipv6: bool = False, raise_exc: bool = True) -> None:
    """Deletes the rules of a chain."""
    _try(raise_exc, lambda: _chain(table, chain, ipv6).flush())


def zero_all(table: Optional[str] = None, ipv6: bool = False) -> None:
    """Sets the counters of every table, or of one, to zero."""
    for name in [table] if table else get_tables(ipv6):
        zero_table(name, ipv6)


def zero_table(table: str, ipv6: bool = False) -> None:
    """Sets the counters of a table to zero."""
    found = _table(table, ipv6)
    found._edit("zero table counters", lambda table: table.zero())


def zero_chain(table: str, chain: str, ipv6: bool = False) -> None:
    """Sets the counters of a chain to zero."""
    _chain(table, chain, ipv6).zero_counters()


def has_chain(table: str, chain: str, ipv6: bool = False) -> bool:
    """Whether a table has a chain."""
    return _table(table, ipv6).is_chain(chain)


def has_rule(table: str, chain: str, rule_d: RuleDict, ipv6: bool = False) -> bool:
    """Whether a chain has a rule."""
    found = _chain(table, chain, ipv6)
    return encode_iptc_rule(rule_d, ipv6) in found.rules


def add_chain(table: str, chain: str, ipv6: bool = False, raise_exc: bool = True) -> bool:
    """Adds a chain; says whether it was added."""
    return bool(_try(raise_exc, lambda: _table(table, ipv6).create_chain(chain), False))


def add_rule(table: str, chain: str, rule_d: RuleDict, position: int = 0, ipv6: bool = False) -> None:
    """Adds a rule: 0 is the end, 1 the first place, 2 the second, and -1 the last but one."""
    _add(_chain(table, chain, ipv6), encode_iptc_rule(rule_d, ipv6), position)


def _add(chain: Chain, rule: Any, position: int) -> None:
    if position == 0:
        chain.append_rule(rule)
    elif position > 0:
        chain.insert_rule(rule, position - 1)
    else:
        chain.insert_rule(rule, max(0, len(chain.rules) + position))


def insert_rule(table: str, chain: str, rule_d: RuleDict, ipv6: bool = False) -> None:
    """Adds a rule in the first place."""
    add_rule(table, chain, rule_d, position=1, ipv6=ipv6)


def delete_chain(table: str, chain: str, ipv6: bool = False, flush: bool = False, raise_exc: bool = True) -> None:
    """Deletes a chain, with `flush` its rules before."""

    def delete() -> None:
        if flush:
            flush_chain(table, chain, ipv6, raise_exc)
        _table(table, ipv6).delete_chain(chain)

    _try(raise_exc, delete)


def delete_rule(table: str, chain: str, rule_d: RuleDict, ipv6: bool = False, raise_exc: bool = True) -> None:
    """Deletes the first rule that is the same."""
    _try(raise_exc, lambda: _chain(table, chain, ipv6).delete_rule(encode_iptc_rule(rule_d, ipv6)))


def get_tables(ipv6: bool = False) -> list[str]:
    """The names of the tables that the kernel has."""
    cls = Table6 if ipv6 else Table
    return [name for name in cls.ALL if cls._is_available(name)]


def get_chains(table: str, ipv6: bool = False) -> list[str]:
    """The names of the chains of a table."""
    return [chain.name for chain in _table(table, ipv6).chains]


def get_rule(table: str, chain: str, position: int = 0, ipv6: bool = False, raise_exc: bool = True) -> Any:
    """The rule at a position, from 1 or, with negative numbers, from the end; with 0 the list of all."""

    def get() -> Any:
        if position == 0:
            return dump_chain(table, chain, ipv6)
        rules = _chain(table, chain, ipv6).rules
        return decode_iptc_rule(rules[position - 1 if position > 0 else position], ipv6)

    return _try(raise_exc, get)


def replace_rule(table: str, chain: str, old_rule_d: RuleDict, new_rule_d: RuleDict, ipv6: bool = False) -> None:
    """Puts a rule in the place of another."""
    found = _chain(table, chain, ipv6)
    old, new = encode_iptc_rule(old_rule_d, ipv6), encode_iptc_rule(new_rule_d, ipv6)
    found.replace_rule(new, found.rules.index(old))


def _found(table: str, chain: str, rule_d: RuleDict, ipv6: bool) -> tuple[int, Any]:
    """The place of a rule, and the rule as the chain has it."""
    rules, rule = _chain(table, chain, ipv6).rules, encode_iptc_rule(rule_d, ipv6)
    try:
        position = rules.index(rule)
    except ValueError:
        raise AttributeError(f"Chain <{chain}@{table}> has no rule <{rule_d}>") from None
    return position, rules[position]


def get_rule_counters(table: str, chain: str, rule_d: RuleDict, ipv6: bool = False) -> tuple[int, int]:
    """How many packets and bytes a rule has seen."""
    counters: tuple[int, int] = _found(table, chain, rule_d, ipv6)[1].counters
    return counters


def get_rule_position(table: str, chain: str, rule_d: RuleDict, ipv6: bool = False) -> int:
    """The place of a rule in its chain, from 0."""
    return _found(table, chain, rule_d, ipv6)[0]


def test_rule(rule_d: RuleDict, ipv6: bool = False) -> bool:
    """Whether a dictionary stands for a rule."""
    return bool(_try(False, lambda: encode_iptc_rule(rule_d, ipv6), False))


def test_match(name: str, value: Any, ipv6: bool = False) -> bool:
    """Whether a match has these options."""

    def make() -> bool:
        rule = _empty(ipv6)
        for one in _each(value):
            _set_match(rule, name, one)
        return True

    return bool(_try(False, make, False))


def test_target(name: str, value: Any, ipv6: bool = False) -> bool:
    """Whether a target has these options."""

    def make() -> bool:
        _set_target(_empty(ipv6), {name: value} if value else name)
        return True

    return bool(_try(False, make, False))


def get_policy(table: str, chain: str, ipv6: bool = False) -> str:
    """The policy of a built-in chain."""
    policy = _chain(table, chain, ipv6).get_policy()
    if policy is None:
        raise AttributeError(f"Chain <{chain}@{table}> has no policy")
    return policy.name


def set_policy(table: str, chain: str, policy: str = "ACCEPT", ipv6: bool = False) -> None:
    """Sets the policy of a built-in chain."""
    _chain(table, chain, ipv6).set_policy(policy)


def dump_all(ipv6: bool = False) -> dict[str, dict[str, list[RuleDict]]]:
    """The rules of every table."""
    return {table: dump_table(table, ipv6) for table in get_tables(ipv6)}


def dump_table(table: str, ipv6: bool = False) -> dict[str, list[RuleDict]]:
    """The rules of a table, by chain."""
    return {chain.name: [iptc_decode(rule) for rule in chain.rules] for chain in _table(table, ipv6).chains}


def dump_chain(table: str, chain: str, ipv6: bool = False) -> list[RuleDict]:
    """The rules of a chain."""
    return [iptc_decode(rule) for rule in _chain(table, chain, ipv6).rules]


def _batch(table: Optional[str], ipv6: bool) -> list[Table]:
    cls = Table6 if ipv6 else Table
    return [cls(name) for name in ([table] if table else get_tables(ipv6))]


def batch_begin(table: Optional[str] = None, ipv6: bool = False) -> None:
    """Lets edits wait, in one table or in all, until `batch_end` writes them in one step."""
    for found in _batch(table, ipv6):
        if found.autocommit:
            found.refresh()
        found.autocommit = False


def batch_end(table: Optional[str] = None, ipv6: bool = False) -> None:
    """Writes the edits since `batch_begin`."""
    for found in _batch(table, ipv6):
        found.autocommit = True
        found.refresh()


def _in_batch(table: str, ipv6: bool, edit: Callable[[Table], None]) -> None:
    """Makes several edits with one commit, or none of them."""
    found = _table(table, ipv6)
    if not found.autocommit:
        return edit(found)
    found.autocommit = False
    try:
        edit(found)
        found.commit()
    finally:
        # What was not committed is dropped.
        found.refresh()
        found.autocommit = True


def batch_add_chains(table: str, chains: Iterable[str], ipv6: bool = False, flush: bool = True) -> None:
    """Adds chains that the table does not have; with `flush` those that it has are emptied."""

    def edit(found: Table) -> None:
        for name in map(_name_of, chains):
            chain = Chain(found, name) if found.is_chain(name) else found.create_chain(name)
            if flush:
                chain.flush()

    _in_batch(table, ipv6, edit)


def batch_delete_chains(table: str, chains: Iterable[str], ipv6: bool = False) -> None:
    """Deletes those of the chains that the table has, with their rules."""

    def edit(found: Table) -> None:
        for name in map(_name_of, chains):
            if found.is_chain(name):
                found.flush_entries(name)
                found.delete_chain(name)

    _in_batch(table, ipv6, edit)


def batch_add_rules(table: str, batch_rules: Iterable[tuple[str, RuleDict, int]], ipv6: bool = False) -> None:
    """Adds rules, each given as chain, rule and position."""

    def edit(found: Table) -> None:
        for chain, rule_d, position in batch_rules:
            _add(Chain(found, chain), encode_iptc_rule(rule_d, ipv6), position)

    _in_batch(table, ipv6, edit)


def batch_delete_rules(
    table: str, batch_rules: Iterable[tuple[str, RuleDict]], ipv6: bool = False, raise_exc: bool = True
) -> None:
    """Deletes rules, each given as chain and rule."""

    def edit(found: Table) -> None:
        for chain, rule_d in batch_rules:
            Chain(found, chain).delete_rule(encode_iptc_rule(rule_d, ipv6))

    _try(raise_exc, lambda: _in_batch(table, ipv6, edit))


def _empty(ipv6: bool) -> Any:
    return Rule6() if ipv6 else Rule()


def encode_iptc_rule(rule_d: RuleDict, ipv6: bool = False) -> Any:
    """The rule that a dictionary stands for."""
    if not isinstance(rule_d, dict):
        raise TypeError(f"a rule is a dictionary, not {type(rule_d).__name__}")
    rule = _empty(ipv6)
    for name in _HEADER:
        for value in _of_header(rule_d, name):
            if value or not (ipv6 and name == "fragment"):
                setattr(rule, name.replace("-", "_"), value)
    for name, value in rule_d.items():
        if name == "counters":
            rule.counters = value
        elif name != "target":
            for one in _each(value):
                if name not in _HEADER or isinstance(one, dict):
                    _set_match(rule, name, one)
    _set_target(rule, rule_d.get("target", ""))
    rule.final_check()
    return rule


def _of_header(rule_d: RuleDict, name: str) -> list[Any]:
    """What a dictionary has for the rule itself: a match of IPv6 is called `dst`, as the destination is."""
    if name not in rule_d:
        return []
    value = rule_d[name]
    values = value if isinstance(value, list) else [value]
    return [one for one in values if not isinstance(one, dict)]


def decode_iptc_rule(iptc_rule: Any, ipv6: bool = False) -> RuleDict:
    """The dictionary that stands for a rule."""
    return iptc_decode(iptc_rule)


def _each(value: Any) -> Iterable[Any]:
    """The values of a match that may be there several times."""
    return value if isinstance(value, (list, tuple)) else [value]


def _set_match(rule: Any, name: str, value: Any) -> None:
    match = rule.create_match(name)
    if name == "policy" and isinstance(value, dict) and "next" in value:
        _set_elements(match, value)
    else:
        _set_options(match, value, name)


def _set_elements(policy: Any, options: RuleDict) -> None:
    """A `policy` of several elements: an option of elements is a list with a text for each, empty where it is not there."""
    options = {option.replace("_", "-"): value for option, value in options.items() if option != "next"}
    common = [(option, value) for option, value in options.items() if not isinstance(value, (list, tuple))]
    lists = {option: value for option, value in options.items() if isinstance(value, (list, tuple))}
    if len({len(values) for values in lists.values()}) != 1:
        raise ValueError("each option of the elements of a policy is a list with a text for each element")
    told: list[tuple[str, bool, bytes]] = []

    def tell(option: str, value: Any) -> None:
        # Of its own a match says whether it has the option, and what the value means.
        alone = type(policy)(policy.rule, "policy")
        alone.set_parameter(option, value)
        told.extend(alone._told()[2])

    for option, value in common:
        tell(option, value)
    for at, element in enumerate(zip(*lists.values())):
        if at:
            told.append(("next", False, b""))
        for option, value in zip(lists, element):
            if value != "":
                tell(option, value)
    policy._restore(("known", "policy", told))
    policy.final_check()


def _set_target(rule: Any, value: Any) -> None:
    if not isinstance(value, dict):
        rule.create_target(value)
        return
    if len(value) != 1:
        raise ValueError(f"a rule has one target, not {', '.join(map(str, value)) or 'none'}")
    ((name, options),) = value.items()
    if not isinstance(name, str):
        raise TypeError(f"a target is known by its name, not by {type(name).__name__}")
    if name == "goto":
        rule.create_target(options, goto=True)
        return
    _set_options(rule.create_target(name.replace("_", "-") if "-" in name else name), options, name)


def _set_options(part: Any, options: Any, name: str) -> None:
    if not isinstance(options, dict):
        # The option that is named as the match; without a value there need not be one.
        try:
            part.set_parameter(name, options)
        except UnknownParameterError:
            if options not in ("", None):
                raise
    else:
        for option, value in options.items():
            part.set_parameter(option, value)
    part.final_check()
