"""Parts of a run: shards and their merge, safe runs, rehearsals, proofs, and the entry for pytest."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tallystick import verify
from tallystick.contract import Contract
from tallystick.settings import find
from tallystick.verify.prove import prove

QUICK = ("--max-examples", "1")
pytest_plugins = ["pytester"]


def test_shards_cover_what_the_whole_covers(tallystick: Callable[..., int], tmp_path: Path, capsys) -> None:
    for part in (1, 2):
        folder = tmp_path / str(part)
        assert tallystick("test", "ivy-legacy", *QUICK, "--shard", f"{part}/2", "--report-dir", folder) == 0
    one, two = (json.loads((tmp_path / p / "report.json").read_text()) for p in ("1", "2"))
    operations = [{i["subject"] for i in r["coverage"]["items"] if i["kind"] == "operation"} for r in (one, two)]
    assert len(operations[0]) == len(operations[1]) == 1 and not operations[0] & operations[1]
    capsys.readouterr()
    assert tallystick("report", "merge", tmp_path / "1", tmp_path / "2", "--report-dir", tmp_path / "all") == 0
    assert "operations 2/2" in capsys.readouterr().out
    whole = json.loads((tmp_path / "all" / "report.json").read_text())
    assert whole["cases"] == one["cases"] + two["cases"]
    assert tallystick("test", "ivy-legacy", *QUICK, "--report-dir", tmp_path / "undivided") == 0
    undivided = json.loads((tmp_path / "undivided" / "report.json").read_text())
    union, wanted = ({i["subject"] for i in r["coverage"]["items"] if i["exercised"]} for r in (whole, undivided))
    assert union == wanted
    assert not [p for p in whole["problems"] if "links" in p["reason"]]  # a part without links has no sequences


def test_reports_of_different_contracts_are_not_merged(
    tallystick: Callable[..., int], tmp_path: Path, capsys
) -> None:
    for name in ("worldline", "ivy-legacy"):
        assert tallystick("test", name, *QUICK, "--shard", "2/2", "--report-dir", tmp_path / name) == 0
    versions = [
        json.loads((tmp_path / n / "report.json").read_text())["version"] for n in ("worldline", "ivy-legacy")
    ]
    capsys.readouterr()
    assert tallystick("report", "merge", tmp_path / "worldline", tmp_path / "ivy-legacy") == 2
    assert capsys.readouterr().err == (
        f"error: these reports are about different contracts: ivy-legacy {versions[1]}, worldline {versions[0]}\n"
    )


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 2, "failures": []}', "nonsense"])
def test_what_is_no_report(tallystick: Callable[..., int], tmp_path: Path, capsys, text: str) -> None:
    file = tmp_path / "report.json"
    file.write_text(text)
    assert tallystick("report", "merge", file) == 2
    assert capsys.readouterr().err == (
        f"error: {file} is no report of a test run\n  hint: give the report.json files that `tallystick test` wrote\n"
    )


def test_a_safe_run_only_reads(contract: Callable[[str], Contract]) -> None:
    document, described = find("ivy-legacy"), contract("ivy-legacy")
    seen: set[tuple[str, str]] = set()
    target = verify.local_mock(described, document.folder, verify.Plan())

    async def spy(scope, receive, send):
        if scope["type"] == "http" and not scope["path"].startswith("/_tallystick"):
            seen.add((scope["method"], scope["path"]))
        await target.app(scope, receive, send)

    plan = verify.Plan(safe=True, max_examples=2)
    spied = verify.Target("spied", spy, target.url, target.credentials, target.other, target.now)
    assert verify.run(described, spied, plan, folder=document.folder).clean
    assert seen == {("GET", "/api/service/data/session/retrieve")}


def test_a_rehearsal_names_an_address_that_can_be_asked(tallystick: Callable[..., int], capsys) -> None:
    assert tallystick("test", "ivy-legacy", *QUICK, "--dry-run") == 0
    out = capsys.readouterr().out
    assert out.startswith("ivy-legacy against our mock: about ")
    assert "our mock/" not in out and " http://testserver/api/service/data/session/create" in out


def test_a_rehearsal_sends_nothing_and_names_the_credentials(
    tallystick: Callable[..., int], monkeypatch, capsys
) -> None:
    monkeypatch.setenv("TALLYSTICK_V1HMAC_KEY_ID", "abc")
    assert tallystick("test", "worldline", *QUICK, "--dry-run", "--url", "http://127.0.0.1:1") == 0
    out = capsys.readouterr().out
    assert "worldline against http://127.0.0.1:1: about " in out and "none of them sent now" in out
    assert "http://127.0.0.1:1/v1/1234/sessions" in out
    assert "credentials v1HMAC: TALLYSTICK_V1HMAC_KEY_ID, TALLYSTICK_V1HMAC_SECRET not set" in out


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("required-member-dropped", "response_schema_conformance"),
        ("signed-headers-ignored", "authentication"),
        ("replay-mark-missing", "idempotency"),
        ("broken-json-taken", "negotiation"),
    ],
)
def test_a_fault_is_found_by_the_check_that_is_for_it(
    contract: Callable[[str], Contract], kind: str, check: str
) -> None:
    document = find("worldline")
    (verdict,) = prove(contract("worldline"), verify.Plan(max_examples=1), folder=document.folder, only=kind)
    assert verdict.failure is not None and verdict.failure.check == check


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("webhook-lost", "webhooks"),
        ("webhook-twice", "webhooks"),
        ("webhook-signature-wrong", "webhooks"),
        ("duplicate-taken", "uniqueness"),
        ("tenants-not-apart", "tenancy"),
        ("unknown-as-invalid", "positive_data_acceptance"),
        ("state-never-changes", "lifecycle"),
    ],
)
def test_a_fault_over_several_calls_is_found(contract: Callable[[str], Contract], kind: str, check: str) -> None:
    document = find("ivy-legacy")
    plan = verify.Plan(max_examples=1, phases=("examples", "walks"))
    (verdict,) = prove(contract("ivy-legacy"), plan, folder=document.folder, only=kind)
    assert verdict.failure is not None and verdict.failure.check == check


def test_an_application_that_does_not_start(
    tallystick: Callable[..., int], tmp_path: Path, monkeypatch, capsys
) -> None:
    (tmp_path / "tests_broken_app.py").write_text(
        "async def app(scope, receive, send):\n    await receive()\n    raise RuntimeError('no database')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert tallystick("test", "worldline", *QUICK, "--app", "tests_broken_app:app", "--report-dir", tmp_path) == 2
    assert capsys.readouterr().err == "error: tests_broken_app:app does not start: no database\n"


def test_nothing_is_fetched_that_a_command_line_names(tallystick: Callable[..., int], capsys) -> None:
    assert tallystick("test", "https://nowhere.invalid/openapi.yaml") == 2
    assert capsys.readouterr().err == (
        "error: 'https://nowhere.invalid/openapi.yaml' is an address; a document has to be a file\n"
        "  hint: save it first: curl -o openapi.yaml https://nowhere.invalid/openapi.yaml\n"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise RuntimeError('no database')", "RuntimeError: no database"),
        ("import sys\nsys.exit(5)", "SystemExit: 5"),
        ("def (", "SyntaxError: invalid syntax (tests_odd_module.py, line 1)"),
    ],
)
def test_a_module_that_cannot_be_run(
    tallystick: Callable[..., int], tmp_path: Path, monkeypatch, capsys, text: str, said: str
) -> None:
    (tmp_path / "tests_odd_module.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert tallystick("test", "worldline", "--app", "tests_odd_module:app") == 2
    assert capsys.readouterr().err == f"error: the application tests_odd_module:app can't be imported: {said}\n"


def test_wrong_credentials_do_not_pass(tallystick: Callable[..., int], tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setenv("TALLYSTICK_API_KEY", "wrong")
    plan = ("test", "ivy-legacy", *QUICK, "--app", "tests_mock_app:app", "--report-dir", tmp_path / "report")
    (tmp_path / "tests_mock_app.py").write_text(
        "from tallystick.contract import read\nfrom tallystick.mock import create_app\n"
        "from tallystick.settings import find\ntarget = find('ivy-legacy')\n"
        "app = create_app(read(target.document, name='x', root=target.root), folder=target.folder)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert tallystick(*plan) == 1
    assert "authentication: Valid credentials are refused" in capsys.readouterr().out
    monkeypatch.setenv("TALLYSTICK_API_KEY", "test-key")
    assert tallystick(*plan) == 0


def test_contract_tests_in_pytest(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from starlette.applications import Starlette
        from tallystick.pytest import contract_tests

        test_mock = contract_tests("worldline", max_examples=1, phases=("examples",))
        test_other = contract_tests("worldline", app=Starlette(), max_examples=1, phases=("examples",))
        """
    )
    outcome = pytester.runpytest("-p", "no:cacheprovider")
    outcome.assert_outcomes(passed=3, failed=1)
    outcome.stdout.fnmatch_lines(["*POST /v1/{merchantId}/sessions: *"])


def test_a_server_that_is_not_there_fails_each_test_in_one_sentence(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from tallystick.pytest import contract_tests

        test_nobody = contract_tests("worldline", url="http://127.0.0.1:1")
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["the server at http://127.0.0.1:1 can't be reached: *", "hint: start it first, *"])
    assert "Traceback" not in result.stdout.str() and "UsageError" not in result.stdout.str()
