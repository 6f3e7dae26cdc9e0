"""The tables of the demo: what an official looks for comes first, and nothing needs to be known beforehand."""

import re
from typing import Any

import pytest

from suar.demo.embedded.examples import drafts
from suar.demo.story.publications import Publication
from suar.demo.story.readings import Reading
from suar.demo.story.report import Report
from suar.demo.story.small_counts import COLUMNS, ROWS, Gate
from suar.demo.story.witnesses import Act, Seen

MEMBERS = ["SG", "TH", "VN"]
STORED = "stored"
COUNTS = tuple(tuple("40" for _ in COLUMNS) for _ in ROWS)
HIDDEN = tuple(tuple("S" for _ in COLUMNS) for _ in ROWS)


def report_text(capsys: pytest.CaptureFixture[str], **more: Any) -> str:
    """What a run of three members prints."""
    published = [
        Publication(
            draft, f"{draft.sender}-{draft.kind.upper()}-2027-{number:06d}", stages=dict.fromkeys(draft.to, STORED)
        )
        for number, draft in enumerate(drafts(MEMBERS), 1)
    ]
    Report(MEMBERS, published, **more).show()
    return capsys.readouterr().out


def test_a_row_begins_with_the_title_and_ends_with_the_id(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        line.strip()
        for line in report_text(capsys).splitlines()
        if re.search(r"[A-Z]{2}-[A-Z]+-2027-\d{6}$", line.strip())
    ]
    assert len(rows) == len(drafts(MEMBERS))
    assert not [row for row in rows if re.match(r"[A-Z]{2}-[A-Z]+-2027-", row)]


def test_the_english_text_is_beside_the_other_languages(capsys: pytest.CaptureFixture[str]) -> None:
    reading = Reading("TH-ALERT-2027-000001", "VN", "vi", ("Tuyển dụng",), ("Recruitment",))
    shown = report_text(capsys, readings=[reading])
    assert 0 <= shown.index("Recruitment") < shown.index("Tuyển dụng")


def test_what_is_hidden_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    shown = report_text(capsys, gate=Gate("TH-TREND-2027-000002", "SG", COUNTS, HIDDEN))
    assert "S: suppressed. A reader knows that the count is hidden" in shown


def test_codes_and_rules_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    act = Act("a frame with another signature", "the hub", "TH", "E-FRAME-SIGNATURE", "F4", ("SG",))
    shown = report_text(capsys, acts=[Seen(act, {"SG": "F4"})])
    assert "code: `suar errors CODE` says what it means and what to do; a code in small letters is an alarm" in shown
    assert "rule: its number in docs/protocol.md" in shown


def test_no_gateway_is_called_a_victim(capsys: pytest.CaptureFixture[str]) -> None:
    """The word is kept for people: what a hostile act was tried on is named by its member."""
    text = report_text(capsys)
    for draft in drafts(MEMBERS):
        for written in draft.body.get("text", ()):
            text = text.replace(str(written.get("title", ""))[:59], "")
    assert "victim" not in text.lower()
