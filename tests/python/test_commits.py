"""Commits when something goes wrong: tables that others have changed, a kernel that refuses the counters."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import libfw

NEW = "-m conntrack --ctstate NEW -j ACCEPT"
MARKED = "-m mark --mark 0x1 -j RETURN"


def rules(kernel: libfw.Kernel) -> list[str]:
    return [str(rule) for rule in kernel.table()["INPUT"]]


def recover(kernel: libfw.Kernel, change: Callable[[], object], changed: str) -> None:
    """A conflict, then refresh, edit and commit, which goes through; with the same table again and again."""
    table = kernel.table()
    for _ in range(5):
        table.clear()
        table["INPUT"].append(NEW)
        table["INPUT"].append(MARKED)
        table.commit()
        change()
        table["INPUT"].append("-j ACCEPT")
        for _ in range(2):
            with pytest.raises(libfw.ConflictError):
                table.commit()
        table.refresh()
        assert [str(rule) for rule in table["INPUT"]] == [changed, MARKED]
        table["INPUT"].append("-j ACCEPT")
        report = table.commit()
        assert report.changed and report.counters_lost is None
        assert rules(kernel) == [changed, MARKED, "-j ACCEPT"]


def test_a_table_that_another_handle_has_changed_is_committed_in_the_end(kernel: libfw.Kernel) -> None:
    def change() -> None:
        with kernel.table() as other:
            other["INPUT"][0] = "-p udp -j DROP"

    recover(kernel, change, "-p udp -j DROP")


def test_a_table_that_iptables_has_changed_is_committed_in_the_end(
    kernel: libfw.Kernel, iptables: Callable[..., str]
) -> None:
    recover(kernel, lambda: iptables("-w", "-R", "INPUT", "1", "-p", "icmp", "-j", "DROP"), "-p icmp -j DROP")


NO_MEMORY = """
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
    if (name == 65 && getenv("NO_MEMORY") != NULL) {
        errno = ENOMEM;
        return -1;
    }
    return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}
"""

LOSES_COUNTERS = """
import os, sys, libfw

table = libfw.Kernel(lock=sys.argv[1]).table()
table["INPUT"].append("-c 3 300 -j DROP")
whole = table.commit()
assert whole.changed and whole.counters_lost is None
table["INPUT"].append("-j ACCEPT")
os.putenv("NO_MEMORY", "1")
report = table.commit()
os.unsetenv("NO_MEMORY")
assert report.changed and report.rules == 2 and not table.changed
assert isinstance(report.counters_lost, libfw.TooLargeError), report.counters_lost
assert report.counters_lost.table == "filter"
assert "counters lost" in repr(report) and report != whole
assert table["INPUT"][0].counters == (0, 0)
table["INPUT"].append("-c 4 400 -j RETURN")
assert table.commit().counters_lost is None
"""


def test_counters_that_are_lost_are_no_error(kernel: libfw.Kernel, tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    (tmp_path / "no_memory.c").write_text(NO_MEMORY)
    shim = tmp_path / "no_memory.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", shim, tmp_path / "no_memory.c"], check=True)
    done = subprocess.run(
        [sys.executable, "-c", LOSES_COUNTERS, str(tmp_path / "xtables.lock")],
        env={**os.environ, "LD_PRELOAD": str(shim)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    chain = kernel.table()["INPUT"]
    assert rules(kernel) == ["-j DROP", "-j ACCEPT", "-j RETURN"]
    assert [rule.counters for rule in chain] == [(0, 0), (0, 0), (4, 400)]
