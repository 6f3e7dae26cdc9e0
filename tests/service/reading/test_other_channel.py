"""A revision or a cancel that came by another channel than the text that it changes: the reader is told."""

from typing import Any

import pytest

from suar.console.views import texts
from suar.console.views.texts import Part
from suar.languages.names import names
from suar.languages.rendering import reading
from suar.languages.tags import ENGLISH
from suar.service.reading import views
from support.corekit import CoreKit, epoch_of, frame_of
from support.kit import Sending, actor, alert, open_sending
from support.pairs import Two, new

ID = "TH-ALERT-2027-000403"
ALONE = "Revision 2 came to us alone, and revision 1, which it changes, to all: others may not have it."


@pytest.fixture
def alone(vn: CoreKit) -> Sending:
    """TH's channel to VN alone."""
    sending = open_sending(actor("TH"), vn.lists, channel="VN", to=("TH", "VN"))
    vn.receive(epoch_of(sending))
    return sending


def revision(sending: Sending, rev: int, action: str, *, audience: Any = "all") -> tuple[str, bytes]:
    more = {"reason": "no victims on the bus"} if action == "cancel" else {}
    return frame_of(sending, alert(ID, rev=rev, action=action, audience={"members": audience}, **more))


def found(kit: CoreKit, id_: str = ID, rev: int | None = None) -> dict[str, Any]:
    shown = views.message(kit.core, id_, rev)
    assert shown is not None
    return shown


def delivery_text(kit: CoreKit, rev: int | None = None) -> str:
    return " ".join(" ".join(reading.shown(found(kit, rev=rev), ENGLISH)).split())


@pytest.mark.parametrize("audience", ["all", ["VN"]])
def test_an_update_for_one_member_alone_of_what_went_to_all(
    vn: CoreKit, th: Sending, alone: Sending, audience: Any
) -> None:
    """The others go on reading the first text, whatever audience the update names."""
    vn.receive(revision(th, 1, "new"))
    assert found(vn)["other_channel"] is None
    vn.receive(revision(alone, 2, "update", audience=audience))
    assert found(vn)["other_channel"] == {"rev": 2, "channel": "VN", "changes": 1, "changed_channel": "all"}
    assert ALONE in delivery_text(vn)
    assert ALONE in delivery_text(vn, rev=1)
    assert Part("note", ALONE) in texts.shown(found(vn), names("en")).before  # in the console
    vn.restart()
    assert ALONE in delivery_text(vn)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_cancel_for_one_member_alone_before_or_after_the_text_that_went_to_all(
    vn: CoreKit, th: Sending, alone: Sending, is_first: bool
) -> None:
    both = [revision(th, 1, "new"), revision(alone, 2, "cancel", audience=["VN"])]
    vn.receive(*(both[::-1] if is_first else both))
    assert found(vn)["state"] == "cancelled"
    assert ALONE in delivery_text(vn)
    assert ALONE in delivery_text(vn, rev=1)


def test_a_text_for_us_alone_that_is_changed_for_all(vn: CoreKit, th: Sending, alone: Sending) -> None:
    vn.receive(revision(alone, 1, "new", audience=["VN"]), revision(th, 2, "update"))
    assert "Revision 2 came to all, and revision 1, which it changes, to us alone" in delivery_text(vn)


def test_what_came_by_one_channel_and_what_is_ours_has_no_note(vn: CoreKit, th: Sending, two: Two) -> None:
    vn.receive(revision(th, 1, "new"), revision(th, 2, "update"))
    assert found(vn)["other_channel"] is None
    [id_] = two.publish(new("a"))
    two.publish(new("b", id=id_, action="update"))
    two.to_sg()
    assert [found(kit, id_)["other_channel"] for kit in (two.th, two.sg)] == [None, None]
