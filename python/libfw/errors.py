"""The exceptions: one class for each kind of error, all below :class:`Error`.

Where Python has an exception for the same thing, the class is below that too.
"""

from __future__ import annotations

import builtins as _builtins
import errno as _errno
import os as _os
import sys as _sys
import warnings as _warnings

from . import _libfw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional

#: The exceptions of Python that say the same.
_BUILTIN: dict[str, type[Exception]] = {
    "InvalidArgument": ValueError,
    "Syntax": ValueError,
    "InvalidValue": ValueError,
    "InvalidRule": ValueError,
    "NoSuchTable": LookupError,
    "NoSuchChain": KeyError,
    "NoSuchRule": LookupError,
    "NoSuchExtension": LookupError,
    "NoSuchObject": LookupError,
    "IndexTooBig": IndexError,
    "PermissionDenied": PermissionError,
    "BackendAbsent": OSError,
    "LockBusy": TimeoutError,
    "Kernel": OSError,
    "Io": OSError,
    "Interrupted": InterruptedError,
    "OutOfMemory": MemoryError,
}


#: The system's error for kinds that have none of their own.
_ERRNO = {"LockBusy": _errno.ETIMEDOUT, "PermissionDenied": _errno.EPERM, "BackendAbsent": _errno.EPROTONOSUPPORT}


class Error(Exception):
    """Why an operation failed; its text says what was wrong, where, and what was expected."""

    #: The kind, such as ``"NoSuchChain"``, and its number.
    kind: str = ""
    code: int = 0

    def __init__(
        self,
        text: str,
        *,
        message: Optional[str] = None,
        family: Optional[str] = None,
        backend: Optional[str] = None,
        table: Optional[str] = None,
        chain: Optional[str] = None,
        rule: Optional[int] = None,
        extension: Optional[str] = None,
        option: Optional[str] = None,
        token: Optional[str] = None,
        rule_text: Optional[str] = None,
        marked: Optional[str] = None,
        path: Optional[str] = None,
        lock_path: Optional[str] = None,
        lock_pid: Optional[int] = None,
        lock_command: Optional[str] = None,
        json: str = "{}",
        line: Optional[int] = None,
        column: Optional[int] = None,
        length: Optional[int] = None,
        errno: Optional[int] = None,
        doubt: Optional[str] = None,
        iptables: tuple[int, str] = (1, ""),
        others: tuple[Error, ...] = (),
        filename: Optional[str] = None,
    ) -> None:
        super().__init__(text)
        #: The message without its context.
        self.message = text if message is None else message
        #: The address family concerned, the name of the backend, and so on.
        self.family = family
        self.backend = backend
        self.table = table
        self.chain = chain
        #: The index of the rule in its chain, from 0.
        self.rule = rule
        self.extension = extension
        #: The option, without dashes, and the word that could not be understood.
        self.option = option
        self.token = token
        #: The text that was read, or that the rule has; and the same with marks below the word that is wrong.
        self.rule_text = rule_text
        self.marked = marked
        #: The way to what is wrong in a text of JSON, such as ``tables[0].chains[2].rules[5].source``.
        self.path = path
        #: The lock file that could not be had, the process that holds it, and its command line, as far as that is told.
        self.lock_path = lock_path
        self.lock_pid = lock_pid
        self.lock_command = lock_command
        #: All that is known of the error in JSON.
        self.json = json
        #: Where in a save file or a text of JSON, from 1, in bytes; and how many bytes of ``rule_text`` are wrong from there on.
        self.line = line
        self.column = column
        self.length = length
        if errno is None and isinstance(self, OSError):
            errno = _ERRNO.get(self.kind)
        #: The number of the system's error, and what the system says of it.
        self.errno = errno
        self.strerror = None if errno is None else _os.strerror(errno)
        #: The file that the error is about, such as that of a network namespace.
        self.filename = filename
        #: ``"suspect"``: it is this rule or one of the others, which cannot be tried. ``"untried"``: it is one of the new rules, and
        #: there is no network namespace to try them in.
        self.doubt = doubt
        #: The exit status and the message of iptables for this failure.
        self.iptables = iptables
        #: What else was refused at the same time: nf_tables tells of every rule of a commit that it does not take.
        self.others = others

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[Any, ...]:
        names = ("message", "family", "backend", "table", "chain", "rule", "extension", "option", "token", "line", "column")
        more = ("length", "rule_text", "marked", "path", "json", "errno", "doubt", "iptables", "filename", "others")
        lock = ("lock_path", "lock_pid", "lock_command")
        fields = {name: getattr(self, name) for name in (*names, *more, *lock)}
        return _again, (self.kind, str(self), fields)


class RuleWarning(UserWarning):
    """What is odd about rules, though not wrong: a range that never matches, counters that could not be kept."""


def _warn(text: str) -> None:
    """Warns whoever has called the library, not a function of it that was called on the way."""
    frame, level = _sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("libfw."):
        frame, level = frame.f_back, level + 1
    _warnings.warn(text, RuleWarning, stacklevel=level)


#: The exceptions by kind.
KINDS: dict[str, type[Error]] = {}

for _kind, _code, _description in _libfw.error_kinds():
    _bases = (Error, _BUILTIN[_kind]) if _kind in _BUILTIN else (Error,)
    _members = {"__doc__": _description, "__module__": __name__, "kind": _kind, "code": _code}
    KINDS[_kind] = type(f"{_kind}Error", _bases, _members)


def _made(kind: str, text: str, **fields: Any) -> Error:
    """The exception of a kind; where the system's error has an exception of Python's own, it is one of those too."""
    cls = KINDS[kind]
    builtin = type(OSError(fields["errno"], "")) if fields.get("errno") and issubclass(cls, OSError) else OSError
    if builtin is not OSError and not issubclass(cls, builtin):
        cls = _with(cls, builtin)
    return cls(text, **fields)


def _again(kind: str, text: str, fields: dict[str, Any]) -> Error:
    """The exception of a pickle."""
    return _made(kind, text, **fields)


_WITH: dict[tuple[type[Error], type[Exception]], type[Error]] = {}


def _with(cls: type[Error], builtin: type[Exception]) -> type[Error]:
    made = _WITH.get((cls, builtin))
    if made is None:
        members = {"__doc__": cls.__doc__, "__module__": __name__, "__qualname__": cls.__name__}
        made = _WITH[cls, builtin] = type(cls.__name__, (cls, builtin), members)
    return made


globals().update({error.__name__: error for error in KINDS.values()})
#: Those that Python has too are left out, lest `import *` puts one in the place of Python's.
__all__ = ["Error", "RuleWarning", *(error.__name__ for error in KINDS.values() if not hasattr(_builtins, error.__name__))]
