"""Every act of a person stands in the audit once, under the name of the token that did it, and only if it was done."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from suar.protocol.base.errors import Fault, Refused
from suar.service.access.tokens import check
from suar.service.pacing.wake import Wake
from suar.service.process.gateway import Gateway
from suar.service.publish import accepting
from suar.service.trust import trust_sync
from support.corekit import CoreKit, rows
from support.gateways import draft


class Desk:
    """A gateway without a bus, asked by people."""

    def __init__(self, folder: Path) -> None:
        self.kit = CoreKit(folder, "VN")
        self.gateway = Gateway(self.kit.core, Wake())

    def lines(self) -> list[tuple[str, str, str]]:
        return [(row[0], row[1], row[2]) for row in rows(self.kit, "select who, what, about from audit order by n")]


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = Desk(tmp_path / "vn")
    await made.gateway.open("suar_" + "l" * 43)
    yield made
    made.kit.close()


async def test_tokens(desk: Desk) -> None:
    made = await desk.gateway.tokens_add(check("police", ["read"]), "chief")
    with pytest.raises(Fault, match="exists or existed"):
        await desk.gateway.tokens_add(check("police", ["approve"]), "intruder")
    assert not await desk.gateway.tokens_revoke("nobody", "intruder")
    await desk.gateway.tokens_claim("police", str(made["claim"]))
    with pytest.raises(Fault, match="the code is spent"):
        await desk.gateway.tokens_claim("police", str(made["claim"]))
    assert await desk.gateway.tokens_revoke("police", "deputy")
    assert not await desk.gateway.tokens_revoke("police", "intruder")
    assert [line for line in desk.lines() if line[1].startswith("token-")] == [
        ("chief", "token-add", "police"),
        ("police", "token-claim", "police"),
        ("deputy", "token-revoke", "police"),
    ]


async def test_trust_and_keys(desk: Desk) -> None:
    with pytest.raises(Refused):
        await desk.gateway.import_list(b"bad", None, "intruder")
    await desk.gateway.import_list(desk.kit.lists.after().signed(), None, "chief")
    await desk.gateway.rotate_keys("deputy")
    assert {line[:2] for line in desk.lines() if line[0] != "test"} == {
        ("chief", "trust-import"),
        ("deputy", "keys-rotate"),
    }


async def test_who_was_shown_what_waits(desk: Desk) -> None:
    trust_sync.rotate_bundle(desk.kit.core)
    desk.kit.receive_bundles()
    assert await desk.gateway.held("early") == []
    body = draft("it waits", expires="2027-01-30T00:00:00Z", severity="extreme")
    drafts = [(msgspec.json.encode(body), None)]
    [verdict] = desk.kit.aside(accepting.accept, desk.kit.core, drafts, realm="actual", token="publisher")
    assert verdict.verdict == "held"
    assert len(await desk.gateway.held("approver")) == 1
    assert [line for line in desk.lines() if line[1] == "held"] == [("approver", "held", verdict.id)]
