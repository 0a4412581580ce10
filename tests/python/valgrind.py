"""Runs test files of the package under valgrind, and fails if a report has a frame of libfw.

    .venv/bin/python tests/python/valgrind.py [FILE...]

All files unless some are named. It takes half an hour; those that run type checkers or build the documentation are left out.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUT = ROOT / "target" / "valgrind"
#: What other programs do, which valgrind would follow or make slow; and what counts time or memory.
OTHERS = {"test_package.py", "test_docs.py", "test_sandbox.py"}


def reports(log: Path) -> list[str]:
    """The reports that have a frame of libfw."""
    lines = [re.sub(r"^==\d+== ?", "", line) for line in log.read_text(errors="replace").splitlines()]
    blocks = "\n".join(lines).split("\n\n")
    # What Python code does that libfw has called is the interpreter's own.
    inner = [(block, block.partition("_PyEval_EvalFrame")[0]) for block in blocks]
    found = [block for block, part in inner if re.search(r"^ +(at|by) 0x.*libfw", part, re.MULTILINE)]
    # What describes a class to the interpreter is kept for ever by PyO3, once.
    return [block for block in found if "pyo3::pyclass::create_type_object" not in block]


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    files = sys.argv[1:] or [str(path) for path in sorted(Path(__file__).parent.glob("test_*.py")) if path.name not in OTHERS]
    failed = 0
    for file in files:
        log = OUT / f"{Path(file).stem}.log"
        valgrind = ["valgrind", "--vgdb=no", "--leak-check=full", "--show-leak-kinds=definite", "--num-callers=40", f"--log-file={log}"]
        pytest = [sys.executable, "-m", "pytest", "-q", f"--basetemp={OUT}/tmp", file]
        # Each object is a piece of memory of its own, so that what is done to one that is gone is seen.
        done = subprocess.run(
            [*valgrind, *pytest], cwd=ROOT, env={**os.environ, "PYTHONMALLOC": "malloc"}, capture_output=True, text=True, check=False
        )
        found = reports(log)
        last = done.stdout.strip().splitlines()[-1:]
        print(f"{Path(file).name}: {len(found)} reports; {' '.join(last)}", *found[:5], sep="\n\n", flush=True)
        # 1 is a test that failed, such as one that had too little time.
        if done.returncode not in (0, 1):
            print(done.stdout, done.stderr, sep="\n")
        failed += len(found) + (done.returncode not in (0, 1))
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
