"""Rules, chains and tables in JSON: what `json` reads, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

import libfw

TABLE = {
    "family": "ipv4",
    "table": "filter",
    "chains": [
        {
            "chain": "INPUT",
            "policy": "DROP",
            "counters": {"packets": 1, "bytes": 2},
            "rules": [
                {
                    "source": {"not": "10.0.0.0/8"},
                    "protocol": "tcp",
                    "matches": [{"match": "tcp", "dport": {"min": 80, "max": 90}, "tcp-flags": [["SYN", "ACK"], ["SYN"]]}],
                    "target": {"jump": "web"},
                },
                {"text": "-p udp -j ACCEPT", "counters": {"packets": 3, "bytes": 4}},
            ],
        },
        {"chain": "web"},
    ],
}


def test_rules() -> None:
    rule = libfw.Rule("-p tcp --dport 22 -m limit --limit 5/min -c 3 4 -j ACCEPT")
    told = json.loads(rule.to_json())
    assert told == rule.to_dict() == {
        "family": "ipv4",
        "protocol": "tcp",
        "matches": [
            {"match": "tcp", "dport": 22},
            {"match": "limit", "limit": {"count": 5, "per": "minute"}, "limit-burst": 5},
        ],
        "target": {"verdict": "ACCEPT"},
        "counters": {"packets": 3, "bytes": 4},
    }
    for again in (libfw.Rule.from_json(json.dumps(told, indent=2)), libfw.Rule.from_dict(told), libfw.Rule.from_json(rule.to_json().encode())):
        assert again == rule and again.counters == (3, 4)
    odd = libfw.Rule("-m comment --comment \udcff\u00e4")
    assert odd.to_dict()["matches"] == [{"match": "comment", "comment": {"bytes": "ffc3a4"}}]
    assert libfw.Rule.from_dict(odd.to_dict()) == odd


def test_tables(kernel: libfw.Kernel) -> None:
    with kernel.table() as table:
        table.set_json(json.dumps(TABLE))
    table = kernel.table()
    assert [str(rule) for rule in table["INPUT"]] == [
        "! -s 10.0.0.0/8 -p tcp -m tcp --dport 80:90 --tcp-flags SYN,ACK SYN -j web",
        "-p udp -j ACCEPT",
    ]
    assert table["INPUT"].policy == "DROP" and table["INPUT"][1].counters == (3, 4)
    told = json.loads(table.to_json())
    assert told["chains"][0] == json.loads(table["INPUT"].to_json())
    assert "counters" not in json.loads(table.to_json(counters=False))["chains"][0]
    saved = libfw.save_json(counters=True, kernel=kernel)
    assert json.loads(saved)["format"] == "libfw.tables/1" and told in json.loads(saved)["tables"]
    with kernel.table() as table:
        with pytest.raises(libfw.NoSuchChainError):
            table.set_json(json.dumps({**TABLE, "chains": [{"chain": "OUTPUT", "policy": "DROP", "rules": [{"text": "-j nowhere"}]}]}))
        assert json.loads(table.to_json()) == told and not table.changed
    with kernel.table() as table:
        table.clear()
    libfw.restore_json(saved, kernel=kernel)
    assert libfw.save_json(counters=True, kernel=kernel) == saved


@pytest.mark.parametrize(
    ("change", "path", "column"),
    [
        ({"source": "10.0.0.0/40"}, "source", None),
        ({"matches": [{"match": "tcp", "dport": 70000}], "protocol": "tcp"}, "matches[0].dport", 58),
        ({"sauce": 1}, "sauce", 21),
    ],
)
def test_errors(change: dict[str, Any], path: str, column: int | None) -> None:
    with pytest.raises(libfw.Error) as caught:
        libfw.Rule.from_json(json.dumps({"family": "ipv4", **change}))
    assert caught.value.path == path and caught.value.line == 1
    assert column is None or caught.value.column == column, caught.value
    told = json.loads(caught.value.json)
    assert told["kind"] == caught.value.kind and told["path"] == path


def test_what_is_wrong_changes_nothing(kernel: libfw.Kernel) -> None:
    with pytest.raises(libfw.errors.SyntaxError) as caught:
        libfw.restore_json('{"format": "libfw.tables/1", "tables": [{"table": "filter"}]}', kernel=kernel)
    assert caught.value.path == "tables[0]"
    with pytest.raises(TypeError):
        libfw.Rule.from_json(3)  # type: ignore[arg-type]


def test_what_is_wrong_in_a_dictionary_is_told_by_its_path() -> None:
    for values, path, words in [
        ({"sorce": "lo"}, "sorce", 'did you mean "source"?'),
        ({"target": {"target": "LOG", "log_prefix": "x"}}, "target.log_prefix", "did you mean log-prefix?"),
        ({"matches": [{"match": "tcp", "dport": "x"}]}, "matches[0].dport", 'bad value "x"'),
        ({"protocol": "nope"}, "protocol", "bad value"),
    ]:
        with pytest.raises(libfw.Error) as raised:
            libfw.Rule.from_dict({"family": "ipv4", **values})
        error = raised.value
        assert error.path == path and str(error).startswith(f"{path}: ") and words in str(error)
        assert error.line is None and error.column is None and error.marked is None


def test_what_a_chain_does_not_have_is_told_with_its_place() -> None:
    chain = libfw.Kernel(backend="memory").table("nat", family=6)["OUTPUT"]
    for look in (lambda: chain.index("-p tcp"), lambda: chain.remove(protocol="tcp"), lambda: chain.delete("-p tcp")):
        with pytest.raises((ValueError, libfw.NoSuchRuleError), match="^IPv6 table nat, chain OUTPUT: the chain has no rule -p tcp$"):
            look()
    for at in (lambda: chain.pop(9), lambda: chain[9]):
        with pytest.raises(IndexError, match="^IPv6 table nat, chain OUTPUT: there is no index 9, the length of the chain is 0$"):
            at()
