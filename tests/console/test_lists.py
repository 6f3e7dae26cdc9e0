"""A list of messages is bounded in bytes, whatever peers send as titles, and says how many it leaves out."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from suar.console.pages.messages import inbox
from support.console import Desk, browser, served

MOST = 150_000  # bytes of a page, as docs/bounds.md says
LANGS = ("en", "my", "ta", "km")


def row(number: int, title: str, **more: Any) -> dict[str, Any]:
    return {
        "n": number, "id": f"MM-ALERT-2027-{number:06}", "rev": 12, "kind": "alert", "origin": "MM",
        "status": "actual", "action": "update", "tlp": "AMBER+STRICT", "received": "2027-01-15T08:00:00Z",
        "sent": "2027-01-15T08:00:00Z", "title": title, "title_lang": "my", "state": "current",
        "urgency": "immediate", "unread": True, "answer": None, "acknowledge_by": "2020-01-15T08:00:00Z", **more,
    }  # fmt: skip


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with served(tmp_path / "th") as made:
        for lang in LANGS:
            made.add(f"rita-{lang}", "reader", lang=lang)
        await made.load()
        yield made


def listed(desk: Desk, monkeypatch: pytest.MonkeyPatch, title: str) -> None:
    async def rows(**filters: Any) -> list[dict[str, Any]]:
        state = "expired" if filters.get("state") == "ended" else "current"
        return [row(number, title, state=state) for number in range(1, filters["limit"] + 1)]

    async def shown(*_: Any) -> None:
        pass

    monkeypatch.setattr(desk.gateway, "messages", rows)
    monkeypatch.setattr(desk.gateway, "note_shown", shown)


@pytest.mark.parametrize("lang", LANGS)
async def test_the_inbox_is_at_most_so_many_bytes(desk: Desk, monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    async with browser(desk) as visit:
        await visit.sign_in(f"rita-{lang}")
        for title in ("&" * 120, "က" * 120, "x"):
            listed(desk, monkeypatch, title)
            for path in ("/console/inbox", "/console/inbox?q=MM"):
                page = await visit.get(path)
                assert (page.status_code, len(page.content) <= MOST) == (200, True), (title[0], path, len(page.content))
                wanted = inbox.SEARCHED if "q=" in path else inbox.SHOWN + inbox.OVER
                shown = page.text.count('class="row-title"')
                assert shown >= 70
                assert lang != "en" or f"{wanted - shown} more are not shown" in page.text


async def test_what_fits_is_shown_whole(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SHOWN", 50)
    listed(desk, monkeypatch, "x")
    async with browser(desk) as visit:
        await visit.sign_in("rita-en")
        page = (await visit.get("/console/inbox")).text
    assert (page.count('class="row-title"'), "are not shown" in page) == (50 + inbox.OVER, False)


async def test_a_list_that_was_shown_before_takes_no_job_of_the_core(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = desk.gateway.note_shown
    listed(desk, monkeypatch, "x")
    monkeypatch.setattr(desk.gateway, "note_shown", noted)
    monkeypatch.setattr(inbox, "SHOWN", 5)
    run, jobs = desk.kit.core.run_jobs, list[int]()

    def counted(calls: Sequence[Callable[[], Any]]) -> list[Any]:
        jobs.append(len(calls))
        return run(calls)

    monkeypatch.setattr(desk.kit.core, "run_jobs", counted)
    async with browser(desk) as visit, browser(desk) as other:
        for each, lang in ((visit, "en"), (other, "km")):
            await each.sign_in(f"rita-{lang}")
            jobs.clear()
            await each.get("/console/inbox")
            assert jobs, lang  # what one person saw is not noted for another
            jobs.clear()
            await each.get("/console/inbox")
            assert jobs == []
    named = [who for who, what, about in desk.audit() if what == "list" and "MM-ALERT-2027-000001" in about]
    assert sorted(named) == ["rita-en", "rita-km"]
