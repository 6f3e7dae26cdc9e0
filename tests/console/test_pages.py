"""What coordinators, operators and auditors see and do, beyond who may: that is in test_routes.py."""

import re

import pytest

from suar.federation.summary import fingerprint
from suar.languages.names import names
from suar.protocol.base import limits
from suar.service.access.tokens import check, new_token
from suar.service.people import credentials
from suar.service.settings.scopes import ROLES, SCOPES
from support.console import PASSWORD, Browser, Desk, browser, code


async def test_a_coordinator_invites_and_a_second_one_confirms(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    await visit.get("/console/people")
    form = {"id": "new", "name": "New Approver", "role": "approver", "lang": "km"}
    answer = await visit.post("/console/people", form)
    assert "second coordinator has to confirm" in answer.text
    assert "/console/join/" not in answer.text
    assert 'value="confirm"' not in answer.text  # not by who asked
    refused = await visit.post("/console/people/new", {"act": "confirm"})
    assert (refused.status_code, "does not confirm" in refused.text) == (422, True)
    async with browser(desk) as second:
        await second.sign_in("jose")
        assert "wait for your confirmation: 1" in (await second.get("/console")).text
        await second.get("/console/people/new")
        done = await second.post("/console/people/new", {"act": "confirm"})
    link = re.search(r"/console/join/([\w-]{43})", done.text)
    assert link is not None
    assert f"{visit.origin}/console/join/" in done.text
    assert desk.gateway.people.joining(link[1]) is not None


async def test_a_name_with_markup_is_text(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    await visit.get("/console/people")
    name = "<img src=x onerror=alert(1)>\"'&"
    answer = await visit.post("/console/people", {"id": "odd", "name": name, "role": "reader", "lang": "en"})
    page = (await visit.get("/console/people")).text + answer.text
    assert "<img" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


async def test_what_was_typed_wrongly_is_still_there(visit: Browser) -> None:
    await visit.sign_in("maria")
    await visit.get("/console/people")
    answer = await visit.post("/console/people", {"id": "ana", "name": "Ana Again", "role": "reader", "lang": "vi"})
    assert (answer.status_code, "is taken" in answer.text, 'value="Ana Again"' in answer.text) == (422, True, True)


async def test_what_needs_a_new_code_leads_there_and_back(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("jose")
    desk.later(10 * limits.MINUTE)
    await visit.get("/console/people/ana")
    answer = await visit.post("/console/people/ana", {"act": "suspend", "page": "/console/people/ana"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/again?next=/console/people/ana")
    assert desk.gateway.people.person("ana")["state"] == "active"  # type: ignore[index]  # it is there
    await visit.get("/console/again")
    done = await visit.post("/console/again", {"code": code(desk.kit.now), "next": "/console/people/ana"})
    assert done.headers["location"] == "/console/people/ana"
    await visit.get("/console/people/ana")
    assert (await visit.post("/console/people/ana", {"act": "suspend"})).status_code == 303
    assert desk.gateway.people.person("ana")["state"] == "suspended"  # type: ignore[index]  # it is there


async def test_a_suspended_person_is_out_at_the_next_click(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("ana")
    await desk.gateway.people.suspend("ana", "jose")
    assert (await visit.get("/console")).headers["location"].startswith("/console/sign-in")


async def test_language_and_time_zone_are_ones_own(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("ana")
    await visit.get("/console/me")
    assert (await visit.post("/console/me", {"lang": "th", "timezone": "Asia/Bangkok"})).status_code == 303
    page = (await visit.get("/console/me")).text
    assert '<html lang="th">' in page
    assert re.search(r"<time datetime=\"[^\"]+Z\">[^<]+\(\d\d:\d\d UTC\)</time>", page)
    for zone in ("Mars/Olympus", "../../etc/passwd", ""):
        answer = await visit.post("/console/me", {"lang": "th", "timezone": zone})
        assert answer.status_code == 422


@pytest.mark.parametrize(
    ("written", "meant"), [("Phnom Penh", "Asia/Phnom_Penh"), ("Asia/Bankok", "Asia/Bangkok"), ("Mars/Olympus", "")]
)
async def test_a_time_zone_that_is_none_gets_a_proposal(visit: Browser, written: str, meant: str) -> None:
    await visit.sign_in("ana")
    await visit.get("/console/me")
    answer = await visit.post("/console/me", {"lang": "en", "timezone": written})
    problem = answer.text.partition('role="alert"')[2].partition("</div>")[0]
    assert "There is no such time zone." in problem
    assert ("Is one of these meant: " in problem) == bool(meant)
    assert meant in problem


async def test_the_foot_of_a_page_says_which_zone_its_times_are_in(desk: Desk, visit: Browser) -> None:
    """Before, a new person was told that UTC is their zone, with UTC beside it."""
    await visit.sign_in("ana")
    assert (
        "Times are in UTC. You choose your time zone on the page with your name."
        in (await visit.get("/console/me")).text
    )
    await desk.gateway.people.set_preferences("ana", "en", "Asia/Manila")
    assert "Times are in your time zone, with UTC beside them." in (await visit.get("/console/me")).text


async def test_a_new_password_ends_the_other_sessions_and_not_this_one(desk: Desk, visit: Browser) -> None:
    async with browser(desk) as other:
        await other.sign_in("ana")
        await visit.sign_in("ana")
        await visit.get("/console/me")
        new = "another long password"
        form = {"password": new, "repeated": new}
        for present in ({}, {"present": ""}, {"present": new}):  # before, who found a screen took the account
            answer = await visit.post("/console/me/password", form | present)
            assert (answer.status_code, "The current password is wrong." in answer.text) == (422, True)
        for weak in ("aaaaaaaaaaaa", "passwordpassword", "ana ana ana ana", "anaanaanaana1"):
            answer = await visit.post("/console/me/password", {"password": weak, "repeated": weak, "present": PASSWORD})
            assert (answer.status_code, "repeats a short text" in answer.text) == (422, True), weak
        assert (await visit.post("/console/me/password", form | {"present": PASSWORD})).status_code == 303
        assert (await other.get("/console/me")).status_code == 303
        assert (await visit.get("/console/me")).status_code == 200
        assert (await other.sign_in("ana", PASSWORD)).status_code == 403
        assert (await other.sign_in("ana", new)).status_code == 303


async def test_guesses_at_the_present_password_make_wait(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("ana")
    await visit.get("/console/me")
    form = {"password": "another long password", "repeated": "another long password", "present": "a guess"}
    found = [(await visit.post("/console/me/password", form)).status_code for _ in range(8)]
    assert (found[:5], found[-1]) == ([422] * 5, 429)
    form["present"] = PASSWORD
    assert (await visit.post("/console/me/password", form)).status_code == 429


async def test_a_person_who_lost_everything_joins_again(desk: Desk, visit: Browser) -> None:
    link = await desk.gateway.people.recover("ana", "jose")
    assert (await visit.sign_in("ana")).status_code == 403  # until then nothing of before opens anything
    second = await visit.post(f"/console/join/{link}", {"password": "a third password", "repeated": "a third password"})
    secret = re.search(r'id="secret">([A-Z2-7 ]+)<', second.text)
    note = re.search(r'name="note" value="([^"]+)"', second.text)
    assert secret
    assert note
    key = secret[1].replace(" ", "")
    await visit.post(f"/console/join/{link}", {"note": note[1], "code": code(desk.kit.now, key)})
    shown = code(desk.kit.now + credentials.STEP, key)
    assert (await visit.sign_in("ana", "a third password", shown)).status_code == 303


# -- the operator's pages


async def test_the_operator_sees_what_is_not_well_and_no_title(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("omar")
    page = (await visit.get("/console/health")).text
    assert re.search(r"\d+ of \d+ checks are well", page)
    assert "bus-connected" in page  # there is no bus in this test
    for path in ("/console/inbox", "/console/sent", "/console/m/TH-ALERT-2027-000001"):
        assert (await visit.get(path)).status_code in (403, 404)


async def test_members_and_what_is_missing_of_them(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("omar")
    page = (await visit.get("/console/peers")).text
    assert 'href="/console/peers/VN"' in page
    one = await visit.get("/console/peers/VN")
    assert (one.status_code, "Viet" in one.text) == (200, True)
    answer = await visit.post("/console/peers/VN/resend")
    assert (answer.status_code, "Ranges requested: 0" in answer.text) == (200, True)
    assert ("omar", "resend", "VN") in desk.audit()
    assert (await visit.get("/console/peers/XX")).status_code == 404
    assert (await visit.post("/console/peers/TH/resend")).status_code == 404


async def test_an_operator_makes_tokens_that_watch_and_none_that_reads(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("omar")
    await visit.get("/console/tokens")
    made = await visit.post("/console/tokens", {"name": "prometheus", "scope": "monitor"})
    claim = re.search(r"suar_claim_[\w-]{43}", made.text)
    assert claim is not None
    assert not re.search(r"suar_(?!claim_)[\w-]{43}", made.text)
    found = desk.gateway.authenticate(claim[0])
    assert found is not None
    assert found.name == "prometheus"
    for scope in ("read", "publish", "approve", "acknowledge", "admin", "machine"):
        assert (await visit.post("/console/tokens", {"name": "other", "scope": scope})).status_code == 400
    taken = await visit.post("/console/tokens", {"name": "ana", "scope": "monitor"})
    assert (taken.status_code, "exists" in taken.text) == (422, True)
    for name in ("", "nope", "local"):  # before, the page answered as if it were revoked
        assert (await visit.post("/console/tokens/revoke", {"name": name})).status_code == 404
    await visit.post("/console/tokens/revoke", {"name": "prometheus"})
    assert desk.gateway.authenticate(claim[0]) is None
    assert [line[:2] for line in desk.audit() if line[2] == "prometheus"] == [
        ("omar", "token-add"), ("omar", "token-revoke"),
    ]  # fmt: skip


async def test_the_keys_and_a_new_bundle(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("omar")
    page = (await visit.get("/console/keys")).text
    assert fingerprint(desk.kit.keyring.identity.kid) in page
    done = await visit.post("/console/keys/rotate")
    assert "There is a new bundle." in done.text


async def test_the_auditor_reads_the_log_and_that_is_a_line_of_it(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("aude")
    page = (await visit.get("/console/audit")).text
    assert "person-join" in page
    assert ("aude", "read", "audit") in desk.audit() or ("aude", "audit", "read") in desk.audit()
    assert (await visit.get("/console/audit?after=1")).status_code == 200
    for wrong in ("-1", "x", "9" * 30, "99999"):
        assert (await visit.get(f"/console/audit?after={wrong}")).status_code == 200


async def test_every_file_of_a_page_is_ours_and_kept_for_ever(desk: Desk, visit: Browser) -> None:
    page = (await visit.get("/console/sign-in")).text
    named = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert all(each.startswith("/console") or each.startswith("#") for each in named)
    files = [each for each in named if "/static/" in each]
    assert len(files) == 3
    for each in files:
        answer = await visit.get(each)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")
    assert (await visit.get("/console/static/console.css")).status_code == 404
    assert (await visit.get("/console/static/..%2f..%2fapp.py")).status_code == 404


def test_style_and_script_keep_their_bounds() -> None:
    from suar.console import assets

    assert len((assets.FOLDER / "console.css").read_bytes()) <= 24 * 1024
    assert len((assets.FOLDER / "console.js").read_text("utf-8").splitlines()) <= 250


async def test_a_type_names_its_charset_once(visit: Browser) -> None:
    page = await visit.get("/console/sign-in")
    named = re.findall(r"/console/static/[\w.-]+\.(?:css|js)", page.text)
    assert named
    types = [(await visit.get(each)).headers["content-type"] for each in named] + [page.headers["content-type"]]
    assert {each.count("charset=utf-8") for each in types} == {1}, types


async def test_the_address_of_a_notice_leads_to_the_page(visit: Browser) -> None:
    answer = await visit.get("/m/TH-ALERT-2027-000001")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/m/TH-ALERT-2027-000001")


async def test_the_api_is_where_it_was(desk: Desk, visit: Browser) -> None:
    assert (await visit.get("/healthz")).json() == {"status": "alive"}
    assert (await visit.get("/consolex")).headers["content-type"] == "application/problem+json"
    assert (await visit.get("/v1/console/people")).status_code in (401, 405)


async def test_no_token_opens_the_calls_of_the_machine(desk: Desk, visit: Browser) -> None:
    local = new_token()
    await desk.gateway.open(local)
    made = await desk.gateway.tokens_add(check("all", SCOPES, ROLES), "local")
    body = '{"id": "new", "name": "New", "roles": ["coordinator"]}'
    answers = {}
    for name, token in {"all": str(made["token"]), "local": local}.items():
        head = {"Authorization": f"Bearer {token}"}
        answers[name] = await visit.client.post(f"{desk.url}/v1/console/people", content=body, headers=head)
    assert answers["all"].status_code == 403
    assert answers["local"].status_code == 201
    link = answers["local"].json()["link"]
    assert desk.gateway.people.joining(link) is not None
    head = {"Authorization": f"Bearer {local}"}
    again = await visit.client.post(f"{desk.url}/v1/console/people/new/recover", headers=head)
    assert again.json()["link"] != link
    nothing = await visit.client.post(f"{desk.url}/v1/console/people/new/confirm", headers=head)
    assert nothing.status_code == 409


async def test_the_machine_confirms_what_a_coordinator_asked_for(desk: Desk, visit: Browser) -> None:
    local = new_token()
    await desk.gateway.open(local)
    head = {"Authorization": f"Bearer {local}"}
    await visit.sign_in("maria")
    await visit.get("/console/people")
    await visit.post("/console/people", {"id": "new", "name": "New", "role": "approver", "lang": "en"})
    shown = (await visit.client.get(f"{desk.url}/v1/console/people/new", headers=head)).json()
    path = f"{desk.url}/v1/console/people/new/confirm"
    other = await visit.client.post(path, headers=head, params={"digest": "0" * len(shown["digest"])})
    assert other.status_code == 409
    assert (desk.gateway.people.person("new") or {})["pending"] == "invite"
    done = await visit.client.post(path, headers=head, params={"digest": shown["digest"]})
    assert (done.status_code, done.json()["id"]) == (200, "new")
    assert desk.gateway.people.joining(done.json()["link"]) is not None
    assert (await visit.client.post(path, headers=head, params={"digest": shown["digest"]})).status_code == 409


async def test_a_translation_that_nobody_reviewed_says_so(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    assert names("en").words.console("unreviewed") not in (await visit.get("/console")).text
    await desk.gateway.people.set_preferences("maria", "th", "Asia/Bangkok")
    page = (await visit.get("/console")).text
    assert names("th").words.console("unreviewed") in page
    assert names("th").words.console("unreviewed") != names("en").words.console("unreviewed")


async def test_links_of_an_exercise_stay_in_it_where_the_page_is_in_both(visit: Browser) -> None:
    await visit.sign_in("maria")
    page = (await visit.get("/console/x")).text
    assert 'class="exercise"' in page
    assert 'href="/console/x/"' in page
    assert 'href="/console/people"' in page
    assert "EXERCISE" in page
    for link in sorted(set(re.findall(r'href="(/console[^"]*)"', page))):
        assert (await visit.get(link)).status_code in (200, 303), link


async def test_the_connection_of_a_session_is_no_strangers(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("maria")
    await visit.get("/console/me")
    assert desk.door.known >= 1
    async with browser(desk) as stranger:
        before = desk.door.known
        stranger.client.cookies.set("suar-th", "x" * 43)
        await stranger.get("/console/sign-in")
        assert desk.door.known == before


async def test_a_session_is_no_token_of_the_api(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("omar")
    (secret,) = visit.cookies.values()
    assert (await visit.get("/v1/checks")).status_code == 401
    for token in (secret, f"session:{secret}"):
        assert (await visit.get("/v1/checks", Authorization=f"Bearer {token}")).status_code == 401
