"""Two feed readers of the field read the Atom feed as it is served, all pages, and have what the API says."""

import asyncio
import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urljoin

import feedparser
import pytest

from suar.service.feed import current
from support import npm
from support.agency_desk import Desk
from support.executables import NODE
from support.kit import id_of, urgent

PATH = "/v1/feeds/cap.atom"
PAGE = 4
HOSTILE = 'Ferry & "boat" <b>not markup</b> ]]> สวัสดี'

FEEDSMITH = """
import { readFileSync } from "node:fs";
import { detectAtomFeed, parseFeed } from "feedsmith";

const read = (text) => {
  const { format, feed } = parseFeed(text);
  const next = (feed.links ?? []).find(({ rel }) => rel === "next")?.href ?? null;
  const entries = (feed.entries ?? []).map(({ id, title, updated, links, categories }) => ({
    id, title: title.value, updated, link: links[0].href, event: categories[0].term,
  }));
  return { isAtom: detectAtomFeed(text) && format === "atom", next, entries };
};
console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(read)));
"""


class Read(NamedTuple):
    """An entry as a reader has it: the message's id, title, time, the address of its document, and its event."""

    id: str
    title: str
    updated: str
    link: str
    event: str


def expected(desk: Desk, event: dict[str, Any]) -> Read:
    """The entry of an event of the API's feed."""
    data, name = event["data"], event["subject"]
    address = f"{desk.url}/v1/feeds/cap/{name}"
    return Read(f"urn:suar:message:{name}", data["title"], event["time"], address, data["message"]["event"])


async def parsed(desk: Desk, token: str, url: str, **known: str) -> Any:
    """A page as feedparser fetches and reads it."""
    headers = {"Authorization": f"Bearer {token}"}
    return await asyncio.to_thread(feedparser.parse, url, request_headers=headers, **known)


async def by_feedparser(desk: Desk, token: str) -> list[list[Read]]:
    """Every page of the feed, from link to link."""
    pages, url = list[list[Read]](), f"{desk.url}{PATH}"
    while True:
        found = await parsed(desk, token, url)
        assert (found.status, found.bozo, found.version) == (200, False, "atom10")
        pages.append([
            Read(each.id, each.title, each.updated, each.links[0].href, each.tags[0].term) for each in found.entries
        ])  # fmt: skip
        following = [each.href for each in found.feed.links if each.rel == "next"]
        if not following:
            return pages
        [url] = following


async def texts(desk: Desk, token: str) -> list[str]:
    """The pages as they are served, by the header Link."""
    pages = [await desk.call("GET", PATH, token)]
    while "next" in pages[-1].links:
        pages.append(await desk.call("GET", pages[-1].links["next"]["url"], token))
    return [each.text for each in pages]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = npm.packages(tmp_path_factory.mktemp("npm"))
    (made / "read.mjs").write_text(FEEDSMITH)
    return made


def by_feedsmith(packages: Path, desk: Desk, pages: list[str]) -> list[list[Read]]:
    done = subprocess.run(
        [NODE, "read.mjs"], cwd=packages, input=json.dumps(pages), capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert [each["isAtom"] for each in found] == [True] * len(pages)
    assert [each["next"] is None for each in found] == [False] * (len(pages) - 1) + [True]
    return [
        [Read(**each | {"link": urljoin(desk.url, each["link"])}) for each in page["entries"]] for page in found
    ]  # fmt: skip


async def fill(desk: Desk) -> None:
    """Ten alerts, of which one is revised, one recalled, one not for agencies; a title that is no markup."""
    text = [{"lang": "en", "title": HOSTILE, "summary": HOSTILE}]
    await desk.receive(
        urgent(1, text=text), *(urgent(number) for number in range(2, 10)), urgent(10, tlp="AMBER+STRICT")
    )
    await desk.receive(urgent(2, rev=2, action="update"), urgent(3, rev=2, action="cancel", reason="wrong"))


async def in_force(desk: Desk, token: str) -> list[Read]:
    """What the API's feed says of each message last, without what was recalled."""
    newest = {each["subject"]: each for each in sorted(await desk.batched(token), key=lambda each: each["data"]["rev"])}
    return sorted(expected(desk, each) for each in newest.values() if each["data"]["state"] == "current")


async def test_both_readers_have_what_the_api_says_on_every_page(
    desk: Desk, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(current, "ROWS", PAGE)
    await fill(desk)
    token = await desk.register()
    wanted = await in_force(desk, token)
    assert [each.id[-2:] for each in wanted] == ["01", "02", "04", "05", "06", "07", "08", "09"]
    assert wanted[0].title == HOSTILE
    pages = await by_feedparser(desk, token)
    assert len(pages) > 2
    assert sorted(each for page in pages for each in page) == wanted
    assert by_feedsmith(packages, desk, await texts(desk, token)) == pages
    for page in pages:
        assert (await desk.call("GET", page[0].link, token)).status_code == 200


async def test_a_reader_that_asks_again_gets_the_page_only_when_it_changed(desk: Desk) -> None:
    await fill(desk)
    token, url = await desk.register(), f"{desk.url}{PATH}"
    first = await parsed(desk, token, url)
    for known in ({"etag": first.etag}, {"modified": first.modified}):
        again = await parsed(desk, token, url, **known)
        assert (again.status, again.entries) == (304, [])
    await desk.receive(urgent(4, rev=2, action="cancel", reason="wrong"))
    later = await parsed(desk, token, url, etag=first.etag, modified=first.modified)
    gone = {each.id for each in first.entries} - {each.id for each in later.entries}
    assert (later.status, gone) == (200, {f"urn:suar:message:{id_of(4)}"})
