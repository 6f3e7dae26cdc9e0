"""Commands run in this process, as `suar` runs them: arguments in, exit code and two texts out."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from commands import Ended, Suar
from fake_gateway import LOCAL, FakeGateway, make, served
from suar.cli.main import run


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

    def call(*arguments: str) -> Ended:
        capsys.readouterr()
        code = run(arguments)
        return Ended(code, *capsys.readouterr())

    return call


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[FakeGateway]:
    """A fake gateway that serves ./suar-state, found as commands find it: by gateway.json."""
    made, started = make(tmp_path / "suar-state"), threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with served(made) as url:
            address = {"url": url, "token": LOCAL, "pid": os.getpid()}
            (tmp_path / "suar-state" / "gateway.json").write_bytes(msgspec.json.encode(address))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert started.wait(10)
    yield made
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()
