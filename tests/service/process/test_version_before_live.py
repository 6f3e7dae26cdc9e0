"""A member with the version before exchanges with members of this one, is upgraded, and goes back by its backup."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from support import version_before
from support.gateways import PASSED_OVER, PASSPHRASE, Federation, Running, draft, eventually

pytestmark = [
    pytest.mark.slow, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.sqlite,  # the version before has its store in a file
]  # fmt: skip
OLD = "TH"
OF_THE_MACHINE = PASSED_OVER | {"silence"}
"""Alarms that a busy machine or a NATS source may cause."""


class Mixed(Federation):
    """SG and VN of this version; TH's state was made by the version before, which runs it."""

    def __init__(self, folder: Path) -> None:
        self.secret = folder / "passphrase"
        self.secret.write_bytes(PASSPHRASE)
        super().__init__(folder, (OLD, "SG", "VN"))
        self.go_back()

    def _create_state(self, code: str, folder: Path, made: int) -> None:
        if code != OLD:
            super()._create_state(code, folder, made)
            return
        member = ("--member", code, "--name", f"State {code}", "--federation", "asean-test")
        version_before.run("init", *member, "--argon2id", "interactive", "--state", str(folder), passphrase=self.secret)

    def configure(self, code: str) -> None:
        super().configure(code)
        if code == OLD:
            del self[code].environ["SUAR_BUS__TWO_HUBS"]  # which the version before does not know

    def import_lists(self, code: str, *lists: bytes, pin: bytes) -> None:
        if code != OLD:
            super().import_lists(code, *lists, pin=pin)
            return
        for data in lists:
            file = self.folder / "trust.list"
            file.write_bytes(data)
            self.old("trust", "import", str(file), "--pin", pin.hex())

    def old(self, *arguments: str) -> str:
        """Run a command of the version before on TH's state."""
        return version_before.run(*arguments, "--state", str(self[OLD].folder), passphrase=self.secret)

    def go_back(self) -> None:
        """TH's gateway is started by the version before from now on."""
        self[OLD].program = version_before.PROGRAM
        self[OLD].environ |= version_before.environment()

    def upgrade(self) -> None:
        """TH's gateway is started by this version from now on."""
        self[OLD].program = ()
        del self[OLD].environ["PYTHONPATH"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mixed(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[Mixed]:
    made = Mixed(tmp_path_factory.mktemp("mixed"))
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def exchange(mixed: Mixed, title: str) -> dict[str, str]:
    """Each member publishes, all others store it and their receipts return; the ids, by member."""
    ids = {code: (await running.publish(draft(f"{title} of {code}")))[0] for code, running in mixed.gateways.items()}
    for code, id_ in ids.items():
        await eventually(partial(is_confirmed, mixed[code], id_), message=mixed[OLD].words)
    return ids


async def is_confirmed(running: Running, id_: str) -> bool:
    return set((await running.states(id_)).values()) <= {"stored", "opened"}


async def open_alarms(mixed: Mixed) -> list[str]:
    found = await asyncio.gather(*(running.alarms() for running in mixed.gateways.values()))
    shown = [each for rows in found for each in rows if each["name"] not in OF_THE_MACHINE]
    return [str(each["name"]) for each in shown if each["state"] != "ended"]


async def has_no_alarm(mixed: Mixed) -> None:
    """Wait until none is open: `left-out` is, of an epoch that was faster than a bundle, until its sender answers."""

    async def is_so() -> bool:
        return not await open_alarms(mixed)

    await eventually(is_so, message=mixed[OLD].words)


async def test_both_versions_exchange_upgrade_and_go_back(mixed: Mixed, tmp_path: Path) -> None:
    old = mixed[OLD]
    first = await exchange(mixed, "before")
    (cancelled,) = await mixed["SG"].publish(draft("to be recalled"))
    await eventually(lambda: is_confirmed(mixed["SG"], cancelled))
    answer = await mixed["SG"].call("POST", f"/v1/messages/{cancelled}/cancel", b'{"reason": "wrong border post"}')
    assert answer.status_code == 201, answer.text

    async def is_recalled() -> bool:
        return (await mixed["SG"].states(cancelled))[OLD] == "recalled"

    await eventually(is_recalled, message=old.words)
    await has_no_alarm(mixed)

    old.end()
    backup = tmp_path / "th.backup"
    mixed.old("backup", "-o", str(backup))
    mixed.upgrade()
    await old.start_and_wait()
    second = await exchange(mixed, "after the upgrade")
    assert {"before of SG", "before of VN"} <= set(await old.titles())
    await has_no_alarm(mixed)

    old.end()
    mixed.go_back()
    old.start()
    assert old.wait() == 1, "the version before refuses the store"
    assert "install the version that wrote it" in old.words()
    mixed.old("restore", str(backup), "--replace")
    await old.start_and_wait()
    third = await exchange(mixed, "after the way back")
    assert len({each[OLD] for each in (first, second, third)}) == 3
    assert {"after the upgrade of SG", "after the upgrade of VN"} <= set(await old.titles())

    async def is_restored() -> bool:
        return set(await open_alarms(mixed)) <= {"restored"}

    await eventually(is_restored, message=lambda: "its state is that of the backup")
