"""Stored messages that this version cannot read, as another version of Unicode made them, end no list, feed or export.

Every call that reads is made, as in test_recall_everywhere.py: each shows what can be read, and none fails.
"""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from api import test_recall_everywhere as everywhere
from api.test_recall_every_door import Webhooks
from api.test_recall_everywhere import FOR_AGENCIES, HAD_IT, IDS, LISTED, SOUGHT, contents, shown, stix_objects
from suar.exchange.outgoing.formats import FORMATS
from suar.observe.hooks import Happened
from suar.protocol.message import jsonform, messages
from suar.service.receive import store_checks
from support.agency_desk import LOCAL, Desk, desk_of
from support.console import browser, console_of
from support.hooked import LOOPBACK
from support.kit import id_of, urgent
from support.problems import problem
from support.receivers import Receiver
from support.receivers import receiver as running
from support.shipped import shipped

MARK = "\u01ee"
"""What no text has where nothing reads it."""
PLAIN: dict[str, Any] = {"text": [{"lang": "en", "title": f"A van {MARK}", "summary": "It is blue"}]}
MARKED: dict[str, Any] = {"text": [*PLAIN["text"], {"lang": "th", "title": "x", "summary": "y", "generated": True}]}
BEFORE = {"alert": id_of(1), "pattern": "TH-PATTERN-2027-000001", "trend": "TH-TREND-2027-000001"}
KINDS = list(BEFORE)


def unread(number: int, **changes: Any) -> list[bytes]:
    """An alert, a pattern and a trend with that number and such a text."""
    return [
        urgent(number, **changes),
        shipped("pattern-seafood-debt", number, **changes),
        shipped("trend-detected-by-sex", number, **changes),
    ]


def ids_of(number: int) -> list[str]:
    return [f"TH-{kind.upper()}-2027-{number:06}" for kind in KINDS]


UNREAD = [*ids_of(2), *ids_of(3), id_of(4)]
"""Plain ones, some that have a text marked as generated, and one of a later minor."""


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with running(tmp_path / "receiver", "http") as made:
        yield made


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_of(tmp_path, LOOPBACK) as made:
        yield made


@pytest.fixture
def other_version(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every call names what cannot be read too; `begin` makes it so."""
    monkeypatch.setitem(everywhere.FIELDS, "id", (*IDS, *UNREAD))
    return monkeypatch


def begin(patch: pytest.MonkeyPatch) -> None:
    for module in (jsonform, messages):
        patch.setattr(module, "is_in_form", lambda text: MARK not in text)


async def test_every_door_shows_the_others(desk: Desk, receiver: Receiver, other_version: pytest.MonkeyPatch) -> None:
    token = await desk.register(kinds=KINDS)
    hooks = Webhooks(desk, receiver)
    await hooks.register("hooked")
    await desk.receive(*contents(), *unread(2, **PLAIN), *unread(3, **MARKED), urgent(4, schema="alert/1.7", **PLAIN))
    objects = [each["id"] for each in await stix_objects(desk, token)]
    begin(other_version)

    assert await shown(desk, LOCAL, objects) == HAD_IT
    assert await shown(desk, token, objects) == FOR_AGENCIES
    for each in UNREAD:
        for name, form in FORMATS.items():
            status = 409 if each.split("-")[1].lower() in form.kinds or each in UNREAD[3:] else 400
            assert (await desk.call("GET", f"{LISTED}/{each}/export?as={name}")).status_code in (status, 409)
        problem(await desk.call("GET", f"{LISTED}/{each}/evidence"), 409, "E-HTTP-CONFLICT")
    for number in (2, 3, 4):
        problem(await desk.call("GET", f"/v1/feeds/cap/{id_of(number)}"), 409, "E-HTTP-CONFLICT")
        problem(await desk.call("GET", f"{LISTED}/{id_of(number)}/export?as=cap"), 409, "E-HTTP-CONFLICT")
    for number in (3, 4):
        problem(await desk.call("GET", f"{LISTED}/{id_of(number)}"), 409, "E-HTTP-CONFLICT")
    await hooks.deliver()
    assert any(SOUGHT[0] in each["body"].encode() for each in receiver.got)

    async with console_of(desk.kit, desk.gateway) as console, browser(console) as person:
        console.add("somchai", "reader")
        await console.load()
        await person.sign_in("somchai")
        for kind in KINDS:
            page = await person.get(f"/console/inbox?kind={kind}")
            assert page.status_code == 200
            assert BEFORE[kind] in page.text
        assert {(await person.get(f"/console/m/{each}")).status_code for each in IDS} == {200}
        assert {(await person.get(f"/console/m/{each}")).status_code for each in UNREAD} == {200, 409}
    await desk.receive(
        *unread(3, rev=2, action="cancel", reason="wrong", text=[{"lang": "en", "title": "x", "summary": "y"}])
    )
    events = await desk.batched(token)
    assert {each["subject"] for each in events if each["type"] == "suar.message.cancel"} == set(ids_of(3))


async def test_each_is_counted_and_logged_once_while_it_is_in_force(
    desk: Desk, other_version: pytest.MonkeyPatch
) -> None:
    kit, happened = desk.kit, list[Happened]()
    kit.core.hooks.listen(lambda records: happened.extend(each for each in records if isinstance(each, Happened)))
    await desk.receive(urgent(1), urgent(2, **PLAIN))
    walk = store_checks.Walk(kit.core)
    begin(other_version)
    for _ in range(4):
        await kit.core.run_read_only(walk.step)
    assert [each.facts for each in happened if each.event == "message_unreadable"] == [{"id": id_of(2), "rev": 1}]
    assert len(kit.core.unreadable) == 1
    [found] = [each for each in (await desk.call("GET", "/v1/checks")).json()["checks"] if each["id"] == "quarantine"]
    assert (found["status"], found["text"][:16]) == ("warning", "1 stored message")
    await desk.receive(urgent(2, rev=2, action="update"))
    for _ in range(2):
        await kit.core.run_read_only(walk.step)
    assert not kit.core.unreadable
