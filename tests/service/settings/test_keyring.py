"""The keyring and the sealed file under it: what opens, what does not, and that nothing shows a secret."""

import os
import stat
import subprocess
from pathlib import Path

import msgspec
import pytest
from rich.pretty import pretty_repr

from suar.files import atomic_write
from suar.profiles import Cost
from suar.protocol.base.errors import Fault
from suar.protocol.base.primitives import kid, public_of
from suar.protocol.privacy.proof.draws import Draw
from suar.service.process import offline
from suar.service.settings import holder_key, root_key, sealed
from suar.service.settings.keyring import NKEYS, Keyring, KeyringContent
from suar.service.settings.state import create_state
from support.executables import PYTHON

NOW = 1_800_000_000_000
WORDS = b"correct horse battery staple"


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring.create(tmp_path / "keyring.suar", WORDS, member="TH", federation="asean", now=NOW, cost=sealed.FLOOR)


def test_a_folder_without_one_is_told_where_it_is(tmp_path: Path) -> None:
    """Before, `suar serve` said "check the path", and only `suar doctor` what to do."""
    with pytest.raises(Fault, match="has no keyring") as caught:
        Keyring.open(tmp_path / "keyring.suar", WORDS)
    assert "put the keyring back from a backup" in str(caught.value.hint)
    with pytest.raises(Fault, match="does not exist"):
        Keyring.open(tmp_path / "no-folder" / "keyring.suar", WORDS)


def test_opens_to_what_was_sealed(keyring: Keyring) -> None:
    again = Keyring.open(keyring.path, WORDS)
    assert (again.member, again.federation, again.store_key) == ("TH", "asean", keyring.store_key)
    assert again.identities == keyring.identities
    assert again.identity.kid == kid(public_of(again.identity.seed))
    for name in NKEYS:
        assert again.nkey_seed(name).startswith(b"SU")
        assert again.nkey_public(name).startswith("U")
    assert len({again.nkey_public(name) for name in NKEYS}) == len(NKEYS)


def test_rotation_keeps_the_earlier_key(keyring: Keyring) -> None:
    first = keyring.identity
    second = keyring.rotate_identity(NOW + 1)
    keyring.save()
    again = Keyring.open(keyring.path, WORDS)
    assert again.identity == second
    assert again.find(first.kid) == first
    assert again.identities == [first, second]


def test_file_is_private_and_nothing_is_left_beside_it(keyring: Keyring) -> None:
    keyring.save()
    assert stat.S_IMODE(keyring.path.stat().st_mode) == 0o600
    assert [path.name for path in keyring.path.parent.iterdir()] == ["keyring.suar"]


def test_create_leaves_an_existing_file_alone(keyring: Keyring) -> None:
    before = keyring.path.read_bytes()
    with pytest.raises(Fault, match="exists already"):
        Keyring.create(keyring.path, WORDS, member="SG", federation="", now=NOW, cost=sealed.FLOOR)
    assert keyring.path.read_bytes() == before


def test_wrong_passphrase_is_distinguished_from_a_damaged_file(keyring: Keyring) -> None:
    with pytest.raises(Fault, match="the passphrase does not open") as caught:
        Keyring.open(keyring.path, WORDS + b" ")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        pytest.param(0, "no sealed file", id="magic"),
        pytest.param(8, "another purpose", id="purpose"),
        pytest.param(19, "does not open|out of bounds", id="passes"),
        pytest.param(20, "out of bounds", id="memory beyond what a gateway has"),
        pytest.param(24, "does not open", id="salt"),
        pytest.param(40, "does not open", id="check"),
        pytest.param(56, "altered", id="nonce"),
        pytest.param(80, "altered", id="ciphertext"),
        pytest.param(-1, "altered", id="tag"),
    ],
)
def test_an_altered_byte_is_refused(keyring: Keyring, offset: int, words: str) -> None:
    data = bytearray(keyring.path.read_bytes())
    data[offset] ^= 0x80 if offset == 20 else 1
    keyring.path.write_bytes(data)
    with pytest.raises(Fault, match=words):
        Keyring.open(keyring.path, WORDS)


def test_no_cut_of_the_file_opens(keyring: Keyring) -> None:
    data = keyring.path.read_bytes()
    for length in (0, 8, 55, 79, 95, len(data) - 1):
        keyring.path.write_bytes(data[:length])
        with pytest.raises(Fault):
            Keyring.open(keyring.path, WORDS)


def test_a_root_key_is_no_keyring(tmp_path: Path) -> None:
    root_key.create(tmp_path / "a", WORDS, holder="A", now=NOW, cost=sealed.FLOOR)
    with pytest.raises(Fault, match="another purpose"):
        Keyring.open(tmp_path / "a", WORDS)


def test_costs_below_the_floor_are_refused_at_both_ends(tmp_path: Path) -> None:
    for cost in (Cost(memory_mib=18, passes=2), Cost(memory_mib=64, passes=1)):
        with pytest.raises(Fault, match="out of bounds"):
            sealed.Seal.new("keyring", WORDS, cost)
    weak = sealed.HEADER.pack(sealed.MAGIC, b"keyring", 1, 8, bytes(16), bytes(16)) + bytes(60)
    with pytest.raises(Fault, match="out of bounds"):
        sealed.open_sealed("keyring", WORDS, weak, "the keyring")


def test_profiles_are_named_and_the_floor_is_none() -> None:
    assert sealed.cost("standard") != sealed.cost("interactive")
    for name in ("floor", "none"):
        with pytest.raises(Fault, match="no argon2id profile"):
            sealed.cost(name)


def test_two_seals_of_one_passphrase_share_nothing(tmp_path: Path) -> None:
    one, two = (sealed.Seal.new("keyring", WORDS, sealed.FLOOR) for _ in range(2))
    assert one.key != two.key
    assert one.close(b"x")[sealed.HEADER.size :] != one.close(b"x")[sealed.HEADER.size :]


def test_no_secret_shows(keyring: Keyring, tmp_path: Path) -> None:
    root_key.create(tmp_path / "root", WORDS, holder="A", now=NOW, cost=sealed.FLOOR)
    opened = root_key.open_root(tmp_path / "root", WORDS)
    content = holder_key.HolderKey("suar-root/1", "A", NOW, bytes(opened[1]))
    secrets = [keyring.store_key, keyring.gate_key, keyring.identity.seed, opened[1], *map(keyring.nkey_seed, NKEYS)]
    plain = KeyringContent(
        "suar-keyring/1", "TH", "asean", [(bytes(keyring.identity.seed), NOW)], bytes(keyring.store_key), {},
        gate_key=bytes(keyring.gate_key),
    )  # fmt: skip
    draw = Draw(keyring.gate_key)
    seal, _ = sealed.open_sealed("keyring", WORDS, keyring.path.read_bytes(), "it")
    secrets.append(seal.key)
    users = {name: keyring.nkey_seed(name) for name in NKEYS}
    everything = (keyring, keyring.identity, seal, users, opened, content, plain, draw, *secrets)
    shown = "".join(map(repr, everything)) + "".join(map(pretty_repr, everything))
    shown += f"{keyring} {keyring.identity} {keyring.store_key} {opened}"
    for secret in secrets:
        assert secret.hex() not in shown
        assert repr(bytes(secret))[2:-1] not in shown


CRASH = """
import os, sys
from pathlib import Path
from suar.files import atomic_write
sys.addaudithook(lambda event, _: os._exit(9) if event == "os.rename" else None)  # power fails before the rename
atomic_write(Path(sys.argv[1]), b"new")
"""


def test_a_crash_before_the_rename_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic_write(path, b"old")
    ended = subprocess.run([PYTHON, "-c", CRASH, str(path)], check=False)
    assert ended.returncode == 9
    assert path.read_bytes() == b"old"
    atomic_write(path, b"new")  # the left-over of the crash is in nobody's way
    assert path.read_bytes() == b"new"


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "file"
    atomic_write(path, b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))  # EFBIG: the quota that needs no root
    try:
        with pytest.raises(OSError):
            atomic_write(path, bytes(4096))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208


def test_the_audit_is_kept_and_nothing_else_of_memory(keyring: Keyring) -> None:
    """A command adds an identity while a gateway runs: what the gateway keeps must not take it away."""
    other = Keyring.open(keyring.path, WORDS)
    second = other.rotate_identity(NOW + 1)
    other.save()
    assert keyring.save_audit(7, b"h" * 32)
    again = Keyring.open(keyring.path, WORDS)
    assert again.identity == second
    assert again.audit == (7, b"h" * 32)


def test_a_keyring_sealed_again_is_left_alone(keyring: Keyring) -> None:
    words = b"another passphrase"
    keyring.path.unlink()
    Keyring.create(keyring.path, words, member="TH", federation="asean", now=NOW, cost=sealed.FLOOR)
    before = keyring.path.read_bytes()
    assert not keyring.save_audit(7, b"h" * 32)
    assert keyring.path.read_bytes() == before


def test_a_keyring_of_before_opens(keyring: Keyring) -> None:
    of_before(keyring)
    assert Keyring.open(keyring.path, WORDS).audit is None


def of_before(keyring: Keyring, **audit: object) -> None:
    """The file of a version that knew no gate key."""
    identities = [(bytes(each.seed), each.created) for each in keyring.identities]
    seeds = {name: bytes(keyring.nkey_seed(name)) for name in NKEYS}
    old = ["suar-keyring/1", "TH", "asean", identities, bytes(keyring.store_key), seeds, *audit.values()]
    seal, _ = sealed.open_sealed("keyring", WORDS, keyring.path.read_bytes(), "it")
    keyring.path.write_bytes(seal.close(msgspec.msgpack.encode(old)))


def test_the_gate_key_is_random_and_outlasts_every_other_change(keyring: Keyring, tmp_path: Path) -> None:
    other = Keyring.create(tmp_path / "other", WORDS, member="TH", federation="asean", now=NOW, cost=sealed.FLOOR)
    assert len(keyring.gate_key) == 32
    assert len({bytes(keyring.gate_key), bytes(other.gate_key), bytes(keyring.store_key)}) == 3
    keyring.rotate_identity(NOW + 1)
    keyring.save()
    keyring.save_audit(7, b"h" * 32)
    keyring.keep_gate_key()
    assert Keyring.open(keyring.path, WORDS).gate_key == keyring.gate_key


def test_a_state_of_an_earlier_version_gets_its_gate_key_once(keyring: Keyring) -> None:
    of_before(keyring, audit=(7, b"h" * 32))
    backup = keyring.path.read_bytes()
    opened = Keyring.open(keyring.path, WORDS)
    opened.keep_gate_key()
    kept = keyring.path.read_bytes()
    assert kept != backup
    opened.keep_gate_key()
    again = Keyring.open(keyring.path, WORDS)
    again.keep_gate_key()
    assert keyring.path.read_bytes() == kept  # written once
    assert (again.gate_key, again.audit) == (opened.gate_key, (7, b"h" * 32))
    assert bytes(again.gate_key) not in (bytes(again.store_key), bytes(keyring.gate_key))
    keyring.path.write_bytes(backup)  # a backup of before, put back
    assert Keyring.open(keyring.path, WORDS).gate_key == opened.gate_key


def test_a_command_that_opened_the_file_before_takes_the_gate_key_not_away(keyring: Keyring) -> None:
    of_before(keyring)
    command, gateway = (Keyring.open(keyring.path, WORDS) for _ in range(2))
    gateway.keep_gate_key()
    command.rotate_identity(NOW + 1)
    command.save()
    assert Keyring.open(keyring.path, WORDS).gate_key == gateway.gate_key


def test_the_first_start_of_a_state_writes_the_gate_key(tmp_path: Path) -> None:
    create_state(tmp_path / "th", WORDS, member="TH", name="TH", federation="asean", now=NOW, cost=sealed.FLOOR)
    path = tmp_path / "th" / "keyring.suar"
    of_before(Keyring.open(path, WORDS))
    before = path.read_bytes()
    with offline.open_offline(tmp_path / "th", WORDS) as core:
        key = bytes(core.keyring.gate_key)
        assert not core.draw.is_public
        assert core.draw.name == Draw(key).name
    assert path.read_bytes() != before
    with offline.open_offline(tmp_path / "th", WORDS) as core:
        assert bytes(core.keyring.gate_key) == key
