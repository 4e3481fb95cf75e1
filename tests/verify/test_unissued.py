"""Keys that were never given: of the form of those that were, and out of reach of a counter."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from tallystick.verify.data import unissued


def anything(_: object) -> bool:
    return True


@pytest.mark.parametrize(
    ("keys", "form"),
    [
        ([1, 2], r"\d{9,}"),
        (["17", "18"], r"\d{9,}"),
        (["00000017", "00000018"], r"\d{8,}"),
        (
            ["cus_NffrFeUfNV2Hib", "cus_NffrFeUfNV2Hic"],
            r"cus_[A-Z][a-z]{3}[A-Z][a-z][A-Z][a-z][A-Z]{2}\d[A-Z][a-z]{2}",
        ),
        (["ord-000001", "ord-000002"], r"ord-\d{9}"),
        (["a", "b"], r"[a-z][0-9a-f]{32}"),
        (["0B8D69A4-6E64-4B0E-9F3C-2A6E1D1C0F11"], r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ],
)
def test_it_has_their_form_and_is_none_of_them(keys: list[Any], form: str) -> None:
    key = unissued.far(keys, anything)
    assert re.fullmatch(form, str(key)) and key not in keys and type(key) is type(keys[0])


def test_it_keeps_within_what_its_schema_allows() -> None:
    assert unissued.far([7, 9], lambda key: isinstance(key, int) and key < 2**31 - 1) == 9 + 982_451_653
    assert unissued.far([2**31 - 9], lambda key: isinstance(key, int) and key < 2**31) == 2**31 - 1
    assert unissued.far(["on", "off"], lambda key: key in ("on", "off")) is None


def test_neighbours_are_asked_for_only_where_nobody_counts() -> None:
    one, other = str(UUID(int=7**44, version=4)), str(UUID(int=11**36, version=4))
    assert len(unissued.near([one, other], anything)) == 3
    for counted in (["17", "18"], [1, 2], ["inv-0001", "inv-0002"], ["a"]):
        assert unissued.near(counted, anything) == ()
