"""A gateway whose identity key is in a hardware module from its first trust list on, and which loses sight of it."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from suar.protocol.files.auditlog import exported_lines, records, verify
from suar.service.settings.hardware_key import HardwareKey
from suar.service.settings.state import rewrite_request
from support import softhsm
from support.gateways import PASSPHRASE, Federation, Running, draft, eventually
from support.softhsm import SoftHsm

pytestmark = [
    pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.sqlite,  # the key has nothing to do with the database
]  # fmt: skip
OWNER = "TH"


class WithModule(Federation):
    """TH's identity key is in the token, SG's is a seed."""

    def __init__(self, folder: Path, token: SoftHsm) -> None:
        self.token = token
        super().__init__(folder, (OWNER, "SG"))
        self[OWNER].environ |= token.environment

    def _create_state(self, code: str, folder: Path, made: int) -> None:
        super()._create_state(code, folder, made)
        if code == OWNER:
            with (folder / "suar.toml").open("a") as file:
                file.write(self.token.lines)
            rewrite_request(folder, PASSPHRASE, name=None, rotate_at=made, module=self.token.module())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def federation(tmp_path_factory: pytest.TempPathFactory, each_store: str) -> AsyncIterator[WithModule]:
    with softhsm.made(tmp_path_factory.mktemp("hsm")) as token:
        made = WithModule(tmp_path_factory.mktemp("federation"), token)
        try:
            await made.start()
            yield made
        finally:
            await made.stop()


async def is_stored(running: Running, id_: str) -> bool:
    return set((await running.states(id_)).values()) == {"stored"}


async def is_ready(running: Running) -> bool:
    return (await running.call("GET", "/readyz")).status_code == 200


async def is_away(running: Running) -> bool:
    answer = await running.call("GET", "/readyz")
    return answer.status_code == 503 and "hardware module" in answer.text


async def critical(running: Running) -> set[str]:
    return {each["id"] for each in (await running.get("/v1/checks"))["checks"] if each["status"] == "critical"}


async def test_it_seals_loses_sight_of_the_module_and_goes_on(federation: WithModule) -> None:
    owner, other, token = federation[OWNER], federation["SG"], federation.token
    assert isinstance(federation.keyring(OWNER).identity.key, HardwareKey)
    (first,) = await owner.publish(draft("sealed under a key of the module"))
    await eventually(partial(is_stored, owner, first), message=owner.words)

    token.remove_token()
    await eventually(partial(is_away, owner), message=owner.words)
    assert "identity-key" in await critical(owner)
    (second,) = await owner.publish(draft("under the open epoch"))
    (late,) = await owner.publish(draft("needs an epoch of its own", ["SG"]))
    await eventually(partial(is_stored, owner, second), message=owner.words)
    assert (await owner.states(late))["SG"] == "queued"

    token.restore_token()
    await eventually(partial(is_ready, owner), message=owner.words)
    await eventually(partial(is_stored, owner, late), message=owner.words)
    assert "identity-key" not in await critical(owner)
    assert all(owner.events(name) for name in ("key_away", "key_back"))
    (answer,) = await other.publish(draft("the other way"))
    await eventually(partial(is_stored, other, answer), message=other.words)


async def test_started_without_the_module_it_runs_and_opens_an_epoch_when_it_is_back(federation: WithModule) -> None:
    owner, token = federation[OWNER], federation.token
    owner.end()
    token.remove_token()
    owner.start()
    await eventually(partial(_answers, owner), message=owner.words)
    await eventually(partial(is_away, owner), message=owner.words)
    token.restore_token()
    await owner.ready()
    (id_,) = await owner.publish(draft("after a start without it"))
    await eventually(partial(is_stored, owner, id_), message=owner.words)


async def _answers(running: Running) -> bool:
    try:
        return (await running.call("GET", "/healthz")).status_code == 200
    except OSError:
        return False


async def test_its_audit_is_signed_by_the_key_of_the_module(federation: WithModule) -> None:
    identity = federation.keyring(OWNER).identity
    page = await federation[OWNER].get("/v1/audit")
    assert verify(records(exported_lines([page])), kids=[identity.kid.hex()])
