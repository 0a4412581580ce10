"""Matches and targets. The class of a known one is made from the option table of the library when it is first asked for."""

from __future__ import annotations

from keyword import iskeyword

from . import _libfw
from ._values import ANY, Not, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, ClassVar, Optional, Union

    from typing_extensions import Self

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

    # A text is equal to the part that it stands for where rules are made, so both have one hash.
    def __hash__(self) -> int:
        return hash(self._spec()[1])

    def __str__(self) -> str:
        """What it is in a rule, such as ``-m tcp --dport 22``, ``-j LOG --log-prefix web`` or ``-g web``."""
        return _libfw.part_text(self)

    def __format__(self, form: str) -> str:
        return format(str(self), form)

    @property
    def name(self) -> Optional[str]:
        """The same as `extension`, but for a part that has an option `name`, such as `matches.Recent`."""
        return self.extension

    @property
    def extension(self) -> str:
        """The name after `-m` or `-j`; of a jump that of the chain."""
        return self._spec()[1]


class Match(Part):
    """What decides whether a rule applies to a packet: `libfw.matches` has them, such as ``libfw.matches.Tcp(dport=22)``.

    One is equal to the text that stands for it where a rule is made: its name, if it has no options.
    """

    _kind = "match"
    __slots__ = ()


class Target(Part):
    """What a rule does with a packet: `libfw.targets` has them, such as ``libfw.targets.Reject(reject_with="tcp-reset")``.

    One is equal to the text that stands for it where a rule is made: a verdict, a chain, or its name, if it has no options:

        >>> import libfw
        >>> libfw.Rule("-j ACCEPT").target == "ACCEPT", libfw.Rule("-j web").target == "web"
        (True, True)
    """

    _kind = "target"
    __slots__ = ()


class Option:
    """An option of a match or target."""

    def __init__(self, extension: dict[str, Any], table: dict[str, Any]) -> None:
        self.name: str = table["name"]
        self.field: str = table["field"]
        self.keyword = python_name(self.field)
        self.form: str = table["form"]
        self.label: str = table["label"]
        self.words: int = table["words"]
        self.choices: tuple[str, ...] = table["choices"]
        self.negatable: bool = table["negatable"]
        self.required: bool = table["required"]
        #: Whether it belongs to a group that repeats, such as an element of a policy.
        self.repeats: bool = table["repeats"]
        #: Whether it is another way to write what an option above it reads.
        self.spelling: bool = table["spelling"]
        #: Whether its value has two ends.
        self.is_range = any(mark in self.label for mark in ("[:", "[-", "FIRST:LAST")) and "ADDRESS" not in self.label
        #: The keywords that are the names that iptables has for it, where they are others.
        names = (python_name(name.replace("-", "_")) for name in table["names"])
        self.aliases = tuple(name for name in names if name != self.keyword)
        label = f" {self.label}" if self.label else ""
        self.__doc__ = f"``--{self.name}{label}``: {table['description']}"

    def write(self, value: Any) -> Iterator[Given]:
        """The option as it is written, as often as it is given."""
        if value is ANY:
            return
        if value is None:
            raise TypeError(f"{self.keyword} is None, which does not mean any: leave it out, or say libfw.ANY")
        if self.repeats and isinstance(value, (list, tuple)):
            for one in value:
                yield from self.write(one)
            return
        inverted = isinstance(value, Not)
        if inverted:
            value = value.value
        if inverted and not self.negatable:
            raise TypeError(f"{self.keyword} cannot be inverted")
        if self.form == "flag":
            if not isinstance(value, bool):
                raise TypeError(f"{self.keyword} is True or False, not {value!r}")
            if value or self.negatable:
                yield self.field, inverted == value, b""
        else:
            yield self.field, inverted, text_of(value, self)


def python_name(field: str) -> str:
    """The keyword for a field: those that Python has taken get an underscore."""
    return f"{field}_" if iskeyword(field) else field


class Known(_libfw.KnownPart, Part):
    """A match or target that libfw knows, with its options as attributes.

    An option is given by the name that the attribute has, or by the one that iptables has for it, with `_` for `-`:

        >>> import libfw
        >>> new = libfw.matches.Conntrack(state=["NEW"])
        >>> new == libfw.matches.Conntrack(ctstate=["NEW"]), new.state, new.ctstate
        (True, frozenset({'NEW'}), frozenset({'NEW'}))

    An option that can be written in another way is read in each way that says its value. `repr` shows the one in which it was given, and
    for a part of a rule the one that iptables prints:

        >>> libfw.targets.Mark(set_mark=5), libfw.Rule("-j MARK --set-mark 5").target
        (libfw.targets.Mark(set_mark=5), libfw.targets.Mark(set_xmark=5))
        >>> libfw.targets.Mark(set_mark=5).set_xmark, libfw.Rule("-j MARK --set-mark 5").target.set_mark
        (5, 5)
    """

    #: What it is for, with examples.
    _description: ClassVar[str]
    #: The rules of the examples, and their family.
    _examples: ClassVar[tuple[tuple[str, ...], str]]
    _name: ClassVar[str]
    #: The name of its class in every language; two families may have targets of one `_name`.
    _type: ClassVar[str]
    _options: ClassVar[dict[str, Option]]
    #: The other keywords.
    _aliases: ClassVar[dict[str, Option]]
    __slots__ = ()

    @classmethod
    def from_options(cls, options: Iterable[tuple[str, Any]]) -> Self:
        """The part with options in an order that matters, such as those of the elements of a policy."""
        part = cls()
        part._give([given for name, value in options for given in cls._option(name).write(value)], True)
        return part

    @classmethod
    def _write(cls, *unnamed: Any, **options: Any) -> list[Given]:
        """The arguments of the class as they are written."""
        if unnamed:
            raise TypeError(cls._by_keyword(*unnamed))
        given: dict[str, list[Given]] = {}
        for name, value in options.items():
            option = cls._option(name)
            if option.field in given:
                raise TypeError(f"{cls.__name__} got {option.keyword} twice, once as {name}")
            given[option.field] = list(option.write(value))
        return [one for several in given.values() for one in several]

    @classmethod
    def _by_keyword(cls, *unnamed: Any) -> str:
        """What to write where somebody gives options without their names."""
        known = [option for option in cls._options.values() if not option.spelling]
        # Those without which there is none.
        wanted = [option for option in known if option.required] or known
        if not wanted:
            return f"{cls.__name__} has no options, so it takes no {unnamed[0]!r}"
        if len(unnamed) == wanted[0].words > 1:
            unnamed = (unnamed,)
        given = ", ".join(f"{option.keyword}={value!r}" for option, value in zip(wanted, unnamed))
        others = f"; it has {', '.join(cls._options)}" if len(known) > 1 else ""
        return f"options of {cls.__name__} are given by keyword: {cls.__name__}({given}){others}"

    @classmethod
    def _option(cls, name: str) -> Option:
        option = cls._options.get(name) or cls._aliases.get(name)
        if option is None:
            raise TypeError(f"{cls.__name__} has no option {name!r}; it has {', '.join(cls._options) or 'none'}")
        return option

    @property
    def extension(self) -> str:
        """The name after `-m` or `-j`."""
        return self._name

    @classmethod
    def _by_name(cls, name: str) -> Option:
        """The option that iptables has under a name."""
        return cls._option(python_name(name.replace("-", "_")))

    def _spec(self) -> tuple[str, str, Any]:
        return "options", self._type, self._given

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return other == self._name and self == type(self)()
        if type(other) is not type(self) or not isinstance(other, Known):
            return NotImplemented
        return self._given == other._given or _libfw.same_part(self, other)

    def __hash__(self) -> int:
        return hash(self._name)

    def __str__(self) -> str:
        """What it is in a rule, such as ``-m tcp --dport 22``; what is not read of one has its options as they were given.

            >>> import libfw
            >>> print(libfw.matches.Tcp(dport=libfw.Not(22)))
            -m tcp ! --dport 22
            >>> rule = libfw.Rule("-m limit --limit 5/min -j LOG --log-prefix web")
            >>> f"{rule.matches[0]:<25} {rule.target}"
            '-m limit --limit 5/min    -j LOG --log-prefix web'
        """
        return _libfw.part_text(self)

    def __repr__(self) -> str:
        keywords = {option.field: option.keyword for option in self._options.values()}
        texts = (text.decode("utf-8", "surrogateescape") for _, _, text in self._given)
        given = [(keywords[field], _shown(value, text)) for (field, value), text in zip(self._values, texts)]
        name = f"libfw.{type(self).__module__.rpartition('.')[2]}.{type(self).__name__}"
        if len(dict(given)) < len(given):
            return f"{name}.from_options({given!r})"
        return f"{name}({', '.join(f'{keyword}={value!r}' for keyword, value in given)})"

    def __reduce__(self) -> tuple[Any, ...]:
        kind = "match" if isinstance(self, Match) else "target"
        return from_rule, (kind, type(self).__name__, self._given)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self


def _shown(value: Any, text: str) -> Any:
    """A value that is read back from its `repr` where nothing but libfw is imported."""
    if isinstance(value, Not):
        return Not(_shown(value.value, text))
    one = value[0] if isinstance(value, list) and value else value
    return text if type(one).__module__ in ("ipaddress", "datetime") else value


class _Opaque(Part):
    """What libfw does not know: the name, revision and data as the kernel has them."""

    __slots__ = ("data", "name", "revision")
    name: str
    revision: int
    data: bytes

    def _set(self, name: str, revision: int, data: bytes) -> None:
        # Python says of arguments that are wrong which class has the `__init__`; so each has its own.
        for what, value, kind in (("name", name, str), ("revision", revision, int), ("data", data, bytes)):
            if not isinstance(value, kind):
                raise TypeError(f"{what}: expected {kind.__name__}, not {value!r}")
        if not 0 <= revision <= 255:
            raise ValueError(f"revision: expected a number from 0 to 255, not {revision}")
        self.name = name
        self.revision = revision
        self.data = data
        # A name that no extension can have is found out now.
        _libfw.part_text(self)

    def _spec(self) -> tuple[str, str, Any]:
        return "opaque", self.name, (self.revision, self.data)

    def __repr__(self) -> str:
        module = "matches" if self._kind == "match" else "targets"
        return f"libfw.{module}.Opaque({self.name!r}, {self.revision}, {self.data!r})"


class OpaqueMatch(_Opaque, Match):
    """A match that libfw need not know: its name, revision and data as the kernel has them."""

    __slots__ = ()

    def __init__(self, name: str, revision: int, data: bytes) -> None:
        self._set(name, revision, data)


class OpaqueTarget(_Opaque, Target):
    """A target that libfw need not know: its name, revision and data as the kernel has them."""

    __slots__ = ()

    def __init__(self, name: str, revision: int, data: bytes) -> None:
        self._set(name, revision, data)


class _Verdict(Target):
    __slots__ = ()

    def _spec(self) -> tuple[str, str, Any]:
        return "options", type(self).__name__.upper(), []

    @property
    def name(self) -> str:
        """The name after `-j`."""
        return type(self).__name__.upper()

    def __eq__(self, other: object) -> bool:
        return self.name == other if isinstance(other, str) else super().__eq__(other)

    def __hash__(self) -> int:
        return hash(self.name)

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
    __match_args__ = ("chain",)
    chain: str

    def _set(self, chain: str) -> None:
        if not isinstance(chain, str):
            raise TypeError(f"chain: expected its name, not {chain!r}")
        if not chain:
            raise ValueError("a chain to go to has a name; libfw.ANY stands for no target")
        self.chain = chain

    def _spec(self) -> tuple[str, str, Any]:
        return type(self).__name__.lower(), self.chain, None

    @property
    def name(self) -> str:
        """The name of the chain."""
        return self.chain

    def __repr__(self) -> str:
        return f"libfw.targets.{type(self).__name__}({self.chain!r})"


class Jump(_ToChain):
    """Go to a chain and come back."""

    __slots__ = ()

    def __init__(self, chain: str) -> None:
        self._set(chain)

    def __eq__(self, other: object) -> bool:
        return self.chain == other if isinstance(other, str) else super().__eq__(other)

    def __hash__(self) -> int:
        return hash(self.chain)


class Goto(_ToChain):
    """Go to a chain; from there the packet returns to the caller of this one."""

    __slots__ = ()

    def __init__(self, chain: str) -> None:
        self._set(chain)


ACCEPT, DROP, QUEUE, RETURN = Accept(), Drop(), Queue(), Return()

#: The classes made from the option table, by kind and name.
_MADE: dict[tuple[str, str], type[Known]] = {}
_BASES: dict[str, type[Part]] = {"match": Match, "target": Target}
_MODULES = {"match": "libfw.matches", "target": "libfw.targets"}


def _make(table: dict[str, Any]) -> type[Known]:
    options = {option.keyword: option for option in (Option(table, option) for option in table["options"])}
    aliases = {name: option for option in options.values() for name in option.aliases if name not in options}
    rules, of = table["examples"], table["example_family"]
    family = "" if of == "ipv4" else f", family={of!r}"
    title = "Examples" if len(rules) > 1 else "Example"
    lines = "".join(f"\n    libfw.Rule({rule!r}{family})" for rule in rules)
    description = f"{table['description']}\n\n{title}::\n{lines}"
    doc = [description, ""]
    doc += [f"{option.keyword}: {option.__doc__}" for option in options.values()]
    members: dict[str, Any] = {
        "__doc__": "\n".join(doc).strip(),
        "__module__": _MODULES[table["kind"]],
        "__signature__": _Signature(),
        "__slots__": (),
        "_description": description,
        "_examples": (rules, of),
        "_name": table["name"],
        "_type": table["type_name"],
        "_options": options,
        "_aliases": aliases,
    }
    made = type(table["type_name"], (Known, _BASES[table["kind"]]), members)
    for option in options.values():
        names = [option.keyword, *(name for name in option.aliases if aliases.get(name) is option)]
        _libfw.add_option(made, option.field, names, option.__doc__ or "")
    return made


class _Signature:
    """The signature of a class, made when somebody asks for it."""

    def __get__(self, part: Optional[Known], cls: type[Known]) -> Any:
        from inspect import Parameter, Signature

        return Signature([Parameter(name, Parameter.KEYWORD_ONLY, default=ANY) for name in cls._options])


def class_of(kind: str, name: str) -> type[Known]:
    """The class of that name."""
    made = _MADE.get((kind, name))
    if made is None:
        made = _MADE.setdefault((kind, name), _make(_libfw.extension(kind, name)))
    return made


def attribute(kind: str, known: list[str], name: str) -> type[Known]:
    """An attribute of `libfw.matches` or `libfw.targets` that is not there yet."""
    if name in known:
        return class_of(kind, name)
    module = _MODULES[kind]
    # As iptables writes it, or Python a module.
    like = name.lower().replace("_", "").replace("-", "")
    meant = next((f"; did you mean {one}?" for one in known if one.lower() in (like, f"{like}match")), "")
    raise AttributeError(f"module {module!r} has no attribute {name!r}{meant}")


def class_by_name(kind: str, name: str) -> type[Known]:
    """The class of the match or target that iptables knows by a name."""
    return class_of(kind, _libfw.type_name(kind, name))


def names(kind: str) -> list[str]:
    """The names of the classes of a kind."""
    return _libfw.extension_names(kind)


def from_rule(kind: str, type_name: str, options: list[Given]) -> Known:
    """The part of a pickle."""
    part = class_of(kind, type_name)()
    part._give(options, False)
    return part


def opaque(kind: str, name: str, revision: int, data: bytes) -> Union[OpaqueMatch, OpaqueTarget]:
    """The part that stands in a rule and that libfw does not know."""
    return (OpaqueMatch if kind == "match" else OpaqueTarget)(name, revision, data)
