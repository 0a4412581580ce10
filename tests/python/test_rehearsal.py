"""What would be, without its being done: rehearsals, kernels in memory as a test wants them, desired states in JSON, and rules that are
the same by what they mean."""

from __future__ import annotations

import json

import pytest

import libfw


@pytest.mark.parametrize("backend", ["memory", "memory-nft"])
def test_a_kernel_in_memory_has_what_it_is_told_of(backend):
    kernel = libfw.Kernel(
        backend=backend, sets={"banned": "ipv4"}, objects={"accounting": ["web"]}, revisions={"TEE": None}
    )
    with kernel.table() as table:
        table["INPUT"].append("-m set --match-set banned src -m nfacct --nfacct-name web -j DROP")
    assert len(kernel.table()["INPUT"]) == 1
    with pytest.raises(libfw.NoSuchObjectError, match="no set"):
        kernel.table()["INPUT"].append("-m set --match-set other src")
    with pytest.raises(libfw.NoSuchObjectError) as caught, kernel.table() as table:
        table["INPUT"].append("-m nfacct --nfacct-name mail")
    assert (caught.value.token, caught.value.option, caught.value.rule) == ("mail", "nfacct-name", 1)
    with pytest.raises(libfw.ExtensionUnavailableError), kernel.table("mangle") as table:
        table["PREROUTING"].append("-j TEE --gateway 10.0.0.1")


def test_what_a_kernel_in_memory_cannot_have():
    with pytest.raises(TypeError):
        libfw.Kernel(backend="nft", sets={"banned": "ipv4"})
    for wrong in {"sets": {"banned": "both"}}, {"objects": {"thing": ["x"]}}, {"revisions": {"nothing": 1}}:
        with pytest.raises(ValueError, match="sets|objects|revisions"):
            libfw.Kernel(backend="memory", **wrong)
    # Names that no kernel takes.
    for name in "", "a\0b", "x" * 32:
        with pytest.raises(libfw.InvalidArgumentError, match="ipset, which has 1 to 31 bytes"):
            libfw.Kernel(backend="memory", sets={name: "ipv4"})
    for name in "", "a\0b", "x" * 16:
        with pytest.raises(libfw.InvalidArgumentError, match="connection tracking helper, which has 1 to 15 bytes"):
            libfw.Kernel(backend="memory", objects={"helper": [name]})


def test_a_rehearsal_says_what_would_be():
    kernel = libfw.Kernel(backend="memory")
    rehearsal = kernel.rehearse()
    libfw.run(["iptables", "-A", "INPUT", "-p", "tcp", "-j", "DROP"], kernel=rehearsal.kernel)
    assert str(rehearsal.plan) == "# IPv4 filter\n+ -A INPUT -p tcp -j DROP\n"
    assert len(kernel.table()["INPUT"]) == 0
    plan = json.loads(rehearsal.plan.to_json())
    assert (plan["format"], plan["changes"]["rules_added"]) == ("libfw.plan/1", 1)
    with pytest.raises(libfw.InvalidRuleError), rehearsal.kernel.table() as table:
        table["INPUT"].append("-m owner --uid-owner 0")


def test_all_that_is_wrong_is_told():
    table = libfw.Kernel(backend="memory").table()
    table["INPUT"].extend(["-m owner --uid-owner 0", "-j ACCEPT -p udp", "-m string --algo none --string x"])
    for check in table.validate, table.rehearse:
        with pytest.raises(libfw.InvalidRuleError) as caught:
            check()
        (other,) = caught.value.others
        assert (caught.value.rule, other.rule, other.kind) == (0, 2, "NoSuchObject")
    table.discard()
    file = (
        "*filter\n-A INPUT -p tcp --dport x\n-A INPUT -p udp -j ACCEPT\n-A INPUT -m owner --uid-owner 0\nCOMMIT\n"
        "*nowhere\n-A INPUT -j ACCEPT\nCOMMIT\n*nat\n-A INPUT -j DNAT --to-destination 1.2.3.4\nCOMMIT\n"
    )
    with pytest.raises(libfw.Error) as caught:
        libfw.restore(file, test=True, strict=True, kernel=libfw.Kernel(backend="memory"))
    assert [error.line for error in (caught.value, *caught.value.others)] == [2, 4, 6, 10]
    assert [error.rule for error in (caught.value, *caught.value.others)] == [0, 2, None, 0]


def test_an_interface_that_packets_lack_is_warned_of():
    table = libfw.Kernel(backend="memory").table()
    table["INPUT"].append("-o eth0 -j DROP")
    for check in table.validate, table.rehearse:
        with pytest.warns(libfw.errors.RuleWarning, match="chain INPUT, rule 1: .* --out-interface here, .* never matches"):
            check()
    with pytest.raises(libfw.Error, match="packets in INPUT have no output interface"):
        libfw.restore("*filter\n-A INPUT -o eth0 -j DROP\nCOMMIT\n", kernel=libfw.Kernel(backend="memory"))


def test_the_line_of_a_long_file_is_shown():
    lines = "".join(f"-A  INPUT -s 10.{n // 65536}.{n // 256 % 256}.{n % 256} -j ACCEPT\n" for n in range(9000))
    file = f"*filter\n{lines}-A INPUT   -m owner --uid-owner 0\nCOMMIT\n"
    with pytest.raises(libfw.InvalidRuleError) as caught:
        libfw.restore(file, kernel=libfw.Kernel(backend="memory"))
    assert (caught.value.line, caught.value.column, caught.value.rule) == (9002, 15, 9000)
    assert caught.value.rule_text == "-A INPUT   -m owner --uid-owner 0"


def test_rules_that_mean_the_same():
    kernel = libfw.Kernel(backend="memory")
    one, other = kernel.table(), kernel.table()
    one["INPUT"].append("-m state --state NEW -j LOG")
    other["INPUT"].append("-m conntrack --ctstate NEW -j LOG")
    assert len(one.diff(other)) == 2
    assert not one.diff(other, equivalence="meaning")
    assert not one["INPUT"].ensure("-m conntrack --ctstate NEW -j LOG", equivalence="meaning")
    assert one["INPUT"].ensure("-m conntrack --ctstate NEW -j LOG")
    assert one["INPUT"].dedup() == 0
    assert one["INPUT"].dedup(equivalence="meaning") == 1
    with pytest.raises(ValueError, match="equivalence"):
        one.diff(other, equivalence="roughly")


def test_what_is_desired_in_json():
    kernel = libfw.Kernel(backend="memory")

    def table(*rules):
        chains = [{"chain": "INPUT", "rules": [{"text": rule} for rule in rules]}]
        return json.dumps({"family": "ipv4", "table": "filter", "chains": chains}, indent=1)

    desired = libfw.Desired(kernel=kernel)
    desired.read_json(table("-m state --state NEW -j LOG"))
    assert desired.apply().added == 1
    assert not desired.apply()
    same = libfw.Desired(equivalence="meaning", kernel=kernel)
    same.read_json(table("-m conntrack --ctstate NEW -j LOG"))
    assert not same.plan()
    wrong = libfw.Desired(kernel=kernel)
    with pytest.raises(libfw.Error, match="dport"):
        wrong.read_json(table("-p tcp --dport x"))
    refused = libfw.Desired(kernel=kernel)
    refused.read_json(table("-p udp -j ACCEPT", "-m owner --uid-owner 0"))
    with pytest.raises(libfw.InvalidRuleError) as caught:
        refused.apply()
    assert (caught.value.path, caught.value.line) == ("chains[0].rules[1]", 11)
    assert [str(rule) for rule in kernel.table()["INPUT"]] == ["-m state --state NEW -j LOG"]
