# Two commands do everything: `make demo` and `make test`. Both run on a fresh Debian or Ubuntu with rustup.

VENV := .venv
PYTHON := $(VENV)/bin/python
# Nothing is left in the home directory.
PIP := $(VENV)/bin/pip --quiet --disable-pip-version-check --no-cache-dir
DEMO := target/demo
MATURIN := VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/bin/maturin

.PHONY: all demo test needs-demo needs-test rust-test c-test python-test build python bench instructions packages
.PHONY: static sanitize fuzz generated header reference stubs wheels docs clean build-shipped install-lib install-lib-build install-lib-files uninstall-lib
.PHONY: install install-build install-files uninstall install-alternatives uninstall-alternatives

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

# `fw` and the static library without any shared one, tried where there is no other file. STATIC_PROFILE=demo is quicker.
STATIC_PROFILE ?= release

static:
	@tests/static $(STATIC_PROFILE)

# The C tests under sanitizers, and those of Python under valgrind: what takes too long for every day.
sanitize:
	tests/c/run --sanitize address
	tests/c/run --sanitize thread
	$(MAKE) python $(VENV)/tested
	$(PYTHON) tests/python/valgrind.py

# Bytes made by libFuzzer for everything that is read, a minute for each target, or FUZZ="600 rule nft".
fuzz:
	tests/fuzz/run $(FUZZ)

# Every test in Rust, C and Python, or SUITES="'C, nf_tables'" alone. How many passed, failed or could not run on this machine is
# said at the end.
test: needs-test
	@tests/run $(SUITES)

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
	$(PIP) install pytest mypy basedpyright hypothesis numpy sphinx furo myst-parser
	@touch $@

# How fast it is beside the bare system calls and its peers; takes a while.
# BENCH="--quick" or BENCH="flat 100000 load" measures less. IPTABLES=1.8.11 measures programs of that version, if their names
# end with it.
BENCH := --json target/bench/bench.json --markdown target/bench/bench.md --pictures target/bench

bench: $(VENV)/maturin
	$(MATURIN) develop --release --quiet
	$(PIP) install python-iptables || echo "python-iptables cannot be installed"
	cargo build --release -p libfw -p libfw-bench
	@mkdir -p target/bench
	target/release/libfw-bench --python $(VENV)/bin/python $(if $(IPTABLES),--iptables $(IPTABLES)) $(BENCH)

# Fails if libfw needs more instructions for its work than tests/bench/instructions.txt says.
instructions:
	cargo build --release -p libfw-bench
	target/release/libfw-bench instructions

# Where the C library goes. DESTDIR stands before all of it, for packages.
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
# How it is built, and where cargo puts what it builds.
LIB_PROFILE ?= release
BUILT := $(or $(CARGO_TARGET_DIR),target)/$(LIB_PROFILE)
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
SONAME := libfw.so.0
# No path of the machine it is built on is in the library.
REMAP = --remap-path-prefix=$(CURDIR)=. --remap-path-prefix=$(or $(CARGO_HOME),$(HOME)/.cargo)=cargo \
    --remap-path-prefix=$(shell rustc --print sysroot)=rust

# What distributions ship: the C library, the command and the Python module.
build-shipped:
	RUSTFLAGS="$(RUSTFLAGS) $(REMAP)" cargo build --profile $(LIB_PROFILE) -p libfw-c -p libfw -p libfw-python

# The C library as distributions ship it: header, shared and static library, what pkg-config knows, manual pages.
install-lib: install-lib-build install-lib-files

install-lib-build:
	RUSTFLAGS="$(RUSTFLAGS) $(REMAP)" cargo build --profile $(LIB_PROFILE) -p libfw-c

install-lib-files:
	install -d $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(MANDIR)/man3
	install -m 644 include/libfw.h $(DESTDIR)$(INCLUDEDIR)/libfw.h
	install -m 644 $(BUILT)/libfw.so $(DESTDIR)$(LIBDIR)/libfw.so.$(VERSION)
	strip --strip-unneeded $(DESTDIR)$(LIBDIR)/libfw.so.$(VERSION)
	ln -sf libfw.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libfw.so
	install -m 644 $(BUILT)/libfw.a $(DESTDIR)$(LIBDIR)/libfw.a
	strip --strip-debug $(DESTDIR)$(LIBDIR)/libfw.a
	sed -e 's|@prefix@|$(PREFIX)|' -e 's|@libdir@|$(LIBDIR)|' -e 's|@includedir@|$(INCLUDEDIR)|' \
	    -e 's|@version@|$(VERSION)|' bindings/c/libfw.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/libfw.pc
	chmod 644 $(DESTDIR)$(LIBDIR)/pkgconfig/libfw.pc
	awk -v out=$(DESTDIR)$(MANDIR)/man3 -v version=$(VERSION) -f bindings/c/man.awk include/libfw.h
	@[ -n "$(DESTDIR)" ] || ldconfig $(LIBDIR) 2> /dev/null || true

uninstall-lib:
	rm -f $(DESTDIR)$(INCLUDEDIR)/libfw.h $(DESTDIR)$(LIBDIR)/libfw.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME) \
	    $(DESTDIR)$(LIBDIR)/libfw.so $(DESTDIR)$(LIBDIR)/libfw.a $(DESTDIR)$(LIBDIR)/pkgconfig/libfw.pc
	rm -f $(DESTDIR)$(MANDIR)/man3/libfw.3
	@grep -o '\bfw_[a-z0-9_]*(' include/libfw.h | sed 's|(|.3|' | sort -u | sed 's|^|$(DESTDIR)$(MANDIR)/man3/|' | xargs rm -f
	@[ -n "$(DESTDIR)" ] || ldconfig $(LIBDIR) 2> /dev/null || true

# Where the command goes: `fw` and the script that restores at boot, links of the names of iptables in a directory of their
# own, manual pages, completions and the unit. DESTDIR stands before all of it, for packages.
BINDIR ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
LINKDIR ?= $(PREFIX)/libexec/fw
UNITDIR ?= $(PREFIX)/lib/systemd/system
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d
LINKS := $(foreach n,iptables ip6tables,$(n) $(n)-save $(n)-restore $(n)-legacy $(n)-legacy-save $(n)-legacy-restore \
    $(n)-nft $(n)-nft-save $(n)-nft-restore \
    $(n)-translate $(n)-restore-translate $(n)-apply) iptables-xml \
    $(foreach n,arptables arptables-nft,$(n) $(n)-save $(n)-restore)

# Nothing of the host is replaced: put LINKDIR first in PATH, or `make install-alternatives`.
install: install-build install-files

install-build:
	RUSTFLAGS="$(RUSTFLAGS) $(REMAP)" cargo build --profile $(LIB_PROFILE) -p libfw --bin fw

install-files:
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(SBINDIR) $(DESTDIR)$(LINKDIR) $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(UNITDIR) \
	    $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR)
	install -m 755 $(BUILT)/fw $(DESTDIR)$(BINDIR)/fw
	! command -v strip > /dev/null || strip $(DESTDIR)$(BINDIR)/fw
	for name in $(LINKS); do ln -sf $(BINDIR)/fw $(DESTDIR)$(LINKDIR)/$$name || exit 1; done
	$(BUILT)/fw generate man > $(DESTDIR)$(MANDIR)/man8/fw.8
	$(BUILT)/fw generate man-extensions > $(DESTDIR)$(MANDIR)/man8/fw-extensions.8
	$(BUILT)/fw generate bash > $(DESTDIR)$(BASHDIR)/fw
	$(BUILT)/fw generate zsh > $(DESTDIR)$(ZSHDIR)/_fw
	$(BUILT)/fw generate fish > $(DESTDIR)$(FISHDIR)/fw.fish
	sed -e 's|@bindir@|$(BINDIR)|' packaging/fw-rules > $(DESTDIR)$(SBINDIR)/fw-rules
	sed -e 's|@sbindir@|$(SBINDIR)|' packaging/fw-rules.service > $(DESTDIR)$(UNITDIR)/fw-rules.service
	chmod 755 $(DESTDIR)$(SBINDIR)/fw-rules
	chmod 644 $(DESTDIR)$(MANDIR)/man8/fw.8 $(DESTDIR)$(MANDIR)/man8/fw-extensions.8 $(DESTDIR)$(BASHDIR)/fw \
	    $(DESTDIR)$(ZSHDIR)/_fw $(DESTDIR)$(FISHDIR)/fw.fish $(DESTDIR)$(UNITDIR)/fw-rules.service

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/fw $(DESTDIR)$(SBINDIR)/fw-rules $(DESTDIR)$(UNITDIR)/fw-rules.service \
	    $(DESTDIR)$(MANDIR)/man8/fw.8 $(DESTDIR)$(MANDIR)/man8/fw-extensions.8 \
	    $(DESTDIR)$(BASHDIR)/fw $(DESTDIR)$(ZSHDIR)/_fw $(DESTDIR)$(FISHDIR)/fw.fish
	rm -f $(addprefix $(DESTDIR)$(LINKDIR)/,$(LINKS))
	[ ! -d $(DESTDIR)$(LINKDIR) ] || rmdir $(DESTDIR)$(LINKDIR)

# The host's names become a choice, `update-alternatives --config iptables`, behind those that are there.
ALTERNATIVES ?= update-alternatives
HOSTDIR ?= /usr/sbin

install-alternatives:
	for name in iptables ip6tables; do \
	    $(ALTERNATIVES) --install $(HOSTDIR)/$$name $$name $(LINKDIR)/$$name 5 \
	        --slave $(HOSTDIR)/$$name-restore $$name-restore $(LINKDIR)/$$name-restore \
	        --slave $(HOSTDIR)/$$name-save $$name-save $(LINKDIR)/$$name-save || exit 1; \
	done

uninstall-alternatives:
	for name in iptables ip6tables; do $(ALTERNATIVES) --remove $$name $(LINKDIR)/$$name || exit 1; done

# The generated files that are checked in: all of them, and the one or the other. What they say of a change is to be looked at.
generated: header reference stubs
	UPDATE=1 cargo test -p libfw --lib iptables::words
	UPDATE=1 cargo test --test refused
	UPDATE=1 cargo test --test public
	cargo test --test languages

header:
	UPDATE=1 cargo test -p libfw-c

reference:
	UPDATE=1 cargo test --test reference

stubs: python
	$(PYTHON) bindings/python/stubs.py

# The documentation of the Python package, a site in target/docs. Its examples are tests.
docs: python $(VENV)/tested
	$(VENV)/bin/sphinx-build --quiet --fail-on-warning --keep-going python/docs target/docs
	@echo "target/docs/index.html"

# The packages for Python, for two processors and two C libraries, checked and tried. WHEELS="--profile demo" is quicker.
wheels:
	python3 bindings/python/wheels.py $(WHEELS)

clean:
	cargo clean
	rm -rf $(VENV)
