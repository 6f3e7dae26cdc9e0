"""Composed ahead and numbered later is the same as composed at once; whatever needs a word or the ledger is not."""

import json
from typing import Any

import pytest

from protocol.test_compose import NOW, VALID, Ledger, draft, publish
from suar.protocol import ahead
from suar.protocol.compose import LAST_NUMBER
from suar.protocol.messages import Invalid
from suar.protocol.privacy.limits import Floors

NAMED = "Our officer spoke with Maria Santos about it."
REACHED = "Write to someone@example.org about it."


def made_of(tree: dict[str, Any], realm: str = "actual") -> bytes | None:
    data = json.dumps(tree).encode()
    return ahead.compose_ahead(data, member="KH", realm=realm, now=NOW, gate=Floors)


def text(title: str = "A title", **changes: Any) -> list[dict[str, Any]]:
    return [{"lang": "en", "title": title, "summary": "Recruiters promise office work."} | changes]


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_the_same_bytes_in_the_end(path: Any) -> None:
    tree = draft(path.stem, action="new", reason=None, handling=None)
    try:
        at_once = publish(tree)
    except Invalid:
        assert made_of(tree) is None
        return
    made = made_of(tree)
    if made is not None:
        assert ahead.numbered(made, Ledger()) == at_once


def test_every_kind_but_trends_is_composed_ahead() -> None:
    found = {tree["kind"] for path in VALID if made_of(tree := draft(path.stem, action="new", reason=None))}
    assert found == {"alert", "pattern", "legislation", "practice", "contact"}


@pytest.mark.parametrize(
    "tree",
    [
        draft(tlp="nonsense"),
        draft(action="update", id="KH-ALERT-2027-000001"),
        draft(action="cancel", id="KH-ALERT-2027-000001", reason="It was wrong."),
        draft(id="KH-ALERT-2027-000007"),
        draft(text=None),
        draft(severity="extreme"),
        draft(text=text(summary=NAMED)),
        draft(text=text(summary=REACHED)),
    ],
    ids=["a fault", "an update", "a cancel", "its own id", "generated", "a second person", "a name", "an identifier"],
)
def test_what_needs_a_word_or_the_ledger_is_left_to_the_core(tree: dict[str, Any]) -> None:
    assert made_of(draft(text=text())) is not None
    assert made_of(tree) is None


def test_no_json_at_all() -> None:
    assert ahead.compose_ahead(b"\xff{", member="KH", realm="actual", now=NOW, gate=Floors) is None


def test_numbers_are_taken_from_the_ledger_in_order() -> None:
    ledger, made = Ledger(), made_of(draft(text=text()), realm="exercise")
    assert made is not None
    assert [ahead.numbered(made, ledger).id[-3:] for _ in range(3)] == ["042", "043", "044"]
    assert ledger.taken == [("alert", 2027)] * 3


def test_numbers_that_are_used_up() -> None:
    class Full(Ledger):
        def next_number(self, kind: str, year: int) -> int:
            return LAST_NUMBER + 1

    made = made_of(draft(text=text()))
    assert made is not None
    with pytest.raises(Invalid, match="used up"):
        ahead.numbered(made, Full())


def test_receipts_have_no_number() -> None:
    receipt = (VALID[0].parent / "receipt-stored.json").read_bytes()
    with pytest.raises(TypeError):
        ahead.numbered(receipt, Ledger())
