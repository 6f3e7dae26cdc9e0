"""A member signs an object of which a reader's store refuses a value: a NUL where a column takes text, say.

Before, the refusal ended the process; the object was delivered again at the next start, and ended it again. Now it is
kept as it came, the alarm `poison` names its sender, and everything else is taken. The reader's store is made to refuse
by a trigger: in this store every value of a message that passes the rules has a form.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from support.gateways import draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.demos import Running

WITHIN = 60.0  # seconds
FIRST_ONLY = """
create trigger poisoned before insert on message
when not exists (select 1 from alarm where name = 'poison') begin select raise(abort, 'refused'); end
"""


def desk(member: dict[str, Any], token: str) -> httpx.Client:
    bearer = {"Authorization": f"Bearer {member['tokens'][token]}"}
    return httpx.Client(base_url=member["gateway"]["http"], headers=bearer, trust_env=False, timeout=120)


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def execute(store: Path, statement: str) -> None:
    with closing(sqlite3.connect(store, timeout=120)) as connection:
        connection.execute(statement)
        connection.commit()


def publish(member: dict[str, Any], title: str) -> str:
    with desk(member, "publish") as client:
        answer = client.post("/v1/messages", json=draft(title, desk=f"{member['code']}-CONTACT-2027-000001"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_one_object_ends_alone_and_the_gateway_goes_on(demo: Running) -> None:
    sender, reader = demo.said["members"][0], demo.said["members"][1]
    store = Path(reader["state"]) / "suar.db"
    execute(store, FIRST_ONLY)
    try:
        publish(sender, "what the store refuses")
        with desk(reader, "operate") as watching:

            def alarms() -> list[dict[str, Any]]:
                return [each for each in watching.get("/v1/alarms").json() if each["name"] == "poison"]

            until(lambda: bool(alarms()), "no alarm names the object")
            assert [each["member"] for each in alarms()] == [sender["code"]]
            after = publish(sender, "what comes after it")
            with desk(reader, "read") as reading:
                until(lambda: reading.get(f"/v1/messages/{after}").is_success, "what came after it was not taken")
            assert watching.get("/readyz").status_code == 200
        os.kill(reader["gateway"]["pid"], 0)
    finally:
        execute(store, "drop trigger poisoned")
    others = demo.said["members"][2]
    with desk(others, "read") as reading:
        until(lambda: reading.get(f"/v1/messages/{after}").is_success, "another member lacks it")
