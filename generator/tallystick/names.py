"""The only place where names of a document become names in Python.

All functions are pure: the result depends on the name alone, never on what else is in the document.
"""

from __future__ import annotations

import hashlib
import keyword
import re
import unicodedata
from collections.abc import Callable, Container, Iterable
from functools import cache

_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-rt-z]|[A-Z]s[a-z])")  # the s of IDs stays
_SIGN = re.compile(r"^[+-](?=[0-9])")
_SIGNS = {"+": "plus ", "-": "minus "}
_BUILTIN_TYPES = frozenset(
    (
        *("bool", "bytes", "date", "datetime", "dict", "float", "int", "list", "object", "set", "str"),
        *("time", "timedelta"),
    )
)
"""Names that annotations in a class are made of: a member of that name would hide the type."""

_MODEL_METHODS = frozenset(
    (
        *("construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "replace"),
        *("schema", "schema_json", "to_dict", "to_json", "update_forward_refs", "validate"),
    )
)
_SOFT_KEYWORDS = frozenset(keyword.softkwlist) - {"type", "match", "case"}  # these three are fine as attributes
_CAPITALS = frozenset(("None", "True", "False"))


@cache
def words(text: str) -> tuple[str, ...]:
    """Return the words of a name, ASCII letters and digits only: `fooBar` is foo, Bar; `userIDs` is user, IDs."""
    plain = unicodedata.normalize("NFKD", _SIGN.sub(lambda sign: _SIGNS[sign[0]], text))
    spelled = "".join(c if c.isascii() else _spell(c) for c in plain)
    return tuple(w for run in re.split(r"[^A-Za-z0-9]+", spelled) for w in _WORD_BREAK.split(run) if w)


@cache
def class_name(text: str) -> str:
    """Return a name as a class is called: `data-session` is DataSession; never empty, never a keyword."""
    parts = [w for w in re.split(r"[^A-Za-z0-9]+", "_".join(words(text))) if w]
    name = "".join(w[0].upper() + w[1:] for w in parts)
    if not name:
        return "Unnamed" + letters(text)
    return f"N{name}" if name[0].isdigit() else f"{name}_" if name in _CAPITALS else name


@cache
def member_name(text: str) -> str:
    """Return a name as a member or an argument is called: `referenceId` is reference_id.

    It hides no type that annotations use and no method of a model.
    """
    name = "_".join(words(text)).lower()
    if not name:
        return "unnamed_" + letters(text).lower()
    if name[0].isdigit():
        return f"n{name}"
    if keyword.iskeyword(name) or name in _BUILTIN_TYPES or name in _MODEL_METHODS or name in _SOFT_KEYWORDS:
        return f"{name}_"
    return f"{name}_" if name.startswith("model_") and name in _MODEL_MEMBERS else name


@cache
def import_name(text: str) -> str:
    """Return a name as a package is called: `Ivy-API` is ivy_api, `class`, which can't be imported, class_."""
    name = member_name(text).strip("_")
    return f"{name}_" if keyword.iskeyword(name) else name


_MODEL_MEMBERS = frozenset(
    (
        *("model_computed_fields", "model_config", "model_construct", "model_copy", "model_dump", "model_dump_json"),
        *("model_extra", "model_fields", "model_fields_set", "model_json_schema", "model_parametrized_name"),
        *("model_post_init", "model_rebuild", "model_validate", "model_validate_json", "model_validate_strings"),
    )
)


def letters(text: str) -> str:
    """Return five capital letters that stand for `text`: a suffix that no other name of the document influences."""
    number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8])
    return "".join(chr(ord("A") + number // 26**i % 26) for i in range(5))


def distinct(names: Iterable[str], spell: Callable[[str], str], taken: Container[str] = ()) -> dict[str, str]:
    """Return a Python name for each name, no two alike.

    Of names that would be spelled alike the one that already is that spelling keeps it; the others, and without such
    a one all of them, get letters made from their own name. So what a name becomes does not depend on the order.
    """
    holders: dict[str, list[str]] = {}
    for name in names:
        holders.setdefault(spell(name), []).append(name)
    found: dict[str, str] = {}
    for spelling, alike in holders.items():
        for name in alike:
            plain = len(alike) == 1 or name == spelling
            found[name] = spelling if plain and spelling not in taken else _suffixed(spelling, name)
    return found


def _suffixed(spelling: str, name: str) -> str:
    suffix = letters(name)
    return f"{spelling}_{suffix.lower()}" if spelling == spelling.lower() else spelling + suffix


def _spell(character: str) -> str:
    """Return a character that is not ASCII as a letter run, so that names in other scripts stay apart."""
    if unicodedata.combining(character):
        return ""
    return f"u{ord(character):x}" if character.isalnum() else "_"
