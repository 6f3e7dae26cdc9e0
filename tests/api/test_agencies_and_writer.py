"""Agencies never slow the bus: what they read at any door is answered while the store's writer is held."""

import asyncio

import pytest

from api.test_recall_everywhere import FEED, FOR_AGENCIES, SOUGHT, addresses, contents, stix_objects
from support.agency_desk import BATCH, Desk
from support.corekit import rows
from support.held_writer import WITHIN, held_open


@pytest.mark.parametrize("path", sorted(FOR_AGENCIES))
async def test_what_an_agency_reads_does_not_take_the_writer(desk: Desk, path: str) -> None:
    """But for the first reading of an hour, which is a line of the audit."""
    await desk.receive(*contents())
    token = await desk.register(kinds=["alert", "pattern", "trend"])
    objects = [each["id"] for each in await stix_objects(desk, token)]
    requests: list[tuple[str, dict[str, str]]] = [(each, {}) for each in addresses(path, objects)]
    requests += [(each, {"Accept": BATCH}) for each in addresses(path, objects) if path == FEED]
    for address, headers in requests:
        await desk.call("GET", address, token, headers=headers)
    lines = rows(desk.kit, "select count(*) from audit")
    async with held_open(desk.kit.unlent):
        answers = [
            await asyncio.wait_for(desk.call("GET", address, token, headers=headers), WITHIN)
            for address, headers in requests
        ]
    assert any(each in answer.content for answer in answers for each in SOUGHT)
    assert rows(desk.kit, "select count(*) from audit") == [(lines[0][0] + 1,)], "the one of the transaction"
