"""A coordinator changes the registration of an agency: its nkey, whether it may propose, and the end of its webhook."""

import html
from collections.abc import Awaitable
from typing import Any, Final

import pytest

from suar.federation.plan import AGENCY_RELOAD, agency_text
from suar.protocol.base import limits
from suar.service.webhooks.webhook import digest_of
from support.agency_desk import NKEYS
from support.console import Browser, Desk

NKEY, OTHER = NKEYS
FORM: Final = {"name": "hotline", "sector": "health", "kind": "alert", "tlp": "GREEN", "realm": "actual"}
PATH: Final = "/console/agencies/hotline"
HOOK: Final = "https://cases.health.example/x"


async def registered(visit: Browser, **more: str) -> str:
    """The page that jose sees after registering an agency with these further values."""
    await visit.sign_in("jose")
    await visit.get("/console/agencies")
    made = await visit.post("/console/agencies", FORM | more)
    assert made.status_code == 200
    return html.unescape(made.text)


async def shown(desk: Desk, name: str = "hotline") -> dict[str, Any]:
    found = await desk.gateway.webhooks.agency(name)
    assert found is not None
    return found


def acts(desk: Desk) -> list[tuple[str, str]]:
    """What jose did about the agency: (act, about), without what was listed."""
    return [line[1:] for line in desk.audit() if line[0] == "jose" and "hotline" in line[2]]


def has_plan_entry(page: str, name: str, nkey: str) -> bool:
    return all(line in page for line in (agency_text(name, nkey), *AGENCY_RELOAD))


async def test_an_agency_is_registered_with_an_nkey_and_the_next_steps_are_shown(desk: Desk, visit: Browser) -> None:
    page = await registered(visit, nkey=f" {NKEY} ")
    assert has_plan_entry(page, "hotline", NKEY)
    assert (await shown(desk))["nkey"] == NKEY
    later = html.unescape((await visit.get(PATH)).text)
    assert (NKEY in later, AGENCY_RELOAD[0] in later) == (True, False)
    assert [act for act, _ in acts(desk)] == ["agency-add"]


@pytest.mark.parametrize("wrong", [NKEY[:-1], NKEY.lower(), NKEY[:-1] + "7", "A" + NKEY[1:]])
async def test_what_is_no_nkey_is_refused_and_stays_in_the_form(desk: Desk, visit: Browser, wrong: str) -> None:
    await visit.sign_in("jose")
    await visit.get("/console/agencies")
    refused = await visit.post("/console/agencies", FORM | {"nkey": wrong})
    assert (refused.status_code, f'value="{wrong}"' in refused.text) == (422, True)
    assert [each["name"] for each in await desk.gateway.agencies.list()] == ["clinic"]
    await visit.get("/console/agencies/clinic")
    refused = await visit.post("/console/agencies/clinic", {"act": "nkey-set", "nkey": wrong})
    assert (refused.status_code, f'value="{wrong}"' in refused.text) == (422, True)
    assert (await shown(desk, "clinic"))["nkey"] is None


async def test_the_nkey_of_another_agency_is_refused(desk: Desk, visit: Browser) -> None:
    await registered(visit, nkey=NKEY)
    await visit.get("/console/agencies/clinic")
    refused = await visit.post("/console/agencies/clinic", {"act": "nkey-set", "nkey": NKEY})
    assert (refused.status_code, "Another agency has that nkey" in refused.text) == (422, True)
    assert (await shown(desk, "clinic"))["nkey"] is None


async def test_an_nkey_is_set_replaced_and_removed(desk: Desk, visit: Browser) -> None:
    await registered(visit)
    for nkey in (NKEY, OTHER):
        await visit.get(PATH)
        made = await visit.post(PATH, {"act": "nkey-set", "nkey": nkey})
        assert (made.status_code, has_plan_entry(html.unescape(made.text), "hotline", nkey)) == (200, True)
        assert (await shown(desk))["nkey"] == nkey
    removed = await visit.post(PATH, {"act": "nkey-remove", "nkey": OTHER})
    assert (removed.status_code, "remove its user from the list" in removed.text) == (200, True)
    assert (await shown(desk))["nkey"] is None
    assert 'value="nkey-remove"' not in removed.text
    assert acts(desk)[1:] == [
        ("agency-change", f"hotline: nkey {NKEY}"), ("agency-change", f"hotline: nkey {OTHER}"),
        ("agency-change", "hotline: nkey none"),
    ]  # fmt: skip


async def test_a_registered_agency_may_propose_and_then_no_more(desk: Desk, visit: Browser) -> None:
    await registered(visit, nkey=NKEY)
    for act, may_propose, about in (
        ("propose", True, "may propose"), ("propose-no-more", False, "proposes nothing"),
    ):  # fmt: skip
        page = (await visit.get(PATH)).text
        assert f'value="{act}"' in page
        assert (await visit.post(PATH, {"act": act})).status_code == 303
        assert ((await shown(desk))["propose"], (await shown(desk))["nkey"]) == (may_propose, NKEY)
        assert acts(desk)[-1] == ("agency-change", f"hotline: {about}")


async def test_a_webhook_is_removed(desk: Desk, visit: Browser) -> None:
    await registered(visit, webhook=HOOK)
    assert 'value="webhook-remove"' in (await visit.get(PATH)).text
    assert (await visit.post(PATH, {"act": "webhook-remove", "url": HOOK})).status_code == 303
    assert (await shown(desk))["webhook"] is None
    page = (await visit.get(PATH)).text
    assert (HOOK in page, 'value="webhook-remove"' in page) == (False, False)
    again = await visit.post(PATH, {"act": "webhook-remove", "read": digest_of("hotline", None)})
    assert (again.status_code, "The agency has no webhook" in again.text) == (422, True)
    assert acts(desk)[-1] == ("webhook-remove", "hotline")


@pytest.mark.parametrize("act", ["nkey-set", "nkey-remove", "propose", "propose-no-more"])
@pytest.mark.parametrize("other", ["nkey", "propose", "suspend"])
async def test_nothing_of_a_registration_is_changed_that_another_has_changed_meanwhile(
    desk: Desk, visit: Browser, act: str, other: str
) -> None:
    await registered(visit, nkey=NKEY)
    await visit.get(PATH)
    agencies = desk.gateway.agencies
    change: Awaitable[bool | str | None] = (
        agencies.change("hotline", "maria", nkey=OTHER) if other == "nkey"
        else agencies.change("hotline", "maria", propose=True) if other == "propose"
        else agencies.suspend("hotline", "maria")
    )  # fmt: skip
    assert await change
    before, audit = await shown(desk), desk.audit()
    assert (await visit.post(PATH, {"act": act, "nkey": NKEY})).status_code == 409
    assert (await visit.post(PATH, {"act": act, "nkey": NKEY, "read": ""})).status_code == 409
    assert (await shown(desk), desk.audit()) == (before, audit)


@pytest.mark.parametrize("act", ["nkey-set", "propose", "webhook-remove"])
async def test_each_change_needs_a_factor_of_the_last_minutes_and_a_coordinator(
    desk: Desk, visit: Browser, act: str
) -> None:
    await registered(visit, webhook=HOOK)
    before = await shown(desk)
    await visit.get(PATH)
    desk.later(11 * limits.MINUTE)
    page = await visit.post(PATH, {"act": act, "nkey": NKEY})
    assert page.headers["location"].startswith("/console/again")
    await visit.get("/console")
    await visit.post("/console/sign-out")
    await visit.sign_in("omar")
    await visit.get("/console")
    assert (await visit.post(PATH, {"act": act, "nkey": NKEY})).status_code == 403
    assert await shown(desk) == before


@pytest.mark.parametrize("act", ["nkey-set", "nkey-remove", "propose", "propose-no-more"])
async def test_an_agency_that_has_ended_or_never_was_is_not_changed(desk: Desk, visit: Browser, act: str) -> None:
    await registered(visit, nkey=NKEY)
    await visit.get(PATH)
    assert (await visit.post(PATH, {"act": "revoke"})).status_code == 303
    assert f'value="{act}"' not in (await visit.get(PATH)).text
    for name in ("hotline", "nowhere"):
        await visit.get("/console/agencies")
        form = {"act": act, "nkey": OTHER, "read": ""}
        assert (await visit.post(f"/console/agencies/{name}", form)).status_code == 404
