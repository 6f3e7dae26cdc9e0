"""A member signs an object of which a reader's store refuses a value: a NUL in a text, a number too large.

Before, the refusal ended the process; the object was delivered again at the next start, and ended it again. Now it is
kept as it came, the alarm `poison` names its sender, and everything else is taken. In this store every value of a
message that passes the rules has a form, so a fault point of the gateways stands for the one that has none.
"""

from __future__ import annotations

import os
import re
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from support.demos import Running, running
from support.gateways import draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.essential

WITHIN = 120.0  # seconds


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file with the ids that no store takes."""
    made: Path = tmp_path_factory.mktemp("poison") / "ids"
    made.touch()
    return made


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, refused: Path) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("attacked")
    with running(folder, SUAR_FAULT_POINT=f"inbound.stored:{refused}:refuse") as made:
        yield made


def desk(member: dict[str, Any], token: str) -> httpx.Client:
    bearer = {"Authorization": f"Bearer {member['tokens'][token]}"}
    return httpx.Client(base_url=member["gateway"]["http"], headers=bearer, trust_env=False, timeout=120)


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def publish(member: dict[str, Any], title: str) -> str:
    with desk(member, "publish") as client:
        answer = client.post("/v1/messages", json=draft(title, desk=f"{member['code']}-CONTACT-2027-000001"))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def next_id(id_: str) -> str:
    return re.sub(r"\d+$", lambda number: f"{int(number[0]) + 1:06}", id_)


def poisoned(member: dict[str, Any]) -> list[str]:
    """Whom the alarms `poison` of a member name."""
    with desk(member, "operate") as watching:
        return [each["member"] for each in watching.get("/v1/alarms").json() if each["name"] == "poison"]


def is_warned(member: dict[str, Any]) -> bool:
    return bool(poisoned(member))


def has(member: dict[str, Any], id_: str) -> bool:
    with desk(member, "read") as reading:
        return reading.get(f"/v1/messages/{id_}").is_success


def test_one_object_ends_alone_and_the_gateways_continue(demo: Running, refused: Path) -> None:
    sender, *readers = demo.content["members"]
    before = publish(sender, "what comes before it")
    for reader in readers:
        until(partial(has, reader, before), "the federation does not run")
        assert poisoned(reader) == []
    refused.write_text(next_id(before))
    assert publish(sender, "what no store takes") == next_id(before)
    after = publish(sender, "what comes after it")
    for reader in readers:
        until(partial(has, reader, after), "what came after it was not taken")
        until(partial(is_warned, reader), "no alarm names the object")
        assert poisoned(reader) == [sender["code"]]
        assert not has(reader, next_id(before))
        with desk(reader, "operate") as watching:
            assert watching.get("/healthz").status_code == 200
            assert watching.get("/readyz").status_code == 200
        os.kill(reader["gateway"]["pid"], 0)
