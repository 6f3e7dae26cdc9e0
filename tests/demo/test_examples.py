"""The shipped examples as drafts of today, in a federation of any size."""

import json
import time
from datetime import UTC, datetime

import pytest

from suar.demo.embedded.examples import drafts
from suar.demo.embedded.founding import NAMES
from suar.demo.story.publications import Publication
from suar.demo.story.report import Report
from suar.demo.story.witnesses import Act, Seen
from suar.protocol.compose import complete
from suar.protocol.message.kinds import PUBLISHED

ALL_MEMBERS = tuple(NAMES)


@pytest.mark.parametrize("members", range(3, 12))
def test_every_draft_is_accepted_by_its_senders_gateway(members: int) -> None:
    codes = ALL_MEMBERS[:members]
    made = drafts(codes)
    now = time.time_ns() // 1_000_000
    for draft in made:
        assert draft.sender in codes
        assert draft.to
        assert set(draft.to) <= set(codes) - {draft.sender}
        composed = complete(
            json.dumps(draft.body).encode(), member=draft.sender, realm=draft.realm, now=now, ledger=None
        )
        assert composed.message.audience.members == ("all" if draft.is_for_all else list(draft.to)) or not (
            draft.is_for_all
        )
    assert {draft.kind for draft in made} == set(PUBLISHED)
    assert {draft.realm for draft in made} == {"actual", "exercise"}
    assert len({draft.sender for draft in made}) >= 3


def test_eleven_members_make_at_least_forty_deliveries() -> None:
    assert sum(len(draft.to) for draft in drafts(ALL_MEMBERS)) >= 40


def test_drafts_expire_as_long_from_now_as_the_examples_did() -> None:
    now = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    alert = next(draft for draft in drafts(ALL_MEMBERS, now) if draft.example == "alert-shelter-capacity")
    assert alert.body["expires"] == "2031-06-03T06:08:09Z"  # 28 days, less an hour
    assert "id" not in alert.body
    assert alert.body["text"][0]["title"].startswith("Shelters for returning workers")


def _publication(**stages: str) -> Publication:
    draft = next(draft for draft in drafts(("TH", "SG", "VN")) if draft.is_for_all)
    return Publication(draft, id="X-1", stages=stages)


def test_a_report_names_what_is_missing() -> None:
    publication = _publication()
    first, second = publication.draft.to
    publication.stages = {first: "stored", second: "sent"}
    act = Act("an act", "somebody", "VN", "E-FRAME-SIGNATURE", "F4", ("TH", "SG"))
    report = Report(("TH", "SG", "VN"), [publication], [Seen(act, {"TH": "F4", "SG": "F1"})], faults=["a fault"])
    assert (report.expected, report.proved) == (2, 1)
    assert report.missing == [
        f"X-1: not stored by {second} (sent)",
        "an act: E-FRAME-SIGNATURE not seen at SG",  # by another rule is not what was to be seen
        "a fault",
    ]


def test_a_report_without_faults_misses_nothing() -> None:
    publication = _publication()
    publication.stages = dict.fromkeys(publication.draft.to, "acknowledged")
    act = Act("an act", "somebody", "VN", "E-FRAME-SIGNATURE", "F4", ("TH",))
    report = Report(("TH", "SG", "VN"), [publication], [Seen(act, {"TH": "F4"})])
    assert report.missing == []
    assert report.document()["refused"] == [
        {"act": "an act", "code": "E-FRAME-SIGNATURE", "rule": "F4", "at": "TH", "by": "somebody", "origin": "VN",
         "alarm": None, "detail": ""},
    ]  # fmt: skip
