"""Whether a package on disk is what would be generated, found without generating."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tallystick.emit.inputs import inputs, read_sources
from tallystick.emit.options import Options
from tallystick.publish import INPUTS, digests, is_current, read_record
from tallystick.settings import Target


def current_files(folder: Path, target: Target, options: Options) -> int:
    """Return the number of files of a package that is current.

    0 when nobody can tell without generating: something changed, or it is no package of this contract.
    """
    record = read_record(folder)
    made_from = record.get(INPUTS) if record else None
    sources = read_sources(target.document, made_from["sources"]) if made_from else None
    if record is None or made_from is None or sources is None:
        return 0
    besides = {key: value for key, value in record.items() if key != INPUTS}
    chosen = replace(options, spec=target.folder)
    wanted = inputs(target.name, str(made_from.get("package")), chosen, sources, besides)
    return len(record["files"]) + 1 if is_current(record, wanted, digests(folder)) else 0


def packages_of(target: Target, folder: Path) -> tuple[Path, ...]:
    """Return the packages below a folder that were generated from a contract, going by their records."""
    return tuple(path for path in sorted(folder.glob("*")) if _is_of(path, target))


def _is_of(folder: Path, target: Target) -> bool:
    made_from = (read_record(folder) or {}).get(INPUTS, {})
    return (made_from.get("package"), made_from.get("name")) == (folder.name, target.name)
