"""Every example of the documentation runs."""

import functools
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional

import pytest
from examples import SET, Example, everywhere

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
