"""Heartbeats of other members, kept one an hour, show in files of evidence who had a message's frame."""

from pathlib import Path

import pytest

from suar.protocol.base import limits
from suar.protocol.files.evidence import read
from suar.service.publish import sealing
from suar.service.reading import proof_keeping
from suar.service.reading.epoch_secrets import EpochSecrets
from suar.service.trust import trust_sync
from suar.store.inbound import commitments
from suar.store.recovery.readback import epoch_data
from support import stores
from support.corekit import CoreKit, bundle_of, rows
from support.kit import actor
from support.proving import carry, proved, publish

CODES = ("KH", "SG", "TH", "VN")


@pytest.fixture
def three(tmp_path: Path) -> tuple[CoreKit, CoreKit, CoreKit]:
    """TH, which keeps heartbeats, SG and VN, each with the bundles of all others."""
    th, sg, vn = (CoreKit(tmp_path / code, code) for code in ("TH", "SG", "VN"))
    switch_on(th)
    for each in (th, sg, vn):
        each.receive(*(bundle_of(actor(code)) for code in CODES if code != each.code))
        trust_sync.rotate_bundle(each.core)
    return th, sg, vn


def switch_on(kit: CoreKit) -> None:
    file = kit.folder / "suar.toml"
    file.write_text(file.read_text() + "\n[evidence]\npeer_heads = true\n")
    kit.restart()


def beat(sender: CoreKit, receiver: CoreKit) -> None:
    assert sealing.seal_heartbeat(sender.core)
    carry(sender, receiver)


def later(hours: int, *kits: CoreKit) -> None:
    for each in kits:
        each.now += hours * limits.HOUR


def kept(kit: CoreKit) -> list[tuple[str, int]]:
    found = rows(kit, "select member, hour, at from peer_heartbeat order by member, hour")
    return [(row.member, row.at) for row in found]


def test_members_that_had_the_frame_are_named(three: tuple[CoreKit, CoreKit, CoreKit]) -> None:
    th, sg, vn = three
    (id_,) = publish(th, "one")
    carry(th, sg)
    for kit in (sg, vn):  # VN has nothing of it
        beat(kit, th)
    found, file = proved(th, id_)
    (one,) = found.witnesses
    assert (one.member, one.is_proved) == ("SG", True)
    assert one.about.hash == found.frames[0].hash
    assert one.frame.parsed.ts == sg.now
    assert [body for body, _ in read(file).witnesses]


def test_the_first_of_each_hour_is_kept_and_old_ones_are_not(three: tuple[CoreKit, CoreKit, CoreKit]) -> None:
    th, sg, _ = three
    publish(th, "one")
    carry(th, sg)
    begun = th.now
    for _ in range(3):
        beat(sg, th)
        th.now += limits.MINUTE
        sg.now += limits.MINUTE
    assert kept(th) == [("SG", begun)]
    with th.core.transaction() as connection:
        commitments.forget_old(connection, begun + limits.WITNESS_HOURS * limits.HOUR)
        assert len(list(commitments.heartbeats(connection, 0, 10))) == 1
        commitments.forget_old(connection, begun + (limits.WITNESS_HOURS + 1) * limits.HOUR)
    assert kept(th) == []


def test_a_heartbeat_that_names_a_frame_with_messages_is_kept_in_preference(
    three: tuple[CoreKit, CoreKit, CoreKit],
) -> None:
    """Before, the first of the hour stayed: it named a heartbeat of TH, which is in no file, and showed no witness."""
    th, sg, _ = three
    names = list[int]()
    for n, id_ in enumerate([None, "one", None, "two"]):
        beat(th, sg)
        if id_:
            publish(th, id_)
            carry(th, sg)
        names.append(th.now)
        beat(sg, th)
        assert kept(th) == [("SG", names[min(n, 1)])]
        for kit in (th, sg):
            kit.now += limits.MINUTE
    (id_,) = [row.id for row in rows(th, "select id from message order by n limit 1")]
    (one,) = proved(th, id_)[0].witnesses
    assert (one.member, one.is_proved, one.frame.parsed.ts) == ("SG", True, names[1])
    later(1, th, sg)
    beat(th, sg)
    beat(sg, th)
    assert len(kept(th)) == 2  # of each hour one


def test_nothing_is_kept_nor_shown_unless_the_settings_say_so(three: tuple[CoreKit, CoreKit, CoreKit]) -> None:
    th, sg, _ = three
    (id_,) = publish(th, "one")
    carry(th, sg)
    beat(sg, th)
    assert len(kept(th)) == 1
    file = th.folder / "suar.toml"
    file.write_text(file.read_text().replace("peer_heads = true", "peer_heads = false"))
    th.restart()
    beat(sg, th)
    assert read(proved(th, id_)[1]).witnesses == ()
    later(1, th, sg)
    beat(th, sg)
    assert kept(sg) == []


def test_a_frame_that_is_too_long_is_not_kept(
    three: tuple[CoreKit, CoreKit, CoreKit], monkeypatch: pytest.MonkeyPatch
) -> None:
    th, sg, _ = three
    publish(th, "one")
    carry(th, sg)
    monkeypatch.setattr(limits, "WITNESS_BYTES", 455)
    beat(sg, th)
    assert kept(th) == []


@pytest.mark.parametrize("change", ["frame = x'00'", "at = at + 1", "member = 'VN'"])
def test_a_row_that_somebody_altered_is_in_no_file(
    three: tuple[CoreKit, CoreKit, CoreKit], change: str
) -> None:  # fmt: skip
    th, sg, _ = three
    (id_,) = publish(th, "one")
    carry(th, sg)
    beat(sg, th)
    assert len(proved(th, id_)[0].witnesses) == 1
    assert stores.write(th.folder, f"update peer_heartbeat set {change}") == 1
    assert proved(th, id_)[0].witnesses == []


def test_a_heartbeat_that_names_another_frame_of_the_number_is_in_the_file_too(
    three: tuple[CoreKit, CoreKit, CoreKit],
) -> None:
    """Before, a fork that the exporter could show was in no file: only heartbeats that name its own frame were."""
    th, sg, _ = three
    (id_,) = publish(th, "one")
    carry(th, sg)
    beat(sg, th)
    (frame,) = [each.frame for each in read(proved(th, id_)[1]).carriers]
    with th.core.database.reading() as connection:
        epochs = EpochSecrets(th.core, connection)
        known = epochs.find(frame[4:36], epoch_data(connection, frame[4:36]))
        assert known is not None
        sent = known.sent(frame)
        other = sent._replace(hash=bytes(32))
        third = sent._replace(seq=1, hash=b"3" * 32)  # after the frame, and after another one
        for of_message, later, count in (
            (sent, [], 1), (other, [], 1), (other._replace(epoch_id=bytes(32)), [], 0), (sent, [third], 1),
        ):  # fmt: skip
            previous = {of_message.hash: bytes(32), third.hash: bytes(32)}
            found = proof_keeping.witnesses_of(th.core, connection, epochs, [of_message], later, previous)
            assert len(list(found)) == count


def test_a_member_that_has_nothing_of_it_is_no_witness(three: tuple[CoreKit, CoreKit, CoreKit]) -> None:
    th, sg, vn = three
    switch_on(sg)
    (id_,) = publish(th, "one")
    sealing.seal_queued(th.core)
    carry(th, sg)
    beat(vn, sg)
    assert proved(sg, id_)[0].witnesses == []
