"""JUnit XML: a suite for the contract, a case for each operation, a failure for each finding."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from tallystick.verify.report.reproduce import as_curl
from tallystick.verify.result import Failure, Result

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WHOLE = "the whole API"


def as_junit(result: Result) -> str:
    """Return the result as JUnit XML. Operations that nothing was found on are passed cases."""
    operations = [i.subject for i in result.coverage.items if i.kind == "operation" and i.exercised]
    named = sorted({*operations, *(f.operation or _WHOLE for f in result.failures)})
    suite = ET.Element("testsuite", name=_clean(f"{result.contract} {result.version}"), tests=str(len(named)))
    failed = 0
    for name in named:
        case = ET.SubElement(suite, "testcase", classname=_clean(result.contract), name=_clean(name))
        found = [f for f in result.failures if (f.operation or _WHOLE) == name]
        failed += bool(found)
        for failure in found:
            node = ET.SubElement(case, "failure", type=failure.check, message=_clean(failure.title))
            node.text = _clean(_body(failure))
    suite.set("failures", str(failed))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _body(failure: Failure) -> str:
    steps = "\n\n".join(f"{s.method} {s.url} -> {s.status or s.note}\n{as_curl(s)}" for s in failure.steps)
    return f"{failure.message}\n\n{steps}\n\nfingerprint {failure.fingerprint}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
