"""What was imported from a file of others waits for a second person, whichever way its draft is handed in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.authoring.imported import FORMATS
from suar.protocol.base.reasons import Invalid
from suar.protocol.compose import complete
from suar.service.publish import accepting, cancelling, checking, held, sealing
from suar.service.reading import views
from suar.service.reading.verdict import Verdict
from support.corekit import CoreKit, core_with_bundles
from support.kit import alert

WRITTEN = ("schema", "id", "rev", "sent", "privacy", "status")


def draft_of(data: bytes) -> bytes:
    return json.dumps({key: value for key, value in json.loads(data).items() if key not in WRITTEN}).encode()


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    with core_with_bundles(tmp_path / "th", "TH") as made:
        yield made


def imported(**changes: Any) -> bytes:
    """The draft of a small alert as `suar import cap` writes it."""
    return json.dumps(json.loads(draft_of(alert())) | {"imported": "cap"} | changes).encode()


def publish(kit: CoreKit, data: bytes, **more: Any) -> Verdict:
    return accepting.accept(kit.core, [(data, None)], realm="actual", token="desk", **more)[0]


def codes_of(verdict: Verdict) -> list[tuple[str, str]]:
    return [(reason.code, reason.path) for reason in verdict.reasons]


@pytest.mark.parametrize("format_", FORMATS)
def test_it_is_held_and_nothing_of_it_leaves(th: CoreKit, format_: str) -> None:
    verdict = publish(th, imported(imported=format_))
    assert (verdict.verdict, codes_of(verdict)) == (
        "held",
        [("E-SECOND-PERSON", "$.imported"), ("E-MESSAGE-DESK", "$.desk")],
    )
    assert sealing.seal_queued(th.core) == 0
    assert views.message(th.core, str(verdict.id), None) is None


def test_the_mark_is_in_no_message(th: CoreKit) -> None:
    id_ = str(publish(th, imported()).id)
    (row,) = held.list_held(th.core)
    assert "imported" not in row["message"]
    assert held.release(th.core, id_, "chief").verdict == "published"
    message = views.message(th.core, id_, None)
    assert message is not None
    assert "imported" not in message["message"]
    assert message["message"]["privacy"] == {"released_by": "approver"}


def test_the_same_draft_without_the_mark_leaves(th: CoreKit) -> None:
    """The hold is the mark's alone: nothing else of this draft would be held."""
    assert publish(th, draft_of(alert())).verdict == "published"


def test_it_is_never_composed_beside(th: CoreKit) -> None:
    assert checking.prepare_first(th.core, [draft_of(alert())], "actual").composed != [None]
    ready = checking.prepare_first(th.core, [imported()], "actual")
    assert ready.composed == [None]
    assert publish(th, imported(), ready=ready).verdict == "held"


def test_the_check_says_so(th: CoreKit) -> None:
    answer = checking.check(th.core, imported(), "actual")
    assert (answer["verdict"], [each["code"] for each in answer["reasons"]]) == (
        "hold",
        ["E-SECOND-PERSON", "E-MESSAGE-DESK"],
    )
    assert "imported" not in answer["message"]


def test_a_cancel_from_a_file_waits_too(th: CoreKit) -> None:
    id_ = str(publish(th, draft_of(alert())).id)
    bare = imported(id=id_, action="cancel", reason="sent in error")
    assert codes_of(publish(th, bare)) == [("E-SECOND-PERSON", "$.imported")]


def test_as_the_replacement_of_a_cancelled_message(th: CoreKit) -> None:
    id_ = str(publish(th, draft_of(alert())).id)
    done = cancelling.cancel(th.core, id_, "desk", "sent in error", imported())
    assert done is not None
    assert done.replacement is not None
    assert (done.verdict.verdict, done.replacement.verdict) == ("published", "held")


def test_a_draft_that_is_refused_is_refused(th: CoreKit) -> None:
    text = [{"lang": "en", "title": "News", "summary": "Call p01@person.example"}]
    verdict = publish(th, imported(text=text))
    assert (verdict.verdict, verdict.reasons[0].code) == ("refused", "E-PRIVACY-IDENTIFIER")


@pytest.mark.parametrize("mark", ["", "csv", None, False, 0, [], {}, ["cap"]])
def test_a_mark_that_is_no_format_is_refused(mark: Any) -> None:
    """And so cannot be taken for no mark."""
    with pytest.raises(Invalid) as refused:
        complete(imported(imported=mark), member="TH", realm="actual", now=1_800_000_000_000, ledger=None)
    assert [(reason.code, reason.path) for reason in refused.value.reasons] == [("E-MESSAGE-CODE", "$.imported")]
