"""The offline tests need nothing; those that take the fixture `kernel` get a network namespace of their own."""

import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import libfw

# The programs of the administrator are not on everybody's PATH.
os.environ["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"

# What the tests are about that name no backend; with an empty name what libfw finds.
os.environ["LIBFW_BACKEND"] = os.environ.get("LIBFW_TEST_BACKEND", "legacy")

# What is started in the background of a shell ignores it, and some tests interrupt themselves.
signal.signal(signal.SIGINT, signal.default_int_handler)

CLONE_NEWUSER = 0x1000_0000
CLONE_NEWNET = 0x4000_0000


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Notes each test that is skipped, whoever skips it; where the whole suite has to run, fails it."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[-1].removeprefix("Skipped: ")
        if os.environ.get("CI") == "true":
            report.outcome, report.longrepr = "failed", f"with CI=true no test may be skipped: {reason}"
        elif noted := os.environ.get("LIBFW_SKIPPED"):
            with open(noted, "a") as file:
                file.write(f"{item.nodeid}: {reason}\n")
    return report


def unshare(flags: int) -> bool:
    return ctypes.CDLL(None, use_errno=True).unshare(flags) == 0


def own_network() -> bool:
    """Moves the process into a network namespace; who may not do that becomes the root of a user namespace first."""
    uid, gid = os.getuid(), os.getgid()
    if unshare(CLONE_NEWNET):
        return True
    if not unshare(CLONE_NEWUSER):
        return False
    # Without a name in the namespace, programs that are started in it would have no rights.
    for file, text in ("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1"):
        Path(f"/proc/self/{file}").write_text(text)
    # Not before there is a root, or nobody may read the names of its tables.
    return unshare(CLONE_NEWNET)


@pytest.fixture
def legacy(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests about what only legacy tables have or need."""
    monkeypatch.setenv("LIBFW_BACKEND", "legacy")


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> libfw.Kernel:
    """The tables of an empty network namespace, into which the test moves."""
    if not own_network():
        pytest.skip("this process may not make a network namespace")
    lock = tmp_path / "xtables.lock"
    monkeypatch.setenv("XTABLES_LOCKFILE", str(lock))
    kernel = libfw.Kernel(lock=lock)
    try:
        libfw.Table("filter", kernel=kernel).refresh()
    except libfw.BackendAbsentError as error:
        pytest.skip(str(error))
    return kernel


def backend() -> str:
    """The backend that the test is about."""
    return os.environ["LIBFW_BACKEND"] or libfw.Kernel().backend


@pytest.fixture
def iptables(kernel: libfw.Kernel) -> Callable[..., str]:
    """Runs the iptables of the machine in the namespace of the test."""
    name = f"iptables-{backend()}"
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")

    def run(*args: str, program: str = name) -> str:
        done = subprocess.run([program, *args], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture
def tables(kernel: libfw.Kernel) -> Iterator[libfw.Kernel]:
    """Those that `libfw.iptc` works on."""
    libfw.iptc.set_kernel(kernel)
    yield kernel
    libfw.iptc.set_kernel(None)


@pytest.fixture
def chain(tables: libfw.Kernel) -> libfw.iptc.Chain:
    return libfw.iptc.Chain(libfw.iptc.Table("filter"), "INPUT")
