"""What a site's firewall is to be: declared, brought about, mended after drift, tried with a deadline, and taken back."""

from __future__ import annotations

import libfw
from libfw import matches, targets


def wanted(kernel: libfw.Kernel, admin: int) -> libfw.Desired:
    """The state that the tables should have, with the port at which administrators come in."""
    desired = libfw.Desired(kernel=kernel)
    established = matches.Conntrack(ctstate=["RELATED", "ESTABLISHED"])
    desired.table(
        {
            "INPUT": [
                libfw.Rule(in_interface="lo", target="ACCEPT"),
                libfw.Rule(matches=[established], target="ACCEPT"),
                libfw.Rule(protocol="tcp", matches=[matches.Tcp(dport=admin)], target="ACCEPT"),
                "-p tcp -m multiport --dports 80,443 -j web",
            ],
            "web": ["-m limit --limit 50/sec -j ACCEPT", "-j DROP"],
        },
        policies={"INPUT": "DROP"},
    )
    desired.table({"POSTROUTING": [libfw.Rule(out_interface="eth0", target=targets.Masquerade())]}, table="nat")
    desired.table({"INPUT": ["-i lo -j ACCEPT"]}, family="ipv6", policies={"INPUT": "DROP"})
    return desired


def try_port(kernel: libfw.Kernel, admin: int, works: bool) -> bool:
    """Moves the administrators' port, and keeps that only if they still come in."""
    with wanted(kernel, admin).apply_for(60) as pending:
        if works:
            pending.confirm()
    return not wanted(kernel, admin).plan()


def main(kernel: libfw.Kernel) -> None:
    """A day of the site."""
    site = wanted(kernel, 22)
    plan = site.plan()
    assert plan.summary == "8 rules added, 1 chain added, 2 policies changed"
    done = site.apply()
    assert done == plan and not site.plan() and not wanted(kernel, 22).apply()

    # Somebody works by hand.
    with kernel.table() as table:
        table["INPUT"].insert(1, "-s 192.0.2.66 -j ACCEPT")
        table["INPUT"].delete("-p tcp --dport 22 -j ACCEPT")
    drift = site.plan()
    assert [change.kind for change in drift.changes] == ["rule removed", "rule added"]
    kernel.apply(drift)
    assert not site.plan()

    assert not try_port(kernel, 2222, works=False) and not site.plan()
    assert try_port(kernel, 2222, works=True)

    # What is wrong is told with its place, and changes nothing.
    try:
        wanted(kernel, 70000)
    except libfw.InvalidValueError as error:
        assert (error.extension, error.option, error.token) == ("tcp", "dport", "70000")
    else:
        raise AssertionError("there is no such port")
    assert not wanted(kernel, 2222).plan()

    site.apply()
    kernel.apply(done.inverse())
    assert "web" not in kernel.table() and kernel.table()["INPUT"].policy == "ACCEPT"
