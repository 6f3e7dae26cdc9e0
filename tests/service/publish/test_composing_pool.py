"""What was composed beside the core and is numbered by it is the same as composed at once; the core does the rest."""

import json
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.compose import LAST_NUMBER, Composed, Published, complete, under_number
from suar.protocol.message.kinds import Alert
from suar.protocol.message.messages import Invalid
from suar.published import schemas_dir
from suar.service.publish import accepting, checking
from suar.service.publish.accepting import STALE
from suar.service.reading.verdict import Verdict
from support.corekit import CoreKit
from support.gateways import draft

VALID = sorted((schemas_dir() / "examples" / "valid").glob("[!r]*.json"))
WRITTEN = ("schema", "id", "rev", "status", "sent", "privacy")
NAMED = "Our officer spoke with Maria Santos about it."
REACHED = "Write to someone@example.org about it."
IN_TIME = {"expires": "2027-01-30T00:00:00Z"}


class Ledger:
    """What has been published: nothing; numbers begin at 42."""

    def __init__(self, last: int = 41) -> None:
        self.last = last

    def next_number(self, kind: str, year: int, /) -> int:
        self.last += 1
        return self.last

    def published(self, id_: str, /) -> Published | None:
        return None


def example(path: Path) -> dict[str, Any]:
    """An example as a person would write it, as a new message."""
    tree: dict[str, Any] = json.loads(path.read_bytes())
    tree = {key: value for key, value in tree.items() if key not in (*WRITTEN, "reason", "handling")}
    tree["issuer"].pop("member")
    return tree | {"action": "new"}


def text(**changes: Any) -> list[dict[str, Any]]:
    return [{"lang": "en", "title": "A title", "summary": "Recruiters promise office work."} | changes]


def alert(**changes: Any) -> dict[str, Any]:
    return draft("A title", **(IN_TIME | changes))


def drafts(*titles: str, **changes: Any) -> list[bytes]:
    return [json.dumps(draft(title, **(IN_TIME | changes))).encode() for title in titles]


def composed_in_pool(kit: CoreKit, tree: dict[str, Any], realm: str = "actual") -> Composed | None:
    return next(checking.compose_passed(kit.core, [json.dumps(tree).encode()], realm, kit.now))


def accept(kit: CoreKit, *contents: bytes) -> list[Verdict]:
    ready = checking.prepare_first(kit.core, contents, "actual")
    items: list[tuple[bytes, bytes | None]] = [(data, None) for data in contents]
    return accepting.accept(kit.core, items, realm="actual", token="test", ready=ready)


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_the_same_bytes_in_the_end(vn: CoreKit, path: Path) -> None:
    data = json.dumps(example(path)).encode()
    try:
        whole = complete(data, member="VN", realm="actual", now=vn.now, ledger=Ledger())
    except Invalid:
        assert composed_in_pool(vn, example(path)) is None
        return
    made = composed_in_pool(vn, example(path))
    if made is not None:
        assert under_number(made, Ledger()) == whole


def test_every_kind_but_trends_is_composed_beside(vn: CoreKit) -> None:
    found = {tree["kind"] for path in VALID if composed_in_pool(vn, tree := example(path))}
    assert found == {"alert", "pattern", "legislation", "practice", "contact"}


@pytest.mark.parametrize(
    "changes",
    [
        {"tlp": "nonsense"},
        {"action": "update", "id": "VN-ALERT-2027-000001"},
        {"action": "cancel", "id": "VN-ALERT-2027-000001", "reason": "It was wrong."},
        {"id": "VN-ALERT-2027-000007"},
        {"text": text(lang="vi")},
        {"severity": "extreme"},
        {"text": text(summary=NAMED)},
        {"text": text(summary=REACHED)},
        {"imported": "cap"},
    ],
    ids=[
        "a fault", "an update", "a cancel", "its own id", "generated", "a second person", "a name", "an identifier",
        "imported",
    ],
)  # fmt: skip
def test_what_needs_a_word_or_the_ledger_is_left_to_the_core(vn: CoreKit, changes: dict[str, Any]) -> None:
    assert composed_in_pool(vn, alert()) is not None
    assert composed_in_pool(vn, alert(**changes)) is None


def test_no_json_at_all(vn: CoreKit) -> None:
    assert list(checking.compose_passed(vn.core, [b"\xff{"], "actual", vn.now)) == [None]


def test_numbers_are_taken_from_the_ledger_in_order(vn: CoreKit) -> None:
    ledger, made = Ledger(), composed_in_pool(vn, alert(), realm="exercise")
    assert made is not None
    assert isinstance(made.message, Alert)
    assert [under_number(made, ledger).id[-3:] for _ in range(3)] == ["042", "043", "044"]
    with pytest.raises(Invalid, match="used up"):
        under_number(made, Ledger(LAST_NUMBER))


def test_the_number_is_put_into_the_id_alone(vn: CoreKit) -> None:
    plain = composed_in_pool(vn, alert())
    assert plain is not None
    tree = alert(text=text(summary=f'They wrote "id":"{plain.id}" on the back.'))
    made = composed_in_pool(vn, tree)
    assert made is not None
    assert made.id == plain.id
    whole = complete(json.dumps(tree).encode(), member="VN", realm="actual", now=vn.now, ledger=Ledger())
    numbered = under_number(made, Ledger())
    assert numbered == whole
    assert json.loads(numbered.data)["text"] == json.loads(made.data)["text"]


def test_accepted_in_their_order_with_every_number(vn: CoreKit) -> None:
    first, *more = drafts("first", "second", "third")
    verdicts = accept(vn, first, *more, b"{", *drafts("held", severity="extreme"), first, *drafts("last"))
    kinds = [each.verdict for each in verdicts]
    assert kinds == ["published"] * 3 + ["refused", "held", "published", "published"]
    numbers = [str(each.id)[-6:] for each in verdicts if each.verdict == "published" and not each.is_replayed]
    assert numbers == ["000001", "000002", "000003", "000005"]  # the one that is held has its number too
    assert verdicts[-2].id == verdicts[0].id  # the same request once more
    assert accept(vn, *more)[1].is_replayed


@pytest.mark.parametrize("later", [STALE + 1, -1])
def test_what_was_composed_at_another_time_is_composed_again(vn: CoreKit, later: int) -> None:
    contents = drafts("first", "second")
    ready = checking.prepare_first(vn.core, contents, "actual")
    assert None not in ready.composed
    vn.now += later
    accepting.accept(vn.core, [(data, None) for data in contents], realm="actual", token="test", ready=ready)
    with vn.core.transaction() as connection:
        sent = [row.sent for row in connection.exec_driver_sql("select sent from message")]
    assert sent == [vn.now // 1000 * 1000] * 2
