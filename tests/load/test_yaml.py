"""YAML as JSON data, by the core schema of YAML 1.2."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.diagnostics import Finding
from tallystick.errors import FindingsError
from tallystick.load import Json, parse


def data(text: str) -> Json:
    return parse(text, path=Path("x.yaml"), name="x.yaml").data


def problem(text: str) -> Finding:
    with pytest.raises(FindingsError) as stop:
        data(text)
    (finding,) = stop.value.findings
    return finding


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(
            (word, word)
            for word in ("NO", "no", "yes", "on", "off", "y", "Y", "2024-01-01", "12:30:45", "1_000", "=")
        ),
        *((word, word) for word in ("0b1", "1e", ".", "-1-", "+", "0x", "nULL", "tRUE", ".inf", ".NaN", "1.2.3")),
        *((word, None) for word in ("null", "Null", "NULL", "~")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *(("010", 10), ("0o17", 15), ("0x1F", 31), ("-7", -7), ("+7", 7)),
        *(("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("-1.5E-2", -0.015)),
        *(("'no'", "no"), ('"1"', "1"), ("!!str 1", "1"), ("!!int '1'", 1), ("|\n a\n b\n", "a\nb\n")),
        ("", None),
        ("# nothing", None),
    ],
)
def test_plain_values_mean_what_yaml_12_says(text: str, value: Json) -> None:
    found = data(text)
    assert found == value and type(found) is type(value)


def test_keys_are_text() -> None:
    assert data("{200: a, true: b, null: c, 1.0: d}") == {"200": "a", "true": "b", "null": "c", "1.0": "d"}


def test_order_is_the_files() -> None:
    assert list(data("{b: 1, a: 2, c: 3}")) == ["b", "a", "c"]  # type: ignore[arg-type]


def test_anchors_and_merge_keys() -> None:
    text = "base: &base {a: 1, b: 2}\none: {<<: *base, b: 3}\nmany: {<<: [*base, {c: 4}], a: 5}\ncopy: *base\n"
    found = data(text)
    assert found == {
        "base": {"a": 1, "b": 2},
        "one": {"b": 3, "a": 1},
        "many": {"a": 5, "b": 2, "c": 4},
        "copy": {"a": 1, "b": 2},
    }


def test_a_quoted_merge_key_is_a_key() -> None:
    assert data("'<<': {a: 1}") == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "id_", "line", "column"),
    [
        ("a: 1\nb: 2\na: 3\n", "duplicate-key", 3, 1),
        ("a: 1\n'a': 2\n", "duplicate-key", 2, 1),
        ("a: {x: 1, x: 2}\n", "duplicate-key", 1, 11),
        ("a: [1, 2\n", "yaml-syntax", 2, 1),
        ("a: b: c\n", "yaml-syntax", 1, 5),
        ("a: 'open\n", "yaml-syntax", 1, 4),
        ("\ta: 1\n", "yaml-syntax", 1, 1),
        ("a: *nowhere\n", "yaml-syntax", 1, 4),
        ("a: 1\n---\nb: 2\n", "yaml-syntax", 2, 1),
        ("? [a]\n: 1\n", "yaml-key", 1, 3),
        ("a: !ruby/object {}\n", "yaml-tag", 1, 4),
        ("a: !!python/name:os.system\n", "yaml-tag", 1, 4),
        ("a: !!int x\n", "yaml-tag", 1, 4),
        ("a: {<<: 1}\n", "yaml-merge", 1, 9),
        ("a: 1e999\n", "yaml-number", 1, 4),
        ("a: &a [*a]\n", "yaml-recursive-alias", 1, 4),
        ("a: &a {b: {c: *a}}\n", "yaml-recursive-alias", 1, 4),
        ("ä: 'b\x00'\n", "yaml-syntax", 1, 6),
    ],
)
def test_what_is_no_yaml_is_named_with_its_place(text: str, id_: str, line: int, column: int) -> None:
    found = problem(text)
    assert (found.id, found.place.line, found.place.column) == (id_, line, column)


def test_a_number_that_nobody_means_stays_text() -> None:
    digits = "9" * 5000
    assert data(f"a: {digits}") == {"a": digits}


def test_nesting_is_bounded() -> None:
    assert problem("[" * 10_000 + "]" * 10_000).id == "nesting-too-deep"
    assert problem("a: " + "[" * 10_000 + "]" * 10_000).id == "nesting-too-deep"
    assert problem("\n".join(" " * i + "a:" for i in range(10_000))).id == "nesting-too-deep"


def test_expansion_is_bounded() -> None:
    laughs = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    laughs += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 12)]
    assert problem("\n".join(laughs)).id == "too-many-nodes"


def test_positions_follow_aliases_and_merges() -> None:
    source = parse("base: &b\n  x: 1\nuse:\n  <<: *b\n  y:\n    - z\n", path=Path("x.yaml"), name="x.yaml")
    places = {p: source.place(p) for p in ("", "/base/x", "/use", "/use/x", "/use/y/0", "/use/nothing")}
    assert {p: (at.line, at.column) for p, at in places.items()} == {
        "": (1, 1),
        "/base/x": (2, 3),
        "/use": (3, 1),
        "/use/x": (2, 3),
        "/use/y/0": (6, 7),
        "/use/nothing": (3, 1),
    }
    assert places["/use/y/0"].text == "    - z"
