"""Writes the type stubs that follow from the option table and from the kinds of errors, and docstrings into that of the module.

    python bindings/python/stubs.py            writes them
    python bindings/python/stubs.py --check    fails if they are not what would be written
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from libfw import _libfw, _parts, errors

PACKAGE = Path(__file__).parents[2] / "python" / "libfw"
NOTE = "# Made by bindings/python/stubs.py; do not edit."
#: What an option is given as, by the form of its value.
GIVEN = {"flag": "builtins.bool", "integer": "Integer", "list": "List", "text": "Text"}
#: The same by what the value looks like, where that says more.
GIVEN_AS = {
    "ADDRESS": "Host",
    "ADDRESS[/MASK]": "Hosts",
    "COUNT[/second|/minute|/hour|/day]": "Speed",
    "COUNT[/sec|/min|/hour|/day]|BYTES[kb|mb]b/s": "Speed",
    "FIRST:LAST": "Span",
    "FROM[:TO]": "Span",
    "PORT[:PORT]": "Span",
    "PORT[-PORT]": "Span",
    # Two that are not alike.
    "MASK SET": "Pair",
    "NAME src|dst[,...]": "Pair",
    "any|all|only CHUNK[:FLAGS][,...]": "Pair",
    "[ADDRESS[-ADDRESS]][:PORT[-PORT]]": "Pair",
    "NAME|TYPE[/CODE[:CODE]]": "Pair",
}
#: What the attribute of an option is, by what its value looks like, where that says more than its form.
READ = {
    "ADDRESS": "Address",
    "ADDRESS[/MASK]": "Network | builtins.str",
    # Those that go backwards are a text.
    "FIRST[-LAST]": "Address | AddressRange | builtins.str",
    "FIRST:LAST": "builtins.int | Range",
    "FROM[:TO]": "builtins.int | Range",
    "MIN[:MAX]": "builtins.int | Range",
    "PORT[:PORT]": "builtins.int | PortRange",
    "PORT[-PORT]": "builtins.int | PortRange",
    # A range that never matches is a text.
    "GROUP|GID[-GID]": "builtins.int | Range | builtins.str",
    "USER|UID[-UID]": "builtins.int | Range | builtins.str",
    "OPTION[,...]": "frozenset[builtins.int | builtins.str]",
    "TYPE[:TYPE]": "builtins.int | Range",
    "VALUE[/MASK]": "builtins.int | Masked",
    "VALUE[/MASK]|NAME": "builtins.int | Masked",
    "COUNT[/second|/minute|/hour|/day]": "Rate",
    "COUNT[/sec|/min|/hour|/day]|BYTES[kb|mb]b/s": "Rate",
    "hh:mm[:ss]": "datetime.time",
    "YYYY[-MM[-DD[Thh[:mm[:ss]]]]]": "datetime.datetime",
    "SECONDS": "builtins.int | datetime.timedelta",
    "TIME[s|ms|us]": "datetime.timedelta",
    "MILLISECONDS|inf": "builtins.str | datetime.timedelta",
    "PACKETS|BYTES[kb|mb]": "builtins.int | builtins.str",
    "PREFIX|MASK": "builtins.int | Address",
    "LENGTH|MASK": "builtins.int | Address | Network | builtins.str",
    "NUMBER|mark": "builtins.int | builtins.str",
    "LABEL": "builtins.int | builtins.str",
    "LEVEL": "builtins.int | builtins.str",
    "PROTOCOL": "builtins.int | builtins.str",
    "[RATE]": "builtins.int | Rate | builtins.str",
    "[NUMBER]": "builtins.int | builtins.str",
    "0.0-1.0": "builtins.float",
    "NAME|TYPE[/CODE[:CODE]]": "builtins.int | builtins.str | tuple[builtins.int, builtins.int | Range]",
    "[ADDRESS[-ADDRESS]][:PORT[-PORT]]": "NatRange",
    "CODE": "builtins.int",
    "HEX": "builtins.int",
    "HEX[/MASK]": "Masked",
    "TYPE[/MASK]": "Masked",
    "LENGTH[/MASK]": "Masked",
    "MASK SET": "tuple[frozenset[builtins.str], frozenset[builtins.str]]",
    "NAME src|dst[,...]": "tuple[builtins.str, tuple[builtins.str, ...]]",
    "PORT[:PORT][,...]": "builtins.list[builtins.int | PortRange]",
    "ADDRESS[,...]": "builtins.list[Address]",
}
FORMS = {"flag": "builtins.bool", "integer": "builtins.int", "text": "builtins.str"}


def docstring(text: str, indent: str) -> str:
    """A documentation string; its lines are as long as they are in the source."""
    text = text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if "\n" not in text:
        return f'{indent}"""{text}"""'
    return textwrap.indent(f'"""{text}\n"""', indent, lambda line: line.strip() != "")


def given(option: _parts.Option) -> str:
    kind = one = GIVEN_AS.get(option.label, GIVEN[option.form])
    if option.repeats:
        each = f"{one} | Not[{one}]" if option.negatable else one
        kind = f"{kind} | Sequence[{each}]"
    return f"{kind} | Not[{one}] | _Any" if option.negatable else f"{kind} | _Any"


def read(option: _parts.Option) -> str:
    kind = READ.get(option.label) or FORMS.get(option.form)
    if kind is None and option.choices:
        kind = "frozenset[builtins.str]"
    elif kind is None:
        kind = "frozenset[builtins.str] | builtins.list[builtins.int] | builtins.str"
    inner = f"{kind} | Not[{kind}]" if option.negatable and option.form != "flag" else kind
    if option.form == "flag" and option.negatable:
        inner = f"{kind} | Not[{kind}]"
    if option.repeats:
        return f"builtins.list[{inner}]"
    return inner if option.form == "flag" and not option.negatable else f"{inner} | None"


def class_stub(cls: type[_parts.Known], base: str) -> Iterator[str]:
    yield f"@final\nclass {cls.__name__}(Known, {base}):"
    yield docstring(cls._description, "    ")
    yield ""
    options = cls._options.values()
    if options:
        yield "    def __init__("
        yield "        self,"
        yield "        *,"
        for option in options:
            yield f"        {option.keyword}: {given(option)} = ...,"
        for name, option in cls._aliases.items():
            yield f"        {name}: {given(option)} = ...,"
        yield "    ) -> None: ..."
    else:
        yield "    def __init__(self) -> None: ..."
    for option in options:
        yield "    @property"
        yield f"    def {option.keyword}(self) -> {read(option)}:"
        yield docstring(option.__doc__ or "", "        ")
    for name, option in cls._aliases.items():
        yield "    @property"
        yield f"    def {name}(self) -> {read(option)}:"
        yield docstring(f"The same as `{option.keyword}`, by the name that iptables has for it.", "        ")
    if "name" not in cls._options:
        yield "    @property"
        yield "    def name(self) -> builtins.str: ..."
    yield ""


def parts_stub(kind: str) -> str:
    base, extra = ("Match", []) if kind == "match" else ("Target", ["Accept", "Drop", "Goto", "Jump", "Queue", "Return"])
    classes = {name: _parts.class_of(kind, name) for name in _parts.names(kind)}
    lines = [NOTE, "import builtins", "import datetime", "from collections.abc import Sequence"]
    lines += ["from typing import final", ""]
    for name in [base, *extra]:
        lines.append(f"from ._parts import {name} as {name}")
    lines.append("from ._parts import Known")
    lines.append(f"from ._parts import Opaque{base} as Opaque")
    lines.append("from ._values import AddressRange, Masked, NatRange, Not, PortRange, Range, Rate")
    lines.append("from ._values import Any_ as _Any")
    lines.append("from .typing import Address, Host, Hosts, Integer, List, Network, Pair, Span, Speed, Text")
    lines += ["", f"__all__ = {[base, 'Opaque', *extra, *classes]!r}", ""]
    for cls in classes.values():
        lines += class_stub(cls, base)
    return "\n".join(lines)


def errors_stub() -> str:
    lines = [NOTE, "import builtins", "from collections.abc import Sequence", ""]
    lines += [f"__all__ = {errors.__all__!r}", ""]
    lines.append(
        '''class Error(Exception):
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
'''
    )
    lines.remove("from collections.abc import Sequence")
    for error in errors.KINDS.values():
        bases = [f"builtins.{base.__name__}" if base is not errors.Error else "Error" for base in error.__bases__]
        lines += [f"class {error.__name__}({', '.join(bases)}):", docstring(error.__doc__ or "", "    "), ""]
    return "\n".join(lines)


def module_stub(text: str) -> str:
    """The stub of the compiled module, which is written by hand, with the docstrings of what is there."""
    lines = text.splitlines()
    made: list[tuple[int, int, list[str]]] = []

    def visit(nodes: list[ast.stmt], owner: Any) -> None:
        seen: set[str] = set()
        for node in nodes:
            if not isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
                continue
            thing = getattr(owner, node.name, None)
            # Of overloads, and of a property and its setter, the first has it.
            known = thing is not None and not node.name.startswith("_") and node.name not in seen
            told = (inspect.getdoc(thing) or "") if known else ""
            seen.add(node.name)
            new = docstring(told, " " * (node.col_offset + 4)).splitlines() if told else []
            if isinstance(node, ast.ClassDef) and thing is not None:
                visit(node.body, thing)
            if ast.get_docstring(node) is not None:
                old = node.body[0]
                made.append((old.lineno, old.end_lineno or old.lineno, new))
            elif new and isinstance(node, ast.ClassDef):
                first = node.body[0]
                decorated = getattr(first, "decorator_list", [])
                start = decorated[0].lineno if decorated else first.lineno
                made.append((start, start - 1, new))
            elif new:
                # `...` stands at the end of the last line.
                last = node.end_lineno or node.lineno
                made.append((last, last, [lines[last - 1].removesuffix(" ..."), *new]))

    visit(ast.parse(text).body, _libfw)
    for start, end, new in sorted(made, reverse=True):
        lines[start - 1 : end] = new
    return "\n".join(lines) + "\n"


def main() -> int:
    module = PACKAGE / "_libfw.pyi"
    stubs = {
        module.name: module_stub(module.read_text()),
        "matches.pyi": parts_stub("match"),
        "targets.pyi": parts_stub("target"),
        "errors.pyi": errors_stub(),
    }
    stale = [name for name, text in stubs.items() if not (PACKAGE / name).exists() or (PACKAGE / name).read_text() != text]
    if sys.argv[1:] == ["--check"]:
        for name in stale:
            print(f"{name} is not what the option table says; run {sys.argv[0]}", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (PACKAGE / name).write_text(stubs[name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
