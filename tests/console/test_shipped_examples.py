"""A draft that begins with a shipped example: what it has of it, and that nothing of it is published by mistake."""

import json
import re

import pytest

from console.test_messages import FILLED, desk, fields, handed_in
from suar.console.views import examples
from suar.languages.tags import LANGUAGES
from suar.protocol.message.kinds import PUBLISHED
from support.console import Browser, Desk

__all__ = ["desk"]
NAMED = "alert-new-route"
WORDS = ("text[0].title", "text[0].summary")
DECIDED = (
    r'"(country|admin1|locode|by|of_members|members|period|value|phone|email|url|low|onset|languages|id|tlp|from)":'
)
"""Fields that say when, where, how many, whom to call, or who reads it."""


def offered(page: str) -> list[str]:
    return re.findall(r'name="example" value="([^"]+)"', page)


def published(desk: Desk) -> list[str]:
    return [about for _, what, about in desk.audit() if what == "publish"]


async def begun_from(visit: Browser, name: str) -> str:
    await visit.get("/console/write")
    made = await visit.post("/console/write", {"example": name})
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


@pytest.mark.parametrize("realm", ["actual", "exercise"])
def test_an_example_gives_codes_and_words_and_no_fact(realm: str) -> None:
    found = [(tag, each) for tag in LANGUAGES for each in examples.offered(realm, tag)]
    assert {each.kind for _, each in found} == set(PUBLISHED)
    for tag, each in found:
        tree = examples.tree(each)
        assert not re.search(DECIDED, json.dumps(tree)), (each.name, tag)
        assert {"$.text[0].title", "$.text[0].summary"} <= set(examples.unchanged(each.kind, each.name, tree)), tag
        assert examples.unchanged(each.kind, each.name, {"text": 7, "places": [None], "lead": "x", "amends": {}}) == ()
        for texts in ([], [{"lang": tag}], [{"lang": tag, "title": "\u200b"}]):
            assert "$.text" in examples.unchanged(each.kind, each.name, {**tree, "text": texts}), (each.name, tag)
        ours = {**tree, "text": [{"lang": tag, "title": "Ours"}]}
        assert "$.text" not in examples.unchanged(each.kind, each.name, ours), (each.name, tag)


UNSEEN = ("\u3164", "\uffa0", "\u034f", "\u180b", "\u17b4", "\ufe0f", "\U000e0101", "\u2800")
MARKS = ("\u0301", "\u20dd", "\u02b9")


@pytest.mark.parametrize("change", ["\u00ad", "\u200b", "\u00a0", "  ", ".", " \u2019", "\n", *UNSEEN, *MARKS])
def test_a_change_that_nobody_reads_is_none(change: str) -> None:
    """Invisible characters, marks, spaces, signs and case; also where the words are those of another language."""
    for tag in ("en", "km", "th", "lo", "my", "vi"):
        found = next(each for each in examples.offered("actual", tag) if each.name == NAMED)
        tree = examples.tree(found)
        title = tree["text"][0]["title"]
        changed = f"{title[:3].upper()}{change}{title[3:]}{change}"
        at = examples.unchanged(found.kind, found.name, {**tree, "text": [{**tree["text"][0], "title": changed}]})
        assert "$.text[0].title" in at
        other = examples.unchanged(
            found.kind, found.name, {**tree, "text": [{**tree["text"][0], "title": f"{title} a"}]}
        )
        assert "$.text[0].title" not in other


async def test_every_kind_offers_its_examples_and_each_begins_a_marked_draft(desk: Desk, author: Browser) -> None:
    page = (await author.get("/console/write")).text
    exercises = offered((await author.get("/console/x/write")).text)
    assert NAMED in offered(page)
    assert set(offered(page)) < set(exercises)
    assert {"alert-cancelled", "receipt-stored", "trend-exercise-screened"}.isdisjoint(offered(page))
    for name in offered(page):
        draft = (await author.get(await begun_from(author, name))).text
        assert '<span class="tag">Example</span></h1>' in draft
        assert "This is an example, not a message of yours." in draft
        assert "The words are those of the example" in draft
    drafts = (await author.get("/console/write")).text
    assert drafts.count('<span class="tag">Example</span> <a href="/console/draft/') == len(offered(page))
    for refused in ("no-such-example", "../../rules", "alert-cancelled", "trend-exercise-screened"):
        assert (await author.post("/console/write", {"example": refused})).status_code == 400


async def test_it_is_published_only_once_each_of_its_texts_is_changed(desk: Desk, author: Browser) -> None:
    path = await begun_from(author, NAMED)
    number = path.rpartition("/")[2]
    sent = fields((await author.get(path)).text) | {key: FILLED[key] for key in FILLED if not key.startswith("text")}
    gone = [each for each in sent if each.startswith("places")]
    sent = {key: value for key, value in sent.items() if key not in [*gone, "version"]} | {"do": "review"}
    words, codes = "The words are those of the example", "there is no text of your own"
    cases: tuple[tuple[dict[str, str], str], ...] = (
        ({}, words),
        ({WORDS[0]: "Ours"}, words),
        ({WORDS[1]: "Ours, too."}, words),
        (dict.fromkeys(WORDS, ""), codes),
    )
    for changed, reason in cases:
        answer = await author.post(path, sent | changed)
        assert answer.headers["location"] == f"{path}?check=1", changed
        page = (await author.get(f"{path}?check=1")).text
        assert reason in page, changed
        assert '<span class="tag">Example</span></h1>' in page, changed
    assert (await author.get(f"{path}/review")).headers["location"] == path
    await author.get(path)
    version = (await desk.gateway.desk.draft(number) or {})["version"]
    forced = await author.post(f"{path}/review", {"key": "k" * 24, "version": str(version)})
    assert forced.headers["location"] == path
    assert not published(desk)
    await author.get(path)
    answer = await author.post(path, sent | {WORDS[0]: "Ours", WORDS[1]: "Ours, too."})
    assert answer.headers["location"] == f"{path}/review"
    assert "Example</span>" not in (await author.get(path)).text
    done = await author.post(f"{path}/review", fields((await author.get(f"{path}/review")).text))
    assert done.headers["location"].startswith("/console/m/TH-ALERT-")
    assert len(published(desk)) == 1


async def test_it_takes_the_place_of_no_recalled_message(desk: Desk, author: Browser) -> None:
    await handed_in(author)
    path = "/console/m/TH-ALERT-2027-000001/recall"
    number = (await begun_from(author, NAMED)).rpartition("/")[2]
    page = (await author.get(path)).text
    assert f'value="{number}.' not in page
    answer = await author.post(path, {"reason": "It was wrong.", "replacement": f"{number}.1"})
    assert (answer.status_code, "That draft is not there any more." in answer.text) == (422, True)
