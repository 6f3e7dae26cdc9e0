"""A console in front of a real core, its clock in the test's hand; and a browser without a screen."""

import contextlib
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
import pyotp
from nacl import pwhash

from suar.api.app import create_app
from suar.api.http.door import Door
from suar.api.server import HttpServer
from suar.console.app import create_console
from suar.protocol.base import limits
from suar.service.access.agencies import register
from suar.service.pacing.wake import Wake
from suar.service.people import changes, credentials
from suar.service.process.gateway import Gateway
from suar.store.people.access import OPERATOR
from support.corekit import CoreKit
from support.patience import PATIENCE, PLAIN

PASSWORD: Final = "harbour lantern compass"
TOTP: Final = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_CSRF: Final = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_STATE: Final = re.compile(r'name="(read|version)" value="([^"]*)"')
_NOTE: Final = re.compile(r'name="note" value="([^"]+)"')


@cache
def password_hash() -> bytes:
    """The one hash of PASSWORD, at argon2id's least cost, which it names: a sign-in pays it again each time."""
    cheap = pwhash.argon2id
    return cheap.str(PASSWORD.encode(), opslimit=cheap.OPSLIMIT_MIN, memlimit=cheap.MEMLIMIT_MIN)


def code(now: int, secret: str = TOTP, ahead: int = 0) -> str:
    """What an authenticator shows at `now` (ms), or some steps later."""
    return pyotp.TOTP(secret).generate_otp(now // credentials.STEP + ahead)


class Desk:
    """A gateway without a bus, with its console at `url`."""

    def __init__(self, base: Path | CoreKit, config: dict[str, Any], gateway: Gateway | None = None) -> None:
        self.kit = base if isinstance(base, CoreKit) else CoreKit(base, "TH")
        for section, values in config.items():
            _set(self.kit.core.config, section, values)
        self.gateway = gateway or Gateway(self.kit.unlent, Wake())
        self.url = ""
        self.door: Door
        self._server: HttpServer

    async def listen(self, port: int = 0) -> None:
        """Answer at an address of this machine; 0: a free port."""
        self._server = HttpServer()
        app = create_app(self.gateway)
        await self.load()
        host, port = await self._server.start(app, ("127.0.0.1", port), create_console(self.gateway))
        self.url = f"http://{host}:{port}"
        assert self._server.door is not None
        self.door = self._server.door

    async def stop(self) -> None:
        """Answer no more."""
        await self._server.stop()

    def add(self, id_: str, *roles: str, lang: str = "en", agency: str = "", hashed: bytes = b"") -> None:
        """A person who has joined, with PASSWORD and TOTP; `hashed`: the hash of the password that is kept."""

        def made() -> None:
            core = self.kit.core
            link = changes.invite(core, id_, id_.title(), roles, lang, OPERATOR, agency)
            assert link is not None
            joined = changes.join(core, credentials.link_hash(link), hashed or password_hash(), TOTP, 0)
            assert joined is not None

        self.kit.aside(made)

    async def register(self, name: str, sector: str = "health", kinds: Iterable[str] = ("alert",), tlp: str = "GREEN",
                       realm: str = "actual", *, is_automated: bool = False) -> str:  # fmt: skip
        """An agency; its token."""
        wanted = register(name, sector, kinds, tlp, realm, is_automated=is_automated)
        return str((await self.gateway.agencies.add(wanted, None, OPERATOR))["token"])

    async def load(self) -> None:
        """The gateway learns of people who were added."""
        await self.gateway.people.load()

    def later(self, ms: int) -> None:
        """So much time passes."""
        self.kit.now += ms

    def audit(self) -> list[tuple[str, str, str]]:
        """(who, what, about) of every line."""

        def read() -> list[tuple[str, str, str]]:
            with self.kit.core.database.reading() as connection:
                found = connection.exec_driver_sql("select who, what, about from audit order by n").all()
            return [(row[0], row[1], row[2]) for row in found]

        return self.kit.aside(read)


def _set(config: Any, section: str, values: dict[str, Any]) -> None:
    """Settings as if suar.toml had them."""
    import msgspec

    msgspec.structs.force_setattr(config, section, msgspec.structs.replace(getattr(config, section), **values))


class Browser:
    """Keeps cookies, sends with a form the origin and the last page's token and state; follows nothing by itself."""

    def __init__(self, desk: Desk, client: httpx.AsyncClient, host: str) -> None:
        self.desk, self.client, self.host = desk, client, host
        self.page = ""

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    async def get(self, path: str, **headers: str) -> httpx.Response:
        answer = await self.client.get(f"{self.desk.url}{path}", headers={"Host": self.host, **_named(headers)})
        self.page = answer.text
        return answer

    async def post(
        self, path: str, form: Mapping[str, Any] | None = None, *, csrf: str | None = None, **headers: str
    ) -> httpx.Response:
        token = csrf if csrf is not None else next(iter(_CSRF.findall(self.page)), "")
        sent = {"Host": self.host, "Origin": self.origin, **_named(headers)}
        fields = {"csrf": token, **dict(_STATE.findall(self._form(form or {}))), **(form or {})}
        answer = await self.client.post(f"{self.desk.url}{path}", data=fields, headers=sent)
        if answer.text:
            self.page = answer.text
        return answer

    def _form(self, fields: Mapping[str, Any]) -> str:
        """The form of the last page that has the button which is pressed; the whole page where none has."""
        forms = (each.partition("</form>")[0] for each in self.page.split("<form")[1:])
        return next((each for each in forms if f'value="{fields.get("act")}"' in each), self.page)

    async def sign_in(
        self, user: str, password: str = PASSWORD, typed: str | None = None, next_: str = "/console"
    ) -> httpx.Response:
        """Both steps; the clock goes on by a step, so that the code is a new one."""
        self.desk.later(credentials.STEP)
        first = await self.post("/console/sign-in", {"user": user, "password": password, "next": next_})
        note = _NOTE.search(first.text)
        if note is None:
            return first
        shown = typed if typed is not None else code(self.desk.kit.now)
        return await self.post("/console/sign-in", {"note": note[1], "code": shown, "next": next_})

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self.client.cookies.jar}


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def note_of(page: str) -> str:
    """The sealed note in a page's form."""
    found = _NOTE.search(page)
    assert found is not None
    return found[1]


@contextlib.asynccontextmanager
async def served(base: Path | CoreKit, **config: dict[str, Any]) -> AsyncIterator[Desk]:
    """A console on a real socket, with the API beside it: of a new gateway in a folder, or of one that is there."""
    desk = Desk(base, config)
    try:
        async with _listening(desk):
            yield desk
    finally:
        desk.kit.close()


@contextlib.asynccontextmanager
async def console_of(kit: CoreKit, gateway: Gateway) -> AsyncIterator[Desk]:
    """The console of a gateway that is served already, on a socket of its own; its core stays open."""
    desk = Desk(kit, {}, gateway)
    async with _listening(desk):
        yield desk


@contextlib.asynccontextmanager
async def _listening(desk: Desk) -> AsyncIterator[None]:
    await desk.listen()
    try:
        yield
    finally:
        await desk.stop()


@contextlib.asynccontextmanager
async def browser(desk: Desk, host: str = "") -> AsyncIterator[Browser]:
    """A browser; `host` is the name that it calls."""
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE, verify=PLAIN) as client:
        yield Browser(desk, client, host or desk.url.removeprefix("http://"))


HOUR: Final = limits.HOUR
