"""Whether a server honours a contract. Start at `run`; checks of one answer are in `checks`, sequences in `walks`."""

from tallystick.verify.plan import Plan, Shard
from tallystick.verify.result import Failure, Result
from tallystick.verify.run import run
from tallystick.verify.server.mocked import local_mock
from tallystick.verify.server.target import Target, at_import_path, at_url, in_process

__all__ = [
    "Failure",
    "Plan",
    "Result",
    "Shard",
    "Target",
    "at_import_path",
    "at_url",
    "in_process",
    "local_mock",
    "run",
]
