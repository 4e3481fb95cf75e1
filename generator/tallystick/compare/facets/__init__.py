"""Facets: each compares one aspect of two schemas and yields facts. Rules decide later which of them matter."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tallystick.compare.facets import limits, members, shapes, types, values
from tallystick.compare.pair import Fact, Pair

Facet = Callable[[Pair], Iterator[Fact]]

FACETS: tuple[Facet, ...] = (
    types.types,
    types.null,
    types.readings,
    values.enum,
    values.extensible_enum,
    values.marks,
    values.const,
    values.default,
    values.pattern,
    limits.limits,
    limits.multiples,
    limits.unique,
    members.presence,
    members.requiredness,
    shapes.conditions,
    shapes.rest,
    shapes.dependencies,
    shapes.alternatives,
    shapes.tuples,
    shapes.discriminator,
)
"""What is compared wherever both sides have a schema."""

MEMBER_FACETS: tuple[Facet, ...] = (members.mutability, members.lifetime)
"""What is compared of a property as a member of its object."""
