"""What python-iptables needs to find its libraries, and this module does not."""

from __future__ import annotations


def load_kernel(name: str, exc_if_failed: bool = False) -> None:
    """Does nothing: the kernel loads the module of a table or match when it is asked for one."""
