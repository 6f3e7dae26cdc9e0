"""schemas/files: what implementations exchange beside the bus. Two readers that share no code agree on each."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from federation.make_files import FOLDER, vectors
from federation.questions import answered
from suar.federation import ceremony
from suar.federation.request import read_request
from suar.federation.root import read_root
from suar.protocol.base.errors import Fault
from suar.protocol.files import auditline, auditlog
from suar.protocol.message.kinds import Receipt
from suar.protocol.message.messages import read
from suar.protocol.trust import trustlist
from suar.service.gaps import answering
from support import files_reader

EVERY = sorted(FOLDER.glob("*.json"))
every_vector = pytest.mark.parametrize("path", EVERY, ids=lambda path: path.stem)


def input_of(vector: dict[str, Any]) -> Any:
    found = vector["input"]
    return [base64.b64decode(each) for each in found] if isinstance(found, list) else base64.b64decode(found)


def before(vector: dict[str, Any]) -> bytes | None:
    return base64.b64decode(vector["before"]) if vector.get("before") else None


def test_the_vectors_are_what_the_generator_makes() -> None:
    assert {path.name: path.read_bytes() for path in EVERY} == vectors()


def test_each_form_has_vectors_of_both_verdicts() -> None:
    verdicts = {(vector["form"], vector["result"] is None) for vector in map(_loaded, EVERY)}
    forms = {"request", "root-public", "merge", "refusal-note", "question", "audit-log", "audit-line"}
    assert verdicts == {(form, refused) for form in forms for refused in (True, False)}
    assert all(vector["note"] for vector in map(_loaded, EVERY))


@every_vector
def test_the_reader_made_from_the_documents(path: Path) -> None:
    vector = _loaded(path)
    reader = getattr(files_reader, vector["form"].replace("-", "_"))
    more = (before(vector),) if vector["form"] == "merge" else ()
    try:
        found = reader(input_of(vector), *more)
    except files_reader.Refused:
        found = None
    assert found == vector["result"]


@every_vector
def test_ours(path: Path) -> None:
    vector = _loaded(path)
    assert OURS[vector["form"]](input_of(vector), before(vector)) == vector["result"]


def _loaded(path: Path) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(path.read_bytes())
    return tree


def _request(data: bytes, _: bytes | None) -> Any:
    try:
        request = read_request(data, "the request")
    except Fault:
        return None
    mark = request.endorsement
    return {
        "member": request.request.member, "kid": request.request.kid.hex(), "endorsed_by": mark.kid if mark else None,
    }  # fmt: skip


def _root_public(data: bytes, _: bytes | None) -> Any:
    try:
        root = read_root(data, "the root")
    except Fault:
        return None
    return {"holder": root.holder, "kid": root.kid}


def _merge(files: list[bytes], earlier: bytes | None) -> Any:
    try:
        first, *others = [ceremony.parse(file, "a file") for file in files]
        content = ceremony.content_of(first, "the draft")
        old = ceremony.content_of(ceremony.parse(earlier, "before"), "before") if earlier else None
        merged = ceremony.merge(first, [("a signature", other) for other in others], old)
        if any(ceremony.missing_signatures(merged, content, old)):
            return None
    except Fault:
        return None
    return {"list": base64.b64encode(trustlist.assemble(merged.raw, merged.signatures)).decode()}


def _refusal_note(data: bytes, _: bytes | None) -> Any:
    receipt = {
        "kind": "receipt", "schema": "receipt/1.0", "status": "actual", "member": "TH", "stage": "refused",
        "sent": "2027-01-15T08:00:00Z", "of": [{"frame": "ab" * 32}], "code": "E-RESEND-GONE", "note": data.decode(),
        "at": "2027-01-15T08:00:00Z",
    }  # fmt: skip
    message = read(json.dumps(receipt, ensure_ascii=False, separators=(",", ":")).encode())
    assert isinstance(message, Receipt)
    answer = answering.read_refusal(message)
    return {"ranges": [list(span) for span in answer.ranges]} if answer else None


def _question(data: bytes, _: bytes | None) -> Any:
    return answered(data)


def _audit_log(data: bytes, _: bytes | None) -> Any:
    try:
        account = auditlog.verify(auditlog.records(data.splitlines()))
    except auditlog.BrokenLog:
        return None
    return {"lines": account.lines, "signed": account.signed, "kids": account.kids}


def _audit_line(data: bytes, _: bytes | None) -> Any:
    try:
        found = auditline.verify(data)
    except auditlog.BrokenLog:
        return None
    return {"n": found.line.n, "lines": found.lines, "kid": found.kid}


OURS: dict[str, Callable[..., Any]] = {
    "request": _request, "root-public": _root_public, "merge": _merge, "refusal-note": _refusal_note,
    "question": _question, "audit-log": _audit_log, "audit-line": _audit_line,
}  # fmt: skip
