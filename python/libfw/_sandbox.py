"""A network namespace to try things in."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import sys

from ._libfw import Kernel

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from os import PathLike
    from types import TracebackType
    from typing import IO, Any, Literal, Optional, TypedDict, Union

    from typing_extensions import Unpack

    _File = Union[int, IO[Any], None]
    _Path = Union[str, bytes, PathLike[str], PathLike[bytes]]

    class _Options(TypedDict, total=False):
        """Those of `subprocess.run`."""

        bufsize: int
        executable: Optional[_Path]
        stdin: _File
        stdout: _File
        stderr: _File
        preexec_fn: Optional[Callable[[], Any]]
        close_fds: bool
        shell: bool
        cwd: Optional[_Path]
        env: Optional[Mapping[str, str]]
        universal_newlines: Optional[bool]
        restore_signals: bool
        start_new_session: bool
        pass_fds: Collection[int]
        capture_output: bool
        check: bool
        encoding: Optional[str]
        errors: Optional[str]
        input: Union[str, bytes, None]
        text: Optional[bool]
        timeout: Optional[float]
        user: Union[str, int, None]
        group: Union[str, int, None]
        extra_groups: Optional[Iterable[Union[str, int]]]
        umask: int
        pipesize: int
        process_group: Optional[int]

_NEWNS = 0x0002_0000
_NEWUSER = 0x1000_0000
_NEWNET = 0x4000_0000
_NETLINK_NETFILTER = 12
#: `MS_REC | MS_PRIVATE`
_ALL_PRIVATE = 0x4000 | 0x4_0000

#: The child: it makes the namespaces, hands its sockets over, and ends when nobody listens any more.
_CHILD = """
import sys; sys.path[:0] = {path!r}
from libfw._sandbox import _serve
_serve({fd})
"""


def _call(name: str, *arguments: Optional[int | bytes]) -> None:
    """Calls a function of the C library that returns -1 and `errno` when it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def _serve(fd: int) -> None:
    """Makes the namespaces, in a process of its own, and waits for the end of the sandbox."""
    with socket.socket(fileno=fd) as parent:
        try:
            user, group = os.geteuid(), os.getegid()
            _call("unshare", _NEWUSER)
            _write("/proc/self/setgroups", "deny")
            _write("/proc/self/uid_map", f"0 {user} 1")
            _write("/proc/self/gid_map", f"0 {group} 1")
            # The kernel lets nobody read the names of the tables, unless there is a root when the network is made.
            _call("unshare", _NEWNET | _NEWNS)
            # The lock file of iptables is root's: whoever is root in here has one of his own.
            _call("mount", None, b"/", None, _ALL_PRIVATE, None)
            _call("mount", b"tmpfs", b"/run", b"tmpfs", 0, None)
            sockets = [socket.socket(family, socket.SOCK_DGRAM) for family in (socket.AF_INET, socket.AF_INET6)]
            sockets.append(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER))
            _bring_up(sockets[0])
            socket.send_fds(parent, [b"+"], [one.fileno() for one in sockets])
        except OSError as error:
            parent.send(b"-" + f"{error.errno} {error.strerror}".encode())
            return
        parent.recv(1)


def _bring_up(inet: socket.socket) -> None:
    """Brings the loopback interface up."""
    import fcntl

    SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
    request = struct.pack("16sh22x", b"lo", 0)
    (flags,) = struct.unpack_from("h", fcntl.ioctl(inet, SIOCGIFFLAGS, request), 16)
    fcntl.ioctl(inet, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", flags | IFF_UP))


class sandbox:
    """A network namespace of one's own, in which rules harm nobody: no root, nothing of the host changes.

        with libfw.sandbox() as kernel:
            with kernel.table() as table:
                table["INPUT"].append("-p icmp -j DROP")
            assert len(kernel.table()["INPUT"]) == 1

    The block gets the `Kernel` of the namespace, which has a loopback interface and empty tables. `run` starts a program in it.
    It is gone with the block, and whoever still uses its kernel then is told so. A host that gives users no namespaces raises `OSError`.

    A rule that asks for the user or the group of a socket, `-m owner`, is refused here: the kernel takes it only from a program in the
    namespace, such as one that `run` starts.

    The tables are in the backend that is named, `"legacy"` or `"nft"`, or else in the one that `Kernel()` finds on this host.
    """

    kernel: Kernel

    def __init__(self, *, backend: Optional[Literal["legacy", "nft"]] = None) -> None:
        if backend not in (None, "legacy", "nft"):
            raise ValueError(f"a sandbox has the backend legacy or nft, not {backend}")
        self._backend = backend
        self._child: Optional[subprocess.Popen[bytes]] = None

    def __enter__(self) -> Kernel:
        if self._child is not None:
            raise RuntimeError("the block of the sandbox has begun already")
        ours, theirs = socket.socketpair()
        with theirs:
            program = _CHILD.format(path=sys.path, fd=theirs.fileno())
            command = [sys.executable, "-c", program]
            self._child = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        self._socket = ours
        try:
            told, descriptors, _, _ = socket.recv_fds(ours, 1024, 3)
            if not told.startswith(b"+"):
                number, _, words = told[1:].decode().partition(" ")
                raise OSError(int(number or 0), f"no namespace for the sandbox: {words or 'the child has ended'}")
            try:
                backend = self._backend or Kernel().backend
                self.kernel = Kernel._of_process(backend, self._child.pid, *descriptors)
            finally:
                for descriptor in descriptors:
                    os.close(descriptor)
        except BaseException:
            self.__exit__()
            raise
        return self.kernel

    def __exit__(
        self,
        kind: Optional[type[BaseException]] = None,
        error: Optional[BaseException] = None,
        traceback: Optional[TracebackType] = None,
    ) -> None:
        kernel = getattr(self, "kernel", None)
        if kernel is not None:
            kernel._close()
        # The child ends when this end is closed, also if this process is killed.
        self._socket.close()
        if self._child is not None:
            self._child.wait()
            self._child = None

    def run(self, command: Sequence[_Path], **options: Unpack[_Options]) -> subprocess.CompletedProcess[Any]:
        """Runs a program in the namespace, as its root; `/run` is empty, so that it takes a lock of its own.

            box = libfw.sandbox()
            with box as kernel:
                assert box.run(["true"]).returncode == 0

        The options are those of `subprocess.run`; a `preexec_fn` is called in the namespace.
        """
        if self._child is None:
            raise RuntimeError("programs run in the sandbox while its block does")
        pid, preexec_fn = self._child.pid, options.pop("preexec_fn", None)

        def enter() -> None:
            here = os.getcwd()
            files = [os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY) for name in ("user", "net", "mnt")]
            for file, kind in zip(files, (_NEWUSER, _NEWNET, _NEWNS)):
                _call("setns", file, kind)
                os.close(file)
            os.chdir(here)
            if preexec_fn is not None:
                preexec_fn()

        options["preexec_fn"] = enter
        return subprocess.run(command, **options)
