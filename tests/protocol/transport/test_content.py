"""[F8] [F9] What needs a look at what is held, where messages.md leaves the order of arrival open."""

import random
from typing import NamedTuple

import pytest

from suar.protocol.transport.admission import admit
from suar.protocol.transport.outcome import Outcome
from support.kit import Receiver, Sending, actor, alert, open_sending

NEW = alert()
UPDATE = alert(rev=3, action="update")
CANCEL = alert(rev=2, action="cancel", reason="found to be untrue")


@pytest.mark.parametrize(
    ("order", "accepted", "refused"),
    [
        ((NEW, CANCEL, UPDATE), [NEW, CANCEL], [2]),
        ((UPDATE, CANCEL, NEW), [UPDATE, NEW], [1]),
    ],
    ids=["cancel first", "update first"],
)
def test_nothing_follows_a_cancel_in_whichever_order_they_come(
    order: tuple[bytes, ...], accepted: list[bytes], refused: list[int]
) -> None:
    reader = Receiver("SG").trust()
    sending = open_sending(actor("TH"), reader.lists)
    reader.receive_epoch(sending)
    out = reader.receive_frame(sending, sending.frame(*order))
    assert [message.data for message in out.messages] == accepted
    assert [(one.index, one.rule, one.code) for one in out.refused] == [
        (n, "F9", "E-MESSAGE-CANCELLED") for n in refused
    ]
    assert out.alarms == []


class Text(NamedTuple):
    id: str
    rev: int
    action: str
    realm: str
    title: str

    def data(self) -> bytes:
        text = [{"lang": "en", "title": self.title, "summary": "Recruiters promise office work"}]
        reason = "found to be untrue" if self.action == "cancel" else None
        return alert(self.id, rev=self.rev, action=self.action, status=self.realm, text=text, reason=reason)


def judge(held: list[Text], new: Text) -> str:
    """[F9] as it is written: by a look at every held message, accepted first."""
    same_id = [each for each in held if each.id == new.id]
    if new in same_id:
        return "duplicate"
    if any(each.rev == new.rev for each in same_id):
        return "E-MESSAGE-EQUIVOCATION"
    if any(each.realm != new.realm for each in same_id):
        return "E-MESSAGE-REALM"
    if any(each.action == "cancel" and new.rev > each.rev for each in same_id):
        return "E-MESSAGE-CANCELLED"
    if new.action == "cancel" and any(each.rev > new.rev for each in same_id):
        return "E-MESSAGE-CANCELLED"
    return "recalled" if any(each.action == "cancel" for each in same_id) else "accepted"


def judged(out: Outcome, texts: list[Text]) -> list[str]:
    found = {each.index: "recalled" if each.is_recalled else "accepted" for each in out.messages}
    found |= {each.index: each.code for each in out.refused}
    return [found.get(n, "duplicate") for n in range(len(texts))]


def drawn(chance: random.Random, realm: str) -> Text:
    rev = chance.randint(1, 6)
    action = "new" if rev == 1 else chance.choice(("update", "update", "cancel"))
    return Text(f"TH-ALERT-2027-00000{chance.randint(1, 3)}", rev, action, realm, chance.choice(("one", "other")))


def test_a_message_is_judged_as_by_a_look_at_all_held_ones() -> None:
    """Over random histories, in a batch and committed: the store is asked for two revisions, and they suffice."""
    seen: dict[str, int] = {}
    for number in range(60):
        chance, reader = random.Random(number), Receiver("SG").trust()
        sendings: dict[str, Sending] = {}
        for realm in ("actual", "exercise"):
            sendings[realm] = open_sending(actor("TH"), reader.lists, realm=realm)
            reader.receive_epoch(sendings[realm])
        held: list[Text] = []
        for _ in range(6):
            realm = chance.choice(("actual", "actual", "exercise"))
            texts = [drawn(chance, realm) for _ in range(chance.randint(1, 6))]
            frame = sendings[realm].frame(*(each.data() for each in texts))
            out = admit(reader.world, sendings[realm].subject, frame, reader.now)
            expected = [_taken(held, each) for each in texts]
            assert judged(out, texts) == expected, (number, texts)
            seen |= dict.fromkeys(expected, number)
            if chance.random() < 0.5:
                reader.memory.commit(reader.world.pop_changes())
    assert len(seen) == 6, seen


def _taken(held: list[Text], new: Text) -> str:
    verdict = judge(held, new)
    if verdict in ("accepted", "recalled"):
        held.append(new)
    return verdict
