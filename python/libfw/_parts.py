"""Matches and targets. The classes of the known ones are made from the option table of the library."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator
from inspect import Parameter, Signature
from typing import Any, ClassVar, Optional, Union

from . import _libfw
from ._values import Not

#: An option as it is written: its field, whether it is inverted, and the text of its value.
Given = tuple[str, bool, bytes]


class Part:
    """A match or target."""

    _kind: ClassVar[str]
    __slots__ = ()

    def _spec(self) -> tuple[str, str, Any]:
        raise NotImplementedError

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or not isinstance(other, Part):
            return NotImplemented
        return self._spec() == other._spec()

    def __hash__(self) -> int:
        return hash((type(self), self._spec()[1]))


class Match(Part):
    """What decides whether a rule applies to a packet."""

    _kind = "match"
    __slots__ = ()


class Target(Part):
    """What a rule does with a packet."""

    _kind = "target"
    __slots__ = ()


class Option(property):
    """An option of a match or target, and the attribute that reads it."""

    def __init__(self, table: dict[str, Any]) -> None:
        self.name: str = table["name"]
        self.field: str = table["field"]
        self.keyword = python_name(self.field)
        self.form: str = table["form"]
        self.choices: tuple[str, ...] = table["choices"]
        self.negatable: bool = table["negatable"]
        #: Whether it belongs to a group that repeats, such as an element of a policy.
        self.repeats: bool = table["repeats"]
        #: Whether it is another way to write what an option above it reads.
        self.spelling: bool = table["spelling"]
        label = f" {table['label']}" if table["label"] else ""
        super().__init__(self.of)
        self.__doc__ = f"``--{self.name}{label}``: {table['description']}"

    def of(self, part: Known) -> Any:
        """The value in a match or target."""
        values = [self.read(inverted, text) for field, inverted, text in part._given if field == self.field]
        if self.repeats:
            return values
        if values:
            return values[0]
        return False if self.form == "flag" and not self.negatable else None

    def write(self, value: Any) -> Iterator[Given]:
        """The option as it is written, as often as it is given."""
        if value is None:
            return
        if self.repeats and isinstance(value, (list, tuple)):
            for one in value:
                yield from self.write(one)
            return
        inverted = isinstance(value, Not)
        if inverted:
            value = value.value
        if self.form == "flag":
            if not isinstance(value, bool):
                raise TypeError(f"{self.keyword} is True or False, not {value!r}")
            if value or self.negatable:
                yield self.field, inverted == value, b""
        else:
            yield self.field, inverted, text_of(value, "," if self.form == "list" else " ")

    def read(self, inverted: bool, text: bytes) -> Any:
        """The value that a text stands for."""
        value: Any = text.decode("utf-8", "surrogateescape")
        if self.form == "flag":
            return not inverted
        if self.form == "list":
            value = value.split(",") if value else []
        elif self.form == "integer":
            try:
                value = int(value, 0)
            except ValueError:
                pass
        return Not(value) if inverted else value


def python_name(field: str) -> str:
    """The keyword for a field: those that Python has taken get an underscore."""
    return f"{field}_" if keyword.iskeyword(field) else field


def text_of(value: Any, separator: str) -> bytes:
    """A value as iptables writes it. The elements of a list are written one after the other."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        words = sorted(value) if isinstance(value, (set, frozenset)) else value
        return separator.encode().join(text_of(word, separator) for word in words)
    if isinstance(value, range):
        return f"{value.start}:{value.stop - 1}".encode()
    if isinstance(value, bool):
        raise TypeError(f"expected a value, not {value}")
    return str(value).encode("utf-8", "surrogateescape")


class Known(Part):
    """A match or target that libfw knows, with its options as attributes."""

    #: What it is for, with an example.
    _description: ClassVar[str]
    #: The rule of the example, and its family.
    _example: ClassVar[tuple[str, str]]
    _name: ClassVar[str]
    _options: ClassVar[dict[str, Option]]
    __signature__: ClassVar[Signature] = Signature()
    __slots__ = ("_given",)
    _given: tuple[Given, ...]

    def __init__(self, **options: Any) -> None:
        given: list[Given] = []
        for name, value in options.items():
            given.extend(self._option(name).write(value))
        self._given = tuple(given)

    @classmethod
    def from_options(cls, options: Iterable[tuple[str, Any]]) -> Known:
        """The part with options in an order that matters, such as those of the elements of a policy."""
        part = cls()
        part._given = tuple(given for name, value in options for given in cls._option(name).write(value))
        return part

    @classmethod
    def _option(cls, name: str) -> Option:
        try:
            return cls._options[name]
        except KeyError:
            meant = [option.keyword for option in cls._options.values() if option.name == name.replace("_", "-")]
            hint = f"did you mean {meant[0]}?" if meant else f"it has {', '.join(cls._options) or 'none'}"
            raise TypeError(f"{cls.__name__} has no option {name!r}; {hint}") from None

    def _spec(self) -> tuple[str, str, Any]:
        return "options", self._name, list(self._given)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or not isinstance(other, Known):
            return NotImplemented
        return self._given == other._given or _libfw.same_part(self, other)

    def __hash__(self) -> int:
        return hash(type(self))

    def __repr__(self) -> str:
        fields = {option.field: option for option in self._options.values()}
        given = [(fields[field], fields[field].read(inverted, text)) for field, inverted, text in self._given]
        name = f"libfw.{type(self).__module__.rpartition('.')[2]}.{type(self).__name__}"
        if len({option.field for option, _ in given}) < len(given):
            return f"{name}.from_options({[(option.keyword, value) for option, value in given]!r})"
        return f"{name}({', '.join(f'{option.keyword}={value!r}' for option, value in given)})"


class _Opaque(Part):
    """What libfw does not know: the name, revision and data as the kernel has them."""

    __slots__ = ("data", "name", "revision")

    def __init__(self, name: str, revision: int, data: bytes) -> None:
        self.name = name
        self.revision = revision
        self.data = data

    def _spec(self) -> tuple[str, str, Any]:
        return "opaque", self.name, (self.revision, self.data)

    def __repr__(self) -> str:
        module = "matches" if self._kind == "match" else "targets"
        return f"libfw.{module}.Opaque({self.name!r}, {self.revision}, {self.data!r})"


class OpaqueMatch(_Opaque, Match):
    """A match that libfw need not know: its name, revision and data as the kernel has them."""

    __slots__ = ()


class OpaqueTarget(_Opaque, Target):
    """A target that libfw need not know: its name, revision and data as the kernel has them."""

    __slots__ = ()


class _Verdict(Target):
    __slots__ = ()

    def _spec(self) -> tuple[str, str, Any]:
        return "options", type(self).__name__.upper(), []

    def __repr__(self) -> str:
        return f"libfw.targets.{type(self).__name__}()"


class Accept(_Verdict):
    """Let the packet through."""

    __slots__ = ()


class Drop(_Verdict):
    """Drop the packet."""

    __slots__ = ()


class Queue(_Verdict):
    """Give the packet to a program in user space."""

    __slots__ = ()


class Return(_Verdict):
    """Go back to the calling chain, or to the policy of a built-in one."""

    __slots__ = ()


class _ToChain(Target):
    __slots__ = ("chain",)

    def __init__(self, chain: str) -> None:
        self.chain = chain

    def _spec(self) -> tuple[str, str, Any]:
        return type(self).__name__.lower(), self.chain, None

    def __repr__(self) -> str:
        return f"libfw.targets.{type(self).__name__}({self.chain!r})"


class Jump(_ToChain):
    """Go to a chain and come back."""

    __slots__ = ()


class Goto(_ToChain):
    """Go to a chain; from there the packet returns to the caller of this one."""

    __slots__ = ()


_VERDICTS: dict[str, type[_Verdict]] = {
    "ACCEPT": Accept,
    "DROP": Drop,
    "QUEUE": Queue,
    "RETURN": Return,
}

#: The classes made from the option table, by kind and name.
CLASSES: dict[tuple[str, str], type[Known]] = {}


def _make(table: dict[str, Any]) -> type[Known]:
    options = {option.keyword: option for option in map(Option, table["options"])}
    example = table["example"], table["example_family"]
    family = "" if example[1] == "ipv4" else f", family={example[1]!r}"
    description = f"{table['description']}\n\nExample::\n\n    libfw.Rule({example[0]!r}{family})"
    doc = [description, ""]
    doc += [f"{option.keyword}: {option.__doc__}" for option in options.values()]
    base = Match if table["kind"] == "match" else Target
    module = "libfw.matches" if table["kind"] == "match" else "libfw.targets"
    members: dict[str, Any] = {
        **options,
        "__doc__": "\n".join(doc).strip(),
        "__module__": module,
        "__signature__": Signature([Parameter(name, Parameter.KEYWORD_ONLY, default=None) for name in options]),
        "__slots__": (),
        "_description": description,
        "_example": example,
        "_name": table["name"],
        "_options": options,
    }
    return type(table["type_name"], (Known, base), members)


for _table in _libfw.extensions():
    CLASSES[_table["kind"], _table["type_name"]] = _make(_table)


def classes(kind: str) -> dict[str, type[Known]]:
    """The classes of a kind by their names."""
    return {name: cls for (known, name), cls in CLASSES.items() if known == kind}


def from_rule(kind: str, type_name: str, options: list[Given]) -> Known:
    """The part that stands in a rule."""
    part = CLASSES[kind, type_name]()
    part._given = tuple(options)
    return part


def opaque(kind: str, name: str, revision: int, data: bytes) -> Union[OpaqueMatch, OpaqueTarget]:
    """The part that stands in a rule and that libfw does not know."""
    return (OpaqueMatch if kind == "match" else OpaqueTarget)(name, revision, data)


def verdict(name: str) -> Target:
    """The verdict of that name."""
    return _VERDICTS[name]()
