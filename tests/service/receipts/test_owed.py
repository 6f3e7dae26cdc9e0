"""A member that returns from suspension gets what was published to all meanwhile, and nobody else does."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from suar.protocol.base import limits, subjects
from suar.protocol.base.primitives import ACTUAL, EXERCISE
from suar.service.gaps import suspension_backlog
from suar.service.gaps.suspension_backlog import SuspensionBacklog
from suar.service.publish import accepting, cancelling, sealing
from suar.service.reading import views
from suar.service.receipts.returned_members import Return, returned_by
from suar.service.status.hub_link import FINE
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.status.why import why
from suar.service.trust import trust_sync
from suar.store.outbound import owed
from support.corekit import CoreKit, bundle_of, rows
from support.gateways import draft
from support.kit import NOW, ListMaker, actor, member_row
from support.pairs import Two

EXPIRES = "2027-03-30T00:00:00Z"
SEEN = ProcessState(
    BusState(is_connected=True, source_active_seconds=0.1, link=FINE), is_settled=True, has_stood_down=False
)


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    """TH with everybody's bundle; VN is suspended."""
    made = CoreKit(tmp_path / "th", "TH")
    made.receive_bundles()
    trust_sync.rotate_bundle(made.core)
    made.core.enable_immediate_sealing(lambda: True)
    yield made
    made.close()


def receive(kit: CoreKit, lists: ListMaker) -> ListMaker:
    kit.receive((subjects.hub("SG", subjects.trust(lists.version)), lists.signed()))
    assert kit.core.world.trust.version == lists.version
    return lists


def after(kit: CoreKit, lists: ListMaker, members: list[list[Any]]) -> ListMaker:
    kit.now += limits.MINUTE
    return receive(kit, lists.after(issued=kit.now, members=members))


def with_status(kit: CoreKit, lists: ListMaker, status: str, code: str = "VN", **more: Any) -> ListMaker:
    rows_ = [[*row[:2], status if row[0] == code else row[2], *row[3:]] for row in lists.members]
    if "read" in more:
        rows_ = [[*row[:5], more["read"]] if row[0] == code else row for row in rows_]
    return after(kit, lists, rows_)


def publish(kit: CoreKit, title: str, audience: Any = "all", *, realm: str = ACTUAL, **changes: Any) -> str:
    kit.now += limits.SECOND
    body = draft(title, audience, **({"expires": EXPIRES} | changes))
    if realm == EXERCISE:
        body["text"][0]["title"] = f"EXERCISE: {title}"
    (verdict,) = accepting.accept(kit.core, [(json.dumps(body).encode(), None)], realm=realm, token="test")
    assert verdict.verdict == "published", verdict
    return str(verdict.id)


def send(kit: CoreKit) -> list[str]:
    """Seal and publish; the channels of the frames with messages."""
    while sealing.seal_queued(kit.core):
        pass
    rows_ = sealing.next_to_publish(kit.core, 1_000)
    sealing.mark_published(kit.core, rows_)
    return [row.channel for row in rows_ if row.messages]


def shown(kit: CoreKit, id_: str, member: str = "VN") -> str | None:
    found = views.deliveries(kit.core, id_)
    assert found is not None
    return found["members"][member]["state"] if member in found["members"] else None


def cause(kit: CoreKit, id_: str, member: str = "VN") -> Any:
    found = why(kit.core, id_, member, SEEN)
    assert found is not None
    return found["cause"]


def run_due(kit: CoreKit) -> int:
    return SuspensionBacklog(kit.core).run_due()


def test_owed_at_once_then_sealed_for_it_alone(th: CoreKit) -> None:
    before = publish(th, "before")
    suspended = with_status(th, th.lists, "suspended")
    meanwhile = publish(th, "meanwhile")
    send(th)
    assert (shown(th, meanwhile), cause(th, meanwhile)) == (None, "suspended")
    with_status(th, suspended, "active")
    assert (shown(th, meanwhile), cause(th, meanwhile)) == ("owed", "owed")  # before anything was looked through
    th.restart()
    assert (shown(th, meanwhile), cause(th, meanwhile)) == ("owed", "owed")
    assert run_due(th) == 1
    assert shown(th, meanwhile) == "queued"
    assert shown(th, before) != "owed"
    assert "VN" in send(th)
    assert th.states(meanwhile)["VN"] == "sent"
    assert run_due(th) == 0


def test_received_and_stored(tmp_path: Path) -> None:
    """SG itself: its receipt comes back, and the delivery ends as stored."""
    two = Two(tmp_path)
    suspended = two.th.lists.after(
        issued=NOW + 1, members=[[*r[:2], "suspended" if r[0] == "SG" else r[2], *r[3:]] for r in two.th.lists.members]
    )
    returned = suspended.after(issued=NOW + 2, members=two.th.lists.members)
    receive(two.th, suspended), receive(two.sg, suspended)
    two.th.now += limits.SECOND
    (id_,) = two.publish(draft("while SG was away", expires=EXPIRES))
    two.to_sg()
    receive(two.th, returned), receive(two.sg, returned)
    assert views.inbox(two.sg.core, kind=None, origin=None, status=None, after=None, limit=10) == []
    assert two.states(id_)["state"] == "owed"
    assert run_due(two.th) == 1
    two.to_sg()
    two.to_th()
    state = two.states(id_)
    assert (state["state"], state["missing"]) == ("stored", None)
    (line,) = views.inbox(two.sg.core, kind=None, origin=None, status=None, after=None, limit=10)
    assert line["title"] == "while SG was away"
    assert rows(two.th, "select count(*) from delivery") == [(0,)]
    two.th.close()
    two.sg.close()


def test_a_member_that_no_earlier_list_had_is_owed_nothing(th: CoreKit) -> None:
    newcomer = actor("XA")
    th.now += limits.MINUTE
    id_ = publish(th, "before XA joined")
    send(th)
    after(th, th.lists, sorted([*th.lists.members, member_row(newcomer)]))
    th.receive(bundle_of(newcomer))
    assert run_due(th) == 0
    assert (shown(th, id_, "XA"), cause(th, id_, "XA")) == (None, "not-in-audience")


def test_what_was_published_before_it_joined_is_not_owed_at_its_return(th: CoreKit) -> None:
    newcomer = actor("XA")
    early = publish(th, "before XA joined")
    joined = after(th, th.lists, sorted([*th.lists.members, member_row(newcomer)]))
    th.receive(bundle_of(newcomer))
    suspended = with_status(th, joined, "suspended", "XA")
    meanwhile = publish(th, "meanwhile")
    send(th)
    with_status(th, suspended, "active", "XA")
    assert run_due(th) == 1
    assert (shown(th, early, "XA"), shown(th, meanwhile, "XA")) == (None, "queued")


def test_a_member_that_was_not_listed_for_a_while(th: CoreKit) -> None:
    gone = after(th, th.lists, [row for row in th.lists.members if row[0] != "VN"])
    id_ = publish(th, "while VN was not listed")
    after(th, gone, th.lists.members)
    assert run_due(th) == 1
    assert shown(th, id_) == "queued"


def test_only_what_is_in_force_and_actual_and_to_all(th: CoreKit) -> None:
    first, cancelled_before = publish(th, "revised meanwhile"), publish(th, "cancelled meanwhile")
    send(th)
    suspended = with_status(th, th.lists, "suspended")
    expired = publish(th, "expires soon", expires="2027-01-15T09:30:00Z")
    cancelled = publish(th, "published and cancelled meanwhile")
    revised = publish(th, "published and revised meanwhile")
    exercise = publish(th, "drill", realm=EXERCISE)
    named = publish(th, "for two", ["KH", "SG"])
    wanted = publish(th, "wanted")
    for id_ in (first, revised):
        assert publish(th, "revision", id=id_, action="update") == id_
    for id_ in (cancelled_before, cancelled):
        assert cancelling.cancel(th.core, id_, "desk", "wrong border post") is not None
    send(th)
    th.now += 3 * limits.HOUR
    with_status(th, suspended, "active")
    run_due(th)
    got = rows(th, "select id, rev from queue where channel = 'VN' and id is not null")
    had = {(first, 1), (cancelled_before, 1)}  # on their way when it was suspended: sealed again as before
    assert set(got) - had == {(first, 2), (revised, 2), (wanted, 1), (cancelled_before, 2)}
    assert [shown(th, id_) for id_ in (expired, cancelled, exercise, named)] == [None] * 4


def test_a_kind_that_it_may_read_no_more(th: CoreKit) -> None:
    suspended = with_status(th, th.lists, "suspended")
    id_ = publish(th, "an alert")
    send(th)
    with_status(th, suspended, "active", read=["trend"])
    assert run_due(th) == 0
    assert (shown(th, id_), cause(th, id_)) == (None, "kind-not-permitted")


def test_the_most_urgent_goes_first_and_a_day_has_its_bytes(th: CoreKit) -> None:
    suspended = with_status(th, th.lists, "suspended")
    low = publish(th, "some time", urgency="future")
    high = publish(th, "now", urgency="immediate", ack_within=24)
    middle = publish(th, "soon")
    send(th)
    with_status(th, suspended, "active")
    ((size,),) = rows(th, f"select max(length(body)) from message where id in ('{low}', '{high}', '{middle}')")
    made = msgspec.structs.replace(th.core.config.limits, sent_again_bytes_a_day=2 * size)
    th.core.config = msgspec.structs.replace(th.core.config, limits=made)
    assert run_due(th) == 2
    assert rows(th, "select id from queue where channel = 'VN' order by n") == [(high,), (middle,)]
    assert (shown(th, low), cause(th, low)) == ("owed", "owed")
    th.restart()
    th.core.config = msgspec.structs.replace(th.core.config, limits=made)
    assert run_due(th) == 0
    th.now += limits.DAY
    assert run_due(th) == 1
    assert shown(th, low) == "queued"


def test_nothing_is_sealed_while_the_stream_is_half_full_or_it_has_no_key(th: CoreKit) -> None:
    suspended = with_status(th, th.lists, "suspended")
    id_ = publish(th, "meanwhile")
    send(th)
    with_status(th, suspended, "active")
    th.core.outbox_capacity.update(60, 100, 0, th.core.outbox_capacity.taken)
    assert run_due(th) == 0
    assert (shown(th, id_), cause(th, id_)) == ("owed", "owed")
    th.core.outbox_capacity.update(10, 100_000_000, 0, th.core.outbox_capacity.taken)
    held = th.core.world.bundles
    bundles = {code: held.newest_valid(code, th.core.world.trust, th.now) for code in ("VN",)}
    assert bundles["VN"] is not None
    th.now = bundles["VN"].bundle.not_after
    assert run_due(th) == 0
    assert shown(th, id_) == "owed"


def test_in_pages_over_a_restart(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owed, "WALK_ROWS", 4)
    monkeypatch.setattr(owed, "MARK_ROWS", 2)
    monkeypatch.setattr(suspension_backlog, "SEAL_BATCH", 3)
    for n in range(6):
        publish(th, f"before {n}")
    suspended = with_status(th, th.lists, "suspended")
    ids = [publish(th, f"meanwhile {n}") for n in range(7)]
    send(th)
    with_status(th, suspended, "active")
    steps = 0
    while rows(th, "select before from returned") != [(0,)]:
        assert run_due(th) == 0 or rows(th, "select before from returned") == [(0,)]
        assert {shown(th, id_) for id_ in ids} <= {"owed", "queued"}
        th.restart()
        th.core.enable_immediate_sealing(lambda: True)
        steps += 1
    assert steps >= 3
    while run_due(th):
        pass
    assert {shown(th, id_) for id_ in ids} == {"queued"}
    queued = [id_ for (id_,) in rows(th, "select id from queue where channel = 'VN'") if id_ in ids]
    assert sorted(queued) == sorted(ids)


def test_what_waits_to_be_sealed_for_all_reaches_it_so(th: CoreKit) -> None:
    suspended = with_status(th, th.lists, "suspended")
    th.core.enable_immediate_sealing(lambda: False)
    id_ = publish(th, "not sealed yet")
    with_status(th, suspended, "active")
    assert run_due(th) == 0
    assert shown(th, id_) == "queued"
    th.core.enable_immediate_sealing(lambda: True)
    assert send(th) == ["all"]
    assert th.states(id_) == {"KH": "sent", "SG": "sent", "VN": "sent"}


def test_what_is_cancelled_while_it_is_owed_is_owed_no_more(th: CoreKit) -> None:
    suspended = with_status(th, th.lists, "suspended")
    id_ = publish(th, "meanwhile")
    send(th)
    with_status(th, suspended, "active")
    th.core.outbox_capacity.update(60, 100, 0, th.core.outbox_capacity.taken)
    run_due(th)
    assert shown(th, id_) == "owed"
    th.core.outbox_capacity.update(0, 100_000_000, 0, th.core.outbox_capacity.taken)
    assert cancelling.cancel(th.core, id_, "desk", "wrong border post") is not None
    assert run_due(th) == 0
    assert "VN" not in th.states(id_, 1)
    assert rows(th, "select count(*) from delivery where state = 'owed'") == [(0,)]


def test_suspended_again_before_all_was_sealed(th: CoreKit) -> None:
    suspended = with_status(th, th.lists, "suspended")
    first = publish(th, "the first time")
    send(th)
    returned = with_status(th, suspended, "active")
    th.core.outbox_capacity.update(60, 100, 0, th.core.outbox_capacity.taken)
    run_due(th)
    th.core.outbox_capacity.update(0, 100_000_000, 0, th.core.outbox_capacity.taken)
    again = with_status(th, returned, "suspended")
    second = publish(th, "the second time")
    send(th)
    assert run_due(th) == 0
    assert cause(th, first) == "suspended"
    with_status(th, again, "active")
    assert run_due(th) == 2
    assert [shown(th, id_) for id_ in (first, second)] == ["queued", "queued"]


def test_a_list_that_suspends_and_one_that_takes_back_in_one_batch(th: CoreKit) -> None:
    """Our line was cut meanwhile: to us it was never away, and it has what we sent."""
    th.now += limits.MINUTE
    suspended = th.lists.after(
        issued=th.now, members=[[*r[:2], "suspended" if r[0] == "VN" else r[2], *r[3:]] for r in th.lists.members]
    )
    id_ = publish(th, "to us it was active")
    returned = suspended.after(issued=th.now, members=th.lists.members)
    th.receive(*((subjects.hub("SG", subjects.trust(each.version)), each.signed()) for each in (suspended, returned)))
    assert run_due(th) == 0
    assert shown(th, id_) in ("queued", "sent")


def test_since_when_it_was_away(th: CoreKit) -> None:
    trust = th.core.world.trust
    assert returned_by(trust, "VN") is None
    suspended = with_status(th, th.lists, "suspended")
    assert returned_by(trust, "VN") is None
    longer = after(th, suspended, [row for row in suspended.members if row[0] != "VN"])
    back = with_status(th, after(th, longer, suspended.members), "active")
    assert returned_by(trust, "VN") == Return(back.version, suspended.issued)
    after(th, back, back.members)
    assert returned_by(trust, "VN") == Return(back.version, suspended.issued)
    assert returned_by(trust, "XA") is None


# -- a recall while a member that has the text is suspended


def recalled(kit: CoreKit, id_: str) -> None:
    done = cancelling.cancel(kit.core, id_, "desk", "wrong border post")
    assert done is not None
    assert done.verdict.verdict == "published", done.verdict
    send(kit)


def counted(kit: CoreKit, id_: str) -> int:
    found = views.deliveries(kit.core, id_)
    assert found is not None
    return int(found["counts"]["of"])


def test_a_recall_shows_who_had_the_text_and_is_away(th: CoreKit) -> None:
    """Before, it stood in no line, and everybody who was shown had recalled it."""
    had = publish(th, "had")
    send(th)
    suspended = with_status(th, th.lists, "suspended")
    never = publish(th, "never had")
    for id_ in (had, never):
        recalled(th, id_)
    assert (shown(th, had), counted(th, had), cause(th, had)) == ("owed", 3, "suspended")
    assert shown(th, never) is None, "it never had a text of this one"
    with_status(th, suspended, "active")
    assert (shown(th, had), counted(th, had), cause(th, had)) == ("owed", 3, "owed")
    run_due(th)
    send(th)
    assert (shown(th, had), counted(th, had)) == ("sent", 3)


def test_nothing_is_shown_as_owed_that_will_not_be(th: CoreKit) -> None:
    ids = [publish(th, "drill", realm=EXERCISE), publish(th, "an alert")]
    send(th)
    with_status(th, th.lists, "suspended")
    for id_ in ids:
        recalled(th, id_)
    th.now += 200 * limits.DAY
    assert [shown(th, id_) for id_ in ids] == [None, None]


@pytest.mark.parametrize("audience", [["SG", "VN"], ["VN"]])
@pytest.mark.parametrize("more", [{"status": "suspended"}, {"status": "active", "read": ["trend"]}])
def test_one_member_s_suspension_holds_up_no_recall(th: CoreKit, audience: list[str], more: dict[str, Any]) -> None:
    """Before, a message that names it could not be recalled anywhere until it returned."""
    id_ = publish(th, "to some", audience)
    send(th)
    away = with_status(th, th.lists, **more)
    recalled(th, id_)
    others = {code: "sent" for code in audience if code != "VN"}
    trust_sync.release_parked(th.core)
    send(th)
    assert th.states(id_, 2) == {**others, "VN": "no-valid-key"}
    with_status(th, away, "active", read=["*"])
    trust_sync.release_parked(th.core)
    send(th)
    assert th.states(id_, 2) == {**others, "VN": "sent"}


def test_a_member_that_is_listed_no_more_holds_up_no_recall(th: CoreKit) -> None:
    """It counts as suspended."""
    named, to_all = publish(th, "to both", ["SG", "VN"]), publish(th, "to all")
    send(th)
    gone = after(th, th.lists, [row for row in th.lists.members if row[0] != "VN"])
    for id_ in (named, to_all):
        recalled(th, id_)
    assert th.states(named, 2) == {"SG": "sent", "VN": "no-valid-key"}
    assert shown(th, to_all) == "owed"
    after(th, gone, th.lists.members)
    th.receive(bundle_of(actor("VN")))
    trust_sync.release_parked(th.core)
    run_due(th)
    send(th)
    assert [shown(th, id_) for id_ in (named, to_all)] == ["sent", "sent"]


def test_a_cancel_by_hand_names_members_alone(th: CoreKit) -> None:
    """A slip in a code is told: who was meant would keep the text."""
    id_ = publish(th, "to both", ["SG", "VN"])
    body = draft("over", ["SG", "MM"], expires=EXPIRES) | {"action": "cancel", "id": id_, "reason": "over"}
    (verdict,) = accepting.accept(th.core, [(json.dumps(body).encode(), None)], realm=ACTUAL, token="test")
    assert "E-AUDIENCE-EMPTY" in [reason.code for reason in verdict.reasons]


def test_what_is_no_cancel_names_no_suspended_member(th: CoreKit) -> None:
    with_status(th, th.lists, "suspended")
    body = json.dumps(draft("to both", ["SG", "VN"], expires=EXPIRES)).encode()
    (verdict,) = accepting.accept(th.core, [(body, None)], realm=ACTUAL, token="test")
    assert [reason.code for reason in verdict.reasons] == ["E-AUDIENCE-EMPTY"]
