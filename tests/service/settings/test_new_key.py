"""Keys that `suar federation request` makes beside a running gateway: an identity key, taken up with its list, and the
key of the link to the hub, which nats.env has.
"""

import nkeys
import pytest

from suar.federation.request import read_request
from suar.observe.checks import every as checks
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.settings.keyring import Identity, Keyring
from suar.service.settings.state import rewrite_request
from suar.service.status import snapshot
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.trust import trust_sync
from support.corekit import PASSPHRASE, CoreKit
from support.kit import NOW, ListMaker, actor, key_row, member_row

ACCOUNT = nkeys.encode_seed(bytes(32), nkeys.PREFIX_BYTE_ACCOUNT).decode()


def rotated(kit: CoreKit) -> tuple[Identity, ListMaker]:
    """The new key, and the list that has it beside the old one."""
    rewrite_request(kit.folder, PASSPHRASE, name=None, rotate_at=NOW + 1)
    fresh = Keyring.open(kit.folder / "keyring.suar", PASSPHRASE).identity
    row = [fresh.kid, fresh.public, NOW - 1, NOW + 300 * limits.DAY, None]
    members = [each for each in kit.lists.members if each[0] != kit.code]
    mine = member_row(actor(kit.code), keys=[key_row(actor(kit.code)), row])
    return fresh, kit.lists.after(members=sorted([*members, mine]))


def check_of(kit: CoreKit) -> checks.Check:
    seen = ProcessState(BusState(), is_settled=True, has_stood_down=False)
    found = checks.run(snapshot.read_snapshot(kit.core, seen), limits.HEARTBEAT_INTERVAL)
    return next(each for each in found if each.id == "identity-days-left")


def test_a_running_gateway_signs_with_it_once_a_list_has_it(vn: CoreKit) -> None:
    fresh, lists = rotated(vn)
    assert vn.core.sender.identity.kid == actor("VN").kid
    assert trust_sync.import_list(vn.core, lists.signed(), None, who="test").result == "ok"
    with vn.core.transaction():
        assert vn.core.sender.identity.kid == fresh.kid
    assert check_of(vn).status == "ok"
    trust_sync.rotate_bundle(vn.core)
    assert trust_sync.own_bundle(vn.core) is not None


def test_one_that_cannot_be_had_is_reported_by_doctor(vn: CoreKit) -> None:
    """The key was made in another copy of the state folder."""
    fresh, lists = rotated(vn)
    vn.keyring.path = vn.folder / "elsewhere"
    assert trust_sync.import_list(vn.core, lists.signed(), None, who="test").result == "ok"
    with vn.core.transaction():
        assert vn.core.sender.identity.kid == actor("VN").kid
    found = check_of(vn)
    assert found.status == "warning"
    assert "newer identity key of ours" in found.text
    assert "start the gateway again" in found.next
    assert fresh.kid not in {each.kid for each in vn.keyring.identities}


def test_a_file_under_another_passphrase_or_altered_is_left_unread(vn: CoreKit) -> None:
    rotated(vn)
    data = vn.keyring.path.read_bytes()
    for broken in (data[:-1] + bytes([data[-1] ^ 1]), bytes([data[0] ^ 1]) + data[1:], data[:20], b""):
        vn.keyring.path.write_bytes(broken)
        assert not vn.keyring.reload_identities()
    vn.keyring.path.write_bytes(data)
    assert vn.keyring.reload_identities()
    assert not vn.keyring.reload_identities()


def environment(kit: CoreKit) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (kit.folder / "nats.env").read_text().splitlines())


def users(kit: CoreKit) -> dict[str, str]:
    path = kit.folder / "VN.request.json"
    return read_request(path.read_bytes(), str(path)).request.nats.nkeys


def test_the_link_gets_a_new_key_and_nothing_else_changes(vn: CoreKit) -> None:
    """Whoever has a copy of nats.env is shut out by it; before, that took a new state folder with new keys."""
    rewrite_request(vn.folder, PASSPHRASE, name=None, rotate_at=None)
    before, named, keyring = environment(vn), users(vn), vn.keyring.path.read_bytes()
    rewrite_request(vn.folder, PASSPHRASE, name=None, rotate_at=None, new_link=True)
    after = environment(vn)
    assert after.keys() == before.keys()
    assert after["JS_KEY"] == before["JS_KEY"]
    assert after["LINK_SEED"] != before["LINK_SEED"]
    assert users(vn) == named | {"link": nkeys.from_seed(after["LINK_SEED"].encode()).public_key.decode()}
    assert (vn.folder / "nats.env").stat().st_mode & 0o777 == 0o600
    assert vn.keyring.path.read_bytes() == keyring, "a pair's gateways have the same keyring as before"
    rewrite_request(vn.folder, PASSPHRASE, name=None, rotate_at=NOW + 1)
    assert users(vn)["link"] != named["link"], "a later request names the key that is in use"


@pytest.mark.parametrize("seed", ["", "SUABC", "x" * 58, ACCOUNT])
def test_what_is_no_seed_of_a_user_is_named(vn: CoreKit, seed: str) -> None:
    (vn.folder / "nats.env").write_text(f"JS_KEY=kx\nLINK_SEED={seed}\n")
    with pytest.raises(Fault, match=r"LINK_SEED in .* is no seed"):
        rewrite_request(vn.folder, PASSPHRASE, name=None, rotate_at=None)
