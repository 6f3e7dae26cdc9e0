"""Programs with feedparser and with pandas that read the doors that show a state, again and again: killed and cut off,
each has what is there, all of it once, and never a part of it."""

import asyncio
import contextlib
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from suar.service.feed import current
from support.agency_desk import Desk
from support.executables import PYTHON
from support.gateways import eventually
from support.kit import id_of, urgent
from support.shipped import shipped

READINGS = {
    "feedparser": """
import feedparser

def reading():
    found, url = [], os.environ["SUAR_URL"] + "/v1/feeds/cap.atom"
    while url:
        page = feedparser.parse(url, request_headers={"Authorization": "Bearer " + os.environ["SUAR_TOKEN"]})
        if page.bozo or page.get("status") != 200:
            raise OSError("the page is not whole")
        found += [each.id.rpartition(":")[2] for each in page.entries]
        url = next((each.href for each in page.feed.links if each.rel == "next"), None)
    return found
""",
    "pandas": """
import pandas

def reading():
    url = os.environ["SUAR_URL"] + "/v1/data/trends.csv"
    table = pandas.read_csv(url, storage_options={"Authorization": "Bearer " + os.environ["SUAR_TOKEN"]})
    return [id_ for id_, group in table.groupby("id") for _ in range(len(group) // 3)]
""",
}
PROGRAM = """
import http.client, json, os, sys, time
READING
while True:
    try:
        found = reading()
    except (OSError, http.client.HTTPException):
        time.sleep(0.02)
        continue
    with open("stored.tmp", "w") as file:
        json.dump(found, file)
    os.replace("stored.tmp", "stored")
    time.sleep(0.02)
"""
EACH = 6  # messages of a round
ROUNDS = 4


def message(which: str, number: int, **changes: Any) -> bytes:
    """An alert, or a trend of three figures."""
    return urgent(number, **changes) if which == "feedparser" else shipped("trend-detected-by-sex", number, **changes)


def stored(folder: Path) -> list[str]:
    file = folder / "stored"
    return list(json.loads(file.read_text())) if file.exists() else []


def has(folder: Path, wanted: list[str]) -> Callable[[], Awaitable[bool]]:
    async def is_stored() -> bool:
        return sorted(stored(folder)) == wanted

    return is_stored


@pytest.mark.parametrize("which", READINGS)
async def test_killed_and_cut_off_it_has_all_of_the_state_once(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    monkeypatch.setattr(current, "ROWS", 4)  # a page of CAP, and a piece of a data file
    token = await desk.register(kinds=["alert", "trend"])
    environment = {**os.environ, "SUAR_URL": desk.url, "SUAR_TOKEN": token, "NO_PROXY": "*"}
    folder = tmp_path / "program"
    folder.mkdir()
    text = PROGRAM.replace("READING", READINGS[which])

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(PYTHON, "-c", text, cwd=folder, env=environment)

    name = id_of if which == "feedparser" else "TH-TREND-2027-{:06}".format
    running, wanted = await start(), list[str]()
    try:
        for round_ in range(ROUNDS):
            first = round_ * EACH + 1
            await desk.receive(*(message(which, number) for number in range(first, first + EACH)))
            await desk.receive(message(which, first, rev=2, action="cancel", reason="wrong"))
            wanted += [name(number) for number in range(first + 1, first + EACH)]
            for _ in range(5):
                desk.cut()
                await asyncio.sleep(0)
            if round_ % 2 == 0:
                running.kill()
                await running.wait()
                running = await start()
            await eventually(has(folder, sorted(wanted)), 120)
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.wait()
    assert sorted(stored(folder)) == sorted(wanted)
