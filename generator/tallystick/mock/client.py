"""A client of the control surface, for tests and scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Literal, Self
from urllib.parse import quote

import httpx2

from tallystick.errors import TallystickError

_TIMEOUT: Final = httpx2.Timeout(10.0, read=None)
"""An answer may take long: time moves on webhook by webhook, and those who get them may be slow."""
Kind = Literal["status", "delay", "drop", "malformed", "stale"]


class ControlError(TallystickError):
    """The mock refused what was asked of its control surface. `status` is that of the answer."""

    exit_code = 1

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class MockControl:
    """The control surface of a mock at `url`. Times are seconds since 1970-01-01 UTC.

    Methods raise `ControlError` when the mock refuses, and `httpx2.TransportError` when it can't be reached.
    """

    def __init__(self, url: str, *, transport: httpx2.BaseTransport | None = None) -> None:
        self._client = httpx2.Client(
            base_url=f"{url.rstrip('/')}/_tallystick", transport=transport, trust_env=False, timeout=_TIMEOUT
        )

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- clock --------------------------------------------------------------------------------------------------

    def now(self) -> float:
        """Return the mock's time."""
        return float(self._call("GET", "/clock")["now"])

    def freeze(self, at: float | None = None) -> float:
        """Stop the clock, at a moment or where it is, and return the time."""
        body = {"frozen": True} if at is None else {"now": at, "frozen": True}
        return float(self._call("PUT", "/clock", body)["now"])

    def release(self) -> float:
        """Let the clock run on, and return the time."""
        return float(self._call("PUT", "/clock", {"frozen": False})["now"])

    def set_clock(self, now: float) -> float:
        """Move to a moment and return the time."""
        return float(self._call("PUT", "/clock", {"now": now})["now"])

    def advance(self, seconds: float) -> float:
        """Move on, do all that becomes due, webhooks included, and return the time."""
        return float(self._call("POST", "/clock/advance", {"seconds": seconds})["now"])

    # -- state --------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget everything, and let the clock run."""
        self._call("POST", "/reset")

    def snapshot(self) -> dict[str, Any]:
        """Return all state, to be given to `restore`."""
        state: dict[str, Any] = self._call("GET", "/snapshot")
        return state

    def restore(self, state: Mapping[str, Any]) -> None:
        """Put the state back to a snapshot."""
        self._call("PUT", "/snapshot", dict(state))

    def play(self, scenario: str | Mapping[str, Any]) -> list[dict[str, Any]]:
        """Play a scenario, given as YAML text or as its value, and return what each step gave."""
        if isinstance(scenario, str):
            answer = self._client.post(
                "/scenario", content=scenario.encode(), headers={"Content-Type": "application/yaml"}
            )
            played: list[dict[str, Any]] = _value(answer)
            return played
        return list(self._call("POST", "/scenario", dict(scenario)))

    def resources(self, resource: str | None = None) -> list[dict[str, Any]]:
        """Return what the mock keeps, the newest 1000 of each kind, oldest first, sensitive values masked."""
        query = f"&resource={quote(resource, safe='')}" if resource is not None else ""
        return list(self._call("GET", f"/resources?limit=1000{query}"))

    def happen(self, resource: str, key: str, event: str) -> str | None:
        """Let an event happen, such as `finish`, `fail` or `cancel`; return where the browser is sent."""
        place = "/".join(quote(part, safe="") for part in (key, "events", event))
        answer = self._call("POST", f"/resources/{quote(resource, safe='')}/{place}")
        location: str | None = answer.get("location")
        return location

    # -- journal and faults -------------------------------------------------------------------------------------

    def journal(self, *, after: int = 0) -> list[dict[str, Any]]:
        """Return the exchanges with a number above `after`, oldest first, sensitive values masked."""
        return list(self._call("GET", f"/journal?after={after}&limit=1000"))

    def clear_journal(self) -> None:
        """Forget the journal."""
        self._call("DELETE", "/journal")

    def fault(
        self,
        kind: Kind,
        *,
        operation: str = "",
        times: int = 1,
        status: int = 503,
        seconds: float = 0.0,
        retry_after: int | None = None,
    ) -> None:
        """Queue a fault for the next requests, or for those of one operation."""
        body = {"kind": kind, "operation": operation, "times": times, "status": status, "seconds": seconds}
        self._call("POST", "/faults", {**body, "retry_after": retry_after})

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults that wait."""
        return list(self._call("GET", "/faults"))

    def clear_faults(self) -> None:
        """Take all faults back."""
        self._call("DELETE", "/faults")

    # -- webhooks -----------------------------------------------------------------------------------------------

    def add_target(
        self, url: str, *, events: Sequence[str] = (), copies: int = 1, late: float = 0.0, reordered: bool = False
    ) -> str:
        """Let webhooks be sent to an address, and return the target's id.

        Where the provider makes sure of new addresses, it is asked at once; `targets` says whether it did well.
        """
        body = {"url": url, "events": list(events), "copies": copies, "late": late, "reordered": reordered}
        return str(self._call("POST", "/webhooks/targets", body)["id"])

    def targets(self) -> list[dict[str, Any]]:
        """Return who gets webhooks, and how."""
        return list(self._call("GET", "/webhooks/targets"))

    def remove_target(self, id_: str) -> None:
        """Send no more webhooks there."""
        self._call("DELETE", f"/webhooks/targets/{quote(id_, safe='')}")

    def deliveries(self) -> list[dict[str, Any]]:
        """Return the webhooks that were made, oldest first, and what became of them."""
        return list(self._call("GET", "/webhooks/deliveries"))

    def redeliver(self, id_: str) -> dict[str, Any]:
        """Send a webhook once more and return its delivery."""
        delivery: dict[str, Any] = self._call("POST", f"/webhooks/deliveries/{quote(id_, safe='')}/redeliver")
        return delivery

    def send(self, webhook: str, body: Any = None) -> None:
        """Send a webhook of the contract now: with a body, which has to be valid, or with a made-up one."""
        self._call(
            "POST", "/webhooks/send", {"webhook": webhook} if body is None else {"webhook": webhook, "body": body}
        )

    def flush(self) -> None:
        """Wait until all webhooks that are due have been sent."""
        self._call("POST", "/webhooks/flush")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return _value(self._client.request(method, path, json=body))


def _value(answer: httpx2.Response) -> Any:
    if answer.is_success:
        return answer.json() if answer.content else None
    try:
        message = str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        message = f"the control surface answered {answer.status_code}"
    raise ControlError(answer.status_code, message)
