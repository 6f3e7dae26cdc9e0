"""The delivery matrix of one message as a person at its publisher sees it: a picture in the demo's folder.

Members answer the message first. The page is the console's own, fetched with a session that ends at once, and drawn by
Chromium where the machine has one; elsewhere the same rows are drawn as SVG (picture_svg.py). The browser gets a file
without scripts and tokens, and reaches no address.
"""

import asyncio
import contextlib
import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx

from suar.demo.embedded.desk import Desk
from suar.demo.embedded.federation import Federation
from suar.demo.story.picture_svg import as_svg
from suar.demo.story.publications import Publication
from suar.files import atomic_write
from suar.protocol.base.errors import Fault
from suar.protocol.base.stages import ARRIVED
from suar.service.people import credentials

NAME: Final = "picture"
"""The file without its suffix: .png, or .svg without a browser."""
BROWSERS: Final = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ANSWERED_WITHIN: Final = 30.0  # seconds
DRAWN_WITHIN: Final = 60.0
WIDTH: Final = 1280
_HEAD: Final = 520  # pixels of the page besides its rows
_ROW: Final = 68
_POLL: Final = 0.05
_NOTE: Final = re.compile(r'name="note" value="([^"]+)"')
_CSRF: Final = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_STYLE: Final = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
_TAKEN_OUT: Final = re.compile(r'<script\b.*?</script>|<link rel="icon"[^>]*>|<input type="hidden"[^>]*>', re.DOTALL)


async def draw_matrix(federation: Federation, publications: Sequence[Publication]) -> Path | None:
    """Have members answer one message, and draw its matrix; None when none was published. Raises Fault."""
    chosen = _chosen(publications)
    if chosen is None:
        return None
    desk = federation.desk(chosen.draft.sender)
    await _answer(federation, chosen, desk)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is not None:
        page = await _page(desk, federation.logins.console(desk.code, desk.url)["logins"]["author"], chosen.id)
        size = (WIDTH, _HEAD + _ROW * len(chosen.draft.to))
        drawn = federation.folder / f"{NAME}.png"
        if await draw(browser, page, drawn, size):
            return drawn
    drawn = federation.folder / f"{NAME}.svg"
    atomic_write(drawn, as_svg(await desk.delivery_document(chosen.id), time.time_ns() // 1_000_000))
    return drawn


def _chosen(publications: Sequence[Publication]) -> Publication | None:
    """Return the actual message that most members have; among several, an alert."""
    sent = [each for each in publications if each.id and each.draft.realm == "actual"]
    return max(sent, key=lambda each: (each.draft.kind == "alert", len(each.draft.to)), default=None)


async def _answer(federation: Federation, chosen: Publication, desk: Desk) -> None:
    """Have members open, acknowledge and act on it, each to another stage; wait until the publisher knows."""
    wanted = {code: ARRIVED[at % len(ARRIVED)] for at, code in enumerate(sorted(chosen.draft.to))}
    await asyncio.gather(*(_respond(federation.desk(code), chosen.id, stage) for code, stage in wanted.items()))
    for _ in range(int(ANSWERED_WITHIN / _POLL)):
        if await desk.deliveries(chosen.id) == wanted:
            return
        await asyncio.sleep(_POLL)


async def _respond(desk: Desk, id_: str, stage: str) -> None:
    if stage == "opened":
        await desk.message(id_)
    elif stage != "stored":
        await desk.answer(id_, stage)


async def _page(desk: Desk, login: Mapping[str, Any], id_: str) -> str:
    """The page of the matrix as one file, without what belongs to the session, which has ended when this returns."""
    headers = {"Origin": desk.url}
    async with httpx.AsyncClient(
        base_url=desk.url, trust_env=False, headers=headers, timeout=ANSWERED_WITHIN
    ) as client:
        await _sign_in(client, login)
        page = (await _fetched(client, "GET", f"/console/m/{id_}/who")).text
        style = _STYLE.search(page)
        sheet = (await _fetched(client, "GET", style[1])).text if style else ""
        csrf = _CSRF.search(page)
        await _fetched(client, "POST", "/console/sign-out", {"csrf": csrf[1] if csrf else ""})
    return _TAKEN_OUT.sub("", _STYLE.sub(lambda _: f"<style>{sheet}</style>", page))


async def _sign_in(client: httpx.AsyncClient, login: Mapping[str, Any]) -> None:
    """Sign in with the code of the previous step, so that the present one remains for the next sign-in."""
    user = {"user": login["user"], "password": login["password"]}
    for _ in range(2):  # a step may end in between
        note = _NOTE.search((await _fetched(client, "POST", "/console/sign-in", user)).text)
        step = time.time_ns() // 1_000_000 // credentials.STEP - credentials.WINDOW
        form = {"note": note[1] if note else "", "code": credentials.totp_code(login["totp"], step)}
        answer = await client.post("/console/sign-in", data=form)
        if answer.status_code == httpx.codes.SEE_OTHER:
            return
    raise Fault("nobody could sign in at the console for the picture", "see its gateway.log")


async def _fetched(
    client: httpx.AsyncClient, method: str, path: str, form: Mapping[str, str] | None = None
) -> httpx.Response:
    try:
        answer = await client.request(method, path, data=form)
    except httpx.TransportError as error:
        raise Fault(f"the console does not answer: {type(error).__name__}", "see its gateway.log") from None
    if answer.is_error:
        raise Fault(f"the console answered {answer.status_code} to {method} {path}", "see its gateway.log")
    return answer


async def draw(browser: str, page: str, to: Path, size: tuple[int, int]) -> bool:
    """Draw a page with Chromium; returns whether there is a picture. The browser has ended when this returns."""
    with tempfile.TemporaryDirectory(prefix="browser-", dir=to.parent, ignore_cleanup_errors=True) as made:
        file = Path(made) / "page.html"
        atomic_write(file, page.encode())
        options = [
            "--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
            "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={made}/profile",
            f"--window-size={size[0]},{size[1]}", f"--screenshot={to}",
        ]  # fmt: skip
        if os.geteuid() == 0:  # Chromium has no sandbox for root
            options.append("--no-sandbox")
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": made}  # no passphrase
        process = await asyncio.create_subprocess_exec(
            browser, *options, file.as_uri(), env=environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(DRAWN_WITHIN):
                await process.wait()
        except TimeoutError:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode == 0 and await asyncio.to_thread(_protect, to)


def _protect(file: Path) -> bool:
    """Set the mode of the picture to 0600; returns False if there is none."""
    if not file.is_file() or not file.stat().st_size:
        return False
    file.chmod(0o600)
    return True
