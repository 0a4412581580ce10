"""Every example of the documentation runs."""

import ast
import datetime
import functools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional

import pytest
from examples import ROOT, SET, Example, everywhere

import libfw

EXAMPLES = list(everywhere())
#: A network for each example, and a `/run` without the machine's lock file.
PRIVATE = ["--net", "--mount", "sh", "-c", 'mount -t tmpfs none /run && exec "$@"', "sh"]


@functools.lru_cache
def results() -> dict[Example, Optional[str]]:
    """What comes of each example; empty where this machine makes no namespaces."""
    # Two steps, as in examples/safely.
    for user in ([], ["unshare", "--map-root-user"]):
        isolate = [*user, "unshare", *PRIVATE]
        if subprocess.run([*isolate, "true"], capture_output=True, check=False).returncode == 0:
            program = str(Path(__file__).with_name("examples.py"))
            done = subprocess.run(
                [*isolate, sys.executable, program], input=json.dumps(EXAMPLES), capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            return dict(zip(EXAMPLES, json.loads(done.stdout)))
    return {}


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.place for example in EXAMPLES])
def test_the_example_runs(example: Example):
    if SET in example.code.split() and shutil.which("ipset") is None:
        pytest.skip("ipset is not installed")
    if not results():
        pytest.skip("this machine makes no private namespaces")
    assert results()[example] is None, f"{example.code}\n{results()[example]}"


def test_examples_are_found():
    places = {example.place for example in EXAMPLES}
    assert {"libfw", "libfw.Table", "libfw.matches.Tcp", "libfw.targets.Log"} <= places
    assert any(place.startswith("README.md:") for place in places)
    assert any(place.startswith("python/README.md:") for place in places)
    assert any(place.startswith("python/docs/tour.md:") for place in places)
    assert any(place.startswith("matches.pyi:Tcp:") for place in places)


def test_the_site_is_made_without_a_warning(tmp_path: Path) -> None:
    for needed in ("sphinx", "furo", "myst_parser"):
        pytest.importorskip(needed)
    words = ["--quiet", "--fail-on-warning", "--keep-going", str(ROOT / "python" / "docs"), str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", "sphinx", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "libfw.Table" in (tmp_path / "reference.html").read_text()


@pytest.mark.parametrize(("module", "page"), [("matches", "match-options"), ("targets", "target-options")])
def test_every_option_has_an_example(module: str, page: str) -> None:
    text = (ROOT / "python" / "docs" / f"{page}.md").read_text()
    shown = set()
    for words, line in re.findall(r"^# (-.*)\n(\w+\.\w+\(.*)$", text, re.M):
        call = ast.parse(line, mode="eval").body
        assert isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
        shown |= {(call.func.attr, word.arg) for word in call.keywords}
        names = {name: getattr(libfw, name) for name in libfw.__all__}
        part = eval(line, {**names, "time": datetime.time, "datetime": datetime})
        found = [libfw.Rule(words, family=family).find(type(part)) for family in libfw.Family if is_for(words, family)]
        assert part in found, (words, line)
    classes = [getattr(getattr(libfw, module), name) for name in getattr(libfw, module).__all__]
    options = {(cls.__name__, option) for cls in classes for option in getattr(cls, "_options", ())}
    assert sorted(options - shown) == []
    for cls in classes:
        assert not hasattr(cls, "_options") or f"## `{module}.{cls.__name__}`" in text


def is_for(words: str, family: libfw.Family) -> bool:
    """Whether a rule is one for that family."""
    try:
        return bool(str(libfw.Rule(words, family=family)))
    except libfw.Error:
        return False
