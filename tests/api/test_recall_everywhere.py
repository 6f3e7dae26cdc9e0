"""After a recall or a withdrawal every call that reads is made, and its answer searched for what was recalled.

The calls are those of the table of scopes: one that is added later is asked too. Which of them had the text before is
named here, so that a call which shows nothing at all proves nothing.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from typing import Any

from suar.exchange.outgoing.formats import FORMATS
from support.agency_desk import BATCH, LOCAL, Desk
from support.kit import id_of, urgent
from support.problems import SCOPE_OF, opened_by
from support.secret_search import encodings
from support.shipped import shipped

WORDS = b"seventeen passports in a blue van"
FIGURE = 40_000_184
SOUGHT = [*encodings(WORDS).values(), str(FIGURE).encode()]
ALERT, PATTERN, TREND = id_of(1), "TH-PATTERN-2027-000001", "TH-TREND-2027-000001"
IDS = (ALERT, PATTERN, TREND)
COLLECTIONS = ("alert", "pattern")
TAXII, FEED, LISTED = "/taxii2/root/collections/{name:str}/objects", "/v1/feed", "/v1/messages"
ONE = f"{LISTED}/{{id:str}}"
STREAMED = {FEED: [{}, {"Accept": BATCH}]}
QUERIES: dict[str, list[str]] = {
    FEED: ["follow=false", "follow=false&own=true&status=all"],
    LISTED: ["status=all", "status=all&order=urgency", "status=all&state=ended", "status=all&lang=th"],
    ONE: ["", "rev=1", "lang=en", "rev=1&lang=th"],
    f"{ONE}/export": [f"as={name}{rev}" for name in FORMATS for rev in ("", "&rev=1")],
    f"{ONE}/evidence": ["", "rev=1"],
    f"{ONE}/deliveries": ["", "rev=1"],
    "/v1/audit/commitments": ["member=TH"],
    "/v1/carried": ["everything=true"],
}
FOR_AGENCIES = {
    FEED, TAXII, f"{TAXII}/{{object_id:str}}", "/v1/feeds/cap.atom", "/v1/feeds/cap/{id:str}", "/v1/data/trends.csv",
    "/v1/data/trends.sdmx.csv",
}  # fmt: skip
HAD_IT = FOR_AGENCIES | {LISTED, ONE, f"{ONE}/export", f"{ONE}/evidence"}
"""The calls that show text or figures of a message in force."""
FIELDS = {
    "id": IDS, "name": COLLECTIONS, "member": ("SG",), "which": ("nobody",),
}  # fmt: skip


def contents(figure: int = FIGURE, **changes: Any) -> list[bytes]:
    """An alert, a pattern and a trend whose texts and figures are looked for."""
    text = [{"lang": "en", "title": WORDS.decode(), "summary": f"They have {WORDS.decode()}"}]
    changes = {"text": text, "tlp": "GREEN"} | changes
    obs = json.loads(shipped("trend-detected-by-sex", 1))["obs"]
    for each, value in zip(obs, (figure, 240, figure + 240), strict=True):
        each["value"] = value
    return [
        urgent(1, **changes),
        shipped("pattern-seafood-debt", 1, **changes),
        shipped("trend-detected-by-sex", 1, obs=obs, **changes),
    ]


def cancels(**changes: Any) -> list[bytes]:
    """The three recalled, by revisions that repeat nothing of them."""
    text = [{"lang": "en", "title": "Recalled", "summary": "It was wrong"}]
    return contents(184, **{"rev": 2, "action": "cancel", "reason": "wrong", "text": text} | changes)


STRICTER: dict[str, Any] = {"rev": 2, "action": "update", "tlp": "AMBER+STRICT"}


def addresses(path: str, objects: list[str]) -> Iterator[str]:
    """A path with everything that may stand for its parameters, and each of its queries."""
    found = [path]
    for name in re.findall(r"{(\w+):\w+}", path):
        values = objects if name == "object_id" else FIELDS.get(name, ("nobody",))
        found = [re.sub(rf"{{{name}:\w+}}", value, each) for each in found for value in values]
    return (f"{each}?{query}" if query else each for each in found for query in QUERIES.get(path, [""]))


async def shown(desk: Desk, token: str, objects: list[str]) -> set[str]:
    """The calls of which an answer has something of what is looked for; `token` is an agency's, or the operator's."""
    found = set()
    for method, path in SCOPE_OF:
        if method != "GET" or (token != LOCAL and "agency" not in opened_by(method, path)):
            continue
        for address in addresses(path, objects):
            for headers in STREAMED.get(path, [{}]):
                answer = await desk.call(method, address, token, headers=headers)
                assert answer.status_code < 500, (address, answer.text)
                content = answer.content + str(answer.headers).encode()
                found |= {path} if any(each in content for each in SOUGHT) else set()
    return found


async def stix_objects(desk: Desk, token: str) -> list[dict[str, Any]]:
    """What both collections have."""
    pages = [(await desk.call("GET", TAXII.replace("{name:str}", each), token)).json() for each in COLLECTIONS]
    return [each for page in pages for each in page.get("objects", [])]


async def has_everything(desk: Desk) -> tuple[str, list[str]]:
    """The token of an agency, and the ids of its STIX objects, when every call showed what it can."""
    token = await desk.register(kinds=["alert", "pattern", "trend"])
    await desk.receive(*contents())
    objects = [each["id"] for each in await stix_objects(desk, token)]
    assert await shown(desk, LOCAL, objects) == HAD_IT
    assert await shown(desk, token, objects) == FOR_AGENCIES
    return token, objects


async def test_after_a_recall_no_call_has_the_text_and_each_reports_it(desk: Desk) -> None:
    token, objects = await has_everything(desk)
    [*_, last] = await desk.batched(token)
    etag = (await desk.call("GET", "/v1/feeds/cap.atom", token)).headers["etag"]
    await desk.receive(*cancels())
    assert await shown(desk, LOCAL, objects) == set()
    assert await shown(desk, token, objects) == set()

    response = await desk.batched(token, f"{FEED}?after={last['suarposition']}")
    assert {(each["subject"], each["type"]) for each in response} == {(each, "suar.message.cancel") for each in IDS}
    assert [json.loads(each.data)["type"] for each in await desk.streamed(token)] == ["suar.message.cancel"] * 3
    revoked = [each["id"] for each in await stix_objects(desk, token) if each.get("revoked")]
    assert len(revoked) == 2
    assert set(revoked) <= set(objects)
    for path in ("/v1/data/trends.csv", "/v1/data/trends.sdmx.csv", "/v1/feeds/cap.atom"):
        answer = await desk.call("GET", path, token, headers={"If-None-Match": etag})
        assert answer.status_code == 200
        assert "2027-000001" not in answer.text
    assert (await desk.call("GET", f"/v1/feeds/cap/{ALERT}", token)).status_code == 404
    for each in IDS:
        old = (await desk.call("GET", f"{LISTED}/{each}?rev=1")).json()
        assert (old["message"], old["state"], old["tombstone"]["rev"]) == (None, "cancelled", 2)
        for name in FORMATS:
            assert (await desk.call("GET", f"{LISTED}/{each}/export?as={name}&rev=1")).status_code in (400, 404)
        assert (await desk.call("GET", f"{LISTED}/{each}/evidence?rev=1")).status_code == 409
    rows = (await desk.call("GET", LISTED)).json()
    assert {(each["id"], each["state"]) for each in rows} == {(each, "cancelled") for each in IDS}


async def test_a_stream_that_was_open_is_reported_too(desk: Desk) -> None:
    token = await desk.register(kinds=["alert", "pattern", "trend"])
    async with asyncio.timeout(60), desk.following(token) as lines:
        await desk.receive(*contents())
        types = list[str]()
        async for line in lines:
            if line.startswith("data:"):
                types.append(json.loads(line.removeprefix("data:"))["type"])
            if len(types) == 3:
                await desk.receive(*cancels())
                break
        async for line in lines:
            assert WORDS.decode() not in line
            types += re.findall(r'"type":"(suar[.\w]+)"', line)
            if len(types) == 6:
                break
    assert types == ["suar.message.new"] * 3 + ["suar.message.cancel"] * 3


async def test_what_a_stricter_revision_closes_is_closed_at_every_door_of_agencies(desk: Desk) -> None:
    token, objects = await has_everything(desk)
    [*_, last] = await desk.batched(token)
    await desk.receive(*contents(**STRICTER))
    objects += [each["id"] for each in await stix_objects(desk, LOCAL)]  # a revision has objects of its own
    assert await shown(desk, token, objects) == set()
    assert await shown(desk, LOCAL, objects) == HAD_IT  # our focal point reads it as before
    answer = await desk.batched(token, f"{FEED}?after={last['suarposition']}")
    assert {(each["subject"], each["type"]) for each in answer} == {(each, "suar.message.withdraw") for each in IDS}
    assert len([each for each in await stix_objects(desk, token) if each.get("revoked")]) == 2
