"""What a hostile page, network or browser tries against the console; each is refused, and nothing was done."""

import html
import json
import re
import socket
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from suar.console import guard
from suar.protocol.base import limits
from suar.published import schemas_dir
from suar.service.access.tokens import check
from suar.service.people import attempts, credentials, sessions
from support.console import PASSWORD, Browser, Desk, browser, code, note_of, served
from support.patience import PATIENCE

STRICT = {
    "default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src 'self'",
    "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip


async def secret_of(visit: Browser) -> str:
    (secret,) = visit.cookies.values()
    return secret


# -- sessions and cookies


async def test_a_session_that_was_fixed_before_is_not_the_one_after(desk: Desk, visit: Browser) -> None:
    planted = "x" * 43
    visit.client.cookies.set("suar-th", planted)
    done = await visit.sign_in("maria")
    cookie = done.headers["set-cookie"].partition(";")[0].partition("=")[2]
    assert cookie != planted
    assert desk.gateway.people.identify(planted) is None
    assert desk.gateway.people.identify(cookie) is not None


async def test_signing_in_again_ends_the_session_of_before(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    first = await secret_of(visit)
    await visit.sign_in("ana")
    assert desk.gateway.people.identify(first) is None
    found = desk.gateway.people.identify(await secret_of(visit))
    assert found is not None
    assert found.person.id == "ana"


async def test_two_cookies_of_the_name_are_none(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    mine = await secret_of(visit)
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
        answer = await client.get(f"{desk.url}/console/me", headers={"Cookie": f"suar-th={mine}; suar-th=planted"})
    assert answer.status_code == 303


async def test_the_cookie_on_loopback_and_behind_https(desk: Desk, visit: Browser, tmp_path: Path) -> None:
    plain = (await visit.sign_in("maria")).headers["set-cookie"]
    assert re.fullmatch(r"suar-th=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", plain)
    async with served(tmp_path / "other", console={"origin": "https://console.example"}) as other:
        other.add("maria", "coordinator")
        await other.load()
        async with browser(other, "console.example") as there:
            done = await there.post(
                "/console/sign-in", {"user": "maria", "password": PASSWORD}, Origin="https://console.example"
            )
            other.later(credentials.STEP)
            done = await there.post(
                "/console/sign-in", {"note": note_of(done.text), "code": code(other.kit.now)},
                Origin="https://console.example",
            )  # fmt: skip
    kept = done.headers["set-cookie"]
    assert kept.startswith("__Host-suar-th=")
    assert {part.strip() for part in kept.split(";")[1:]} == {"HttpOnly", "Path=/", "SameSite=lax", "Secure"}
    assert "domain" not in kept.lower()  # what __Host- demands
    assert done.headers["strict-transport-security"]


async def test_a_session_ends_when_it_is_signed_out(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    mine = await secret_of(visit)
    await visit.get("/console/me")
    await visit.post("/console/sign-out")
    assert desk.gateway.people.identify(mine) is None
    assert visit.cookies == {}


async def test_a_session_is_idle_after_half_an_hour_and_over_after_twelve(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    desk.later(30 * limits.MINUTE - 1)
    assert (await visit.get("/console/me")).status_code == 200  # in use again
    desk.later(30 * limits.MINUTE)
    assert (await visit.get("/console/me")).headers["location"] == "/console/sign-in?next=/console/me"
    await visit.sign_in("maria")
    mine = await secret_of(visit)
    for _ in range(25):
        desk.later(29 * limits.MINUTE)
        await visit.get("/console/me")
    assert desk.gateway.people.identify(mine) is None


async def test_a_restart_ends_no_session_and_a_change_of_roles_does(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("ana")
    mine = await secret_of(visit)
    await desk.load()
    info = desk.gateway.people.identify(mine)
    assert info is not None
    assert desk.gateway.people.is_open(info.hash)
    await desk.gateway.people.set_roles("ana", ("reader",), "jose")
    assert desk.gateway.people.identify(mine) is None
    assert not desk.gateway.people.is_open(info.hash)  # what an open stream asks
    assert (await visit.get("/console/me")).status_code == 303


async def test_a_person_has_ten_sessions_the_oldest_ends(desk: Desk) -> None:
    first = await desk.gateway.core.run(sessions.begin, desk.kit.unlent, "ana", None)
    for _ in range(sessions.SESSIONS_MAX):
        desk.later(1)
        await desk.gateway.core.run(sessions.begin, desk.kit.unlent, "ana", None)
    await desk.load()
    assert desk.gateway.people.identify(first) is None
    assert len(desk.gateway.people.sessions_of("ana")) == sessions.SESSIONS_MAX


# -- other pages


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1"},
        {"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"},
    ],
)  # fmt: skip
async def test_a_form_of_another_origin_is_refused(desk: Desk, visit: Browser, headers: dict[str, str]) -> None:
    await visit.sign_in("maria")
    await visit.get("/console/me")
    answer = await visit.post("/console/me/sessions", None, csrf=None, **headers)
    assert (answer.status_code, "another page" in answer.text) == (403, True)
    assert not [line for line in desk.audit() if line[1] == "sign-out-others"]


async def test_a_form_without_an_origin_is_refused(desk: Desk, visit: Browser) -> None:
    answer = await visit.client.post(f"{desk.url}/console/sign-in", data={"user": "maria", "password": PASSWORD})
    assert answer.status_code == 403


@pytest.mark.parametrize("token", ["", "0" * 64])
async def test_a_form_without_the_token_of_its_session_is_refused(desk: Desk, visit: Browser, token: str) -> None:
    await visit.sign_in("maria")
    answer = await visit.post("/console/me/sessions", csrf=token)
    assert (answer.status_code, "too old" in answer.text) == (403, True)
    assert not [line for line in desk.audit() if line[1] == "sign-out-others"]


async def test_the_token_of_another_session_is_refused(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    await visit.get("/console/me")
    old = visit.page
    await visit.sign_in("maria")
    visit.page = old
    assert (await visit.post("/console/me/sessions")).status_code == 403


async def test_nothing_may_be_framed_or_run_inline(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    for path in ("/console", "/console/people", "/console/me", "/console/sign-in", "/console/nowhere"):
        answer = await visit.get(path)
        assert {each.strip() for each in answer.headers["content-security-policy"].split(";")} == STRICT
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert not re.search(r"<script(?![^>]* src=)| style=| on[a-z]+=|javascript:|data:", answer.text)


async def test_a_link_in_a_message_is_followed_by_nobody(desk: Desk, visit: Browser) -> None:
    """A link to a machine that only this one reaches: it is text, and neither the gateway nor its page fetches it."""
    tree = json.loads((schemas_dir() / "examples/valid/legislation-expanded-act.json").read_bytes())
    for name in ("id", "rev", "status", "sent", "related", "expires"):
        del tree[name]
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.setblocking(False)
        link = f"https://127.0.0.1:{inside.getsockname()[1]}/latest/meta-data"
        tree |= {"url": link, "jurisdiction": "TH", "issuer": {"body": "Desk", "sector": "justice-prosecution"}}
        tree |= {"expires": "2027-12-31T00:00:00Z", "checked_on": "2027-01-01", "source": {**tree["source"]}}
        done = await desk.gateway.publish(json.dumps(tree).encode(), realm="actual", key=None, token="desk")
        assert done.verdict == "published", done
        await visit.sign_in("rita")
        page = (await visit.get(f"/console/m/{done.id}")).text
        assert link in page
        assert f'src="{link}' not in page
        with pytest.raises(BlockingIOError):
            inside.accept()


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "0.0.0.0", "a@127.0.0.1"]
)
async def test_a_name_that_is_rebound_to_us_is_refused(desk: Desk, host: str) -> None:
    async with browser(desk, host) as visit:
        answer = await visit.get("/console/sign-in")
        assert answer.status_code in (400, 421)
        assert 'name="password"' not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "th.localhost:8440", "[::1]:8440"])
async def test_names_of_this_machine_are_served(desk: Desk, host: str) -> None:
    async with browser(desk, host) as visit:
        assert (await visit.get("/console/sign-in")).status_code == 200


async def test_with_an_origin_only_that_is_served(tmp_path: Path) -> None:
    async with served(tmp_path / "th", console={"origin": "https://console.example:8443"}) as desk:
        for host, status in {"console.example:8443": 200, "console.example": 421, "localhost": 421}.items():
            async with browser(desk, host) as visit:
                assert (await visit.get("/console/sign-in")).status_code == status


@pytest.mark.parametrize(
    ("listen", "origin", "status"),
    [("0.0.0.0:8440", "", 404), ("192.0.2.1:8440", "", 404), ("0.0.0.0:8440", "https://console.example", 200)],
)
async def test_beyond_loopback_it_is_shut_without_https(tmp_path: Path, listen: str, origin: str, status: int) -> None:
    settings = {"http": {"listen": listen}, "console": {"origin": origin}}
    async with served(tmp_path / "th", **settings) as desk, browser(desk, "console.example") as visit:
        answer = await visit.get("/console/sign-in")
        assert answer.status_code == status
        assert ("closed here" in answer.text) is (status == 404)


async def test_a_console_that_is_not_enabled_has_no_page(tmp_path: Path) -> None:
    async with served(tmp_path / "th", console={"enabled": False}) as desk, browser(desk) as visit:
        assert (await visit.get("/console/sign-in")).status_code == 404
        assert (await visit.get("/healthz")).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/console/../v1",
        "/console/%2e%2e/v1/messages",
        "/console/m/%2e%2e/%2E%2E/v1",
        "/console/m/TH-ALERT-2027-000001/%65xport",
        "/console/./m/TH-ALERT-2027-000001/export",
        "/console/nowhere/at/all",
        "/console/live",
        "/console//evil.example",
        "/consolex",
        "javascript:alert(1)",
        "/console/\r\nX: y",
        "/console\\evil",
        "//evil.example?next=/console",
        "/console/m/..?rev=1",
        "/console?",
        "/console?next=//evil.example",
        "/console?a=1#b",
        "/console?a=1\n",
        "/console?a=%C3%A9é",
        f"/console?a={'b' * 999}",
    ],
)
async def test_after_signing_in_nobody_is_led_away(visit: Browser, wanted: str) -> None:
    assert (await visit.sign_in("maria", next_=wanted)).headers["location"] == "/console"


@pytest.mark.parametrize("begin", ["/console", "/console/x"])
async def test_after_signing_in_no_file_is_fetched_but_the_page_above_it_is(visit: Browser, begin: str) -> None:
    """A link of another site to the sign-in would save a file, as if the person had asked for it on a page of ours."""
    for file, above in (
        ("/m/TH-ALERT-2027-000001/export", "/m/TH-ALERT-2027-000001"), ("/draft/7/table.csv", "/draft/7"),
        ("/m/TH-ALERT-2027-000001/export?rev=1", "/m/TH-ALERT-2027-000001?rev=1"),
        ("/drills/one/picture.svg", "/drills/one"), ("/drills/one/table.csv", "/drills/one"),
    ):  # fmt: skip
        answer = await visit.sign_in("maria", next_=begin + file)
        assert answer.headers["location"] == begin + above
        await visit.get("/console/me")
        await visit.post("/console/sign-out")


async def test_the_way_to_the_sign_in_and_back_keeps_a_plain_query(visit: Browser) -> None:
    """As an address to which the browser goes on; a long query is dropped."""
    for query, kept in (
        ("?rev=1", "?rev=1"), ("?b=%0d%0aX:1&a=~._-&a=", "?b=%0D%0AX%3A1&a=~._-&a="), (f"?a={'%2f' * 333}", ""),
        (f"?a={'b' * 998}", f"?a={'b' * 998}"),
    ):  # fmt: skip
        await visit.get("/console/sign-in")
        answer = await visit.get(f"/console/me{query}")
        led_to = answer.headers["location"]
        assert led_to.isascii()
        next_ = parse_qs(urlsplit(led_to).query)["next"][0]
        assert next_ == f"/console/me{kept}"
        assert f'value="{html.escape(next_)}"' in (await visit.get(led_to)).text
        assert (await visit.sign_in("maria", next_=next_)).headers["location"] == next_
        await visit.get("/console/me")
        await visit.post("/console/sign-out")


# -- guessing


async def test_a_code_works_once_for_sign_in_and_again(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    shown = code(desk.kit.now)
    async with browser(desk) as other:
        first = await other.post("/console/sign-in", {"user": "maria", "password": PASSWORD})
        answer = await other.post("/console/sign-in", {"note": note_of(first.text), "code": shown})
        assert answer.status_code == 403
    await visit.get("/console/again")
    assert (await visit.post("/console/again", {"code": shown})).status_code == 403
    desk.later(credentials.STEP)
    assert (await visit.post("/console/again", {"code": code(desk.kit.now)})).status_code == 303


async def test_two_sign_ins_with_one_code_at_the_same_moment_give_one_session(desk: Desk) -> None:
    import asyncio

    desk.later(credentials.STEP)
    people = desk.gateway.people
    notes = [await people.sign_in_first("maria", PASSWORD, "here") for _ in range(2)]
    shown = code(desk.kit.now)
    made = await asyncio.gather(*(people.sign_in_second(note, shown, "here", None) for note in notes))
    assert [secret is not None for secret in made].count(True) == 1


async def test_a_recovery_code_works_once(desk: Desk, visit: Browser) -> None:
    codes = await desk.gateway.people.new_recovery_codes("ana")
    assert (await visit.sign_in("ana", typed=codes[3])).status_code == 303
    assert (await visit.sign_in("ana", typed=codes[3])).status_code == 403
    assert desk.gateway.people.person("ana")["recovery_left"] == 9  # type: ignore[index]  # it is there
    assert ("ana", "recovery-code", "ana 9 left") in desk.audit()


async def test_guessing_waits_and_the_right_one_waits_too(desk: Desk, visit: Browser) -> None:
    for _ in range(attempts.FREE):
        assert (await visit.sign_in("maria", "a wrong password")).status_code == 403
    desk.kit.now -= credentials.STEP  # at the same moment
    answer = await visit.post("/console/sign-in", {"user": "maria", "password": PASSWORD})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 5
    async with browser(desk) as other:
        assert (await other.sign_in("ana")).status_code == 303  # nobody else waits
    desk.later(attempts.FIRST_WAIT)
    assert (await visit.sign_in("maria")).status_code == 303
    failed = [line for line in desk.audit() if line[1] == "sign-in-failed"]
    assert failed == [
        ("gateway", "sign-in-failed", "maria 1"),
        ("gateway", "sign-in-failed", "maria 5"),
    ]  # a burst, two lines


async def test_codes_are_not_guessed_by_many_at_once(desk: Desk) -> None:
    import asyncio

    people = desk.gateway.people
    notes = [await people.sign_in_first("maria", PASSWORD, f"net{n}") for n in range(attempts.FREE + 3)]
    guesses = (people.sign_in_second(note, f"{n:06}", f"net{n}", None) for n, note in enumerate(notes))
    done = await asyncio.gather(*guesses, return_exceptions=True)
    assert [each is None for each in done].count(True) == attempts.FREE  # the others were made to wait


async def test_a_user_that_is_not_there_waits_alike_and_is_not_named(desk: Desk, visit: Browser) -> None:
    for _ in range(attempts.FREE):
        await visit.sign_in("hunter2-as-user", "a wrong password")
    desk.kit.now -= credentials.STEP
    answer = await visit.post("/console/sign-in", {"user": "hunter2-as-user", "password": PASSWORD})
    assert answer.status_code == 429
    assert "hunter2" not in str(desk.audit())


async def test_a_note_is_good_for_five_minutes_and_for_its_gateway(desk: Desk, visit: Browser) -> None:
    first = await visit.post("/console/sign-in", {"user": "maria", "password": PASSWORD})
    note = note_of(first.text)
    for bad in (note[:-4] + "AAAA", "x", "", "A" * 5000):
        answer = await visit.post("/console/sign-in", {"note": bad, "code": code(desk.kit.now)})
        assert answer.status_code in (200, 403)
        assert visit.cookies == {}
    desk.later(5 * limits.MINUTE)
    answer = await visit.post("/console/sign-in", {"note": note, "code": code(desk.kit.now)})
    assert answer.status_code == 403


async def test_what_the_first_step_found_cannot_be_reported(desk: Desk, visit: Browser) -> None:
    pages = []
    for user, password in (("maria", PASSWORD), ("maria", "x" * len(PASSWORD)), ("nobod", PASSWORD)):
        answer = await visit.post("/console/sign-in", {"user": user, "password": password})
        pages.append((answer.status_code, re.sub(r'value="[^"]{20,}"', "", answer.text), len(note_of(answer.text))))
    assert pages[0] == pages[1] == pages[2]


async def test_an_unknown_user_costs_the_same_hash(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []
    is_password = credentials.is_password

    def counted(hashed: bytes, password: str) -> bool:
        checked.append(hashed.split(b"$")[1:4])
        return is_password(hashed, password)

    monkeypatch.setattr(credentials, "is_password", counted)
    for user in ("fina", "dora"):
        desk.add(user, "reader", hashed=credentials.hash_password(PASSWORD))  # as a gateway keeps it
    await desk.load()
    await desk.gateway.people.suspend("dora", "jose")
    for user in ("fina", "nobody", "dora"):
        await desk.gateway.people.sign_in_first(user, "a wrong password", "here")
    assert len(checked) == 3
    assert checked[0] == checked[1] == checked[2]


async def test_a_suspended_person_does_not_sign_in(desk: Desk, visit: Browser) -> None:
    await desk.gateway.people.suspend("rita", "jose")
    assert (await visit.sign_in("rita")).status_code == 403


async def test_a_token_of_a_suspended_person_opens_nothing(desk: Desk, visit: Browser) -> None:
    """Also one that was made afterwards, or for who never joined."""
    made = await desk.gateway.tokens_add(check("of-ana", ["read"], user="ana"), "local")
    await desk.gateway.people.invite("new", "New", ("author",), "en", "jose")
    never = await desk.gateway.tokens_add(check("of-new", ["read"], user="new"), "local")

    async def status(token: object) -> int:
        head = {"Authorization": f"Bearer {token}"}
        return (await visit.client.get(f"{desk.url}/v1/messages", headers=head)).status_code

    assert (await status(made["token"]), await status(never["token"])) == (200, 401)
    await desk.gateway.people.suspend("ana", "jose")
    later = await desk.gateway.tokens_add(check("of-ana-too", ["read"], user="ana"), "local")
    assert (await status(made["token"]), await status(later["token"])) == (401, 401)


async def test_a_token_follows_the_roles_of_its_person(desk: Desk, visit: Browser) -> None:
    """A running gateway too, at the next call; and a link of who is suspended opens no page."""
    made = await desk.gateway.tokens_add(check("of-ana", ["read", "publish"], user="ana"), "local")
    head = {"Authorization": f"Bearer {made['token']}"}

    async def statuses() -> list[int]:
        paths = ("/v1/messages", "/v1/proposals")
        return [(await visit.client.get(f"{desk.url}{path}", headers=head)).status_code for path in paths]

    assert await statuses() == [200, 200]
    await desk.gateway.people.set_roles("ana", ("reader",), "jose")
    assert await statuses() == [200, 403]
    await desk.gateway.people.set_roles("ana", ("auditor",), "jose")
    assert await statuses() == [403, 403]
    link = await desk.gateway.people.invite("ghost", "Ghost", ("author",), "en", "jose")
    assert desk.gateway.people.joining(link or "") is not None
    await desk.gateway.people.suspend("jose", "local")
    assert desk.gateway.people.joining(link or "") is None
    assert next(each for each in desk.gateway.people.everybody() if each["id"] == "ghost")["link_void"]


async def test_a_session_makes_ten_calls_a_second(
    desk: Desk, visit: Browser, paced: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await visit.sign_in("maria")
    monkeypatch.setattr(guard, "monotonic", lambda: 0.0)  # no time passes, however slow the machine is
    statuses = [(await visit.get("/console/me")).status_code for _ in range(40)]
    assert 200 in statuses
    assert 429 in statuses


# -- what a proxy says


async def test_who_calls_is_the_proxys_word_only_for_a_proxy_that_is_named(desk: Desk, tmp_path: Path) -> None:
    async def tries(where: Desk, count: int) -> set[int]:
        async with browser(where) as visit:
            form = {"note": "x", "code": "1"}
            calls = [visit.post("/console/sign-in", form, X_Forwarded_For=f"198.51.100.{n}") for n in range(count)]
            return {(await each).status_code for each in calls}

    assert 429 in await tries(desk, attempts.FREE_OF_NETWORK + 2)  # what it claims is not believed
    async with served(tmp_path / "behind", console={"proxies": ["127.0.0.1"]}) as proxied:
        assert await tries(proxied, attempts.FREE_OF_NETWORK + 2) == {403}


# -- links


async def test_a_link_is_read_as_often_as_one_likes_and_used_once(desk: Desk, visit: Browser) -> None:
    link = await desk.gateway.people.invite("leo", "Leo <b>Bold</b>", ("reader",), "en", "jose")
    for _ in range(3):
        page = await visit.get(f"/console/join/{link}")
        assert (page.status_code, "Leo &lt;b&gt;Bold" in page.text) == (200, True)
    await visit.client.head(f"{desk.url}/console/join/{link}")
    done = await joined(desk, visit, str(link))
    assert len(re.findall(r"<li><code>([\w-]+)</code>", done)) == 10
    assert (await visit.get(f"/console/join/{link}")).status_code == 404
    again = await visit.post(f"/console/join/{link}", {"password": PASSWORD, "repeated": PASSWORD})
    assert (again.status_code, "The link does not work" in again.text) == (404, True)


async def joined(desk: Desk, visit: Browser, link: str) -> str:
    second = await visit.post(f"/console/join/{link}", {"password": PASSWORD, "repeated": PASSWORD})
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', second.text)
    assert found is not None, second.text
    shown = code(desk.kit.now, found[1].replace(" ", ""))
    return (await visit.post(f"/console/join/{link}", {"note": note_of(second.text), "code": shown})).text


async def test_a_wrong_code_keeps_the_link_and_the_key(desk: Desk, visit: Browser) -> None:
    link = str(await desk.gateway.people.invite("leo", "Leo", ("reader",), "en", "jose"))
    second = await visit.post(f"/console/join/{link}", {"password": PASSWORD, "repeated": PASSWORD})
    third = await visit.post(f"/console/join/{link}", {"note": note_of(second.text), "code": "000000"})
    assert (third.status_code, note_of(third.text)) == (422, note_of(second.text))
    assert desk.gateway.people.joining(link) is not None


async def test_a_note_of_one_link_does_not_spend_another(desk: Desk, visit: Browser) -> None:
    mine = str(await desk.gateway.people.invite("leo", "Leo", ("reader",), "en", "jose"))
    other = str(await desk.gateway.people.invite("lee", "Lee", ("author",), "en", "jose"))
    second = await visit.post(f"/console/join/{mine}", {"password": PASSWORD, "repeated": PASSWORD})
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', second.text)
    assert found
    shown = code(desk.kit.now, found[1].replace(" ", ""))
    answer = await visit.post(f"/console/join/{other}", {"note": note_of(second.text), "code": shown})
    assert answer.status_code == 404
    assert desk.gateway.people.joining(other) is not None


@pytest.mark.parametrize(
    ("password", "repeated", "expected"), [("short", "short", "too short"), (PASSWORD, "other", "differ")]
)
async def test_a_password_that_cannot_be(
    desk: Desk, visit: Browser, password: str, repeated: str, expected: str
) -> None:
    link = await desk.gateway.people.invite("leo", "Leo", ("reader",), "en", "jose")
    answer = await visit.post(f"/console/join/{link}", {"password": password, "repeated": repeated})
    assert (answer.status_code, expected in answer.text) == (422, True)
    assert password not in re.sub(r'minlength="\d+"', "", answer.text).split("<form")[1]


async def test_a_form_that_is_none_is_empty_and_files_are_read_of_known_people_only(desk: Desk, visit: Browser) -> None:
    head = {"Host": visit.host, "Origin": visit.origin}
    url = f"{desk.url}/console/sign-in"
    files = {"user": ("a.txt", b"maria")}
    many = "&".join(f"a{n}=1" for n in range(5_000))
    urlencoded = {"Content-Type": "application/x-www-form-urlencoded"}
    for sent in (
        {"files": files, "headers": head},
        {"content": b"\xff\xfe", "headers": head | urlencoded},
        {"content": many.encode(), "headers": head | urlencoded},
        {"content": b"{}", "headers": head | {"Content-Type": "application/json"}},
    ):
        answer = await visit.client.post(url, **sent)
        assert (answer.status_code, 'name="code"' in answer.text) == (200, True)  # as with empty fields
    large = await visit.client.post(url, content=b"a=" + b"b" * 1024 * 1024, headers=head | urlencoded)
    assert large.status_code == 413
