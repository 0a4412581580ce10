"""Finds the examples of the documentation, and runs them where they do no harm.

As a program, which `test_docs.py` starts in namespaces of its own, it reads examples from its input and says what came of
each: `null`, or the text of the exception.
"""

from __future__ import annotations

import ast
import ctypes
import doctest
import importlib
import inspect
import json
import os
import pkgutil
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import libfw

CLONE_NEWNET = 0x4000_0000
ROOT = Path(__file__).parents[2]
#: What an ipset is called in examples.
SET = "web"


class Example(NamedTuple):
    """An example: where it stands, and its lines."""

    place: str
    code: str


def in_docstring(place: str, text: str) -> Iterator[Example]:
    """What is indented by four more than the text, or stands behind `>>>`."""
    text = inspect.cleandoc(text)
    if ">>>" in text:
        yield Example(place, text)
        return
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("    ") or not line and blocks[-1]:
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    for number, block in enumerate(filter(None, blocks)):
        yield Example(f"{place}#{number}" if number else place, textwrap.dedent("\n".join(block)))


def in_markdown(path: Path) -> Iterator[Example]:
    """What stands in fences that say `python`."""
    block: list[str] | None = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if block is not None and line.startswith("```"):
            yield Example(place, "\n".join(block))
            block = None
        elif block is not None:
            block.append(line)
        elif line.strip() == "```python":
            block, place = [], f"{path.relative_to(ROOT)}:{number}"


def in_stub(path: Path) -> Iterator[Example]:
    """The examples of a stub's docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, documented) and (text := ast.get_docstring(node)):
            place = f"{path.name}:{getattr(node, 'name', '')}:{getattr(node, 'lineno', 1)}"
            yield from in_docstring(place, text)


def documented(name: str, thing: Any, seen: set[int]) -> Iterator[tuple[str, str]]:
    """The docstrings that `help` shows for a module or class of the package, and for all that is in it."""
    if id(thing) in seen:
        return
    seen.add(id(thing))
    if text := inspect.getdoc(thing):
        yield name, text
    if inspect.ismodule(thing) or inspect.isclass(thing):
        lazy = {name: getattr(thing, name) for name in getattr(thing, "__all__", ())} if inspect.ismodule(thing) else {}
        for member, value in {**vars(thing), **lazy}.items():
            # In some versions of Python those of compiled code, and __new__, say what staticmethod is for.
            if isinstance(value, (staticmethod, classmethod)):
                value = value.__func__
            ours = (getattr(value, "__module__", None) or "libfw").startswith("libfw")
            if ours and not inspect.ismodule(value) and (callable(value) or isinstance(value, property) or inspect.isdatadescriptor(value)):
                yield from documented(f"{name}.{member}", value, seen)


def everywhere() -> Iterator[Example]:
    """Every example of the package, of its stubs, and of the project's documents."""
    seen: set[int] = set()
    names = (module.name for module in pkgutil.walk_packages(libfw.__path__, "libfw."))
    modules = [libfw, *map(importlib.import_module, names)]
    for module in modules:
        for name, text in documented(module.__name__, module, seen):
            yield from in_docstring(name, text)
    # That of the compiled module has the docstrings that it has itself.
    for stub in sorted((ROOT / "python" / "libfw").glob("[!_]*.pyi")):
        yield from in_stub(stub)
    for document in sorted([*ROOT.glob("*.md"), *(ROOT / "python").glob("**/*.md")]):
        yield from in_markdown(document)


def run(example: Example) -> None:
    """Runs an example in a network namespace of its own."""
    assert ctypes.CDLL(None).unshare(CLONE_NEWNET) == 0
    if SET in example.code.split():
        subprocess.run(["ipset", "create", SET, "hash:ip"], check=True)
    globals_ = {"__name__": "__main__", "libfw": libfw}
    if ">>>" in example.code:
        test = doctest.DocTestParser().get_doctest(example.code, globals_, example.place, None, 0)
        doctest.DebugRunner(optionflags=doctest.ELLIPSIS).run(test)
    else:
        exec(compile(example.code, example.place, "exec"), globals_)


def result(example: Example) -> str | None:
    """What comes of an example in a process of its own."""
    readable, writable = os.pipe()
    if os.fork() == 0:
        with os.fdopen(writable, "w") as out, open(os.devnull, "w") as sys.stdout:
            try:
                run(example)
            except BaseException:
                out.write(traceback.format_exc())
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable) as said:
        text = said.read()
    os.wait()
    return text or None


if __name__ == "__main__":
    json.dump([result(Example(*example)) for example in json.load(sys.stdin)], sys.stdout)
