"""A program with taxii2-client that stores each page with where it goes on: killed and cut off, it loses nothing and
has nothing twice."""

import asyncio
import contextlib
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from suar.api.contract.taxii import COLLECTIONS
from support.agency_desk import Desk
from support.executables import PYTHON
from support.gateways import eventually
from support.kit import id_of, urgent

PROGRAM = """
import json, os, time
import requests
from taxii2client.v21 import Collection

collection = Collection(os.environ["COLLECTION"], user="health", password=os.environ["SUAR_TOKEN"])
with open("stored", "a+") as file:
    file.seek(0)
    lines = file.read().split("\\n")
    file.truncate(sum(len(line) + 1 for line in lines[:-1]))
cursor = json.loads(lines[-2])["cursor"] if len(lines) > 1 else {}
while True:
    try:
        page = collection.get_objects(limit=4, **cursor)
        objects = page.get("objects", [])
        if page.get("more"):
            cursor = {"next": page["next"]}
        elif objects:
            dates = {each["id"]: each["date_added"] for each in collection.get_manifest(**cursor)["objects"]}
            cursor = {"added_after": dates[objects[-1]["id"]]}
        else:
            time.sleep(0.02)
            continue
    except requests.RequestException:
        time.sleep(0.02)
        continue
    found = [each["external_references"][0]["external_id"] for each in objects if each["type"] == "incident"]
    with open("stored", "a") as file:
        file.write(json.dumps({"cursor": cursor, "found": found}) + "\\n")
"""
MESSAGES = 120


def stored(folder: Path) -> list[str]:
    """The messages that the program has, in order."""
    file = folder / "stored"
    lines = file.read_text().split("\n")[:-1] if file.exists() else []
    return [id_ for line in lines for id_ in json.loads(line)["found"]]


def has(folder: Path, count: int) -> Callable[[], Awaitable[bool]]:
    async def is_stored() -> bool:
        return len(stored(folder)) >= count

    return is_stored


async def test_killed_and_cut_off_taxii2_client_loses_and_doubles_nothing(desk: Desk, tmp_path: Path) -> None:
    collection = f"{desk.url}/taxii2/root/collections/{COLLECTIONS[0].id}/"
    token = await desk.register()
    environment = {**os.environ, "COLLECTION": collection, "SUAR_TOKEN": token, "NO_PROXY": "*"}

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(PYTHON, "-c", PROGRAM, cwd=tmp_path, env=environment)

    running = await start()
    try:
        for number in range(1, MESSAGES + 1, 20):
            await desk.receive(*map(urgent, range(number, number + 20)))
            await eventually(has(tmp_path, number), 60)  # somewhere among these
            if number % 40 == 1:
                running.kill()
                await running.wait()
                running = await start()
            else:
                desk.cut()
        await eventually(has(tmp_path, MESSAGES), 60)
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.kill()
        await running.wait()
    assert stored(tmp_path) == [id_of(number) for number in range(1, MESSAGES + 1)]
