"""The record of access: by whichever door a text or a title leaves, the audit says to whom and which message it was."""

import pytest

from suar.api.contract.taxii import COLLECTIONS
from suar.store.faults import StoreFault
from suar.store.people import access
from support.agency_desk import BATCH, Desk
from support.corekit import rows
from support.kit import id_of, urgent

ALERTS = f"/taxii2/root/collections/{next(each.id for each in COLLECTIONS if each.alias == 'alert')}"


async def own_token(desk: Desk) -> str:
    """Of a program of this member."""
    made = await desk.call("POST", "/v1/tokens", json={"name": "analysis", "scopes": ["read"]})
    assert made.status_code == 201, made.text
    return str(made.json()["token"])


def record(desk: Desk, who: str) -> dict[str, str]:
    """What -> about: the lines of who that name a message."""
    found = rows(desk.kit, f"select what, about from audit where who = '{who}' order by n")
    return {row.what: row.about for row in found if "TH-ALERT" in row.about}


BOTH = f"{id_of(1)} 1 {id_of(2)} 1"
ONE = f"{id_of(1)} 1"
DOORS = {
    "/v1/messages": ("list", BOTH),
    f"/v1/messages/{id_of(1)}": ("open", ONE),
    f"/v1/messages/{id_of(1)}/export?as=json": ("export", ONE),
    f"/v1/messages/{id_of(1)}/evidence": ("evidence", ONE),
    "/v1/feed?follow=false": ("feed-sent", BOTH),
    "/v1/feeds/cap.atom": ("feed-sent", BOTH),
    f"/v1/feeds/cap/{id_of(1)}": ("feed-sent", ONE),
    f"{ALERTS}/objects/": ("feed-sent", BOTH),
    f"{ALERTS}/manifest/": ("feed-sent", BOTH),
}


@pytest.mark.parametrize("path", DOORS)
async def test_every_door_names_the_messages_that_a_program_of_ours_read(desk: Desk, path: str) -> None:
    """Before, CAP, TAXII and the data of trends said the door alone, and a CAP document nothing."""
    await desk.receive(urgent(1), urgent(2))
    token = await own_token(desk)
    answer = await desk.call("GET", path, token)
    assert answer.status_code == 200, answer.text
    what, about = DOORS[path]
    assert record(desk, "analysis") == {what: about}


@pytest.mark.parametrize("path", ["/v1/feed", "/v1/feeds/cap.atom", f"/v1/feeds/cap/{id_of(1)}", f"{ALERTS}/objects/"])
async def test_every_door_names_the_messages_that_an_agency_read(desk: Desk, path: str) -> None:
    """Before, its lines named the realm alone."""
    await desk.receive(urgent(1), urgent(2))
    token = await desk.register()
    for _ in range(2):
        answer = await desk.call("GET", path, token, headers={"Accept": BATCH if path == "/v1/feed" else "*/*"})
        assert answer.status_code == 200, answer.text
        await desk.gateway.core.run(desk.gateway.agency_texts.keep, at_once=True)
    assert record(desk, "agency/health") == {"given": ONE if "/cap/" in path else BOTH}


async def test_what_cannot_be_recorded_is_not_served(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that cannot be written: no text leaves by the doors either."""
    await desk.receive(urgent(1))
    token = await own_token(desk)

    def full(*_: object) -> None:
        raise StoreFault("the disk is full", "make room")

    monkeypatch.setattr(access, "notes", full)
    for path in ("/v1/feeds/cap.atom", f"/v1/feeds/cap/{id_of(1)}", f"{ALERTS}/objects/"):
        answer = await desk.call("GET", path, token)
        assert answer.status_code >= 500
        assert id_of(1) not in answer.text
