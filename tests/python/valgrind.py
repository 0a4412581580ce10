"""Runs test files of the package under valgrind, and fails if a report has a frame of libfw.

    .venv/bin/python tests/python/valgrind.py [FILE[,FILE...]...]

All files unless some are named; those that are joined by commas share an interpreter, which takes a minute to start. It takes
hours. The module has to be built with lines for its frames (`make python`), or what is known could not be told from what is not.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUT = ROOT / "target" / "valgrind"
#: Type checkers and builds, the blocks of the documentation, which are programs of their own, and sandboxes: what children of the
#: interpreter do valgrind does not follow, and what is left for the interpreter itself other files do too.
OTHERS = {"test_package.py", "test_docs.py", "test_sandbox.py"}


def reports(log: Path) -> list[str]:
    """The reports that have a frame of libfw."""
    lines = [re.sub(r"^==\d+== ?", "", line) for line in log.read_text(errors="replace").splitlines()]
    blocks = "\n".join(lines).split("\n\n")
    # What Python code does that libfw has called is the interpreter's own.
    inner = [(block, block.partition("_PyEval_EvalFrame")[0]) for block in blocks]
    found = [block for block, part in inner if re.search(r"^ +(at|by) 0x.*libfw", part, re.MULTILINE)]
    # The members of each class, such as where its list of weak references is: PyO3 makes an array of them for the interpreter, which
    # keeps it as long as the class, and no pointer to it where valgrind looks. What libfw tells of an attribute of a class is kept for
    # good, since a descriptor may outlive its class.
    lasting = r"(PyTypeBuilder::push_raw_vec_slot|_libfw::ffi::attribute) "
    known = re.compile(r"definitely lost in loss record.*" + lasting, re.DOTALL)
    # An int that is 0 has no digit, and CPython (3.11) reads one to see whether it is a small one, times nothing.
    zero = re.compile(r"Uninitialised value was created by a heap allocation\n[^\n]*malloc[^\n]*\n[^\n]*_PyLong_New ")
    return [block for block in found if not known.search(block) and not zero.search(block)]


def main() -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    files = sys.argv[1:] or [str(path) for path in sorted(Path(__file__).parent.glob("test_*.py")) if path.name not in OTHERS]
    failed = 0
    for named in files:
        several = named.split(",")
        log = OUT / f"{Path(several[0]).stem}.log"
        leaks = ["--leak-check=full", "--show-leak-kinds=definite"]
        valgrind = ["valgrind", "--vgdb=no", *leaks, "--track-origins=yes", "--num-callers=40", f"--log-file={log}"]
        # What has to be done soon takes fifty times as long here.
        pytest = [sys.executable, "-m", "pytest", "-q", "-k", "not soon", f"--basetemp={OUT}/tmp", *several]
        # Each object is a piece of memory of its own, so that what is done to one that is gone is seen.
        done = subprocess.run(
            [*valgrind, *pytest], cwd=ROOT, env={**os.environ, "PYTHONMALLOC": "malloc"}, capture_output=True, text=True, check=False
        )
        found = reports(log)
        last = done.stdout.strip().splitlines()[-1:]
        print(f"{', '.join(Path(file).name for file in several)}: {len(found)} reports; {' '.join(last)}", *found[:5], sep="\n\n", flush=True)
        # 1 is a test that failed, such as one that had too little time.
        if done.returncode not in (0, 1):
            print(done.stdout, done.stderr, sep="\n")
        failed += len(found) + (done.returncode not in (0, 1))
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
