"""Somebody writes the store of a gateway that is stopped, and has none of the keyring's secrets: what is signed is
verified again when it is read, and what does not verify is kept apart, told, and used for nothing."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suar.protocol.base import limits, subjects
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import kid, sign, signing_key
from suar.protocol.trust import revoke, trustlist
from suar.service.receive import inbound
from suar.service.settings.keyring import Keyring
from suar.service.trust import trust_sync
from support import stores
from support.corekit import PASSPHRASE, CoreKit, bundle_of, core_with_bundles, epoch_of, frame_of, rows
from support.kit import NOW, Actor, ListMaker, actor, alert, key_row, make_bundle, member_row, open_sending, seed

THIEF = Actor("VN", identity=seed("a thief's identity"), kem_seed=seed("a thief's kem"))


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    with core_with_bundles(tmp_path / "th", "TH") as made:
        yield made


def written(kit: CoreKit, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """With the gateway stopped, by somebody who has the file and none of the keys; then it starts again."""
    kit.core.close()
    for statement, values in statements:
        assert stores.write(kit.folder, statement, values) > 0, statement
    kit.restart()


def altered(kit: CoreKit) -> list[str]:
    """The rows that the alarms name."""
    return [row.message_id for row in rows(kit, "select message_id from alarm where name = 'store-altered'")]


def forged_list(lists: ListMaker) -> ListMaker:
    """The next list, with a key of the thief for VN."""
    members = [member_row(actor(code)) for code in ("KH", "SG", "TH")]
    vn = member_row(actor("VN"), keys=[key_row(actor("VN")), key_row(THIEF)])
    return lists.after(members=[*members, vn])


def waiting_row(subject: str, type_: str, data: bytes, epoch_id: bytes | None = None) -> tuple[str, tuple[Any, ...]]:
    digest = hashlib.blake2b(data, digest_size=32).digest()
    columns = "sender, type, subject, data, size, code, rule, epoch_id, for_time, since, digest"
    rule = ("E-FRAME-EPOCH", "F2") if type_ == "frame" else ("E-EPOCH-SIZE", "E1")
    values = ("VN", type_, subject, data, len(data), *rule, epoch_id, None, NOW, digest)
    return f"insert into waiting ({columns}) values ({', '.join('?' * 11)})", values


# -- lists


def test_a_list_that_nobody_signed_makes_nobody_a_member(th: CoreKit) -> None:
    """An alert "from Viet Nam", signed by a key that the store's writer made."""
    forged = forged_list(th.lists)
    raw = forged.raw()
    nobody = trustlist.assemble(raw, [trustlist.Signature(kid(THIEF.public), bytes(64))])
    sending = open_sending(THIEF, forged)
    subject, frame = frame_of(sending, alert("VN-ALERT-2027-000001"))
    written(
        th,
        ("insert into trust_list (version, data, accepted_at) values (2, ?, ?)", (nobody, NOW)),
        waiting_row(*epoch_of(sending)[:1], "epoch", sending.opened.data),
        waiting_row(subject, "frame", frame, sending.opened.id),
    )
    th.aside(inbound.judge_everything, th.core)
    assert rows(th, "select id from message") == []
    assert th.core.world.trust.version == 1
    assert th.core.world.trust.owner(THIEF.kid) is None
    assert altered(th) == ["trust_list 2"]
    assert rows(th, "select version from trust_list") == [(1,)]
    assert [row.path for row in rows(th, "select path from quarantine")] == ["trust_list 2"]
    assert th.core.due.is_list_missing, "the true one is looked for"


def test_a_first_list_of_another_hand_is_none(th: CoreKit) -> None:
    """Signed by roots of its own, in the place of ours: it is not the one that the keyring has."""
    other = ListMaker(roots=("X", "Y", "Z"), members=forged_list(th.lists).members)
    written(th, ("update trust_list set data = ? where version = 1", (other.signed("X", "Y"),)))
    assert th.core.world.trust.current is None
    assert "trust_list 1" in altered(th)
    imported = trust_sync.import_list(th.core, th.lists.signed(), None, who="test")
    assert imported.result == "ok", "the list that the keyring names is taken again"


def test_a_list_under_another_number_is_none(th: CoreKit) -> None:
    written(th, ("update trust_list set version = 7", ()))
    assert th.core.world.trust.current is None
    assert "trust_list 7" in altered(th)


def test_the_pin_is_in_the_keyring(th: CoreKit) -> None:
    assert Keyring.open(th.folder / "keyring.suar", PASSPHRASE).pin == th.lists.hash()


def test_a_state_of_an_earlier_version_adopts_the_first_list_once_and_reports_it(th: CoreKit) -> None:
    th.keyring.pin = None
    th.restart()
    assert th.keyring.pin == th.lists.hash()
    notes = rows(th, "select who, about from audit where what = 'pin-kept'")
    assert notes == [("gateway", th.lists.hash().hex())]
    th.restart()
    assert len(rows(th, "select n from audit where what = 'pin-kept'")) == 1


def test_a_state_of_an_earlier_version_is_refused_if_the_pin_differs(th: CoreKit) -> None:
    th.keyring.pin = None
    other = ListMaker(roots=("X", "Y", "Z")).hash().hex()
    settings = th.folder / "suar.toml"
    text = settings.read_text()
    settings.write_text(text.replace("[trust]\n", f'[trust]\npin = "{other}"\n'))
    with pytest.raises(Fault, match="pin"):
        th.restart()


# -- Revokes


def test_a_revoke_that_its_key_did_not_sign_revokes_nothing(th: CoreKit) -> None:
    vn = actor("VN")
    good = revoke.make(th.lists.federation, vn.identity, vn.public, NOW)
    bad = good[:20] + bytes(64) + good[84:]
    written(th, ("insert into revoke (kid, data, accepted_at) values (?, ?, ?)", (vn.kid, bad, NOW)))
    assert not th.core.world.trust.is_revoked(vn.kid)
    assert altered(th) == [f"revoke {vn.kid.hex()}"]
    sending = open_sending(vn, th.lists)
    th.receive(epoch_of(sending), frame_of(sending, alert("VN-ALERT-2027-000001")))
    assert len(rows(th, "select id from message")) == 1, "it was not cut off"


def test_a_true_revoke_under_the_name_of_another_key_revokes_nothing(th: CoreKit) -> None:
    vn, sg = actor("VN"), actor("SG")
    true = revoke.make(th.lists.federation, vn.identity, vn.public, NOW)
    th.receive((subjects.hub("VN", subjects.revoke(vn.kid)), true))
    written(th, ("insert into revoke (kid, data, accepted_at) values (?, ?, ?)", (sg.kid, true, NOW)))
    assert th.core.world.trust.is_revoked(vn.kid)
    assert not th.core.world.trust.is_revoked(sg.kid)


# -- bundles


def test_a_key_that_was_swapped_in_a_bundle_is_sealed_to_by_nobody(th: CoreKit) -> None:
    """Whoever swaps VN's encryption key reads what leaves for VN."""
    vn = actor("VN")
    own = make_bundle(vn)
    swapped = own.replace(vn.kem_public, THIEF.kem_public)
    assert swapped != own
    written(th, ("update bundle set data = ? where signer = ?", (swapped, vn.kid)))
    assert th.core.world.bundles.newest_valid("VN", th.core.world.trust, NOW) is None
    assert altered(th) == [f"bundle {vn.kid.hex()}"]
    th.receive(bundle_of(vn))
    again = th.core.world.bundles.newest_valid("VN", th.core.world.trust, NOW)
    assert again is not None
    assert again.bundle.kem_public == vn.kem_public


def test_a_bundle_that_another_member_signed_is_not_taken(th: CoreKit) -> None:
    vn = actor("VN")
    as_vn = make_bundle(actor("SG"), member="VN", kem_public=THIEF.kem_public)
    written(th, ("update bundle set data = ? where signer = ?", (as_vn, vn.kid)))
    assert th.core.world.bundles.newest_valid("VN", th.core.world.trust, NOW) is None


# -- epochs


def an_epoch(th: CoreKit) -> Any:
    sending = open_sending(actor("VN"), th.lists)
    th.receive(epoch_of(sending), frame_of(sending, alert("VN-ALERT-2027-000001")))
    return sending


def test_an_epoch_whose_frame_key_was_swapped_speaks_for_nobody(th: CoreKit) -> None:
    sending = an_epoch(th)
    data, thief = sending.opened.data, open_sending(THIEF, th.lists)
    mine = data.replace(sending.opened.epoch.public, thief.opened.epoch.public)
    written(th, ("update epoch set data = ?", (mine,)))
    assert sending.opened.id not in th.core.world.epochs
    assert altered(th) == [f"epoch {sending.opened.id.hex()[:32]}"]
    th.receive(epoch_of(sending), frame_of(sending, alert("VN-ALERT-2027-000002")))
    assert sending.opened.id in th.core.world.epochs
    assert len(rows(th, "select id from message")) == 2, "its sender's own is taken again, and goes on"


@pytest.mark.parametrize("change", ["channel = 'TH'", "realm = 'exercise'", "not_before = not_before + 1"])
def test_nor_is_one_in_another_chain(th: CoreKit, change: str) -> None:
    sending = an_epoch(th)
    written(th, (f"update epoch set {change}", ()))
    assert sending.opened.id not in th.core.world.epochs
    assert altered(th)


def test_a_thief_s_epoch_in_the_table_is_none(th: CoreKit) -> None:
    sending = an_epoch(th)
    data = sending.opened.data
    unsigned = data[:20] + sign("epoch", signing_key(THIEF.identity), bytes(32)) + data[84:]
    written(th, ("update epoch set data = ?", (unsigned,)))
    assert sending.opened.id not in th.core.world.epochs


@pytest.mark.sqlite
@pytest.mark.parametrize("value", ["'text'", "x''", "7"])
def test_no_value_of_any_type_stops_the_start(th: CoreKit, value: str) -> None:
    an_epoch(th)
    written(th, (f"update epoch set data = {value}, missing = {value}", ()))
    assert th.core.world.trust.version == 1
    assert altered(th)


# -- what waits


def test_what_waits_under_our_own_name_passes_the_door_of_the_bus(th: CoreKit) -> None:
    """Our own epoch never waits here: what carries our name and did not leave from here is another's work."""
    own = open_sending(actor("TH"), th.lists, not_before=NOW)
    written(th, waiting_row(own.epoch_subject, "epoch", own.opened.data))
    th.aside(inbound.judge_everything, th.core)
    assert own.opened.id not in th.core.world.epochs
    assert [row.name for row in rows(th, "select name from alarm")] == ["identity-in-use"]


# -- our own seeds


def test_a_seed_that_does_not_open_is_reported_and_kept(th: CoreKit) -> None:
    statement = "insert into kem_seed (kid, sealed, not_before, not_after) values (?, ?, ?, ?)"
    written(th, (statement, (bytes(16), bytes(72), NOW, NOW + limits.DAY)))
    assert len(th.core.world.kem_keys) == 1
    assert altered(th) == [f"kem_seed {bytes(16).hex()}"]


def test_a_keyring_of_another_gateway_is_reported_and_nothing_is_taken_out(th: CoreKit) -> None:
    ((sealed,),) = rows(th, "select sealed from kem_seed")
    with pytest.raises(Fault, match="does not open"):
        written(th, ("update kem_seed set sealed = ?", (bytes(72),)))
    assert stores.write(th.folder, "update kem_seed set sealed = ?", (sealed,)) == 1
    th.restart()
    assert th.core.world.trust.version == 1
    assert len(th.core.world.kem_keys) == 1
