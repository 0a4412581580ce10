# Two commands do everything: `make demo` and `make test`. Both run on a fresh Debian or Ubuntu with rustup.

VENV := .venv
PYTHON := $(VENV)/bin/python
# Nothing is left in the home directory.
PIP := $(VENV)/bin/pip --quiet --disable-pip-version-check --no-cache-dir
DEMO := target/demo
MATURIN := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/bin/maturin

.PHONY: all demo test needs-demo needs-test rust-test c-test python-test build python bench instructions packages
.PHONY: header reference stubs clean install-lib uninstall-lib

all: build

build:
	cargo build --release -p libfw -p libfw-c
	ln -sf libfw.so target/release/libfw.so.0

# What the machine lacks is said before anything is built. As root, missing packages are installed.
needs-demo:
	@tests/needs demo

needs-test packages:
	@tests/needs test

# The main job for real, in a private network namespace: no root, nothing on the host changes.
demo: needs-demo $(VENV)/maturin
	cargo build --profile demo -p libfw -p libfw-c --lib --bins --examples
	$(MATURIN) develop --quiet --profile demo
	mkdir -p $(DEMO)/c
	ln -sf libfw.so $(DEMO)/libfw.so.0
	cc -Wall -Iinclude -o $(DEMO)/c/firewall bindings/c/examples/firewall.c -L$(DEMO) -lfw -Wl,-rpath,$(CURDIR)/$(DEMO)
	@$(DEMO)/examples/demo C $(DEMO)/c/firewall Python "$(PYTHON) python/examples/firewall.py"

# Every test in Rust, C and Python. How many passed, failed or could not run on this machine is said at the end.
test: needs-test
	@tests/run

rust-test:
	@tests/run Rust

c-test:
	@tests/run C

python-test:
	@tests/run Python

# The Python module, built into a virtual environment of its own.
python: $(VENV)/maturin
	$(MATURIN) develop --quiet

$(VENV)/maturin: pyproject.toml
	@python3 -c 'import ensurepip, venv' || { echo "Python's venv is missing: apt-get install python3-venv" >&2; exit 1; }
	python3 -m venv $(VENV)
	$(PIP) install maturin
	@touch $@

$(VENV)/tested: $(VENV)/maturin
	$(PIP) install pytest mypy
	@touch $@

# How fast it is beside the bare system calls and its peers; takes a while.
# BENCH="--quick" or BENCH="flat 100000 load" measures less.
BENCH := --json target/bench/bench.json --markdown target/bench/bench.md --pictures target/bench

bench: $(VENV)/maturin
	$(MATURIN) develop --release --quiet
	$(PIP) install python-iptables || echo "python-iptables cannot be installed"
	cargo build --release -p libfw -p libfw-bench
	@mkdir -p target/bench
	target/release/libfw-bench --python $(VENV)/bin/python $(BENCH)

# Fails if libfw needs more instructions for its work than tests/bench/instructions.txt says.
instructions:
	cargo build --release -p libfw-bench
	target/release/libfw-bench instructions

# Where the C library goes. DESTDIR stands before all of it, for packages.
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
# How it is built, and where cargo puts what it builds.
LIB_PROFILE ?= release
BUILT := $(or $(CARGO_TARGET_DIR),target)/$(LIB_PROFILE)
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
SONAME := libfw.so.0
# No path of the machine it is built on is in the library.
REMAP = --remap-path-prefix=$(CURDIR)=. --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=cargo \
    --remap-path-prefix=$(shell rustc --print sysroot)=rust

# The C library as distributions ship it: header, shared and static library, and what pkg-config knows.
install-lib:
	RUSTFLAGS="$(RUSTFLAGS) $(REMAP)" cargo build --profile $(LIB_PROFILE) -p libfw-c
	install -d $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 include/libfw.h $(DESTDIR)$(INCLUDEDIR)/libfw.h
	install -m 755 $(BUILT)/libfw.so $(DESTDIR)$(LIBDIR)/libfw.so.$(VERSION)
	strip --strip-unneeded $(DESTDIR)$(LIBDIR)/libfw.so.$(VERSION)
	ln -sf libfw.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libfw.so
	install -m 644 $(BUILT)/libfw.a $(DESTDIR)$(LIBDIR)/libfw.a
	strip --strip-debug $(DESTDIR)$(LIBDIR)/libfw.a
	sed -e 's|@prefix@|$(PREFIX)|' -e 's|@libdir@|$(LIBDIR)|' -e 's|@includedir@|$(INCLUDEDIR)|' \
	    -e 's|@version@|$(VERSION)|' bindings/c/libfw.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/libfw.pc
	chmod 644 $(DESTDIR)$(LIBDIR)/pkgconfig/libfw.pc
	@[ -n "$(DESTDIR)" ] || ldconfig $(LIBDIR) 2> /dev/null || true

uninstall-lib:
	rm -f $(DESTDIR)$(INCLUDEDIR)/libfw.h $(DESTDIR)$(LIBDIR)/libfw.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME) \
	    $(DESTDIR)$(LIBDIR)/libfw.so $(DESTDIR)$(LIBDIR)/libfw.a $(DESTDIR)$(LIBDIR)/pkgconfig/libfw.pc
	@[ -n "$(DESTDIR)" ] || ldconfig $(LIBDIR) 2> /dev/null || true

# The generated files that are checked in.
header:
	UPDATE=1 cargo test -p libfw-c

reference:
	UPDATE=1 cargo test --test reference

stubs: python
	$(PYTHON) bindings/python/stubs.py

clean:
	cargo clean
	rm -rf $(VENV)
