# Made by bindings/python/stubs.py; do not edit.
import builtins

__all__ = ['Error', 'RuleWarning', 'InvalidArgumentError', 'InvalidValueError', 'InvalidRuleError', 'NoSuchTableError', 'NoSuchChainError', 'NoSuchRuleError', 'NoSuchExtensionError', 'NoSuchObjectError', 'ChainExistsError', 'ChainNotEmptyError', 'ChainInUseError', 'BuiltinChainError', 'IndexTooBigError', 'LoopError', 'TooLargeError', 'PermissionDeniedError', 'BackendAbsentError', 'LockBusyError', 'ConflictError', 'ExtensionUnavailableError', 'KernelError', 'MalformedError', 'AlreadyOpenError', 'AmbiguousBackendError', 'ForeignRulesError', 'IoError', 'OutOfMemoryError', 'PartlyCommittedError']

class Error(Exception):
    """Why an operation failed; its text says what was wrong, where, and what was expected."""

    kind: str
    code: int
    message: str
    family: str | None
    backend: str | None
    table: str | None
    chain: str | None
    rule: int | None
    extension: str | None
    option: str | None
    token: str | None
    rule_text: str | None
    marked: str | None
    path: str | None
    lock_path: str | None
    lock_pid: int | None
    lock_command: str | None
    json: str
    line: int | None
    column: int | None
    length: int | None
    errno: int | None
    strerror: str | None
    filename: builtins.str | None
    doubt: str | None
    iptables: tuple[int, str]
    others: tuple[Error, ...]
    def __init__(
        self,
        text: str,
        *,
        message: str | None = None,
        family: str | None = None,
        backend: str | None = None,
        table: str | None = None,
        chain: str | None = None,
        rule: int | None = None,
        extension: str | None = None,
        option: str | None = None,
        token: str | None = None,
        rule_text: str | None = None,
        marked: str | None = None,
        path: str | None = None,
        lock_path: str | None = None,
        lock_pid: int | None = None,
        lock_command: str | None = None,
        json: str = "{}",
        line: int | None = None,
        column: int | None = None,
        length: int | None = None,
        errno: int | None = None,
        doubt: str | None = None,
        iptables: tuple[int, str] = (1, ""),
        others: tuple[Error, ...] = (),
        filename: str | None = None,
    ) -> None: ...

class RuleWarning(UserWarning):
    """What is odd about rules, though not wrong: a range that never matches, counters that could not be kept."""

KINDS: dict[str, type[Error]]

class InvalidArgumentError(Error, builtins.ValueError):
    """An argument of a library call is not usable (an empty name, a handle of another family, ...)."""

class SyntaxError(Error, builtins.ValueError):
    """A text is not a rule, command or save stream: an unknown option, a missing argument, a stray word."""

class InvalidValueError(Error, builtins.ValueError):
    """The value given to an option is malformed or out of range."""

class InvalidRuleError(Error, builtins.ValueError):
    """The parts of a rule do not go together, or do not fit the table, hook or protocol they stand in."""

class NoSuchTableError(Error, builtins.LookupError):
    """The kernel has no such table, or the save file that it was to be restored from."""

class NoSuchChainError(Error, builtins.KeyError):
    """The table has no such chain."""

class NoSuchRuleError(Error, builtins.LookupError):
    """The chain has no such rule."""

class NoSuchExtensionError(Error, builtins.LookupError):
    """libfw knows no match or target of that name."""

class NoSuchObjectError(Error, builtins.LookupError):
    """The kernel has no object of that name (an ipset, a BPF object, a conntrack helper, ...)."""

class ChainExistsError(Error):
    """A chain of that name exists already."""

class ChainNotEmptyError(Error):
    """The chain still holds rules."""

class ChainInUseError(Error):
    """Rules still jump to the chain."""

class BuiltinChainError(Error):
    """The operation is not for a built-in chain, or only for one."""

class IndexTooBigError(Error, builtins.IndexError):
    """A rule index lies beyond the end of the chain."""

class LoopError(Error):
    """The chains call each other in a circle."""

class TooLargeError(Error):
    """A rule or table is larger than the kernel's structures can hold."""

class PermissionDeniedError(Error, builtins.PermissionError):
    """The process lacks CAP_NET_ADMIN in the user namespace that owns the network namespace."""

class BackendAbsentError(Error, builtins.OSError):
    """The kernel has no xtables interface for this family."""

class LockBusyError(Error, builtins.TimeoutError):
    """Another program holds the xtables lock, or another change waits to be confirmed."""

class ConflictError(Error):
    """The table changed between reading and writing it."""

class ExtensionUnavailableError(Error):
    """The kernel lacks a match, a target or the revision of it that the rule needs."""

class KernelError(Error, builtins.OSError):
    """The kernel refused for another reason; the error carries its number."""

class MalformedError(Error):
    """Bytes that should be a table or a rule are not."""

class AlreadyOpenError(Error):
    """The thread works on the table under the xtables lock already."""

class AmbiguousBackendError(Error):
    """Both the legacy tables and nf_tables hold rules, and nothing says which of them is meant."""

class ForeignRulesError(Error):
    """The table has what no save file tells of, and it is not said what shall become of it."""

class IoError(Error, builtins.OSError):
    """Reading or writing a file failed."""

class InterruptedError(Error, builtins.InterruptedError):
    """A signal came while the xtables lock was waited for."""

class OutOfMemoryError(Error, builtins.MemoryError):
    """There is no memory for what was to be done."""

class PartlyCommittedError(Error):
    """Of several tables one was refused, and another that had been written before could not be put back."""
