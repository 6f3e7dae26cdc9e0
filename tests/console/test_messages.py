"""The pages about messages over HTTP: read, answer, write, release, follow, recall; what they refuse, and to whom."""

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from service.publish.test_held import NAMED
from suar.protocol.base import limits
from suar.service.people import changes
from suar.service.status import sent
from support.console import HOUR, Browser, Desk, browser, served
from support.corekit import CoreKit, rows
from support.pairs import Two, new

URGENT = {"urgency": "immediate", "ack_within": 4}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with served(tmp_path / "state") as made:
        made.kit.aside(made.kit.receive_bundles)
        made.add("reyes", "author")
        made.add("cruz", "author", "approver")
        made.add("santos", "approver", "reader")
        made.add("olga", "operator")
        await made.load()
        yield made


def fields(page: str) -> dict[str, list[str]]:
    """What a browser would send of a page's largest form, as it stands."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        is_choice = attributes.get("type") in ("radio", "checkbox")
        if "name" in attributes and (not is_choice or " checked" in tag):
            found.setdefault(html.unescape(attributes["name"]), []).append(html.unescape(attributes.get("value", "")))
    for name, inside in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        found.setdefault(name, []).append(html.unescape(chosen[1]) if chosen else "")
    for name, inside in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL):
        found.setdefault(name, []).append(html.unescape(inside))
    return found


FILLED: dict[str, Any] = {
    "event": "new-route", "urgency": "expected", "severity": "severe", "certainty": "likely",
    "request[0].action": "screen-arrivals", "tlp": "GREEN", "audience.members": "all",
    "issuer.sector": "border-immigration",
    "source.type": "administrative-record", "source.reliability": "B", "source.credibility": "2",
    "desk": "TH-CONTACT-2027-000001", "text[0].lang": "en", "text[0].title": "A new route",
    "text[0].summary": "Look at the second pier.",
}  # fmt: skip


async def begun(visit: Browser, kind: str = "alert", path: str = "/console") -> str:
    await visit.get(f"{path}/write")
    made = await visit.post(f"{path}/write", {"kind": kind})
    assert made.status_code == 303, made.text
    return str(made.headers["location"])


async def filled(visit: Browser, do: str = "review", page_path: str = "/console", **changes: Any) -> str:
    """A draft of an alert, as a person fills it in; its address."""
    path = await begun(visit, path=page_path)
    page = (await visit.get(path)).text
    sent = {**fields(page), **FILLED, **changes, "do": do}
    answer = await visit.post(path, sent)
    assert answer.status_code == 303, answer.text
    return path


async def handed_in(visit: Browser, **changes: Any) -> str:
    """The same, published or handed to a second person; where that led."""
    path = await filled(visit, **changes)
    page = await visit.get(f"{path}/review")
    assert page.status_code == 200, page.headers
    done = await visit.post(f"{path}/review", fields(page.text))
    assert done.status_code == 303, done.text
    return str(done.headers["location"])


def states(kit: CoreKit) -> list[str]:
    return [row[0] for row in rows(kit, "select state from held order by at")]


# -- writing


async def test_from_blank_to_published_with_who_opens_it(desk: Desk, author: Browser) -> None:
    path = await handed_in(author)
    assert path == "/console/m/TH-ALERT-2027-000001/who"
    page = await author.get(path)
    assert "A new route" in page.text
    for name in ("Singapore", "Viet Nam", "Cambodia"):
        assert name in page.text
    assert f'<a href="{path}">Refresh</a>' in page.text  # without script
    assert rows(desk.kit, "select count(*) from draft")[0][0] == 0
    assert ("reyes", "publish") in {(who, what) for who, what, _ in desk.audit()}


async def test_readers_follow_tlp_and_audience_of_an_unfinished_draft(author: Browser) -> None:
    path = await begun(author)
    page = (await author.get(path)).text
    assert "Choose the TLP and the audience" in page
    sent = {**fields(page), "tlp": "RED", "audience.members": "", "audience.members[]": ["VN"], "do": "save"}
    answer = await author.post(path, sent, x_fragment="1")
    assert answer.status_code == 200
    may, _, no = answer.text.partition("Will not")
    assert "Viet Nam" in may
    assert "Singapore" not in may
    assert "Singapore" in no


async def test_a_checked_draft_is_shown_as_not_published(author: Browser) -> None:
    path = await filled(author)
    page = (await author.get(f"{path}?check=1")).text
    assert "<strong>It can leave. Look at this first: 1</strong> Only checked: nothing was published." in page
    await author.post(path, {**fields(page), "severity": "extreme", "do": "save"})
    page = (await author.get(f"{path}?check=1")).text
    assert "<strong>It will wait for a second person.</strong> Only checked: nothing was published." in page


async def test_a_telephone_number_is_refused_marked_and_led_to(author: Browser) -> None:
    path = await begun(author)
    sent = {**fields((await author.get(path)).text), **FILLED, "text[0].summary": "Call 081-234-5678 at night."}
    answer = await author.post(path, {**sent, "do": "review"})
    assert answer.headers["location"] == f"{path}?check=1"
    answer = await author.get(f"{path}?check=1")
    assert 'id="problem"' in answer.text
    assert '<a href="#text-0-summary">' in answer.text
    assert "<mark><bdi>081-234-5678</bdi></mark>" in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Call 081-234-5678 at night." in answer.text  # what was written is kept


async def test_what_is_still_empty_is_to_do_and_not_wrong(author: Browser) -> None:
    page = (await author.get(await begun(author))).text
    assert "Still to fill in" in page
    assert "To correct" not in page
    assert "aria-invalid" not in page


async def test_a_double_press_is_one_message(desk: Desk, author: Browser) -> None:
    path = await filled(author)
    sent = fields((await author.get(f"{path}/review")).text)
    first, second = await author.post(f"{path}/review", sent), await author.post(f"{path}/review", sent)
    assert first.headers["location"] == second.headers["location"]
    assert rows(desk.kit, "select count(*) from message")[0][0] == 1


async def test_two_editors_are_shown_both_versions(desk: Desk, author: Browser) -> None:
    path = await filled(author, do="save")
    async with browser(desk) as other:
        await other.sign_in("cruz")
        theirs = fields((await other.get(path)).text)
        mine = fields((await author.get(path)).text)
        await other.post(path, {**theirs, "text[0].title": "Theirs", "do": "save"})
    answer = await author.post(path, {**mine, "text[0].title": "Mine", "do": "save"})
    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert "Mine" in answer.text
    kept = await author.post(path, fields(answer.text))
    assert kept.status_code == 303
    assert "Mine" in (await author.get(path)).text


async def test_an_idle_session_saves_its_draft_and_sees_nothing(desk: Desk, author: Browser) -> None:
    path = await filled(author, do="save")
    sent = fields((await author.get(path)).text)
    desk.later(45 * 60_000)
    answer = await author.post(path, {**sent, "text[0].title": "Written while away", "do": "review"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in?next=/console/draft/")
    assert "Written while away" not in answer.text
    deleted = await author.post(path, {**sent, "do": "delete"})
    assert deleted.status_code == 303
    await author.sign_in("reyes", next_=path)
    assert "Written while away" in (await author.get(path)).text


async def test_an_idle_session_beside_another_editor_loses_nothing(desk: Desk, author: Browser) -> None:
    path = await filled(author, do="save")
    sent = fields((await author.get(path)).text)
    desk.later(45 * 60_000)
    async with browser(desk) as other:
        await other.sign_in("cruz")
        theirs = fields((await other.get(path)).text)
        await other.post(path, {**theirs, "text[0].title": "Theirs", "do": "save"})
    answer = await author.post(path, {**sent, "text[0].title": "Mine", "do": "save"})
    own_path = answer.headers["location"].rpartition("=")[2]
    assert own_path != path
    await author.sign_in("reyes")
    assert "Mine" in (await author.get(own_path)).text
    assert "Theirs" in (await author.get(path)).text


async def test_rows_are_added_without_a_script(author: Browser) -> None:
    path = await begun(author)
    sent = fields((await author.get(path)).text)
    answer = await author.post(path, {**sent, "do": "add places"})
    page = await author.get(answer.headers["location"])
    assert 'name="places[0].country"' in page.text


@pytest.mark.parametrize("kind", ["trend", "pattern", "legislation", "practice", "contact"])
async def test_every_kind_has_its_form(author: Browser, kind: str) -> None:
    page = await author.get(await begun(author, kind))
    assert page.status_code == 200
    assert "Still to fill in" in page.text
    assert len(page.content) < 150_000


async def test_a_message_is_changed_and_the_change_shown(desk: Desk, author: Browser) -> None:
    await handed_in(author)
    id_ = "TH-ALERT-2027-000001"
    await author.get(f"/console/m/{id_}/who")
    made = await author.post("/console/write", {"change": id_})
    path = made.headers["location"]
    sent = {**fields((await author.get(path)).text), "severity": "moderate", "do": "review"}
    await author.post(path, sent)
    page = await author.get(f"{path}/review")
    assert "Changed since the revision before" in page.text
    done = await author.post(f"{path}/review", fields(page.text))
    assert done.headers["location"] == f"/console/m/{id_}/who"
    assert [row[0] for row in rows(desk.kit, "select rev from message order by n")] == [1, 2]


async def test_true_counts_stand_in_the_draft_s_own_pages_alone(desk: Desk, author: Browser) -> None:
    path = await begun(author, "trend")
    sent: dict[str, Any] = fields((await author.get(path)).text)
    cells: dict[str, Any] = {}
    for number, (sex, value) in enumerate((("female", 4), ("male", 55_555), ("unknown", 131), ("total", 55_690))):
        name = f"obs[{number}]"
        cells |= {
            f"{name}.period": "2026", f"{name}.place.role": "detection", f"{name}.place.country": "TH",
            f"{name}.dims.sex": sex, f"{name}.value": str(value), f"{name}.status": "A",
        }  # fmt: skip
    sent |= {
        "indicator": "detected-victims", "unit": "persons", "date_basis": "detection", "coverage.scope": "national",
        "method": "full-count", "direction": "stable", "dims[]": ["sex"], "margins": "1", "issuer.sector": "statistics",
        "source.type": "administrative-record", "source.reliability": "A", "source.credibility": "1", "tlp": "CLEAR",
        "audience.members": "all", "text[0].lang": "en", "text[0].title": "By sex", "text[0].summary": "As before.",
    }  # fmt: skip
    answer = await author.post(path, {**sent, **cells, "do": "review"})
    assert answer.status_code == 303, answer.text
    page = await author.get(f"{path}/review")
    before, _, after = page.text.partition("as it would be sent")
    assert "<td>4</td>" in before  # its author sees the true counts here
    assert "<td>4</td>" not in after
    done = await author.post(f"{path}/review", fields(page.text))
    shown = await author.get(done.headers["location"].removesuffix("/who"))
    assert ("55,555" in shown.text) != ("<td>131</td>" in shown.text)  # one of them protects the small count
    assert not re.search(r"<td>4</td>", shown.text)


# -- a second person


async def test_an_immediate_alert_is_held_and_a_colleague_releases_it(
    desk: Desk, author: Browser, approver: Browser
) -> None:
    path = await handed_in(author, urgency="immediate", ack_within="4")
    page = (await author.get(path)).text
    assert "Waits for a second person" in page
    assert "Santos" in page
    assert "Reyes" not in page.partition("can release it")[2].partition("</p>")[0]
    id_ = "TH-ALERT-2027-000001"
    assert "Messages that wait for your decision: 1" in (await approver.get("/console")).text
    one = await approver.get(f"/console/approve/{id_}")
    assert "Reyes wants to publish" in one.text
    async with browser(desk) as second:
        await second.sign_in("cruz")
        page = (await second.get(f"/console/approve/{id_}")).text
        assert "Reads it too: Santos" in page
        assert "Cruz" not in page.partition("Reads it too:")[2].partition("</p>")[0]
        desk.later(60_000)
        assert "Reads it too" not in (await second.get(f"/console/approve/{id_}")).text
    one = await approver.get(f"/console/approve/{id_}")
    assert "Reads it too: Cruz" in one.text
    done = await approver.post(f"/console/approve/{id_}", {"act": "release"})
    assert done.headers["location"] == f"/console/m/{id_}/who"
    assert states(desk.kit) == ["released"]
    assert rows(desk.kit, "select count(*) from draft")[0][0] == 0


async def test_neither_author_nor_editor_decides_and_the_page_says_so(desk: Desk, author: Browser) -> None:
    path = await filled(author, do="save", urgency="immediate", ack_within="4")
    async with browser(desk) as editor:
        await editor.sign_in("cruz")
        sent = fields((await editor.get(path)).text)
        await editor.post(path, {**sent, "text[0].title": "Edited", "do": "save"})
        page = await author.get(f"{path}/review")
        await author.post(f"{path}/review", fields(page.text))
        id_ = "TH-ALERT-2027-000001"
        one = await editor.get(f"/console/approve/{id_}")
        assert 'value="release"' not in one.text
        for act in ("release", "reject"):
            answer = await editor.post(f"/console/approve/{id_}", {"act": act, "reason": "x"})
            assert answer.status_code == 403
            assert "does not release or reject it" in answer.text
    assert states(desk.kit) == ["held"]


async def test_what_a_suspended_author_left_is_rejected_and_published_by_a_colleague(
    desk: Desk, author: Browser, approver: Browser
) -> None:
    path = await handed_in(author, urgency="immediate", ack_within="4")
    id_ = "TH-ALERT-2027-000001"
    await approver.get(f"/console/approve/{id_}")
    desk.kit.aside(changes.suspend, desk.kit.core, "reyes", "operator")
    answer = await approver.post(f"/console/approve/{id_}", {"act": "release"})
    assert (answer.status_code, "may not publish any more" in answer.text) == (409, True)
    one = (await approver.get(f"/console/approve/{id_}")).text
    assert ('value="release"' in one, 'value="reject"' in one) == (False, True)
    assert "may not publish any more" in one
    done = await approver.post(f"/console/approve/{id_}", {"act": "reject", "reason": "left", "then": "mend"})
    assert done.status_code == 303
    async with browser(desk) as colleague:
        await colleague.sign_in("cruz")
        await colleague.get(path)
        await colleague.post(f"{path}/review", fields((await colleague.get(f"{path}/review")).text))
    (second,) = set(
        re.findall(r"/console/approve/(TH-ALERT-\d{4}-\d{6})", (await approver.get("/console/approve")).text)
    )
    await approver.get(f"/console/approve/{second}")
    released = await approver.post(f"/console/approve/{second}", {"act": "release"})
    assert released.headers["location"] == f"/console/m/{second}/who"


async def test_rejected_corrected_and_released(desk: Desk, author: Browser, approver: Browser) -> None:
    path = await handed_in(author, urgency="immediate", ack_within="4")
    id_ = "TH-ALERT-2027-000001"
    await approver.get(f"/console/approve/{id_}")
    bare = await approver.post(f"/console/approve/{id_}", {"act": "reject", "reason": " "})
    assert bare.status_code == 422
    await approver.post(f"/console/approve/{id_}", {"act": "reject", "reason": "the wrong pier", "then": "mend"})
    page = (await author.get(path)).text
    assert "Kept until" in page
    await author.post(path, {**fields(page), "text[0].summary": "Look at the third pier.", "do": "review"})
    again = await author.get(f"{path}/review")
    await author.post(f"{path}/review", fields(again.text))
    waiting = await approver.get("/console/approve")
    (second,) = set(re.findall(r"/console/approve/(TH-ALERT-\d{4}-\d{6})", waiting.text))
    await approver.get(f"/console/approve/{second}")
    done = await approver.post(f"/console/approve/{second}", {"act": "release"})
    assert done.status_code == 303
    assert "released" in states(desk.kit)


async def test_a_reason_that_names_somebody_is_refused_with_the_words_marked(
    desk: Desk, author: Browser, approver: Browser
) -> None:
    """Before, it was taken, and the name stood on the author's page."""
    path = await handed_in(author, urgency="immediate", ack_within="4")
    page = "/console/approve/TH-ALERT-2027-000001"
    await approver.get(page)
    for reason, marked in (("Somchai Jaidee stands in it", "Somchai Jaidee"), ("call 081 234 5678", "081 234 5678")):
        answer = await approver.post(page, {"act": "reject", "reason": reason, "then": "mend"})
        assert (answer.status_code, f"<mark>{marked}</mark>" in answer.text or marked in answer.text) == (422, True)
        assert "take the marked words out" in answer.text.lower()
        assert reason in answer.text  # as it was typed, to be corrected
    assert states(desk.kit) == ["held"]
    assert "Somchai" not in (await author.get("/console/write")).text
    sent = {"act": "reject", "reason": "a name stands in it", "then": "mend"}
    assert (await approver.post(page, sent)).status_code == 303
    assert "Kept until" in (await author.get(path)).text


async def test_without_a_contact_in_force_the_form_says_what_comes_first(desk: Desk, author: Browser) -> None:
    """Before, the field was required and its list empty: nothing told how to go on."""
    page = (await author.get(await begun(author))).text
    assert page.count("None is in force: publish a contact message first") == 2  # in the list, and as a link
    assert '<a href="/console/write">None is in force: publish a contact message first</a>' in page


async def test_its_author_is_informed_of_a_rejection_and_why(desk: Desk, author: Browser, approver: Browser) -> None:
    """Before, an alert that was rejected with its draft destroyed was gone without a word to who wrote it."""
    await handed_in(author, urgency="immediate", ack_within="4")
    id_ = "TH-ALERT-2027-000001"
    await approver.get(f"/console/approve/{id_}")
    sent = {"act": "reject", "reason": "Take the <name> out.", "then": "destroy"}
    assert (await approver.post(f"/console/approve/{id_}", sent)).status_code == 303
    assert "Messages of yours that a second person rejected: 1" in (await author.get("/console/")).text
    page = (await author.get("/console/write")).text
    for words in ("Rejected by a second person", f"/console/m/{id_}/who", "Take the &lt;name&gt; out.", "Santos"):
        assert words in page
    assert "Rejected by a second person" not in (await author.get("/console/x/write")).text
    assert "rejected:" not in (await approver.get("/console/")).text
    desk.later(8 * limits.DAY)
    await author.sign_in("reyes")
    assert "Rejected by a second person" not in (await author.get("/console/write")).text


async def test_what_was_decided_meanwhile_names_who(desk: Desk, author: Browser, approver: Browser) -> None:
    await handed_in(author, urgency="immediate", ack_within="4")
    id_ = "TH-ALERT-2027-000001"
    assert "Reads it too:" not in (await approver.get(f"/console/approve/{id_}")).text
    async with browser(desk) as other:
        await other.sign_in("cruz")
        assert "Reads it too: Santos" in (await other.get(f"/console/approve/{id_}")).text
    assert "Reads it too: Cruz" in (await approver.get(f"/console/approve/{id_}")).text
    await approver.post(f"/console/approve/{id_}", {"act": "reject", "reason": "no"})
    late = await approver.post(f"/console/approve/{id_}", {"act": "release"})
    assert late.status_code == 409
    assert "Santos" in late.text


async def test_a_name_is_marked_and_never_released_alone(desk: Desk, author: Browser, approver: Browser) -> None:
    path = await handed_in(author, urgency="immediate", ack_within="4", **{"text[0].summary": NAMED})
    page = (await author.get(path)).text
    assert "Release it alone" not in page
    answer = await author.post(f"{path}/alone", {"reason": "night"})
    assert answer.status_code == 403
    one = (await approver.get("/console/approve/TH-ALERT-2027-000001")).text
    assert "named Malee Suksai</bdi></mark>" in one
    assert "Back to the author" not in one
    assert "is not kept for its author" in one  # before, nothing said why there is one choice


async def test_released_alone_needs_a_fresh_factor_and_a_reason(desk: Desk, author: Browser) -> None:
    path = await handed_in(author, urgency="immediate", ack_within="4")
    await author.get(path)
    desk.later(11 * 60_000)
    stale = await author.post(f"{path}/alone", {"reason": "night"})
    assert stale.headers["location"].startswith("/console/again")
    await author.sign_in("reyes")
    await author.get(path)
    assert (await author.post(f"{path}/alone", {"reason": " "})).status_code == 422
    done = await author.post(f"{path}/alone", {"reason": "nobody answers"})
    assert done.headers["location"].endswith("/who")
    page = (await author.get(done.headers["location"])).text
    assert "Released without a second person" in page
    assert "nobody answers" in page


async def test_coordinators_learn_of_a_release_alone_whatever_is_notified(desk: Desk, author: Browser) -> None:
    desk.add("maria", "coordinator")
    desk.add("reyna", "author", "coordinator")
    await desk.load()
    sentence = "released without a second person in the last 7 days: "
    async with browser(desk) as coordinator, browser(desk) as alone:
        await coordinator.sign_in("maria")
        await alone.sign_in("reyna")
        assert sentence not in (await coordinator.get("/console")).text
        for number in (1, 2):
            path = await handed_in(alone, urgency="immediate", ack_within="4", **{"text[0].title": f"New {number}"})
            await alone.get(path)
            assert (await alone.post(f"{path}/alone", {"reason": "night"})).status_code == 303
            address = "/console/m/TH-ALERT-2027-000001/who" if number == 1 else "/console/sent"
            first = (await coordinator.get("/console")).text
            assert re.search(rf'href="{address}">[^<]*{sentence}{number}<', first), first
            assert (await coordinator.get(address)).status_code == 200
        assert sentence not in (await alone.get("/console")).text  # who did it knows
        assert sentence not in (await author.get("/console")).text
        desk.later(7 * 24 * 3_600_000)
        await coordinator.sign_in("maria")
        assert sentence not in (await coordinator.get("/console")).text


async def test_no_exercise_displaces_what_was_decided_of_an_actual_message(
    desk: Desk, author: Browser, approver: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "DECIDED_MAX", 1)
    urgent = {"urgency": "immediate", "ack_within": "4"}
    for path in ("/console", "/console/x"):
        for ends in ("alone", "reject"):
            draft = await filled(author, page_path=path, **urgent)
            held = (await author.post(f"{draft}/review", fields((await author.get(f"{draft}/review")).text))).headers
            page = (await author.get(held["location"])).text
            (id_,) = {*re.findall(r"/m/(TH-ALERT-2027-\d+)/who", page)}
            if ends == "alone":
                assert (await author.post(f"{held['location']}/alone", {"reason": "night"})).status_code == 303
                continue
            await approver.get(f"{path}/approve/{id_}")
            decided = {"act": "reject", "reason": "not now", "then": "destroy"}
            assert (await approver.post(f"{path}/approve/{id_}", decided)).status_code == 303
    for realm in ("actual", "exercise"):
        assert len(await desk.gateway.desk.released_alone(realm)) == 1
        assert len(await desk.gateway.desk.rejected("reyes", realm)) == 1


async def test_a_reason_for_a_release_alone_that_names_somebody_is_refused_with_the_words_marked(
    desk: Desk, author: Browser
) -> None:
    """Before, it was taken, and stood in `suar deliveries` for whoever reads that."""
    path = await handed_in(author, urgency="immediate", ack_within="4")
    await author.get(path)
    for reason, marked in (("Somchai Jaidee is off duty", "Somchai Jaidee"), ("call 081 234 5678", "081 234 5678")):
        answer = await author.post(f"{path}/alone", {"reason": reason})
        assert (answer.status_code, marked in answer.text.partition('id="problem"')[2]) == (422, True)
        assert "take the marked words out" in answer.text.lower()
        assert reason in answer.text  # as it was typed, to be corrected
    assert states(desk.kit) == ["held"]
    assert (await author.post(f"{path}/alone", {"reason": "nobody answers"})).status_code == 303


async def test_releasing_needs_a_fresh_factor(desk: Desk, author: Browser, approver: Browser) -> None:
    await handed_in(author, urgency="immediate", ack_within="4")
    id_ = "TH-ALERT-2027-000001"
    await approver.get(f"/console/approve/{id_}")
    desk.later(11 * 60_000)
    answer = await approver.post(f"/console/approve/{id_}", {"act": "release"})
    assert answer.headers["location"].startswith("/console/again")
    assert states(desk.kit) == ["held"]


# -- who may


async def test_roles_are_refused_by_the_page_and_not_only_hidden(desk: Desk, author: Browser) -> None:
    path = await filled(author, do="save")
    async with browser(desk) as other:
        await other.sign_in("olga")
        for address in ("/console/inbox", "/console/write", "/console/sent", "/console/approve", path):
            answer = await other.get(address)
            assert answer.status_code == 403
            assert "A new route" not in answer.text
    async with browser(desk) as reader:
        await reader.sign_in("santos")
        assert (await reader.get(path)).status_code == 403
        assert (await reader.post("/console/write", {"kind": "alert"})).status_code == 403


async def test_nothing_is_changed_by_get_and_nothing_without_the_session_s_token(desk: Desk, author: Browser) -> None:
    path = await filled(author, do="save", urgency="immediate", ack_within="4")
    review = fields((await author.get(f"{path}/review")).text)
    for token in ("0" * 64, ""):
        assert (await author.post(f"{path}/review", review | {"csrf": [token]})).status_code == 403
    foreign = await author.post(f"{path}/review", review, Origin="https://evil.example")
    assert foreign.status_code == 403
    for address in (f"{path}/back", f"{path}/alone", "/console/approve/TH-ALERT-2027-000001/release"):
        assert (await author.get(address)).status_code in (404, 405)
    assert states(desk.kit) == []


@pytest.mark.parametrize(
    "path", ["/m/TH-ALERT-2027-000099", "/m/x", "/draft/0000000000000000", "/m/TH-ALERT-2027-000099/who",
              "/m/TH-ALERT-2027-000099/why/SG", "/m/TH-ALERT-2027-000099/recall"],
)  # fmt: skip
async def test_what_is_not_there_is_not_found(author: Browser, path: str) -> None:
    assert (await author.get(f"/console{path}")).status_code == 404


# -- exercises


async def test_an_exercise_is_marked_everywhere_and_absent_from_actual_lists(desk: Desk, author: Browser) -> None:
    path = await filled(author, page_path="/console/x")
    assert path.startswith("/console/x/draft/")
    plain = await author.get(path.replace("/console/x/", "/console/"))
    assert plain.headers["location"] == path  # no page shows it without the mark
    page = await author.get(f"{path}/review")
    assert "Publish as an exercise" in page.text
    done = await author.post(f"{path}/review", fields(page.text))
    location = done.headers["location"]
    assert location.startswith("/console/x/m/")
    assert 'class="exercise"' in (await author.get(location)).text
    assert "A new route" not in (await author.get("/console/sent")).text
    assert "A new route" in (await author.get("/console/x/sent")).text
    assert (await author.get(location.replace("/console/x/", "/console/"))).headers["location"] == location


# -- recall


async def test_a_recall_says_what_it_does_and_takes_a_correction_along(desk: Desk, author: Browser) -> None:
    await handed_in(author)
    id_ = "TH-ALERT-2027-000001"
    page = await author.get(f"/console/m/{id_}/recall")
    assert "What people have read, copied or exported stays with them" in page.text
    copied = await author.post("/console/write", {"copy": id_})
    path = copied.headers["location"]
    sent = {**fields((await author.get(path)).text), "text[0].title": "Corrected", "do": "save"}
    await author.post(path, sent)
    await author.get(f"/console/m/{id_}/recall")
    assert (await author.post(f"/console/m/{id_}/recall", {"reason": ""})).status_code == 422
    number = path.rpartition("/")[2]
    done = await author.post(f"/console/m/{id_}/recall", {"reason": "wrong pier", "replacement": f"{number}.2"})
    assert done.headers["location"] == "/console/m/TH-ALERT-2027-000002/who"
    shown = (await author.get(f"/console/m/{id_}")).text
    assert "wrong pier" in shown
    assert "Recalled" in shown
    assert rows(desk.kit, "select count(*) from draft")[0][0] == 0
    assert (await author.get(f"/console/m/{id_}/recall")).headers["location"].endswith("/who")


# -- reading and answering: SG reads what TH sent


class Receiving:
    """SG's console, and TH beside it."""

    def __init__(self, two: Two, desk: Desk) -> None:
        self.two, self.desk = two, desk


@pytest.fixture
async def sg(tmp_path: Path) -> AsyncIterator[Receiving]:
    two = Two(tmp_path)
    async with served(two.sg) as desk:
        desk.add("tan", "reader")
        await desk.load()
        yield Receiving(two, desk)
    two.th.close()


async def test_lists_send_no_opened_and_the_page_does_once(sg: Receiving) -> None:
    two, desk = sg.two, sg.desk
    (id_,) = desk.kit.aside(two.publish, new("A title that nobody opened") | URGENT)
    desk.kit.aside(two.to_sg)
    async with browser(desk) as reader:
        await reader.sign_in("tan")
        for address in ("/console/inbox", "/console/inbox?q=nobody", "/console/sent"):
            assert (await reader.get(address)).status_code == 200
        for headers in ({"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}):
            answer = await reader.get(f"/console/m/{id_}", **headers)
            assert (answer.status_code, answer.content) == (204, b"")
        head = await reader.client.head(f"{desk.url}/console/m/{id_}", headers={"Host": reader.host})
        assert (head.status_code, head.headers["allow"]) == (405, "GET, POST")
        assert rows(desk.kit, "select count(*) from own_statement")[0][0] == 0
        for _ in range(2):
            page = await reader.get(f"/console/m/{id_}")
            assert "A title that nobody opened" in page.text
    found = rows(desk.kit, "select stage, who from own_statement")
    assert [tuple(row) for row in found] == [("opened", "tan")]


async def test_acknowledged_and_acting_with_role_and_note(sg: Receiving) -> None:
    two, desk = sg.two, sg.desk
    (id_,) = desk.kit.aside(two.publish, new("Answer this") | URGENT)
    desk.kit.aside(two.to_sg)
    async with browser(desk) as reader:
        await reader.sign_in("tan")
        assert "Waits for our answer" in (await reader.get("/console/inbox")).text
        assert "Messages that wait for our answer: 1" in (await reader.get("/console")).text
        await reader.get(f"/console/m/{id_}")
        refused = await reader.post(
            f"/console/m/{id_}", {"stage": "acting", "role": "focal-point", "note": "081-234-5678"}
        )
        assert refused.status_code == 422
        assert "081-234-5678</bdi></mark>" in refused.text
        for wrong in ({"stage": "opened", "role": "focal-point"}, {"stage": "acting", "role": "gateway"}, {}):
            assert (await reader.post(f"/console/m/{id_}", wrong)).status_code == 422
        for stage in ("acknowledged", "acting"):
            done = await reader.post(f"/console/m/{id_}", {"stage": stage, "role": "focal-point", "note": "two teams"})
            assert done.status_code == 303
        assert "We: Acting" in (await reader.get("/console/inbox")).text
    desk.kit.aside(two.to_th)
    row = desk.kit.aside(two.states, id_)
    assert row["state"] == "acting"
    assert {note["note"] for note in row["notes"]} == {"two teams"}


async def test_an_answer_that_is_late_is_so_on_every_page(sg: Receiving) -> None:
    """At the receiver in the order of its pages; at the publisher in the matrix, once it has the receipt."""
    two, desk = sg.two, sg.desk
    (id_,) = desk.kit.aside(two.publish, new("Answer this late") | URGENT)
    desk.kit.aside(two.to_sg)
    desk.later(4 * HOUR + 5 * 60_000)
    async with browser(desk) as reader:
        await reader.sign_in("tan")
        assert re.search(
            r'href="/console/inbox">[^<]*Answers of ours that are late: 1<', (await reader.get("/console")).text
        )
        inbox = (await reader.get("/console/inbox")).text
        assert "Answer is late" in inbox.partition("Answer this late")[0]
        assert "Late since" in inbox.partition("Answer this late")[2]
        assert "Late since" in (await reader.get(f"/console/m/{id_}")).text
        answer = {"stage": "acknowledged", "role": "focal-point", "note": ""}
        assert (await reader.post(f"/console/m/{id_}", answer)).status_code == 303
        assert "are late" not in (await reader.get("/console")).text
        assert "Answer is late" not in (await reader.get("/console/inbox")).text


async def test_the_matrix_says_how_late_an_answer_is(tmp_path: Path) -> None:
    two = Two(tmp_path)
    async with served(two.th) as desk:
        desk.add("tan", "reader")
        await desk.load()
        (id_,) = desk.kit.aside(two.publish, new("Answer this late") | URGENT)
        desk.kit.aside(two.to_sg)
        two.sg.aside(two.to_th)
        desk.later(4 * HOUR + 5 * 60_000)
        async with browser(desk) as reader:
            await reader.sign_in("tan")
            page = (await reader.get(f"/console/m/{id_}/who")).text
            row = page.partition('id="at-SG"')[2].partition("</tr>")[0]
            late = re.search(r"(\d+) minutes late", row)
            assert late is not None, row
            assert 4 <= int(late[1]) <= 7  # the sign-in takes half a minute
            assert "minutes late" not in page.partition('id="at-VN"')[2].partition("</tr>")[0]
    two.sg.close()


async def test_markup_and_hidden_characters_of_a_publisher_stay_text(sg: Receiving) -> None:
    two, desk = sg.two, sg.desk
    title = "<script>alert(1)</script>\u202e gnorw \u2066x\u2800\u3164"
    summary = '"><img src=x onerror=alert(1)>\u200f{{ 7*7 }} </textarea><b>'
    hostile = {"text": [{"lang": "en", "title": title, "summary": summary}]}
    (id_,) = desk.kit.aside(two.publish, new("a") | hostile)
    desk.kit.aside(two.to_sg)
    async with browser(desk) as reader:
        await reader.sign_in("tan")
        for address in ("/console/inbox", f"/console/m/{id_}", "/console/inbox?q=script"):
            page = (await reader.get(address)).text
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            assert "{{ 7*7 }}" in page or "/m/" not in address
            assert not set("\u202e\u2066\u200f\u2800\u3164") & set(page)


async def test_an_entirely_empty_text_counts_as_none(desk: Desk, author: Browser) -> None:
    """The form begins with a text in the own language; who fills it in with nothing has the English of the codes."""
    path = await handed_in(author, **{"text[0].lang": "fil", "text[0].title": "", "text[0].summary": ""})
    assert path == "/console/m/TH-ALERT-2027-000001/who"
    path = await filled(
        author, **{"text[0].title": " ", "text[0].summary": "", "text[1].lang": "en", "text[1].title": "Another"}
    )
    page = await author.get(f"{path}?check=1")
    assert page.text.count("still empty") == 1, "the summary of the one text that was begun"
