"""JSON, strictly, with places."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.diagnostics import Finding
from tallystick.errors import FindingsError
from tallystick.load import Source, parse


def source(text: str, name: str = "x.json") -> Source:
    return parse(text, path=Path(name), name=name)


def problem(text: str) -> Finding:
    with pytest.raises(FindingsError) as stop:
        source(text)
    (finding,) = stop.value.findings
    return finding


@pytest.mark.parametrize(
    ("text", "id_", "line", "column"),
    [
        ('{"a": 1,}', "json-syntax", 1, 8),
        ('[{"a": [1,\n ]}]', "json-syntax", 1, 10),
        ('{\n  "a": 1\n  "b": 2\n}', "json-syntax", 3, 3),
        ("{'a': 1}", "json-syntax", 1, 2),
        ('{"a": 1, "b": 2, "a": 3}', "duplicate-key", 1, 18),
        ('{"a": {"x": 1},\n "b": {"x": 1, "y": 2, "x": 3}}', "duplicate-key", 2, 24),
        ('{"a": 1, "\\u0061": 2}', "duplicate-key", 1, 10),
        ('{"NaN": "NaN",\n "a": NaN}', "json-syntax", 2, 7),
        ('{"a": [1, -1, 2.5,\n  Infinity]}', "json-syntax", 2, 3),
        ('{"a": -Infinity}', "json-syntax", 1, 7),
        ('{"a": "\\ud83d\\ude42",\n "b": "\\\\ud800 \\uDE42"}', "json-syntax", 2, 16),
        ('{"\\ud83d": 1}', "json-syntax", 1, 3),
        ('{"a": true, "b": 1e400}', "json-syntax", 1, 18),
        ('{"a": -1e400}', "json-syntax", 1, 7),
        ("", "json-syntax", 1, 1),
        ("[" * 100_000, "nesting-too-deep", 1, 201),
        ("[\n" * 300 + "]" * 300, "nesting-too-deep", 201, 1),
        ('{"[": "' + "[" * 300 + '",\n "a": ' + "[" * 200 + "]" * 200 + "}", "nesting-too-deep", 2, 206),
        ('{"a": ' + "9" * 400 + ',\n"b": ' + "9" * 10_000 + "}", "json-syntax", 2, 6),
    ],
)
def test_what_is_no_json_is_named_with_its_place(text: str, id_: str, line: int, column: int) -> None:
    found = problem(text)
    assert (found.id, found.place.line, found.place.column) == (id_, line, column)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ('{"a": 1,\n}', "no comma"),
        ("{'a': 1}", "double quotes"),
        ('{"a": 1} // one', "no comments"),
        ('{\n# one\n"a": 1}', "no comments"),
    ],
)
def test_what_people_write_for_json_is_answered_with_what_to_do(text: str, word: str) -> None:
    found = problem(text)
    assert word in f"{found.message} {found.hint}"


def test_what_nests_no_deeper_than_it_may_is_read_from_json_and_yaml() -> None:
    deepest = "[" * 200 + "]" * 200
    assert source(deepest).data == source(deepest, "x.yaml").data


def test_places_of_members_and_items() -> None:
    text = '{\n  "a/b": [1, {"c": "}],:"}],\n  "d": {"a~b": null, "\\u0065": []}\n}\n'
    found = source(text)
    pointers = ("", "/a~1b", "/a~1b/0", "/a~1b/1", "/a~1b/1/c", "/d", "/d/a~0b", "/d/e")
    assert [(found.place(p).line, found.place(p).column) for p in pointers] == [
        (1, 1), (2, 3), (2, 11), (2, 14), (2, 15), (3, 3), (3, 9), (3, 22),
    ]  # fmt: skip


def test_flow_style_yaml_in_a_yaml_file_is_no_json_problem() -> None:
    assert source("{a: 1, b: [c]}", "x.yaml").data == {"a": 1, "b": ["c"]}


def test_json_in_a_file_of_another_name() -> None:
    found = source('{\n\t"a": "\\ud83d\\ude00"}', "x.yaml")  # YAML has no such escapes
    assert (found.data, found.place("/a").line, found.place("/a").column) == ({"a": "\U0001f600"}, 2, 2)


def test_a_byte_order_mark_is_no_content(tmp_path: Path) -> None:
    from tallystick.load import read

    path = tmp_path / "x.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read(path).data == {"a": 1}


def test_places_among_oddly_spaced_members() -> None:
    found = source('{ "a" : [ 1,\n  {"b": {}, "c/d": "]"}, [] ],\n "e\\u0041": null\n}', "x.json")
    places = {p: found.place(p) for p in ("", "/a", "/a/0", "/a/1/b", "/a/1/c~1d", "/a/2", "/a/3", "/a/1/b/x", "/eA")}
    assert {p: (at.line, at.column) for p, at in places.items()} == {
        "": (1, 1),
        "/a": (1, 3),
        "/a/0": (1, 11),
        "/a/1/b": (2, 4),
        "/a/1/c~1d": (2, 13),
        "/a/2": (2, 26),
        "/a/3": (1, 3),
        "/a/1/b/x": (2, 4),
        "/eA": (3, 2),
    }
