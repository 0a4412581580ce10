"""What a rule does that needs no speed."""

from __future__ import annotations

from . import _libfw, _parts
from ._values import ANY, Not

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Rule = _libfw.Rule

_HEADER = ("source", "destination", "in_interface", "out_interface", "protocol", "fragment")


def _given(rule: Rule) -> dict[str, Any]:
    """The parts that a rule has, as `Rule()` takes them."""
    parts = {name: getattr(rule, name) for name in (*_HEADER, "matches", "target", "counters")}
    return {name: value for name, value in parts.items() if value is not None}


def with_(rule: Rule, parts: dict[str, Any]) -> Rule:
    if "jump" in parts or "goto" in parts:
        parts.setdefault("target", ANY)
    return _libfw.Rule(family=rule.family, **{**_given(rule), **parts})


def find(rule: Rule, kind: type[_parts.Part]) -> Any:
    if not (isinstance(kind, type) and issubclass(kind, _parts.Part)):
        raise TypeError(f"a match or target is found by its class, not by {kind!r}")
    parts = [*rule.matches, rule.target]
    return next((part for part in parts if isinstance(part, kind)), None)


def reduce(rule: Rule) -> tuple[Any, ...]:
    return _made, (rule.family.value, _given(rule))


def _made(family: str, parts: dict[str, Any]) -> Rule:
    return _libfw.Rule(family=family, **parts)


def to_dict(rule: Rule) -> dict[str, Any]:
    values: dict[str, Any] = {"family": rule.family.value}
    for name in _HEADER:
        value = getattr(rule, name)
        if value is not None:
            values[name] = {"not": _plain(value.value)} if isinstance(value, Not) else _plain(value)
    matches = [_part_to_dict("match", part) for part in rule.matches]
    if matches:
        values["matches"] = matches
    if rule.target is not None:
        values["target"] = _part_to_dict("target", rule.target)
    values["counters"] = list(rule.counters)
    return values


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool) else str(value)


def _part_to_dict(kind: str, part: _parts.Part) -> dict[str, Any]:
    form, name, told = part._spec()
    if form == "opaque":
        return {kind: name, "revision": told[0], "data": told[1].hex()}
    if form != "options":
        return {form: name}
    values: dict[str, Any] = {kind: name}
    if not isinstance(part, _parts.Known):
        return values
    options = {option.field: option for option in part._options.values()}
    for field, inverted, text in told:
        option = options[field]
        value: Any = True if option.form == "flag" else text.decode("utf-8", "surrogateescape")
        value = {"not": value} if inverted else value
        if not option.repeats:
            values[option.name] = value
        else:
            # The options of several elements, in their order.
            values.setdefault("elements", []).append([option.name, value])
    return values


def from_dict(values: Any) -> Rule:
    if not isinstance(values, dict):
        raise TypeError(f"a rule is made from a dictionary, not from {values!r}")
    parts = dict(values)
    family = parts.pop("family", "ipv4")
    for name in _HEADER:
        if name in parts:
            parts[name] = _inverted(parts[name])
    if "matches" in parts:
        parts["matches"] = [_part_from_dict("match", one) for one in parts["matches"]]
    if "target" in parts:
        parts["target"] = _part_from_dict("target", parts["target"])
    if "counters" in parts:
        parts["counters"] = tuple(parts["counters"])
    return _libfw.Rule(family=family, **parts)


def _inverted(value: Any) -> Any:
    if isinstance(value, dict):
        if list(value) != ["not"]:
            raise ValueError(f"expected a value or {{'not': value}}, not {value!r}")
        return Not(value["not"])
    return value


def _part_from_dict(kind: str, values: Any) -> Any:
    if not isinstance(values, dict):
        raise TypeError(f"a {kind} is made from a dictionary, not from {values!r}")
    values = dict(values)
    if kind == "target" and list(values) == ["jump"]:
        return _parts.Jump(values["jump"])
    if kind == "target" and list(values) == ["goto"]:
        return _parts.Goto(values["goto"])
    name = values.pop(kind, None)
    if not isinstance(name, str):
        raise ValueError(f"a {kind} has its name under {kind!r}")
    if "data" in values:
        opaque = _parts.OpaqueMatch if kind == "match" else _parts.OpaqueTarget
        return opaque(name, values["revision"], bytes.fromhex(values["data"]))
    if kind == "target" and name in _parts._VERDICTS and not values:
        return _parts.verdict(name)
    cls = _parts.class_by_name(kind, name)
    elements = values.pop("elements", [])
    options = [(option, _inverted(value)) for option, value in [*values.items(), *elements]]
    return cls.from_options([(cls._by_name(option).keyword, value) for option, value in options])
