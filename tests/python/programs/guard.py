"""Undoes what others do, as a task of asyncio."""

from __future__ import annotations

import asyncio

import libfw


async def guard(watch: libfw.Watch, log: list[str]) -> None:
    """Puts back every change, and notes it."""
    async for change in watch:
        log.append(f"{change.table}: {len(change.added)} came, {len(change.removed)} went")
        await asyncio.to_thread(watch.put_back, change)


async def intrude(kernel: libfw.Kernel) -> None:
    """What somebody else does."""
    async with libfw.transaction(kernel) as t:
        t["nat"]["PREROUTING"].append("-p tcp --dport 80 -j REDIRECT --to-ports 8080")
        t["filter"]["INPUT"].clear()


async def work(kernel: libfw.Kernel) -> list[str]:
    """Guards two tables until they are what they were."""
    log: list[str] = []
    with kernel.watch("filter", "nat", tick=0.02, contents=1) as watch:
        task = asyncio.create_task(guard(watch, log))
        await asyncio.sleep(0.05)
        await intrude(kernel)
        for _ in range(600):
            await asyncio.sleep(0.05)
            if len(log) == 2 and kernel.table()["INPUT"] and not kernel.table("nat")["PREROUTING"]:
                break
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return log


def main(kernel: libfw.Kernel) -> None:
    """Guards."""
    with libfw.transaction(kernel) as t:
        t["filter"]["INPUT"].append("-i lo -j ACCEPT")
        t["nat"]["OUTPUT"].append("-p udp -j ACCEPT")
    before = libfw.save(kernel=kernel)
    assert sorted(asyncio.run(work(kernel))) == ["filter: 0 came, 1 went", "nat: 1 came, 0 went"]
    assert libfw.save(kernel=kernel) == before
