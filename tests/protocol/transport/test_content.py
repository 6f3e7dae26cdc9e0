"""[F8] [F9] What needs a look at what is held, where messages.md leaves the order of arrival open."""

import pytest

from support.kit import Receiver, actor, alert, open_sending

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
