"""A blank form states nothing that its author has not chosen, but what is the same in all messages of its kind."""

import re
from datetime import UTC, datetime

import pytest

from console.test_messages import begun, desk, fields, handed_in
from console.test_plain_values import contact, published
from support.console import Browser, Desk

__all__ = ["desk"]
JUDGED = ("source.type", "source.reliability", "source.credibility", "source.confidence")


def filled_in(page: str) -> dict[str, str]:
    return {name: values[0] for name, values in fields(page).items() if values and values[0]}


@pytest.mark.parametrize("kind", ["alert", "trend", "pattern", "legislation", "practice"])
async def test_nothing_is_taken_from_a_message_of_another_kind(desk: Desk, author: Browser, kind: str) -> None:
    await published(desk, contact())
    form = filled_in((await author.get(await begun(author, kind))).text)
    assert not {*JUDGED, "issuer.sector"} & form.keys()
    assert form["issuer.body"]
    left = datetime.fromisoformat(form["expires"]).astimezone(UTC) - datetime.fromtimestamp(desk.kit.now / 1000, UTC)
    assert left.days in ({13, 14} if kind == "alert" else {364, 365})  # from a full hour on


async def test_of_the_same_kind_the_issuer_is_taken_where_it_is_always_the_same(desk: Desk, author: Browser) -> None:
    await handed_in(author)
    page = (await author.get(await begun(author))).text
    form = filled_in(page)
    assert form["issuer.sector"] == "border-immigration"
    assert not form.keys() & set(JUDGED)
    assert re.search(r"<details[^>]*\bopen\b[^>]*><summary><h2>", page)  # what was taken is shown
    await handed_in(author, **{"issuer.sector": "health"})
    form = filled_in((await author.get(await begun(author))).text)
    assert "issuer.sector" not in form
    assert form["issuer.body"] == desk.gateway.config.member.name


async def test_what_is_missing_in_the_last_part_is_shown(author: Browser) -> None:
    path = await begun(author)
    sent = {**fields((await author.get(path)).text), "source.type": "research", "do": "review"}
    await author.post(path, sent)
    assert re.search(r"<details[^>]*\bopen\b[^>]*><summary><h2>", (await author.get(f"{path}?check=1")).text)
