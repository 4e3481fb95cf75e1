"""Read the seed pages and write down their facts: names, types, requiredness, values, limits, defaults, examples.

    python tests/contracts/seed_facts.py [--check] [FOLDER]

reads the pages in FOLDER (`../shared/seeds` beside the checkout) and writes `seed_facts.json` beside this script, or
compares with it. No sentence of a page gets into the file.

A fact is called `<operation>.<side>.<members> <fact>`, where the side is `request`, `response` (of success) or the
status of an error. The fact `<operation> operation` says which operation is meant.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FACTS = HERE / "seed_facts.json"
SEEDS = HERE.parents[2] / "shared" / "seeds"

Facts = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Write or compare the data file; 1 when it is not what the pages say."""
    folder = Path(next((a for a in arguments if not a.startswith("-")), SEEDS))
    text = rendered(read(folder))
    if "--check" in arguments:
        current = FACTS.read_text() == text
        print("current" if current else f"{FACTS.name} is not what the pages in {folder} say")
        return 0 if current else 1
    FACTS.write_text(text)
    print(f"wrote {FACTS.name}")
    return 0


def rendered(facts: dict[str, Facts]) -> str:
    """Return the data file's text; long value lists stay on one line each."""
    pages = []
    for page, found in facts.items():
        lines = ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in found.items())
        pages.append(f"  {json.dumps(page)}: {{\n{lines}\n  }}")
    return "{\n" + ",\n".join(pages) + "\n}\n"


def read(folder: Path) -> dict[str, Facts]:
    """Return the facts of each page by its file name."""
    readers = {"000": data_session_create, "001": guide, "002": checkout_expire, "003": create_session}
    return {path.name: readers[path.name[:3]](path.read_text()) for path in sorted(folder.glob("*.txt"))}


# -- reference pages of the current API ------------------------------------------------------------------------------

TYPE = re.compile(r"(string|number|boolean|object|enum<string>)(\[\])?")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def data_session_create(page: str) -> Facts:
    """Return the facts of the reference page of data session create."""
    call = re.search(r"create\((\{.*?\})\)", page)
    assert call is not None
    asked = json.loads(re.sub(r"(\w+):", r'"\1":', call[1]).replace("'", '"'))
    answered = [_placeholders(example) for example in _json_blocks(page)]
    return {
        **_reference_page("create", page),
        **_numbered("create.request", [asked]),
        **_numbered("create.response", answered),
    }


def checkout_expire(page: str) -> Facts:
    """Return the facts of the reference page of checkout expire."""
    return _reference_page("expire", page)


def _reference_page(label: str, page: str) -> Facts:
    lines = page.split("\n")
    auth, body, answer = (lines.index(title) for title in ("Authorizations", "Body", "Response"))
    status, media = lines[answer + 2].split(" - ")
    facts: Facts = {f"{label} operation": _method_and_path(lines)}
    for name, _, details in _fields(lines[auth:body]):
        facts[f"{label}.security name"] = name
        facts[f"{label}.security in"] = next(d for d in details if d in ("header", "query", "cookie"))
        facts[f"{label}.security required"] = "required" in details
    facts[f"{label}.request mediaType"] = lines[body + 2]
    facts[f"{label}.response status"] = status
    facts[f"{label}.response mediaType"] = media
    for side, part in (("request", lines[body:answer]), ("response", lines[answer:])):
        for name, kind, details in _fields(part):
            for fact, value in _field_facts(kind, details):
                facts[f"{label}.{side}.{name} {fact}"] = value
    return facts


def _method_and_path(lines: list[str]) -> str:
    start = lines.index("POST")
    end = start + 1
    while lines[end] == "/":
        end += 2
    return f"{lines[start]} {''.join(lines[start + 1 : end])}"


def _fields(lines: list[str]) -> Iterator[tuple[str, str, list[str]]]:
    starts = [i for i in range(len(lines) - 1) if NAME.fullmatch(lines[i]) and TYPE.fullmatch(lines[i + 1])]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start], lines[start + 1], [line for line in lines[start + 2 : end] if line]


def _field_facts(kind: str, details: list[str]) -> Iterator[tuple[str, Any]]:
    base = kind.removesuffix("[]").replace("enum<string>", "string")
    element = "items." if kind.endswith("[]") else ""
    yield "type", "array" if element else base
    if element:
        yield "items.type", base
    yield "required", "required" in details
    if "Available options:" in details:
        start = details.index("Available options:") + 1
        yield f"{element}enum", _options(details[start:])
    text = " ".join(details)
    if found := re.search(r"Maximum length: (\d+)", text):
        yield "maxLength", int(found[1])
    yield from _prose(text)


def _options(details: list[str]) -> list[str]:
    last = next(i for i, line in enumerate(details) if not line.endswith(","))
    return [line.removesuffix(",") for line in details[: last + 1]]


HOUR = {"minutes": 60, "hour": 3600, "hours": 3600}


def _prose(text: str) -> Iterator[tuple[str, Any]]:
    if found := re.search(r"default: ?(\w+)", text):
        yield "default", {"false": False, "true": True}.get(found[1], found[1])
    elif found := re.search(r"\bdefault (light|dark) theme", text):
        yield "default", found[1]
    elif re.search(r"\bFalse by default", text):
        yield "default", False
    if found := re.search(r"from (\d+) (\w+) to (\d+) (\w+) after", text):
        yield "after minimum", int(found[1]) * HOUR[found[2]]
        yield "after maximum", int(found[3]) * HOUR[found[4]]
    if found := re.search(r"is (\d+) (hour) from creation", text):
        yield "after default", int(found[1]) * HOUR[found[2]]
    if found := re.search(r"you also need to set (\w+)", text):
        yield "companion", found[1]
    if found := re.search(r"Required when setting (\w+)", text):
        yield "companionOf", found[1]
    if found := re.search(r"Required when (\w+)=true", text):
        yield "neededWith", found[1]
    if found := re.search(r"(\w+) is required if (\w+) is (\w+)", text):
        yield f"{found[3]} needs", found[1]
    if re.search(r"unique per", text):
        yield "unique", True
    if re.search(r"^(required )?Use \S+ instead", text):
        yield "deprecated", True
    yield from _mentions(text)


def _mentions(text: str) -> Iterator[tuple[str, str]]:
    """Yield what a description has to speak of, because OpenAPI has no keyword for it."""
    said = {
        "seconds": r"Epoch time in seconds",
        "dashboard": r"set in the dashboard",
        "ISO 3166-1 alpha-2": r"ISO 3166-1 alpha-2",
        "two": r"rounded to 2 decimal places",
        "express": r"[Oo]nly applicable for express",
    }
    for word, pattern in said.items():
        if re.search(pattern, text):
            yield f"mentions {word}", word


def _placeholders(example: Any) -> Any:
    """Return an example with the page's placeholder for numbers written as one."""
    if isinstance(example, dict):
        return {name: _placeholders(value) for name, value in example.items()}
    return "<number>" if example == 123 and not isinstance(example, bool) else example


# -- the guide -------------------------------------------------------------------------------------------------------


def guide(page: str) -> Facts:
    """Return the facts of the guide to the older form."""
    lines = page.split("\n")
    tables = list(_tables(lines))
    asked, answered, _, query, identity, account, address = (rows for _, rows in tables)
    facts: Facts = {
        "create operation": _called(page, "POST"),
        "retrieve operation": _called(page, "GET"),
        **_rows("create.request", asked),
        **_rows("create.response", answered),
        **_returned(query),
        **_rows("retrieve.response.data.identity", identity),
        **_rows("retrieve.response.data.accounts", account),
        **_rows("retrieve.response.data.accounts.financialAddress", address),
    }
    either = re.search(r"either (\w+) or (\w+) here", page)
    final = re.search(r"either a (\w+)\s+or (\w+)\s+terminal", page)
    event = re.search(r"webhook of type (\w+)", page)
    assert either is not None and final is not None and event is not None
    facts["create.request.customer members"] = [either[1], either[2]]
    facts["create.request.customer exclusive"] = True
    facts |= {f"create.response.status.{state} final": True for state in final.groups()}
    facts["event name"] = event[1]
    request, delivery = _json_blocks(page)
    return {
        **facts,
        **_numbered("create.request", [request]),
        **_numbered("event", [delivery]),
    }


def _called(page: str, method: str) -> str:
    found = re.search(rf"the {method} (/\S+)", page)
    assert found is not None
    return f"{method} {found[1]}"


def _tables(lines: list[str]) -> Iterator[tuple[list[str], list[dict[str, str]]]]:
    for index, line in enumerate(lines):
        if line.startswith("---|"):
            header = _cells(lines[index - 1])
            end = next(i for i in range(index + 1, len(lines) + 1) if i == len(lines) or "|" not in lines[i])
            yield header, [dict(zip(header, _cells(row), strict=False)) for row in lines[index + 1 : end]]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removesuffix("|").split("|")]


def _rows(prefix: str, rows: Iterable[dict[str, str]]) -> Facts:
    facts: Facts = {}
    rows = list(rows)
    some_optional = any(row["Description"].startswith("Optional.") for row in rows)
    for row in rows:
        name = row.get("Field") or row["Parameter"]
        kind, text = row["Type"].lower(), row["Description"]
        facts[f"{prefix}.{name} type"] = "array" if kind.endswith("[]") else kind
        element = "items." if kind.endswith("[]") else ""
        if element:
            facts[f"{prefix}.{name} items.type"] = kind.removesuffix("[]")
        if "required" in row:
            facts[f"{prefix}.{name} required"] = row["required"] == "true"
        elif some_optional:
            facts[f"{prefix}.{name} required"] = not text.startswith("Optional.")
        if listed := re.search(r"(?:Options:|Possible values are) (.+?)(?: ?\.|$)", text):
            facts[f"{prefix}.{name} {element}enum"] = re.split(r"\s*,\s*|\s+and\s+|\s+or\s+", listed[1].strip())
        if re.search(r"\bunique\b", text) and name == "referenceId":
            facts[f"{prefix}.{name} unique"] = True
    return facts


def _returned(rows: list[dict[str, str]]) -> Facts:
    names = [row["Field"] for row in rows]
    facts: Facts = {"return.finished query": names, "return.otherwise query": names}
    for row in rows:
        if told := re.search(r"^(true) when the flow .* finished\. Else, (false)", row["Description"]):
            facts[f"return.finished {row['Field']}"] = told[1]
            facts[f"return.otherwise {row['Field']}"] = told[2]
    return facts


# -- the page of Create session --------------------------------------------------------------------------------------


def create_session(page: str) -> Facts:
    """Return the facts of the page of Create session; it lost the names of members, and their descriptions stay."""
    address = re.search(r"POST (https://\S+?)(/v1\S+)", page)
    life = re.search(r"maximum lifespan of (\d+) (hours)", page)
    success = re.search(r"Response (\d+) - \w+?(Session\w+)\n", page)
    failure = re.search(r"Response (\d+) - [A-Za-z ]+?(Error\w+)\n", page)
    payload = re.search(r"Payload(\w+)", page)
    assert address and life and success and failure and payload
    asked, answered, failed = _parts(page, "PayloadSessionRequest", success[0], failure[0])
    region = _block(answered, "EU - ")
    facts: Facts = {
        "create operation": f"POST {address[2]}",
        "create server": address[1],
        "session lifetime": int(life[1]) * HOUR[life[2]],
        "create.request schema": payload[1],
        "create.request memberCount": _described(asked),
        "create.request objects": list(dict.fromkeys(_objects(asked))),
        "create.request.groups enum": re.findall(r"only one group, called '(\w+)'", asked)[:1],
        "create.response status": success[1],
        "create.response schema": success[2],
        "create.response memberCount": _described(answered),
        "create.response.region enum": re.findall(r"([A-Z]{2,3}) - datacenter", region),
        "create.response.region deprecated": "Deprecated:" in answered,
        "create.400 status": failure[1],
        "create.400 schema": failure[2],
        "create.400 memberCount": _described(failed),
        "create.400 objects": _objects(failed),
        "create.400.errors minItems": {"one": 1}[_one_or_more(failed)],
        "create.400.errors.category enum": re.findall(r"([A-Z_]+_ERROR) - ", failed),
    }
    for place in re.findall(r"located in (\w+)", region):
        facts[f"create.response.region mentions {place}"] = place
    for version in re.findall(r"SDK v(\d+\.\d+\.\d+)", region):
        facts[f"create.response.region mentions {version}"] = version
    for path in re.findall(r"(a\S*(?: value'\])?) selects", failed):
        facts[f"create.400.errors.propertyName mentions {path}"] = path
    return {
        **facts,
        **_numbered("create.request", list(_json_blocks(asked))),
        **_numbered("create.response", list(_json_blocks(answered))),
        **_numbered("create.400", list(_json_blocks(failed))),
    }


def _parts(page: str, *marks: str) -> list[str]:
    starts = [page.index(mark) for mark in marks]
    return [page[a:b] for a, b in zip(starts, [*starts[1:], len(page)], strict=True)]


def _block(text: str, mark: str) -> str:
    blocks = text.split("\nclose\n")
    return next(block for block in blocks if mark in block)


def _described(text: str) -> int:
    """Return how many members a part describes; an element of a list is described like a member."""
    return text.count("\nclose\n")


def _objects(text: str) -> list[str]:
    return re.findall(r"SDK Object type\n\s+(\w+)", text)


def _one_or_more(text: str) -> str:
    found = re.search(r"List of (one) or more", text)
    assert found is not None
    return found[1]


# -- examples --------------------------------------------------------------------------------------------------------


def _numbered(prefix: str, examples: Iterable[Any]) -> Facts:
    return {f"{prefix} example {number}": example for number, example in enumerate(examples, start=1)}


OPENING = re.compile(r"(?m)^\s*(?:• )?(?:var body = )?(\{)(?=\s*\}?\s*;?$|\s*\n)")


def _json_blocks(page: str) -> Iterator[Any]:
    """Yield the JSON objects that stand on lines of their own; a comma too many is forgiven."""
    end = 0
    while found := OPENING.search(page, end):
        text = _balanced(page[found.start(1) :])
        end = found.start(1) + len(text)
        yield json.loads(re.sub(r",(\s*[}\]])", r"\1", text))


def _balanced(text: str) -> str:
    depth = 0
    for index, character in enumerate(text):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth == 0:
            return text[: index + 1]
    raise AssertionError("a brace is never closed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
