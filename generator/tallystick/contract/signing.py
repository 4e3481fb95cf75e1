"""The provider's own signers (`x-signer`): modules of a contract's folder, loaded by name.

Such a module is code. Only folders of contracts that ship with Tallystick are ever handed in here.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol, cast

from tallystick.contract.model import Signer
from tallystick.errors import ConfigurationError
from tallystick.settings import signer_file


class SignerObject(Protocol):
    """What a provider's signer module gives."""

    def sign(
        self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> dict[str, str]:
        """Return the headers to set."""
        ...

    def verify(self, *, method: str, target: str, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Raise `ValueError` saying why a message is not signed well."""
        ...


def load_signer(folder: Path, signer: Signer) -> Callable[..., SignerObject]:
    """Return the class of a contract's signer, which takes its credentials as keywords.

    Raises `ConfigurationError` when it can't be loaded.
    """
    path = signer_file(folder, signer.module)
    name = f"tallystick_contract_{sha256(str(path).encode()).hexdigest()[:12]}_{signer.module}"
    spec = importlib.util.spec_from_file_location(name, path)
    try:
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return cast("Callable[..., SignerObject]", getattr(module, signer.class_name))
    except (OSError, AttributeError, SyntaxError) as error:
        wanted = f"{signer.module}.{signer.class_name}"
        raise ConfigurationError(f"the signer {wanted} can't be loaded: {error}") from error


def default_credentials(signer: Signer) -> dict[str, str]:
    """Return what signs by default: every credential is `test-` and its name, `test-secret` for `secret`."""
    return {name: f"test-{name.replace('_', '-')}" for name in signer.credentials}
