"""Where a text is begun, a person is offered own drafts of its kind, by title and age; colleagues' stand apart."""

import re

from console.test_messages import begun, desk, fields, filled, handed_in  # noqa: F401
from support.console import Browser, Desk, browser

ID = "TH-ALERT-2027-000001"


def links(page: str) -> dict[str, str]:
    """Address of a draft -> what stands at its link and behind it, without markup."""
    found = re.findall(r'<li><a href="([^"]*/draft/[^"]*)">(.*?)</li>', page, re.DOTALL)
    return {path: " ".join(re.sub(r"<[^>]*>", " ", text).split()) for path, text in found}


async def test_a_kind_has_the_drafts_of_it_that_the_person_began(desk: Desk, author: Browser) -> None:  # noqa: F811
    alert, trend = await filled(author, do="save"), await begun(author, "trend")
    async with browser(desk) as other:
        await other.sign_in("cruz")
        theirs = await filled(other, do="save", **{"text[0].title": "Of a colleague"})
        page = (await other.get(alert)).text
        assert "A new route" in page  # a draft is the desk's: a colleague can go on with it
    page = (await author.get("/console/write")).text
    kinds, _, others = page.partition('id="h-drafts"')
    of_alert = links(kinds.partition('value="alert"')[2].partition('name="kind"')[0])
    of_trend = links(kinds.partition('value="trend"')[2].partition('name="kind"')[0])
    assert (set(of_alert), set(of_trend)) == ({alert}, {trend})
    assert re.fullmatch(r"A new route Saved: Reyes, \d+ \w+ \d{4}, \d\d:\d\d UTC", of_alert[alert])
    assert of_trend[trend].startswith("Without a title Saved: ")
    assert set(links(others)) == {theirs}
    assert "Drafts of your colleagues" in others
    assert re.match(r"Of a colleague Alert, [Cc]ruz, \d+ \w+", links(others)[theirs])


async def test_a_draft_that_a_colleague_changed_is_still_of_who_began_it(
    desk: Desk, author: Browser  # noqa: F811
) -> None:  # fmt: skip
    path = await filled(author, do="save")
    async with browser(desk) as other:
        await other.sign_in("cruz")
        await other.get(path)
        await other.post(path, {"version": 2, "text[0].title": "Changed", "do": "save"})
        assert path in (await other.get("/console/write")).text.partition('id="h-drafts"')[2]
    assert path in (await author.get("/console/write")).text.partition('id="h-drafts"')[0]


async def test_a_recall_offers_own_drafts_of_the_kind_by_title_and_age(
    desk: Desk, author: Browser  # noqa: F811
) -> None:  # fmt: skip
    await handed_in(author)
    async with browser(desk) as other:
        await other.sign_in("cruz")
        await filled(other, do="save", **{"text[0].title": "Of a colleague"})
    await begun(author)  # without a title
    own = (await filled(author, do="save", **{"text[0].title": "The corrected one"})).rpartition("/")[2]
    page = (await author.get(f"/console/m/{ID}/recall")).text
    offered = re.findall(r'name="replacement" value="([^"]*)"[^>]*> <span>(.*?)</label>', page, re.DOTALL)
    assert [value for value, _ in offered] == ["", f"{own}.2"]
    text = " ".join(re.sub(r"<[^>]*>", " ", offered[1][1]).split())
    assert re.fullmatch(r"The corrected one Saved: \d+ \w+ \d{4}, \d\d:\d\d UTC", text)


async def test_an_update_that_was_begun_is_opened_again_and_named_by_its_message(
    desk: Desk, author: Browser  # noqa: F811
) -> None:  # fmt: skip
    """Before, each press began another draft, and the list of them had the same title again and again."""
    await handed_in(author)
    await author.get(f"/console/m/{ID}")
    begun_ = [str((await author.post("/console/write", {"change": ID})).headers["location"]) for _ in range(3)]
    async with browser(desk) as other:
        await other.sign_in("cruz")
        await other.get(f"/console/m/{ID}")
        begun_.append(str((await other.post("/console/write", {"change": ID})).headers["location"]))
    assert len(set(begun_)) == 1
    page = (await author.get("/console/write")).text
    assert f"Update: {ID} Saved: " in links(page)[begun_[0]]
    sent = {**fields((await author.get(begun_[0])).text), "severity": "moderate", "do": "review"}
    await author.post(begun_[0], sent)
    await author.post(f"{begun_[0]}/review", fields((await author.get(f"{begun_[0]}/review")).text))
    await author.get(f"/console/m/{ID}")
    assert (await author.post("/console/write", {"change": ID})).headers["location"] != begun_[0]
