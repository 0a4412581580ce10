"""Builds the wheels and the source distribution, and tries them.

    python bindings/python/wheels.py [--profile NAME] [TARGET...]

Each wheel is for every Python from 3.9 on (abi3). Zig's linker lets them run on older systems than this one: manylinux2014 is
the C library of 2012, musllinux_1_2 that of Alpine 3.13. What is built is checked by auditwheel and abi3audit, and installed
and run in a clean environment of each Python that is found for it, with the C library of GNU or with musl; the source distribution is
built again from itself. A Python without its global lock has no such wheels: one is built for each that is found (3.14 and later), and
tried with the tests of threads.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUT = ROOT / "target" / "wheels"
#: The targets of Rust, and the oldest system that each wheel is for.
TARGETS = {
    "x86_64-unknown-linux-gnu": "manylinux2014",
    "aarch64-unknown-linux-gnu": "manylinux2014",
    "x86_64-unknown-linux-musl": "musllinux_1_2",
    "aarch64-unknown-linux-musl": "musllinux_1_2",
}
#: What an installed package has to do, with and without a kernel.
TRIAL = """
import subprocess, sys, libfw
from libfw import iptc, matches
rule = libfw.Rule(protocol="tcp", matches=[matches.Tcp(dport=22)], target="ACCEPT")
assert str(rule) == "-p tcp -m tcp --dport 22 -j ACCEPT" and iptc.Rule.from_text(str(rule)).matches[0].dport == "22"
kernel = libfw.Kernel(backend="memory")
with kernel.table() as table:
    table["INPUT"].append(rule)
assert "-A INPUT " + str(rule) in libfw.save(kernel=kernel)
assert subprocess.run([sys.executable, "-m", "libfw", "--version"], capture_output=True, check=True).stdout.startswith(b"fw ")
print("  works in Python", sys.version.split()[0])
"""

#: What a wheel may need of the system besides its C library, which musl's loader takes under any of its names.
NEEDED = """
import io, sys, zipfile
from elftools.elf.elffile import ELFFile
wheel = zipfile.ZipFile(sys.argv[1])
for name in wheel.namelist():
    if name.endswith(".so"):
        tags = ELFFile(io.BytesIO(wheel.read(name))).get_section_by_name(".dynamic").iter_tags("DT_NEEDED")
        needed = [tag.needed for tag in tags]
        print(" ", name, "needs", *needed)
        assert set(needed) <= {"libc.so"}, needed
"""


def run(*command: object, **options: object) -> None:
    print("+", *command, flush=True)
    subprocess.run([str(word) for word in command], check=True, cwd=ROOT, **options)  # type: ignore[call-overload]


def tools() -> Path:
    """The environment that the tools are installed in."""
    venv = OUT / "tools"
    if not (venv / "bin" / "abi3audit").exists():
        run(sys.executable, "-m", "venv", venv)
        run(venv / "bin" / "pip", "install", "--quiet", "maturin", "ziglang", "auditwheel", "abi3audit")
    return venv / "bin"


def pythons(free: bool = False, musl: bool = False) -> Iterator[str]:
    """Every Python from 3.9 on that is found, with the C library of GNU or musl; or those without a global lock that PyO3 knows, from
    3.14 on.
    """
    seen = set()
    folders = [*os.environ["PATH"].split(":"), *map(str, Path.home().glob(".pyenv/versions/*/bin"))]
    for folder in folders:
        for path in sorted(Path(folder).glob("python3*")):
            if path.name.removeprefix("python3").lstrip(".").rstrip("t").isdigit() or path.name == "python3":
                probe = "import sys, sysconfig, venv, ensurepip; free = bool(sysconfig.get_config_var('Py_GIL_DISABLED'))"
                probe += "; musl = 'musl' in (sysconfig.get_config_var('SOABI') or '')"
                probe += f"; fits = free is {free} and musl is {musl} and sys.version_info >= {(3, 14) if free else (3, 9)}"
                probe += "; print(fits, sys.version.split()[0])"
                told = subprocess.run([path, "-c", probe], capture_output=True, text=True, check=False).stdout.split()
                if told[:1] == ["True"] and told[1] not in seen:
                    seen.add(told[1])
                    yield str(path)


def try_out(package: Path) -> None:
    """Installs a wheel into clean environments, and runs it."""
    musl = "musllinux" in package.name
    found = list(pythons(musl=musl))
    if not found:
        print(f"  no Python with the C library {'musl' if musl else 'of GNU'} is found: this wheel is not tried")
    for python in found:
        with tempfile.TemporaryDirectory(dir=OUT) as folder:
            run(python, "-m", "venv", folder)
            run(f"{folder}/bin/pip", "install", "--quiet", "--disable-pip-version-check", package)
            subprocess.run([f"{folder}/bin/python", "-c", TRIAL], check=True, cwd=folder)


def try_free(bin: Path, dist: Path, profile: str, environment: dict[str, str]) -> None:
    """Builds and tries a wheel for each Python without a global lock."""
    found = list(pythons(free=True))
    if not found:
        print("  no Python without a global lock is found (python3.14t): its wheel is not built")
    for python in found:
        run(bin / "maturin", "build", "--quiet", "--profile", profile, "--interpreter", python, "--out", dist, env=environment)
        wheel = max(dist.glob("*t-*.whl"), key=lambda path: path.stat().st_mtime)
        with tempfile.TemporaryDirectory(dir=OUT) as folder:
            run(python, "-m", "venv", folder)
            run(f"{folder}/bin/pip", "install", "--quiet", "--disable-pip-version-check", wheel, "pytest")
            subprocess.run([f"{folder}/bin/python", "-c", TRIAL], check=True, cwd=folder)
            # Not the package of this folder.
            tests = [f"{folder}/bin/python", "-m", "pytest", "-q", "-c", os.devnull, "--noconftest", ROOT / "tests/python/test_threads.py"]
            subprocess.run(tests, check=True, cwd=folder)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--profile", default="release", help="the profile of cargo to build with")
    arguments.add_argument("targets", nargs="*", help=f"of {', '.join(TARGETS)}; all unless some are named")
    options = arguments.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    bin = tools()
    dist = OUT / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    # Zig is found by its package.
    environment = {**os.environ, "PATH": f"{bin}:{os.environ['PATH']}", "VIRTUAL_ENV": str(bin.parent)}
    for target in options.targets or TARGETS:
        if shutil.which("rustup"):
            run("rustup", "target", "add", target)
        system = TARGETS[target]
        flags = ["--zig", "--profile", options.profile, "--compatibility", system, "--target", target, "--out", dist]
        run(bin / "maturin", "build", "--quiet", *flags, env=environment)
    run(bin / "maturin", "sdist", "--out", dist, env=environment)
    libc = "musllinux" if Path("/etc/alpine-release").exists() else "manylinux"
    for wheel in sorted(dist.glob("*.whl")):
        # auditwheel looks for libraries where it runs; maturin has audited the others too.
        native = wheel.name.endswith(f"{platform.machine()}.whl")
        if libc in wheel.name and native:
            run(bin / "auditwheel", "show", wheel)
        elif "musllinux" in wheel.name:
            run(bin / "python", "-c", NEEDED, wheel)
        run(bin / "abi3audit", "--strict", "--summary", wheel)
        if native:
            try_out(wheel)
    try_free(bin, dist, options.profile, environment)
    for source in dist.glob("*.tar.gz"):
        with tempfile.TemporaryDirectory(dir=OUT) as folder:
            environment["MATURIN_PEP517_ARGS"] = f"--profile {options.profile}"
            run(bin / "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, source, env=environment)
            assert list(Path(folder).glob("*.whl"))
    print("\nIn", dist.relative_to(ROOT))
    for package in sorted(dist.iterdir()):
        print(f"  {package.name}  {package.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
