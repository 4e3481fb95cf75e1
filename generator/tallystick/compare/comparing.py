"""Two contracts in, all changes out."""

from __future__ import annotations

from datetime import date
from functools import cache

from tallystick.compare.change import Change, Comparison
from tallystick.compare.ledger import Ledger, Locate, Side
from tallystick.compare.operations import compare_operations
from tallystick.compare.same import Sameness
from tallystick.compare.surroundings import compare_surroundings
from tallystick.compare.version import Versions
from tallystick.compare.walk import Schemas
from tallystick.contract import Contract


def compare(
    old: Contract,
    new: Contract,
    *,
    today: date,
    locate_old: Locate | None = None,
    locate_new: Locate | None = None,
) -> Comparison:
    """Return what changed from `old` to `new`, each change judged by the rules, the worst first.

    A schema that several media types of one body refer to is told of once.

    `today` is the day that sunsets are judged by. `locate_old` and `locate_new` say where the node of a pointer
    stands, where the contract's own answer is not what people should read.
    """
    same = Sameness(old.document, new.document)
    sides = (Side(old, cache(locate_old or old.place)), Side(new, cache(locate_new or new.place)))
    ledger = Ledger(*sides, today, same, Schemas(same))
    notes = compare_operations(ledger)
    compare_surroundings(ledger)
    changes = tuple(sorted(dict.fromkeys(ledger.changes), key=Change.sort_key))
    return Comparison(changes, old.document == new.document, Versions(old.version, new.version), tuple(notes))
