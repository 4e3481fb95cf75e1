"""The pytest plugin, as a project uses it."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from tallystick.pytest_mock import StartMock, tallystick_mock

from .conftest import HEAD

__all__ = ["tallystick_mock"]

CREATE = "/api/service/data/session/create"
KEY = {"X-Ivy-Api-Key": "test-key"}


@pytest.mark.parametrize("_", range(2))
def test_each_test_has_a_mock_of_its_own(tallystick_mock: StartMock, _: int) -> None:
    mock = tallystick_mock("ivy", port=None, now=1_700_000_000)
    client = httpx2.Client(base_url=mock.url, transport=mock.transport, headers=KEY)
    created = client.post(CREATE, json={"referenceId": "r-1"})
    assert (created.status_code, created.json()["createdAt"]) == (201, 1_700_000_000)


def test_a_mock_listens_on_a_port(tallystick_mock: StartMock) -> None:
    mock = tallystick_mock("ivy")
    assert httpx2.post(f"{mock.url}{CREATE}", json={"referenceId": "r-1"}, headers=KEY).status_code == 201
    mock.control.fault("drop")
    with pytest.raises(httpx2.TransportError):
        httpx2.post(f"{mock.url}{CREATE}", json={"referenceId": "r-2"}, headers=KEY)
    assert mock.control.journal()[-1]["note"] == "fault: drop"


def test_two_mocks_run_side_by_side(tallystick_mock: StartMock) -> None:
    urls = {tallystick_mock("ivy").url, tallystick_mock("ivy-legacy").url}
    assert len(urls) == 2


def test_a_document_that_has_changed_is_read_again(tallystick_mock: StartMock, tmp_path: Path) -> None:
    document = tmp_path / "api.yaml"
    for kind in ("integer", "boolean", "string"):
        answer = f"{{description: a, content: {{application/json: {{schema: {{type: {kind}}}}}}}}}"
        document.write_text(f"{HEAD}\npaths: {{/a: {{get: {{operationId: a, responses: {{'200': {answer}}}}}}}}}\n")
        value = httpx2.get(f"{tallystick_mock(document).url}/a").json()
        assert type(value).__name__[:3] == kind[:3]


@pytest.mark.parametrize(("text", "said"), [(None, "there is no file"), ("openapi: [", "api.yaml:2:1: ")])
def test_a_document_that_can_not_be_read_fails_the_test_and_says_why(
    tallystick_mock: StartMock, tmp_path: Path, text: str | None, said: str
) -> None:
    document = tmp_path / "api.yaml"
    if text is not None:
        document.write_text(text)
    with pytest.raises(pytest.fail.Exception, match=said):
        tallystick_mock(document)
