"""Which of the kernel's two interfaces holds the rules: named, or looked for."""

import json
import pickle
import subprocess

import pytest

import libfw


@pytest.fixture
def nft(kernel: libfw.Kernel, monkeypatch: pytest.MonkeyPatch) -> libfw.Kernel:
    """nf_tables of an empty network namespace, in which nothing but the rules says what is meant."""
    monkeypatch.delenv("LIBFW_BACKEND")
    nft = libfw.Kernel(backend="nft")
    try:
        nft.table().refresh()
    except libfw.BackendAbsentError as error:
        pytest.skip(str(error))
    return nft


def append(kernel: libfw.Kernel, rule: str) -> None:
    with kernel.table() as table:
        table["INPUT"].append(rule)


def test_a_backend_is_named(kernel):
    for name in "legacy", "nft", "memory", "memory-nft":
        named = libfw.Kernel(backend=name)
        assert (named.backend, named.reason) == (name, "the program says so")
    with pytest.raises(libfw.InvalidValueError, match="no backend is called 'nftables'|no backend is called \"nftables\""):
        libfw.Kernel(backend="nftables")


def test_memory_is_new_and_needs_no_kernel():
    kernel = libfw.Kernel(backend="memory")
    append(kernel, "-j DROP")
    assert kernel.table()["INPUT"].rules() == ["-P INPUT ACCEPT", "-A INPUT -j DROP"]
    assert libfw.Kernel(backend="memory").table()["INPUT"].rules() == ["-P INPUT ACCEPT"]


def test_nf_tables_in_memory_refuse_as_the_kernel_does():
    kernel = libfw.Kernel(backend="memory-nft")
    assert kernel == kernel and kernel != libfw.Kernel(backend="memory-nft")
    with kernel.table() as table:
        last = "INPUT"
        for number in range(15):
            table.new_chain(f"c{number}")
            table[last].append(jump=f"c{number}")
            last = f"c{number}"
    assert kernel.tables() == ["filter"]
    with pytest.raises(libfw.LoopError) as refused, kernel.table() as table:
        table.new_chain("deepest")
        table["c14"].append(jump="deepest")
    assert (refused.value.chain, refused.value.rule) == ("c14", 0)
    assert "deepest" not in kernel.table()


def test_some_chains_without_the_others():
    kernel = libfw.Kernel(backend="memory-nft")
    with kernel.table("nat") as nat:
        for number in range(50):
            nat.new_chain(f"c{number}").append("-j ACCEPT")
        nat["OUTPUT"].append("-j c1")
    with kernel.table("nat", chains=["c7", b"nope"]) as nat:
        assert [chain.name for chain in nat.chains] == ["c7"]
        nat["c7"].append("-j c8")
        assert list(nat) == ["c7", "c8"]
        # Others are read when they are asked for.
        assert len(nat["OUTPUT"]) == 1 and "c9" in nat and "nope" not in nat
        assert str(nat.ensure_chain("c10")[0]) == "-j ACCEPT"
        with pytest.raises(libfw.ChainExistsError):
            nat.new_chain("c11")
        nat.new_chain("c99").append("-j c12")
    assert len(kernel.table("nat")) == 4 + 51
    part = libfw.Table("nat", kernel=kernel, chains=["c99"])
    assert len(part["c99"]) == 1
    with kernel.table("nat") as nat:
        nat["c99"].flush()
    part["c99"].append("-j DROP")
    with pytest.raises(libfw.ConflictError):
        part.commit()

    def edit(nat: libfw.Table) -> list[str]:
        seen.append(len(nat["c99"]))
        if len(seen) == 1:
            with kernel.table("nat") as other:
                other["c99"].append("-j DROP")
        nat["c99"].append("-j ACCEPT")
        return list(nat)

    # What was edited on top of another state is edited again.
    seen: list[int] = []
    assert libfw.update("nat", edit, kernel=kernel, chains=(name for name in ["c99"])) == ["c99"]
    assert seen == [0, 1] and len(kernel.table("nat")["c99"]) == 2
    with pytest.raises(TypeError, match="chains: expected the names of several chains, not 'c1'"):
        libfw.Table("nat", chains="c1")
    # What cannot be read in part is read whole.
    with libfw.Kernel(backend="memory").table("nat", chains=[]) as nat:
        assert len(nat) == 4


def test_the_variable_decides_for_those_who_do_not(monkeypatch):
    monkeypatch.setenv("LIBFW_BACKEND", "nft")
    assert (libfw.Kernel().backend, libfw.Kernel().reason) == ("nft", "LIBFW_BACKEND says so")
    assert libfw.Kernel(backend="legacy").backend == "legacy"
    monkeypatch.setenv("LIBFW_BACKEND", "neither")
    with pytest.raises(libfw.InvalidValueError, match="LIBFW_BACKEND"):
        libfw.Kernel().backend


def test_nft_is_found_where_the_rules_are(nft):
    append(nft, "-p tcp --dport 22 -j ACCEPT")
    found = libfw.Kernel()
    assert (found.backend, found.reason) == ("nft", "its table filter of IPv4 has rules")
    assert found.table()["INPUT"].rules() == ["-P INPUT ACCEPT", "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"]
    assert libfw.save(kernel=nft) == libfw.save(kernel=found)
    text = libfw.save(kernel=nft)
    nft.table().flush()
    libfw.restore(text, kernel=nft)
    assert len(nft.table()["INPUT"]) == 1


def test_what_nft_writes_is_listed_by_iptables_nft(nft):
    append(nft, "-p tcp -m multiport --dports 80,443 -m comment --comment web -j ACCEPT")
    try:
        done = subprocess.run(["iptables-nft", "-S", "INPUT"], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        pytest.skip("iptables-nft is not installed")
    assert done.stdout.splitlines() == nft.table()["INPUT"].rules()


def test_rules_in_both_are_an_error_unless_the_host_decides(nft, tmp_path):
    # Not the machine's lock, which a user may not take.
    lock = tmp_path / "xtables.lock"
    legacy = libfw.Kernel(backend="legacy", lock=lock)
    append(nft, "-j ACCEPT")
    try:
        append(legacy, "-j DROP")
    except libfw.BackendAbsentError as error:
        pytest.skip(str(error))
    assert [len(kernel.table()["INPUT"]) for kernel in (nft, legacy)] == [1, 1]
    found = libfw.Kernel(lock=lock)
    assert found.reason.startswith("both backends have rules")
    if found.reason.startswith("both backends have rules: legacy in table filter of IPv4"):
        with pytest.raises(libfw.AmbiguousBackendError, match="LIBFW_BACKEND=legacy or nft"):
            append(found, "-j DROP")
        assert len(nft.table()["INPUT"]) == 1
    else:
        append(found, "-j DROP")


def run_nft(text: str) -> None:
    try:
        subprocess.run(["nft", text], check=True)
    except FileNotFoundError:
        pytest.skip("nft is not installed")


def test_every_rule_that_is_refused_is_told(nft):
    with pytest.raises(libfw.InvalidRuleError) as caught:
        with nft.table() as table:
            table["INPUT"].append("-m mac --mac-source 00:00:00:00:00:01 -m owner --gid-owner 0")
            table["INPUT"].append("-j ACCEPT")
            table["INPUT"].append("-m owner --uid-owner 0")
    error = caught.value
    assert (error.chain, error.rule, error.extension) == ("INPUT", 0, "owner")
    assert error.iptables == (4, "RULE_APPEND failed (Invalid argument): rule in chain INPUT")
    assert [(other.rule, other.extension) for other in error.others] == [(2, "owner")]
    assert nft.tables() == []
    assert (error.doubt, error.others[0].doubt) == (None, None)


def test_what_cannot_be_tried_is_in_doubt(kernel, tmp_path):
    # The lock file of the machine is root's.
    legacy = libfw.Kernel(backend="legacy", lock=tmp_path / "xtables.lock")
    with pytest.raises(libfw.NoSuchObjectError) as caught:
        try:
            with legacy.table() as table:
                for name in "one", "two":
                    table["INPUT"].append(f"-m nfacct --nfacct-name {name}")
        except (libfw.BackendAbsentError, libfw.ExtensionUnavailableError) as error:
            pytest.skip(str(error))
    error = caught.value
    assert [one.doubt for one in (error, *error.others)] == ["suspect", "suspect"]
    assert json.loads(error.json)["doubt"] == "suspect"
    assert pickle.loads(pickle.dumps(error)).doubt == "suspect"


def test_what_nft_has_made_is_not_lost_unless_it_is_said(nft):
    append(nft, "-j LOG")
    run_nft("add rule ip filter INPUT ct state new accept")
    run_nft("add set ip filter s { type ipv4_addr; }")
    table = nft.table()
    assert table.notes == [
        "1 rule has no form in iptables and is shown as a comment",
        "there are sets or other objects of nft, which are not shown",
    ]
    assert len(table["INPUT"]) == 2
    assert table["INPUT"][0].nft_handle is None
    assert f"# nft rule, handle {table['INPUT'][1].nft_handle}" in libfw.save("filter", kernel=nft)
    assert "# nft rule, handle " in libfw.save(kernel=nft)
    with pytest.raises(libfw.ForeignRulesError, match="1 rule has no form in iptables"):
        libfw.restore("*filter\n-A INPUT -j DROP\nCOMMIT\n", kernel=nft)
    assert len(nft.table()["INPUT"]) == 2
    libfw.restore("*filter\n-A INPUT -j DROP\nCOMMIT\n", kernel=nft, foreign="keep")
    assert len(nft.table().notes) == 2
    assert nft.table()["INPUT"].rules()[-1] == "-A INPUT -j DROP"
    libfw.restore("*filter\n-A INPUT -j DROP\nCOMMIT\n", kernel=nft, foreign="replace")
    assert nft.table().notes == []
    assert nft.table()["INPUT"].rules() == ["-P INPUT ACCEPT", "-A INPUT -j DROP"]
    assert nft.tables() == ["filter"] and nft.tables(family=6) == []
