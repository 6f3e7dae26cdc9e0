"""People of running gateways: invited on the machine, joined by their link, signed in with both factors."""

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Final

import httpx
import pyotp

from suar.service.people.credentials import STEP
from support.console import PASSWORD
from support.gateways import Running
from support.patience import PLAIN
from support.visits import Visit

_NOTE: Final = re.compile(r'name="note" value="([^"]+)"')
_SECRET: Final = re.compile(r'id="secret">([A-Z2-7 ]+)<')


@dataclass
class Person:
    """Somebody who has joined. Of a step of the authenticator each code works once: `last` is the last one used."""

    user: str
    secret: str
    last: int

    async def code(self) -> str:
        """A code that was not used yet, of this step or of the next one: each is taken until another step has passed.

        That of the step before would be refused where the step ends on the way to the gateway.
        """
        ahead = self.last - _step()
        if ahead > 0:  # the next one is not shown yet
            await asyncio.sleep(ahead * STEP / 1000 - time.time() % (STEP / 1000) + 0.2)
        self.last = max(self.last + 1, _step())
        return pyotp.TOTP(self.secret).generate_otp(self.last)


def _step() -> int:
    return time.time_ns() // 1_000_000 // STEP


async def join(gateway: Running, user: str, *roles: str, lang: str = "en") -> Person:
    """Invite a person and join for them."""
    wanted = {"id": user, "name": user.title(), "roles": list(roles), "lang": lang}
    made = await gateway.call("POST", "/v1/console/people", httpx.Request("POST", "http://x", json=wanted).read())
    assert made.status_code == 201, made.text
    return await join_by(gateway, made.json()["link"], user)


async def join_by(gateway: Running, link: str, user: str) -> Person:
    """Join by a link."""
    url = gateway.address["url"]
    path = f"{url}/console/join/{link.rpartition('/')[2]}"
    async with httpx.AsyncClient(headers={"Origin": url}, timeout=60, verify=PLAIN) as client:
        first = await client.post(path, data={"password": PASSWORD, "repeated": PASSWORD})
        secret = _SECRET.search(first.text)
        note = _NOTE.search(first.text)
        assert secret is not None, first.text
        assert note is not None
        person = Person(user, secret[1].replace(" ", ""), _step() - 1)
        done = await client.post(path, data={"note": note[1], "code": await person.code()})
        assert done.status_code == 200, done.text
    return person


async def sign_in(visit: Visit, person: Person) -> None:
    """Both steps, as a person does them."""
    await visit.go("/console/sign-in")
    await visit.fill("#user", person.user)
    await visit.fill("#password", PASSWORD)
    await visit.click("main button")
    await visit.fill("#code", await person.code())
    await visit.click("main button")
    await visit.page.wait_for_url("**/console")
    visit.actions = 0
