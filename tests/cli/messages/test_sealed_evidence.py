"""`suar evidence key`, `export --sealed` and `unseal`: two persons, each with a key and a passphrase of their own."""

import json
from pathlib import Path

import pytest

from suar.federation.summary import grouped
from suar.protocol.base.primitives import kid
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


def shown_key(suar: Suar, secrets: dict[str, Path], name: str) -> dict[str, str]:
    done = suar("evidence", "key", "show", name, "--passphrase-file", str(secrets[name]), "--json")
    assert done.code == 0, done.err
    found: dict[str, str] = json.loads(done.out)
    return found


def test_whose_a_key_is_and_by_which_kid_it_is_named(suar: Suar, secrets: dict[str, Path]) -> None:
    public = key(suar, secrets, "anan")
    assert shown_key(suar, secrets, "anan") == {
        "holder": "anan", "kid": kid(bytes.fromhex(public)).hex(), "public": public,
    }  # fmt: skip
    plain = suar("evidence", "key", "show", "anan", "--passphrase-file", str(secrets["anan"])).out
    in_groups = grouped(kid(bytes.fromhex(public)).hex())
    assert plain.splitlines() == ["holder anan", f"kid {in_groups}", f"public {public}"]
    assert len(in_groups.split()) == 8, "as it is read over a telephone"
    wrong = suar("evidence", "key", "show", "anan", "--passphrase-file", str(secrets["boon"]))
    assert (wrong.code, "passphrase" in wrong.err) == (1, True)


def test_two_persons_unseal_what_neither_opens_alone(suar: Suar, tmp_path: Path, secrets: dict[str, Path]) -> None:
    public = [key(suar, secrets, name) for name in ("anan", "boon")]
    assert [(tmp_path / f"{name}.pub").read_text().strip() for name in ("anan", "boon")] == public
    two = Two(tmp_path)
    two.sg.core.keyring.save()
    configure(two.sg.folder, public)
    two.sg.restart()
    recalled, other = two.publish(new("first"), new("second"))
    two.to_sg()
    two.cancel(recalled)
    two.to_sg()
    for kit in (two.th, two.sg):
        kit.close()
    state = ("--state", str(two.sg.folder), "--passphrase-file", str(secrets["gateway"]))
    refused = suar("evidence", "export", other, "-o", "x", *state).err
    assert "cannot be proved" in refused
    assert "suar evidence export --sealed" in refused
    done = suar("evidence", "export", other, "--sealed", "-o", "it.sealed", *state)
    assert done.code == 0, done.err

    def unseal(file: str, name: str, output: str, passphrase: str) -> tuple[int, str]:
        words = ("--key", name, "-o", output, "--passphrase-file", str(secrets[passphrase]))
        ended = suar("evidence", "unseal", file, *words)
        return ended.code, ended.err

    code, message = unseal("it.sealed", "anan", "x", "anan")
    assert (code, "another key" in message) == (1, True)
    assert grouped(shown_key(suar, secrets, "boon")["kid"]) in message, "whose layer is next"
    assert grouped(shown_key(suar, secrets, "anan")["kid"]) in message, "and whose key that was"
    code, message = unseal("it.sealed", "boon", "x", "anan")
    assert (code, "passphrase" in message) == (1, True)
    (tmp_path / "mine").write_bytes(b"another file")
    assert unseal("it.sealed", "boon", "mine", "boon")[0] == 1
    assert unseal("it.sealed", "boon", "it.sealed", "boon")[0] == 1
    assert (tmp_path / "mine").read_bytes() == b"another file"
    code, message = unseal("it.sealed", "boon", "it.half", "boon")
    anan = grouped(shown_key(suar, secrets, "anan")["kid"])
    assert (code, f"is sealed to the key {anan} still" in message) == (0, True)
    for file in ("it.sealed", "it.half"):
        for ended in (
            suar("evidence", "verify", file, "--pin", two.th.lists.hash().hex()),
            suar("evidence", "renew", file, "-o", "x", "--state", str(two.sg.folder)),
        ):
            assert (ended.code, "suar evidence unseal" in ended.err) == (1, True), ended.err
            assert "altered" not in ended.err
    assert unseal("it.half", "anan", "it.evidence", "anan")[0] == 0
    proved = suar("evidence", "verify", "it.evidence", "--pin", two.th.lists.hash().hex())
    assert proved.out.startswith(f"proved: {other} rev 1"), proved.err


def test_a_key_is_never_written_over_another(suar: Suar, tmp_path: Path, secrets: dict[str, Path]) -> None:
    key(suar, secrets, "anan")
    before = (tmp_path / "anan").read_bytes()
    done = suar("evidence", "key", "new", "--holder", "B", "-o", "anan", "--passphrase-file", str(secrets["boon"]))
    assert (done.code, done.line_labels) == (1, ["error:", "hint:"])
    assert (tmp_path / "anan").read_bytes() == before


def test_a_sealed_file_has_no_container(suar: Suar) -> None:
    done = suar("evidence", "export", "TH-ALERT-2027-000001", "--sealed", "--container", "-o", "x")
    assert done.code != 0
    assert "leave one of them out" in done.err
