"""The event of a message is written once for all readers, and never outlives the text: hostile orders of reading,
recalling, altering and putting back."""

from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import Secret
from suar.protocol.message.marking import marking_of_tree
from suar.protocol.policy.restrictions import Reader
from suar.service.custody import holds
from suar.service.feed.feed import next_page
from suar.service.feed.positions import FeedPosition, FeedSelection, decode_position
from suar.store.engine.vault import Vault
from suar.store.messages.opened_texts import OpenedTexts
from support import stores
from support.corekit import CoreKit, alter, frame_of
from support.kit import Sending, id_of, urgent
from support.pairs import SECRET, Two, new
from support.read_out import agency, opened_texts

WORDS = b"Recruiters"
CANCEL: dict[str, Any] = {"rev": 2, "action": "cancel", "reason": "wrong border post"}


def written_events(kit: CoreKit, name: str = "clinic", reader: Reader | None = None) -> list[bytes]:
    """All that an agency is given from the beginning."""
    selection = FeedSelection("all", has_own=True, agency=name)
    page = next_page(kit.core, selection, FeedPosition(), reader or agency(kit, name))
    assert page.is_last
    return [each.data for each in page.events]


def types(events: list[bytes]) -> list[tuple[str, str]]:
    found = [msgspec.json.decode(each) for each in events]
    return [(each["subject"], each["type"].removeprefix("suar.message.")) for each in found]


# -- once for all


def test_a_text_is_opened_once_however_many_read_it(vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    vn.receive(frame_of(th, *(urgent(number) for number in range(1, 9))))
    opened = opened_texts(monkeypatch)
    first = written_events(vn)
    assert len(first) == len(opened) == 8
    assert [written_events(vn, f"clinic{number}") for number in range(5)] == [first] * 5
    assert len(opened) == 8


def test_each_reader_gets_by_its_own_registration_what_another_one_had_opened(vn: CoreKit, th: Sending) -> None:
    vn.receive(
        frame_of(
            th, urgent(1, handling=["law-enforcement-only"]), urgent(2, tlp="GREEN"),
            urgent(3, handling=["no-automated-decision"]), urgent(4),
        )
    )  # fmt: skip
    police, health = agency(vn, "police", "law-enforcement"), agency(vn, "health")
    green, machine = agency(vn, "green", tlp="GREEN"), agency(vn, "machine", is_automated=True)
    drills = agency(vn, "drills", realm="exercise")
    wanted = [(police, (1, 2, 3, 4)), (health, (2, 3, 4)), (green, (2,)), (machine, (2, 4)), (drills, ())]
    for reader, numbers in (*wanted, *wanted[::-1]):
        subjects = [subject for subject, _ in types(written_events(vn, "one", reader))]
        assert sorted(subjects) == [id_of(number) for number in numbers]


def test_what_expires_is_written_again(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1, expires="2027-01-16T08:00:00Z")))
    assert types(written_events(vn)) == [(id_of(1), "new")]
    vn.now += 2 * limits.DAY
    events = written_events(vn)
    assert types(events) == [(id_of(1), "expire")]
    assert WORDS not in events[0]
    [ours] = next_page(vn.core, FeedSelection("all"), FeedPosition()).events
    assert msgspec.json.decode(ours.data)["data"]["state"] == "expired"


# -- recalled


def test_a_recalled_text_comes_out_no_more_and_is_in_memory_no_more(vn: CoreKit, th: Sending) -> None:
    vn.receive(frame_of(th, urgent(1), urgent(2)))
    assert types(written_events(vn)) == [(id_of(1), "new"), (id_of(2), "new")]
    assert len(vn.core.opened_texts) == 2
    vn.receive(frame_of(th, urgent(1, **CANCEL)))
    assert len(vn.core.opened_texts) == 0
    assert types(written_events(vn)) == [(id_of(2), "new"), (id_of(1), "cancel")]


def test_nor_when_the_earlier_file_is_put_back(vn: CoreKit, th: Sending) -> None:
    """The row is as it was when it was opened, to the salt of its key."""
    vn.receive(frame_of(th, urgent(1)))
    assert WORDS in written_events(vn)[0]
    with stores.outsider(vn.folder) as store:
        row = store.execute(f"select body, {stores.SALT} from message").fetchone()
    vn.receive(frame_of(th, urgent(1, **CANCEL)))
    alter(vn, "update message set body = ?, body_key = ? where rev = 1", values=row)
    alter(vn, "delete from message where rev = 2")
    assert written_events(vn) == []


def test_nor_when_it_is_recalled_while_it_is_read(vn: CoreKit, th: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that was begun before still has it, as ever; the next one has not, and nothing of it is kept."""
    vn.receive(frame_of(th, urgent(1)))
    begun = list[bool]()

    def slow(tree: Any) -> Any:
        if not begun:
            begun.append(True)
            vn.receive(frame_of(th, urgent(1, **CANCEL)))
        return marking_of_tree(tree)

    monkeypatch.setattr("suar.service.feed.written_events.marking_of_tree", slow)
    assert types(written_events(vn)) == [(id_of(1), "new")]
    assert len(vn.core.opened_texts) == 0
    assert types(written_events(vn)) == [(id_of(1), "cancel")]


def test_nor_when_a_legal_hold_keeps_it(two: Two) -> None:
    """Nothing is destroyed, and its row stays as it was opened."""
    [id_] = two.publish(new("a"))
    two.to_sg()
    assert SECRET.encode() in written_events(two.sg)[0]
    for who in ("anan", "boon"):
        holds.add(two.sg.core, id_, who, "court order 7", two.sg.now + 30 * limits.DAY)
    two.cancel(id_)
    two.to_sg()
    assert types(written_events(two.sg)) == [(id_, "cancel")]
    alter(two.sg, "delete from message where rev = 2")
    assert written_events(two.sg) == []


COLUMNS = (
    "tlp = 'CLEAR'", "origin = 'SG'", "sent = sent - 1", "at = at - 1", "expires = expires + 1", "realm = 'exercise'",
    "kind = 'trend'", "action = 'update'", "lane = 3", "digest = zeroblob(32)", "place = 5",
    "frame_hash = zeroblob(32)", "id = 'SG-ALERT-2027-000001'", "rev = 7", "body_key = zeroblob(32)",
)  # fmt: skip


@pytest.mark.parametrize("change", COLUMNS)
def test_a_row_that_was_altered_after_it_was_opened_is_not_served(vn: CoreKit, th: Sending, change: str) -> None:
    vn.receive(frame_of(th, urgent(1)))
    assert len(written_events(vn)) == 1
    alter(vn, f"update message set {change}")
    assert written_events(vn) == []
    assert vn.core.suspects == {1}


def test_a_text_is_not_served_under_the_head_of_another(vn: CoreKit, th: Sending) -> None:
    """Both were opened; the strict one's body and key are written into the other's row."""
    vn.receive(frame_of(th, urgent(1, handling=["law-enforcement-only"]), urgent(2)))
    assert len(written_events(vn, "police", agency(vn, "police", "law-enforcement"))) == 2
    strict = "(select {0} from message where n = 1)"
    alter(vn, f"update message set body = {strict.format('body')}, body_key = {strict.format('body_key')} where n = 2")
    assert written_events(vn) == []


# -- bounded


def test_it_holds_so_many_and_so_many_bytes_and_drops_the_oldest() -> None:
    kept = OpenedTexts(3, 100)
    for number in range(5):
        kept.keep(number, f"value {number}", 10, kept.turn)
    assert [kept.find(number) for number in range(5)] == [None, None, "value 2", "value 3", "value 4"]
    kept.keep(5, "large", 90, kept.turn)
    assert [kept.find(number) for number in range(2, 6)] == [None, None, "value 4", "large"]
    kept.keep(6, "too large", 101, kept.turn)
    assert (kept.find(6), kept.find(5)) == (None, "large")


def test_what_was_read_before_it_was_emptied_is_not_kept() -> None:
    kept = OpenedTexts()
    turn = kept.turn
    kept.keep("a", 1, 1, turn)
    kept.clear()
    kept.keep("b", 2, 1, turn)
    kept.keep("c", 3, 1, None)
    assert len(kept) == 0


def test_reading_in_pages_continues_when_nothing_can_be_kept(vn: CoreKit, th: Sending) -> None:
    vn.core.opened_texts = vn.core.pages = OpenedTexts(0)
    vn.receive(frame_of(th, urgent(1), urgent(2)))
    assert types(written_events(vn)) == types(written_events(vn)) == [(id_of(1), "new"), (id_of(2), "new")]
    assert len(vn.core.opened_texts) == 0


# -- positions


def test_a_position_of_before_is_still_one(vn: CoreKit) -> None:
    selection, position = FeedSelection(agency="clinic"), FeedPosition(expired=(7, 8))
    sealed = vn.core.vault.wrap(msgspec.msgpack.encode(position), f"feed {selection.as_line()}")
    name = urlsafe_b64encode(sealed).decode().rstrip("=")
    assert decode_position(vn.core, selection, name) == position


def test_secrets_that_are_wrapped_at_once_open_one_by_one_for_what_they_are_about_alone() -> None:
    vault, secrets = Vault(Secret(b"k" * 32)), [b"", b"one", b"one", b"x" * 200]
    wrapped = vault.wrap_all(secrets, "places")
    assert len(set(wrapped)) == len(secrets)
    assert [bytes(vault.unwrap_one(each, "places")) for each in wrapped] == secrets
    flipped = bytes([wrapped[1][-1] ^ 1])
    for other, each, about in (
        (vault, wrapped[1], "others"), (Vault(Secret(b"o" * 32)), wrapped[1], "places"),
        (vault, wrapped[1][:-1] + flipped, "places"), (vault, wrapped[1][:44] + wrapped[3][44:], "places"),
        (vault, wrapped[1][:40], "places"), (vault, b"", "places"),
    ):  # fmt: skip
        with pytest.raises(Fault, match="does not open"):
            other.unwrap_one(each, about)
