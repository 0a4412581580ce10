"""The exceptions."""

from __future__ import annotations

import warnings
from typing import Any, Optional

from .. import errors as _errors


class IPTCError(Exception):
    """A table could not be read or changed."""


class XTablesError(Exception):
    """A match or target is not known, or lacks an option."""


class ParameterError(ValueError, XTablesError):
    """A value that an option does not take: python-iptables raises one or the other, depending on the extension."""


class UnknownParameterError(AttributeError, XTablesError):
    """An option that a match or target does not have: likewise."""


#: What libiptc says of an error.
_WORDS = {
    "NoSuchTable": "Table does not exist (do you need to insmod?)",
    "NoSuchChain": "No chain/target/match by that name",
    "NoSuchRule": "Bad rule (does a matching rule exist in that chain?)",
    "PermissionDenied": "Permission denied (you must be root)",
    "BackendAbsent": "Protocol not available",
    "ChainExists": "Chain already exists",
    "ChainInUse": "Too many links",
    "ChainNotEmpty": "Directory not empty",
    "Conflict": "Resource temporarily unavailable",
    "LockBusy": "Resource temporarily unavailable",
    "Loop": "Too many levels of symbolic links",
    "TooLarge": "Cannot allocate memory",
}


def failure(doing: str, error: _errors.Error) -> IPTCError:
    """The exception for an operation that failed."""
    words = _WORDS.get(error.kind)
    if error.kind == "ChainExists" and doing.startswith("rename"):
        # Its own words are those for a new chain.
        words = "File exists"
    if words is not None:
        return IPTCError(f"can't {doing}: b{words!r}")
    # These words say little; libfw's say why.
    return IPTCError(f"can't {doing}: b'Invalid argument' ({error})")


def not_deleted(doing: str, rule: Any, error: IPTCError) -> IPTCError:
    """The exception for a rule that is not deleted. libiptc's words depend on what python-iptables asked it for last: it looks
    for chains, but for verdicts it does not."""
    cause = error.__cause__
    if isinstance(cause, _errors.NoSuchChainError):
        return IPTCError(f"can't {doing}: b{_WORDS['NoSuchRule']!r}")
    if isinstance(cause, _errors.NoSuchRuleError) and rule.target.name not in ("", "ACCEPT", "DROP", "QUEUE", "RETURN"):
        return IPTCError(f"can't {doing}: b{_WORDS['NoSuchChain']!r}")
    return error


def invalid_value(value: Optional[str], error: _errors.Error) -> ParameterError:
    """The exception for a value that an option does not take."""
    shown = "" if value is None else value.encode("utf-8", "surrogateescape")
    made = ParameterError(f"invalid value {shown!r}: {error}")
    made.__cause__ = error
    return made


def wrong_words(message: str) -> ParameterError:
    """The exception for a list of words of which an option takes fewer."""
    return ParameterError(message)


def no_parameter(name: str, option: str) -> UnknownParameterError:
    """The exception for an option that a match or target does not have."""
    return UnknownParameterError(f"b{name!r}: no such parameter b{option!r}")


def failed_check(error: _errors.Error) -> ParameterError:
    """The exception for a match, target or rule that is not whole."""
    made = ParameterError(str(error))
    made.__cause__ = error
    return made


def not_found(kind: str, name: str) -> XTablesError:
    """The exception for a name that is no match and no target."""
    return XTablesError(f"can't find {kind} {name}")


def warn_of_attribute(name: str) -> None:
    """Says that a rule has no such attribute."""
    warnings.warn(f"a rule has no attribute {name!r}, so setting it has no effect on packets", RuntimeWarning, stacklevel=2)
