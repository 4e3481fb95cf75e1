"""Plain data as JSON and YAML text that reads back as the same data, by readers of YAML 1.1 and 1.2 alike."""

from __future__ import annotations

import json
from typing import Any

import yaml
from yaml.nodes import ScalarNode

from tallystick.load import Json
from tallystick.load.yaml_text import is_plain_string

_WIDTH = 110
_OTHER_BREAKS = "\r\x85\u2028\u2029"  # readers turn these into line feeds unless they are escaped


def as_json(data: Json) -> str:
    """Return indented JSON, members in their order."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def as_yaml(data: Json) -> str:
    """Return YAML in block style, members in their order, without anchors.

    Strings that any reader would take for something else are quoted, among them `NO`, `12:30` and `2024-01-01`.
    """
    text: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=False
    )
    return text


class _Dumper(yaml.SafeDumper):
    """Writes every node out, however often it occurs, and quotes what YAML 1.2 would not read as a string."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return that nothing is ever abbreviated."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent list items below their key."""
        super().increase_indent(flow, False)


def _string(dumper: yaml.SafeDumper, text: str) -> ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    """Return how a string is written: as a block of lines, quoted where it must be, else plain."""
    if any(c in text for c in _OTHER_BREAKS):
        return '"'
    if "\n" in text:
        return "|"
    return None if is_plain_string(text) else "'"


_Dumper.add_representer(str, _string)
