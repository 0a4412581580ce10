"""What is said to those who use names that other libraries, or iptables, have for something."""

from __future__ import annotations

from . import _libfw

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: What to write instead, by class and name.
_INSTEAD = {
    "Rule": {
        "dport": "rule.find(libfw.matches.Tcp).dport",
        "sport": "rule.find(libfw.matches.Tcp).sport",
        "comment": "rule.find(libfw.matches.Comment).comment",
        "src": "rule.source",
        "dst": "rule.destination",
        "in_iface": "rule.in_interface",
        "iif": "rule.in_interface",
        "input": "rule.in_interface",
        "out_iface": "rule.out_interface",
        "oif": "rule.out_interface",
        "output": "rule.out_interface",
        "proto": "rule.protocol",
        "jump": "rule.target",
        "goto": "rule.target",
        "packets": "rule.counters.packets",
        "bytes": "rule.counters.bytes",
        "replace": "rule.with_(...)",
        "parse": "libfw.Rule(text)",
        "from_text": "libfw.Rule(text)",
    },
    "Chain": {
        "add": "chain.append(rule)",
        "add_rule": "chain.append(rule)",
        "append_rule": "chain.append(rule)",
        "insert_rule": "chain.insert(0, rule)",
        "delete_rule": "chain.delete(rule)",
        "remove_rule": "chain.delete(rule)",
        "replace_rule": "chain.replace(index, rule)",
        "discard": "chain.ensure_absent(rule)",
        "has_rule": "rule in chain",
        "exists": "rule in chain",
        "set_policy": "chain.policy = policy",
        "get_policy": "chain.policy",
        "zero_counters": "chain.zero()",
        "rename": "table.rename_chain(old, new)",
        "sort": "chain[:] = sorted(chain, key=str)",
    },
    "Table": {
        "create_chain": "table.new_chain(name)",
        "add_chain": "table.new_chain(name)",
        "remove_chain": "table.delete_chain(name)",
        "chain": "table[name]",
        "get_chain": "table[name]",
        "has_chain": "name in table",
        "is_chain": "name in table",
        "flush_chain": "table[name].flush()",
        "update": "libfw.update(name, function)",
    },
    "Kernel": {
        "transaction": "libfw.transaction(kernel)",
        "save": "libfw.save(kernel=kernel)",
        "restore": "libfw.restore(text, kernel=kernel)",
        "run": "libfw.run(args, kernel=kernel)",
        "open": "kernel.table(name)",
        "filter": 'kernel.table("filter")',
    },
    "libfw": {
        "Table6": 'libfw.Table(name, family="ipv6")',
        "Rule6": 'libfw.Rule(text, family="ipv6")',
        "iptables": 'libfw.run(["iptables", ...])',
        "ip6tables": 'libfw.run(["ip6tables", ...])',
        "parse": "libfw.Rule(text)",
        "version": "libfw.__version__",
        "Policy": 'the text "ACCEPT" or "DROP"',
        "easy": "libfw.iptc.easy",
        "MemoryKernel": 'libfw.Kernel(backend="memory")',
    },
}

#: The same for keywords.
_KEYWORDS = {
    "Table": {
        "ipv6": 'family="ipv6"',
        "ip6": 'family="ipv6"',
        "version": 'family="ipv6"',
        "table": "name=",
        "wait": "kernel=libfw.Kernel(wait=...)",
        "lock": "kernel=libfw.Kernel(lock=...)",
        "netns": "kernel=libfw.Kernel(netns=...)",
        "backend": "kernel=libfw.Kernel(backend=...)",
        "autocommit": "a with block, which commits at its end",
    },
    "Kernel": {
        "timeout": "wait=",
        "namespace": "netns=",
        "ns": "netns=",
        "memory": 'backend="memory"',
        "nft": 'backend="nft"',
        "legacy": 'backend="legacy"',
        "family": "kernel.table(name, family=...)",
    },
}


def no_attribute(owner: str, name: str) -> AttributeError:
    """The exception for an attribute that a class or the module does not have."""
    meant = _INSTEAD[owner].get(name)
    if owner == "Table" and meant is None:
        # What is done to rules is done to the chain that they are in.
        meant = f"chain.{name}(...)" if hasattr(_libfw.Chain, name) else _INSTEAD["Chain"].get(name)
        if meant and not meant.startswith("table"):
            meant = meant.replace("chain", "table[name]")
    hint = f"; did you mean {meant}?" if meant else ""
    what = f"module {owner!r}" if owner == "libfw" else f"'libfw.{owner}' object"
    error = AttributeError(f"{what} has no attribute {name!r}{hint}")
    if meant:
        # Or the interpreter adds what has a name like it.
        error.name, error.obj = name, None
    return error


def no_keyword(cls: str, keywords: Iterable[str]) -> TypeError:
    """The exception for keywords that a class does not take."""
    name = next(iter(keywords))
    meant = _KEYWORDS[cls].get(name)
    hint = f"; did you mean {meant}?" if meant else ""
    return TypeError(f"{cls}() got an unexpected keyword argument {name!r}{hint}")


def by_keyword(given: tuple[object, ...]) -> TypeError:
    """The exception for what is given to `Kernel()` without its keyword."""
    first = given[0]
    if isinstance(first, str) and first in ("legacy", "nft", "memory", "memory-nft"):
        keyword = "backend"
    elif isinstance(first, int) and first > 2:
        keyword = "pid"
    else:
        keyword = "netns"
    return TypeError(f"Kernel() takes its arguments by keyword: Kernel({keyword}={first!r})")
