"""A file of commitments that nobody signed: who may have kept it, and how large it may be."""

import json
from pathlib import Path
from typing import Any

import pytest

from suar.cli.gateway.audits.commitments import open_commitments
from suar.cli.gateway.audits.earlier import ReadLog
from suar.protocol.base.errors import Fault
from suar.protocol.files import commitments
from suar.protocol.files.auditlog import Title

SALT = "2027-01-15:" + "00" * 32
LOG = ReadLog(iter(()))
TITLE = Title(audit="suar-audit/2", federation="f", member="TH")


def refused(file: Path, data: bytes) -> str:
    file.write_bytes(data)
    with pytest.raises(Fault) as fault:
        open_commitments(LOG, TITLE, file, SALT)
    return fault.value.text


def title(**changes: Any) -> bytes:
    shape = {"commitments": commitments.MAGIC, "federation": "f", "member": "TH", "kept_by": "SG"}
    return json.dumps(shape | changes).encode() + b"\n"


def test_those_that_the_member_itself_kept_show_nothing(tmp_path: Path) -> None:
    assert "said to be kept by TH itself" in refused(tmp_path / "file", title(kept_by="TH"))


def test_a_larger_file_than_a_member_keeps_is_refused_unread(tmp_path: Path) -> None:
    data = title() + b"\n" * commitments.FILE_MAX
    assert "is larger than a file of commitments" in refused(tmp_path / "file", data)
