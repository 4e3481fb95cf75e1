"""What it costs to make typed objects of an answer of 2 KB, beside `json.loads` alone: `python benchmarks/parse.py`.

Tallystick's flavours, and what other generators write for the same document (see `peers.py`). Those that have a
`from_dict` parse the JSON first; that is in their time, because it is what their clients do with an answer.
"""

from __future__ import annotations

import importlib
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peers
from pydantic import TypeAdapter
from side_by_side import Subject, processor, report, rounds

DOCUMENT = Path(__file__).parent / "shop.yaml"
CALLS = 100
ROUNDS = 100


def address(number: int) -> dict[str, object]:
    """An address, all members present."""
    street = {"line1": f"{number} Harbour Road", "line2": "Back entrance"}
    return street | {"city": "Port Sunlight", "postalCode": "CH62 5DX", "country": "GB"}


def item(number: int) -> dict[str, object]:
    """One line of an order."""
    money = {"quantity": number + 1, "unitPrice": 1250 + number, "taxRate": 0.19}
    named = {"sku": f"SKU-{1000 + number}", "name": f"Tally stick of hazel, {number} notches"}
    return named | money | {"giftWrapped": number % 2 == 0, "tags": ["wood", "hand made"]}


CUSTOMER = {"id": "cus_5f2d81", "email": "ada@example.org", "name": "Ada Example", "phone": "+44 151 000 0000"}
ORDER = {
    "id": "ord_0190f7c2a9b84d1e",
    "createdAt": "2026-03-14T09:26:53Z",
    "state": "paid",
    "currency": "EUR",
    "total": 48210,
    "note": None,
    "customer": CUSTOMER | {"billing": address(12), "shipping": address(14)},
    "items": [item(number) for number in range(9)],
    "metadata": {"campaign": "spring", "source": "newsletter", "warehouse": "north"},
}
ANSWER = json.dumps(ORDER, separators=(",", ":")).encode()

Parse = Callable[[], Any]


def tallystick(flavour: str, scratch: Path) -> Parse:
    """What a generated client does with the body of an answer."""
    package = f"shop_{flavour}"
    assert peers.run(peers.tallystick(DOCUMENT, scratch / package, "--models", flavour))
    load = importlib.import_module(f"{package}._runtime.codec").load
    order = importlib.import_module(f"{package}.models").Order
    return lambda: load(order, ANSWER)


def openapi_python_client(scratch: Path) -> Parse | None:
    """`from_dict` of attrs classes."""
    if not peers.run(peers.openapi_python_client(DOCUMENT, scratch / "opc_shop")):
        return None
    order = importlib.import_module("opc_shop.models.order").Order
    return lambda: order.from_dict(json.loads(ANSWER))


def openapi_generator(scratch: Path) -> Parse | None:
    """`from_dict` of pydantic classes."""
    if not peers.run(peers.openapi_generator(DOCUMENT, scratch / "og_shop")):
        return None
    sys.path.insert(0, str(scratch / "og_shop"))
    order = importlib.import_module("og_shop.models.order").Order
    return lambda: order.from_dict(json.loads(ANSWER))


def datamodel_client(scratch: Path) -> Parse | None:
    """What datamodel-code-generator's own client does with an answer: an adapter of its type, kept."""
    if not peers.run(peers.datamodel_client(DOCUMENT, scratch / "dm_shop")):
        return None
    adapter = TypeAdapter(importlib.import_module("dm_shop_models").Order)
    return lambda: adapter.validate_json(ANSWER)


def repeated(parse: Parse) -> Parse:
    """Make one measurement of many; the first one builds what is built on first use, and is checked."""
    found = parse()
    tags = found["items"][8]["tags"] if isinstance(found, dict) else found.items[8].tags
    assert tags == ["wood", "hand made"]

    def several() -> None:
        for _ in range(CALLS):
            parse()

    return several


def main() -> int:
    """Print the table; 1 if a flavour of ours exceeds its bound."""
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        peers.importable(scratch)
        parses: dict[str, tuple[Parse | None, float | None]] = {
            "json.loads": (lambda: json.loads(ANSWER), None),
            "tallystick, pydantic": (tallystick("pydantic", scratch), 1.2),
            "tallystick, msgspec": (tallystick("msgspec", scratch), 0.4),
            "tallystick, dataclasses": (tallystick("dataclass", scratch), None),
            "tallystick, TypedDicts": (tallystick("typeddict", scratch), None),
            "datamodel-code-generator's client": (datamodel_client(scratch), None),
            "openapi-python-client": (openapi_python_client(scratch), None),
            "openapi-generator": (openapi_generator(scratch), None),
        }
        rows = [
            Subject(name, repeated(parse), "json.loads", bound) for name, (parse, bound) in parses.items() if parse
        ]
        return report(f"an answer of {len(ANSWER)} bytes", rows, rounds(rows, ROUNDS, processor), calls=CALLS)


if __name__ == "__main__":
    sys.exit(main())
