"""The story of a planted kind, run as a program in the copy that has it: written from blank, released, read abroad.

Two real gateways of the copy and Chromium; prints what the reader of the other member is shown, as JSON.
"""

import asyncio
import json
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from support.browser import NARROW, WIDE, chromium
from support.eighth_kind import KIND
from support.gateways import Federation, eventually, running
from support.people import join, sign_in
from support.visits import Visit, opened

TITLE = "A first handbook"
REMARK = "Not for the public."
REST = {"issuer.sector": "education", "source.type": "administrative-record", "source.reliability": "A"}


async def write(visit: Visit, title: str) -> None:
    """From a blank form to one that is whole."""
    await visit.go("/console/write")
    await visit.click(f'button[name="kind"][value="{KIND}"]')
    await visit.page.wait_for_url("**/draft/*")
    await visit.check("a blank form of the kind")
    await visit.choose("grade", "teacher")
    await visit.fill('[name^="issued"]', f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}")
    await visit.select('select[name="spoken"]', "ms")
    await visit.fill('[name="remark"]', REMARK)
    await visit.submit('button[value="add chapters"]')
    await visit.fill("#chapters-0-heading", "Signs")
    await visit.fill("#chapters-0-page", "7")
    await visit.fill("#text-0-title", title)
    await visit.fill("#text-0-summary", "For new inspectors.")
    await visit.choose("tlp", "GREEN")
    await visit.choose("audience.members", "all")
    for name, value in REST.items():
        if await visit.page.locator(f'select[name="{name}"]').count():
            await visit.select(f'select[name="{name}"]', value)
        else:
            await visit.choose(name, value)
    await visit.fill('[name="source.credibility"]', "1")


async def publish(visit: Visit) -> str:
    """Through the review; the message's number."""
    await visit.submit('button[value="review"]:visible')
    assert visit.page.url.endswith("/review"), await visit.page.locator(".side").inner_text()
    await visit.check("the review of the kind")
    await visit.click("main form button")
    await visit.page.wait_for_url("**/who")
    return visit.page.url.split("/")[-2]


async def read(visit: Visit, id_: str) -> dict[str, str]:
    """What the page of the message says, and the list of what came in."""
    await visit.go(f"/console/m/{id_}")
    await visit.check("the page of the kind")
    page = await visit.page.locator("main").inner_text()
    await visit.go(f"/console/inbox?kind={KIND}")
    await visit.check("the list of the kind")
    return {"page": page, "inbox": await visit.page.locator("main").inner_text()}


async def story(two: Federation, browser: Browser) -> list[dict[str, Any]]:
    """At a desktop, then at a telephone's width."""
    author, reader = await join(two["PH"], "reyes", "author"), await join(two["SG"], "tan", "reader")
    writing = await opened(browser, two["PH"].address["url"], size=WIDE)
    await sign_in(writing, author)
    reading = await opened(browser, two["SG"].address["url"], size=WIDE)
    await sign_in(reading, reader)
    return [await run_at(two, writing, reading, size) for size in (WIDE, NARROW)]


async def run_at(two: Federation, writing: Visit, reading: Visit, size: Any) -> dict[str, Any]:
    title = f"{TITLE} {size['width']}"
    for each in (writing, reading):
        await each.page.set_viewport_size(size)
    await write(writing, title)
    id_ = await publish(writing)

    async def is_there() -> bool:
        return title in await two["SG"].titles()

    await eventually(is_there)
    return {"id": id_, "title": title, **await read(reading, id_)}


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder), "PH", "SG", module="support.quick_people") as two, chromium() as browser:
            print(json.dumps(await story(two, browser)))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
