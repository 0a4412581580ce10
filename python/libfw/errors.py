"""The exceptions: one class for each kind of error, all below :class:`Error`.

Where Python has an exception for the same thing, the class is below that too.
"""

from __future__ import annotations

from typing import Optional

from . import _libfw

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
    "LockBusy": OSError,
    "Kernel": OSError,
    "Io": OSError,
    "Interrupted": InterruptedError,
}


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
        table: Optional[str] = None,
        chain: Optional[str] = None,
        rule: Optional[int] = None,
        extension: Optional[str] = None,
        option: Optional[str] = None,
        token: Optional[str] = None,
        line: Optional[int] = None,
        column: Optional[int] = None,
        errno: Optional[int] = None,
        iptables: tuple[int, str] = (1, ""),
        others: tuple["Error", ...] = (),
    ) -> None:
        super().__init__(text)
        #: The message without its context.
        self.message = text if message is None else message
        #: The address family concerned, and so on.
        self.family = family
        self.table = table
        self.chain = chain
        #: The index of the rule in its chain, from 0.
        self.rule = rule
        self.extension = extension
        #: The option, without dashes, and the word that could not be understood.
        self.option = option
        self.token = token
        #: Where in a save file, from 1.
        self.line = line
        self.column = column
        #: The number of the system's error.
        self.errno = errno
        #: The exit status and the message of iptables for this failure.
        self.iptables = iptables
        #: What else was refused at the same time: nf_tables tells of every rule of a commit that it does not take.
        self.others = others

    def __str__(self) -> str:
        return str(self.args[0])


#: The exceptions by kind.
KINDS: dict[str, type[Error]] = {}

for _kind, _code, _description in _libfw.error_kinds():
    _bases = (Error, _BUILTIN[_kind]) if _kind in _BUILTIN else (Error,)
    _members = {"__doc__": _description, "__module__": __name__, "kind": _kind, "code": _code}
    KINDS[_kind] = type(f"{_kind}Error", _bases, _members)

globals().update({error.__name__: error for error in KINDS.values()})
__all__ = ["Error", *(error.__name__ for error in KINDS.values())]
