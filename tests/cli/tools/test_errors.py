"""`suar errors`: every code, and docs/errors.md, which is made by it."""

import json
import re
from pathlib import Path

import pytest

from suar.cli.tools.errors import document, every
from suar.protocol.base.errors import CODES
from suar.protocol.base.reasons import CODES as REASONS
from support.commands import Suar

ROOT = Path(__file__).resolve().parents[3]


def test_the_page_is_what_the_command_prints(suar: Suar) -> None:
    printed = suar("errors", "--markdown").out
    assert printed == document()
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == printed


def test_one_code_in_full(suar: Suar) -> None:
    lines = suar("errors", "e-frame-replay").out.splitlines()
    assert [line.split()[0] for line in lines] == ["code", "rule", "meaning", "fault", "next"]
    assert json.loads(suar("errors", "E-HTTP-SCOPE", "--json").out)["fault"] == "the program that called"


def test_every_code_says_whose_fault_it_is_and_what_to_do(suar: Suar) -> None:
    found = json.loads(suar("errors", "--json").out)
    assert {entry["code"] for entry in found} == set(every()) >= CODES.keys() | REASONS.keys()
    for entry in found:
        assert entry["meaning"]
        assert entry["fault"]
        assert entry["next"]


@pytest.mark.parametrize("code", ["E-MESSAGE-SENDER", "E-OWN-MESSAGE", "E-CANCELLED", "E-OVER-SHARED"])
def test_the_hint_for_a_member_that_may_not_publish_a_message_is_not_to_correct_it(suar: Suar, code: str) -> None:
    (step,) = (line for line in suar("errors", code).out.splitlines() if line.startswith("next"))
    assert "publish it again" not in step
    assert "mend" not in step


def test_no_hint_of_federation_verify_names_that_command() -> None:
    raised = {code: entry for code, entry in CODES.items() if re.fullmatch(r"T([1-9]|10)", entry.rules)}
    assert len(raised) == 12
    assert [code for code, entry in raised.items() if "federation verify" in entry.advice] == []


@pytest.mark.parametrize(("code", "near"), [("E-FRAME-NONE", "E-FRAME-"), ("nonsense", "suar errors")])
def test_a_code_that_does_not_exist(suar: Suar, code: str, near: str) -> None:
    ended = suar("errors", code)
    assert (ended.code, ended.line_labels) == (1, ["error:", "hint:"])
    assert near in ended.err


def test_the_list_in_a_pipe_is_plain(suar: Suar) -> None:
    lines = suar("errors").out.splitlines()
    assert len(lines) == len(every()) + 1
