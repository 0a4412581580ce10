"""Counters for a system that asks for them every so often."""

from __future__ import annotations

from collections.abc import Iterator

import libfw
from libfw import matches


def labels(table: libfw.Table) -> Iterator[tuple[str, int, str]]:
    """The rules that have a name."""
    for name, chain in table.items():
        for index, rule in enumerate(chain):
            note = rule.find(matches.Comment)
            if note is not None and note.comment is not None:
                yield name, index, note.comment


def metrics(kernel: libfw.Kernel) -> list[str]:
    """A line for each rule that has a name."""
    table = kernel.table()
    counters: libfw.CounterSnapshot = table.counters()
    lines: list[str] = []
    for chain, index, label in labels(table):
        numbers: memoryview = counters[chain]
        packets, count = numbers[2 * index], numbers[2 * index + 1]
        lines.append(f'firewall_packets_total{{chain="{chain}",rule="{label}"}} {packets}')
        lines.append(f'firewall_bytes_total{{chain="{chain}",rule="{label}"}} {count}')
    return lines


def main(kernel: libfw.Kernel) -> None:
    """Counts."""
    with kernel.table() as table:
        table["INPUT"].append(protocol="tcp", matches=[matches.Comment(comment="web")], counters=(3, 180))
        table["INPUT"].append("-p udp -c 5 50")
    assert metrics(kernel) == [
        'firewall_packets_total{chain="INPUT",rule="web"} 3',
        'firewall_bytes_total{chain="INPUT",rule="web"} 180',
    ]
    spent: libfw.Counters = table["INPUT"][1].counters - libfw.Counters(2, 20)
    assert (spent.packets, spent.bytes) == (3, 30)
