"""The TAXII 2.1 door: sections 3 to 5 of the specification rule by rule, read by taxii2-client and stix2-validator."""

import asyncio
import csv
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import stix2
from stix2validator import ValidationOptions, validate_string
from taxii2client.v21 import Server, as_pages

from suar.api.agencies import taxii_query
from suar.api.contract.taxii import COLLECTIONS
from suar.exchange.outgoing.stix import TLP_MARKINGS
from suar.protocol.base import limits
from suar.service.feed import collections
from support.agency_desk import LOCAL, Desk
from support.corekit import frame_of, rows
from support.kit import id_of, urgent
from support.problems import problem
from support.shipped import shipped

MUSTS = Path(__file__).parents[1] / "data" / "taxii_musts.csv"
TYPE = "application/taxii+json;version=2.1"
ROOT = "/taxii2/root"
ALERTS, PATTERNS = (f"{ROOT}/collections/{each.id}" for each in COLLECTIONS)


def pattern(number: int, **changes: Any) -> bytes:
    """A shipped pattern of TH."""
    return shipped("pattern-seafood-debt", number, **changes)


async def ask(desk: Desk, path: str, token: str, accept: str = TYPE, method: str = "GET") -> httpx.Response:
    return await desk.call(method, path, token, headers={"Accept": accept})


async def got(desk: Desk, path: str, token: str) -> dict[str, Any]:
    answer = await ask(desk, path, token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == TYPE
    found: dict[str, Any] = answer.json()
    return found


async def walked(desk: Desk, path: str, token: str) -> list[dict[str, Any]]:
    """Every object of a collection, by `next`."""
    found: list[dict[str, Any]] = []
    page = await got(desk, path, token)
    while True:
        found += page.get("objects", [])
        if not page.get("more"):
            return found
        page = await got(desk, f"{path}{'&' if '?' in path else '?'}next={page['next']}", token)


def mains(found: list[dict[str, Any]]) -> list[str]:
    """The messages that objects are of, revoked ones left out."""
    named = [each for each in found if each["type"] in ("incident", "attack-pattern") and not each.get("revoked")]
    return [
        f"{e['external_references'][0]['external_id']}/{e['external_references'][0]['description'][-1]}" for e in named
    ]


# -- section 4: discovery and API root


async def test_discovery_and_root(desk: Desk) -> None:
    token = await desk.register()
    for path in ("/taxii2/", "/taxii2"):
        found = await got(desk, path, token)
        assert found["title"]
        assert found["default"] in found["api_roots"]
        assert found["default"] == f"{desk.url}{ROOT}/"
    forwarded = await desk.call("GET", "/taxii2/", token, headers={"X-Forwarded-Proto": "https"})
    assert forwarded.json()["default"].startswith("https://")
    about = await got(desk, f"{ROOT}/", token)
    assert about["title"]
    assert about["versions"] == [TYPE]
    assert isinstance(about["max_content_length"], int)
    assert about["max_content_length"] > 0


async def test_a_call_without_a_user_is_answered_with_basic(desk: Desk) -> None:
    for path in ("/taxii2/", f"{ROOT}/", f"{ROOT}/collections/", f"{ALERTS}/objects/"):
        answer = await desk.client.get(path)
        problem(answer, 401, "E-HTTP-TOKEN")
        assert 'Basic realm="suar"' in answer.headers["www-authenticate"]


async def test_a_user_that_is_not_the_token_s_name_is_said_to_be_the_fault(desk: Desk) -> None:
    token = await desk.register()
    answer = await desk.client.get("/taxii2/", auth=("helth", token))
    refusal = problem(answer, 401, "E-HTTP-TOKEN")
    assert refusal["detail"] == "the token is known, and the user is not its name"
    assert 'Basic realm="suar"' in answer.headers["www-authenticate"]
    assert "unknown" in problem(await desk.client.get("/taxii2/", auth=("health", "x")), 401, "E-HTTP-TOKEN")["detail"]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (TYPE, 200), ("application/taxii+json", 200), ("application/taxii+json; version=2.1", 200), ("*/*", 200),
        ('application/taxii+json;version="2.1"', 200), ("text/html, application/taxii+json;version=2.1;q=0.5", 200),
        ("application/taxii+json;version=2.0", 406), ("application/json", 406), ("text/html", 406),
        ("application/vnd.oasis.taxii+json", 406),
        (f"{TYPE};q=0, */*", 406),
    ],
)  # fmt: skip
async def test_the_media_type_is_negotiated(desk: Desk, accept: str, status: int) -> None:
    token = await desk.register()
    await desk.receive(urgent(1))
    [object_id] = {e["id"] for e in await walked(desk, f"{ALERTS}/objects/", token) if e["type"] == "incident"}
    for path in (
        "/taxii2/", f"{ROOT}/", f"{ROOT}/collections/", f"{ALERTS}/", f"{ALERTS}/manifest/", f"{ALERTS}/objects/",
        f"{ALERTS}/objects/{object_id}/", f"{ALERTS}/objects/{object_id}/versions/",
    ):  # fmt: skip
        answer = await ask(desk, path, token, accept)
        assert answer.status_code == status, path
        if status == 406:
            problem(answer, 406, "E-HTTP-ACCEPT")


def test_the_most_specific_range_decides_by_its_weight() -> None:
    """RFC 9110, 12.5.1; before, what a caller refused by the weight 0 was sent."""
    for accept in (
        f"{TYPE};q=0", f"{TYPE};q=0, */*", "*/*;q=0.000", f"{TYPE};q=x", f"{TYPE};q=-1", f"{TYPE};q=nan",
        "application/taxii+json;version=2.0, application/taxii+json;version=",
        "application/taxii+json;version=\u0662.1",
        "x," * 9000 + "x", ";,;q,=", "",
    ):  # fmt: skip
        assert not taxii_query.is_accepted(accept), accept
    for accept in (f"*/*;q=0, {TYPE};q=0.001", "application/taxii+json;VERSION = 2.1 ; Q = 1.000", "x/y;q=0,*/*;q=1"):
        assert taxii_query.is_accepted(accept), accept


# -- section 5: collections


async def test_collections_are_listed_and_found_by_id_and_alias(desk: Desk) -> None:
    token = await desk.register()
    listed = (await got(desk, f"{ROOT}/collections/", token))["collections"]
    assert [each["alias"] for each in listed] == ["alert", "pattern"]
    for each in listed:
        assert (str(UUID(each["id"])), UUID(each["id"]).version) == (each["id"], 4)
        assert (each["can_read"], each["can_write"]) == (True, False)
        assert each["media_types"] == ["application/stix+json;version=2.1"]
        for name in (each["id"], each["alias"]):
            assert await got(desk, f"{ROOT}/collections/{name}/", token) == each
    for wrong in ("nothing", "2c1b7c2e-6a34-4f0e-9f0b-000000000000"):
        for below in ("", "objects/", "manifest/"):
            problem(await ask(desk, f"{ROOT}/collections/{wrong}/{below}", token), 404, "E-HTTP-NOT-FOUND")


async def test_nothing_is_written(desk: Desk) -> None:
    token = await desk.register()
    for method, path in (("POST", "objects/"), ("DELETE", "objects/incident--2c1b7c2e-6a34-4f0e-9f0b-6a1f6d2f5a01/")):
        problem(await ask(desk, f"{ALERTS}/{path}", token, method=method), 403, "E-HTTP-SCOPE")
        answer = await desk.client.request(method, f"{ALERTS}/{path}")
        problem(answer, 401, "E-HTTP-TOKEN")


async def test_objects_are_valid_and_what_may_be_read(desk: Desk) -> None:
    token = await desk.register(kinds=["alert", "pattern"])
    await desk.receive(
        urgent(1), urgent(2, tlp="AMBER+STRICT"), urgent(3, handling=["law-enforcement-only"]), pattern(1),
        pattern(2, handling=["law-enforcement-only"]),
    )  # fmt: skip
    for path, wanted in ((ALERTS, [f"{id_of(1)}/1"]), (PATTERNS, ["TH-PATTERN-2027-000001/1"])):
        found = await walked(desk, f"{path}/objects/", token)
        assert mains(found) == wanted
        bundle = json.dumps({"type": "bundle", "id": f"bundle--{COLLECTIONS[0].id}", "objects": found})
        stix2.parse(bundle, allow_custom=False, version="2.1")
        result = validate_string(bundle, ValidationOptions(version="2.1", strict=True))
        assert result.is_valid, [str(error) for error in result.errors]
    only = await desk.register(name="only", kinds=["alert"])
    assert await got(desk, f"{PATTERNS}/objects/", only) == {}


async def test_the_manifest_has_the_same_objects(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1), urgent(2))
    listed = await walked(desk, f"{ALERTS}/manifest/", token)
    found = await walked(desk, f"{ALERTS}/objects/", token)
    assert [each["id"] for each in listed] == [each["id"] for each in found]
    for entry, each in zip(listed, found, strict=True):
        assert entry["version"] == each.get("modified", each["created"])
        assert entry["media_type"] == "application/stix+json;version=2.1"
        assert re.fullmatch(r"2027-01-15T08:00:00\.\d{6}Z", entry["date_added"])
        own = f"{ALERTS}/objects/{each['id']}/"
        assert (await got(desk, own, token))["objects"][0]["id"] == each["id"]
        assert (await got(desk, f"{own}versions/", token))["versions"] == [entry["version"]]
    dates = [each["date_added"] for each in listed]
    assert dates == sorted(dates), "oldest first"
    headers = (await ask(desk, f"{ALERTS}/objects/", token)).headers
    assert (headers["x-taxii-date-added-first"], headers["x-taxii-date-added-last"]) == (dates[0], dates[-1])
    assert (await got(desk, f"{ALERTS}/manifest/?added_after={dates[-1]}", token)) == {}


async def test_an_object_that_may_not_be_read_is_not_there(desk: Desk) -> None:
    """It is answered as one that never was (section 5.6)."""
    await desk.receive(urgent(1), urgent(2, tlp="AMBER+STRICT"))
    token = await desk.register()
    mine = {each["id"] for each in await walked(desk, f"{ALERTS}/objects/", token)}
    whole = await walked(desk, f"{ALERTS}/objects/", LOCAL)
    [closed] = [each["id"] for each in whole if each["type"] == "incident" and each["id"] not in mine]
    for object_id in (closed, "incident--2c1b7c2e-6a34-4f0e-9f0b-000000000000", "x"):
        for below in ("", "versions/"):
            problem(await ask(desk, f"{ALERTS}/objects/{object_id}/{below}", token), 404, "E-HTTP-NOT-FOUND")


async def test_every_page_has_the_dates_of_its_first_and_last_object(desk: Desk) -> None:
    """In headers, also the manifest's, one object's and its versions' (sections 5.3 to 5.8)."""
    token = await desk.register()
    await desk.receive(urgent(1), urgent(2))
    listed = await walked(desk, f"{ALERTS}/manifest/", token)
    for path, entries in (
        ("objects/", listed), ("manifest/", listed), (f"objects/{listed[0]['id']}/", listed[:1]),
        (f"objects/{listed[-1]['id']}/versions/", listed[-1:]), ("manifest/?limit=2", listed[:2]),
    ):  # fmt: skip
        headers = (await ask(desk, f"{ALERTS}/{path}", token)).headers
        dates = headers["x-taxii-date-added-first"], headers["x-taxii-date-added-last"]
        assert dates == (entries[0]["date_added"], entries[-1]["date_added"]), path


async def test_added_after_loses_and_doubles_nothing(desk: Desk) -> None:
    """Whoever asks again with the last date has every message once, also those of one millisecond."""
    token = await desk.register()
    seen: list[dict[str, Any]] = []
    after = ""
    for number in range(1, 9):
        await desk.receive(urgent(number))  # the clock stands still
        answer = await ask(desk, f"{ALERTS}/objects/{after}", token)
        seen += answer.json().get("objects", [])
        after = f"?added_after={answer.headers['x-taxii-date-added-last']}"
        if number == 4:
            desk.kit.now += 1
    assert mains(seen) == [f"{id_of(number)}/1" for number in range(1, 9)]
    own = [each["id"] for each in seen if each["id"] not in TLP_MARKINGS.values()]
    assert len(own) == len(set(own))


@pytest.mark.parametrize("limit", [1, 3, 7])
async def test_pages_have_at_most_the_limit_and_everything_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(collections, "EXAMINED_MAX", 2)
    token = await desk.register()
    await desk.receive(*(urgent(number, tlp="AMBER+STRICT" if number % 3 else "AMBER") for number in range(1, 10)))
    whole = await walked(desk, f"{ALERTS}/objects/", token)
    assert len(mains(whole)) == 3
    found: list[dict[str, Any]] = []
    page = await got(desk, f"{ALERTS}/objects/?limit={limit}", token)
    while True:
        assert len(page.get("objects", [])) <= limit
        found += page.get("objects", [])
        if not page.get("more"):
            break
        page = await got(desk, f"{ALERTS}/objects/?limit={limit}&next={page['next']}", token)
    assert found == whole


async def test_filters(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1), urgent(2))
    whole = await walked(desk, f"{ALERTS}/objects/", token)

    async def match(query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await got(desk, f"{ALERTS}/objects/?{query}", token)).get("objects", [])
        return found

    assert await match("match[type]=incident,note") == [each for each in whole if each["type"] in ("incident", "note")]
    assert await match("match[type]=malware") == []
    one = next(each for each in whole if each["type"] == "incident")
    assert await match(f"match[id]={one['id']},incident--x") == [one]
    for version in ("all", "last", "first", one["modified"]):
        assert one in await match(f"match[version]={version}")
    for none in ("2020-01-01T00:00:00.000Z", one["modified"].replace(".000Z", ".001Z"), "9999-12-31T23:59:59.999999Z"):
        assert await match(f"match[version]={none}") == [], "before, the last one was a fault of the server"
    for other in (
        "match[id]=%00",
        f"match[type]={'x' * 2000}",
        "match[type]=%F0%9F%98%80",
        "match[spec_version]=2.%D9%A1",
    ):
        assert await match(other) == []
    assert await match("added_after=9999-12-31T23:59:59.999999Z") == []
    assert await match("added_after=0001-01-01T00:00:00Z") == whole
    assert await match("match[spec_version]=2.1") == whole
    assert await match("match[spec_version]=2.0") == []
    assert await match(f"limit={'9' * 40}") == await match("limit=01000") == whole
    for wrong in (
        "limit=0", "limit=-1", "limit=x", "limit=000", "added_after=yesterday", "added_after=2027-01-15",
        "added_after=2027-99-15T08:00:00Z", "next=AAAA", "next=", "match[version]=newest",
        "match[id]=", "match[type]=", "match[version]=", "match[spec_version]=", "match[type]=incident,",
        f"match[id]={','.join(['x'] * 101)}", "added_after=2027-01-15T08:00:00%2B07:00", "added_after=20270115T080000Z",
        "added_after=", "added_after=%EF%BC%92%EF%BC%90%EF%BC%92%EF%BC%97-01-15T08:00:00Z",
        "added_after=2027-01-15T08:00:60Z", "added_after=0000-01-01T00:00:00Z", "added_after=2027-01-15T08:00:00Z%0A",
        "match[version]=2027-01-15T08:00:00Z%00",
        "limit=%EF%BC%91", "limit=1.0", "limit=%2B1", "limit=1%00", "limit=1&limit=1",
        "match[type]=note&match[type]=incident",
        "next=%00", f"next={'A' * 4096}", "next=%E2%82%AC", "status=", "status=all", "status=%00",
        "status=actual%0Afeed",
    ):  # fmt: skip
        problem(await ask(desk, f"{ALERTS}/objects/?{wrong}", token), 400, "E-HTTP-VALUE")
    audited = {about for (about,) in rows(desk.kit, "select about from audit where what = 'feed'")}
    assert audited == {"taxii actual"}, "before, any text that an agency sent as the realm was a line of its own"


async def test_matches_of_several_fields_must_all_be_met(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1), urgent(2))
    whole = await walked(desk, f"{ALERTS}/objects/", token)
    one, other = (each for each in whole if each["type"] == "incident")
    [date] = {
        entry["date_added"] for entry in await walked(desk, f"{ALERTS}/manifest/", token) if entry["id"] == one["id"]
    }
    either = f"match[id]={one['id']},{other['id']}"
    for query, wanted in (
        (f"{either}&match[type]=incident,note", [one, other]), (f"{either}&match[type]=note", []),
        (f"match[id]={one['id']}&match[version]={one['modified']}&match[spec_version]=2.1", [one]),
        (f"match[id]={one['id']}&match[version]=2020-01-01T00:00:00.000Z", []),
        (f"match[id]={one['id']}&match[spec_version]=2.0", []), (f"{either}&added_after={date}", [other]),
        (f"{either}&match[version]=first,last", [one, other]),
        (f"{either}&match[version]=2020-01-01T00:00:00.000Z,last", [one, other]),
    ):  # fmt: skip
        for below in ("objects", "manifest"):
            found = (await got(desk, f"{ALERTS}/{below}/?{query}", token)).get("objects", [])
            assert [each["id"] for each in found] == [each["id"] for each in wanted], (below, query)
    assert await walked(desk, f"{ALERTS}/objects/?match[version]=last", token) == whole, "which is the default"


async def test_a_page_has_no_more_objects_than_the_server_gives(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    assert taxii_query.OBJECTS_MAX == 1_000
    monkeypatch.setattr(taxii_query, "OBJECTS_MAX", 3)
    token = await desk.register()
    await desk.receive(urgent(1), urgent(2))
    for query in ("?limit=1001", ""):
        page = await got(desk, f"{ALERTS}/objects/{query}", token)
        assert (len(page["objects"]), page["more"]) == (3, True)


def test_every_rule_of_the_specification_has_a_test_that_is_here() -> None:
    """The list names what a server that is read has to do; what is for writing and for clients is not in it."""
    rows_of = list(csv.DictReader(MUSTS.read_text("utf-8").splitlines()))
    assert {row["section"].partition(".")[0] for row in rows_of} == {"1", "3", "4", "5"}
    here = set(re.findall(r"^(?:async )?def (test_\w+)", Path(__file__).read_text("utf-8"), re.MULTILINE))
    assert {row["test"] for row in rows_of} <= here
    assert all(row["rule"] for row in rows_of)


async def test_a_next_is_of_one_collection_and_one_agency(desk: Desk) -> None:
    token, other = await desk.register(kinds=["alert", "pattern"]), await desk.register(name="labour", sector="labour")
    await desk.receive(urgent(1))
    following = (await got(desk, f"{ALERTS}/objects/?limit=1", token))["next"]
    problem(await ask(desk, f"{ALERTS}/objects/?next={following}", other), 400, "E-HTTP-VALUE")
    problem(await ask(desk, f"{PATTERNS}/objects/?next={following}", token), 400, "E-HTTP-VALUE")


# -- what ends


async def test_what_was_recalled_replaced_or_withdrawn_is_revoked_and_its_text_is_gone(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(*(urgent(number) for number in (1, 2, 3, 4)))
    answer = await ask(desk, f"{ALERTS}/objects/", token)
    had = {m[:-2]: e["id"] for e in answer.json()["objects"] for m in mains([e])}
    desk.kit.now += limits.MINUTE
    await desk.receive(urgent(1, rev=2, action="cancel", reason="a wrong report"))
    await desk.receive(urgent(2, rev=2, action="update"), urgent(3, rev=2, action="update", tlp="AMBER+STRICT"))
    after = answer.headers["x-taxii-date-added-last"]
    news = await walked(desk, f"{ALERTS}/objects/?added_after={after}", token)
    revoked = [each for each in news if each.get("revoked")]
    assert {each["id"] for each in revoked} == {had[id_of(number)] for number in (1, 2, 3)}
    for each in revoked:
        assert each["modified"] >= each["created"]
        assert set(each) == {"type", "spec_version", "id", "created", "modified", "revoked", "name"}
        stix2.parse(json.dumps(each), allow_custom=False, version="2.1")
        [alone] = (await got(desk, f"{ALERTS}/objects/{each['id']}/", token))["objects"]
        assert alone == each
    assert mains(news) == [f"{id_of(2)}/2"]
    whole = json.dumps(await walked(desk, f"{ALERTS}/objects/", token))
    assert mains(json.loads(whole)) == [f"{id_of(4)}/1", f"{id_of(2)}/2"]
    for gone in (id_of(1), id_of(3), "wrong report"):
        assert gone not in whole
    never = await desk.register(name="green", max_tlp="GREEN")
    assert await got(desk, f"{ALERTS}/objects/", never) == {}
    desk.kit.now += 60 * limits.DAY
    assert mains(await walked(desk, f"{ALERTS}/objects/", token)) == []


async def test_a_withdrawal_is_listed_once_and_not_for_who_was_registered_later(desk: Desk) -> None:
    token = await desk.register()
    await desk.receive(urgent(1, audience={"members": "all", "sectors": ["health", "labour"]}))
    desk.kit.now += limits.MINUTE
    stricter: dict[str, Any] = {"audience": {"members": "all", "sectors": ["labour"]}}
    await desk.receive(urgent(1, rev=2, action="update", **stricter))
    answer = await ask(desk, f"{ALERTS}/objects/", token)
    assert [each["revoked"] for each in answer.json()["objects"]] == [True]
    desk.kit.now += limits.MINUTE
    late = await desk.register(name="late")
    after = answer.headers["x-taxii-date-added-last"]
    for further in (
        urgent(1, rev=3, action="update", **stricter),
        urgent(1, rev=4, action="cancel", reason="a wrong report"),
    ):
        desk.kit.now += limits.MINUTE
        await desk.receive(further)
        assert await walked(desk, f"{ALERTS}/objects/?added_after={after}", token) == []
        assert await walked(desk, f"{ALERTS}/objects/", token) == answer.json()["objects"]
        assert await got(desk, f"{ALERTS}/objects/", late) == {}


@pytest.mark.parametrize("times", [1, 10])
async def test_what_was_had_is_revoked_over_stricter_revisions_and_their_recall(desk: Desk, times: int) -> None:
    token = await desk.register()
    await desk.receive(urgent(1), urgent(1, rev=2, action="update"))
    answer = await ask(desk, f"{ALERTS}/objects/", token)
    desk.kit.now += limits.MINUTE
    for rev in range(3, times + 3):
        await desk.receive(urgent(1, rev=rev, action="update", tlp="AMBER+STRICT"))
    await desk.receive(urgent(1, rev=times + 3, action="cancel", reason="a wrong report", tlp="AMBER+STRICT"))
    after = answer.headers["x-taxii-date-added-last"]
    news = await walked(desk, f"{ALERTS}/objects/?added_after={after}", token)
    assert len(news) == 2, "one of each revision that it could read, and none of the stricter ones"
    assert {each["revoked"] for each in news} == {True}
    had = {each["id"] for each in answer.json()["objects"] if mains([each])}
    assert had < {each["id"] for each in news}
    never = await desk.register(name="green", max_tlp="GREEN")
    assert await got(desk, f"{ALERTS}/objects/", never) == {}


async def test_nothing_comes_of_revisions_that_could_never_be_read(desk: Desk) -> None:
    """Before, a wider revision brought objects of the stricter ones before it: that they were, and when."""
    token = await desk.register(max_tlp="GREEN")
    await desk.receive(urgent(1), urgent(1, rev=2, action="update", tlp="GREEN"))
    found = (await got(desk, f"{ALERTS}/objects/", token))["objects"]
    assert mains(found) == [f"{id_of(1)}/2"]
    assert not [each for each in found if each.get("revoked")]


async def test_an_agency_that_is_suspended_reads_nothing(desk: Desk) -> None:
    token = await desk.register()
    await desk.act("health", "suspend")
    problem(await ask(desk, f"{ALERTS}/objects/", token), 401, "E-HTTP-TOKEN")


async def test_the_sandbox_reads_exercises_that_say_so(desk: Desk) -> None:
    await desk.receive(urgent(1))
    await desk.gateway.core.run(desk.kit.receive, frame_of(desk.drills, urgent(2, status="exercise")))
    token = await desk.register(name="sandbox", realm="exercise")
    found = await walked(desk, f"{ALERTS}/objects/", token)
    assert mains(found) == [f"{id_of(2)}/1"]
    assert "EXERCISE" in json.dumps(found).upper()
    assert rows(desk.kit, "select about from audit where what = 'feed'") == [("taxii exercise",)]


# -- a client of others


async def test_taxii2_client_reads_it(desk: Desk) -> None:
    token = await desk.register(kinds=["alert", "pattern"])
    await desk.receive(*(urgent(number) for number in range(1, 6)), pattern(1))

    def read() -> dict[str, list[str]]:
        server = Server(f"{desk.url}/taxii2/", user="health", password=token)
        [api] = server.api_roots
        found = {}
        for collection in api.collections:
            pages = as_pages(collection.get_objects, per_request=4)
            objects = [each for page in pages for each in page.get("objects", [])]
            listed = [e for page in as_pages(collection.get_manifest, per_request=4) for e in page.get("objects", [])]
            assert [each["id"] for each in listed] == [each["id"] for each in objects]
            found[collection.title] = mains(objects)
        return found

    assert await asyncio.to_thread(read) == {
        "Alerts": [f"{id_of(number)}/1" for number in range(1, 6)], "Patterns": ["TH-PATTERN-2027-000001/1"],
    }  # fmt: skip
