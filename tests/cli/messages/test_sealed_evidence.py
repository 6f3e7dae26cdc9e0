"""`suar evidence key`, `export --sealed` and `unseal`: two persons, each with a key and a passphrase of their own."""

from pathlib import Path

import pytest

from support.commands import Suar
from support.corekit import PASSPHRASE
from support.evidence_keys import configure
from support.pairs import Two, new


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Passphrase files of the gateway and of two persons."""
    made = {"gateway": PASSPHRASE, "anan": b"the first person's words", "boon": b"the second person's words"}
    for name, words in made.items():
        (tmp_path / f"{name}.passphrase").write_bytes(words)
    monkeypatch.setenv("SUAR_ARGON2ID", "interactive")
    return {name: tmp_path / f"{name}.passphrase" for name in made}


def key(suar: Suar, secrets: dict[str, Path], name: str) -> str:
    """The public part of a new key."""
    done = suar("evidence", "key", "new", "--holder", name, "-o", name, "--passphrase-file", str(secrets[name]))
    assert done.code == 0, done.err
    return done.out.strip()


def test_two_persons_unseal_what_neither_opens_alone(suar: Suar, tmp_path: Path, secrets: dict[str, Path]) -> None:
    public = [key(suar, secrets, name) for name in ("anan", "boon")]
    assert [(tmp_path / f"{name}.pub").read_text().strip() for name in ("anan", "boon")] == public
    two = Two(tmp_path)
    two.sg.core.keyring.save()
    configure(two.sg.folder, public)
    two.sg.restart()
    recalled, beside = two.publish(new("first"), new("second"))
    two.to_sg()
    two.cancel(recalled)
    two.to_sg()
    for kit in (two.th, two.sg):
        kit.close()
    state = ("--state", str(two.sg.folder), "--passphrase-file", str(secrets["gateway"]))
    assert "cannot be proved" in suar("evidence", "export", beside, "-o", "x", *state).err
    done = suar("evidence", "export", beside, "--sealed", "-o", "it.sealed", *state)
    assert done.code == 0, done.err

    def unseal(file: str, name: str, output: str, passphrase: str) -> tuple[int, str]:
        words = ("--key", name, "-o", output, "--passphrase-file", str(secrets[passphrase]))
        ended = suar("evidence", "unseal", file, *words)
        return ended.code, ended.err

    code, said = unseal("it.sealed", "anan", "x", "anan")
    assert (code, "another key" in said) == (1, True)
    code, said = unseal("it.sealed", "boon", "x", "anan")
    assert (code, "passphrase" in said) == (1, True)
    code, said = unseal("it.sealed", "boon", "it.half", "boon")
    assert (code, "is sealed to the key" in said) == (0, True)
    assert suar("evidence", "verify", "it.half", "--pin", two.th.lists.hash().hex()).code == 1
    assert unseal("it.half", "anan", "it.evidence", "anan")[0] == 0
    proved = suar("evidence", "verify", "it.evidence", "--pin", two.th.lists.hash().hex())
    assert proved.out.startswith(f"proved: {beside} rev 1"), proved.err


def test_a_key_is_never_written_over_another(suar: Suar, tmp_path: Path, secrets: dict[str, Path]) -> None:
    key(suar, secrets, "anan")
    before = (tmp_path / "anan").read_bytes()
    done = suar("evidence", "key", "new", "--holder", "B", "-o", "anan", "--passphrase-file", str(secrets["boon"]))
    assert (done.code, done.told) == (1, ["error:", "hint:"])
    assert (tmp_path / "anan").read_bytes() == before


def test_a_sealed_file_has_no_container(suar: Suar) -> None:
    done = suar("evidence", "export", "TH-ALERT-2027-000001", "--sealed", "--container", "-o", "x")
    assert done.code != 0
    assert "leave one of them out" in done.err
