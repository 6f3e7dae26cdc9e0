"""When a message counts as opened by the state, who answers in which role, and what odd addresses and forms get."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from console.test_messages import Receiving
from suar.console.views.matrix import matrix
from suar.languages.rendering.unseen import visible_text
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.people import attempts, credentials, sign_in
from support.console import PASSWORD, Browser, Desk, browser, code, served
from support.corekit import rows
from support.pairs import Two, new, record_statement

URGENT = {"urgency": "immediate", "ack_within": 4}
SAVED_AS = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Site": "same-origin"}
"""As a browser asks that saves what a link leads to."""


@pytest.fixture
async def sg(tmp_path: Path) -> AsyncIterator[Receiving]:
    two = Two(tmp_path)
    async with served(two.sg) as desk:
        desk.add("tan", "reader", "approver")
        desk.add("lim", "coordinator")
        await desk.load()
        yield Receiving(two, desk)
    two.th.close()


def arrived(sg: Receiving) -> str:
    (id_,) = sg.desk.kit.aside(sg.two.publish, new("Read this") | URGENT)
    sg.desk.kit.aside(sg.two.to_sg)
    return str(id_)


def statements(sg: Receiving) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in rows(sg.desk.kit, "select stage, role from own_statement order by n")]


async def test_only_a_person_who_goes_to_the_page_opens_it(sg: Receiving) -> None:
    id_ = arrived(sg)
    async with browser(sg.desk) as reader:
        await reader.sign_in("tan")
        for ahead in ({"Purpose": "Prefetch"}, {"Purpose": "PREFETCH"}, {"Sec-Purpose": "Prefetch"}):
            assert (await reader.get(f"/console/m/{id_}", **ahead)).status_code == 204
        for headers in (
            {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Mode": "no-cors"}, {"Sec-Fetch-Mode": "cors"},
            {"Sec-Fetch-Dest": "iframe"}, {"Sec-Fetch-Dest": "image"}, {"Sec-Fetch-Dest": "empty"},
        ):  # fmt: skip
            page = await reader.get(f"/console/m/{id_}", **headers)
            assert "Read this" not in page.text
            assert f'href="/console/m/{id_}"' in page.text
        assert (await reader.get(f"/console/x/m/{id_}")).headers["location"] == f"/console/m/{id_}"
        assert statements(sg) == []
        for site in ("same-origin", "same-site", "none"):
            headers = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": site}
            assert "Read this" in (await reader.get(f"/console/m/{id_}", **headers)).text
    assert [stage for stage, _ in statements(sg)] == ["opened"]


@pytest.mark.parametrize("realm", ["actual", "exercise"])
async def test_the_matrix_of_another_member_s_message_leads_to_its_page(sg: Receiving, realm: str) -> None:
    """Only a publisher has a matrix. The page opens the message, and the redirect to it does not."""
    (id_,) = sg.desk.kit.aside(sg.two.publish, new("Read this"), realm=realm)
    sg.desk.kit.aside(sg.two.to_sg)
    here, other = ("/console/x", "/console") if realm == "exercise" else ("/console", "/console/x")
    async with browser(sg.desk) as reader:
        await reader.sign_in("tan")
        led = await reader.get(f"{other}/m/{id_}/who?rev=1")
        assert (led.status_code, led.headers["location"]) == (303, f"{here}/m/{id_}/who?rev=1")
        led = await reader.get(led.headers["location"])
        assert (led.status_code, led.headers["location"]) == (303, f"{here}/m/{id_}?rev=1")
        assert (await reader.get(f"{here}/m/{id_}/who?rev=2")).status_code == 404
        assert (await reader.get(f"{here}/m/TH-ALERT-2027-000099/who")).status_code == 404
        assert statements(sg) == []
        assert "Read this" in (await reader.get(led.headers["location"])).text


async def test_a_coordinator_reads_and_neither_opens_nor_answers(sg: Receiving) -> None:
    id_ = arrived(sg)
    async with browser(sg.desk) as visit:
        await visit.sign_in("lim")
        page = await visit.get(f"/console/m/{id_}")
        assert "Read this" in page.text
        assert 'name="stage"' not in page.text
        answer = await visit.post(f"/console/m/{id_}", {"stage": "acting", "role": "focal-point"})
        assert answer.status_code == 403
    assert statements(sg) == []


async def test_an_answer_is_in_a_role_that_the_person_has(sg: Receiving) -> None:
    id_ = arrived(sg)
    async with browser(sg.desk) as visit:
        await visit.sign_in("tan")
        page = (await visit.get(f"/console/m/{id_}")).text
        offered = re.findall(r'<option value="([^"]+)"', page.partition('name="role"')[2])
        assert offered == ["focal-point", "approver"]
        for role in ("duty-officer", "agency", "gateway", ""):
            assert (await visit.post(f"/console/m/{id_}", {"stage": "acting", "role": role})).status_code == 422
        assert (await visit.post(f"/console/m/{id_}", {"stage": "acting", "role": "focal-point"})).status_code == 303


async def test_numbers_in_addresses_are_read_or_left(sg: Receiving) -> None:
    id_ = arrived(sg)
    async with browser(sg.desk) as visit:
        await visit.sign_in("tan")
        for rev in ("9" * 5, "9" * 30, "9" * 5_000, "²", "-1", "0"):
            assert (await visit.get(f"/console/m/{id_}?rev={rev}")).status_code in (400, 404)


async def test_notes_of_others_are_shown_without_hidden_characters(sg: Receiving) -> None:
    found = dict.fromkeys(("sent", "stored", "opened", "acknowledged", "acting", "refused"))
    notes = [{"role": "agency", "note": "a\u202eb\u2066\u3164"}]
    stated = {"overdue": False, "exports": None, "notes": notes, "roles": [], "held_by_law": None, "recalled": None}
    stated_by_others = {**found, "state": "acting", **stated}
    act = {"by": "x", "at": "2027-01-01T00:00:00Z", "reason": "no\u202e"}
    shown = matrix(
        {
            "id": "TH-ALERT-2027-000001", "rev": 1, "status": "actual", "acknowledge_by": None,
            "members": {"SG": stated_by_others}, "released_alone": act, "rejected": act,
        },
        {}, 0,
    )  # fmt: skip
    assert shown.members[0].implied == []
    assert shown.members[0].notes == (("agency", visible_text("a\u202eb\u2066\u3164")),)
    assert not set("\u202e\u2066\u3164") & set(shown.members[0].notes[0][1])
    for each in (shown.alone, shown.rejected):
        assert each is not None
        assert "\u202e" not in each["reason"]


# -- addresses, forms, and waiting, of a console with a person of each role


async def test_a_position_in_the_audit_that_is_no_number_is_ignored(visit: Browser) -> None:
    await visit.sign_in("aude")
    for after in ("²", "٣", "9" * 5_000):
        assert (await visit.get(f"/console/audit?after={after}")).status_code == 200


@pytest.mark.parametrize(
    "odd", ["x", "%0d%0aX-Y:z", "TH-ALERT-2027-000001%20", "%c3%a9", "..%2f..", "th-alert-2027-000001"]
)
async def test_only_ids_of_messages_are_led_on(visit: Browser, odd: str) -> None:
    answer = await visit.get(f"/m/{odd}")
    assert answer.status_code == 404
    assert "location" not in answer.headers


async def test_the_address_of_notices_is_behind_the_host_check(desk: Desk) -> None:
    async with browser(desk) as visit:
        for query, kept in (("", ""), ("?rev=1&x=%0a", "?rev=1&x=%0A"), (f"?rev={'1' * 1_000}", "")):
            answer = await visit.get(f"/m/TH-ALERT-2027-000001{query}")
            assert answer.headers["location"] == f"/console/m/TH-ALERT-2027-000001{kept}"
    async with browser(desk, "evil.example") as other:
        assert (await other.get("/m/TH-ALERT-2027-000001")).status_code in (400, 421)


@pytest.mark.parametrize("charset", ["nothing", "rot13", "utf-16", "idna", "unicode_escape", "undefined"])
async def test_a_form_of_any_charset_is_no_failure(desk: Desk, visit: Browser, charset: str) -> None:
    await visit.sign_in("ana")
    body = (
        f'--b\r\nContent-Disposition: form-data; name="csrf"\r\nContent-Type: text/plain; charset={charset}\r\n\r\n'
        "\\ud800a\r\n--b--\r\n"
    ).encode()
    headers = {"Host": visit.host, "Origin": visit.origin, "Content-Type": "multipart/form-data; boundary=b"}
    answer = await visit.client.post(f"{desk.url}/console/me", content=body, headers=headers)
    assert answer.status_code in (400, 403)


async def test_failures_of_strangers_do_not_stop_a_code_once_more(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    counts = desk.gateway.people.attempts
    for number in range(attempts.FREE_OF_NETWORK + 5):
        counts.fail(f"nobody{number}", "127.0.0.1", is_known=False)
        counts.fail("maria", "127.0.0.1", is_known=True)
    desk.later(credentials.STEP)
    await visit.get("/console/again")
    assert (await visit.post("/console/again", {"code": code(desk.kit.now)})).status_code == 303
    for _ in range(attempts.FREE):
        await visit.post("/console/again", {"code": "000000"})
    assert (await visit.post("/console/again", {"code": "000000"})).status_code == 429  # its own failures count


async def test_first_steps_of_a_network_are_counted(desk: Desk, visit: Browser) -> None:
    counts = desk.gateway.people.attempts
    for _ in range(attempts.FREE_FIRST_STEPS):
        counts.count_sign_in("127.0.0.1")
    answer = await visit.post("/console/sign-in", {"user": "maria", "password": PASSWORD})
    assert answer.status_code == 429
    desk.later(limits.MINUTE)
    assert (await visit.sign_in("maria")).status_code == 303
    assert counts.wait_before_sign_in("127.0.0.1") == 0


async def test_one_network_cannot_occupy_every_slot_of_the_first_step() -> None:
    import asyncio
    import threading

    hashing, gate = sign_in.Hashing(), threading.Event()
    most = sign_in.WAITING_OF_NETWORK + sign_in.HASHES
    first = [asyncio.ensure_future(hashing.run(gate.wait, "192.0.2.1")) for _ in range(most + 5)]
    await asyncio.sleep(0)
    refused = [each for each in first if each.done() and isinstance(each.exception(), sign_in.MustWait)]
    other = asyncio.ensure_future(hashing.run(gate.wait, "192.0.2.2"))
    await asyncio.sleep(0)
    assert (len(refused), other.done()) == (5, False)
    gate.set()
    assert await other
    done = await asyncio.gather(*first, return_exceptions=True)
    assert done.count(True) == most


async def test_a_stage_that_a_later_one_implies_is_called_not_stated(tmp_path: Path) -> None:
    two = Two(tmp_path)
    async with served(two.th) as desk:
        desk.add("ana", "author")
        await desk.load()

        def acted() -> str:
            (id_,) = two.publish(new("Read this"))
            two.to_sg()
            record_statement(two, id_, "acting")
            two.to_th()
            return str(id_)

        id_ = desk.kit.aside(acted)
        async with browser(desk) as visit:
            await visit.sign_in("ana")
            page = (await visit.get(f"/console/m/{id_}/who")).text
    two.sg.close()
    (line,) = re.findall(r'id="at-SG">.*?</tr>', page, re.DOTALL)
    assert (line.count("not stated"), line.count("not yet")) == (2, 0)


async def unproved(*_: Any, **__: Any) -> None:
    raise Fault("it cannot be proved")


async def test_an_export_gives_the_file_of_the_api_is_noted_and_opens(
    sg: Receiving, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = arrived(sg)
    path = f"/console/m/{id_}/export"
    async with browser(sg.desk) as reader:
        await reader.sign_in("tan")
        assert (await reader.get(path, **{"Sec-Purpose": "prefetch"})).status_code == 204
        for site in ("cross-site", "same-site"):
            assert (await reader.get(path, **SAVED_AS | {"Sec-Fetch-Site": site})).status_code == 403
        assert (await reader.get(path, **{"Sec-Fetch-Site": "cross-site"})).status_code == 403
        elsewhere = await reader.get(f"/console/x/m/{id_}/export?rev=1&as=%0d%0aX:1")
        assert elsewhere.headers["location"] == f"{path}?rev=1&as=%0D%0AX%3A1"
        too_long = await reader.get(f"/console/x/m/{id_}/export?rev=1&as={'a' * 1_000}")
        assert too_long.headers["location"] == path
        assert (await reader.get(path.replace(id_, "TH-ALERT-2027-000099"))).status_code == 404
        for odd, status in (
            ("rev=abc", 400), ("rev=0", 400), ("rev=", 400), ("rev=01", 400), ("rev=%C2%B2", 400),
            ("rev=1&rev=2", 400), ("rev=2", 404), ("rev=99999", 404),
        ):  # fmt: skip
            for at in (path, f"/console/m/{id_}"):
                assert (await reader.get(f"{at}?{odd}")).status_code == status, (at, odd)
        assert statements(sg) == []
        assert not [line for line in sg.desk.audit() if line[1] == "evidence"]
        got = await reader.get(path, **SAVED_AS)
        assert (got.status_code, got.headers["content-type"]) == (200, "application/octet-stream")
        assert got.headers["content-disposition"] == f'attachment; filename="{id_}.1.evidence"'
        assert f'href="{path}?rev=1"' in (await reader.get(f"/console/m/{id_}")).text
        by_api = await sg.desk.gateway.evidence(id_, rev=1, exported_by="a token")
        monkeypatch.setattr(sg.desk.gateway, "evidence", unproved)
        refused = await reader.get(path)
        assert (refused.status_code, "This message cannot be proved." in refused.text) == (409, True)
    assert [stage for stage, _ in statements(sg)] == ["opened"]
    assert ("tan", "evidence", f"{id_} 1") in sg.desk.audit()
    assert by_api is not None
    assert got.content == by_api.data
