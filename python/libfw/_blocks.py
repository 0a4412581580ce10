"""Blocks that edit tables: again after a conflict, and in coroutines."""

from __future__ import annotations

from . import _libfw
from .errors import ConflictError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future, ThreadPoolExecutor
    from typing import Any, Optional, TypeVar, Union

    from ._values import Family

    T = TypeVar("T")
    Block = TypeVar("Block", _libfw.Table, _libfw.Transaction)


def update(
    name: str,
    function: Callable[[_libfw.Table], T],
    family: Union[Family, str, int, None] = None,
    *,
    kernel: Optional[_libfw.Kernel] = None,
    chains: Optional[Iterable[Union[str, bytes]]] = None,
    retries: int = 5,
) -> T:
    """Has a function edit a table under the lock, and commits what it did; returns what the function returns.

        kernel = libfw.Kernel(backend="memory")
        added = libfw.update("filter", lambda table: table["INPUT"].ensure("-j LOG"), kernel=kernel)
        assert added and not libfw.update("filter", lambda table: table["INPUT"].ensure("-j LOG"), kernel=kernel)

    The table is read whole, or `chains` of it and what the function comes to need, as by `Table`.

    When a program that ignores the lock gets in between, the table is read and the function called again, at most so many times;
    then it is a `ConflictError`. When the function raises an exception nothing is changed.
    """
    if retries < 0:
        raise ValueError(f"a function is called again so many times, not {retries}")
    table = _libfw.Table(name, family=family, kernel=kernel, chains=chains)
    while True:
        try:
            with table:
                return function(table)
        except ConflictError:
            if retries == 0:
                raise
            retries -= 1


#: The threads of the blocks that have begun. The lock belongs to a thread: in one that works for other tasks too, these would have it.
_THREADS: dict[int, ThreadPoolExecutor] = {}


async def enter(block: Block) -> Block:
    """Begins an `async with` block."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    thread = ThreadPoolExecutor(1, "libfw")
    entering = thread.submit(block.__enter__)
    try:
        await asyncio.wrap_future(entering)
    except BaseException:
        # A wait goes on in its thread when its task is cancelled: whatever it gets is given back.
        thread.submit(_give_back, block, entering)
        thread.shutdown(wait=False)
        raise
    _THREADS[id(block)] = thread
    return block


def _give_back(block: Any, entering: Future[Any]) -> None:
    if not entering.cancelled() and entering.exception() is None:
        block.__exit__(GeneratorExit)


async def leave(block: Any, *raised: Any) -> None:
    """Ends it."""
    import asyncio

    thread = _THREADS.pop(id(block))
    try:
        # What is being written is written, even if the task is cancelled now.
        await asyncio.shield(asyncio.wrap_future(thread.submit(block.__exit__, *raised)))
    finally:
        thread.shutdown(wait=False)
