"""What of a schema a value reaches, and what of it can be kept or broken."""

from tallystick.contract import Contract, Schema
from tallystick.contract.validation import Validators
from tallystick.verify.facts import reach


def test_a_condition_is_followed_and_is_no_rule_itself(contract) -> None:
    ivy: Contract = contract("ivy")
    schema = Schema.at(ivy.document, "/components/schemas/CreateCheckoutSessionRequest")
    listed = {part.pointer.removeprefix(schema.pointer) for part in reach.parts(schema)}
    assert "/allOf/0/then" in listed and "/allOf/0/if" not in listed
    body = {"referenceId": "r", "price": {"currency": "EUR", "total": 1}, "paymentMode": "direct"}
    reached = {part.pointer for part, _ in reach.Reach(Validators(ivy), "request").visit(schema, body)}
    assert f"{schema.pointer}/allOf/0/then" in reached and f"{schema.pointer}/allOf/1/then" not in reached


def test_what_schemas_share_is_met_once() -> None:
    document = {"a": {"$ref": "#/c"}, "b": {"items": {"$ref": "#/c"}}, "c": {"type": "string"}}
    met = [part.pointer for part in reach.parts(*(Schema.at(document, place) for place in ("/a", "/b", "/a")))]
    assert sorted(met) == ["/a", "/b", "/b/items", "/c"]


def test_a_format_of_numbers_is_no_rule() -> None:
    assert reach.assertions(Schema.at({"a": {"type": "number", "format": "decimal"}}, "/a")) == ("type",)
    assert reach.assertions(Schema.at({"a": {"type": "string", "format": "uri"}}, "/a")) == ("type", "format")
