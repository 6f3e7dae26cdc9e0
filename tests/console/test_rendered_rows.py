"""A row of a list is rendered once for everybody who sees it alike, and is known by all that its template gets."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from jinja2 import Template, meta, nodes

from console.test_messages import URGENT
from suar.console.rendering import TemplateWords, environment
from suar.languages.names import names
from support.console import Desk, browser, served
from support.pairs import Two, new

TITLE: Final = "Recruiters at the pier"
PEOPLE: Final = {"rita": "en", "remy": "km", "rosa": "en"}


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path / "two")


@pytest.fixture
async def reading(two: Two) -> AsyncIterator[Desk]:
    """SG with two messages of TH, people of two languages, and a reader of an agency."""
    async with served(two.sg) as made:
        for name, lang in PEOPLE.items():
            made.add(name, "reader", lang=lang)
        await made.register("clinic")
        made.add("nurse", "agency", agency="clinic")
        await made.load()
        receive(made, two, new(TITLE) | URGENT, new("Wide") | {"tlp": "GREEN"})
        yield made


def receive(desk: Desk, two: Two, *drafts: dict[str, Any]) -> list[str]:
    def step() -> list[str]:
        ids = two.publish(*drafts)
        two.to_sg()
        return ids

    return desk.kit.aside(two.th.aside, step)


async def inbox(desk: Desk, user: str, path: str = "/console/inbox") -> str:
    async with browser(desk) as visit:
        await visit.sign_in(user)
        page = await visit.get(path)
        assert page.status_code == 200
        return page.text[page.text.index("<h1>") : page.text.index("</main>")]


def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found, real = list[str](), Template.render

    def counted(self: Template, *args: Any, **values: Any) -> str:
        found.append(str(self.name))
        return real(self, *args, **values)

    monkeypatch.setattr(Template, "render", counted)
    return found


async def test_a_row_is_rendered_once_for_those_who_see_it_alike(
    reading: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = rendered(monkeypatch)
    first = await inbox(reading, "rita")
    assert found.count("inbox-row.html") == 2
    assert await inbox(reading, "rosa") == first
    assert found.count("inbox-row.html") == 2


async def test_nobody_gets_the_row_of_another_language_time_zone_or_agency(reading: Desk) -> None:
    """Whoever looks first: each sees what they see where nothing is known."""
    alone = {}
    for user in (*PEOPLE, "nurse"):
        reading.gateway.core.listed_texts.clear()
        alone[user] = await inbox(reading, user)
    reading.gateway.core.listed_texts.clear()
    assert alone["rita"] == alone["rosa"]
    assert len(set(alone.values())) == 3
    for user in (*PEOPLE, "nurse", *reversed(PEOPLE)):
        assert await inbox(reading, user) == alone[user]
    assert TITLE not in alone["nurse"]
    async with browser(reading) as visit:
        await visit.sign_in("rosa")
        await visit.get("/console/me")
        await visit.post("/console/me", {"lang": "en", "timezone": "Asia/Manila"})
    assert "16:00 (08:00 UTC)" in await inbox(reading, "rosa")
    assert await inbox(reading, "rita") == alone["rita"]


async def test_an_answer_is_in_the_row_at_once(reading: Desk) -> None:
    before = await inbox(reading, "rita")
    async with browser(reading) as visit:
        await visit.sign_in("rosa")
        id_ = next(each for each in before.split('href="/console/m/')[1:] if TITLE in each).partition('"')[0]
        await visit.get(f"/console/m/{id_}")
    after = await inbox(reading, "rita")
    assert (before.count("mark opened"), after.count("mark opened")) == (0, 1)


async def test_the_row_of_a_recalled_message_is_in_memory_no_more(reading: Desk, two: Two) -> None:
    before = await inbox(reading, "rita")
    assert TITLE in before
    id_ = next(each for each in before.split('href="/console/m/')[1:] if TITLE in each).partition('"')[0]

    def recall() -> None:
        two.cancel(id_)
        two.to_sg()

    reading.kit.aside(two.th.aside, recall)
    assert len(reading.gateway.core.listed_texts) == 0
    assert TITLE not in await inbox(reading, "rita")


def test_the_template_of_a_row_gets_nothing_that_it_is_not_known_by() -> None:
    """Its functions depend on language, time zone and realm."""
    loader = environment().loader
    assert loader is not None
    source, _, _ = loader.get_source(environment(), "inbox-row.html")
    tree = environment().parse(source)
    functions = set(TemplateWords(names("en"), "/console").functions()) | set(environment().globals)
    assert meta.find_undeclared_variables(tree) - functions == {"row", "is_of_agency"}
    imports = list(tree.find_all(nodes.FromImport))
    assert imports
    assert not any(each.with_context for each in imports)
