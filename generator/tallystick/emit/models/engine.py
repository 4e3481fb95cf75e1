"""The one caller of datamodel-code-generator: pinned options, in this process, formatter `builtin`."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from datamodel_code_generator import LiteralType, generate
from datamodel_code_generator._python_type_import_registry import (
    PythonTypeUnavailableError,
    get_python_type_import_path,
)
from datamodel_code_generator.enums import DataModelType, InputFileType, OpenAPIScope, TargetPydanticVersion
from datamodel_code_generator.format import DatetimeClassType, Formatter, PythonVersion

from tallystick.emit.models.interface import Flavour

RUNTIME = "tallystick_runtime"
"""The module the engine believes our base classes come from; `finish` puts the real one."""

_PYTHON = PythonVersion.PY_311
_COMMON: dict[str, Any] = {
    "input_file_type": InputFileType.OpenAPI,
    "openapi_scopes": [OpenAPIScope.Schemas],
    "target_python_version": _PYTHON,
    "formatters": [Formatter.BUILTIN],
    "settings_path": Path(__file__).with_name("style"),
    "disable_timestamp": True,
    "allow_remote_refs": False,
    "treat_dot_as_module": False,
    "use_standard_collections": True,
    "use_union_operator": True,
    "use_annotated": True,
    "field_constraints": True,
    "use_double_quotes": True,
    "strict_nullable": True,
    "enum_field_as_literal": LiteralType.All,
    "use_tuple_for_fixed_items": True,
    "use_tuple_for_closed_arrays": True,
    "use_schema_description": True,
    "use_single_line_docstring": True,
    "use_standard_primitive_types": True,
    "custom_class_name_generator": str,
    "custom_file_header": "#",
}
_FLAVOURS: dict[Flavour, dict[str, Any]] = {
    "pydantic": {
        "output_model_type": DataModelType.PydanticV2BaseModel,
        "target_pydantic_version": TargetPydanticVersion.V2_12,
        "output_datetime_class": DatetimeClassType.Awaredatetime,
        "base_class": f"{RUNTIME}.Model",
        "field_extra_keys": {"x-sensitive"},
    },
    "msgspec": {
        "output_model_type": DataModelType.MsgspecStruct,
        "output_datetime_class": DatetimeClassType.Datetime,
        "base_class": f"{RUNTIME}.Model",
        "keyword_only": True,
        "extra_template_data": {"#all#": {"base_class_kwargs": {"frozen": True}}},
    },
    "dataclass": {
        "output_model_type": DataModelType.DataclassesDataclass,
        "output_datetime_class": DatetimeClassType.Datetime,
        "base_class": f"{RUNTIME}.Model",
        "dataclass_arguments": {"frozen": True, "kw_only": True},
    },
    "typeddict": {
        "output_model_type": DataModelType.TypingTypedDict,
        "output_datetime_class": DatetimeClassType.Datetime,
    },
}


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the cycle collector out of the way: the engine's graph is all cycles and all alive until it is done."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@cache
def knows(name: str) -> bool:
    """Say whether the engine takes a name in `x-python-type` for one of Python's own types, and imports it."""
    try:
        return get_python_type_import_path(name, _PYTHON.version_key) is not None
    except PythonTypeUnavailableError:
        return True


def run(
    document: dict[str, Any],
    flavour: Flavour,
    *,
    aliases: dict[str, str],
    bases: dict[str, str | list[str]],
    docstrings: bool = True,
) -> str:
    """Return the text of one module with a class for each object schema of the document.

    `aliases` are Class.member -> Python name, `bases` class -> base classes other than the default. Members get
    docstrings only if `docstrings` says so.
    """
    with warnings.catch_warnings(), _without_collector():
        warnings.simplefilter("ignore")  # what they say about options is decided here, about schemas by `check`
        text = generate(
            document,
            **_COMMON,
            **_FLAVOURS[flavour],
            aliases=aliases,
            base_class_map=bases or None,
            use_field_description=docstrings,
        )
    assert isinstance(text, str)
    return text
