"""Tables that are watched, and blocks of several threads."""

import asyncio
import gc
import os
import signal
import threading
import time
from pathlib import Path

import libfw
import pytest


def there_is(backend: str) -> None:
    """Skips a test of a backend that the kernel lacks."""
    try:
        libfw.Kernel(backend=backend, lock=False).table().refresh()
    except libfw.BackendAbsentError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("backend", ["memory", "legacy", "nft"])
def test_changes_are_told_and_put_back(kernel: libfw.Kernel, backend: str) -> None:
    there_is(backend)
    handle = libfw.Kernel(backend=backend, lock=False)
    table = handle.table()
    table["INPUT"].extend(["-c 3 180 -p tcp -j ACCEPT", "-p udp -j ACCEPT"])
    table.commit()
    watch = handle.watch("filter", "nat", tick=0.005, contents=2)
    assert [(seen.name, len(seen["INPUT"])) for seen in watch.tables] == [("filter", 2), ("nat", 0)]
    assert watch.wait(0) is None and watch.wait(0.02) is None

    def edit() -> None:
        time.sleep(0.05)
        other = handle.table()
        other["INPUT"].append("-j DROP")
        del other["INPUT"][0]
        other.commit()

    thread = threading.Thread(target=edit)
    thread.start()
    change = next(watch)
    thread.join()
    assert [(one.kind, one.before, one.after) for one in change.changes] == [("rule removed", 0, None), ("rule added", None, 1)]
    assert str(change) == "# IPv4 filter\n- -A INPUT -p tcp -j ACCEPT\n+ -A INPUT -j DROP\n"
    assert change.table == "filter" and change.family is libfw.Family.IPV4
    assert [(chain, index, str(rule)) for chain, index, rule in change.added] == [("INPUT", 1, "-j DROP")]
    [(chain, index, rule)] = change.removed
    assert (chain, index, rule.counters) == ("INPUT", 0, (3, 180)) and change.moved == []
    assert repr(change) == "<libfw.TableChange of filter: 1 rule added, 1 removed>"
    assert [str(rule) for rule in watch.tables[0]["INPUT"]] == ["-p udp -j ACCEPT", "-j DROP"]
    watch.put_back(change)
    assert watch.wait(0.02) is None
    table.refresh()
    assert [str(rule) for rule in table["INPUT"]] == ["-p tcp -j ACCEPT", "-p udp -j ACCEPT"]
    assert table["INPUT"][0].counters == (3, 180)

    watch.add("filter", family=6)
    six = handle.table(family=6)
    six.new_chain("web")
    six.commit()
    change6 = watch.wait(10)
    assert change6 is not None and change6.family is libfw.Family.IPV6 and "web" in str(change6)
    with pytest.raises(libfw.NoSuchTableError):
        watch.add("broute")


@pytest.mark.parametrize("backend", ["memory", "legacy", "nft"])
def test_a_watch_is_closed(kernel: libfw.Kernel, backend: str) -> None:
    there_is(backend)
    handle = libfw.Kernel(backend=backend, lock=False)
    handle.watch("filter").close()
    # What other tests have left goes now.
    gc.collect()
    descriptors = os.listdir("/proc/self/fd")
    with handle.watch("filter", tick=0.005) as watch:
        assert len(os.listdir("/proc/self/fd")) > len(descriptors)
        assert watch.fileno() >= 0 and watch.wait(0) is None
    watch.close()
    for ask in (
        lambda: watch.wait(0),
        lambda: watch.add("nat"),
        lambda: iter(watch),
        watch.fileno,
        watch.__enter__,
        watch.__aiter__,
    ):
        with pytest.raises(ValueError, match="the watch is closed"):
            ask()
    # One that is waited for is closed by who waits, when that is over.
    with pytest.raises(KeyError), handle.watch("filter", tick=0.005) as watch:
        thread = threading.Thread(target=watch.wait, args=(0.5,))
        thread.start()
        time.sleep(0.1)
        raise KeyError
    with pytest.raises(ValueError, match="the watch is closed"):
        watch.wait(0)
    thread.join()
    assert len(os.listdir("/proc/self/fd")) <= len(descriptors)


@pytest.mark.parametrize("backend", ["memory", "legacy", "nft"])
def test_an_event_loop_is_told(kernel: libfw.Kernel, backend: str) -> None:
    there_is(backend)
    handle = libfw.Kernel(backend=backend, lock=False)
    watch = handle.watch("filter", tick=0.02, contents=1)

    async def listen() -> str:
        loop = asyncio.get_running_loop()
        told: asyncio.Future[str] = loop.create_future()

        def look() -> None:
            while (change := watch.wait(0)) is not None:
                told.set_result(str(change))

        def edit() -> None:
            table = handle.table()
            table["INPUT"].append("-p tcp -j DROP")
            table.commit()

        loop.add_reader(watch, look)
        loop.call_later(0.1, edit)
        try:
            return await asyncio.wait_for(told, 30)
        finally:
            loop.remove_reader(watch)

    assert asyncio.run(listen()) == "# IPv4 filter\n+ -A INPUT -p tcp -j DROP\n"
    # Nothing is left, and nothing was taken away from who waits in turn.
    assert watch.fileno() >= 0 and watch.wait(0) is None


@pytest.mark.parametrize("backend", ["legacy", "nft"])
def test_blocks_of_threads_queue(kernel: libfw.Kernel, tmp_path: Path, backend: str) -> None:
    there_is(backend)
    failures = []

    def add() -> None:
        try:
            for _ in range(10):
                with libfw.Kernel(backend=backend, lock=tmp_path / "lock").table() as table:
                    table["INPUT"].append("-j ACCEPT")
        except libfw.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(libfw.Kernel(backend=backend).table()["INPUT"]) == 40


def test_a_wait_can_be_interrupted() -> None:
    class Stop(Exception):
        pass

    def stop(number: int, frame: object) -> None:
        # The one who waits has the watch.
        with pytest.raises(RuntimeError, match="waited for already"):
            watch.wait(0)
        raise Stop

    watch = libfw.Kernel(backend="memory").watch("filter")
    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Stop):
            watch.wait()
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(Stop):
            for _ in watch:
                raise AssertionError
    finally:
        signal.signal(signal.SIGALRM, before)
    assert watch.wait(0) is None


@pytest.mark.parametrize("backend", ["memory", "legacy", "nft"])
def test_a_cancelled_wait_loses_no_change(kernel: libfw.Kernel, backend: str) -> None:
    there_is(backend)
    handle = libfw.Kernel(backend=backend, lock=False)
    watch = handle.watch("filter", tick=0.005, contents=1)

    def edit(text: str) -> None:
        table = handle.table()
        table["INPUT"].append(text)
        table.commit()

    async def hear(seconds: float) -> str:
        [(_, _, rule)] = (await asyncio.wait_for(watch.__anext__(), seconds)).added
        return str(rule)

    async def main() -> None:
        for number in range(200, 206):
            with pytest.raises(asyncio.TimeoutError):
                await hear(0.02)
            edit(f"-p {number} -j DROP")
            if number % 2:
                # What the thread has found is told when it is over.
                await asyncio.sleep(0.3)
            assert await hear(30) == f"-p {number} -j DROP"
        with pytest.raises(asyncio.TimeoutError):
            await hear(0.02)
        edit("-p 207 -j DROP")
        await asyncio.sleep(0.4)

    asyncio.run(main())
    # Whoever waits otherwise hears of it too.
    assert "-p 207" in str(watch.wait(10))
    assert watch.wait(0.02) is None


def test_changes_of_chains_and_policies_are_told() -> None:
    kernel = libfw.Kernel(backend="memory")
    with kernel.watch("filter") as watch:
        with kernel.table() as table:
            table.new_chain("web")
            table["INPUT"].policy = "DROP"
        change = watch.wait(10)
        assert change is not None and not change.added
        told = [(one.kind, one.chain, one.policy, one.table, one.family) for one in change.changes]
    assert told == [
        ("policy", "INPUT", ("ACCEPT", "DROP"), "filter", libfw.Family.IPV4),
        ("chain added", "web", None, "filter", libfw.Family.IPV4),
    ]


def test_a_loop_ends_when_the_watch_is_closed() -> None:
    kernel = libfw.Kernel(backend="memory")

    def change() -> None:
        with kernel.table() as table:
            table["INPUT"].append("-j DROP")

    watch = kernel.watch("filter")
    change()
    seen = 0
    for _ in watch:
        seen += 1
        watch.close()

    async def tell(watch: libfw.Watch) -> None:
        async for _ in watch:
            nonlocal seen
            seen += 1

    async def work() -> None:
        watch = kernel.watch("filter")
        task = asyncio.create_task(tell(watch))
        await asyncio.sleep(0.05)
        change()
        while seen < 2:
            await asyncio.sleep(0.02)
        watch.close()
        await asyncio.wait_for(task, 10)

    asyncio.run(work())
    assert seen == 2
    # One that was closed before is not looped over.
    with pytest.raises(ValueError, match="closed"):
        next(iter(watch))
