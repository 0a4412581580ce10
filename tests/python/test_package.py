"""What comes with the package: stubs, examples."""

import json
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import backend

import libfw

ROOT = Path(__file__).parents[2]

sys.path.insert(0, str(ROOT / "python" / "examples"))


def succeed(*command: str) -> None:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_stubs_are_those_of_the_option_table():
    succeed("bindings/python/stubs.py", "--check")


def test_package_and_examples_are_typed():
    pytest.importorskip("mypy")
    succeed("-m", "mypy", "--strict", "python", "bindings/python/stubs.py")


PROGRAMS = sorted((ROOT / "tests" / "python" / "programs").glob("*.py"))


PYRIGHT = ["basedpyright", "--pythonpath", sys.executable, "--project"]


@pytest.mark.parametrize("checker", [["mypy", "--strict"], PYRIGHT], ids=lambda words: words[0])
def test_programs_of_users_are_typed(checker: list[str], tmp_path: Path) -> None:
    pytest.importorskip(checker[0])
    succeed("-m", *checker, str(PROGRAMS[0].parent))
    # They would be told of a mistake.
    shutil.copy(PROGRAMS[0].parent / "pyrightconfig.json", tmp_path)
    lines = ["import libfw", "libfw.matches.Tcp(dpotr=22)", "libfw.Rule('-j DROP').target.name"]
    # What an option cannot be: a port is no rate, a rate no address, an address no fraction.
    rate = "libfw.Rate(5)"
    lines += [f"libfw.matches.Tcp(dport={rate})", "libfw.matches.Limit(rate=5.5)", f"libfw.targets.Tee(gateway={rate})"]
    (tmp_path / "wrong.py").write_text("\n".join([*lines, ""]))
    words = [sys.executable, "-m", *checker, str(tmp_path)]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    assert "dpotr" in said and '"None"' in said and "5 errors" in said, said


#: Words of which a function takes only a few.
WORDS = """
kernel = libfw.Kernel(backend="nftables")
libfw.sandbox(backend="memory")
chain = kernel.table(family="ipv5")["INPUT"]
chain.policy = "REJECT"
chain.ensure("-j DROP", position="middle")
chain.dedup(equivalence="same")
libfw.restore("", foreign="drop")
libfw.Rate(5, "minutes")
libfw.Kernel(backend="memory", objects={"nope": []})
libfw.extensions()[0]["example"]
for change in kernel.table().diff(kernel.table()).changes: change.kind == "rule"
"""


@pytest.mark.parametrize("checker", [["mypy", "--strict"], PYRIGHT], ids=lambda words: words[0])
def test_words_that_mean_nothing_are_told_by_checkers(checker: list[str], tmp_path: Path) -> None:
    pytest.importorskip(checker[0])
    shutil.copy(PROGRAMS[0].parent / "pyrightconfig.json", tmp_path)
    wrong = tmp_path / "wrong.py"
    wrong.write_text("import libfw" + WORDS)
    words = [sys.executable, "-m", *checker, str(tmp_path)]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    lines = wrong.read_text().splitlines()
    unsaid = [line for number, line in enumerate(lines[1:], 2) if f"wrong.py:{number}:" not in said]
    assert not unsaid, said


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_programs_of_users_run(kernel: libfw.Kernel, program: Path) -> None:
    runpy.run_path(str(program))["main"](kernel)


def test_the_stubs_describe_what_is_there():
    pytest.importorskip("mypy")
    # Options of `libfw.iptc` are attributes that only an object has.
    succeed("-m", "mypy.stubtest", "libfw", "--allowlist", "tests/python/stubtest.txt")


def test_the_firewall_example(kernel):
    import firewall

    saved = firewall.set_up(kernel)
    assert saved.splitlines() == [
        "*filter",
        ":INPUT DROP [0:0]",
        ":FORWARD ACCEPT [0:0]",
        ":OUTPUT ACCEPT [0:0]",
        "-A INPUT -i lo -j ACCEPT",
        "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-A INPUT -p icmp -m icmp --icmp-type 8 -m limit --limit 5/sec -j ACCEPT",
        "-A INPUT -p tcp -m tcp --dport 22 -m hashlimit --hashlimit-upto 10/min --hashlimit-burst 5"
        " --hashlimit-mode srcip --hashlimit-name ssh -j ACCEPT",
        "-A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT",
        '-A INPUT -j LOG --log-prefix "dropped: "',
        "COMMIT",
    ]


def test_iptables_sees_what_the_example_wrote(kernel, iptables: Callable[..., str]):
    import firewall

    saved = firewall.set_up(kernel)
    lines = iptables("-t", "filter", program=f"iptables-{backend()}-save").splitlines()
    assert [line for line in lines if not line.startswith("#")] == saved.splitlines()


def test_rules_of_iptables_are_read_by_their_parts(kernel, iptables: Callable[..., str]):
    iptables("-N", "web")
    iptables("-A", "INPUT", "!", "-s", "10.0.0.0/8", "-p", "udp", "--dport", "53", "-j", "web")
    iptables("-A", "web", "-m", "limit", "--limit", "7/min", "-j", "REJECT", "--reject-with", "icmp-host-unreachable")
    table = kernel.table()
    assert table.rules() == iptables("-S").splitlines()
    rule = table["web"][0]
    assert rule.matches[0].rate == libfw.Rate(7, "minute") and rule.target.reject_with == "icmp-host-unreachable"
    with table:
        table["INPUT"].delete("! -s 10.0.0.0/8 -p udp -m udp --dport 53 -j web")
        table["web"].flush()
        table.delete_chain("web")
    assert "web" not in iptables("-S")


def test_the_source_distribution_is_whole(tmp_path: Path) -> None:
    maturin = Path(sys.executable).with_name("maturin")
    if not maturin.exists() or shutil.which("cargo") is None:
        pytest.skip("maturin or cargo is not there")
    words = [maturin, "sdist", "--out", tmp_path]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    # Not by shutil: the argument that some versions of Python want is unknown to others.
    subprocess.run(["tar", "-xf", next(tmp_path.glob("*.tar.gz")), "-C", tmp_path], check=True)
    source = next(path for path in tmp_path.iterdir() if path.is_dir())
    for needed in ("LICENSE-MIT", "python/README.md", "python/libfw/py.typed", "src/bin/fw/main.rs", "bindings/python/src/lib.rs"):
        assert (source / needed).exists(), needed
    # Whatever its manifests name is there, so that it builds.
    words = ["cargo", "metadata", "--offline", "--no-deps", "--format-version=1", "--manifest-path", source / "bindings/python/Cargo.toml"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    roots = [target["src_path"] for package in json.loads(done.stdout)["packages"] for target in package["targets"]]
    assert len(roots) > 3 and all(Path(root).exists() for root in roots)
