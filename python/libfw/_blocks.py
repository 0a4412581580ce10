"""Blocks that edit tables: again after a conflict, and in coroutines."""

from __future__ import annotations

from . import _libfw
from .errors import ConflictError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future
    from typing import Any, Optional, TypeVar, Union

    from .typing import FamilyLike

    T = TypeVar("T")
    Block = TypeVar("Block", _libfw.Table, _libfw.Transaction)


def update(
    name: str,
    function: Callable[[_libfw.Table], T],
    family: Optional[FamilyLike] = None,
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
    if not callable(function):
        raise TypeError(f"function: expected one that is called with the table, not {function!r}")
    if isinstance(retries, bool) or not hasattr(retries, "__index__"):
        raise TypeError(f"retries: expected a whole number, not {retries!r}")
    if retries < 0:
        raise ValueError(f"retries: expected how often the function is called again, not {retries}")
    table = _libfw.Table(name, family=family, kernel=kernel, chains=chains)
    while True:
        try:
            with table:
                return function(table)
        except ConflictError:
            if retries == 0:
                raise
            retries -= 1


class _Thread:
    """Where the blocks of a task are begun and ended that are one in another. The lock belongs to a thread, which gets it again at once;
    a thread that works for other tasks too would let these have it."""

    def __init__(self) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self.pool = ThreadPoolExecutor(1, "libfw")
        self.blocks = 0

    def end(self, task: object) -> None:
        """Once a block is over."""
        self.blocks -= 1
        if self.blocks == 0:
            _OF_TASKS.pop(task, None)
            self.pool.shutdown(wait=False)


#: Those of the tasks that are in a block.
_OF_TASKS: dict[object, _Thread] = {}
#: Of each block that has begun, and its task, which may not be the one that ends it.
_OF_BLOCKS: dict[int, tuple[_Thread, object]] = {}


async def enter(block: Block) -> Block:
    """Begins an `async with` block."""
    import asyncio

    task = asyncio.current_task()
    thread = _OF_TASKS.get(task)
    if thread is None:
        thread = _OF_TASKS[task] = _Thread()
    thread.blocks += 1
    entering = thread.pool.submit(block.__enter__)
    try:
        await asyncio.wrap_future(entering)
    except BaseException:
        # A wait goes on in its thread when its task is cancelled: whatever it gets is given back.
        thread.pool.submit(_give_back, block, entering)
        thread.end(task)
        raise
    _OF_BLOCKS[id(block)] = thread, task
    return block


def _give_back(block: Any, entering: Future[Any]) -> None:
    if not entering.cancelled() and entering.exception() is None:
        block.__exit__(GeneratorExit)


async def leave(block: Any, *raised: Any) -> None:
    """Ends it."""
    import asyncio

    thread, task = _OF_BLOCKS.pop(id(block))
    try:
        # What is being written is written, even if the task is cancelled now.
        await asyncio.shield(asyncio.wrap_future(thread.pool.submit(block.__exit__, *raised)))
    finally:
        thread.end(task)
