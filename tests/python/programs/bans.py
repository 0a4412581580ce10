"""Refuses addresses for a time; a thread lets them in again."""

from __future__ import annotations

import heapq
import threading
import time
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Union

import libfw
from libfw import Family, targets

Address = Union[IPv4Address, IPv6Address]


class Bans:
    """Addresses that are refused until their time is over."""

    def __init__(self, kernel: libfw.Kernel, chain: str) -> None:
        self.kernel = kernel
        self.chain = chain
        self.ends: list[tuple[float, Address]] = []
        self.news = threading.Condition()
        self.over = False
        for family in Family.IPV4, Family.IPV6:
            with kernel.table("filter", family) as table:
                table.ensure_chain(chain)
                table["INPUT"].ensure(jump=chain, position="first")
        self.thread = threading.Thread(target=self.expire)
        self.thread.start()

    def ban(self, text: str, seconds: float) -> bool:
        """Refuses an address; whether it was let in before."""
        address = ip_address(text)
        with self.kernel.table("filter", address.version) as table:
            added = table[self.chain].ensure(source=address, target=targets.Drop())
        with self.news:
            heapq.heappush(self.ends, (time.monotonic() + seconds, address))
            self.news.notify()
        return bool(added)

    def expire(self) -> None:
        """What the thread does."""
        while True:
            with self.news:
                left = self.ends[0][0] - time.monotonic() if self.ends else None
                if self.over:
                    return
                if left is None or left > 0:
                    self.news.wait(left)
                    continue
                _, address = heapq.heappop(self.ends)
            with self.kernel.table("filter", address.version) as table:
                table[self.chain].ensure_absent(libfw.Rule(source=address, target=targets.Drop(), family=address.version))

    def banned(self) -> list[str]:
        """The networks that are refused now."""
        tables = (self.kernel.table("filter", family) for family in (Family.IPV4, Family.IPV6))
        return [str(rule.source) for table in tables for rule in table[self.chain]]

    def close(self) -> None:
        """Ends the thread and takes its chains away."""
        with self.news:
            self.over = True
            self.news.notify()
        self.thread.join()
        for family in Family.IPV4, Family.IPV6:
            with self.kernel.table("filter", family) as table:
                table["INPUT"].delete(jump=self.chain)
                table[self.chain].clear()
                del table[self.chain]


def main(kernel: libfw.Kernel) -> None:
    """Bans three addresses, of which one comes back."""
    bans = Bans(kernel, "bans")
    try:
        assert bans.ban("2001:db8::7", 60) and bans.ban("192.0.2.8", 60) and not bans.ban("192.0.2.8", 60)
        assert bans.ban("192.0.2.7", 0.1)
        end = time.monotonic() + 30
        while "192.0.2.7/32" in bans.banned() and time.monotonic() < end:
            time.sleep(0.02)
        assert bans.banned() == ["192.0.2.8/32", "2001:db8::7/128"]
    finally:
        bans.close()
    assert not kernel.table()["INPUT"] and "bans" not in kernel.table("filter", 6)
