"""Nothing that leaves is invisible to the one who lets it leave: every text in every language stands on the page."""

import json
from typing import Any

import pytest
from markupsafe import escape

from console.test_markup import examples, free_texts
from console.test_messages import desk, filled, states
from console.test_messages import fields as fields_of
from suar.console.rendering import environment
from suar.console.views.texts import shown
from suar.languages.names import names
from suar.languages.tags import LANGUAGES
from suar.protocol.message.kinds import KINDS, PUBLISHED
from suar.protocol.message.spec import fields_of as keys_of
from support.console import Browser, Desk, browser

__all__ = ["desk"]
ID = "TH-ALERT-2027-000001"
ENGLISH, THAI = ("Advertisements", "Look at them."), ("ประกาศรับสมัครงาน", "อย่าตรวจค้นเรือของบริษัทนี้")
TWO = {
    "urgency": "immediate", "ack_within": "4", "text[0].title": ENGLISH[0], "text[0].summary": ENGLISH[1],
    "text[1].lang": "th", "text[1].title": THAI[0], "text[1].summary": THAI[1],
}  # fmt: skip


def stated(tree: dict[str, Any]) -> list[str]:
    """Everything that a publisher wrote in own words."""
    found = list[str]()
    for key, (_, spec, _) in keys_of(KINDS[tree["kind"]]).items():
        for path in free_texts(spec, tree[key], (key,)) if key in tree else ():
            at: Any = tree
            for step in path:
                at = at[step]
            found.append(str(at))
    return found


def words_in(page: str, tag: str) -> str:
    """The text of the message in this language, which is marked with it."""
    return page.partition(f'<div class="words" lang="{tag}">')[2].partition("</div>")[0]


@pytest.mark.parametrize("tag", ["en", "th"])
@pytest.mark.parametrize("kind", PUBLISHED)
def test_every_word_of_its_publisher_is_shown_in_every_language_of_a_message(kind: str, tag: str) -> None:
    """Before, of a text in several languages the page had that of the reader alone."""
    reading: Any = environment().get_template("message-parts.html").module
    for example in examples(kind):
        texts = [{"lang": each, "title": f"Title {each}", "summary": f"Words {each}"} for each in LANGUAGES]
        tree = json.loads(json.dumps(example)) | {"text": [*texts[1:], *texts[:1]]}
        page = str(reading.whole(shown({"message": tree, "id": tree["id"], "state": "current"}, names(tag))))
        assert [each for each in stated(tree) if escape(each) not in page] == []
        assert page.index(f"Words {tag}<") == page.index("Words "), "the reader's own is the first"
        for each in texts:
            assert each["summary"] in words_in(page, each["lang"])


async def both(visit: Browser, path: str) -> None:
    """The page has the text in both languages, each marked with its own."""
    page = (await visit.get(path)).text
    for tag, text in (("en", ENGLISH), ("th", THAI)):
        assert all(each in words_in(page, tag) for each in text), (path, tag)


async def test_who_writes_who_releases_and_who_reads_see_both_languages(
    desk: Desk, author: Browser, approver: Browser
) -> None:
    path = await filled(author, **TWO)
    await both(author, f"{path}/review")
    await author.post(f"{path}/review", fields_of(author.page))
    await both(author, path)
    desk.add("malee", "approver", lang="th")
    desk.add("rita", "reader")
    await desk.load()
    async with browser(desk) as thai, browser(desk) as reader:
        await thai.sign_in("malee")
        await both(thai, f"/console/approve/{ID}")
        await both(approver, f"/console/approve/{ID}")
        await approver.post(f"/console/approve/{ID}", {"act": "release"})
        assert states(desk.kit) == ["released"]
        await reader.sign_in("rita")
        await both(reader, f"/console/m/{ID}")
