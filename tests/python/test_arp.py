"""Rules for ARP, which only nf_tables have."""

from __future__ import annotations

import pytest

import libfw
from libfw import matches, targets


def test_rules() -> None:
    for text, parts in [
        ("-j DROP -s 10.0.0.1 --opcode 1", ([matches.Arp(opcode=1)], "DROP")),
        (
            "-j RETURN --src-mac 00:11:22:33:44:55 --h-type 0x2",
            ([matches.Arp(source_mac="00:11:22:33:44:55", h_type=2)], "RETURN"),
        ),
        ("-j DROP --h-type 0x10", ([matches.Arp(h_type=16)], "DROP")),
        ("-j DROP --h-type 0x10/0xf0", ([matches.Arp(h_type=libfw.Masked(16, 240))], "DROP")),
        ("-j DROP --proto-type 0x800/0xff00", ([matches.Arp(proto_type=libfw.Masked(0x800, 0xFF00))], "DROP")),
        ("-j mangle --mangle-ip-s 1.2.3.4", ([], targets.Mangle(mangle_ip_s="1.2.3.4"))),
        ("-j MARK --set-mark 1f", ([], targets.ArpMark(set_mark=0x1F))),
    ]:
        rule = libfw.Rule(text, family=libfw.Family.ARP)
        assert str(rule) == text and rule.family is libfw.Family.ARP
        assert libfw.Rule.from_dict(rule.to_dict()) == rule
        source = "10.0.0.1" if "-s 10" in text else libfw.ANY
        built = libfw.Rule(source=source, matches=parts[0], target=parts[1], family="arp")
        assert built == rule, text
    assert str(libfw.Rule("-j MARK --set-mark 0x1f", family="arp")) == "-j MARK --set-mark 1f"
    (arp,) = libfw.Rule("--opcode Reply", family="arp").matches
    assert isinstance(arp, matches.Arp) and arp.opcode == 2
    with pytest.raises(ValueError):
        libfw.Rule("-p tcp", family="arp")


def test_tables() -> None:
    kernel = libfw.Kernel(backend="memory-nft")
    with kernel.table("filter", family=libfw.Family.ARP) as table:
        table.new_chain("web").append("--opcode Request -j DROP")
        table["INPUT"].append("-j web")
    lines = kernel.table("filter", family="arp").save().splitlines()
    assert lines[-3:] == [":web -", "-A INPUT -j web", "-A web -j DROP --opcode 1"]
    with pytest.raises(libfw.Error):
        libfw.Kernel(backend="memory").table("filter", family="arp").save()
