"""Several files as one document: what refers to what, under which name, from which place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.load.pointer import get
from tallystick.resolve import Bundle, bundle, spelled_as_uris

HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"


def write(folder: Path, **files: str) -> Path:
    """Write files whose names have `__` for a slash; return the entry."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(HEAD + text if name == "openapi" else text)
    return folder / "openapi.yaml"


def ids(found: Bundle) -> list[str]:
    return [f.id for f in found.findings]


def test_a_single_file_is_not_copied(tmp_path: Path) -> None:
    found = bundle(
        write(tmp_path, openapi="paths: {}\ncomponents: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {}}}\n")
    )
    assert found.data is found.entry.data and not found.findings


def test_the_entrys_components_give_the_names(tmp_path: Path) -> None:
    entry = write(
        tmp_path,
        openapi="paths: {/a: {$ref: paths/a.yaml}}\ncomponents: {schemas: {Pet: {$ref: schemas/animal.yaml}}}\n",
        paths__a=(
            "get:\n  responses:\n    '200':\n      description: d\n"
            "      content: {application/json: {schema: {$ref: ../schemas/animal.yaml}}}\n"
        ),
        schemas__animal="type: object\nproperties: {mother: {$ref: animal.yaml}}\n",
    )
    found = bundle(entry)
    schema = found.get("/paths/~1a/get/responses/200/content/application~1json/schema")
    assert schema == {"$ref": "#/components/schemas/Pet"} and not found.findings
    mother = {"type": "object", "properties": {"mother": {"$ref": "#/components/schemas/Pet"}}}
    assert found.get("/components/schemas") == {"Pet": mother}
    assert [s.path.name for s in found.sources] == ["openapi.yaml", "a.yaml", "animal.yaml"]


def test_places_are_those_of_the_authors_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    entry = write(
        tmp_path,
        openapi="paths: {}\ncomponents: {schemas: {Pet: {$ref: schemas/pet.yaml}}}\n",
        schemas__pet="type: object\nproperties:\n  name:\n    type: string\n",
    )
    found = bundle(entry)
    place = found.place("/components/schemas/Pet/properties/name/type")
    assert str(place) == "schemas/pet.yaml:4:5" and place.text == "    type: string"
    assert place.pointer == "/properties/name/type"
    assert str(found.place("/info/title")) == "openapi.yaml:2:8"


def test_equal_names_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    body = "components: {schemas: {One: {properties: {a: {$ref: in/pet.yaml}, b: {$ref: out/pet.yaml}}}}}\n"
    entry = write(tmp_path, openapi="paths: {}\n" + body, in__pet="title: in\n", out__pet="title: out\n")
    schemas = bundle(entry).get("/components/schemas")
    assert isinstance(schemas, dict) and set(schemas) == {"One", "in_pet", "out_pet"}


def test_a_name_that_the_entry_uses_already_is_qualified(tmp_path: Path) -> None:
    body = "components: {schemas: {pet: {type: string}, One: {properties: {a: {$ref: other/pet.yaml}}}}}\n"
    found = bundle(write(tmp_path, openapi="paths: {}\n" + body, other__pet="type: integer\n"))
    schemas = found.get("/components/schemas")
    assert isinstance(schemas, dict) and schemas["pet"] == {"type": "string"}
    assert schemas["other_pet"] == {"type": "integer"}
    assert found.get("/components/schemas/One/properties/a") == {"$ref": "#/components/schemas/other_pet"}


def test_names_do_not_depend_on_who_refers_first(tmp_path: Path) -> None:
    def names(order: str) -> dict[str, object]:
        entry = write(tmp_path, openapi=f"paths: {{}}\ncomponents: {{schemas: {{One: {{properties: {order}}}}}}}\n")
        found = bundle(entry).get("/components/schemas")
        assert isinstance(found, dict)
        return {k: v for k, v in found.items() if k != "One"}

    write(tmp_path, a__x="title: a\n", b__x="title: b\n")
    one, two = "p: {$ref: a/x.yaml}", "q: {$ref: b/x.yaml}"
    assert names(f"{{{one}, {two}}}") == names(f"{{{two}, {one}}}")


def test_fragments_of_files_and_parts_of_their_parts(tmp_path: Path) -> None:
    shared = "components:\n  schemas:\n    Pet:\n      properties: {name: {type: string}}\n"
    body = (
        "components:\n  schemas:\n    Whole: {properties: {a: {$ref: 'shared.yaml#/components/schemas/Pet'}}}\n"
        "    Part: {properties: {a: {$ref: 'shared.yaml#/components/schemas/Pet/properties/name'}}}\n"
    )
    found = bundle(write(tmp_path, openapi="paths: {}\n" + body, shared=shared))
    assert found.get("/components/schemas/Whole/properties/a") == {"$ref": "#/components/schemas/Pet"}
    assert found.get("/components/schemas/Part/properties/a") == {"$ref": "#/components/schemas/Pet/properties/name"}


def test_references_back_into_the_entry(tmp_path: Path) -> None:
    found = bundle(
        write(
            tmp_path,
            openapi="paths: {/a: {$ref: a.yaml}}\ncomponents: {responses: {Ok: {description: d}}}\n",
            a="get: {responses: {'200': {$ref: 'openapi.yaml#/components/responses/Ok'}}}\n",
        )
    )
    assert found.get("/paths/~1a/get/responses/200") == {"$ref": "#/components/responses/Ok"}
    assert not found.findings


def test_examples_and_extensions_are_data(tmp_path: Path) -> None:
    body = "paths: {}\nx-note: {$ref: nowhere.yaml}\ncomponents: {schemas: {A: {default: {$ref: nowhere.yaml}}}}\n"
    assert not bundle(write(tmp_path, openapi=body)).findings


def test_discriminator_mappings_follow_their_schemas(tmp_path: Path) -> None:
    body = (
        "paths: {}\ncomponents:\n  schemas:\n    Pet:\n      oneOf: [{$ref: s/cat.yaml}]\n"
        "      discriminator: {propertyName: kind, mapping: {cat: s/cat.yaml, dog: Dog}}\n"
    )
    found = bundle(write(tmp_path, openapi=body, s__cat="type: object\n"))
    mapping = found.get("/components/schemas/Pet/discriminator/mapping")
    assert mapping == {"cat": "#/components/schemas/cat", "dog": "Dog"}


def test_anchors(tmp_path: Path) -> None:
    body = "paths: {}\ncomponents: {schemas: {A: {$ref: 's.yaml#name'}, B: {$ref: 's.yaml#nothing'}}}\n"
    found = bundle(write(tmp_path, openapi=body, s="$defs: {n: {$anchor: name, type: string}}\n"))
    assert ids(found) == ["ref-dangling"]
    assert found.get("/components/schemas/A") == {"$anchor": "name", "type": "string"}


def test_anchors_and_file_names_of_the_document_itself(tmp_path: Path) -> None:
    body = (
        "paths: {}\ncomponents:\n  schemas:\n    A: {$anchor: name, type: string}\n    B: {$ref: '#name'}\n"
        "    C: {$dynamicRef: '#node'}\n    D: {$dynamicAnchor: node, properties: {below: {$dynamicRef: '#node'}}}\n"
        "    E: {$ref: 'openapi.yaml#/components/schemas/A'}\n"
    )
    found = bundle(write(tmp_path, openapi=body))
    schemas = found.get("/components/schemas")
    assert isinstance(schemas, dict)
    assert ids(found) == []
    assert schemas["B"] == {"$ref": "#/components/schemas/A"}
    assert schemas["C"] == {"$dynamicRef": "#/components/schemas/D"}
    assert schemas["D"] == {
        "$dynamicAnchor": "node",
        "properties": {"below": {"$dynamicRef": "#/components/schemas/D"}},
    }
    assert schemas["E"] == {"$ref": "#/components/schemas/A"}
    assert found.place("/components/schemas/B/$ref").line == found.place("/components/schemas/B").line


@pytest.mark.parametrize("ref", ["#/paths/~1a~1{id}/parameters/0", "#/paths/~1a~1%7Bid%7D/parameters/0"])
def test_a_reference_is_written_with_or_without_percent_encoding(tmp_path: Path, ref: str) -> None:
    body = (
        "paths:\n  /a/{id}:\n    parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n"
        f"  /b/{{id}}:\n    parameters: [{{$ref: '{ref}'}}]\n"
    )
    found = bundle(write(tmp_path, openapi=body))
    assert ids(found) == []
    assert found.get("/paths/~1b~1{id}/parameters/0/$ref") == "#/paths/~1a~1{id}/parameters/0"
    assert get(spelled_as_uris(found.data), "/paths/~1b~1{id}/parameters/0/$ref") == (
        "#/paths/~1a~1%7Bid%7D/parameters/0"
    )


@pytest.mark.parametrize(
    ("ref", "id_"),
    [
        ("'#/components/schemas/Nothing'", "ref-dangling"),
        ("nothing.yaml", "ref-missing-file"),
        ("'%00.yaml'", "ref-missing-file"),
        ('"a\\0b.yaml"', "ref-missing-file"),
        ("'https://example.org/a.yaml'", "ref-remote"),
        ("'file:///etc/passwd'", "ref-remote"),
        ("'//example.org/a.yaml'", "ref-remote"),
        ("/etc/passwd", "ref-outside"),
        ("'../../../../../../../../etc/passwd'", "ref-outside"),
        ("'%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd'", "ref-outside"),
        ("17", "ref-not-text"),
        ("broken.yaml", "ref-unreadable"),
    ],
)
def test_what_leads_nowhere_is_a_finding_and_stays(ref: str, id_: str, tmp_path: Path) -> None:
    body = f"paths: {{}}\ncomponents: {{schemas: {{A: {{properties: {{a: {{$ref: {ref}}}}}}}}}}}\n"
    found = bundle(write(tmp_path, openapi=body, broken="a: [\n"), root=tmp_path)
    assert id_ in ids(found)
    assert found.broken == {"/components/schemas/A/properties/a/$ref"}


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text("type: string\n")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    entry = write(inside, openapi="paths: {}\ncomponents: {schemas: {A: {$ref: link.yaml}}}\n")
    assert ids(bundle(entry, root=inside)) == ["ref-outside"]


@pytest.mark.parametrize(
    "schemas",
    [
        "{A: {$ref: '#/components/schemas/A'}}",
        "{A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}",
        "{A: {allOf: [{$ref: '#/components/schemas/B'}]}, B: {anyOf: [{$ref: '#/components/schemas/A'}]}}",
        "{A: {not: {$ref: '#/components/schemas/A'}}}",
    ],
)
def test_a_schema_that_is_nothing_but_itself_is_a_finding(schemas: str, tmp_path: Path) -> None:
    assert ids(bundle(write(tmp_path, openapi=f"paths: {{}}\ncomponents: {{schemas: {schemas}}}\n"))) == ["ref-cycle"]


@pytest.mark.parametrize(
    "schemas",
    [
        "{A: {properties: {a: {$ref: '#/components/schemas/A'}}}}",
        "{A: {items: {allOf: [{$ref: '#/components/schemas/A'}]}}}",
        "{A: {prefixItems: [{$ref: '#/components/schemas/B'}]}, B: {oneOf: [{$ref: '#/components/schemas/A'}]}}",
    ],
)
def test_recursion_through_members_is_fine(schemas: str, tmp_path: Path) -> None:
    assert not ids(bundle(write(tmp_path, openapi=f"paths: {{}}\ncomponents: {{schemas: {schemas}}}\n")))


def test_files_that_only_refer_to_each_other(tmp_path: Path) -> None:
    body = "paths: {/a: {$ref: a.yaml}}\ncomponents: {schemas: {A: {$ref: b.yaml}}}\n"
    found = bundle(write(tmp_path, openapi=body, a="$ref: a.yaml\n", b="$ref: c.yaml\n", c="$ref: b.yaml\n"))
    assert set(ids(found)) == {"ref-cycle"}


def test_a_path_item_that_calls_back_into_itself(tmp_path: Path) -> None:
    again = "post: {callbacks: {again: {'{$url}': {$ref: again.yaml}}}, responses: {'200': {description: d}}}\n"
    found = bundle(write(tmp_path, openapi="paths: {/a: {$ref: again.yaml}}\n", again=again))
    assert ids(found) == ["ref-cycle"]
    assert found.broken == {"/paths/~1a/post/callbacks/again/{$url}/$ref"}


def test_a_long_chain_of_files_is_followed(tmp_path: Path) -> None:
    for index in range(3000):
        (tmp_path / f"s{index}.yaml").write_text(f"properties: {{next: {{$ref: s{index + 1}.yaml}}}}\n")
    (tmp_path / "s3000.yaml").write_text("type: string\n")
    found = bundle(write(tmp_path, openapi="paths: {}\ncomponents: {schemas: {A: {$ref: s0.yaml}}}\n"))
    schemas = found.get("/components/schemas")
    assert isinstance(schemas, dict) and len(schemas) == 3001 and not found.findings
