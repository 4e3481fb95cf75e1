"""Exact numbers (pydantic)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, TypeAlias

from pydantic import PlainSerializer

DecimalNumber: TypeAlias = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
"""An exact number that JSON writes as a number."""
