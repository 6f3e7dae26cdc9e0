"""Passkeys in Chromium, with its virtual authenticator: added, used, removed; and what a thief tries in a browser."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, CDPSession, Page

from suar.service.people import credentials
from support.browser import accessible, fits, visitor
from support.console import PASSWORD, Desk, code, served
from support.patience import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with served(tmp_path_factory.mktemp("passkeys") / "th") as made:
        for user in ("maria", "ben", "rosa", "tala", "nora"):
            made.add(user, "reader")
        await made.load()
        made.url = made.url.replace("127.0.0.1", "th.localhost")  # a number has no passkeys
        yield made


def api_client(desk: Desk) -> httpx.AsyncClient:
    """A caller without a browser; only browsers know every name of this machine."""
    port = desk.url.rpartition(":")[2]
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers={"Host": f"th.localhost:{port}"}, trust_env=False, timeout=PATIENCE
    )


class Device:
    """Chromium's virtual authenticator."""

    def __init__(self, cdp: CDPSession, id_: str) -> None:
        self.cdp, self.id = cdp, id_

    async def credentials(self) -> list[dict[str, Any]]:
        found = await self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        kept: list[dict[str, Any]] = found["credentials"]
        return kept

    async def replace(self, credential: dict[str, Any], **changes: Any) -> None:
        """The same passkey with something else in it, as of a copied device."""
        about = {"authenticatorId": self.id, "credentialId": credential["credentialId"]}
        await self.cdp.send("WebAuthn.removeCredential", about)
        changed = {"authenticatorId": self.id, "credential": {**credential, **changes}}
        await self.cdp.send("WebAuthn.addCredential", changed)


async def device(page: Page) -> Device:
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return Device(cdp, made["authenticatorId"])


async def first_step(desk: Desk, page: Page, user: str) -> None:
    desk.later(credentials.STEP)
    await page.goto(f"{desk.url}/console/sign-in")
    await page.fill("#user", user)
    await page.fill("#password", PASSWORD)
    await page.click("form.card button")
    await page.wait_for_selector("#code")


async def with_code(desk: Desk, page: Page, user: str) -> None:
    await first_step(desk, page, user)
    await page.fill("#code", code(desk.kit.now))
    await page.click("form.card button")
    await page.wait_for_selector(".who")


async def added(desk: Desk, page: Page, user: str) -> None:
    await with_code(desk, page, user)
    await page.goto(f"{desk.url}/console/me")
    await page.fill("#label", "Telephone")
    await page.click("form[data-passkey] button")
    await page.wait_for_selector("text=Telephone")


async def with_passkey(desk: Desk, page: Page, user: str) -> None:
    """Both steps, up to the press of the button."""
    await first_step(desk, page, user)
    await page.click("form[data-passkey] button")


async def signed_out(page: Page) -> None:
    await page.click(".who button")
    await page.wait_for_selector("#user")


@pytest.mark.parametrize("narrow", [False, True], ids=["desktop", "telephone"])
async def test_a_passkey_is_added_signs_in_confirms_and_is_removed(
    desk: Desk, browser: Browser, *, narrow: bool
) -> None:
    user = "rosa" if narrow else "maria"
    async with visitor(browser, narrow=narrow) as seen:
        kept = await device(seen.page)
        await added(desk, seen.page, user)
        assert len(await kept.credentials()) == 1
        await accessible(seen.page)
        await fits(seen.page)
        await signed_out(seen.page)
        await first_step(desk, seen.page, user)
        await accessible(seen.page)
        await fits(seen.page)
        await seen.page.click("form[data-passkey] button")
        await seen.page.wait_for_selector(".who")
        desk.later(11 * 60_000)  # the sign-in is no confirmation any more
        await seen.page.goto(f"{desk.url}/console/me")
        await seen.page.click("a[href*='/again?next=']")
        await accessible(seen.page)
        await fits(seen.page)
        await seen.page.click("form[data-passkey] button")
        await seen.page.wait_for_selector("h2:text-is('Passkeys')")
        await seen.page.click("button[name=which]")
        await seen.page.wait_for_selector("button[name=which]", state="detached")
        await signed_out(seen.page)
        await with_passkey(desk, seen.page, user)
        await seen.page.wait_for_selector("text=User name, password or code is wrong")


async def test_a_counter_that_went_back_and_an_answer_sent_again_are_refused(desk: Desk, browser: Browser) -> None:
    async with visitor(browser) as seen:
        kept = await device(seen.page)
        await added(desk, seen.page, "tala")
        await signed_out(seen.page)
        sent: list[str] = []
        seen.page.on("request", lambda each: sent.append(each.post_data or "") if each.method == "POST" else None)
        await with_passkey(desk, seen.page, "tala")
        await seen.page.wait_for_selector(".who")
        await signed_out(seen.page)
        recorded = next(each for each in sent if "credential=%7B" in each)
        head = {"Content-Type": "application/x-www-form-urlencoded", "Origin": desk.url}
        async with api_client(desk) as client:
            answer = await client.post("/console/sign-in", content=recorded, headers=head)
        assert answer.status_code == 403
        (credential,) = await kept.credentials()
        assert credential["signCount"] > 0
        await kept.replace(credential, signCount=0)
        await with_passkey(desk, seen.page, "tala")
        await seen.page.wait_for_selector("text=User name, password or code is wrong")


async def test_the_passkey_of_another_person_opens_nothing(desk: Desk, browser: Browser) -> None:
    async with visitor(browser) as seen:
        await device(seen.page)
        await added(desk, seen.page, "ben")
        await signed_out(seen.page)
        await with_passkey(desk, seen.page, "maria")
        await seen.page.wait_for_selector("text=User name, password or code is wrong")
        await with_passkey(desk, seen.page, "ben")
        await seen.page.wait_for_selector(".who")


async def test_a_page_of_another_origin_gets_no_answer_for_ours(desk: Desk, browser: Browser) -> None:
    """It has our challenge and our script, at another name of this machine: the browser itself refuses."""
    async with visitor(browser) as seen:
        kept = await device(seen.page)
        await added(desk, seen.page, "nora")
        await signed_out(seen.page)
        await first_step(desk, seen.page, "nora")
        form = await seen.page.locator("form[data-passkey]").evaluate(
            "each => { each.hidden = true; return each.outerHTML }"
        )
        source = await seen.page.get_attribute("script[src*=passkeys]", "src")
        async with api_client(desk) as client:
            script = (await client.get(source or "")).text
        other = desk.url.replace("th.localhost", "evil.localhost")
        body = f"<!doctype html>{form}<script>{script}</script>"
        await seen.page.route(f"{other}/**", lambda route: route.fulfill(content_type="text/html", body=body))
        await seen.page.goto(f"{other}/")
        await seen.page.click("form[data-passkey] button")
        await seen.page.wait_for_selector("text=The passkey was not accepted")
        assert await seen.page.input_value("[name=credential]") == ""
        assert len(await kept.credentials()) == 1
        assert not [url for url in seen.requests if url.startswith(f"{other}/console")]
