"""Commands run in this process, as `suar` runs them: arguments in, exit code and two texts out."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import Suar, in_process
from support.fake_gateway import FakeGateway, serving
from support.gateway_state import alert_draft


@pytest.fixture(autouse=True)
def own_zone() -> None:
    """The C library keeps the zone of a test before that set TZ, until it is told to look again."""
    time.tzset()


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_bytes(b"four words of it\n")
    return path


@pytest.fixture
def suar(tmp_path: Path, passphrase: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Suar:
    """`suar(*arguments)`, in a folder of its own, passphrases from a file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUAR_PASSPHRASE_FILE", str(passphrase))
    monkeypatch.setenv("SUAR_ARGON2ID", "interactive")
    monkeypatch.delenv("SUAR_STATE", raising=False)
    return in_process(capsys)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[FakeGateway]:
    """A fake gateway that serves ./suar-state, found as commands find it: by gateway.json."""
    with serving(tmp_path / "suar-state") as made:
        yield made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The draft of an alert."""
    path = tmp_path / "message.json"
    path.write_bytes(alert_draft())
    return path
