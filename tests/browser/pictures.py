"""The pictures of docs/pictures, taken of consoles with sample messages: `make pictures`.

Beside them stands pictures.json with a digest of each page; test_pictures.py says when a page is no longer the one of
its picture. Numbers, keys and addresses, which differ each time, are left out of the digest.
"""

import asyncio
import hashlib
import json
import re
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from console.samples import OPERATOR, USER, Sample, sampled
from support.browser import chromium, sign_in, visitor
from support.console import Desk, browser

FOLDER: Final = Path(__file__).parents[2] / "docs/pictures"
DIGESTS: Final = FOLDER / "pictures.json"
BYTES_MAX: Final = 200_000
_STAYS_BELOW: Final = "found => found.forEach(each => { each.style.position = 'static' })"
"""For the picture of a part: the buttons at the lower edge of the window would be on it."""
_HIDDEN: Final = re.compile(r'<input type="hidden"[^>]*>')
_CHANGING: Final = re.compile(r"/draft/[\w-]+|127\.0\.0\.1:\d+|\.[0-9a-f]{16}\.|\d+")
_FINDINGS: Final = re.compile(r"<tbody>.*?</tbody>", re.DOTALL)


class Picture(NamedTuple):
    """A page, who sees it, in which language and window. `part`: of the page, where it is not the window."""

    name: str
    desk: Desk
    path: str
    user: str = USER
    lang: str = "en"
    is_narrow: bool = False
    part: str = ""


def pictures(sample: Sample) -> list[Picture]:
    """Every picture."""
    th, sg = sample.writing, sample.reading
    wide = [
        Picture("compose", th, sample.whole),
        Picture("approve", th, sample.waits),
        Picture("matrix", sample.following, sample.followed),
        Picture("inbox", sg, "/console/inbox"),
        Picture("trend", th, sample.table, part="section[aria-labelledby=h-table]"),
        Picture("health", th, "/console/health", OPERATOR),
    ]
    narrow = [each._replace(name=f"{each.name}-360", is_narrow=True) for each in wide]
    return [*wide, *narrow, Picture("message-km-360", sg, sample.received, lang="km", is_narrow=True)]


async def digests(wanted: list[Picture]) -> dict[str, str]:
    """Name -> digest of the page. Of the health page what this machine's checks found is left out."""
    found = {}
    for each in wanted:
        await each.desk.gateway.people.set_preferences(each.user, each.lang, "Asia/Bangkok")
        async with browser(each.desk) as visit:
            await visit.sign_in(each.user)
            answer = await visit.get(each.path)
            assert answer.status_code == 200, (each.name, answer.status_code)
            found[each.name] = digest(answer.text)
    return found


def digest(page: str) -> str:
    """Of a page, without what differs each time."""
    if "/console/health" in page and 'class="stack"' in page and "<code" in page:
        page = _FINDINGS.sub("", page)
    kept = _CHANGING.sub("0", _HIDDEN.sub("", page))
    return hashlib.sha256(kept.encode()).hexdigest()


async def make_pictures(folder: Path) -> None:
    """Every picture, and the digests."""
    async with sampled(folder) as sample, chromium() as process:
        wanted = pictures(sample)
        DIGESTS.write_text(json.dumps(await digests(wanted), indent=1) + "\n", "utf-8")
        for each in wanted:
            await each.desk.gateway.people.set_preferences(each.user, each.lang, "Asia/Bangkok")
            async with visitor(process, narrow=each.is_narrow, reduced_motion="reduce") as seen:
                await sign_in(each.desk, seen.page, each.user)
                await seen.page.goto(f"{each.desk.url}{each.path}")
                at = FOLDER / f"{each.name}.png"
                if each.part:
                    await seen.page.locator(".foot").evaluate_all(_STAYS_BELOW)
                    await seen.page.locator(each.part).screenshot(path=at)
                else:
                    await seen.page.screenshot(path=at)
            assert at.stat().st_size < BYTES_MAX, at


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(make_pictures(Path(made)))
