"""Passkeys in the place of the code: what a device does, and what somebody tries who has something of it."""

from collections.abc import AsyncIterator, Callable

import httpx
import pyotp
import pytest
import pytest_asyncio

from suar.service.people import credentials, passkeys
from suar.store.people.access import OPERATOR
from support.console import PASSWORD, Browser, Desk, browser
from support.passkey import Device, PasskeyRequest, form_in


def host_of(desk: Desk) -> str:
    """The console by a name: a number has no passkeys."""
    return f"th.localhost:{desk.url.rpartition(':')[2]}"


@pytest_asyncio.fixture
async def named(desk: Desk) -> AsyncIterator[Browser]:
    async with browser(desk, host_of(desk)) as made:
        yield made


async def wanted(visit: Browser, path: str) -> PasskeyRequest:
    found = form_in((await visit.get(path)).text)
    assert found is not None, path
    return found


async def first_step(visit: Browser, user: str, password: str = PASSWORD) -> PasskeyRequest:
    """User and password; what the second page asks for."""
    visit.desk.later(1_000)
    found = form_in(
        (await visit.post("/console/sign-in", {"user": user, "password": password, "next": "/console"})).text
    )
    assert found is not None
    return found


async def with_passkey(visit: Browser, user: str, device: Device) -> httpx.Response:
    """Both steps, the second by a passkey."""
    found = await first_step(visit, user)
    return await visit.post("/console/sign-in", {**device.answer(found), "next": "/console"})


async def added(visit: Browser, user: str, label: str = "telephone", *, counts: bool = False) -> Device:
    """Sign in with a code and add a passkey."""
    await visit.sign_in(user)
    device = Device(visit.origin, counts=counts)
    found = await wanted(visit, "/console/me")
    done = await visit.post("/console/me/passkeys", {**device.answer(found), "label": label})
    assert (done.status_code, done.headers.get("location")) == (303, "/console/me"), done.text
    return device


def kept(desk: Desk, user: str) -> list[str]:
    return [each.label for each in desk.gateway.people.passkeys.of(user)]


async def test_a_passkey_is_added_used_and_removed(desk: Desk, named: Browser) -> None:
    device = await added(named, "maria")
    page = (await named.get("/console/me")).text
    assert "telephone" in page
    await named.post("/console/sign-out")
    done = await with_passkey(named, "maria", device)
    assert (done.status_code, done.headers["location"]) == (303, "/console")
    desk.later(11 * 60_000)  # the sign-in is no confirmation any more
    which, token = name_of_first(desk, "maria"), csrf(desk, named)
    gone = await named.post("/console/me/passkeys/remove", {"which": which}, csrf=token)
    assert gone.headers["location"] == "/console/again?next=/console"
    credential = device.answer(await wanted(named, "/console/again"))
    again = await named.post("/console/again", {**credential, "next": "/console/me"}, csrf=token)
    assert (again.status_code, again.headers["location"]) == (303, "/console/me"), again.text
    await named.get("/console/me")
    assert (await named.post("/console/me/passkeys/remove", {"which": which})).status_code == 303
    assert kept(desk, "maria") == []
    assert (await with_passkey(named, "maria", device)).status_code == 403
    about = [what for who, what, _ in desk.audit() if who == "maria"]
    assert [each for each in about if "passkey" in each] == ["person-passkey-add", "person-passkey-remove"]


def name_of_first(desk: Desk, user: str) -> str:
    return passkeys.name_of(desk.gateway.people.passkeys.of(user)[0])


def csrf(desk: Desk, visit: Browser) -> str:
    info = desk.gateway.people.identify(next(iter(visit.cookies.values())))
    assert info is not None
    return info.csrf


async def test_a_passkey_never_replaces_the_password(desk: Desk, named: Browser) -> None:
    device = await added(named, "maria")
    found = await first_step(named, "maria", "another password")
    assert (await named.post("/console/sign-in", device.answer(found))).status_code == 403


async def test_the_second_page_says_nothing_about_who_has_a_passkey(desk: Desk, named: Browser) -> None:
    await added(named, "maria")
    pages = [await first_step(named, user) for user in ("maria", "jose", "nobody")]
    assert len({each.options.pop("challenge") for each in pages}) == 3
    assert pages[0].options == pages[1].options == pages[2].options == {
        "rpId": "th.localhost", "userVerification": "required", "timeout": 60_000,
    }  # fmt: skip


# -- hostile


DISHONEST: dict[str, Callable[[Device], object]] = {
    "a page of another origin": lambda device: setattr(device, "origin", "http://evil.localhost:8440"),
    "the same host at another port": lambda device: setattr(device, "origin", "http://th.localhost:1"),
    "another host": lambda device: setattr(device, "host", "evil.localhost"),
    "nobody verified": lambda device: setattr(device, "verifies", False),
    "the counter back": lambda device: setattr(device, "count", 0),
    "another key under the same name": lambda device: setattr(device, "key", Device("x").key),
    "an unknown passkey": lambda device: setattr(device, "id", b"unknown"),
}


@pytest.mark.parametrize("act", DISHONEST)
async def test_a_dishonest_answer_opens_nothing(desk: Desk, named: Browser, act: str) -> None:
    device = await added(named, "maria", counts=True)
    for _ in range(2):
        assert (await with_passkey(named, "maria", device)).status_code == 303
    await named.post("/console/sign-out", csrf=csrf(desk, named))
    DISHONEST[act](device)
    assert (await with_passkey(named, "maria", device)).status_code == 403
    assert not any(desk.gateway.people.identify(secret) for secret in named.cookies.values())


@pytest.mark.parametrize("counts", [True, False])
async def test_an_answer_that_was_recorded_works_once(desk: Desk, named: Browser, *, counts: bool) -> None:
    """Also of a device that counts nothing; nor does one of an earlier page, once a later one was used."""
    device = await added(named, "maria", counts=counts)
    early = await first_step(named, "maria")
    recorded = device.answer(await first_step(named, "maria"))
    assert (await named.post("/console/sign-in", recorded)).status_code == 303
    async with browser(desk, host_of(desk)) as thief:
        assert (await thief.post("/console/sign-in", recorded)).status_code == 403
        assert (await thief.post("/console/sign-in", device.answer(early))).status_code == 403
        assert thief.cookies == {}


async def test_the_passkey_of_another_person_opens_nothing(desk: Desk, named: Browser) -> None:
    device = await added(named, "ben")
    async with browser(desk, host_of(desk)) as other:
        assert (await with_passkey(other, "maria", device)).status_code == 403
        await other.sign_in("maria")
        desk.later(11 * 60_000)
        note = desk.gateway.people.passkeys.note("again", session(desk, other))
        found = PasskeyRequest("", "get", {"challenge": challenge("again", note), "rpId": "th.localhost"}, note)
        assert (await other.post("/console/again", device.answer(found), csrf=csrf(desk, other))).status_code == 403


def session(desk: Desk, visit: Browser) -> bytes:
    info = desk.gateway.people.identify(next(iter(visit.cookies.values())))
    assert info is not None
    return info.hash


def challenge(purpose: str, note: str) -> str:
    from support.passkey import text

    return text(passkeys.challenge(purpose, note))


async def test_a_note_is_good_for_its_purpose_and_its_session(desk: Desk, named: Browser) -> None:
    device = await added(named, "maria")
    people = desk.gateway.people.passkeys
    async with browser(desk, host_of(desk)) as other:
        await other.sign_in("maria")
        theirs = people.note("again", session(desk, other))
        await named.sign_in("maria")
        for note in (theirs, people.note("add", session(desk, named)), "", "x"):
            found = PasskeyRequest("", "get", {"challenge": challenge("again", note), "rpId": "th.localhost"}, note)
            answer = await named.post("/console/again", device.answer(found), csrf=csrf(desk, named))
            assert answer.status_code == 403, note
        new = Device(named.origin)
        for note in (people.note("add", session(desk, other)), people.note("again", session(desk, named))):
            options = {"challenge": challenge("add", note), "rp": {"id": "th.localhost"}}
            answer = await named.post(
                "/console/me/passkeys", new.answer(PasskeyRequest("", "create", options, note)), csrf=csrf(desk, named)
            )
            assert answer.status_code == 422, note
    assert kept(desk, "maria") == ["telephone"]


async def test_a_note_is_over_after_five_minutes(desk: Desk, named: Browser) -> None:
    device = await added(named, "maria")
    found = await first_step(named, "maria")
    desk.later(5 * 60_000)
    assert (await named.post("/console/sign-in", device.answer(found))).status_code == 403


async def test_wrong_passkeys_count_as_wrong_codes(desk: Desk, named: Browser) -> None:
    device = await added(named, "maria")
    device.origin = "http://evil.localhost"
    for _ in range(5):
        assert (await with_passkey(named, "maria", device)).status_code == 403
    device.origin = named.origin
    waits = await named.post("/console/sign-in", {"user": "maria", "password": PASSWORD})
    assert waits.status_code == 429


@pytest.mark.parametrize("sent", ["{}", "[]", "null", "x", '{"rawId":1}', "[" * 8_000, '{"rawId":"\u2028"}'])
async def test_what_is_no_passkey_is_refused(desk: Desk, named: Browser, sent: str) -> None:
    await added(named, "maria")
    found = await wanted(named, "/console/me")
    answer = await named.post("/console/me/passkeys", {"note": found.note, "credential": sent})
    assert answer.status_code == 422
    second = await first_step(named, "maria")
    assert (await named.post("/console/sign-in", {"note": second.note, "credential": sent})).status_code == 403


# -- factors of a person


async def test_adding_and_removing_ends_the_other_sessions(desk: Desk, named: Browser) -> None:
    async with browser(desk) as other:
        await other.sign_in("maria")
        await added(named, "maria")
        assert (await other.get("/console/me")).status_code == 303
        assert (await named.get("/console/me")).status_code == 200
        await other.sign_in("maria")
        await named.get("/console/me")
        which = name_of_first(desk, "maria")
        assert (await named.post("/console/me/passkeys/remove", {"which": which})).status_code == 303
        assert (await other.get("/console/me")).status_code == 303


async def test_a_person_has_at_most_ten(desk: Desk, named: Browser) -> None:
    await added(named, "maria", "0")
    for number in range(1, 11):
        found = await wanted(named, "/console/me")
        assert len(found.options["excludeCredentials"]) == number
        done = await named.post("/console/me/passkeys", {**Device(named.origin).answer(found), "label": str(number)})
        assert done.status_code == (303 if number < passkeys.PASSKEYS_MAX else 422)
        if done.status_code == 422:
            await named.get("/console/me")
    assert kept(desk, "maria") == [str(number) for number in range(passkeys.PASSKEYS_MAX)]


async def test_a_new_link_forgets_the_passkeys_of_before(desk: Desk, named: Browser) -> None:
    device = await added(named, "maria")
    link = await desk.gateway.people.recover("maria", OPERATOR)
    assert link is not None
    assert (await with_passkey(named, "maria", device)).status_code == 403
    await join(named, link, Device(named.origin))
    assert (await with_passkey(named, "maria", device)).status_code == 403


async def join(visit: Browser, link: str, device: Device) -> None:
    """By a link, with a passkey and without an authenticator."""
    first = await visit.post(f"/console/join/{link}", {"password": PASSWORD, "repeated": PASSWORD})
    found = form_in(first.text)
    assert found is not None
    done = await visit.post(f"/console/join/{link}", device.answer(found))
    assert done.status_code == 200, done.text
    assert done.text.count("<li><code") == credentials.RECOVERY_CODES, done.text


async def test_who_joins_by_a_passkey_keeps_it_and_has_no_code(desk: Desk, named: Browser) -> None:
    link = await desk.gateway.people.invite("nina", "Nina", ("reader",), "en", OPERATOR)
    assert link is not None
    device = Device(named.origin)
    await join(named, link, device)
    assert (await with_passkey(named, "nina", device)).status_code == 303
    await named.get("/console/me")
    refused = await named.post("/console/me/passkeys/remove", {"which": name_of_first(desk, "nina")})
    assert (refused.status_code, "only way" in refused.text) == (422, True)
    for code in ("000000", pyotp.TOTP("A" * 32).generate_otp(desk.kit.now // credentials.STEP)):
        assert (await named.post("/console/again", {"code": code}, csrf=csrf(desk, named))).status_code == 403


def test_without_a_secret_there_is_no_code() -> None:
    assert credentials.totp_step("", "000000", 100 * credentials.STEP, 0) is None


# -- where there are none


async def test_at_a_number_and_without_the_library_there_are_codes_alone(
    desk: Desk, named: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with browser(desk) as visit:
        await visit.sign_in("maria")
        page = (await visit.get("/console/me")).text
        assert form_in(page) is None
        assert "There are no passkeys at this address" in page
    monkeypatch.setattr(passkeys, "is_available", lambda: False)
    await named.sign_in("maria")
    assert form_in((await named.get("/console/me")).text) is None
    assert (await named.post("/console/me/passkeys", {"credential": "{}"})).status_code == 422
