"""What is changed of a registered agency: its nkey at the own NATS server, and whether it may propose."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from suar.federation.nats_users import new_nkey
from suar.service.settings.keyring import NKEYS
from support.agency_desk import Desk, desk_of
from support.corekit import rows
from support.problems import problem

PATH = "/v1/agencies/health"


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_of(tmp_path) as made:
        yield made


def nkey() -> str:
    return new_nkey()[1]


async def change(desk: Desk, name: str = "health", **wanted: Any) -> Any:
    return await desk.call("POST", f"/v1/agencies/{name}", json=wanted)


async def test_an_nkey_is_set_replaced_and_removed(desk: Desk) -> None:
    await desk.register()
    first, second = nkey(), nkey()
    for wanted in (first, second, None):
        done = await change(desk, nkey=wanted)
        assert (done.status_code, done.json()["nkey"]) == (200, wanted)
        assert (await desk.call("GET", PATH)).json() == done.json()
    assert rows(desk.kit, "select who, about from audit where what = 'agency-change' order by n") == [
        ("local", f"health: nkey {first}"), ("local", f"health: nkey {second}"), ("local", "health: nkey none"),
    ]  # fmt: skip


async def test_another_nkey_leaves_the_reader_where_it_is(desk: Desk) -> None:
    await desk.register(nkey=nkey())
    reader = (5, "a position", 7, 8, 9, 10)

    def advance() -> None:
        with desk.kit.core.transaction() as connection:
            connection.exec_driver_sql(
                "update feed_reader set run = 5, position = 'a position', floor = 7, unread = 8, last = 9,"
                " saved_at = 10"
            )

    desk.kit.aside(advance)
    await change(desk, nkey=nkey())
    assert rows(desk.kit, "select run, position, floor, unread, last, saved_at from feed_reader") == [reader]


async def test_an_nkey_is_registered_once(desk: Desk) -> None:
    taken = nkey()
    await desk.register(name="police", nkey=taken)
    await desk.register()
    own = [desk.kit.core.keyring.nkey_public(each) for each in NKEYS]
    for wrong in (taken, *own):
        problem(await change(desk, nkey=wrong), 409, "E-HTTP-CONFLICT")
        more = {"name": "labour", "sector": "labour", "kinds": ["alert"], "max_tlp": "GREEN", "nkey": wrong}
        problem(await desk.call("POST", "/v1/agencies", json=more), 409, "E-HTTP-CONFLICT")
    assert {each["name"] for each in (await desk.call("GET", "/v1/agencies")).json()} == {"police", "health"}
    again = await change(desk, "police", nkey=taken)  # its own
    assert again.status_code == 200


async def test_who_may_propose_is_changed_without_another_token(desk: Desk) -> None:
    token = await desk.register()
    problem(await desk.call("GET", "/v1/proposals", token), 403, "E-HTTP-SCOPE")
    assert (await change(desk, propose=True)).json()["propose"] is True
    assert (await desk.call("GET", "/v1/proposals", token)).json() == []
    assert (await change(desk, propose=False)).json()["propose"] is False
    problem(await desk.call("GET", "/v1/proposals", token), 403, "E-HTTP-SCOPE")
    assert rows(desk.kit, "select about from audit where what = 'agency-change' order by n") == [
        ("health: may propose",), ("health: proposes nothing",)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong", [{}, {"sector": "labour"}, {"nkey": "UAAA"}, {"nkey": ""}, {"nkey": 1}, {"propose": None}]
)
async def test_nothing_else_is_changed(desk: Desk, wrong: dict[str, Any]) -> None:
    await desk.register()
    before = (await desk.call("GET", PATH)).json()
    problem(await change(desk, **wrong), 400, "E-HTTP-VALUE")
    assert (await desk.call("GET", PATH)).json() == before


async def test_only_an_administrator_changes_one_and_none_that_has_ended(desk: Desk) -> None:
    token = await desk.register()
    problem(await desk.call("POST", PATH, token, json={"propose": True}), 403, "E-HTTP-SCOPE")
    problem(await change(desk, "unknown", propose=True), 404, "E-HTTP-NOT-FOUND")
    await desk.act("health", "revoke")
    problem(await change(desk, propose=True), 404, "E-HTTP-NOT-FOUND")
