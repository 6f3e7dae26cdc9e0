"""What a check lists under a heading is what the heading says: to fill in, to correct, against it, or a warning."""

from typing import Any
from zoneinfo import ZoneInfo

from console.test_drafts import updated
from console.test_messages import begun, desk, filled, handed_in
from console.test_waiting_updates import ID, with_waiting_update
from suar.console.forms.plan import Setting, form, ids_of
from suar.console.views import drafting
from suar.languages.names import names
from suar.protocol.base.reasons import Reason
from suar.protocol.base.sentences import Sentence, name_cell
from support.console import Browser, Desk, browser

__all__ = ["desk"]
WARNED = (
    "E-PRIVACY-DOMINANT", "E-PRIVACY-SUM", "E-PRIVACY-MOVED", "E-MESSAGE-PERIOD", "E-MESSAGE-DESK", "E-MESSAGE-RELATED",
    "E-MESSAGE-COVERAGE",
)  # fmt: skip


def found(verdict: str, *reasons: tuple[str, str]) -> drafting.Verdict:
    """The verdict of a page on a trend of which a check had these codes at these paths."""
    shown: list[dict[str, Any]] = [{"code": code, "path": path, "message": "m", "hint": ""} for code, path in reasons]
    checked = {"verdict": verdict, "reasons": shown, "readers": None}
    return drafting.verdict(
        checked, None, "trend", drafting.Content({"obs": [1], "text": [1]}), [], {"obs", "text"}, names("en")
    )


def codes(*lists: Any) -> list[list[str]]:
    return [[each.code for each in some] for some in lists]


def test_a_warning_is_never_among_what_is_to_be_corrected_or_waits() -> None:
    every = [(code, "$.obs") for code in WARNED]
    for result in ("refuse", "hold", "pass"):
        view = found(result, *every, ("E-PRIVACY-TABLE", "$.obs"))
        assert codes(view.warnings)[0][: len(WARNED)] == list(WARNED)
        assert not {*WARNED} & {each.code for each in (*view.mend, *view.todo, *view.holds, *view.blocked)}


def test_what_lets_it_wait_is_not_to_be_corrected() -> None:
    view = found("refuse", ("E-SECOND-PERSON", "$.obs"), ("E-PRIVACY-NAME", "$.text"), ("E-PRIVACY-TABLE", "$.obs"))
    assert codes(view.mend, view.todo, view.blocked) == [["E-PRIVACY-TABLE"], [], []]
    held = found("hold", ("E-PRIVACY-COUNT", "$.text"), ("E-PRIVACY-DOMINANT", "$.obs"))
    assert codes(held.holds, held.warnings) == [["E-PRIVACY-COUNT"], ["E-PRIVACY-DOMINANT"]]


def test_what_no_field_can_change_is_neither_to_fill_in_nor_to_correct() -> None:
    view = found("refuse", ("E-MESSAGE-REVISION", "$.id"))
    assert codes(view.blocked, view.mend, view.todo) == [["E-MESSAGE-REVISION"], [], []]
    assert view.state == "mend"


def test_figures_are_named_by_their_labels_in_a_warning_of_sums() -> None:
    """Before, the words that are marked were codes, beside a table with labels."""
    marked = [name_cell("2026-Q1", {"admin1": "TH-63"}, {"sex": each}) for each in ("female", "male")]
    reason = Reason.of("E-PRIVACY-SUM", None, "$.obs", Sentence("m"), Sentence(""), marked)
    checked = {"verdict": "pass", "reasons": [reason.shape(with_sentences=True)], "readers": None}
    (warning,) = drafting.verdict(
        checked, None, "trend", drafting.Content({"obs": [1]}), [], {"obs"}, names("en")
    ).warnings
    assert [word.rpartition(" ")[2] for word in warning.marked] == ["Female", "Male"]
    assert not any("Q1" in word or "sex female" in word for word in warning.marked)


async def test_the_headline_says_that_there_are_warnings(desk: Desk, author: Browser) -> None:
    """Before, it was "Nothing stands against it" above them. The desk of the alert is not in force."""
    path = await filled(author, do="check")
    page = (await author.get(path)).text
    assert "It can leave. Look at this first: 1" in page
    assert "Nothing stands against it" not in page
    assert "Look at this first: 1" in (await author.get(f"{path}/review")).text


async def test_the_second_person_sees_the_warnings_beside_the_reasons_why_it_waits(desk: Desk, author: Browser) -> None:
    await handed_in(author, severity="extreme")
    async with browser(desk) as approver:
        await approver.sign_in("santos")
        page = (await approver.get("/console/approve/TH-ALERT-2027-000001")).text
    reasons, _, warnings = page.partition("Why it waits")[2].partition("Look at this first: 1")
    assert "Severity extreme needs a second person" in reasons
    assert "is in force here" in warnings.partition("</div>")[0]


async def test_what_was_not_sent_has_no_time_of_sending(desk: Desk, author: Browser) -> None:
    """Before, the page before publishing said `Sent` with the time of the check."""
    path = await filled(author)
    assert "<dt>Sent</dt>" not in (await author.get(f"{path}/review")).text


async def test_a_second_update_opens_the_one_that_waits(desk: Desk, author: Browser) -> None:
    waiting = await with_waiting_update(author)
    await author.get(f"/console/m/{ID}")
    assert (await author.post("/console/write", {"change": ID})).headers["location"] == waiting
    page = (await author.get(waiting)).text
    assert "Waits for a second person" in page
    assert "Take it back and change it" in page


async def test_an_update_says_that_a_colleague_s_stands_against_it_and_who_can_end_it(
    desk: Desk, author: Browser
) -> None:
    await handed_in(author)
    assert (await updated(desk.kit, title="A worse route", severity="extreme")).verdict == "held"
    await author.get(f"/console/m/{ID}")
    path = (await author.post("/console/write", {"change": ID})).headers["location"]
    page = (await author.get(path)).text
    assert "Still to fill in" not in page
    assert "To correct" not in page
    blocked = page.partition("Stands against it: 1")[2].partition("</div>")[0]
    assert "A revision of this message waits for a second person" in blocked
    assert "take it back" in blocked


def test_each_figure_of_a_long_table_is_named() -> None:
    """A table of many figures has one element for all; eleven lines said only that a count had changed."""
    location = {"role": "detection", "country": "TH"}
    obs = [{"period": "2026", "place": location, "dims": {"sex": sex}, "value": 4} for sex in ("female", "male")]
    shown = [{"code": "E-PRIVACY-REVISION", "path": f"$.obs[{at}].value", "message": "m", "hint": ""} for at in (0, 1)]
    checked = {"verdict": "refuse", "reasons": shown, "readers": None}
    parts = form("trend", {"obs": obs}, Setting(names=names("en"), zone=ZoneInfo("UTC")))
    view = drafting.verdict(checked, None, "trend", drafting.Content({"obs": obs}), parts, {"obs"}, names("en"))
    assert [each.target for each in view.mend] == ["obs", "obs"]
    assert [each.label.rpartition(" ")[2] for each in view.mend] == ["Female", "Male"], view.mend


def test_two_fields_of_one_label_are_told_apart_by_what_they_are_inside() -> None:
    """Beside a contact stood twice "Sector" and twice "Body"."""
    paths = ("$.sector", "$.body", "$.issuer.sector", "$.issuer.body")
    shown = [{"code": "E-MESSAGE-FIELD", "path": path, "message": "m", "hint": ""} for path in paths]
    parts = form("contact", {}, Setting(names=names("en"), zone=ZoneInfo("UTC")))
    checked = {"verdict": "refuse", "reasons": shown, "readers": None}
    view = drafting.verdict(checked, None, "trend", drafting.Content({}), parts, ids_of(parts), names("en"))
    assert [each.label for each in view.todo] == ["Sector", "Body", "From, Sector", "From, Body"]


async def test_a_missing_choice_is_named_in_words(desk: Desk, author: Browser) -> None:
    page = (await author.get(await begun(author))).text
    event = page.partition('<a href="#event">')[2].partition("</li>")[0]
    assert "New route" in event
    assert "new-route" not in event
    todo = page.partition("Still to fill in")[2].partition("</div>")[0]
    for code in ("new-route", "law-enforcement", "administrative-record", "AMBER+STRICT,"):
        assert code not in todo
