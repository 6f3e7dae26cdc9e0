"""What a check lists under a heading is what the heading says: to fill in, to correct, against it, or a warning."""

from typing import Any
from zoneinfo import ZoneInfo

from console.test_messages import begun, desk
from console.test_waiting_updates import ID, with_waiting_update
from suar.console.forms.plan import Setting, form
from suar.console.views import drafting
from suar.languages.names import names
from support.console import Browser, Desk

__all__ = ["desk"]
WARNED = ("E-PRIVACY-DOMINANT", "E-PRIVACY-SUM", "E-PRIVACY-MOVED", "E-MESSAGE-PERIOD")


def found(verdict: str, *reasons: tuple[str, str]) -> drafting.Verdict:
    """The verdict of a page on a trend of which a check had these codes at these paths."""
    shown: list[dict[str, Any]] = [{"code": code, "path": path, "message": "m", "hint": ""} for code, path in reasons]
    checked = {"verdict": verdict, "reasons": shown, "readers": None}
    return drafting.verdict(checked, None, {"obs": [1], "text": [1]}, [], {"obs", "text"}, names("en"))


def codes(*lists: Any) -> list[list[str]]:
    return [[each.code for each in some] for some in lists]


def test_a_warning_is_never_among_what_is_to_be_corrected_or_waits() -> None:
    every = [(code, "$.obs") for code in WARNED]
    for result in ("refuse", "hold", "pass"):
        view = found(result, *every, ("E-PRIVACY-TABLE", "$.obs"))
        assert codes(view.warnings)[0][:4] == list(WARNED)
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


async def test_a_second_update_says_what_stands_against_it_and_who_can_end_it(desk: Desk, author: Browser) -> None:
    await with_waiting_update(author)
    await author.get(f"/console/m/{ID}")
    path = (await author.post("/console/write", {"change": ID})).headers["location"]
    page = (await author.get(path)).text
    assert "Still to fill in" not in page
    assert "To correct" not in page
    blocked = page.partition("Stands against it: 1")[2].partition("</div>")[0]
    assert "a revision of this message waits for a second person" in blocked
    assert "take it back" in blocked


def test_each_figure_of_a_long_table_is_named() -> None:
    """A table of many figures has one element for all; eleven lines said only that a count had changed."""
    location = {"role": "detection", "country": "TH"}
    obs = [{"period": "2026", "place": location, "dims": {"sex": sex}, "value": 4} for sex in ("female", "male")]
    shown = [{"code": "E-PRIVACY-REVISION", "path": f"$.obs[{at}].value", "message": "m", "hint": ""} for at in (0, 1)]
    checked = {"verdict": "refuse", "reasons": shown, "readers": None}
    parts = form("trend", {"obs": obs}, Setting(names=names("en"), zone=ZoneInfo("UTC")))
    view = drafting.verdict(checked, None, {"obs": obs}, parts, {"obs"}, names("en"))
    assert [each.target for each in view.mend] == ["obs", "obs"]
    assert [each.label.rpartition(" ")[2] for each in view.mend] == ["Female", "Male"], view.mend


async def test_a_missing_choice_is_named_in_words(desk: Desk, author: Browser) -> None:
    page = (await author.get(await begun(author))).text
    event = page.partition('<a href="#event">')[2].partition("</li>")[0]
    assert "New route" in event
    assert "new-route" not in event
    todo = page.partition("Still to fill in")[2].partition("</div>")[0]
    for code in ("new-route", "law-enforcement", "administrative-record", "AMBER+STRICT,"):
        assert code not in todo
