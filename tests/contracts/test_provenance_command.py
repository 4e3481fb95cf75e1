"""`tallystick provenance`: the table of facts and places, and what it says when a fact is not kept."""

import json
import shutil
from pathlib import Path

import pytest

from tallystick import settings
from tallystick.cli import cli
from tallystick.cli.outcome import guarded

SPEC = Path(__file__).parents[2] / "spec"


def run(*arguments: str) -> int:
    return guarded(lambda: cli.main(args=["provenance", *arguments], standalone_mode=False))


@pytest.fixture
def own_specs(tmp_path, monkeypatch):
    """A copy of the contracts that a test may change, in a folder that is the working place."""
    shutil.copytree(SPEC, tmp_path / "spec")
    monkeypatch.setattr(settings, "spec_folder", lambda: tmp_path / "spec")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "spec"


@pytest.mark.usefixtures("own_specs")
def test_the_table_names_each_fact_with_its_place(capsys):
    assert run("worldline") == 0
    out, err = capsys.readouterr()
    assert out.startswith(
        "seed-create-session:\n"
        '  create operation: "POST /v1/{merchantId}/sessions"\n'
        "    spec/worldline/paths/sessions.yaml:3:1\n"
        '  create server: "https://{domainname}"\n'
        "    spec/worldline/openapi.yaml:18:5\n"
        "  session lifetime: 7200\n"
    )
    assert err == "32 facts of 1 source, 0 not kept\n"


@pytest.mark.usefixtures("own_specs")
def test_a_difference_on_purpose_has_its_reason(capsys):
    assert run("ivy") == 0
    assert (
        '  create.request.expiresAt companion: "created"\n'
        '    spec/ivy/schemas/CreateDataSessionRequest.yaml:6:15 says "createdAt": '
        "the text's name is that of an older member; the body has createdAt\n"
    ) in capsys.readouterr().out


def test_a_fact_that_is_not_kept_is_shown_with_what_the_contract_says(own_specs, capsys):
    region = own_specs / "worldline" / "schemas" / "Region.yaml"
    region.write_text(region.read_text().replace("[EU, US, AMS, PAR]", "[EU, US, AMS]"))
    response = own_specs / "worldline" / "schemas" / "SessionResponse.yaml"
    response.write_text(response.read_text().replace("    deprecated: true\n", ""))
    assert run("worldline") == 1
    out, err = capsys.readouterr()
    assert (
        '  create.response.region enum: ["EU", "US", "AMS", "PAR"]\n'
        '    spec/worldline/schemas/Region.yaml:6:1 says ["EU", "US", "AMS"], which is something else\n'
        "  create.response.region deprecated: true\n"
        "    nowhere in the contract\n"
    ) in out
    assert err == "32 facts of 1 source, 2 not kept\n"


def test_a_record_that_speaks_of_no_fact_or_names_no_place_is_refused_where_it_does(own_specs, capsys):
    record = own_specs / "ivy" / "provenance.yaml"
    text = record.read_text().replace(
        "  create.request.expiresAt companion:\n    place:", "  a.b companions:\n    at:", 1
    )
    record.write_text(
        text.replace(
            "  expire.response.paymentMode default:\n    place:", "  expire.response.paymentMode default:\n    at:"
        )
    )
    line = 1 + text[: text.index("  expire.response.paymentMode default")].count("\n")
    assert run("ivy") == 1
    assert capsys.readouterr().out == (
        "spec/ivy/provenance.yaml:4:3: provenance-fact: seed-data-session-create does not say 'a.b companions'\n"
        "    a.b companions:\n"
        "    ^\n"
        "  hint: remove it\n"
        f"spec/ivy/provenance.yaml:{line}:3: provenance-place: 'expire.response.paymentMode default' has no place\n"
        "    expire.response.paymentMode default:\n"
        "    ^\n"
        "  expected: `place`, a pointer into the bundled document\n"
    )


def test_a_long_list_is_shown_with_its_length_and_a_long_text_without(own_specs, capsys):
    for schema in (own_specs / "ivy" / "schemas").glob("*.yaml"):
        schema.write_text(schema.read_text().replace("dashboard", "settings of the whole of the account"))
    assert run("ivy") == 1
    shown = [line for line in capsys.readouterr().out.splitlines() if "…" in line]
    assert "(250 entries)" in shown[0]
    told = [line for line in shown if "which is something else" in line]
    assert told
    assert not any("entries" in line for line in told)


@pytest.mark.usefixtures("own_specs")
def test_the_table_as_json(capsys):
    assert run("ivy-legacy", "--format", "json") == 0
    table = json.loads(capsys.readouterr().out)
    assert table["seed-data-sessions-guide"][0] == {
        "fact": "create operation",
        "value": "POST /data/session/create",
        "pointer": "/paths/~1api~1service~1data~1session~1create/post",
        "said": "POST /data/session/create",
        "agrees": True,
        "because": "",
    }


def test_a_document_of_others_has_no_record(tmp_path, capsys):
    path = tmp_path / "petstore.yaml"
    path.write_text("openapi: 3.1.0\ninfo: {title: Other, version: '1'}\npaths: {}\n")
    assert run(str(path)) == 2
    assert capsys.readouterr().err == (
        "error: petstore is no shipped contract\n  hint: only those have a record of their sources\n"
    )
