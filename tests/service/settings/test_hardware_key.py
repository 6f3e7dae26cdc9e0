"""An identity key in a hardware module: SoftHSM has it, libsodium verifies what it signs, the others accept it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import ACTUAL, is_signed, sign
from suar.protocol.files.auditlog import records, verify
from suar.service.publish import accepting, sealing
from suar.service.settings.hardware_key import HardwareKey, KeyAway
from suar.service.settings.keyring import Identity, Keyring
from suar.service.settings.state import rewrite_request
from suar.service.status import auditing, snapshot
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.trust import trust_sync
from suar.service.trust.compromise import compromised
from support import softhsm
from support.audit_log import exported
from support.corekit import PASSPHRASE, CoreKit
from support.gateways import draft
from support.kit import NOW, ListMaker, actor, key_row, member_row
from support.pairs import Two
from support.softhsm import SoftHsm


@pytest.fixture
def token(tmp_path: Path) -> Iterator[SoftHsm]:
    with softhsm.made(tmp_path / "hsm") as found:
        yield found


def adopt(two: Two, token: SoftHsm) -> Identity:
    """TH's next identity key is made in the token, and a list has it alone."""
    th = two.th
    th.core.module = token.module()
    rewrite_request(th.folder, PASSPHRASE, name=None, rotate_at=NOW + 1, module=th.core.module)
    fresh = Keyring.open(th.folder / "keyring.suar", PASSPHRASE).identity
    lists = list_with(th, fresh)
    for kit in (two.th, two.sg):
        assert trust_sync.import_list(kit.core, lists.signed(), None, who="test").result == "ok"
    with th.core.transaction():
        assert th.core.sender.identity.kid == fresh.kid
    trust_sync.rotate_bundle(th.core)
    two.to_sg()
    return fresh


def list_with(kit: CoreKit, fresh: Identity) -> ListMaker:
    row = [fresh.kid, fresh.public, NOW - 1, NOW + 300 * limits.DAY, None]
    members = [each for each in kit.lists.members if each[0] != kit.code]
    mine = member_row(actor(kit.code), keys=[key_row(actor(kit.code)), row])
    return kit.lists.after(members=sorted([*members, mine]))


def publish(two: Two, title: str, to: str | list[str] = "all") -> str:
    data = json.dumps(draft(title, to, expires="2027-02-01T00:00:00Z")).encode()
    (verdict,) = accepting.accept(two.th.core, [(data, None)], realm=ACTUAL, token="desk")
    assert verdict.verdict == "published", verdict
    return str(verdict.id)


def has(two: Two, id_: str) -> bool:
    return two.sg.aside(lambda: two.open(id_)) is not None


# -- the key


def test_what_it_signs_verifies_and_the_key_is_found_again(token: SoftHsm) -> None:
    key = token.module().create("suar TH")
    signature = sign("epoch", token.module().signer(key), b"what is signed")
    assert is_signed("epoch", key.public, b"what is signed", signature)
    assert not is_signed("keys", key.public, b"what is signed", signature)


def test_a_keyring_has_which_key_it_is_and_no_seed(token: SoftHsm, tmp_path: Path) -> None:
    folder = tmp_path / "th"
    kit = CoreKit(folder, "TH")
    request = rewrite_request(folder, PASSPHRASE, name=None, rotate_at=NOW + 1, module=token.module())
    kit.close()
    found = Keyring.open(folder / "keyring.suar", PASSPHRASE).identity
    assert isinstance(found.key, HardwareKey)
    assert request.request.kid == found.kid
    assert request.request.identity.public == found.public.hex()
    with pytest.raises(Fault, match="never discloses it"):
        _ = found.seed
    with pytest.raises(Fault, match="none is named"):
        found.signer(None)


def test_a_seed_of_any_content_is_no_key_of_a_module() -> None:
    assert HardwareKey.of(b"pkcs11:".ljust(32, b"x")) is None
    key = HardwareKey(b"i" * 16, b"p" * 32)
    assert HardwareKey.of(key.stored) == key


@pytest.mark.parametrize("fault", ["pin", "token", "no-pin-file", "no-library"])
def test_why_it_does_not_answer_is_said(token: SoftHsm, fault: str) -> None:
    key, module = token.module().create("suar TH"), token.module()
    if fault == "pin":
        token.pin_file.write_text("wrong-1")
    elif fault == "no-pin-file":
        token.pin_file.unlink()
    elif fault == "token":
        token.remove_token()
    else:
        module = type(module)(type(token.settings)("/nowhere.so", "suar", str(token.pin_file)), token.folder)
    token.forget()
    with pytest.raises(KeyAway) as away:
        module.sign(key.id, b"x")
    assert module.away
    assert away.value.hint
    assert not module.signer(key).is_ready


# -- a federation


def test_bundle_epoch_audit_and_revoke_are_signed_in_the_token(two: Two, token: SoftHsm) -> None:
    fresh = adopt(two, token)
    id_ = publish(two, "sealed under a key of the module")
    two.to_sg()
    assert has(two, id_)
    assert auditing.sign(two.th.core)
    assert verify(records(exported(two.th)), kids=[fresh.kid.hex()])
    compromised(two.th.core, fresh.kid, "test")
    for subject, data in two.leave(two.th):
        two.sg.receive((subject, data))
    assert two.sg.core.world.trust.is_revoked(fresh.kid)
    newest = Keyring.open(two.th.folder / "keyring.suar", PASSPHRASE).identity
    assert isinstance(newest.key, HardwareKey), "the next one is made there too"
    assert newest.kid != fresh.kid


def test_while_it_is_away_open_epochs_continue_and_no_new_one_begins(two: Two, token: SoftHsm) -> None:
    fresh = adopt(two, token)
    assert isinstance(fresh.key, HardwareKey)
    assert two.th.core.module is not None
    two.to_sg()
    publish(two, "opens the epoch to all")
    two.to_sg()
    token.remove_token()
    assert not two.th.core.module.check(fresh.key)
    to_all, to_one = publish(two, "goes on"), publish(two, "waits", ["SG"])
    two.th.now += 60_000
    two.to_sg()
    assert has(two, to_all)
    assert two.states(to_one)["state"] == "queued"
    assert sealing.seal_heartbeat(two.th.core)
    assert not auditing.sign(two.th.core)
    with pytest.raises(Fault, match="no bundle can be made"):
        trust_sync.rotate_bundle(two.th.core)
    seen = ProcessState(BusState(), is_settled=True, has_stood_down=False)
    assert snapshot.read_snapshot(two.th.core, seen).key_away
    token.restore_token()
    assert two.th.core.module.check(fresh.key)
    two.to_sg()
    assert has(two, to_one)
    assert auditing.sign(two.th.core)
    assert snapshot.read_snapshot(two.th.core, seen).key_away is None
