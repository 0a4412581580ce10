"""A small firewall for a host: what is asked for comes in, the rest is logged and dropped.

    python firewall.py          sets it up and prints the table as a save file
"""

import sys

import libfw
from libfw import matches, targets


def set_up(kernel: libfw.Kernel) -> str:
    """Replaces what the table `filter` has for incoming packets; returns the table as a save file."""
    with kernel.table("filter") as table:
        incoming = table["INPUT"]
        incoming.flush()
        incoming.policy = "DROP"
        # A rule from the text that iptables takes.
        incoming.append("-i lo -j ACCEPT")
        # The others from typed parts.
        incoming.append(
            matches=[matches.Conntrack(state=["RELATED", "ESTABLISHED"])],
            target=targets.Accept,
        )
        incoming.append(
            protocol="icmp",
            matches=[matches.Icmp(icmp_type=8), matches.Limit(rate="5/sec")],
            target=targets.Accept,
        )
        incoming.append(
            protocol="tcp",
            matches=[
                matches.Tcp(dport=22),
                matches.Hashlimit(upto="10/min", burst=5, mode=["srcip"], name="ssh"),
            ],
            target=targets.Accept,
        )
        incoming.append(
            protocol="tcp",
            matches=[matches.Multiport(dports=[80, 443])],
            target=targets.Accept,
        )
        incoming.append(target=targets.Log(prefix="dropped: "))
    return table.save()


def main() -> int:
    try:
        print(set_up(libfw.Kernel(wait=5)), end="")
    except libfw.Error as error:
        print(f"firewall: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
