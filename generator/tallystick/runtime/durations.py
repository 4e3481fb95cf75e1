"""Durations as ISO 8601 writes them."""

from __future__ import annotations

import re
from datetime import timedelta

_PATTERN = re.compile(
    r"P(?=.)(?:(?P<weeks>[\d.]+)W)?(?:(?P<days>[\d.]+)D)?"
    r"(?:T(?=.)(?:(?P<hours>[\d.]+)H)?(?:(?P<minutes>[\d.]+)M)?(?:(?P<seconds>[\d.]+)S)?)?"
)


def duration(text: str) -> timedelta:
    """Read `P1DT2H`. Raises `ValueError` for anything else; years and months are no fixed time."""
    found = _PATTERN.fullmatch(text)
    if found is None:
        raise ValueError("expected a duration such as P1DT2H")
    return timedelta(**{unit: float(number) for unit, number in found.groupdict().items() if number})


def duration_text(value: timedelta) -> str:
    """Write a duration in days, hours, minutes and seconds."""
    sign, value = ("-", -value) if value < timedelta() else ("", value)
    minutes, seconds = divmod(value.seconds, 60)
    exact = f"{seconds}.{value.microseconds:06}".rstrip("0").rstrip(".") if value.microseconds else str(seconds)
    parts = ((minutes // 60, "H"), (minutes % 60, "M"), (0 if exact == "0" else exact, "S"))
    clock = "".join(f"{number}{unit}" for number, unit in parts if number)
    days = f"{value.days}D" if value.days else ""
    return f"{sign}P{days}{'T' if clock else ''}{clock}" if days or clock else "PT0S"
