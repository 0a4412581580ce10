"""Rules taken apart and put together again, for the rules that the tests of the extensions have."""

import json
import pickle
import re
from pathlib import Path

import pytest

import libfw
from test_rules import parts_of

SOURCES = sorted((Path(__file__).parents[2] / "src" / "ext").glob("*/*.rs"))
LINE = re.compile(r'"((?:-[a-zA-Z]|! -)(?:[^"\\]|\\.)*)"')


def rules(source: Path) -> list[libfw.Rule]:
    """The strings of a source file that are rules."""
    found = []
    for match in LINE.finditer(source.read_text()):
        text = match.group(1).replace('\\"', '"').replace("\\\\", "\\")
        for family in libfw.Family:
            try:
                found.append(libfw.Rule(text, family=family))
            except libfw.Error:
                # Tests have wrong rules too, and rules for one family only.
                continue
    return found


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_rules_are_the_sum_of_their_parts(source: Path):
    for rule in rules(source):
        for part in rule.matches:
            assert eval(repr(part)) == part
        rebuilt = libfw.Rule(family=rule.family, **parts_of(rule))
        assert rebuilt == rule
        assert hash(rebuilt) == hash(rule)
        assert eval(repr(rule)) == rule
        assert rule.to_dict() == json.loads(rule.to_json())
        for other in (pickle.loads(pickle.dumps(rule)), libfw.Rule.from_dict(json.loads(json.dumps(rule.to_dict())))):
            assert other == rule and str(other) == str(rule) and other.counters == rule.counters


def test_there_are_many():
    assert sum(len(rules(source)) for source in SOURCES) > 500
