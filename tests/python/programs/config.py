"""Services from a configuration, which can be applied as often as one likes; a mistake in it opens nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

import libfw
from libfw import ANY, matches, targets


@dataclass(frozen=True)
class Service:
    """A service, and who may use it."""

    name: str
    protocol: str
    port: int
    allowed: tuple[str, ...] = ("any",)
    limit: Optional[str] = None

    def rules(self) -> list[libfw.Rule]:
        """One rule for each network."""
        port = matches.Tcp(dport=self.port) if self.protocol == "tcp" else matches.Udp(dport=self.port)
        parts: list[libfw.Match] = [port]
        if self.limit is not None:
            parts.append(matches.Limit(limit=self.limit))
        parts.append(matches.Comment(comment=self.name))
        return [
            libfw.Rule(
                source=ANY if source == "any" else source, protocol=self.protocol, matches=parts, target=targets.Accept
            )
            for source in self.allowed
        ]


def apply(kernel: libfw.Kernel, config: list[dict[str, Any]]) -> libfw.Report:
    """Makes the firewall what the configuration says."""
    wanted = [rule for service in config for rule in Service(**service).rules()]
    table = kernel.table("filter")
    table.ensure_chain("services").sync(wanted)
    table["INPUT"].ensure(jump="services", position="first")
    table["INPUT"].policy = "DROP"
    return table.commit()


def main(kernel: libfw.Kernel) -> None:
    """Applies a configuration twice, and then some that are wrong."""
    ssh = {"name": "ssh", "protocol": "tcp", "port": 22, "allowed": ("10.0.0.0/8", "192.0.2.0/24")}
    config: list[dict[str, Any]] = [ssh, {"name": "dns", "protocol": "udp", "port": 53, "limit": "100/second"}]
    assert apply(kernel, config).changed and not apply(kernel, config).changed
    lines = kernel.table()["services"].rules()
    assert lines[1:] == [
        "-A services -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT",
        "-A services -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT",
        "-A services -p udp -m udp --dport 53 -m limit --limit 100/sec -m comment --comment dns -j ACCEPT",
    ]
    for mistake in ({"port": None}, {"port": 70000}, {"allowed": (None,)}, {"name": None}, {"protocol": None}):
        try:
            apply(kernel, [{**ssh, **mistake}])
        except (ValueError, TypeError):
            assert kernel.table()["services"].rules() == lines
        else:
            raise AssertionError(mistake)
