# Two commands do everything: `make demo` and `make test`. Both run on a fresh Debian or Ubuntu with rustup.

VENV := .venv
PYTHON := $(VENV)/bin/python
SKIPPED := $(CURDIR)/target/skipped
export LIBFW_SKIPPED = $(SKIPPED)

.PHONY: all demo test rust-test c-test python-test build python bench instructions packages
.PHONY: header reference stubs clean

all: build

build:
	cargo build --release -p libfw -p libfw-c
	ln -sf libfw.so target/release/libfw.so.0

# The main job for real, in a private network namespace: no root, nothing on the host changes.
demo: build python
	cargo build --release --examples
	mkdir -p target/examples
	cc -Wall -Iinclude -o target/examples/firewall bindings/c/examples/firewall.c -Ltarget/release -lfw -Wl,-rpath,$(CURDIR)/target/release
	target/release/examples/demo target/examples/firewall "$(CURDIR)/$(PYTHON) python/examples/firewall.py"

# Every test in Rust, C and Python. What could not run on this machine is said at the end.
test: packages python
	@mkdir -p target && rm -f $(SKIPPED)
	$(MAKE) rust-test c-test python-test
	@if [ -s $(SKIPPED) ]; then \
		echo; echo "SKIPPED, because this machine cannot run them:"; sort -u $(SKIPPED); \
		if [ -n "$$CI" ]; then echo "With CI set, a skip is a failure."; exit 1; fi; \
	fi

rust-test:
	cargo test --workspace --exclude libfw-python

c-test:
	cargo build -p libfw-c
	tests/c/run

python-test: python
	$(PYTHON) -m pytest -q tests/python

# The Python module, built into a virtual environment of its own.
python: $(VENV)/installed
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/bin/maturin develop --quiet

$(VENV)/installed: pyproject.toml
	python3 -m venv $(VENV) || { echo "Python's venv is missing: apt-get install python3-venv"; exit 1; }
	$(VENV)/bin/pip install --quiet maturin pytest mypy
	touch $@

# How fast it is beside the bare system calls and its peers; takes a while.
# BENCH="--quick" or BENCH="flat 100000 load" measures less.
BENCH := --json target/bench/bench.json --markdown target/bench/bench.md --pictures target/bench

bench: $(VENV)/installed
	VIRTUAL_ENV=$(CURDIR)/$(VENV) $(VENV)/bin/maturin develop --release --quiet
	$(VENV)/bin/pip install --quiet python-iptables || echo "python-iptables cannot be installed"
	cargo build --release -p libfw -p libfw-bench
	@mkdir -p target/bench
	target/release/libfw-bench --python $(VENV)/bin/python $(BENCH)

# Fails if libfw needs more instructions for its work than tests/bench/instructions.txt says.
instructions:
	cargo build --release -p libfw-bench
	target/release/libfw-bench instructions

# Programs that the tests compare with or compile with.
packages:
	@missing=""; \
	for pair in cc:gcc c++:g++ objdump:binutils valgrind:valgrind git:git iptables-legacy:iptables nft:nftables ipset:ipset unshare:util-linux python3:python3; do \
		command -v $${pair%%:*} >/dev/null 2>&1 || missing="$$missing $${pair##*:}"; \
	done; \
	python3 -c 'import ensurepip' 2>/dev/null || missing="$$missing python3-venv"; \
	[ -e /usr/include/linux/netfilter/x_tables.h ] || missing="$$missing linux-libc-dev"; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends$$missing; \
		else \
			echo "Not installed, so some tests will be skipped:$$missing"; \
		fi; \
	fi

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
