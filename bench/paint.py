"""When a page of the console first paints: `suar demo --dir DIR` in one window, `python bench/paint.py DIR` in another.

The author of the demo's first member signs in with Chromium and loads each page once, so that its style and script are
in the browser's cache, then LOADS times (7). Prints the first paint of each load in ms after its beginning, as the
browser states it, and their median. Nothing is compared: the bound of the design, 200 ms, is for an idle machine.
"""

import asyncio
import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from playwright.async_api import Page, async_playwright

from suar.demo.story.picture import BROWSERS
from suar.service.people.credentials import STEP, totp_code

LOADS: Final = 7
WANTED: Final = 200.0  # ms, the median on an idle machine
PATHS: Final = ("", "/inbox", "/write", "/sent", "/me")
WIDTH, HEIGHT = 1280, 900
_PAINT: Final = """() => new Promise(resolve => new PerformanceObserver(list => {
  for (const each of list.getEntries()) if (each.name === "first-paint") resolve(each.startTime)
}).observe({type: "paint", buffered: true}))"""


def author_of(document: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """The address of the first member's console, and the login of its author, from demo.json."""
    member = document["members"][0]
    login: dict[str, str] = member["console"]["logins"]["author"]
    return f"{member['gateway']['http']}/console", login


async def sign_in(page: Page, url: str, login: dict[str, str]) -> None:
    """Both steps, with the code of now."""
    await page.goto(f"{url}/sign-in")
    await page.fill("#user", login["user"])
    await page.fill("#password", login["password"])
    await page.keyboard.press("Enter")
    await page.fill("#code", totp_code(login["totp"], time.time_ns() // 1_000_000 // STEP))
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".who")


async def paints(page: Page, address: str, loads: int) -> list[float]:
    """The first paint of each of so many warm loads, in ms from the beginning of the load."""
    await page.goto(address)
    found = list[float]()
    for _ in range(loads):
        await page.goto("about:blank")
        await page.goto(address)
        found.append(float(await page.evaluate(_PAINT)))
    return found


def line(path: str, found: Sequence[float]) -> str:
    """What is printed about a page."""
    each = " ".join(f"{value:.0f}" for value in found)
    return f"/console{path}: first paint, median of {len(found)} warm loads {median(found):.0f} ms ({each})"


async def run(folder: Path, loads: int) -> None:
    """Print a line for each page."""
    url, login = author_of(json.loads((folder / "demo.json").read_bytes()))
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    options = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium has no sandbox for root
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=options)
        page = await browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        await sign_in(page, url, login)
        for path in PATHS:
            print(line(path, await paints(page, f"{url}{path}", loads)), flush=True)
        await browser.close()
    print(f"load of the machine {os.getloadavg()[0]:.1f}; on an idle one a median is to be below {WANTED:.0f} ms")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python bench/paint.py DIR [LOADS], DIR as in `suar demo --dir DIR`")
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else LOADS))
