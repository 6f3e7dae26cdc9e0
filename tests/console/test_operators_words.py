"""What operators and auditors read is in words, with the code beside: acts of the log, rights of tokens, findings."""

import html
import re

import pytest

from suar.languages.act_words import ACT_WORDS
from suar.languages.names import names
from suar.languages.tags import LANGUAGES
from suar.service.access.tokens import check
from suar.service.settings.scopes import ROLES, SCOPES
from suar.store.people import access
from suar.store.people.access import ACTS, REQUEST_ACTS, STATED, VOID, WITHDRAWN
from support.console import Browser, Desk

OLDER = "act-of-an-older-version"


def rows(page: str) -> list[list[str]]:
    """The cells of the rows of a page's table, without markup."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("<tr")[1:]]
    return [[" ".join(html.unescape(re.sub(r"<[^>]*>", " ", cell)).split()) for cell in row] for row in found]


def test_every_act_that_the_gateway_writes_has_words() -> None:
    assert {f"act-{act}" for act in ACTS} == set(ACT_WORDS)
    assert len({ACT_WORDS[f"act-{act}"] for act in ACTS if act not in VOID.values()}) == len(ACTS) - len(VOID)
    assert {*REQUEST_ACTS.values(), *WITHDRAWN.values(), *STATED.values()} <= set(ACTS)


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_the_log_says_in_words_what_was_done(desk: Desk, visit: Browser, lang: str) -> None:
    desk.kit.aside(every_act, desk)
    await desk.gateway.people.set_preferences("aude", lang, "UTC")
    await visit.sign_in("aude")
    page = rows((await visit.get("/console/audit")).text)
    words = {row[3] for row in page}
    assert {f"{names(lang).words.console(f'act-{act}')} {act}" for act in ACTS} <= words
    assert OLDER in words  # no page fails for an act that an older version wrote
    assert "Ana ana" in {row[2] for row in page}


def every_act(desk: Desk) -> None:
    with desk.kit.core.transaction() as connection:
        for act in (*ACTS, OLDER):
            access.note(connection, "ana", act, "", desk.kit.now)  # type: ignore[arg-type]  # a list of all


async def test_tokens_say_what_they_may_when_they_were_used_and_when_they_end(desk: Desk, visit: Browser) -> None:
    made = await desk.gateway.tokens_add(check("all", SCOPES, ROLES), "local")
    await desk.gateway.tokens_add(check("new", ("monitor",)), "local")
    head = {"Authorization": f"Bearer {made['token']}"}
    assert (await visit.get("/v1/checks", **head)).status_code == 200
    await visit.sign_in("omar")
    page = (await visit.get("/console/tokens")).text
    used, unused = (next(row for row in rows(page) if row[0] == name) for name in ("all", "new"))
    words = names("en").words
    for scope in SCOPES:
        assert f"{words.console(f'scope-{scope}')} {scope}" in used[2]
    for role in ROLES:
        assert f"{words.label('staff-role', role)} {role}" in used[2]
    assert re.fullmatch(r"\d+ \w+ \d{4}, \d\d:\d\d UTC", used[4])
    assert unused[4] == "Not used yet"
    assert all(re.fullmatch(r"\d+ \w+ \d{4}, \d\d:\d\d UTC", row[5]) for row in (used, unused))


async def test_a_finding_is_a_sentence_and_what_to_do_before_its_code(desk: Desk, visit: Browser) -> None:
    await visit.sign_in("omar")
    found = rows((await visit.get("/console/health")).text)
    assert found
    for _, sentence, step, code in found:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
        assert " " in sentence
        assert " " in step
        assert not sentence.startswith(code)
