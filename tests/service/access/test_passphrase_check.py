"""The passphrase that is asked for again: what it costs to guess, and what it guards."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from suar.protocol.base import limits
from suar.service.access.passphrase_check import TRIES, NotConfirmed, TooManyAttempts
from suar.service.access.tokens import LOCAL
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from support.corekit import PASSPHRASE, CoreKit, rows


class Desk:
    """A gateway without a bus, whose identity key stands in its trust list."""

    def __init__(self, folder: Path) -> None:
        self.kit = CoreKit(folder, "VN")
        self.gateway = Gateway(self.kit.core, Wake())
        self.kid = self.kit.keyring.identity.kid

    def lines(self) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in rows(self.kit, "select who, what from audit order by n")]


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path / "vn")
    yield made
    made.kit.close()


@pytest.mark.parametrize("body", [None, b"", b"wrong"])
async def test_without_it_the_identity_stays(desk: Desk, body: bytes | None) -> None:
    with pytest.raises(NotConfirmed):
        await desk.gateway.compromised(desk.kid, "admin", body)
    assert not desk.kit.core.status.trust.is_revoked(desk.kid)
    assert [line for line in desk.lines() if line[1] == "passphrase-wrong"] == (
        [("admin", "passphrase-wrong")] if body else []
    )


async def test_with_it_the_identity_is_revoked(desk: Desk) -> None:
    answer = await desk.gateway.compromised(desk.kid, "admin", PASSPHRASE)
    assert answer["key"] == "identity"
    assert desk.kit.core.status.trust.is_revoked(desk.kid)


async def test_guesses_are_few_an_hour(desk: Desk) -> None:
    for _ in range(TRIES):
        with pytest.raises(NotConfirmed):
            await desk.gateway.compromised(desk.kid, "admin", b"wrong")
    with pytest.raises(TooManyAttempts) as many:
        await desk.gateway.compromised(desk.kid, "admin", PASSPHRASE)
    assert many.value.seconds == limits.HOUR // limits.SECOND + 1
    desk.kit.now += limits.HOUR
    assert (await desk.gateway.compromised(desk.kid, "admin", PASSPHRASE))["key"] == "identity"


async def test_a_token_does_not_use_up_the_tries_of_a_person_at_the_machine(desk: Desk) -> None:
    for _ in range(TRIES):
        with pytest.raises(NotConfirmed) as wrong:
            await desk.gateway.compromised(desk.kid, "admin", b"wrong")
        assert str(desk.kit.folder) not in wrong.value.text + wrong.value.hint
    with pytest.raises(TooManyAttempts):
        await desk.gateway.compromised(desk.kid, "another", b"wrong")
    assert (await desk.gateway.compromised(desk.kid, LOCAL, PASSPHRASE))["key"] == "identity"
