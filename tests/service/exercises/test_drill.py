"""Drills: started whole or not at all, measured by the members' receipts, shown as text, CSV and a picture."""

import csv
import io
import json
import re
from typing import Any, get_args
from xml.etree import ElementTree

import pytest

from suar.languages.tags import LANGUAGES
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import BANNER, PREFIX
from suar.protocol.base.stages import ARRIVED
from suar.protocol.message.fields import Texts
from suar.service.exercises import drill
from suar.service.exercises.drill import Plan
from suar.service.exercises.drill_render import as_csv, cells, duration, summary
from suar.service.exercises.drill_svg import COLOURS, as_svg, escape
from suar.service.exercises.drill_templates import TEMPLATES, template
from suar.service.publish import held
from suar.service.reading import views
from support.pairs import EXPIRES, Two, new, record_statement

SVG = "{http://www.w3.org/2000/svg}"


def begin(two: Two, **plan: Any) -> dict[str, Any]:
    return drill.start(two.th.core, Plan(**plan), "exercise desk").shape()


def report_of(two: Two, which: str) -> dict[str, Any]:
    found = drill.report(two.th.core, which)
    assert found is not None
    return found


def pass_on(two: Two, seconds: int) -> None:
    """SG's receipts come to TH that much later."""
    two.th.now, two.sg.now = two.th.now + seconds * 1_000, two.sg.now + seconds * 1_000
    two.to_th()


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_leaves_as_an_exercise(two: Two, name: str) -> None:
    started = begin(two, template=name, to=["SG"])
    [verdict] = started["messages"]
    assert (verdict["verdict"], started["status"], started["banner"]) == ("published", "exercise", BANNER)
    two.to_sg()
    shown = two.open(verdict["id"])
    assert (shown["status"], shown["message"]["status"]) == ("exercise", "exercise")
    assert shown["message"]["audience"] == {"members": ["SG"]}
    assert shown["message"]["desk"].startswith("TH-CONTACT-")


def test_who_answered_when(two: Two) -> None:
    started = begin(two, template="call-out", to=["SG", "VN"], name="night")
    [id_] = [each["id"] for each in started["messages"]]
    two.to_sg()
    pass_on(two, 2)
    two.open(id_)
    record_statement(two, id_, "acknowledged")
    pass_on(two, 58)
    record_statement(two, id_, "acting")
    pass_on(two, 540)
    report = report_of(two, "night")
    [message] = report["messages"]
    sg = message["members"]["SG"]
    assert {stage: sg[stage]["seconds"] for stage in ARRIVED} == {
        "stored": 2, "opened": 60, "acknowledged": 60, "acting": 600,
    }  # fmt: skip
    assert message["members"]["VN"]["stored"] is None
    assert message["stages"]["acting"] == {"of": 2, "reached": 1, "median_seconds": 600, "slowest_seconds": 600}
    assert report_of(two, id_) == report
    assert cells("SG", sg) == ["SG", "acting", "2 s", "1 min", "1 min", "10 min", "-"]
    assert summary(message)[2] == "acknowledged: 1 of 2, median 1 min, slowest 1 min"
    assert message["title"].startswith(PREFIX)
    two.th.now += 2 * limits.HOUR
    assert report_of(two, "night")["messages"][0]["members"]["VN"]["overdue"] is True


def test_what_was_not_stated_and_is_implied_counts(two: Two) -> None:
    [verdict] = begin(two, template="call-out", to=["SG"])["messages"]
    two.to_sg()
    pass_on(two, 2)
    record_statement(two, verdict["id"], "acting")
    pass_on(two, 58)
    [message] = report_of(two, verdict["id"])["messages"]
    sg = message["members"]["SG"]
    assert sg["implied"] == ["opened", "acknowledged"]
    assert cells("SG", sg) == ["SG", "acting", "2 s", "not stated", "not stated", "1 min", "-"]
    assert message["stages"]["opened"] == {"of": 1, "reached": 1, "median_seconds": None, "slowest_seconds": None}
    assert summary(message)[1] == "opened: 1 of 1"


def test_the_answers_stand_after_it_was_called_off(two: Two) -> None:
    [verdict] = begin(two, template="call-out", to=["SG"])["messages"]
    two.to_sg()
    record_statement(two, verdict["id"], "acknowledged")
    two.to_th()
    two.cancel(verdict["id"], "the exercise is over")
    two.to_sg()
    assert report_of(two, verdict["id"])["messages"][0]["members"]["SG"]["acknowledged"] is not None


def test_a_refusal_is_reported_with_its_code(two: Two) -> None:
    member = {"state": "refused", **dict.fromkeys(("sent", *ARRIVED)), "overdue": False}
    member["refused"] = {"code": "E-MESSAGE-MISSING-FIELD", "at": "2027-01-15T08:00:09Z"}
    timed = drill.with_seconds(member, 1_800_000_000_000)
    assert timed["refused"] == {"code": "E-MESSAGE-MISSING-FIELD", "at": "2027-01-15T08:00:09Z", "seconds": 9}
    assert cells("VN", timed)[-1] == "E-MESSAGE-MISSING-FIELD"


def test_a_drill_of_several_messages_is_started_whole_or_not_at_all(two: Two) -> None:
    good, bad = new("one"), new("two", urgency="tomorrow")
    refused = begin(two, drafts=[good, bad], name="both")
    assert refused["messages"] == []
    assert refused["reasons"]
    assert drill.report(two.th.core, "both") is None
    assert views.inbox(two.th.core, kind=None, origin="TH", status=None, after=None, limit=9) == []
    started = begin(two, drafts=[good, new("three")], name="both")
    assert [each["verdict"] for each in started["messages"]] == ["published"] * 2
    assert len(report_of(two, "both")["messages"]) == 2


def test_the_same_drill_again_is_another_one_and_a_name_takes_more(two: Two) -> None:
    first, second = begin(two, template="call-out", to="all"), begin(two, template="call-out", to="all")
    assert first["drill"] != second["drill"]
    assert first["messages"][0]["id"] != second["messages"][0]["id"]
    two.th.now += 1_000
    begin(two, template="route-shift", to="all", name=first["drill"])
    assert len(report_of(two, first["drill"])["messages"]) == 2
    listed = drill.listed(two.th.core)
    assert {row["drill"]: row["messages"] for row in listed} == {first["drill"]: 2, second["drill"]: 1}


def test_an_actual_draft_is_no_drill(two: Two) -> None:
    refused = begin(two, drafts=[new("for real", status="actual")])
    assert [reason["code"] for reason in refused["reasons"]] == ["E-MESSAGE-REALM"]


def test_an_actual_message_has_no_report(two: Two) -> None:
    [id_] = two.publish(new("for real"))
    with pytest.raises(Fault, match=f"{id_} is no exercise"):
        drill.report(two.th.core, id_)
    assert drill.report(two.th.core, "TH-ALERT-2027-999999") is None


def test_another_members_exercise_is_not_ours_to_report(two: Two) -> None:
    [verdict] = begin(two, template="call-out", to=["SG"])["messages"]
    two.to_sg()
    assert drill.report(two.sg.core, verdict["id"]) is None


def test_the_gravest_wait_for_a_second_person_as_in_reality(two: Two) -> None:
    [verdict] = begin(two, drafts=[new("grave", severity="extreme")], name="grave")["messages"]
    assert verdict["verdict"] == "held"
    assert report_of(two, "grave")["messages"][0]["members"]["SG"]["state"] == "held"
    assert held.release(two.th.core, verdict["id"], "approver").verdict == "published"
    two.to_sg()
    two.to_th()
    assert report_of(two, "grave")["messages"][0]["members"]["SG"]["state"] == "stored"


def test_a_draft_without_an_end_is_over_after_a_day(two: Two) -> None:
    draft = new("short")
    del draft["expires"]
    [verdict] = begin(two, drafts=[draft])["messages"]
    two.to_sg()
    assert two.open(verdict["id"])["message"]["expires"] < EXPIRES


# -- forms


def example(**members: Any) -> dict[str, Any]:
    """A report with a member for each way to answer."""

    def at(seconds: int) -> dict[str, Any]:
        return {"at": "2027-01-15T08:00:00Z", "seconds": seconds}

    nothing = {"state": "sent", **dict.fromkeys(ARRIVED), "refused": None, "overdue": True}
    everything = {stage: at(seconds) for stage, seconds in zip(ARRIVED, (0, 61, 3_600, 90_061), strict=True)}
    found = {
        "KH": nothing | {"state": "refused", "refused": {"code": "E-X", **at(5)}, "overdue": False},
        "SG": nothing | everything | {"state": "acting", "overdue": False},
        "VN": nothing,
    } | members
    message = {
        "id": "TH-ALERT-2027-000001", "rev": 1, "title": f'{PREFIX}<b>"Rescue" & more</b> ]]>\u202e', "members": found,
        "sent": "2027-01-15T08:00:00Z", "acknowledge_by": None, "stages": drill.stage_summary(found),
    }  # fmt: skip
    head = {"drill": "=1+1", "status": "exercise", "banner": BANNER, "at": "2027-01-15T09:00:00Z"}
    return {**head, "messages": [message]}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (725, "12 min 5 s"), (3_600, "1 h"), (3_601, "1 h"), (90_061, "1 d 1 h")],
)
def test_durations_have_two_units_at_most(seconds: int, words: str) -> None:
    assert duration(seconds) == words


def test_a_template_has_its_text_in_as_many_languages_as_a_message_may_have() -> None:
    """Before, a drill was read in English everywhere."""
    for name in TEMPLATES:
        texts = template(name)["text"]
        assert [each["lang"] for each in texts] == [tag for tag in LANGUAGES if tag != "ta"]
        assert len(texts) == next(each.max_length for each in get_args(Texts)[1:]) == 12
        assert len({each["title"] for each in texts}) == len({each["summary"] for each in texts}) == len(texts)


def test_every_row_of_the_csv_says_exercise() -> None:
    table = list(csv.DictReader(io.StringIO(as_csv(example()).decode(), newline=""), strict=True))
    assert [row["member"] for row in table] == ["KH", "SG", "VN"]
    assert {row["status"] for row in table} == {"exercise"}
    assert {row["drill"] for row in table} == {"'=1+1"}  # nothing that a spreadsheet would run
    assert (table[1]["acting_seconds"], table[2]["overdue"], table[0]["refused_code"]) == ("90061", "true", "E-X")


def test_the_picture_is_self_contained_and_says_in_words_what_it_shows() -> None:
    data = as_svg(example())
    root = ElementTree.fromstring(data)
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags == {"svg", "title", "desc", "rect", "text", "path", "circle"}
    names = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in names if name.startswith("on") or "href" in name or name == "style"]
    text = data.decode()
    assert re.findall(r"https?://[^\"' ]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"url\(|@import|<!|<\?", text)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"].split() == ["title", "desc"]
    labels = {element.get("id"): element.text or "" for element in root.iter() if element.get("id")}
    assert labels["title"].startswith(BANNER)
    assert "SG: stored after 0 s, opened after 1 min 1 s" in labels["desc"]
    assert "VN: no answer; sent, overdue." in labels["desc"]
    shown = [element.text for element in root.iter(f"{SVG}text")]
    assert BANNER in shown
    assert "refused after 5 s" in shown


def test_the_picture_is_the_same_each_time_and_stays_inside_its_frame() -> None:
    assert as_svg(example()) == as_svg(json.loads(json.dumps(example())))
    for code in ("AA", "BB"):
        slow = {stage: {"at": "2027-01-15T08:00:00Z", "seconds": 40 * 86_400} for stage in ARRIVED}
        root = ElementTree.fromstring(as_svg(example(**{code: example()["messages"][0]["members"]["VN"] | slow})))
        assert all(0 <= int(each.attrib["cx"]) <= int(root.attrib["width"]) for each in root.iter(f"{SVG}circle"))


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", COLOURS.values())
def test_the_marks_stand_out_on_white(colour: str) -> None:
    assert 1.05 / (_luminance(colour) + 0.05) >= 4.5  # WCAG 2.2


def test_what_xml_cannot_hold_is_taken_out() -> None:
    assert escape("a\x00b\x1b<&'\"") == "a b &lt;&amp;&#39;&quot;"
