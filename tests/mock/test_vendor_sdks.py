"""The vendor's own SDKs work against the mock as they are."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from worldline.connect.sdk.authentication.authorization_type import AuthorizationType
from worldline.connect.sdk.call_context import CallContext
from worldline.connect.sdk.communicator_configuration import CommunicatorConfiguration
from worldline.connect.sdk.factory import Factory
from worldline.connect.sdk.v1.authorization_exception import AuthorizationException
from worldline.connect.sdk.v1.domain.session_request import SessionRequest

from tallystick.mock.running import RunningMock

NODE = Path(__file__).with_name("node")
ENDED, GOOD = "126166b16ed04b3ab85fb06da1d7a167", "122c5b4d-dd40-49f0-b7c9-3594212167a9"


def python_client(mock: RunningMock, secret: str) -> Any:
    configuration = CommunicatorConfiguration(
        api_endpoint=mock.url,
        authorization_id="test-key-id",
        authorization_secret=secret,
        authorization_type=AuthorizationType.get_authorization("v1HMAC"),
        connect_timeout=5,
        socket_timeout=5,
        max_connections=2,
        integrator="Tallystick",
    )
    return Factory.create_client_from_configuration(configuration)


def request_with(*tokens: str) -> SessionRequest:
    request = SessionRequest()
    request.tokens = list(tokens)
    return request


def test_the_python_sdk_creates_a_session() -> None:
    with RunningMock("worldline") as mock, python_client(mock, "test-secret") as client:
        session = client.v1().merchant("1234").sessions().create(request_with(ENDED, GOOD))
        assert session.invalid_tokens == [ENDED]
        assert len(session.client_session_id) == 32
        assert session.customer_id.startswith("9991-")
        assert mock.control.journal()[-1]["status"] == 200


def test_the_python_sdk_sees_a_repeat() -> None:
    with RunningMock("worldline") as mock, python_client(mock, "test-secret") as client:
        sessions = client.v1().merchant("1234").sessions()
        context = CallContext("k-1")
        first = sessions.create(SessionRequest(), context)
        assert context.idempotence_request_timestamp is None
        again = sessions.create(SessionRequest(), context)
        assert again.client_session_id == first.client_session_id
        assert context.idempotence_request_timestamp > 1_700_000_000_000


def test_the_python_sdk_raises_its_own_error_for_a_wrong_secret() -> None:
    with RunningMock("worldline") as mock, python_client(mock, "wrong") as client:
        with pytest.raises(AuthorizationException) as refused:
            client.v1().merchant("1234").sessions().create(SessionRequest())
        assert refused.value.status_code == 403
        assert refused.value.errors[0].code == "9002"


def node(mock: RunningMock, secret: str) -> dict[str, Any]:
    program = shutil.which("node")
    if program is None or not (NODE / "node_modules" / "connect-sdk-nodejs").is_dir():
        pytest.skip("the Node.js SDK is not installed: npm install --prefix tests/mock/node")
    command = [program, "session.js", str(urlsplit(mock.url).port), secret]
    done = subprocess.run(command, cwd=NODE, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_the_node_sdk_creates_a_session_and_repeats_one() -> None:
    with RunningMock("worldline") as mock:
        told = node(mock, "test-secret")
        session, first, again = told["answers"]
        assert (session["status"], session["success"]) == (200, True)
        assert session["body"]["invalidTokens"] == [ENDED]
        assert again["body"] == first["body"]
        assert int(told["repeated"]) > 1_700_000_000_000
        headers = mock.control.journal()[0]["headers"]
        assert "content-length" not in headers, "this SDK sends its bodies in chunks"


def test_the_node_sdk_sees_a_wrong_secret() -> None:
    with RunningMock("worldline") as mock:
        answers = node(mock, "wrong")["answers"]
        assert {answer["status"] for answer in answers} == {403}
        assert answers[0]["body"]["errors"][0]["code"] == "9002"
