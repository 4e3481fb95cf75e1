"""A contract as one file again: bundled, in the wanted version of OpenAPI, as YAML or JSON."""

from tallystick.export.form import as_json, as_yaml
from tallystick.export.version import Exported, Version, export

__all__ = ["Exported", "Version", "as_json", "as_yaml", "export"]
