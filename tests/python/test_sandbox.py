"""The sandbox, and `python -m libfw`."""

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional

import pytest

import libfw

SAVED = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -j DROP\nCOMMIT\n"


def boxed(backend: Optional[str] = None) -> libfw.sandbox:
    try:
        with libfw.sandbox(backend=backend) as kernel:
            kernel.table().refresh()
    except (OSError, libfw.BackendAbsentError) as error:
        pytest.skip(f"this machine has no sandbox: {error}")
    return libfw.sandbox(backend=backend)


@pytest.mark.parametrize("backend", ["legacy", "nft"])
def test_a_sandbox_is_a_network_of_its_own(backend: str) -> None:
    before = Path("/proc/self/ns/net").stat().st_ino
    with boxed(backend) as kernel:
        assert kernel.tables() == [] and kernel.backend == backend
        # Legacy tables of ARP are not its own.
        for family in (libfw.Family.IPV4, libfw.Family.IPV6):
            with kernel.table(family=family) as table:
                table["INPUT"].append("-j DROP")
            assert len(kernel.table(family=family)["INPUT"]) == 1
        assert kernel.tables() == ["filter"] and libfw.save(kernel=kernel) == SAVED
        with boxed(backend) as other:
            assert other != kernel and other.tables() == [] and kernel != libfw.Kernel()
        libfw.run(["iptables", "-F"], kernel=kernel)
        assert len(kernel.table()["INPUT"]) == 0
    assert Path("/proc/self/ns/net").stat().st_ino == before
    assert libfw.Kernel() != kernel


def test_programs_run_in_it() -> None:
    box = boxed()
    with box as kernel:
        with kernel.table() as table:
            table["INPUT"].append("-j DROP")
        name = f"iptables-{kernel.backend}"
        if shutil.which(name + "-save"):
            listed = box.run([name + "-save", "-t", "filter"], capture_output=True, text=True, env=os.environ)
            assert "-A INPUT -j DROP" in listed.stdout
        fw = box.run([sys.executable, "-m", "libfw", name, "-S", "INPUT"], capture_output=True, text=True)
        assert (fw.stdout, fw.returncode) == ("-P INPUT ACCEPT\n-A INPUT -j DROP\n", 0), fw.stderr
    with pytest.raises(RuntimeError):
        box.run(["true"])


NOBODY = """
import libfw, os
assert os.geteuid() == 1000 and "CapEff:\\t0000000000000000" in open("/proc/self/status").read()
with libfw.sandbox() as kernel:
    with kernel.table() as table:
        table["INPUT"].append("-j DROP")
    print(len(kernel.table()["INPUT"]), kernel.tables())
"""


def test_it_needs_no_root() -> None:
    boxed()

    def become_nobody() -> None:
        """A user namespace in which this user is 1000; its capabilities go with the program that is started."""
        user, group = os.geteuid(), os.getegid()
        ctypes.CDLL(None).unshare(0x1000_0000)
        for name, text in (("setgroups", "deny"), ("uid_map", f"1000 {user} 1"), ("gid_map", f"1000 {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)

    command = [sys.executable, "-c", NOBODY]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=become_nobody)
    assert done.stdout == "1 ['filter']\n", done.stderr


def test_python_m_libfw_is_fw(kernel: libfw.Kernel) -> None:
    def fw(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "libfw", *words], capture_output=True, text=True, check=False)

    assert fw("--version").stdout.startswith(f"fw {libfw.__version__} ")
    assert fw().returncode == 2 and fw().stderr.startswith("fw: ")
    assert fw("iptables", "-A", "INPUT", "-j", "DROP").returncode == 0
    assert fw("iptables", "-S", "INPUT").stdout == "-P INPUT ACCEPT\n-A INPUT -j DROP\n"
    wrong = fw("iptables", "-A", "NOPE", "-j", "DROP")
    assert (wrong.returncode, wrong.stderr) == (1, "iptables: No chain/target/match by that name.\n")


@pytest.mark.parametrize("backend", ["legacy", "nft"])
def test_owners_are_for_programs_in_it(backend: str) -> None:
    """The kernel takes users and groups only from a process of the namespace itself."""
    rule = "-m owner --uid-owner 0"
    box = boxed(backend)
    with box as kernel:
        with pytest.raises(libfw.InvalidRuleError), kernel.table() as table:
            table["OUTPUT"].append(rule)
        command = [sys.executable, "-m", "libfw", f"iptables-{backend}", "-A", "OUTPUT", *rule.split()]
        box.run(command, check=True)
        assert [str(found) for found in kernel.table()["OUTPUT"]] == [rule]


@pytest.mark.parametrize("backend", ["legacy", "nft"])
def test_a_sandbox_that_is_closed_says_so(backend: str) -> None:
    with boxed(backend) as kernel:
        with kernel.table() as table:
            table["INPUT"].append("-j DROP")
        desired, watch = libfw.Desired(kernel), kernel.watch("filter")
        rehearsal = kernel.rehearse().kernel
        desired.table({"INPUT": []})
        fresh = kernel.table("nat")
    table.discard()
    for use in (
        kernel.tables,
        table.refresh,
        table.__enter__,
        lambda: len(fresh),
        lambda: kernel.backend,
        lambda: kernel.counters(),
        lambda: libfw.save(kernel=kernel),
        lambda: libfw.restore(SAVED, kernel=kernel),
        lambda: libfw.run(["iptables", "-S"], kernel=kernel),
        lambda: libfw.transaction(kernel).__enter__(),
        lambda: rehearsal.table().refresh(),
        desired.plan,
        watch.wait,
    ):
        with pytest.raises(libfw.IoError, match="the sandbox is closed, its tables are gone"):
            use()
    # What was read is there still.
    assert "sandbox" not in repr(kernel) and kernel == kernel
    box = boxed(backend)
    for _ in range(2):
        with box as kernel:
            assert kernel.tables() == []


def test_a_sandbox_is_entered_once_at_a_time() -> None:
    box = boxed()
    with box as kernel:
        with pytest.raises(RuntimeError, match="begun already"):
            box.__enter__()
        assert kernel.tables() == [] and box.run(["true"]).returncode == 0
    with box:
        box.run(["true"], check=True)


def test_a_program_begins_with_what_the_caller_wants() -> None:
    boxed()
    program = "import libfw\nbox = libfw.sandbox()\nwith box: box.run(['true'], preexec_fn=lambda: print('here', flush=True))"
    # Files that are left open would be told.
    done = subprocess.run([sys.executable, "-X", "dev", "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("here\n", "")
