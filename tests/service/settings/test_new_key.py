"""An identity key that `suar federation request --rotate` made beside a running gateway: taken up with its list."""

from suar.observe.checks import every as checks
from suar.protocol.base import limits
from suar.service.settings.keyring import Identity, Keyring
from suar.service.settings.state import rewrite_request
from suar.service.status import snapshot
from suar.service.status.snapshot import BusState, ProcessState
from suar.service.trust import trust_sync
from support.corekit import PASSPHRASE, CoreKit
from support.kit import NOW, ListMaker, actor, key_row, member_row


def rotated(kit: CoreKit) -> tuple[Identity, ListMaker]:
    """The new key, and the list that has it beside the old one."""
    rewrite_request(kit.folder, PASSPHRASE, name=None, rotate_at=NOW + 1)
    fresh = Keyring.open(kit.folder / "keyring.suar", PASSPHRASE).identity
    row = [fresh.kid, fresh.public, NOW - 1, NOW + 300 * limits.DAY, None]
    members = [each for each in kit.lists.members if each[0] != kit.code]
    mine = member_row(actor(kit.code), keys=[key_row(actor(kit.code)), row])
    return fresh, kit.lists.after(members=sorted([*members, mine]))


def check_of(kit: CoreKit) -> checks.Check:
    seen = ProcessState(BusState(), is_settled=True, stood_down=False)
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
