"""The contracts as documents: they load, they are valid, and what they show is what they allow."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import openapi_spec_validator
import pytest

from tallystick import contract
from tallystick.contract import Contract
from tallystick.load.pointer import NoSuchMember, get
from tallystick.resolve import grammar
from tallystick.settings import signer_file

SPEC = Path(__file__).parents[2] / "spec"
NAMES = ("ivy", "ivy-legacy", "worldline")
OPERATIONS = {
    "ivy": {
        "createDataSession": "/api/service/data/session/create",
        "retrieveDataSession": "/api/service/data/session/details",
        "listAccounts": "/api/service/data/accounts/list",
        "listBalances": "/api/service/data/account-balances/list",
        "listTransactions": "/api/service/data/transactions/list",
        "retrieveConsent": "/api/service/data/consent/details",
        "revokeConsent": "/api/service/data/consent/revoke",
        "createCheckoutSession": "/api/service/checkout/session/create",
        "retrieveCheckoutSession": "/api/service/checkout/session/details",
        "expireCheckoutSession": "/api/service/checkout/session/expire",
    },
    "ivy-legacy": {
        "createDataSession": "/api/service/data/session/create",
        "retrieveDataSession": "/api/service/data/session/retrieve",
    },
    "worldline": {"createSession": "/v1/{merchantId}/sessions"},
}


@pytest.fixture(scope="module", params=NAMES)
def api(request) -> Contract:
    return contract.read(SPEC / request.param / "openapi.yaml", name=request.param, root=SPEC)


def objects(api: Contract, wanted: str) -> Iterator[tuple[str, Any]]:
    for pointer, kind, node in grammar.walk(grammar.ROOT, api.document):
        if kind == wanted and isinstance(node, dict):
            yield pointer, node


def validator(api: Contract, schema: Any) -> jsonschema_rs.Draft202012Validator:
    whole = {**schema, "components": api.document["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def test_a_contract_loads_whole(api):
    assert not list(api.findings)
    assert not api.refused
    assert {o.id: o.path for o in api.operations} == OPERATIONS[api.name]


def test_a_contract_is_valid_openapi(api):
    openapi_spec_validator.validate(api.document)


def test_every_body_has_examples_and_each_is_valid(api):
    for pointer, media in objects(api, "mediaType"):
        assert media.get("examples"), pointer
        check = validator(api, media["schema"])
        for name, example in media["examples"].items():
            value = get(api.document, example["$ref"][1:])["value"]
            assert [e.message for e in check.iter_errors(value)] == [], f"{pointer} {name}"


def test_every_parameter_and_header_has_a_valid_example(api):
    for kind in ("parameter", "header"):
        for pointer, node in objects(api, kind):
            if "$ref" in node:
                continue
            assert node.get("examples"), pointer
            for example in node["examples"].values():
                validator(api, node["schema"]).validate(example["value"])


def test_every_default_is_valid(api):
    for pointer, schema in objects(api, "schema"):
        if "default" in schema:
            assert validator(api, schema).is_valid(schema["default"]), pointer


def test_extensions_keep_to_the_vocabulary(api):
    vocabulary = json.loads((SPEC / "vocabulary.schema.json").read_text())
    for pointer, kind, node in grammar.walk(grammar.ROOT, api.document):
        kind = "document" if kind == grammar.ROOT else kind
        extensions = {k: v for k, v in node.items() if k.startswith("x-")} if isinstance(node, dict) else {}
        if extensions or kind == "document":
            assert kind in vocabulary["$defs"], f"{pointer} may have no extension"
            allowed = {"$ref": f"#/$defs/{kind}", "$defs": vocabulary["$defs"]}
            errors = jsonschema_rs.Draft202012Validator(allowed).iter_errors(extensions)
            assert [e.message for e in errors] == [], pointer


def test_provenance_names_sources_of_the_legend_and_all_of_them_are_used(api):
    used: set[str] = set()
    for pointer, _, node in grammar.walk(grammar.ROOT, api.document):
        if pointer and isinstance(node, dict) and "x-provenance" in node:
            used.update(node["x-provenance"])
    assert used == set(api.document["x-provenance"])


def test_operations_and_components_name_their_source(api):
    for operation in api.operations:
        assert get(api.document, operation.pointer)["x-provenance"], operation.id
    for section in ("schemas", "responses", "parameters", "headers"):
        for name, node in api.document["components"].get(section, {}).items():
            assert node.get("x-provenance"), f"{section}/{name}"


def test_every_component_is_used(api):
    text = json.dumps(api.document)
    for section in ("schemas", "responses", "parameters", "headers", "examples"):
        for name in api.document["components"].get(section, {}):
            assert f'"#/components/{section}/{name}"' in text, f"{section}/{name}"


def test_no_schema_file_of_the_contracts_is_left_out():
    listed = "".join((SPEC / name / "openapi.yaml").read_text() for name in NAMES)
    for path in sorted(SPEC.rglob("*.yaml")):
        if path.name not in ("openapi.yaml", "provenance.yaml"):
            inside = path.relative_to(SPEC).parts
            address = "/".join(("..", *inside) if inside[0] == "common" else inside[1:])
            assert address in listed, path


def test_the_market_list_stands_in_one_file():
    holding = [p for p in SPEC.rglob("*.yaml") if "BQ,CW,GG" in "".join(p.read_text().split())]
    assert [str(p.relative_to(SPEC)) for p in holding] == ["common/schemas/Market.yaml"]


def test_requests_are_strict_and_answers_are_not(api):
    for operation in api.operations:
        body = operation.body
        for media in body.media if body else ():
            assert media.schema is not None
            assert media.schema.resolved.get("additionalProperties") is False, operation.id
        for outcome in operation.outcomes:
            for media in outcome.media:
                assert media.schema is not None
                assert media.schema.resolved.get("additionalProperties") is None, operation.id


def test_every_error_answer_names_its_error_and_an_example(api):
    for operation in api.operations:
        for outcome in operation.outcomes:
            if outcome.is_success:
                continue
            assert outcome.errors, f"{operation.id} {outcome.status}"
            for error in outcome.errors:
                names = [e.name for e in outcome.media[0].examples]
                assert error.example in names, f"{operation.id} {outcome.status} {error.name}"


def test_a_mock_can_fill_in_every_error(api):
    for operation in api.operations:
        for outcome in operation.outcomes:
            values = {e.name: e.value for m in outcome.media for e in m.examples}
            for error in outcome.errors:
                missing = [p for p in error.fill if not has(values[error.example], p)]
                assert missing == [], f"{operation.id} {outcome.status} {error.name}"


def test_the_first_error_that_fits_an_example_is_its_own(api):
    for operation in api.operations:
        for outcome in operation.outcomes:
            values = {e.name: e.value for m in outcome.media for e in m.examples}
            for error in outcome.errors:
                fitting = [e.name for e in outcome.errors if fits(e.when, values[error.example])]
                assert fitting[0] == error.name, f"{operation.id} {outcome.status}"


def fits(when, body):
    return all(has(body, pointer) and get(body, pointer) == value for pointer, value in when.items())


def has(body, pointer):
    try:
        get(body, pointer)
    except NoSuchMember:
        return False
    return True


def test_lifecycles_name_what_there_is(api):
    for life in api.lifecycles:
        states = {s.name for s in life.states}
        assert life.initial in states
        moves = [(e.source_states, e.target_state) for e in (*life.effects, *life.events)]
        moves += [(life.expiry.source_states, life.expiry.target_state)] if life.expiry else []
        for sources, target in moves:
            assert {*sources, *filter(None, [target])} <= states, life.resource
            assert not [s for s in life.states if s.terminal and s.name in sources], life.resource
        webhooks = {w.name for w in api.webhooks}
        sent = {w for e in (*life.effects, *life.events) for w in e.webhooks}
        assert sent <= webhooks
        assert {e.operation_id for e in life.effects} <= set(api.by_id)
        assert {e.returns for e in life.events if e.returns} == {r.name for r in life.returns}


def test_signers_are_there_and_take_their_credentials(api):
    for scheme in api.security_schemes.values():
        if scheme.signer:
            path = signer_file(SPEC / api.name, scheme.signer.module)
            space: dict[str, Any] = {"__name__": scheme.signer.module}
            exec(compile(path.read_text(), path, "exec"), space)  # noqa: S102 -- our own module
            made = space[scheme.signer.class_name](**dict.fromkeys(scheme.signer.credentials, "x"))
            assert callable(made.sign) and callable(made.verify)


def test_events_have_one_name_each(api):
    names = [
        schema.members()["type"].resolved.get("const")
        for hook in api.webhooks
        if hook.operation.body and (schema := hook.operation.body.media[0].schema)
    ]
    known = [n for n in names if n]
    assert len(known) == len(set(known))


def test_the_callbacks_of_a_checkout_are_there():
    api = contract.read(SPEC / "ivy" / "openapi.yaml", name="ivy", root=SPEC)
    callbacks = api.by_id["createCheckoutSession"].callbacks
    assert {(c.name, c.expression) for c in callbacks} == {
        ("quote", "{$request.body#/quoteCallbackUrl}"),
        ("complete", "{$request.body#/completeCallbackUrl}"),
    }
