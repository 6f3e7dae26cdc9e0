"""The file by which the second gateway of a pair gets keyring and settings: what opens it, and what stays as it was."""

from pathlib import Path

import pytest

from suar.files import read
from suar.protocol.base.errors import Fault
from suar.service.settings import sealed
from suar.service.settings.keyring import Keyring
from suar.service.settings.sealed import FLOOR
from suar.service.settings.state import create_state
from suar.service.setup import pair
from suar.store.engine.account import Account, AccountSeal
from suar.store.engine.anchor import Anchor

PASSPHRASE = b"correct horse battery staple"
STORE = {"SUAR_STORE__URL": "postgresql://suar@db/suar"}
NOW = 1_800_000_000_000


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return state(tmp_path / "first", "TH")


def state(folder: Path, member: str) -> Path:
    create_state(folder, PASSPHRASE, member=member, name="A", federation="asean-test", now=NOW, cost=FLOOR)
    return folder


def exported(first: Path, name: str = "th.pair") -> Path:
    file = first.with_name(name)
    assert pair.export_file(first, PASSPHRASE, file, STORE) == "TH"
    return file


def keyring_of(folder: Path) -> Keyring:
    return Keyring.open(folder / "keyring.suar", PASSPHRASE)


def test_the_second_folder_has_the_same_keys_and_settings_and_is_private(first: Path, tmp_path: Path) -> None:
    done = pair.import_file(exported(first), tmp_path / "second", PASSPHRASE)
    second = tmp_path / "second"
    assert done == pair.Imported("TH", 1, is_changed=True, has_own_settings=False)
    assert keyring_of(second).pair_hashes() == keyring_of(first).pair_hashes()
    assert (second / "suar.toml").read_bytes() == (first / "suar.toml").read_bytes()
    assert {oct(path.stat().st_mode & 0o777) for path in (second / "keyring.suar", first.with_name("th.pair"))} == {
        "0o600"
    }
    assert oct(second.stat().st_mode & 0o777) == "0o700"
    assert not (second / "nats.env").exists()


def test_a_store_of_one_machine_never_gets_a_second_gateway(first: Path, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="a pair shares a store") as refused:
        pair.export_file(first, PASSPHRASE, tmp_path / "th.pair", {})
    assert "never run two" in refused.value.hint
    assert not (tmp_path / "th.pair").exists()


def anchored(folder: Path, generation: int, lineage: bytes = b"one") -> Anchor:
    """The folder with the anchor of a store as of that commit."""
    made = Anchor(folder, AccountSeal(keyring_of(folder).store_key))
    made.write(Account("suar-anchor/1", "TH", lineage, generation, "0001", (0, bytes(32)), {}))
    return made


def test_the_second_folder_has_the_anchor_and_keeps_a_newer_one(first: Path, tmp_path: Path) -> None:
    """So an older store shows at the second machine too, also before it has ever led."""
    second = tmp_path / "second"
    anchored(first, 7)
    old = exported(first)
    pair.import_file(old, second, PASSPHRASE)
    theirs = Anchor(second, AccountSeal(keyring_of(second).store_key)).read()
    assert theirs is not None
    assert theirs.generation == 7
    newer = anchored(second, 9)
    pair.import_file(old, second, PASSPHRASE)
    assert newer.read() == Account("suar-anchor/1", "TH", b"one", 9, "0001", (0, bytes(32)), {})
    anchored(first, 1_000, b"two")  # two persons put the store back there
    pair.import_file(exported(first, "again.pair"), second, PASSPHRASE)
    found = newer.read()
    assert found is not None
    assert (found.generation, found.lineage) == (1_000, b"two")


def test_settings_of_the_second_machine_stay(first: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    pair.import_file(exported(first), second, PASSPHRASE)
    (second / "suar.toml").write_text("# of this machine\n")
    assert pair.import_file(first.with_name("th.pair"), second, PASSPHRASE) == pair.Imported(
        "TH", 1, is_changed=False, has_own_settings=True
    )
    assert (second / "suar.toml").read_text() == "# of this machine\n"


def test_a_further_identity_key_is_brought_and_never_taken_away(first: Path, tmp_path: Path) -> None:
    second, old = tmp_path / "second", exported(first)
    pair.import_file(old, second, PASSPHRASE)
    keyring = keyring_of(first)
    keyring.rotate_identity(NOW + 1)
    keyring.save()
    assert pair.import_file(exported(first, "new.pair"), second, PASSPHRASE).identities == 2
    assert keyring_of(second).pair_hashes() == keyring_of(first).pair_hashes()
    with pytest.raises(Fault, match="has keys that the file lacks"):
        pair.import_file(old, second, PASSPHRASE)
    assert len(keyring_of(second).identities) == 2


@pytest.mark.parametrize(("member", "words"), [("SG", "is SG's, the file has TH's"), ("TH", "the file lacks")])
def test_the_keyring_of_another_state_is_not_replaced(first: Path, tmp_path: Path, member: str, words: str) -> None:
    other = state(tmp_path / "other", member)
    before = read(other / "keyring.suar", "the keyring")
    with pytest.raises(Fault, match=words):
        pair.import_file(exported(first), other, PASSPHRASE)
    assert read(other / "keyring.suar", "the keyring") == before


def test_what_is_no_such_file_opens_nothing(first: Path, tmp_path: Path) -> None:
    file = exported(first)
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    altered, large = tmp_path / "altered", tmp_path / "large"
    altered.write_bytes(data)
    large.write_bytes(bytes(pair.FILE_MAX + 1))
    for path, passphrase, words in (
        (file, b"another", "does not open"),
        (altered, PASSPHRASE, "altered or damaged"),
        (large, PASSPHRASE, "larger than"),
        (first / "keyring.suar", PASSPHRASE, "another purpose"),
    ):
        with pytest.raises(Fault, match=words):
            pair.import_file(path, tmp_path / "second", passphrase)
    assert not (tmp_path / "second").exists()


def test_nobody_reads_keys_in_it(first: Path) -> None:
    content = exported(first).read_bytes()
    assert keyring_of(first).nkey_public("gateway").encode() not in content
    assert sealed.MAGIC not in content[8:]
    assert repr(pair.PairContent("suar-pair/1", b"k", b"s")) == "PairContent(...)"


def test_the_hash_of_a_keyring_covers_every_key_and_reveals_none(first: Path, tmp_path: Path) -> None:
    keyring = keyring_of(first)
    (before,) = keyring.pair_hashes()
    keyring.rotate_identity(NOW + 1)
    assert keyring.pair_hashes()[0] == before
    assert keyring.pair_hashes()[1] != before
    assert before not in keyring_of(state(tmp_path / "again", "TH")).pair_hashes()
