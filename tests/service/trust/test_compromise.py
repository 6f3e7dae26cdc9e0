"""`suar compromised`: exactly what a key could open or speak for, and what is stopped."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from suar.federation.request import read_request
from suar.federation.summary import fingerprint
from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL, bundle_kid
from suar.protocol.message.kinds import Receipt
from suar.protocol.message.messages import read
from suar.service.gaps import exposed
from suar.service.publish import accepting, sealing
from suar.service.receipts.receipts import SEALED_AS
from suar.service.settings.outbox_capacity import RECEIPT_PRIORITY
from suar.service.trust import compromise, trust_sync
from suar.service.trust.compromise import compromised
from suar.store import tables as t
from suar.store.outbound import queue
from support.corekit import CoreKit, bundle_of, epoch_of, frame_of
from support.gateways import draft
from support.kit import MEMBERS, NOW, Sending, actor, alert, key_row, member_row, open_sending

OTHERS = [code for code in MEMBERS if code != "TH"]
OLD = bundle_kid("TH", actor("TH").kem_public)  # what `kit` seals to


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    kit = CoreKit(tmp_path / "th", "TH")
    kit.receive(*(bundle_of(actor(code), not_before=NOW - limits.HOUR) for code in OTHERS))
    trust_sync.keep_bundle_fresh(kit.core)
    yield kit
    kit.close()


def publish(kit: CoreKit, title: str) -> str:
    data = json.dumps(draft(title, expires="2027-02-01T00:00:00Z")).encode()
    (verdict,) = accepting.accept(kit.core, [(data, None)], realm=ACTUAL, token="test")
    assert verdict.id is not None, verdict
    return verdict.id


def send(kit: CoreKit) -> list[bytes]:
    kit.now += 1_000
    while sealing.seal_queued(kit.core):
        pass
    rows = sealing.next_to_publish(kit.core, 1_000)
    sealing.mark_published(kit.core, rows)
    return [row.data for row in rows]


def receive(kit: CoreKit, code: str, *numbers: int) -> bytes:
    """Messages of a member, sealed to TH's older bundle; the epoch's id."""
    sending = open_sending(actor(code), kit.lists, to=("TH",))
    kit.receive(epoch_of(sending))
    ids = [f"{code}-ALERT-2027-{number:06d}" for number in numbers]
    kit.receive(frame_of(sending, *(alert(id_, issuer=issuer(code)) for id_ in ids)))
    return sending.opened.id


def issuer(code: str) -> dict[str, str]:
    return {**json.loads(alert())["issuer"], "member": code}


def ids(shown: dict[str, Any]) -> list[str]:
    return [line["id"] for line in shown["messages"]]


def own_kid(kit: CoreKit) -> bytes:
    own = trust_sync.own_bundle(kit.core)
    assert own is not None
    return own.kid


def test_a_bundle_key_exposes_exactly_what_was_sealed_to_it(th: CoreKit) -> None:
    epoch = receive(th, "SG", 1, 2)
    receive(th, "VN", 7)
    mine = publish(th, "sealed to the newer one")
    send(th)
    shown = compromised(th.core, OLD, "operator")
    assert ids(shown) == ["SG-ALERT-2027-000001", "SG-ALERT-2027-000002", "VN-ALERT-2027-000007"]
    assert shown["messages"][0]["epochs"] == [epoch.hex()]
    assert not shown["rotated"]  # a newer one was in use already
    assert ids(compromised(th.core, own_kid(th), "operator")) == [mine]


def test_the_seed_is_gone_and_the_newer_bundle_is_published(th: CoreKit) -> None:
    kid = own_kid(th)
    publish(th, "ours")
    send(th)
    shown = compromised(th.core, kid, "operator")
    assert shown["rotated"]
    assert shown["new_kid"] == own_kid(th).hex() != kid.hex()
    th.restart()
    assert kid not in th.core.world.kem_keys
    assert b"SUK1" in [data[:4] for data in send(th)]
    with pytest.raises(Fault, match="no key of this gateway"):
        compromised(th.core, kid, "operator")


def test_the_new_bundle_is_named_also_when_it_begins_later_than_now(th: CoreKit) -> None:
    """After a clock that was ahead, a new bundle begins later than the one it replaces, which is later than now."""
    kid = own_kid(th)
    th.now += limits.BUNDLE_ROTATION
    assert trust_sync.keep_bundle_fresh(th.core)
    ahead = own_kid(th)
    th.now -= limits.CLOCK_TOLERANCE // 2
    shown = compromised(th.core, ahead, "operator")
    assert shown["rotated"]
    assert bytes.fromhex(shown["new_kid"]) in th.core.world.kem_keys
    assert shown["new_kid"] not in (kid.hex(), ahead.hex())
    rotated = trust_sync.rotate_bundle(th.core)["kid"]
    assert rotated not in (shown["new_kid"], kid.hex(), ahead.hex(), None)


@pytest.mark.parametrize("age", [limits.BUNDLE_SCHEDULED - 1, limits.BUNDLE_SCHEDULED], ids=["early", "late"])
def test_a_rotation_that_a_person_asks_for_is_never_taken_for_the_daily_one(th: CoreKit, age: int) -> None:
    """[E13] The others go on with a key that was replaced by the calendar, and a stolen one may be as old as that."""
    before = own_kid(th)
    th.now += age
    trust_sync.rotate_bundle(th.core)
    world = th.core.world
    assert own_kid(th) != before
    assert not world.bundles.is_in_schedule("TH", before, world.trust, th.now + 1)


def test_the_daily_rotation_makes_one_bundle_and_the_one_before_may_be_sealed_to(th: CoreKit) -> None:
    before = own_kid(th)
    send(th)
    th.now += limits.BUNDLE_ROTATION
    assert trust_sync.keep_bundle_fresh(th.core)
    assert [data[:4] for data in send(th)] == [b"SUK1"]
    world = th.core.world
    assert world.bundles.is_in_schedule("TH", before, world.trust, th.now)


def test_a_lost_seed_is_no_daily_rotation(th: CoreKit) -> None:
    before = own_kid(th)
    th.now += limits.BUNDLE_ROTATION
    th.core.world.kem_keys.pop(before)
    assert trust_sync.keep_bundle_fresh(th.core)
    world = th.core.world
    assert not world.bundles.is_in_schedule("TH", before, world.trust, th.now + 1)


def test_a_key_that_was_replaced_by_the_calendar_is_replaced_once_more_when_it_is_known_to_be_stolen(
    th: CoreKit,
) -> None:
    """The epochs of the others are sealed to it until they end."""
    before = own_kid(th)
    th.now += limits.BUNDLE_ROTATION
    assert trust_sync.keep_bundle_fresh(th.core)
    daily = own_kid(th)
    th.now += limits.HOUR
    shown = compromised(th.core, before, "operator")
    assert (shown["rotated"], shown["new_kid"]) == (True, own_kid(th).hex())
    assert own_kid(th) != daily
    th.now += 2 * limits.DAY
    trust_sync.keep_bundle_fresh(th.core)
    assert not compromised(th.core, daily, "operator")["rotated"]


def test_what_is_still_in_transit_is_requested_again(th: CoreKit) -> None:
    """Its sender is told that we cannot open the epoch from the first frame on that we do not have."""
    epoch = receive(th, "SG", 1)
    assert compromised(th.core, OLD, "operator")["asked_again"] == 1
    with th.core.transaction() as connection:
        rows = [
            row for row in queue.due(connection, 100, RECEIPT_PRIORITY) if row.kind == "receipt" and row.channel == "SG"
        ]
        receipts = [read(bytes(th.core.vault.unwrap(row.body, SEALED_AS))) for row in rows]
    (asking,) = [each for each in receipts if isinstance(each, Receipt) and each.stage == "missing"]
    assert asking.code == "E-LEFT-OUT"
    assert (asking.of[0].epoch, asking.of[0].first, asking.of[0].last) == (epoch.hex(), 1, 65_535)


def test_an_identity_key_revokes_itself_and_nothing_more_is_sealed(th: CoreKit) -> None:
    kid = th.core.sender.identity.kid
    receive(th, "SG", 1)
    published = publish(th, "said with it")
    send(th)
    shown = compromised(th.core, kid, "operator")
    assert ids(shown) == [published]
    assert [(each["realm"], each["channel"]) for each in shown["live_epochs"]] == [
        ("actual", "all"), ("actual", "SG"),
    ]  # fmt: skip
    assert shown["sealing"]["code"] == "E-SELF-SUSPENDED"
    assert th.core.world.trust.is_revoked(kid)
    publish(th, "waits")
    sent = send(th)
    assert [data[:4] for data in sent] == [b"SUR1"]
    request = read_request(Path(shown["request"]).read_bytes(), "the request")
    assert request.request.kid == th.keyring.identity.kid != kid
    assert request.endorsement is None  # the stolen key endorses nothing


def test_the_fresh_key_speaks_once_a_list_has_it_and_unconfirmed_messages_leave_again(th: CoreKit) -> None:
    kid = th.core.sender.identity.kid
    published = publish(th, "said with it")
    send(th)
    assert compromised(th.core, kid, "operator")["queued_again"] == len(OTHERS)
    send(th)
    waits = publish(th, "waits")
    fresh = th.keyring.identity
    rows = [member_row(actor(code)) for code in MEMBERS if code != "TH"]
    own = [key_row(actor("TH"), revoked_at=NOW), [fresh.kid, fresh.public, NOW - 1, NOW + limits.DAY, None]]
    following = th.lists.after(members=sorted([*rows, member_row(actor("TH"), keys=own)]))
    th.receive((subjects.hub("SG", subjects.trust(2)), following.signed()))
    assert trust_sync.keep_bundle_fresh(th.core)
    epochs = [data for data in send(th) if data[:4] == b"SUE1"]
    assert {data[4:20] for data in epochs} == {fresh.kid}
    for id_ in (published, waits):
        assert set(th.states(id_).values()) == {"sent"}


def test_a_second_time_changes_nothing(th: CoreKit) -> None:
    kid = th.core.sender.identity.kid
    first = compromised(th.core, kid, "operator")
    second = compromised(th.core, kid, "operator")
    assert len(th.keyring.identities) == 2
    assert second["request"] == first["request"]


def test_a_key_that_is_not_ours(th: CoreKit) -> None:
    named = f"no key of this gateway has the kid {fingerprint(actor('SG').kid)}"
    with pytest.raises(Fault, match=named) as caught:
        compromised(th.core, actor("SG").kid, "operator")
    assert "suar keys show" in caught.value.hint


def test_it_goes_in_steps_of_which_none_is_long(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is stopped by the first; what reads never writes; in between the core does other work."""
    monkeypatch.setattr(compromise, "QUEUED_BATCH", 2)
    monkeypatch.setattr(exposed, "MESSAGES", 2)
    monkeypatch.setattr(exposed, "EPOCHS", 1)
    kid = th.core.sender.identity.kid
    published = [publish(th, f"said {number}") for number in range(5)]
    send(th)
    answer: dict[str, Any] = {}
    done = []
    for step in compromise.steps(th.core, kid, "operator", answer):
        step.do()
        assert th.core.world.trust.is_revoked(kid)
        if not step.is_read:
            done.append(answer["queued_again"])
        publish(th, "meanwhile")
    assert ids(answer) == published
    assert done == [0, 2 * len(OTHERS), 4 * len(OTHERS), 5 * len(OTHERS)]


def test_who_was_interrupted_asks_again(th: CoreKit) -> None:
    kid = th.core.sender.identity.kid
    publish(th, "said with it")
    send(th)
    for step in compromise.steps(th.core, kid, "operator", {}):
        step.do()
        break  # only the key is stopped
    assert compromised(th.core, kid, "operator")["queued_again"] == len(OTHERS)
    assert compromised(th.core, kid, "operator")["queued_again"] == 0


@pytest.mark.sqlite  # counted in its own steps
@pytest.mark.parametrize("which", ["bundle", "identity"])
def test_the_work_grows_with_the_messages_and_not_with_their_square(tmp_path: Path, which: str) -> None:
    """Counted in SQLite's own steps, with twice the messages."""
    counts = []
    for size in (2_000, 4_000):
        kit = CoreKit(tmp_path / str(size), "TH")
        kit.receive(*(bundle_of(actor(code), not_before=NOW - limits.HOUR) for code in OTHERS))
        counts.append(work(kit, which, size))
        kit.close()
    assert counts[1] < 3 * counts[0], counts


def work(th: CoreKit, which: str, count: int) -> int:
    """Thousands of steps of SQLite's machine for a key with so many frames, a message in each."""
    first = 100_000
    member, kid = ("SG", OLD) if which == "bundle" else ("TH", th.core.sender.identity.kid)
    sending = open_sending(actor(member), th.lists, to=("TH",) if which == "bundle" else ("SG",))
    hashes = [number.to_bytes(32) for number in range(first, first + count)]
    with th.core.database.begin() as connection:
        rows = [
            {
                "id": f"{member}-ALERT-2027-{first + n}", "rev": 1, "digest": name, "origin": member, "kind": "alert",
                "realm": "actual", "action": "new", "tlp": "AMBER", "at": NOW, "sent": NOW, "expires": NOW, "lane": 1,
                "frame_hash": name if which == "bundle" else None, "readers": "SG,",
            }
            for n, name in enumerate(hashes)
        ]  # fmt: skip
        connection.execute(t.message.insert(), rows)
        if which == "bundle":
            th_epoch(th, connection, sending)
            named = [{"seq": n, "hash": name, "prev": name} for n, name in enumerate(hashes)]
            connection.execute(t.frame.insert(), [{"epoch_id": sending.opened.id, **row} for row in named])
        else:
            own = {
                "subject": "s", "at": NOW, "messages": 1, "epoch_id": sending.opened.id, "channel": "SG",
                "realm": "actual", "published": NOW, "msg_id": "",
            }  # fmt: skip
            connection.execute(
                t.outbox.insert(), [own | {"data": sending.opened.data, "seq": None, "frame_hash": None}]
            )
            frames = [own | {"data": bytes(300), "seq": n, "frame_hash": name} for n, name in enumerate(hashes)]
            connection.execute(t.outbox.insert(), frames)
            connection.execute(
                t.place.insert(),
                [
                    {"frame_hash": name, "place": 0, "id": row["id"], "rev": 1, "owed": True}
                    for name, row in zip(hashes, rows, strict=True)
                ],
            )
            kept = {"channel": "SG", "messages": 1, "queued": NOW, "sent": NOW}
            waits = [kept | {"hash": name, "waits": "" if n % 10 else "SG,"} for n, name in enumerate(hashes)]
            connection.execute(t.own_frame.insert(), waits)
    counted = 0

    def count_steps() -> int:
        nonlocal counted
        counted += 1
        return 0

    for database in (th.core.database.begin(), th.core.database.reading()):
        with database as connection:
            raw = connection.connection.dbapi_connection
            assert raw is not None
            raw.set_progress_handler(count_steps, 1_000)
    assert len(compromised(th.core, kid, "operator")["messages"]) == count
    return counted


def th_epoch(th: CoreKit, connection: Connection, sending: Sending) -> None:
    """The epoch of a member as it is kept."""
    epoch = {
        "id": sending.opened.id, "signer": actor("SG").kid, "realm": "actual", "channel": "all", "kind": "open",
        "data": sending.opened.data, "not_before": sending.opened.epoch.not_before, "live": True, "next": 1,
        "last_hash": bytes(32), "missing": b"\x90", "frozen": False, "tip_frames": 0, "tip_signature": bytes(64),
    }  # fmt: skip
    connection.execute(t.epoch.insert(), [epoch])
