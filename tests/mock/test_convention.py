"""Documents without `x-lifecycle`, served with state by convention: collections, items, what lies in them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tallystick.contract import read
from tallystick.contract.convention import names
from tallystick.contract.life import Lifecycle
from tallystick.mock import App, create_app
from tallystick.mock.values.generate import Unsatisfiable

from .conftest import Caller, Reply, Serve
from .sampling import request_for
from .test_any_document import ALL, CORPUS, DOCUMENTS, LARGE

SHOP = """
openapi: 3.1.0
info: {title: Shop, version: '1'}
security: [{key: []}]
paths:
  /orders:
    post:
      operationId: createOrder
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewOrder'}}}}
      responses:
        '201':
          description: d
          headers: {Location: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
        '400': {$ref: '#/components/responses/Problem'}
        '409': {$ref: '#/components/responses/Problem'}
    get:
      operationId: listOrders
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 50, default: 3}}
        - {name: offset, in: query, schema: {type: integer, minimum: 0}}
        - {name: currency, in: query, schema: {type: string}}
        - {name: tag, in: query, schema: {type: array, items: {type: string}}}
      responses:
        '200':
          description: d
          headers: {Link: {schema: {type: string}}}
          content:
            application/json:
              schema:
                type: object
                required: [orders, meta]
                properties:
                  orders: {type: array, items: {$ref: '#/components/schemas/Order'}}
                  has_more: {type: boolean}
                  meta:
                    type: object
                    required: [total, next]
                    properties:
                      total: {type: integer}
                      offset: {type: integer}
                      next: {type: [string, 'null'], examples: ['/orders?limit=10&offset=10']}
  /orders/{orderId}:
    parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: readOrder
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        '404': {$ref: '#/components/responses/Problem'}
    put:
      operationId: replaceOrder
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/NewOrder'}}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
    patch:
      operationId: changeOrder
      requestBody:
        content:
          application/json: {schema: {type: object}}
          application/json-patch+json: {schema: {type: array, items: {type: object}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
        '409': {$ref: '#/components/responses/Problem'}
    delete:
      operationId: deleteOrder
      responses:
        '200':
          description: d
          content:
            application/json:
              schema:
                type: object
                required: [id, deleted]
                properties: {id: {type: integer}, deleted: {type: boolean}}
        '404': {$ref: '#/components/responses/Problem'}
  /orders/{orderId}/capture:
    parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
    post:
      operationId: captureOrder
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
  /orders/{orderId}/invoice:
    parameters: [{name: orderId, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: readInvoice
      responses:
        '200': {description: d, content: {text/plain: {schema: {type: string}}}}
        '404': {$ref: '#/components/responses/Problem'}
  /orders/{order}/items:
    parameters: [{name: order, in: path, required: true, schema: {type: integer}}]
    post:
      operationId: addItem
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
      responses:
        '201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Wrapped'}}}}
        '409': {$ref: '#/components/responses/Problem'}
    get:
      operationId: listItems
      parameters:
        - {name: after, in: query, schema: {type: string}}
        - {name: page_size, in: query, schema: {type: integer}}
      responses:
        '200':
          description: d
          content:
            application/json:
              schema:
                type: object
                required: [data]
                properties:
                  data: {type: array, items: {$ref: '#/components/schemas/Item'}}
                  has_more: {type: boolean}
                  next_cursor: {type: [string, 'null']}
                  count: {type: integer}
  /orders/{order}/items/{sku}:
    parameters:
      - {name: order, in: path, required: true, schema: {type: integer}}
      - {name: sku, in: path, required: true, schema: {type: string}}
    get:
      operationId: readItem
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Wrapped'}}}}
  /settings:
    get:
      operationId: readSettings
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Settings'}}}}
    patch:
      operationId: changeSettings
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Settings'}}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Settings'}}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  responses:
    Problem:
      description: d
      content:
        application/json:
          schema: {type: object, required: [oops], properties: {oops: {$ref: '#/components/schemas/Oops'}}}
  schemas:
    Oops: {type: object, properties: {message: {type: string}}}
    NewOrder:
      type: object
      required: [currency]
      properties:
        id: {type: integer, readOnly: true}
        currency: {type: string}
        note: {type: [string, 'null']}
        tags: {type: array, items: {type: string}}
        tag: {type: string}
        ship: {type: object, properties: {city: {type: string}, zip: {type: string}}}
        created_at: {type: string, format: date-time, readOnly: true}
        placed_at: {type: string, format: date-time, readOnly: true, examples: ['2020-01-01T00:00:00Z']}
    Order:
      allOf:
        - $ref: '#/components/schemas/NewOrder'
        - {type: object, required: [id, created_at, placed_at]}
    Item:
      type: object
      required: [sku]
      properties: {sku: {type: string}, quantity: {type: integer}}
    Wrapped: {type: object, required: [item], properties: {item: {$ref: '#/components/schemas/Item'}}}
    Settings:
      type: object
      required: [theme, mail]
      properties:
        theme: {type: string, enum: [light, dark]}
        mail: {type: boolean, default: true}
"""


@pytest.fixture
def shop(serve_text: Serve) -> Caller:
    call = serve_text(SHOP, mode="stateful")
    call.headers = {"X-Key": "test-key"}
    return call


def order(shop: Caller, **members: Any) -> dict[str, Any]:
    reply = shop.post("/orders", {"currency": "EUR", **members})
    assert reply.status == 201, reply.body
    made: dict[str, Any] = reply.json()
    return made


def patch(shop: Caller, target: str, body: Any, kind: str = "application/json") -> Reply:
    return shop("PATCH", target, json.dumps(body).encode(), headers={"content-type": kind})


# -- items ----------------------------------------------------------------------------------------------------------


def test_what_is_created_can_be_read_where_its_address_says(shop: Caller) -> None:
    reply = shop.post("/orders", {"currency": "EUR", "note": None})
    made = reply.json()
    assert reply.headers["location"] == "/orders/1"
    assert (made["id"], made["currency"], made["note"]) == (1, "EUR", None)
    assert made["created_at"] == "2026-09-15T10:20:30.000Z", "made by the mock's clock"
    assert shop.get("/orders/1").json() == made
    assert order(shop)["id"] == 2


def test_put_replaces_and_leaves_what_the_server_knows(shop: Caller) -> None:
    made = order(shop, note="old", ship={"city": "Bonn"})
    replaced = shop("PUT", "/orders/1", {"currency": "USD", "id": 99}).json()
    assert replaced == {n: v for n, v in made.items() if n not in ("note", "ship")} | {"currency": "USD"}
    assert shop.get("/orders/1").json() == replaced


def test_patch_merges_and_null_removes(shop: Caller) -> None:
    order(shop, note="old", ship={"city": "Bonn", "zip": "53111"}, tags=["a"])
    changed = patch(shop, "/orders/1", {"note": None, "ship": {"city": "Köln"}, "tags": None}).json()
    assert (changed["note"], changed["ship"]) == (None, {"city": "Köln", "zip": "53111"})
    assert "tags" not in changed, "null is not among its types"
    assert patch(shop, "/orders/1", {"ship": {"zip": None}}).json()["ship"] == {"city": "Köln"}
    assert shop.get("/orders/1").json()["currency"] == "EUR"


def test_a_json_patch_is_followed(shop: Caller) -> None:
    order(shop, note="old", tags=["a", "b"])
    steps: list[dict[str, Any]] = [
        {"op": "test", "path": "/currency", "value": "EUR"},
        {"op": "replace", "path": "/currency", "value": "USD"},
        {"op": "add", "path": "/tags/1", "value": "x"},
        {"op": "add", "path": "/tags/-", "value": "z"},
        {"op": "remove", "path": "/tags/0"},
        {"op": "copy", "from": "/tags/0", "path": "/tag"},
    ]
    changed = patch(shop, "/orders/1", steps, "application/json-patch+json").json()
    assert (changed["currency"], changed["tags"], changed["tag"]) == ("USD", ["x", "b", "z"], "x")
    for wrong in (
        {"op": "test", "path": "/currency", "value": "EUR"},
        {"op": "remove", "path": "/none"},
        {"op": "go"},
    ):
        refused = patch(shop, "/orders/1", [wrong], "application/json-patch+json")
        assert refused.status in (400, 409)
    assert shop.get("/orders/1").json() == changed


def test_what_is_deleted_is_gone(shop: Caller) -> None:
    order(shop)
    gone = shop("DELETE", "/orders/1")
    assert (gone.status, gone.json()) == (200, {"id": 1, "deleted": True})
    again = shop.get("/orders/1")
    assert (again.status, list(again.json())) == (404, ["oops"])
    assert again.json()["oops"]["message"] == "There is no item of orders with this id."
    assert [shop(m, "/orders/1", {"currency": "a"}).status for m in ("DELETE", "PUT", "PATCH")] == [404] * 3
    assert order(shop)["id"] == 2


def test_tenants_are_kept_apart(shop: Caller) -> None:
    order(shop)
    assert shop.get("/orders/1", X_Key="test-other").status == 404
    assert shop.get("/orders", X_Key="test-other").json()["orders"] == []


def test_without_a_key_for_reading_all_is_everybodys(serve_text: Serve) -> None:
    open_read = SHOP.replace("operationId: readOrder", "operationId: readOrder\n      security: [{}]")
    shop = serve_text(open_read, mode="stateful")
    shop.headers = {"X-Key": "test-key"}
    order(shop)
    assert shop.get("/orders/1", X_Key="").status == 200
    shop("DELETE", "/orders/1")
    assert shop.get("/orders/1", X_Key="").status == 404


# -- lists ----------------------------------------------------------------------------------------------------------


def test_a_list_comes_in_pages(shop: Caller) -> None:
    for _ in range(7):
        order(shop)
    first = shop.get("/orders")
    listed = first.json()
    assert ([o["id"] for o in listed["orders"]], listed["has_more"]) == ([1, 2, 3], True)
    assert listed["meta"] == {"total": 7, "offset": 0, "next": "/orders?offset=3"}
    assert first.headers["link"] == '</orders?offset=3>; rel="next"'
    rest = shop.get("/orders?limit=5&offset=5")
    assert [o["id"] for o in rest.json()["orders"]] == [6, 7]
    assert (rest.json()["has_more"], rest.json()["meta"]) == (False, {"total": 7, "offset": 5, "next": None})
    assert "link" not in rest.headers
    assert shop.get("/orders?offset=70").json()["orders"] == []


def test_a_list_is_filtered_by_what_items_have(shop: Caller) -> None:
    for number, currency in enumerate(("EUR", "USD", "EUR")):
        order(shop, currency=currency, tag="abc"[number])
    assert [o["id"] for o in shop.get("/orders?currency=EUR").json()["orders"]] == [1, 3]
    assert [o["id"] for o in shop.get("/orders?tag=b&tag=c").json()["orders"]] == [2, 3]
    assert shop.get("/orders?currency=EUR&limit=1").json()["meta"]["total"] == 2


def test_a_cursor_leads_from_page_to_page(shop: Caller) -> None:
    order(shop)
    for sku in "abcde":
        shop.post("/orders/1/items", {"sku": sku})
    seen: list[str] = []
    after, page = "", dict[str, Any]()
    for _ in range(3):
        page = shop.get(f"/orders/1/items?page_size=2{after}").json()
        seen += [item["sku"] for item in page["data"]]
        after = f"&after={page['next_cursor']}"
    assert (seen, page["has_more"], page["next_cursor"], page["count"]) == (list("abcde"), False, None, 5)
    assert shop.get("/orders/1/items?after=none").status == 400


# -- what lies in items ---------------------------------------------------------------------------------------------


def test_a_collection_lies_in_the_item_that_its_path_names(shop: Caller) -> None:
    order(shop)
    order(shop)
    made = shop.post("/orders/1/items", {"sku": "a", "quantity": 2})
    assert (made.status, made.json()) == (201, {"item": {"sku": "a", "quantity": 2}}), "the caller chose its key"
    assert shop.get("/orders/1/items/a").json() == made.json()
    assert shop.get("/orders/2/items/a").status == 404
    assert shop.get("/orders/2/items").json()["data"] == []
    assert shop.post("/orders/1/items", {"sku": "a"}).status == 409
    assert shop.post("/orders/2/items", {"sku": "a"}).status == 201
    assert shop.post("/orders/3/items", {"sku": "a"}).status == 404
    shop("DELETE", "/orders/1")
    assert shop.get("/orders/1/items").status == 404


def test_operations_on_an_item_need_the_item(shop: Caller) -> None:
    made = order(shop)
    assert shop.post("/orders/1/capture").json() == made
    assert shop.get("/orders/1/invoice").status == 200
    assert [shop.post("/orders/2/capture").status, shop.get("/orders/2/invoice").status] == [404, 404]


def test_what_there_is_one_of_is_there_from_the_beginning(shop: Caller) -> None:
    first = shop.get("/settings").json()
    other = "dark" if first["theme"] == "light" else "light"
    changed = patch(shop, "/settings", {**first, "theme": other})
    assert changed.json() == {**first, "theme": other}
    assert shop.get("/settings").json() == changed.json()
    assert shop.get("/settings", X_Key="test-other").json() == first


def test_it_says_what_it_understood(shop: Caller) -> None:
    told = [resource.description for resource in shop.app.mock.inferred]
    assert told == [
        "orders by id: create, read, update, delete, list, use",
        "orders.{order}.items by sku, in orders: create, read, list",
        "settings, of which there is one: read, update",
    ]


def test_keys_of_a_format_do_not_run_out(serve_text: Serve) -> None:
    document = SHOP.replace("id: {type: integer, readOnly: true}", "id: {type: string, format: uri, readOnly: true}")
    shop = serve_text(document.replace("schema: {type: integer}}]", "schema: {type: string}}]"), mode="stateful")
    shop.headers = {"X-Key": "test-key"}
    keys = {order(shop)["id"] for _ in range(300)}
    assert len(keys) == 300
    assert all(shop.get(f"/orders/{quote(key, safe='')}").json()["id"] == key for key in sorted(keys)[:5])


# -- what answers promise -------------------------------------------------------------------------------------------

NOTES = """
openapi: 3.1.0
info: {title: Notes, version: '1'}
paths:
  /notes:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses:
        '201': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
    get:
      parameters:
        - {name: sort_by, in: query, schema: {type: string, enum: [rank, -rank, 'title:desc']}}
        - {name: order, in: query, schema: {type: string, enum: [ASC, DESC]}}
      responses:
        '200':
          description: d
          content:
            application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}
  /notes/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
        '404': {description: d}
    put:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
        '201':
          description: d
          headers: {Location: {schema: {type: string}}}
          content:
            application/json:
              schema:
                allOf:
                  - $ref: '#/components/schemas/Note'
                  - {type: object, required: [fresh], properties: {fresh: {const: true}}}
    delete:
      responses:
        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
components:
  schemas:
    Note:
      type: object
      required: [name]
      properties:
        name: {type: string}
        title: {type: string}
        rank: {type: [integer, 'null']}
        status: {type: string, enum: [open, archived], readOnly: true}
"""


def test_put_creates_what_is_missing_where_its_answer_can_say_so(serve_text: Serve) -> None:
    call = serve_text(NOTES, mode="stateful")
    made = call("PUT", "/notes/a", {"name": "other", "title": "A"})
    assert (made.status, made.headers["location"]) == (201, "/notes/a")
    assert made.json() == {"name": "a", "title": "A", "fresh": True}, "the path says its key"
    assert call.get("/notes/a").json()["title"] == "A"
    again = call("PUT", "/notes/a", {"name": "a", "title": "B"})
    assert (again.status, again.json()["title"], "fresh" in again.json()) == (200, "B", False)
    assert [note["name"] for note in call.get("/notes").json()] == ["a"]


def test_a_location_is_a_whole_address_where_that_is_asked_for(serve_text: Serve) -> None:
    whole = NOTES.replace("{Location: {schema: {type: string}}}", "{Location: {schema: {type: string, format: uri}}}")
    made = serve_text(whole, mode="stateful")("PUT", "/notes/a", {"name": "a"})
    assert (made.status, made.headers["location"]) == (201, "http://mock.example/notes/a")


def test_what_only_put_creates_is_kept(serve_text: Serve) -> None:
    post = NOTES[NOTES.index("    post:") : NOTES.index("    get:", NOTES.index("    post:"))]
    put = NOTES[NOTES.index("    put:") : NOTES.index("    delete:")]
    call = serve_text(NOTES.replace(post, "").replace(put, put.replace("'201'", "'404'")), mode="stateful")
    assert call.app.mock.inferred[0].description.endswith("what isn't there is created by an update")
    assert [call.get("/notes/a").status, call("DELETE", "/notes/a").status] == [404, 404]
    assert call("PUT", "/notes/a", {"name": "other", "title": "A"}).status == 200
    assert call("PUT", "/notes/b", {"name": "b", "title": "B"}).status == 200
    assert call("PUT", "/notes/a", {"name": "a", "title": "C"}).json() == {"name": "a", "title": "C"}
    assert call.get("/notes/a").json() == {"name": "a", "title": "C"}
    assert [note["name"] for note in call.get("/notes").json()] == ["a", "b"]


def test_put_creates_nothing_where_201_may_mean_something_else(serve_text: Serve) -> None:
    put = NOTES[NOTES.index("    put:") : NOTES.index("    delete:")]
    other = put.replace("'200'", "'404'")
    call = serve_text(NOTES.replace(put, other), mode="stateful")
    assert call("PUT", "/notes/a", {"name": "a"}).status == 404
    call.post("/notes", {"name": "a"})
    assert call("PUT", "/notes/a", {"name": "a"}).status == 201


def test_what_is_deleted_into_a_state_is_shown_in_it(serve_text: Serve) -> None:
    call = serve_text(NOTES, mode="stateful")
    call.post("/notes", {"name": "a", "title": "A"})
    gone = call("DELETE", "/notes/a")
    assert (gone.status, gone.json()["status"]) == (200, "archived")
    shown = call.get("/notes/a")
    assert (shown.status, shown.json()) == (200, gone.json())
    assert call.get("/notes").json() == [gone.json()]


def test_a_list_is_sorted_as_its_parameters_plainly_say(serve_text: Serve) -> None:
    call = serve_text(NOTES, mode="stateful")
    for name, rank in (("a", 2), ("b", None), ("c", 1), ("d", 10)):
        call.post("/notes", {"name": name, "rank": rank, "title": name.upper()})
    orders = {
        "": "abcd",
        "sort_by=rank": "cadb",
        "sort_by=-rank": "dacb",
        "sort_by=rank&order=DESC": "dacb",
        "sort_by=title:desc": "dcba",
        "order=DESC": "dcba",
        "order=ASC": "abcd",
    }
    for query, names_ in orders.items():
        assert "".join(note["name"] for note in call.get(f"/notes?{query}").json()) == names_, query
    unclear = serve_text(NOTES.replace("'title:desc'", "best"), mode="stateful")
    for name in "ba":
        unclear.post("/notes", {"name": name, "rank": ord(name)})
    assert [note["name"] for note in unclear.get("/notes?sort_by=rank").json()] == ["b", "a"]


# -- documents of others --------------------------------------------------------------------------------------------


class Walker:
    """Calls operations of a document with requests made from their schemas, about items that it has created."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.call = Caller(app)
        self.places: dict[str, list[str]] = {}

    def go(self, id_: str, places: list[str]) -> Reply:
        mock = self.app.mock
        operation = mock.contract.by_id[id_]
        target, headers, body = request_for(mock.contract, operation, mock.generator)
        path, question, query = operation.path.partition("?")[0], *target.partition("?")[1:]
        for name, value in zip(names(path), places, strict=False):
            path = path.replace(f"{{{name}}}", quote(value, safe=""), 1)
        return self.call(operation.method, path + question + query, body, headers=headers)

    def create(self, lifecycle: Lifecycle) -> bool:
        """Create an item and say whether that was possible."""
        above = self.places.get(lifecycle.within, []) if lifecycle.within else ["1"] * lifecycle.depth
        if len(above) < lifecycle.depth:
            return False
        try:
            made = self.go(lifecycle.effects[0].operation_id, above)
        except Unsatisfiable:
            return False
        assert made.status < 500 or lifecycle.resource in UNANSWERABLE, made.body
        if made.status >= 400:
            return False
        *_, record = self.app.mock.engine.holdings.kept(lifecycle.resource)
        self.places[lifecycle.resource] = [*above, record.key]
        return True


UNANSWERABLE = {"api.payment_orders", "api.returns"}
"""What has to hold itself without end."""


@pytest.mark.parametrize("entry", DOCUMENTS, ids=lambda d: d["name"])
def test_what_is_kept_by_convention_lives_and_ends(entry: dict[str, Any]) -> None:
    if entry["bytes"] > LARGE and not ALL:
        pytest.skip("a large document: nox -s corpus")
    walker = Walker(create_app(read(CORPUS / entry["entry"], name=entry["name"]), mode="stateful"))
    kept = sorted((lc for lc in walker.app.mock.inferred if lc.key), key=lambda lc: lc.resource.count("."))
    created = [lifecycle for lifecycle in kept if walker.create(lifecycle)]
    assert created or not kept
    for lifecycle in created:
        shown = walker.go(lifecycle.effects[1].operation_id, walker.places[lifecycle.resource])
        assert shown.status < 300, (lifecycle.resource, shown.body)
    for lifecycle in reversed(created):
        for ending in (e.operation_id for e in lifecycle.effects if e.effect == "delete"):
            gone = walker.go(ending, walker.places[lifecycle.resource])
            assert gone.status < 300, (lifecycle.resource, gone.body)
            again = walker.go(lifecycle.effects[1].operation_id, walker.places[lifecycle.resource])
            ended = again.status == 200 and again.json().get("status") in ("archived", "canceled")
            assert again.status in (404, 410) or ended, (lifecycle.resource, again.body)


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("{oneOf: [{type: integer}, {type: string, minLength: 22}]}", 200),
        ("{type: string, pattern: '^never$'}", 400),
    ],
)
def test_a_key_is_what_its_member_takes_and_if_possible_the_path(serve_text: Serve, place: str, found: int) -> None:
    call = serve_text(
        f"""
paths:
  /lives:
    post:
      responses:
        '200': {{description: d, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Live'}}}}}}}}
  /lives/{{id}}:
    get:
      parameters: [{{name: id, in: path, required: true, schema: {place}}}]
      responses:
        '200': {{description: d, content: {{application/json: {{schema: {{$ref: '#/components/schemas/Live'}}}}}}}}
components:
  schemas: {{Live: {{type: object, required: [id], properties: {{id: {{type: integer}}}}}}}}
""",
        mode="stateful",
    )
    made = call.post("/lives")
    assert (made.status, made.json()) == (200, {"id": 1})
    assert call.get("/lives/1").status == found


def test_what_is_sent_as_one_of_several_alternatives_stays_that_one(serve_text: Serve) -> None:
    kinds = {
        name: {
            "type": "object",
            "required": ["type", "number", *more],
            "properties": {
                "type": {"enum": [name]},
                "number": {"type": "string"},
                **{m: {"type": "string"} for m in more},
            },
        }
        for name, more in {"local": ["branch"], "bank": ["bic"], "iban": []}.items()
    }
    account = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in kinds]}
    sent = {"account": account, "holder": {"type": "object", "properties": {"name": {"type": "string"}}}}
    holder = {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["unknown"]}, "name": {}}}
    shown = {**sent, "holder": holder, "id": {"type": "string"}}
    schemas = {
        **kinds,
        "New": {"type": "object", "properties": {"to": {"type": "object", "properties": sent}}},
        "Kept": {
            "type": "object",
            "properties": {"id": {"type": "string"}, "to": {"oneOf": [{"properties": shown}]}},
        },
    }
    answer = {
        "200": {
            "description": "d",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Kept"}}},
        }
    }
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}}
    place = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/transfers": {"post": {"requestBody": body, "responses": answer}},
            "/transfers/{id}": {"parameters": place, "get": {"responses": answer}},
        },
        "components": {"schemas": schemas},
    }
    call = serve_text(json.dumps(document), mode="stateful")
    account_sent = {"type": "bank", "number": "1", "bic": "B"}
    made = call.post("/transfers", {"to": {"account": account_sent, "holder": {"name": "A"}}}).json()
    assert made["to"] == {"account": account_sent, "holder": {"name": "A", "kind": "unknown"}}
    assert call.get(f"/transfers/{made['id']}").json() == made


@pytest.mark.parametrize("told", [True, False])
def test_what_fits_several_alternatives_is_kept_as_it_was_sent(serve_text: Serve, told: bool) -> None:
    members = {"id": {"type": "string"}, "kind": {"type": "string"}}
    person = {"type": "object", "required": ["id"], "properties": {**members, "name": {"type": "string"}}}
    role = {"type": "object", "required": ["id"], "properties": {**members, "name": {"type": "object"}}}
    party: dict[str, Any] = {
        "oneOf": [{"$ref": "#/components/schemas/Role"}, {"$ref": "#/components/schemas/Person"}],
        **({"discriminator": {"propertyName": "kind"}} if told else {}),
    }
    order = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string", "readOnly": True}, "party": {"$ref": "#/components/schemas/Party"}},
        "example": {"id": "1", "party": {"id": "9", "kind": "Role", "name": {}}},
    }
    sent = {"type": "object", "properties": {"party": {"type": "object"}}}
    shown = {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
    body = {"required": True, "content": {"application/json": {"schema": sent}}}
    named = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/orders": {"post": {"requestBody": body, "responses": {"201": shown}}},
            "/orders/{id}": {"get": {"parameters": named, "responses": {"200": shown}}},
        },
        "components": {"schemas": {"Person": person, "Role": role, "Party": party, "Order": order}},
    }
    call = serve_text(json.dumps(document), mode="stateful")
    person_sent = {"id": "p-1", "kind": "Person"}
    made = call.post("/orders", {"party": person_sent}).json()
    assert person_sent.items() <= made["party"].items()
    assert not told or made["party"] == person_sent
    assert call.get(f"/orders/{made['id']}").json() == made


def test_a_key_is_text_or_a_number_as_each_answer_has_it(serve_text: Serve) -> None:
    text, number = (
        {"type": "object", "required": ["id"], "properties": {"id": {"type": kind}}} for kind in ("string", "integer")
    )
    answers = {
        name: {"200": {"description": "d", "content": {"application/json": {"schema": schema}}}}
        for name, schema in {"text": text, "number": number, "list": {"type": "array", "items": number}}.items()
    }
    named = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    paths = {
        "/notes": {"post": {"responses": answers["text"]}, "get": {"responses": answers["list"]}},
        "/notes/{id}": {"parameters": named, "get": {"responses": answers["number"]}},
    }
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}
    call = serve_text(json.dumps(document), mode="stateful")
    keys = [call.post("/notes").json()["id"] for _ in range(2)]
    assert [call.get(f"/notes/{key}").json() for key in keys] == [{"id": int(key)} for key in keys]
    assert call.get("/notes").json() == [{"id": int(key)} for key in keys]


def test_the_type_of_a_key_may_be_said_by_part_of_an_allof(serve_text: Serve) -> None:
    shown = {"type": "object", "properties": {"id": {"allOf": [{"$ref": "#/components/schemas/Id"}]}}}
    answers = {"200": {"description": "d", "content": {"application/json": {"schema": shown}}}}
    either = {"oneOf": [{"$ref": "#/components/schemas/Id"}, {"type": "string", "format": "uuid"}]}
    named = [{"name": "id", "in": "path", "required": True, "schema": either}]
    one = {"parameters": named, "get": {"responses": answers}}
    paths = {"/films": {"post": {"responses": answers}}, "/films/{id}": one}
    ids = {"schemas": {"Id": {"type": "integer", "minimum": 1}}}
    document = {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths, "components": ids}
    call = serve_text(json.dumps(document), mode="stateful")
    assert [call.post("/films").json() for _ in range(3)] == [{"id": 1}, {"id": 2}, {"id": 3}]
    assert call.get("/films/2").json() == {"id": 2}


LOOSE = """
paths:
  /pet:
    post: {requestBody: &pet {required: true, content: {application/json: {schema: &Pet {type: object, properties:
        {id: {type: integer}, name: {type: string}}}}}}, responses: {'405': {description: Invalid input}}}
    put: {requestBody: *pet, responses: {'400': {description: d}, '404': {description: Not found}}}
  /pet/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': {description: d, content: {application/xml: {schema: *Pet}, '*/*': {schema: *Pet}}}}}
    delete: {responses: {'400': {description: Invalid id}}}
"""


def test_what_is_done_is_no_failure_where_only_failures_are_declared(serve_text: Serve) -> None:
    call = serve_text(LOOSE, mode="stateful")
    made = call.post("/pet", {"id": 7, "name": "Tom"})
    assert (made.status, made.body, made.headers["location"]) == (200, b"", "/pet/7")
    assert call("DELETE", "/pet/7").status == 200
    assert call.get("/pet/7").status == 404


def test_a_collection_is_changed_where_its_request_says_which_item(serve_text: Serve) -> None:
    call = serve_text(LOOSE, mode="stateful")
    call.post("/pet", {"id": 7, "name": "Tom"})
    assert call("PUT", "/pet", {"id": 7, "name": "Rex"}).status == 200
    assert call.get("/pet/7", Accept="application/json").json() == {"id": 7, "name": "Rex"}
    assert call("PUT", "/pet", {"id": 8, "name": "Rex"}).status == 404


QUERIES = """
paths:
  /files?beta=true:
    post: {responses: {default: {description: d, content: {'*/*': {schema: &File {type: object, required: [$id],
        properties: {$id: {type: string}, size: {type: integer}}}}}}}}
    get: {responses: {'200': {description: d, content: {application/json: {schema: {type: array, items: *File}}}}}}
  /files/{file}?beta=true:
    parameters: [{name: file, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: d, content: {application/json: {schema: *File}}}}}
    delete: {responses: {'204': {description: d}}}
"""


def test_the_query_of_a_path_is_no_part_of_what_it_names(serve_text: Serve) -> None:
    call = serve_text(QUERIES, mode="stateful")
    made = call.post("/files?beta=true")
    key = made.json()["$id"]
    assert (made.status, call.get(f"/files/{key}?beta=true").json()["$id"]) == (200, key)
    assert [file["$id"] for file in call.get("/files?beta=true").json()] == [key]
    assert call("DELETE", f"/files/{key}?beta=true").status == 204
    assert call.get(f"/files/{key}?beta=true").status == 404


REALMS = """
paths:
  /:
    post: {requestBody: {content: {application/json: {schema: &Realm {type: object, required: [realm],
        properties: {realm: {type: string}}}}}}, responses: {'201': {description: d}}}
  /{realm}:
    parameters: &realm [{name: realm, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: d, content: {application/json: {schema: *Realm}}}}}
  /{realm}/users:
    parameters: *realm
    post: {requestBody: {content: {application/json: {schema: &User {type: object, required: [id], properties:
        {id: {type: string}}}}}}, responses: {'201': {description: d, content: {application/json: {schema:
        {type: object, required: [message], properties: {message: {type: string}}}}}}}}
  /{realm}/users/{id}:
    parameters: [{name: realm, in: path, required: true, schema: {type: string}},
      {name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: d, content: {application/json: {schema: *User}}}}}
"""


def test_a_collection_may_be_at_the_root(serve_text: Serve) -> None:
    call = serve_text(REALMS, mode="stateful")
    assert [lc.resource for lc in call.app.mock.inferred] == ["realm", "{realm}.users"]
    assert call.post("/north/users", {"id": "ann"}).status == 404
    assert call.post("/", {"realm": "north"}).headers["location"] == "/north"
    made = call.post("/north/users", {"id": "ann"})
    assert (made.json().keys(), made.headers["location"]) == ({"message"}, "/north/users/ann")
    assert call.get("/north/users/ann").json() == {"id": "ann"}


PUTS = """
paths:
  /cards/{card}:
    parameters: &card [{name: card, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': {description: d, content: {application/json: {schema: &Card {type: object,
        required: [id], properties: {id: {type: string}}}}}}}}
    put: {requestBody: {content: {application/json: {schema: *Card}}}, responses: {'204': {description: d}}}
  /cards/{card}/limits: {parameters: *card, post: {responses: {'204': {description: d}}}}
"""


def test_what_nothing_can_be_posted_to_may_have_items_from_elsewhere(serve_text: Serve) -> None:
    call = serve_text(PUTS, mode="stateful")
    assert call.post("/cards/1/limits").status == 204
    assert call.get("/cards/1").status == 404


CLOSED = """
paths:
  /groups:
    post: {requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}},
      responses: {'201': &group {description: d, content: {application/json: {schema: {$ref:
        '#/components/schemas/Group'}}}}}}
  /groups/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {'200': *group}}
components:
  schemas:
    Thing: {type: object, required: [kind], additionalProperties: {type: object}, properties: {kind: {type: string},
      id: {type: string}}}
    Group: {allOf: [{$ref: '#/components/schemas/Thing'}], properties: {name: {type: string}}}
"""


def test_a_member_that_no_answer_may_have_does_not_cost_the_others(serve_text: Serve) -> None:
    call = serve_text(CLOSED, mode="stateful")
    made = call.post("/groups", {"name": "a"}).json()
    assert call.get(f"/groups/{made['id']}").json() == made


TWICE = """
security: [{user: []}]
paths:
  /a:
    post: {responses: {'201': &a {description: d, content: {application/json: {schema: {type: object,
      required: [id], properties: {id: {type: string}}}}}}}}
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {security: [{user: [], app: []}], responses: {'200': *a}}
components:
  securitySchemes:
    user: {type: http, scheme: bearer}
    app: {type: apiKey, in: header, name: X-App}
"""


def test_one_key_for_two_schemes_is_one_tenant(serve_text: Serve) -> None:
    call = serve_text("openapi: 3.0.3\ninfo: {title: t, version: '1'}" + TWICE, mode="stateful")
    call.headers = {"Authorization": "Bearer test-key", "X-App": "test-key"}
    key = call.post("/a").json()["id"]
    assert call.get(f"/a/{key}").json() == {"id": key}
