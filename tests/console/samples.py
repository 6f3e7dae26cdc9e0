"""Consoles with sample messages of both directions, what waits, and a draft of every kind."""

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final
from unittest import mock

from console.test_messages import FILLED, URGENT, begun, fields, filled, handed_in
from suar.console import guard
from suar.protocol.message.kinds import PUBLISHED
from support.console import Browser, Desk, browser, served
from support.pairs import Two, new, record_statement

USER: Final = "cruz"
OPERATOR: Final = "olga"
PASTED: Final = "Period\tGeschlecht\tValue\n2026\tFrau\t4\n2026\tMale\t55\n2026\ttotal\t59\n"
TREND: Final = {
    "indicator": "detected-victims", "unit": "persons", "date_basis": "detection", "coverage.scope": "national",
    "method": "full-count", "direction": "stable", "tlp": "CLEAR", "audience.members": "all",
    "text[0].title": "Detected victims in 2026", "text[0].summary": "All borders, by sex.",
}  # fmt: skip


class Sample:
    """A console that writes, one that reads, and that of who was answered; `pages` is every address of each."""

    def __init__(self, writing: Desk, reading: Desk, following: Desk) -> None:
        self.writing, self.reading, self.following = writing, reading, following
        self.pages: dict[Desk, list[str]] = {}
        self.table = self.sent = self.whole = self.waits = self.received = self.followed = ""
        self.held = self.decided = ""


@contextlib.asynccontextmanager
async def sampled(folder: Path) -> AsyncIterator[Sample]:
    """Both consoles, with people who have joined; nobody waits between two pages."""
    two = Two(folder / "two")
    with mock.patch.object(guard, "BURST", 100_000):
        async with served(folder / "one") as writing, served(two.sg) as reading, served(two.th) as following:
            made = Sample(writing, reading, following)
            following.add(USER, "author")
            await following.load()
            writing.kit.aside(writing.kit.receive_bundles)
            writing.add("reyes", "author")
            writing.add(USER, "author", "approver")
            writing.add(OPERATOR, "operator")
            reading.add(USER, "reader")
            await write(made)
            alert = new("Recruiters at the pier") | URGENT | {"audience": {"members": ["KH", "SG", "VN"]}}
            alert["text"][0]["summary"] = "They offer work in an office across the border and keep the papers."
            (id_,) = reading.kit.aside(two.publish, alert)
            reading.kit.aside(both, two, two.to_sg)
            reading.kit.aside(record_statement, two, id_, "acknowledged")
            reading.kit.aside(both, two, two.to_th)
            made.followed = f"/console/m/{id_}/who"
            made.pages[following] = [made.followed]
            made.received = f"/console/m/{id_}"
            made.pages[reading] = ["/console", "/console/inbox", made.received]
            yield made


def both(two: Two, step: Callable[[], object]) -> None:
    """A step that touches both cores."""
    two.th.aside(step)


async def write(made: Sample) -> None:
    """One message that was published, one that waits, and a draft of every kind."""
    await made.writing.load()
    await made.reading.load()
    async with browser(made.writing) as author:
        await author.sign_in("reyes")
        made.sent = sent = (await handed_in(author)).removesuffix("/who")
        waiting = await handed_in(author, **URGENT)
        kept = await made.writing.gateway.desk.draft(waiting.rpartition("/")[2])
        assert kept is not None
        made.whole = await filled(author)
        drafts = [await begun(author, kind) for kind in PUBLISHED]
        made.table = drafts[PUBLISHED.index("trend")]
        await figures(author, made.table)
    made.waits = f"/console/approve/{kept['message']}"
    made.held = waiting
    made.pages[made.writing] = [
        "/console", "/console/x", "/console/inbox?q=nothing+at+all", "/console/write", "/console/sent",
        "/console/approve", made.waits, waiting, f"{made.whole}/review", *drafts,
        f"{made.table}/table", sent, f"{sent}/who", f"{sent}/why/SG", f"{sent}/recall",
    ]  # fmt: skip


async def figures(author: Browser, path: str) -> None:
    """A trend with some of its fields and a table of four rows."""
    sent = {**fields((await author.get(path)).text), **{key: FILLED[key] for key in FILLED if "." in key}, **TREND}
    await author.post(path, {**sent, "do": "save"})
    await author.get(f"{path}/table")
    form = {"text": PASTED, "role": "detection", "column-0": "period", "column-1": "sex", "column-2": "value"}
    form |= {"of-1-0": "Frau", "word-1-0": "female", "do": "use"}
    done = await author.post(f"{path}/table", form)
    assert done.status_code == 303, done.text
