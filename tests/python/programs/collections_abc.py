"""A chain where a list of rules is asked for, and a table where a mapping is."""

from collections.abc import Mapping, MutableSequence, Sequence

import libfw
from libfw import Chain, Rule


def targets(rules: Sequence[Rule]) -> list[str]:
    return [str(rule.target) for rule in rules]


def drop_the_rest(rules: MutableSequence[Rule]) -> None:
    rules.append(Rule("-j DROP"))


def lengths(chains: Mapping[str, Chain]) -> dict[str, int]:
    return {name: len(chain) for name, chain in chains.items()}


def main(kernel: libfw.Kernel) -> None:
    table = kernel.table()
    chain = table["INPUT"]
    chain += ["-i lo -j ACCEPT"]
    drop_the_rest(chain)
    assert targets(chain) == ["-j ACCEPT", "-j DROP"]
    assert lengths(table) == {"INPUT": 2, "FORWARD": 0, "OUTPUT": 0}
    first: Rule = chain[0]
    both: list[Rule] = chain[:]
    assert both[0] == first


if __name__ == "__main__":
    main(libfw.Kernel(backend="memory"))
