"""A person who gets a text by its id opens it, at whatever door; a head without a body opens nothing.

The doors are those of the table of scopes, which a test holds to the router: one that is added later is asked too.
"""

import pytest

from api.test_recall_everywhere import (
    FOR_AGENCIES,
    HAD_IT,
    IDS,
    SOUGHT,
    TAXII,
    addresses,
    contents,
    shown,
    stix_objects,
)
from suar.service.access.tokens import check
from suar.service.reading import human_receipts
from support.agency_desk import LOCAL, Desk
from support.corekit import rows
from support.problems import SCOPE_OF

BY_ID = sorted(path for method, path in SCOPE_OF if method == "GET" and "{" in path and path != TAXII)
"""The calls about one thing; a page of a collection is a list."""


async def sign(desk: Desk) -> None:
    """Queue what is due: a statement whose act the audit lacks is set aside, with an alarm."""

    def queue() -> None:
        with desk.kit.core.transaction() as connection:
            human_receipts.queue_due(desk.kit.core, connection)

    await desk.gateway.core.run(queue)
    assert {state for (state,) in rows(desk.kit, "select state from own_statement")} <= {"queued"}
    assert rows(desk.kit, "select name from alarm") == []


async def claimed(desk: Desk) -> str:
    """The token of a person, who has claimed it."""
    made = await desk.gateway.tokens_add(check("analyst", ["read", "approve", "monitor"], is_person=True), "local")
    answer = await desk.call("POST", "/v1/tokens/claim", str(made["claim"]))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["token"])


def opened(desk: Desk) -> set[str]:
    """What this member tells to have opened."""
    return {str(row[0]) for row in rows(desk.kit, "select id from own_statement where stage = 'opened'")}


@pytest.mark.parametrize("path", BY_ID)
async def test_who_gets_a_text_by_its_id_opens_it(desk: Desk, path: str) -> None:
    await desk.receive(*contents())
    objects, token = [each["id"] for each in await stix_objects(desk, LOCAL)], await claimed(desk)
    requests = list(addresses(path, objects))
    for address in requests:
        head = await desk.call("HEAD", address, token)
        assert head.content == b""
    assert opened(desk) == set()
    shows = False
    for address in requests:
        answer = await desk.call("GET", address, token)
        shows |= any(each in answer.content for each in SOUGHT)
    assert shows == (path in HAD_IT)
    assert bool(opened(desk)) == shows
    if "{id:str}" in path and shows and "cap" not in path:
        assert opened(desk) == set(IDS)
    await sign(desk)


async def test_a_page_of_a_collection_opens_what_is_requested_by_id(desk: Desk) -> None:
    await desk.receive(*contents())
    objects, token = [each["id"] for each in await stix_objects(desk, LOCAL)], await claimed(desk)
    path = TAXII.replace("{name:str}", "alert")
    assert (await desk.call("GET", path, token)).json()["objects"]
    assert opened(desk) == set()
    answers = [await desk.call("GET", f"{path}?match[id]={each}", token) for each in objects]
    assert [each for each in answers if each.json()]
    assert opened(desk) == {IDS[0]}
    await sign(desk)


async def test_a_program_opens_nothing_by_an_id(desk: Desk) -> None:
    await desk.receive(*contents())
    token = str((await desk.gateway.tokens_add(check("desk", ["read"]), "local"))["token"])
    for address in (f"/v1/messages/{IDS[0]}/evidence", f"/v1/feeds/cap/{IDS[0]}"):
        assert (await desk.call("GET", address, token)).status_code == 200
    assert opened(desk) == set()


async def test_an_agency_opens_nothing_at_any_door(desk: Desk) -> None:
    """Its reading sends no receipt, by whatever call it gets a text; opening is a person's act at the focal point."""
    await desk.receive(*contents())
    token = await desk.register(kinds=["alert", "pattern", "trend"])
    objects = [each["id"] for each in await stix_objects(desk, token)]
    assert await shown(desk, token, objects) == FOR_AGENCIES
    await desk.gateway.core.run(desk.gateway.agency_texts.keep, at_once=True)
    assert rows(desk.kit, "select distinct agency from agency_given") == [("health",)]
    assert rows(desk.kit, "select * from own_statement where stage = 'opened'") == []
