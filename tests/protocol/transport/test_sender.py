"""The sending path: what may be sealed, for whom, and when a new epoch begins. What it sends is given to a receiver."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Refused, Wait
from suar.protocol.base.limits import DAY, HOUR, MINUTE
from suar.protocol.base.primitives import Secret, bundle_kid
from suar.protocol.policy.readers import channels_for
from suar.protocol.transport.epoch import Epoch, Link
from suar.protocol.transport.frame import has_room
from suar.protocol.transport.sender import Identity, Sender
from suar.protocol.transport.sending import Outgoing
from suar.protocol.trust.trustlist import read_list
from support.kit import (
    MEMBERS,
    NOW,
    Actor,
    ListMaker,
    Receiver,
    actor,
    alert,
    key_row,
    make_bundle,
    make_revoke,
    member_row,
    seed,
)

TH = actor("TH")
ONE, TWO = alert("TH-ALERT-2027-000001"), alert("TH-ALERT-2027-000002")


@dataclass
class Gateway(Receiver):
    """TH: a world that holds everybody's bundles, and a sender."""

    member: str = "TH"
    with_bundles: tuple[str, ...] = MEMBERS
    sender: Sender = field(default_factory=lambda: Sender(Identity(Secret(TH.identity))))

    def __post_init__(self) -> None:
        super().__post_init__()
        self.trust()
        for code in self.with_bundles:
            self.bundle(code)

    def bundle(self, code: str, now: int | None = None, **changes: Any) -> None:
        changes = {"federation": self.lists.federation} | changes
        assert self.receive_bundle(actor(code), make_bundle(actor(code), **changes), now).result == "ok"

    def prepare(self, *contents: bytes, channel: str = "all", realm: str = "actual", now: int = NOW) -> list[Outgoing]:
        return self.sender.prepare(self.world, realm, channel, contents, now)

    def next_list(self, **changes: Any) -> None:
        self.lists = self.lists.after(**changes)
        assert self.receive_list(self.lists.signed()).result == "ok"

    def opened(self, channel: str = "all", realm: str = "actual") -> Epoch:
        opened = self.sender.chain(realm, channel).opened
        assert opened is not None
        return opened.epoch


def _types(objects: list[Outgoing]) -> list[str]:
    return [item.type for item in objects]


def _deliver(objects: list[Outgoing], to: Receiver, now: int = NOW) -> list[Any]:
    return [to.receive(subjects.hub("TH", item.subject), item.data, now) for item in objects]


def test_what_is_sealed_is_what_a_receiver_accepts() -> None:
    sent = Gateway().prepare(ONE, TWO)
    assert _types(sent) == ["epoch", "frame"]
    epoch, frame = _deliver(sent, Receiver("SG").trust())
    assert (epoch.result, epoch.alarms) == ("ok", [])
    assert [accepted.data for accepted in frame.messages] == [ONE, TWO]


def test_every_member_of_the_channel_and_the_sender_are_recipients() -> None:
    gateway = Gateway()
    gateway.prepare(ONE)
    gateway.prepare(ONE, channel="SG")
    assert [recipient.member for recipient in gateway.opened().recipients] == ["KH", "SG", "TH", "VN"]
    assert [recipient.member for recipient in gateway.opened("SG").recipients] == ["SG", "TH"]
    assert gateway.opened().recipients[1].kid == bundle_kid("SG", actor("SG").kem_public)


def test_realms_and_channels_have_chains_of_their_own() -> None:
    gateway = Gateway()
    for realm, channel in (("actual", "all"), ("exercise", "all"), ("actual", "SG"), ("exercise", "SG")):
        assert _types(gateway.prepare(ONE, realm=realm, channel=channel)) == ["epoch", "frame"]
        assert gateway.opened(channel, realm).prev_epoch == bytes(32)


def test_what_waits_goes_into_as_few_frames_as_fit() -> None:
    gateway = Gateway()
    sent = gateway.prepare(*[b"x"] * 300)
    assert [item.frame.count for item in sent if item.frame] == [256, 44]
    assert [item.first for item in sent if item.frame] == [0, 256]
    big = [bytes(300_000)] * 5
    assert [item.frame.count for item in gateway.prepare(*big) if item.frame] == [2, 2, 1]


def test_a_message_of_the_largest_size_fits_into_a_frame() -> None:
    sent = Gateway().prepare(bytes(limits.MESSAGE_BYTES_MAX))
    assert len(sent[1].data) <= limits.FRAME_BYTES_MAX
    assert not has_room(2, limits.MESSAGE_BYTES_MAX + limits.MESSAGE_BYTES_MAX // 2)


# -- [E13] when a new epoch begins


def _time_is_up(gateway: Gateway) -> int:
    return gateway.opened().not_after


def _is_full(gateway: Gateway) -> int:
    chain = gateway.sender.chain("actual", "all")
    assert chain.last is not None
    chain.last = type(chain.last)(chain.last.data, chain.last.hash, limits.FRAMES_AN_EPOCH - 1, NOW, 1)
    return NOW + 1


def _list_changed(gateway: Gateway) -> int:
    gateway.next_list()
    return NOW + 1


def _bundle_superseded(gateway: Gateway) -> int:
    gateway.bundle("SG", not_before=NOW, kem_public=actor("MY").kem_public)
    return NOW + 1


def _key_revoked(gateway: Gateway) -> int:
    assert gateway.receive_revoke(actor("SG"), make_revoke(actor("SG"))).result == "ok"
    return NOW + 1


def _restarted(gateway: Gateway) -> int:
    chain = gateway.sender.chain("actual", "all")
    gateway.sender = Sender(Identity(Secret(TH.identity)))
    gateway.sender.resume("actual", "all", chain.end, chain.not_before)
    return NOW + 1


def _requested(gateway: Gateway) -> int:
    assert _types(gateway.sender.close(gateway.world, "actual", "all", NOW)) == ["frame"]
    return NOW + 1


@pytest.mark.parametrize(
    "reason", [_time_is_up, _is_full, _list_changed, _bundle_superseded, _key_revoked, _restarted, _requested]
)
def test_a_new_epoch_begins_and_names_the_one_before(reason: Callable[[Gateway], int]) -> None:
    gateway = Gateway()
    gateway.prepare(ONE)
    before = gateway.opened()
    now = reason(gateway)
    end = gateway.sender.chain("actual", "all").end
    assert _types(gateway.prepare(TWO, now=now)) == ["epoch", "frame"]
    after = gateway.opened()
    assert (after.prev_epoch, after.prev_frames, after.prev_hash) == end
    assert after.not_before > before.not_before
    assert after.trust_version == gateway.world.trust.version


def _rotate(gateway: Gateway, times: int, now: int) -> list[str]:
    """SG takes a new key before each of `times` messages; what each made us send."""
    types: list[str] = []
    for n in range(times):
        key = Actor("SG", kem_seed=seed(f"SG kem {n}"))
        begin = now - limits.MINUTE + n
        assert gateway.receive_bundle(key, make_bundle(key, not_before=begin), now).result == "ok"
        types += _types(gateway.prepare(ONE, now=now + n))
    return types


def test_a_member_that_rotates_its_key_without_end_does_not_make_us_a_flood() -> None:
    """One member could otherwise have every other member's epochs refused everywhere ([E10])."""
    gateway = Gateway()
    types = _rotate(gateway, limits.EPOCHS_AN_HOUR + 20, NOW)
    assert types.count("epoch") == limits.EPOCHS_RENEWED
    assert types.count("frame") == limits.EPOCHS_AN_HOUR + 20
    assert _rotate(gateway, 2, NOW + HOUR) == ["epoch", "frame"] * 2


def test_nor_all_day_long() -> None:
    """120 an hour are 40 MiB a day of epochs for eleven: they would fill our own stream."""
    gateway = Gateway()
    types = [kind for hour in range(4) for kind in _rotate(gateway, limits.EPOCHS_RENEWED, NOW + hour * HOUR)]
    assert types.count("epoch") == limits.EPOCHS_RENEWED_DAY
    assert types.count("frame") == 4 * limits.EPOCHS_RENEWED
    assert "epoch" in _rotate(gateway, 2, NOW + 24 * HOUR)


@pytest.mark.parametrize("reason", [_list_changed, _key_revoked, _restarted, _time_is_up])
def test_what_must_open_an_epoch_does_so_also_then(reason: Callable[[Gateway], int]) -> None:
    gateway = Gateway()
    _rotate(gateway, limits.EPOCHS_RENEWED + 1, NOW)
    now = reason(gateway) + limits.EPOCHS_RENEWED
    assert _types(gateway.prepare(TWO, now=now)) == ["epoch", "frame"]


def test_without_a_reason_the_epoch_continues() -> None:
    gateway = Gateway()
    gateway.prepare(ONE)
    assert _types(gateway.prepare(TWO, now=gateway.opened().not_after - 1)) == ["frame"]


def test_a_clock_a_little_back_keeps_the_epoch() -> None:
    gateway = Gateway()
    gateway.prepare(ONE)
    assert _types(gateway.prepare(TWO, now=NOW - 5 * MINUTE)) == ["frame"]


def test_epochs_last_six_hours_and_never_longer_than_their_key() -> None:
    gateway = Gateway()
    gateway.prepare(ONE)
    assert gateway.opened().not_after == NOW + 6 * HOUR
    rows = [member_row(actor(code)) for code in ("KH", "SG")]
    rows += [member_row(TH, keys=[key_row(TH, not_after=NOW + HOUR)]), member_row(actor("VN"))]
    ending = Gateway(lists=ListMaker(members=rows), with_bundles=("KH", "SG", "VN"))
    ending.prepare(ONE)
    assert ending.opened().not_after == NOW + HOUR


def test_an_epoch_begins_after_the_last_one_also_when_the_clock_went_back() -> None:
    gateway = Gateway()
    gateway.sender.resume("actual", "all", Link(b"\x01" * 32, 3, b"\x02" * 32), NOW + MINUTE)
    sent = gateway.prepare(ONE)
    assert gateway.opened().not_before == NOW + MINUTE + 1
    assert [out.result for out in _deliver(sent, Receiver("SG").trust())] == ["ok", "ok"]


def test_after_a_clock_that_ran_ahead_one_epoch_serves_all_frames() -> None:
    """Not one each: the receivers would take them for a flood ([E10]) and the messages would be lost."""
    gateway = Gateway()
    gateway.sender.resume("actual", "all", Link(b"\x01" * 32, 3, b"\x02" * 32), NOW + 10 * MINUTE)
    sent = [*gateway.prepare(ONE), *gateway.prepare(TWO), *gateway.prepare(ONE, now=NOW + MINUTE)]
    assert _types(sent) == ["epoch", "frame", "frame", "frame"]
    waits = [out.result for out in _deliver(sent, Receiver("SG").trust())]
    assert waits == ["wait"] * 4


# -- [E13] rotations by the calendar


def _rotated(gateway: Gateway, code: str, at: int, name: str = "next", window: int = 2 * DAY) -> None:
    key = Actor(code, kem_seed=seed(f"{code} kem {name}"))
    assert (
        gateway.receive_bundle(key, make_bundle(key, not_before=at, not_after=at + window), max(at, NOW)).result == "ok"
    )


def _region(at: int, **options: Any) -> Gateway:
    """A gateway whose four members all have a bundle that begins then."""
    gateway = Gateway(with_bundles=(), **options)
    for code in MEMBERS:
        _rotated(gateway, code, at, "first")
    return gateway


def test_200_scheduled_rotations_in_a_day_open_no_epoch_beyond_the_four_of_its_time() -> None:
    """Each member rotates once a day, at a time of its own, and a message is sealed after each: 193 epochs before."""
    codes = [f"{chr(65 + n // 26)}{chr(65 + n % 26)}" for n in range(199)]
    members = [*(member_row(actor(code)) for code in codes), member_row(TH)]
    gateway = Gateway(lists=ListMaker(members=sorted(members, key=lambda row: row[0])), with_bundles=())
    everybody = [*codes, "TH"]
    first = NOW - 1
    for code in everybody:
        gateway.bundle(code, now=NOW, not_before=first, not_after=first + 2 * DAY)
    gateway.prepare(ONE)
    epochs = 0
    for n, code in enumerate(everybody):
        at = first + DAY + n * DAY // 200
        _rotated(gateway, code, at)
        epochs += _types(gateway.prepare(TWO, now=at)).count("epoch")
    assert epochs <= 6


def test_a_scheduled_rotation_waits_for_the_end_of_the_epoch_and_then_the_newest_key_is_sealed_to() -> None:
    gateway = _region(NOW - 20 * HOUR)
    gateway.prepare(ONE)
    before = gateway.opened()
    _rotated(gateway, "SG", NOW + 1)
    sent = gateway.prepare(TWO, now=NOW + 1)
    assert _types(sent) == ["frame"]
    assert _types(gateway.prepare(TWO, now=before.not_after)) == ["epoch", "frame"]
    newest = Actor("SG", kem_seed=seed("SG kem next"))
    assert newest.recipient()[1] in {each.kid for each in gateway.opened().recipients}


def test_what_is_sealed_meanwhile_opens_with_the_key_before() -> None:
    gateway = _region(NOW - 20 * HOUR)
    opened = gateway.prepare(ONE)
    _rotated(gateway, "SG", NOW + 1)
    reader = Receiver("SG", lists=gateway.lists).trust()
    reader.world.add_kem_seed(seed("SG kem first"))
    outs = _deliver([*opened, *gateway.prepare(TWO, now=NOW + 1)], reader)
    assert [out.result for out in outs] == ["ok"] * 3
    assert outs[-1].messages[0].data == TWO


@pytest.mark.parametrize(
    ("age", "types"), [(20 * HOUR - 1, ["epoch", "frame"]), (20 * HOUR, ["frame"])], ids=["early", "by the calendar"]
)
def test_a_key_that_is_replaced_early_is_sealed_to_no_more(age: int, types: list[str]) -> None:
    gateway = _region(NOW - age)
    gateway.prepare(ONE)
    _rotated(gateway, "SG", NOW)
    assert _types(gateway.prepare(TWO, now=NOW)) == types


def test_an_early_rotation_after_a_scheduled_one_opens_at_once() -> None:
    """The member means all its keys before, also the one that we still seal to, which is old enough by itself."""
    gateway = _region(NOW - 20 * HOUR)
    gateway.prepare(ONE)
    _rotated(gateway, "SG", NOW)
    assert _types(gateway.prepare(ONE, now=NOW)) == ["frame"]
    _rotated(gateway, "SG", NOW + 1, "third")
    assert _types(gateway.prepare(TWO, now=NOW + 1)) == ["epoch", "frame"]


def test_a_key_that_runs_out_or_is_revoked_is_sealed_to_no_more_however_it_was_replaced() -> None:
    gateway = Gateway(with_bundles=())
    for code in MEMBERS:
        _rotated(gateway, code, NOW - 20 * HOUR, "first", 20 * HOUR + 2 * MINUTE)
    gateway.prepare(ONE)
    _rotated(gateway, "SG", NOW)
    assert _types(gateway.prepare(TWO, now=NOW + 2 * MINUTE - 1)) == ["frame"]
    for code in ("KH", "TH", "VN"):
        _rotated(gateway, code, NOW)
    assert _types(gateway.prepare(TWO, now=NOW + 2 * MINUTE)) == ["epoch", "frame"]
    revoked = _region(NOW - 20 * HOUR)
    revoked.prepare(ONE)
    _rotated(revoked, "SG", NOW)
    assert revoked.receive_revoke(actor("SG"), make_revoke(actor("SG"))).result == "ok"
    assert _types(revoked.prepare(TWO, now=NOW)) == ["epoch", "frame"]


def test_a_key_whose_signer_is_revoked_is_sealed_to_no_more_though_another_signed_its_scheduled_successor() -> None:
    """SG has two identity keys: one signed the key that is sealed to, the other the one that replaces it."""
    first = Actor("SG", kem_seed=seed("SG kem first"))
    second = Actor("SG", identity=seed("SG second identity"), kem_seed=seed("SG kem next"))
    keys = sorted((key_row(first), key_row(second)), key=lambda row: row[0])
    members = [member_row(actor(code), keys=keys if code == "SG" else None) for code in MEMBERS]
    gateway = _region(NOW - 20 * HOUR, lists=ListMaker(members=members))
    gateway.prepare(ONE)
    bundle = make_bundle(second, not_before=NOW, not_after=NOW + 2 * DAY)
    assert gateway.receive_bundle(second, bundle).result == "ok"
    assert _types(gateway.prepare(ONE)) == ["frame"]
    assert gateway.receive_revoke(first, make_revoke(first)).result == "ok"
    assert _types(gateway.prepare(TWO)) == ["epoch", "frame"]
    assert second.recipient()[1] in {each.kid for each in gateway.opened().recipients}


def test_a_member_that_is_left_out_gets_its_epoch_at_once_also_on_a_day_of_rotations() -> None:
    gateway = Gateway(with_bundles=())
    for code in ("KH", "SG", "TH"):
        _rotated(gateway, code, NOW - 20 * HOUR, "first")
    gateway.prepare(ONE)
    _rotated(gateway, "SG", NOW)
    gateway.bundle("VN")
    assert _types(gateway.prepare(TWO)) == ["epoch", "frame"]


def test_a_gateway_can_be_made_to_rotate_at_once() -> None:
    sender = Sender(Identity(Secret(TH.identity)), rotates_at_once=True)
    gateway = _region(NOW - 20 * HOUR, sender=sender)
    gateway.prepare(ONE)
    _rotated(gateway, "SG", NOW)
    assert _types(gateway.prepare(TWO, now=NOW)) == ["epoch", "frame"]


# -- [K7] who is left out


def test_a_member_without_a_bundle_is_left_out_by_name_and_comes_back() -> None:
    gateway = Gateway(with_bundles=("KH", "SG", "TH"))
    gateway.prepare(ONE)
    assert gateway.sender.chain("actual", "all").left_out == ("VN",)
    assert "VN" not in [recipient.member for recipient in gateway.opened().recipients]
    gateway.bundle("VN")
    assert _types(gateway.prepare(TWO)) == ["epoch", "frame"]
    assert gateway.sender.chain("actual", "all").left_out == ()
    assert "VN" in [recipient.member for recipient in gateway.opened().recipients]


def test_a_bundle_is_used_until_it_ends() -> None:
    gateway = Gateway(with_bundles=("KH", "TH", "VN"))
    gateway.bundle("SG", not_after=NOW + HOUR)
    chain = gateway.sender.chain("actual", "all")
    gateway.prepare(ONE, now=NOW + HOUR - 1)
    assert list(chain.left_out) == []
    gateway.prepare(ONE, now=NOW + HOUR)
    assert list(chain.left_out) == ["SG"]


def test_a_bundle_that_begins_soon_does_not_put_the_one_before_out_of_use() -> None:
    gateway = Gateway()
    newer = make_bundle(actor("SG"), not_before=NOW + 3 * MINUTE, kem_public=actor("MY").kem_public)
    assert gateway.receive_bundle(actor("SG"), newer).result == "ok"
    gateway.prepare(ONE)
    assert gateway.sender.chain("actual", "all").left_out == ()
    assert gateway.opened().recipients[1].kid == bundle_kid("SG", actor("SG").kem_public)
    assert _types(gateway.prepare(TWO, now=NOW + 3 * MINUTE)) == ["epoch", "frame"]
    assert gateway.opened().recipients[1].kid == bundle_kid("SG", actor("MY").kem_public)


def test_a_revoked_key_takes_its_bundle_out_of_use() -> None:
    gateway = Gateway()
    gateway.receive_revoke(actor("SG"), make_revoke(actor("SG")))
    gateway.prepare(ONE)
    assert gateway.sender.chain("actual", "all").left_out == ("SG",)


@pytest.mark.parametrize("channel", ["SG", "all", "MY"])
def test_nothing_is_sealed_when_nobody_could_open_it(channel: str) -> None:
    gateway = Gateway(with_bundles=("TH",))
    with pytest.raises(Refused) as refused:
        gateway.prepare(ONE, channel=channel)
    assert (refused.value.code, refused.value.rule) == ("E-NO-VALID-KEY", "K7")


# -- [E14] which channels


def _rights(read: dict[str, list[str]], **status: str) -> Any:
    rows = [member_row(actor(code), status.get(code, "active"), read=read.get(code, ["*"])) for code in MEMBERS]
    return read_list(ListMaker(members=rows).raw())


@pytest.mark.parametrize(
    ("read", "status", "audience", "channels"),
    [
        pytest.param({}, {}, "all", ["all"], id="everybody may read it"),
        pytest.param({"VN": ["trend"]}, {}, "all", ["KH", "SG"], id="one may not"),
        pytest.param({"VN": ["trend", "alert"]}, {}, "all", ["all"], id="by name"),
        pytest.param({"VN": []}, {"VN": "suspended"}, "all", ["all"], id="who may not is suspended"),
        pytest.param({"TH": []}, {}, "all", ["all"], id="the sender itself may not"),
        pytest.param({"KH": [], "SG": [], "VN": []}, {}, "all", [], id="nobody may"),
        pytest.param({}, {}, ["SG", "VN"], ["SG", "VN"], id="two are named"),
        pytest.param({}, {}, ["KH", "SG", "VN"], ["KH", "SG", "VN"], id="all are named"),
        pytest.param({"VN": ["trend"]}, {}, ["SG", "VN"], ["SG"], id="one of the named may not"),
        pytest.param({}, {"SG": "suspended"}, ["SG", "VN"], ["VN"], id="one of the named is suspended"),
        pytest.param({}, {}, ["TH", "VN"], ["VN"], id="the sender is named"),
        pytest.param({}, {}, ["MY"], [], id="a stranger is named"),
    ],
)
def test_channels(read: dict[str, list[str]], status: dict[str, str], audience: Any, channels: list[str]) -> None:
    assert channels_for(_rights(read, **status), "TH", "alert", audience) == channels


# -- [T13] [T14] [E4] whether at all


def _ways(gateway: Gateway) -> list[Callable[[int], Any]]:
    return [
        lambda now: gateway.prepare(TWO, now=now),
        lambda now: gateway.sender.heartbeat(gateway.world, now),
        lambda now: gateway.sender.close(gateway.world, "actual", "all", now),
    ]


@pytest.mark.parametrize("way", range(3), ids=["prepare", "heartbeat", "close"])
def test_sealing_continues_through_the_grace_and_then_stops(way: int) -> None:
    lists = ListMaker(issued=NOW - HOUR, expires=NOW + DAY)
    gateway = Gateway(lists=lists)
    for code in MEMBERS:
        gateway.bundle(code, now=NOW, not_before=NOW, not_after=NOW + 7 * DAY)
    end = lists.expires + 30 * DAY
    assert _types(gateway.prepare(ONE, now=lists.expires + DAY)) == ["epoch", "frame"]
    for code in MEMBERS:
        gateway.bundle(code, now=end - HOUR, not_before=end - HOUR, not_after=end + DAY)
    _ways(gateway)[way](end - 1)
    with pytest.raises(Refused) as refused:
        _ways(gateway)[way](end)
    assert (refused.value.code, refused.value.rule) == ("E-TRUST-EXPIRED", "T13")


def test_opening_continues_after_the_list_has_expired() -> None:
    sent = Gateway(lists=ListMaker(expires=NOW + DAY)).prepare(ONE)
    reader = Receiver("SG", lists=ListMaker(expires=NOW + DAY)).trust()
    assert [out.result for out in _deliver(sent, reader, NOW + 34 * DAY)] == ["ok", "ok"]


@pytest.mark.parametrize("way", range(3), ids=["prepare", "heartbeat", "close"])
def test_nothing_is_sealed_while_the_clock_is_back(way: int) -> None:
    gateway = Gateway()
    gateway.prepare(ONE)
    _ways(gateway)[way](NOW - 5 * MINUTE)
    with pytest.raises(Wait) as wait:
        _ways(gateway)[way](NOW - 5 * MINUTE - 1)
    assert (wait.value.code, wait.value.rule) == ("E-CLOCK", "T14")


@pytest.mark.parametrize("way", range(3), ids=["prepare", "heartbeat", "close"])
def test_a_suspended_member_seals_nothing(way: int) -> None:
    gateway = Gateway()
    gateway.prepare(ONE)
    gateway.next_list(members=[member_row(actor(c), "suspended" if c == "TH" else "active") for c in MEMBERS])
    with pytest.raises(Refused) as refused:
        _ways(gateway)[way](NOW)
    assert refused.value.code == "E-SELF-SUSPENDED"


def test_nothing_is_sealed_with_our_key_revoked_or_before_a_list() -> None:
    gateway = Gateway()
    gateway.receive_revoke(TH, make_revoke(TH))
    with pytest.raises(Refused, match="E-SELF-SUSPENDED"):
        gateway.prepare(ONE)
    empty = Receiver("TH")
    with pytest.raises(Refused, match="E-TRUST-EXPIRED"):
        gateway.sender.prepare(empty.world, "actual", "all", [ONE], NOW)


# -- [E11] [E12] restarts


def test_a_restored_snapshot_opens_an_epoch_with_another_secret() -> None:
    """Twice from the same snapshot: no (S, header) is ever sealed twice."""
    lists, end = ListMaker(), Link(b"\x01" * 32, 3, b"\x02" * 32)
    sealed = set()
    for _ in range(3):
        gateway = Gateway(lists=lists)
        gateway.sender.resume("actual", "all", end, NOW - HOUR)
        sent = gateway.prepare(ONE)
        opened = gateway.sender.chain("actual", "all").opened
        assert opened is not None
        assert (opened.epoch.prev_epoch, opened.epoch.prev_frames, opened.epoch.prev_hash) == end
        sealed.add((bytes(opened.secret), sent[1].data[:120]))
        sealed.add((bytes(opened.signing), b""))
    assert len(sealed) == 6


def test_a_failed_commit_never_seals_a_header_again() -> None:
    gateway = Gateway()
    first = gateway.prepare(ONE)
    gateway.sender.forget()
    again = gateway.prepare(TWO)
    assert _types(again) == ["epoch", "frame"]
    assert first[0].epoch_id != again[0].epoch_id


def test_a_receiver_sees_no_break_over_a_restart() -> None:
    gateway, reader = Gateway(), Receiver("SG").trust()
    _deliver(gateway.prepare(ONE), reader)
    now = _restarted(gateway)
    outs = _deliver(gateway.prepare(TWO, now=now), reader, now)
    assert [(out.result, out.alarms) for out in outs] == [("ok", []), ("ok", [])]


# -- closing


def test_a_bilateral_epoch_idle_for_ten_minutes_is_closed_by_a_last_frame() -> None:
    gateway, reader = Gateway(), Receiver("SG").trust()
    _deliver(gateway.prepare(TO_SG, channel="SG"), reader)
    chain = gateway.sender.chain("actual", "SG")
    assert not gateway.sender.is_idle(chain, NOW + 10 * MINUTE - 1)
    assert gateway.sender.is_idle(chain, NOW + 10 * MINUTE)
    closing = gateway.sender.close(gateway.world, "actual", "SG", NOW + 10 * MINUTE)
    (out,) = _deliver(closing, reader, NOW + 10 * MINUTE)
    assert (out.result, out.alarms, out.frame.parsed.is_last) == ("ok", [], True)
    assert not gateway.sender.is_idle(chain, NOW + DAY)
    assert gateway.sender.close(gateway.world, "actual", "SG", NOW + 10 * MINUTE) == []
    outs = _deliver(gateway.prepare(TO_SG, channel="SG", now=NOW + HOUR), reader, NOW + HOUR)
    assert [(out.result, out.alarms) for out in outs] == [("ok", []), ("ok", [])]


def test_the_channel_of_all_is_never_idle() -> None:
    gateway = Gateway()
    gateway.prepare(ONE)
    assert not gateway.sender.is_idle(gateway.sender.chain("actual", "all"), NOW + DAY)


def test_an_epoch_under_an_older_list_is_closed_without_a_frame() -> None:
    gateway = Gateway()
    gateway.prepare(ONE)
    gateway.next_list()
    assert gateway.sender.close(gateway.world, "actual", "all", NOW) == []
    assert _types(gateway.prepare(TWO)) == ["epoch", "frame"]


TO_SG = alert(audience={"members": ["SG"]})


# -- [F11] heartbeats


def _body(gateway: Gateway, sent: list[Outgoing], reader: Receiver) -> Any:
    outs = _deliver(sent, reader)
    assert [out.result for out in outs] == ["ok"] * len(outs)
    assert outs[-1].heartbeat is not None
    return outs[-1].heartbeat


def test_a_heartbeat_says_what_was_sent_and_seen() -> None:
    gateway, reader = Gateway(), Receiver("SG").trust()
    other = Gateway("VN", sender=Sender(Identity(Secret(actor("VN").identity))))
    seen = other.prepare(alert("VN-ALERT-2027-000001"))
    secret_to_us = other.prepare(alert("VN-ALERT-2027-000002"), channel="TH")  # nobody's business
    for item in [*seen, *secret_to_us]:
        gateway.receive(subjects.hub("VN", item.subject), item.data)
    _deliver(gateway.prepare(ONE, TWO), reader)
    _deliver(gateway.prepare(ONE, realm="exercise"), reader)
    gateway.prepare(ONE, channel="SG")
    body = _body(gateway, gateway.sender.heartbeat(gateway.world, NOW, ["disk"]), reader)
    opened = [gateway.sender.chain(realm, "all").opened for realm in ("actual", "exercise")]
    assert [(head.epoch_id, head.frames) for head in body.heads_of_mine] == [(each.id, 1) for each in opened if each]
    assert None not in opened
    assert seen[1].frame is not None
    assert [(head.epoch_id, head.frames, head.hash) for head in body.heads_seen] == [
        (seen[0].epoch_id, 1, seen[1].frame.hash)
    ]
    assert (body.trust_version, body.trust_hash) == (1, gateway.lists.hash())
    assert body.bundle_kid == bundle_kid("TH", TH.kem_public)
    assert body.faults == ["disk"]


def test_the_first_heartbeat_opens_an_epoch_and_names_no_head_of_it() -> None:
    gateway, reader = Gateway(), Receiver("SG").trust()
    sent = gateway.sender.heartbeat(gateway.world, NOW)
    assert _types(sent) == ["epoch", "frame"]
    assert _body(gateway, sent, reader).heads_of_mine == []
    (head,) = _body(gateway, gateway.sender.heartbeat(gateway.world, NOW), reader).heads_of_mine
    assert sent[1].frame is not None
    assert (head.frames, head.hash, head.signature) == (1, sent[1].frame.hash, sent[1].frame.signature)


def test_a_heartbeat_carries_the_revokes_that_are_held() -> None:
    gateway, reader = Gateway(), Receiver("SG").trust()
    for holder in (gateway, reader):
        holder.receive_revoke(actor("VN"), make_revoke(actor("VN")))
    out = _deliver(gateway.sender.heartbeat(gateway.world, NOW), reader)[-1]
    assert (out.result, out.alarms) == ("ok", [])


def test_a_closing_frame_names_no_heads() -> None:
    gateway, reader = Gateway(), Receiver("SG").trust()
    _deliver(gateway.prepare(ONE, realm="exercise"), reader)
    closing = gateway.sender.close(gateway.world, "exercise", "all", NOW)
    body = _body(gateway, closing, reader)
    assert (body.heads_of_mine, body.heads_seen) == ([], [])
