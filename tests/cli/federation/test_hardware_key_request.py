"""`suar federation request` where suar.toml names a hardware module: the key is made there, and founding takes it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from suar.federation.request import read_request
from suar.service.settings.hardware_key import HardwareKey
from suar.service.settings.keyring import Keyring
from suar.service.settings.sealed import FLOOR
from suar.service.settings.state import create_state
from support import softhsm
from support.commands import Suar
from support.kit import NOW
from support.softhsm import SoftHsm

PASSPHRASE = b"a passphrase of the tests"


@pytest.fixture
def token(tmp_path: Path) -> Iterator[SoftHsm]:
    with softhsm.made(tmp_path / "hsm") as found:
        yield found


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "th"
    create_state(folder, PASSPHRASE, member="TH", name="Thailand", federation="asean", now=NOW, cost=FLOOR)
    (tmp_path / "passphrase").write_bytes(PASSPHRASE)
    return folder


def request(suar: Suar, state: Path, *options: str) -> int:
    passphrase = str(state.parent / "passphrase")
    return suar("federation", "request", *options, "--state", str(state), "--passphrase-file", passphrase).code


def test_the_key_is_made_in_the_module_and_the_request_is_sound(suar: Suar, state: Path, token: SoftHsm) -> None:
    with (state / "suar.toml").open("a") as file:
        file.write(token.lines)
    assert request(suar, state, "--rotate") == 0
    assert request(suar, state, "--name", "Kingdom of Thailand") == 0
    identity = Keyring.open(state / "keyring.suar", PASSPHRASE).identity
    assert isinstance(identity.key, HardwareKey)
    path = state / "TH.request.json"
    made = read_request(path.read_bytes(), str(path))
    assert (made.request.kid, made.request.name) == (identity.kid, "Kingdom of Thailand")


def test_no_key_is_made_elsewhere_while_the_module_or_the_settings_are_wrong(
    suar: Suar, state: Path, token: SoftHsm
) -> None:
    settings = state / "suar.toml"
    written = settings.read_text()
    before = (state / "keyring.suar").read_bytes()
    for text in (written + token.lines.replace(str(token.pin_file), "/nowhere"), written + '[hsm]\nmodule = "x"\n'):
        settings.write_text(text)
        assert request(suar, state, "--rotate") == 1
        assert (state / "keyring.suar").read_bytes() == before
    assert request(suar, state) == 0, "the request of a key that is there needs no settings"
