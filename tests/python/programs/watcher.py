"""Bans addresses from several tasks, while another one tells what becomes of the table."""

from __future__ import annotations

import asyncio

import libfw


def ban(kernel: libfw.Kernel, address: str) -> bool:
    """Whether the address was not banned before."""
    with kernel.table() as table:
        return table["INPUT"].ensure(source=address, target="DROP")


async def tell(watch: libfw.Watch, seen: list[str]) -> None:
    """Tells of new rules until somebody cancels it."""
    async for change in watch:
        seen.extend(str(rule) for _, _, rule in change.added)


async def work(kernel: libfw.Kernel) -> None:
    """Watches and bans."""
    seen: list[str] = []
    watch = kernel.watch("filter", tick=0.01)
    task = asyncio.create_task(tell(watch, seen))
    addresses = [f"192.0.2.{number}" for number in (1, 2, 3, 1)]
    new = await asyncio.gather(*(asyncio.to_thread(ban, kernel, address) for address in addresses))
    assert sorted(new) == [False, True, True, True]
    for _ in range(500):
        if len(seen) == 3:
            break
        await asyncio.sleep(0.02)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    assert sorted(seen) == [f"-s 192.0.2.{number}/32 -j DROP" for number in (1, 2, 3)], seen


def main(kernel: libfw.Kernel) -> None:
    """Does it all."""
    asyncio.run(work(kernel))
