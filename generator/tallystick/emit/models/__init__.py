"""The models of a generated package: the one caller of datamodel-code-generator.

`build_models(contract, ModelOptions(...))` gives files, and the shape of every schema that goes over the wire. Read
`interface` first, then `build`, which names the stages in order.
"""

from tallystick.emit.models.build import build_models
from tallystick.emit.models.interface import Flavour, ModelOptions, ModelOutput, TypeRef

__all__ = ["Flavour", "ModelOptions", "ModelOutput", "TypeRef", "build_models"]
