"""Small values."""

from __future__ import annotations

import enum
from operator import index as _whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    # Not imported when the package is: they take longer than the rest of it.
    from collections.abc import Iterable, Iterator
    from typing import Any, ClassVar, Generic, NamedTuple, Optional, SupportsIndex, TypeVar, Union

    from .typing import Address, RateUnit

    T = TypeVar("T", covariant=True)

    class _Generic(Generic[T]): ...

    class _Pair(NamedTuple):
        packets: int = 0
        bytes: int = 0

else:
    from collections import namedtuple as _namedtuple

    T = None

    class _Generic:
        __slots__ = ()

        def __class_getitem__(cls, item):
            return cls

    _Pair = _namedtuple("Counters", ["packets", "bytes"], defaults=[0, 0])



class Family(enum.Enum):
    """An address family with packet-filter tables of its own."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"
    ARP = "arp"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> Optional[Family]:
        # The versions of IP, which other arguments take too.
        if type(value) is int and value in (4, 6):
            return cls(f"ipv{value}")
        raise ValueError(f'a family is "ipv4", "ipv6" or "arp", not {value!r}')


class Any_:
    """What the only object of its kind, `libfw.ANY`, says: that something is not limited."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "libfw.ANY"

    def __reduce__(self) -> str:
        return "ANY"

    def __bool__(self) -> bool:
        return False


#: Anything: the same as leaving the option out. `None` is refused, so that what is missing in a configuration opens nothing.
ANY = Any_()


def _number(what: str, value: SupportsIndex, most: int) -> int:
    """A whole number from 0 on; a truth is none."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{what}: expected a whole number, not {value!r}")
    number = _whole(value)
    if not 0 <= number <= most:
        raise ValueError(f"{what}: expected a number from 0 to {most}, not {number}")
    return number


#: The greatest numbers of 32 and of 64 bits.
_U32, _U64 = (1 << 32) - 1, (1 << 64) - 1


class Counters(_Pair):
    """How many packets and bytes a rule or policy has seen. Counters can be added and subtracted; a difference may be negative."""

    __slots__ = ()

    def __new__(cls, packets: SupportsIndex = 0, bytes: SupportsIndex = 0) -> Counters:
        return cls._make((_number("packets", packets, _U64), _number("bytes", bytes, _U64)))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._make, (tuple(self),)

    def __add__(self, other: tuple[int, int]) -> Counters:  # type: ignore[override]
        if not isinstance(other, tuple) or len(other) != 2:
            return NotImplemented
        return type(self)._make((self.packets + other[0], self.bytes + other[1]))

    def __radd__(self, other: int) -> Counters:
        """What `sum` begins with."""
        return self if other == 0 else NotImplemented

    def __sub__(self, other: tuple[int, int]) -> Counters:
        if not isinstance(other, tuple) or len(other) != 2:
            return NotImplemented
        return type(self)._make((self.packets - other[0], self.bytes - other[1]))


class _Value:
    """A value that does not change: equal to one of its kind with the same parts."""

    __slots__: tuple[str, ...] = ()

    def _parts(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} does not change")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} does not change")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self) or not isinstance(other, _Value):
            return NotImplemented
        return self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash((type(self), *self._parts()))

    def __repr__(self) -> str:
        return f"libfw.{type(self).__name__}({', '.join(map(repr, self._parts()))})"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._parts()


class Not(_Value, _Generic[T]):
    """Inverts an option: ``Not(22)`` is what ``! --dport 22`` says."""

    __slots__ = ("value",)
    value: T

    def __init__(self, value: T) -> None:
        if value is None or value is ANY or isinstance(value, Not):
            raise TypeError(f"what is inverted is a value, not {value!r}")
        object.__setattr__(self, "value", value)


class Range(_Value):
    """Numbers from one to another, both included.

        >>> import libfw
        >>> libfw.matches.Length(length=libfw.Range(64, 1500)).length
        libfw.Range(64, 1500)
    """

    __slots__ = ("min", "max")
    min: int
    max: int
    _MOST: ClassVar[int] = _U64

    def __init__(self, min: SupportsIndex, max: SupportsIndex) -> None:
        min, max = _number("min", min, self._MOST), _number("max", max, self._MOST)
        if min > max:
            raise ValueError(f"a range goes from a number to one that is not less, not from {min} to {max}")
        object.__setattr__(self, "min", min)
        object.__setattr__(self, "max", max)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and self.min <= number <= self.max

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.min, self.max + 1))

    def __len__(self) -> int:
        return self.max - self.min + 1

    def __str__(self) -> str:
        return f"{self.min}:{self.max}"


class PortRange(Range):
    """Ports from one to another, both included; ``matches.Multiport`` also takes ``(80, 89)`` for them among several.

        >>> import libfw
        >>> ports = libfw.matches.Tcp(dport=range(8000, 8010)).dport
        >>> ports, 8009 in ports, 8010 in ports
        (libfw.PortRange(8000, 8009), True, False)
    """

    __slots__ = ()
    _MOST = 65535

    # Its own, so that Python says of arguments that are missing which class it is.
    def __init__(self, min: SupportsIndex, max: SupportsIndex) -> None:
        super().__init__(min, max)

    def _parts(self) -> tuple[Any, ...]:
        return self.min, self.max


class Masked(_Value):
    """A number of which only the bits of a mask count, such as a mark."""

    __slots__ = ("value", "mask")
    value: int
    mask: int

    def __init__(self, value: SupportsIndex, mask: SupportsIndex) -> None:
        object.__setattr__(self, "value", _number("value", value, _U32))
        object.__setattr__(self, "mask", _number("mask", mask, _U32))

    def __str__(self) -> str:
        return f"{self.value:#x}/{self.mask:#x}"

    def __repr__(self) -> str:
        return f"libfw.Masked({self.value:#x}, {self.mask:#x})"


class Rate(_Value):
    """So many packets, or bytes, in a second, minute, hour or day.

        >>> import libfw
        >>> libfw.matches.Limit(rate="10/min").rate
        libfw.Rate(10, 'minute')

    Rates have an order, those of packets and those of bytes:

        >>> libfw.Rate(90, "minute") > libfw.Rate(1)
        True
    """

    __slots__ = ("count", "per", "bytes")
    count: int
    per: RateUnit
    bytes: bool
    UNITS: ClassVar[tuple[str, ...]] = ("second", "minute", "hour", "day")

    def __init__(self, count: SupportsIndex, per: RateUnit = "second", bytes: bool = False) -> None:
        if isinstance(count, bool) or not hasattr(count, "__index__"):
            raise TypeError(f"a rate is so many packets or bytes, not {count!r}; options take texts such as '5/min' as they are")
        if not 1 <= _whole(count) <= _U64:
            raise ValueError(f"a rate is at least 1 and at most {_U64}, not {count!r}")
        if per not in self.UNITS:
            raise ValueError(f"a rate is per {', '.join(self.UNITS)}, not per {per!r}")
        if not isinstance(bytes, bool):
            raise TypeError(f"bytes: expected True or False, not {bytes!r}")
        if bytes and per != "second":
            raise ValueError(f"a rate of bytes is per second, not per {per!r}")
        object.__setattr__(self, "count", _whole(count))
        object.__setattr__(self, "per", per)
        object.__setattr__(self, "bytes", bytes)

    def _order(self) -> tuple[Any, ...]:
        # Seconds of a day, by as many as the unit has: whole numbers, lest two rates are the same by rounding.
        unit = self.UNITS.index(self.per)
        return self.count * (86400, 1440, 24, 1)[unit], -unit

    def __lt__(self, other: Rate) -> bool:
        if not isinstance(other, Rate) or self.bytes != other.bytes:
            return NotImplemented
        return self._order() < other._order()

    def __le__(self, other: Rate) -> bool:
        return self == other or self.__lt__(other)

    def __str__(self) -> str:
        return f"{self.count}b/s" if self.bytes else f"{self.count}/{self.per}"

    def __repr__(self) -> str:
        return f"libfw.Rate({self.count}, {self.per!r}{', bytes=True' if self.bytes else ''})"


def _address(given: Union[str, Address]) -> Address:
    """An address without a zone."""
    from ipaddress import IPv4Address, IPv6Address, ip_address

    if not isinstance(given, (str, IPv4Address, IPv6Address)):
        raise TypeError(f"expected an address, not {given!r}")
    address = ip_address(given)
    if getattr(address, "scope_id", None) is not None:
        raise ValueError(f"expected an address without a zone, not {given!r}")
    return address


class AddressRange(_Value):
    """Addresses from one to another, both included."""

    __slots__ = ("first", "last")
    first: Address
    last: Address

    def __init__(self, first: Union[str, Address], last: Union[str, Address]) -> None:
        first, last = _address(first), _address(last)
        if type(first) is not type(last):
            raise ValueError(f"a range is of addresses of one family, not from {first} to {last}")
        if first > last:  # type: ignore[operator]
            raise ValueError(f"a range goes from an address to one that is not lower, not from {first} to {last}")
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "last", last)

    def __contains__(self, address: object) -> bool:
        return type(address) is type(self.first) and self.first <= address <= self.last  # type: ignore[operator]

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    def __repr__(self) -> str:
        return f"libfw.AddressRange({str(self.first)!r}, {str(self.last)!r})"


class NatRange(str):
    """Where the address of a packet is mapped to: addresses, ports, or both, as a text and as its parts.

        >>> import libfw
        >>> target = libfw.targets.Dnat(to_destination=("10.0.0.1", 8080)).to_destination
        >>> target, target.addresses, target.ports
        ('10.0.0.1:8080', IPv4Address('10.0.0.1'), 8080)
        >>> libfw.NatRange(libfw.AddressRange("10.0.0.1", "10.0.0.9"), range(8000, 8010))
        '10.0.0.1-10.0.0.9:8000-8009'
    """

    __slots__ = ("addresses", "ports", "base")
    #: An address or a range of them; `None` where only the port is mapped. A range that goes backwards, which iptables writes too, has
    #: no parts at all.
    addresses: Union[Address, AddressRange, None]
    #: A port or a range of them; `None` where only the address is mapped.
    ports: Union[int, PortRange, None]
    #: The original port that becomes the first one, where ports are shifted by the same number.
    base: Optional[int]

    def __new__(
        cls,
        addresses: Union[str, Address, AddressRange, None] = None,
        ports: Union[int, str, range, PortRange, None] = None,
        base: Optional[SupportsIndex] = None,
    ) -> NatRange:
        if isinstance(addresses, str) and "-" in addresses:
            addresses = AddressRange(*addresses.split("-", 1))
        elif addresses is not None and not isinstance(addresses, AddressRange):
            addresses = _address(addresses)
        if isinstance(ports, range):
            if ports.step != 1 or not ports:
                raise ValueError(f"ports follow one another, unlike {ports!r}")
            ports = PortRange(ports.start, ports.stop - 1)
        if isinstance(ports, str):
            first, _, last = ports.partition("-")
            if not (first.isdigit() and (last or first).isdigit()):
                raise ValueError(f"ports are a number or a range of them, not {ports!r}")
            ports = PortRange(int(first), int(last or first))
        elif ports is not None and not isinstance(ports, Range):
            ports = _number("ports", ports, 65535)
        elif isinstance(ports, Range):
            ports = PortRange(ports.min, ports.max)
        if isinstance(ports, PortRange) and len(ports) == 1:
            ports = ports.min
        if addresses is None and ports is None:
            raise ValueError("there is neither an address nor a port to map to")
        if base is not None:
            base = _number("base", base, 65535)
            if base == 0 or not isinstance(ports, PortRange):
                raise ValueError(f"base: expected the port that becomes the first one of a range, not {base} for {ports!r}")
        text = "" if addresses is None else str(addresses)
        if ports is not None:
            text = f"[{text}]" if ":" in text else text
            text += f":{ports.min}-{ports.max}" if isinstance(ports, PortRange) else f":{ports}"
        made = str.__new__(cls, text if base is None else f"{text}/{base}")
        made.addresses, made.ports, made.base = addresses, ports, base
        return made

    @classmethod
    def _odd(cls, text: str) -> NatRange:
        """One without parts: what a kernel may have, though nothing is mapped by it that anybody could have meant."""
        made = str.__new__(cls, text)
        made.addresses = made.ports = made.base = None
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        if self.addresses is None and self.ports is None:
            return NatRange._odd, (str(self),)
        return type(self), (self.addresses, self.ports, self.base)


def _icmp(text: str) -> Union[int, str, tuple[int, Union[int, Range]]]:
    """The type of ICMP, and its code or the range of its codes where they count."""
    kind, _, codes = text.partition("/")
    if not kind.isdigit():
        return text
    if not codes:
        return int(kind)
    first, _, last = codes.partition(":")
    return int(kind), Range(int(first), int(last)) if last else int(first)


def _probability(text: str) -> float:
    """The shortest number that means the same to the kernel, which counts in parts of 2 ** 31."""
    exact = float(text)
    return next(near for digits in range(1, 12) if round((near := round(exact, digits)) * 2**31) == round(exact * 2**31))


def value_of(label: str, text: str) -> Any:
    """The value of an option whose values have that synopsis."""
    read: Any = {"0": _probability, "N": _icmp}[label[0]]
    try:
        return read(text)
    except (ValueError, StopIteration):
        # The name of something that this machine does not know.
        return text


#: How many of its units a second has, for options that count other ones.
_PER_SECOND = {"htable_expire": 1000, "htable_gcinterval": 1000, "delay": 1000}


def text_of(value: Any, option: Any, inner: bool = False) -> bytes:
    """A value as iptables writes it for an option; `inner` for one of its two words."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    # Digits mean another number there.
    hexadecimal = option.label.startswith("HEX")
    if isinstance(value, float) or hasattr(value, "__index__"):
        _check_number(value, option)
    if hasattr(value, "__index__"):
        return (b"%#x" if hexadecimal else b"%d") % _whole(value)
    if isinstance(value, Masked) and hexadecimal:
        return b"%#x/%#x" % (value.value, value.mask)
    if isinstance(value, float):
        # Not as a power of ten.
        return f"{value:.17f}".rstrip("0").encode()
    if isinstance(value, (Masked, Rate, AddressRange)):
        return str(value).encode()
    if isinstance(value, Range):
        return b"%d%s%d" % (value.min, b"-" if "-" in option.label else b":", value.max)
    if isinstance(value, range):
        if value.step != 1 or len(value) == 0:
            raise ValueError(f"{option.keyword} takes numbers that follow one another, not {value!r}")
        # Of counts one number is where a range begins.
        several = len(value) > 1 or option.label == "FROM[:TO]"
        return text_of(Range(value.start, value.stop - 1) if several else value.start, option)
    if _is_several(value):
        return _text_of_several(value, option, inner)
    if hasattr(value, "__fspath__"):
        import os

        return os.fsencode(value)
    kind = type(value).__module__
    if kind == "ipaddress":
        return str(value).encode()
    if kind == "datetime":
        return _text_of_time(value, option)
    raise TypeError(f"{option.keyword} cannot be {value!r}")


def _check_number(value: Any, option: Any) -> None:
    """Refuses numbers that texts would take for something else: an address, or a rate without what is behind the point."""
    if isinstance(value, bool) or option.label.lstrip("[").startswith("ADDRESS") or option.label == "FIRST[-LAST]":
        raise TypeError(f"{option.keyword} cannot be {value!r}")
    if isinstance(value, float) and option.label.startswith(("COUNT[", "[RATE]")) and not value.is_integer():
        raise TypeError(f"{option.keyword} is a whole number, not {value!r}; it takes texts such as '5/min' as they are")


def _is_several(value: Any) -> bool:
    return isinstance(value, (list, tuple, set, frozenset)) or hasattr(value, "__next__")


def _text_of_several(values: Any, option: Any, inner: bool) -> bytes:
    """The elements of a list, or a tuple of two that are not alike: an address and a port, a type and a code, two words.

    A range or what is under a mask is never told by two that stand beside each other: elsewhere they are just these two.
    """
    if option.form == "list" or inner:
        unordered = isinstance(values, (set, frozenset))
        texts = [_text_of_one(one, option, inner) for one in (sorted(values, key=str) if unordered else values)]
        if not texts and not inner:
            from .errors import InvalidValueError

            raise InvalidValueError(f"{option.keyword} is a list of at least one; libfw.ANY stands for any", option=option.name)
        return b",".join(texts) or b"NONE"
    if isinstance(values, tuple) and len(values) == 2:
        if option.label.startswith("[ADDRESS") and not _is_address(values[1]):
            return NatRange(*values).encode()
        if option.words == 2 or option.label == "NAME|TYPE[/CODE[:CODE]]":
            return (b" " if option.words == 2 else b"/").join(_text_of_one(one, option, inner) for one in values)
    raise TypeError(f"{option.keyword} takes one value of the form {option.label}, not {values!r}{_instead(option)}")


def _is_address(value: Any) -> bool:
    return type(value).__module__ == "ipaddress" or isinstance(value, str) and ("." in value or ":" in value)


def _instead(option: Any) -> str:
    """What to write for what somebody may have meant by several values of an option that takes one."""
    label = option.label
    if option.words == 2:
        return f"; that is a tuple of two, {option.keyword}=({', '.join(label.split()[-2:])})"
    if option.keyword in ("sport", "dport"):
        return "; libfw.matches.Multiport takes several ports, libfw.PortRange is those from one to another"
    if label.startswith("[ADDRESS") or label == "FIRST[-LAST]":
        return "; libfw.AddressRange is the addresses from one to another"
    if label.startswith(("COUNT[", "[RATE]")):
        return "; libfw.Rate is so many in a unit of time"
    if label.startswith("PORT["):
        return "; libfw.PortRange is the ports from one to another"
    if option.is_range:
        return "; libfw.Range is the numbers from one to another"
    if label.startswith(("VALUE[/", "HEX[/", "TYPE[/", "LENGTH[/")):
        return "; libfw.Masked is a number under a mask"
    return ""


def _text_of_one(value: Any, option: Any, inner: bool) -> bytes:
    """One of several values: of a list a pair is a range, of two words each may be several, and no other is."""
    if not _is_several(value) or option.words == 2 and not inner:
        return text_of(value, option, option.words == 2)
    if isinstance(value, tuple) and len(value) == 2 and option.form == "list" and option.is_range:
        if not any(map(_is_several, value)):
            return b":".join(text_of(end, option) for end in value)
    raise TypeError(f"{option.keyword} takes no {value!r} among several")


def _text_of_time(value: Any, option: Any) -> bytes:
    from datetime import datetime, time, timedelta

    if not isinstance(value, (datetime, time, timedelta)):
        if hasattr(value, "isoformat") and option.label.startswith("YYYY"):
            # The beginning of the day.
            return f"{value.isoformat()}T00:00:00".encode()
        raise TypeError(f"{option.keyword} cannot be {value!r}")
    if not isinstance(value, timedelta):
        return value.isoformat().encode() if value.microsecond == 0 and value.tzinfo is None else _odd_time(value, option)
    if "us" in option.label:
        return b"%dus" % (value // timedelta(microseconds=1))
    unit = timedelta(seconds=1) / _PER_SECOND.get(option.field, 1)
    count, rest = divmod(value, unit)
    if rest:
        raise ValueError(f"{option.keyword} counts in steps of {unit}, so that it cannot be {value!r}")
    return b"%d" % count


def _odd_time(value: Any, option: Any) -> bytes:
    raise ValueError(f"{option.keyword} is a time of whole seconds without a time zone, not {value!r}")


#: Makes an object of a class that is written in Python, without its `__init__`.
new = object.__new__


#: What the classes of `ipaddress` set, as far as is known.
_MOULDS = (["_ip"], ["_ip", "_scope_id"], ["network_address", "netmask", "_prefixlen"])


def mould(kind: Any, prefix: Optional[int]) -> Optional[list[tuple[str, Any]]]:
    """What a class of `ipaddress` sets in an address, or in a network of that prefix: first what is the object's own, then what all have.

    Nothing if the class of this Python does more than is known, so that it has to make each object itself.
    """
    last = kind(0).max_prefixlen
    made, other = (kind(number if prefix is None else (number, prefix)) for number in (0, 1 << last - 1 if prefix != 0 else 0))
    parts, others = _state(made), _state(other)
    # A function that tells the only address; who makes the object adds it.
    if prefix == last and parts.pop("hosts", None) is None:
        return None
    own = [name for name, part in parts.items() if part != others[name]]
    if list(parts) not in _MOULDS or own != [*parts][:1]:
        return None
    try:
        copy = new(kind)
        for name, part in parts.items():
            setattr(copy, name, part)
    except (AttributeError, TypeError):
        return None
    same = copy == made != other and hash(copy) == hash(made) and str(copy) == str(made) and _state(copy) == parts
    return list(parts.items()) if same else None


def _state(made: object) -> dict[str, Any]:
    """Everything that is set in an object of a class that is written in Python."""
    slots = [name for cls in type(made).__mro__ for name in vars(cls).get("__slots__", ()) if name != "__weakref__"]
    return {**getattr(made, "__dict__", {}), **{name: getattr(made, name) for name in slots}}


def only_host(address: Address) -> Iterable[Address]:
    """What `hosts` of a network of one address gives: a list, and from some version of Python on an iterator."""
    from ipaddress import ip_network

    return ip_network(address).hosts()
