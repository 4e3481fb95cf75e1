"""Text that reads back as the data it was made of, by our reader and by one of YAML 1.1."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tallystick.export import as_json, as_yaml
from tallystick.load import Json, parse

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
DATA = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4))


def same(one: Json, other: Json) -> bool:
    return json.dumps(one) == json.dumps(other)


@given(DATA)
def test_yaml_reads_back(data: Json) -> None:
    assert same(parse(as_yaml(data), path=Path("x.yaml"), name="x").data, data)


@given(DATA)
def test_json_reads_back(data: Json) -> None:
    assert same(parse(as_json(data), path=Path("x.json"), name="x").data, data)


TRAPS = [
    *("NO", "yes", "on", "y", "null", "~", "", "2024-01-01", "12:30:00", "1_000", "0o17", "017", "1e3", ".5", "0x1F"),
    *("- a", "a: b", "a #b", "#a", "@a", "`a", "%a", "&a", "*a", "!a", "|", ">", "'", '"', " a", "a ", "=", "<<"),
    *("one\ntwo", "one\n\ntwo\n", "  lead\nline", "tab\there", "\u2028", "\u0085", "\ufeff", "\x7f", "🙂", "a\r\nb"),
]


@pytest.mark.parametrize("text", TRAPS)
def test_text_stays_text_for_readers_of_both_versions(text: str) -> None:
    written = as_yaml({"key": text, text: "key"})
    assert same(parse(written, path=Path("x.yaml"), name="x").data, {"key": text, text: "key"})
    assert yaml.safe_load(written) == {"key": text, text: "key"}


def test_nothing_is_abbreviated_or_reordered() -> None:
    shared: list[Json] = [1]
    assert as_yaml({"b": shared, "a": shared}) == "b:\n  - 1\na:\n  - 1\n"
