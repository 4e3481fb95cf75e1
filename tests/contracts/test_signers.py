"""The provider's signers against worked examples that the providers' own SDKs agree with."""

import hashlib
import importlib.util
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType

import pytest

SPEC = Path(__file__).parents[2] / "spec"
NOW = datetime(2026, 9, 15, 10, 20, 30, tzinfo=UTC)
DATE = "Tue, 15 Sep 2026 10:20:30 GMT"
META = "eyJzZGtDcmVhdG9yIjoiZXhhbXBsZSIsImludGVncmF0b3IiOiJFeGFtcGxlIFNob3AifQ=="
TARGET = "/v1/1234/sessions"
HEADERS = {
    "User-Agent": "not signed",
    "X-GCS-ServerMetaInfo": META,
    "Content-Type": "application/json",
    "X-GCS-Idempotence-Key": "4f2c7b1e-0d5a-4d6a-9b3f-6a1f2e3d4c5b",
    "Date": DATE,
}
SIGNED = "GCS v1HMAC:exampleKeyId0001:Zlur2UV0yJdWbeTg4tG4g7OYrEUZsE3xM6PkiZGGnXE="
EVENT = (
    b'{"apiVersion":"v1","id":"8ee793f6-4553-4749-85dc-f2ef095c5ab0",'
    b'"created":"2026-09-15T12:20:30.000+0200","merchantId":"1234","type":"payment.created"}'
)
EVENT_SIGNATURE = "rIHjqsal1a/iu5k6wZLsF02uyI/h0LXBQIs9pVJJWmY="


def runtime(contract: str, module: str) -> ModuleType:
    path = SPEC / contract / "runtime" / f"{module}.py"
    found = importlib.util.spec_from_file_location(f"{contract}_{module}".replace("-", "_"), path)
    assert found is not None and found.loader is not None
    loaded = importlib.util.module_from_spec(found)
    found.loader.exec_module(loaded)
    return loaded


v1hmac = runtime("worldline", "v1hmac")


def signer():
    return v1hmac.V1Hmac(key_id="exampleKeyId0001", secret="exampleSecret+/=0001")


def sign(method="POST", target=TARGET, headers=HEADERS, body=b"{}", now=NOW):
    return signer().sign(method=method, target=target, headers=headers, body=body, now=now)


def verify(authorization=SIGNED, method="POST", target=TARGET, headers=HEADERS, body=b"{}"):
    whole = {**headers, **({"Authorization": authorization} if authorization is not None else {})}
    signer().verify(method=method, target=target, headers=whole, body=body, now=NOW)


def test_v1hmac_signs_the_text_of_the_worked_example():
    text = v1hmac.string_to_sign(method="POST", target=TARGET, headers=HEADERS).encode()
    assert len(text) == 223
    assert hashlib.sha256(text).hexdigest() == ("7decd24c2978b85c6af4d9e9c30ac4506429a5cee1a996d99a50b3273533e231")


def test_v1hmac_gives_the_signature_of_the_worked_example():
    assert sign() == {"Authorization": SIGNED}
    verify()


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Date": DATE}, "kwjl7edUdfHwuSOsYTxG5g9Rm9xzJYab39rRfQYm8Q8="),
        (
            {"Date": DATE, "content-type": "application/json"},
            "gOuZZ+hJTar7G6N5zXb/lYmBotHTFkxaFW07O3UV5cI=",
        ),
    ],
)
def test_v1hmac_without_provider_headers_with_and_without_content_type(headers, expected):
    target = "/v1/1234/services/convert/amount?source=EUR&target=USD&amount=100"
    assert sign("GET", target, headers, b"") == {"Authorization": f"GCS v1HMAC:exampleKeyId0001:{expected}"}


def test_v1hmac_signs_the_query_as_it_is_sent():
    target = "/v1/1234/payments?merchantReference=a%20b"
    assert sign("GET", target, {"Date": DATE}, b"")["Authorization"].endswith(
        ":O74gzwk0xQS364pnC+qv+TGFaYrbm/4MwXVsIKcquBE="
    )


def test_v1hmac_sets_a_date_in_gmt_when_the_request_has_none():
    without = {name: value for name, value in HEADERS.items() if name != "Date"}
    summer = NOW.astimezone(timezone(timedelta(hours=2)))
    assert sign(headers=without, now=summer) == {"Date": DATE, "Authorization": SIGNED}


def test_v1hmac_sorts_lower_case_names_and_folds_values():
    headers = {"Date": DATE, "x-gcs-b": " two\r\n   lines ", "X-GCS-_": "under", "X-GCS-A": "a\n\tb"}
    assert v1hmac.string_to_sign(method="get", target="/v1#part", headers=headers) == (
        f"GET\n\n{DATE}\nx-gcs-_:under\nx-gcs-a:a b\nx-gcs-b:two lines\n/v1\n"
    )


def test_v1hmac_signs_neither_the_body_nor_other_headers():
    verify(headers={**HEADERS, "User-Agent": "other", "Accept": "*/*", "Host": "other"}, body=b"other")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"authorization": None}, "Authorization is missing"),
        ({"authorization": SIGNED.replace("v1HMAC", "v1Client")}, "expected key id"),
        ({"authorization": SIGNED.replace("0001:", "0002:")}, "expected key id"),
        ({"authorization": SIGNED[:-2] + "A="}, "does not fit the request"),
        ({"method": "PUT"}, "does not fit the request"),
        ({"target": "/v1/1235/sessions"}, "does not fit the request"),
        ({"headers": {**HEADERS, "Content-Type": "text/plain"}}, "does not fit the request"),
        ({"headers": {**HEADERS, "X-GCS-ClientMetaInfo": "e30="}}, "does not fit the request"),
        ({"headers": {**HEADERS, "Date": "Tue, 15 Sep 2026 10:20:31 GMT"}}, "does not fit the request"),
        ({"headers": {**HEADERS, "Date": "Tue, 15 Sep 2026 10:20:30 +0000"}}, "not in GMT"),
        ({"headers": {**HEADERS, "Date": "yesterday"}}, "not an HTTP date"),
        ({"headers": {"Content-Type": "application/json"}}, "Date is missing"),
    ],
)
def test_v1hmac_says_why_a_request_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        verify(**change)


def delivery(module, credentials):
    return module.WebhookSignature(**credentials)


IVY = {"secret": "exampleWebhookSecret"}
WORLDLINE = {"key_id": "exampleWebhookKeyId", "secret": "exampleWebhookSecret"}
CALL = {"method": "POST", "target": "/hook", "body": EVENT, "now": NOW}


def test_worldline_webhook_signature_is_that_of_the_worked_example():
    signature = delivery(runtime("worldline", "webhook_signature"), WORLDLINE)
    headers = signature.sign(headers={}, **CALL)
    assert headers == {"X-GCS-KeyId": "exampleWebhookKeyId", "X-GCS-Signature": EVENT_SIGNATURE}
    signature.verify(headers={name.lower(): value for name, value in headers.items()}, **CALL)


def test_ivy_webhook_signature_is_the_hex_digest_of_the_raw_body():
    signature = delivery(runtime("common", "ivy_webhook_signature"), IVY)
    headers = signature.sign(headers={}, **CALL)
    # printf '%s' "$EVENT" | openssl dgst -sha256 -hmac exampleWebhookSecret
    assert headers == {"X-Ivy-Signature": "ac81e3aac6a5d5afe2bb993ac192ec174daec88fe1d0b5c1408b3da552495a66"}
    signature.verify(headers=headers, **CALL)


@pytest.mark.parametrize(
    ("module", "credentials", "name"),
    [
        (runtime("common", "ivy_webhook_signature"), IVY, "X-Ivy-Signature"),
        (runtime("worldline", "webhook_signature"), WORLDLINE, "X-GCS-Signature"),
    ],
    ids=["ivy", "worldline"],
)
def test_a_webhook_with_a_missing_doubled_or_wrong_signature_is_refused(module, credentials, name):
    signature = delivery(module, credentials)
    good = signature.sign(headers={}, **CALL)
    with pytest.raises(ValueError, match="missing"):
        signature.verify(headers={}, **CALL)
    with pytest.raises(ValueError, match="doubled"):
        signature.verify(headers={**good, name.lower(): good[name]}, **CALL)
    with pytest.raises(ValueError, match="does not fit the body"):
        signature.verify(headers=good, **{**CALL, "body": EVENT + b" "})


def test_a_worldline_webhook_of_another_key_is_refused():
    signature = delivery(runtime("worldline", "webhook_signature"), WORLDLINE)
    good = signature.sign(headers={}, **CALL)
    with pytest.raises(ValueError, match="another key"):
        signature.verify(headers={**good, "X-GCS-KeyId": "other"}, **CALL)


def test_no_signer_shows_its_secret():
    shown = [
        repr(signer()),
        repr(delivery(runtime("worldline", "webhook_signature"), WORLDLINE)),
        repr(delivery(runtime("common", "ivy_webhook_signature"), IVY)),
    ]
    assert not [text for text in shown if "ecret" in text]
