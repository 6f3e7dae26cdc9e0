"""What a client makes a server log is bounded: the log is a few files of a size, not the disk."""

import contextlib
from pathlib import Path

import pytest

from suar.demo.embedded.prepared import prepare
from suar.demo.embedded.servers import Servers
from suar.federation import nats_config
from support.nats_server import eventually
from support.raw_nats import raw_client

MIB = 1024 * 1024
SUBJECT = b"not.allowed." + b"x" * 3_900
LINES = 2_500  # ten megabytes of `Publish Violation`


async def test_a_server_keeps_a_few_files_of_a_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_config, "LOG_MB", 1)
    prepared = prepare(tmp_path, ["TH"])
    async with Servers(tmp_path, prepared.plan, prepared.environs) as servers:
        async with raw_client(servers.plan.member("TH").url, prepared.seeds["TH", "gateway"]) as client:
            for _ in range(LINES):
                with contextlib.suppress(AssertionError):  # the server says no, and logs it
                    await client.send(b"PUB %s 0\r\n\r\n" % SUBJECT)

        async def has_rotated() -> bool:
            return len(_logs(tmp_path)) > 1

        await eventually(has_rotated)
        sizes = [each.stat().st_size for each in _logs(tmp_path)]
        assert len(sizes) <= nats_config.LOG_FILES
        assert sum(sizes) < (nats_config.LOG_FILES + 1) * MIB < LINES * len(SUBJECT)


def _logs(folder: Path) -> list[Path]:
    return list((folder / "th").glob("log*"))
