"""Forms: every shipped example goes through plan, the values that a browser sends, and decode, and comes back equal."""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suar.console.forms import hints, names
from suar.console.forms.decode import PAIRS_MAX, decode, is_blank
from suar.console.forms.plan import ROWS_MAX, Part, Setting, form, ids_of
from suar.console.forms.widgets import Field, from_zone, in_zone
from suar.console.views import drafting
from suar.languages.names import names as names_of
from suar.languages.order import in_order
from suar.languages.tags import LANGUAGES
from suar.protocol.base.errors import Fault
from suar.protocol.message.kinds import PUBLISHED
from suar.published import schemas_dir
from support.form_pairs import pairs_of

MANILA = ZoneInfo("Asia/Manila")
MEMBERS = ("BN", "ID", "KH", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN")
EXAMPLES = sorted(
    path for path in (schemas_dir() / "examples/valid").glob("*.json") if not path.name.startswith("receipt")
)


def setting(tag: str = "en", **options: Any) -> Setting:
    return Setting(names=names_of(tag), zone=MANILA, members=MEMBERS, **options)


def written(tree: dict[str, Any]) -> dict[str, Any]:
    """What a person writes of a message: what the gateway writes is left out; null and absent are alike where both are
    allowed."""
    kept = {key: value for key, value in tree.items() if key not in hints.BY_GATEWAY}
    kept["issuer"] = {key: value for key, value in kept["issuer"].items() if key != "member"}
    kept["text"] = [{key: value for key, value in text.items() if key != "generated"} for text in kept["text"]]
    for name in ("coverage", "source"):
        if isinstance(kept.get(name), dict):
            kept[name] = {key: value for key, value in kept[name].items() if value is not None}
    return kept


def through(tree: dict[str, Any], **options: Any) -> dict[str, Any]:
    action = tree["action"]
    parts = form(tree["kind"], tree, setting(action=action, **options))
    return decode(tree["kind"], pairs_of(parts), MANILA, before=tree, action=action)


def widgets(parts: list[Part]) -> dict[str, Field]:
    found: dict[str, Field] = {}

    def walk(field: Field) -> None:
        found[field.id] = field
        for part in field.parts:
            walk(part)

    for part in parts:
        for field in part.fields:
            walk(field)
    return found


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_comes_back_equal(path: Path) -> None:
    tree = json.loads(path.read_text("utf-8"))
    assert through(tree) == written(tree)


@pytest.mark.parametrize("tag", list(LANGUAGES))
@pytest.mark.parametrize("kind", PUBLISHED)
def test_an_empty_form_of_every_kind_has_labels_and_gives_nothing(kind: str, tag: str) -> None:
    parts = form(kind, {}, setting(tag))
    assert all(field.label for field in widgets(parts).values())
    assert is_blank(decode(kind, pairs_of(parts), MANILA))


def test_every_field_of_an_example_has_an_element_that_its_path_leads_to() -> None:
    tree = json.loads((schemas_dir() / "examples/valid/alert-new-route.json").read_text("utf-8"))
    ids = ids_of(form("alert", tree, setting()))
    assert names.nearest("$.text[0].summary", ids) == "text-0-summary"
    assert names.nearest("$.audience.members[3]", ids) == "audience-members"
    assert names.nearest("$.request[0].of_sectors[1]", ids) == "request-0-of-sectors"
    assert names.nearest("$.text[7].summary", ids) == "text"
    for strange in ("$", "$.nothing", "", "$['<b>']", "]["):
        assert names.nearest(strange, ids) is None


def test_up_to_eight_codes_are_radios_and_more_a_select() -> None:
    found = widgets(form("alert", {}, setting()))
    assert (found["urgency"].widget, found["event"].widget) == ("radios", "select")
    assert "WHITE" not in [option.value for option in found["tlp"].options]
    assert [option.value for option in found["audience-members-list"].options] == in_order(
        MEMBERS, "en", names_of("en").country
    )
    assert [part.key for part in form("alert", {}, setting())] == list(hints.PARTS)


def test_old_and_unknown_codes_of_a_copied_message_are_kept() -> None:
    for value in ("WHITE", "PURPLE"):
        tree = {"tlp": value}
        parts = form("alert", tree, setting())
        assert decode("alert", pairs_of(parts), MANILA)["tlp"] == value


def test_rows_are_added_and_removed_without_a_script() -> None:
    tree = {"places": [{"role": "origin", "country": "TH"}, {"role": "transit", "country": "LA"}]}
    parts = form("alert", tree, setting(added={"places": 1}))
    assert len(widgets(parts)["places"].parts) == 3
    sent = list(pairs_of(parts))
    assert decode("alert", sent, MANILA)["places"] == tree["places"]  # the empty one is left out
    assert decode("alert", sent, MANILA, without="places[0]")["places"] == tree["places"][1:]


def figures(count: int) -> list[dict[str, Any]]:
    known = {"period": "2026", "place": {"role": "detection", "country": "TH"}, "dims": {}, "status": "A"}
    return [known | {"value": value} for value in range(count)]


@pytest.mark.parametrize("count", [ROWS_MAX, ROWS_MAX + 1, 61, 2_000])
def test_rows_that_a_form_does_not_show_are_kept_when_it_is_saved(count: int) -> None:
    tree = {"obs": figures(count), "unit": "persons"}
    parts = form("trend", tree, setting())
    field = widgets(parts)["obs"]
    assert (len(field.parts), field.kept) == ((count, 0) if count == ROWS_MAX else (0, count))
    sent = list(pairs_of(parts))
    again = decode("trend", sent, MANILA, before=tree)
    assert again["obs"] == tree["obs"]
    assert again["unit"] == "persons"


def test_a_list_is_kept_of_the_draft_as_it_is_and_only_where_the_form_says_so() -> None:
    sent = list(pairs_of(form("trend", {"obs": figures(61)}, setting())))
    assert decode("trend", sent, MANILA, before={"obs": figures(200)})["obs"] == figures(200)  # pasted meanwhile
    assert "obs" not in decode("trend", sent, MANILA)
    shown = list(pairs_of(form("trend", {"obs": figures(3)}, setting())))
    assert decode("trend", shown, MANILA, before={"obs": figures(200)})["obs"] == figures(3)


def test_what_is_no_value_stays_as_it_was_typed_and_other_digits_are_digits() -> None:
    sent = [("ack_within", "four"), ("expires", "next week"), ("text[0].title", " A\r\nB "), ("text[0].lang", "en")]
    assert decode("alert", sent, MANILA) | {"audience": 0, "issuer": 0, "source": 0} == {
        "ack_within": "four", "expires": "next week", "text": [{"lang": "en", "title": "A\nB"}],
        "audience": 0, "issuer": 0, "source": 0,
    }  # fmt: skip
    assert decode("alert", [("ack_within", "១២")], MANILA)["ack_within"] == 12
    assert decode("alert", [("ack_within", "9" * 40)], MANILA)["ack_within"] == "9" * 40


def test_names_that_no_form_has_are_passed_over_and_too_many_refused() -> None:
    strange = [("id", "TH-ALERT-2027-000001"), ("privacy.released_by", "approver"), ("issuer.member", "SG")]
    strange += [("text[0].generated", "1"), ("__class__", "x"), ("places[9999].country", "TH"), ("status", "actual")]
    assert decode("alert", strange, MANILA).get("places") == [{"country": "TH"}]
    assert not {"id", "privacy", "status"} & set(decode("alert", strange, MANILA))
    assert "member" not in decode("alert", strange, MANILA)["issuer"]
    with pytest.raises(Fault):
        decode("alert", [("x", "y")] * (PAIRS_MAX + 1), MANILA)
    rows = [(f"places[{number}].country", "TH") for number in range(3_000)]
    assert len(decode("alert", rows, MANILA)["places"]) == 20  # as many as the type allows


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=30)), max_size=20), st.sampled_from(PUBLISHED))
def test_whatever_is_sent_gives_a_draft_and_a_form_again(sent: list[tuple[str, str]], kind: str) -> None:
    tree = decode(kind, sent, MANILA)
    form(kind, tree, setting())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.data(), st.sampled_from(PUBLISHED))
def test_a_draft_that_holds_anything_has_a_form(data: st.DataObject, kind: str) -> None:
    keys = st.sampled_from([*widgets(form(kind, {}, setting()))])
    tree = data.draw(st.dictionaries(keys, json_values, max_size=5))
    list(pairs_of(form(kind, tree, setting())))


@pytest.mark.parametrize("text", ["2027-01-15T08:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "x", ""])
def test_times_are_local_and_come_back(text: str) -> None:
    assert from_zone(in_zone(text, MANILA), MANILA) == text
    assert in_zone("2027-01-15T08:00:00Z", MANILA) == "2027-01-15T16:00:00"


def test_a_text_without_words_is_none_and_keeps_its_language_only_alone() -> None:
    empty, words = [("text[0].lang", "th"), ("text[0].title", " ")], [("text[1].lang", "en"), ("text[1].title", "A")]
    assert decode("alert", empty, MANILA)["text"] == [{"lang": "th"}]
    assert decode("alert", [*empty, *words], MANILA)["text"] == [{"lang": "en", "title": "A"}]
    content = drafting.Content({"text": [{"lang": "th"}], "tlp": "GREEN"})
    assert "text" not in json.loads(drafting.message("alert", content))
    content = drafting.Content({"text": [{"lang": "th", "title": "A"}]})
    assert json.loads(drafting.message("alert", content))["text"] == [{"lang": "th", "title": "A"}]


@pytest.mark.parametrize(
    ("status", "value", "then", "expected"),
    [("S", None, "29", "A"), ("M", None, "29", "A"), ("S", 4, "29", "S"), ("S", None, "", "S"), ("E", 4, "29", "E")],
)
def test_a_count_that_is_typed_where_there_was_none_is_not_hidden_any_more(
    status: str, value: int | None, then: str, expected: str
) -> None:
    """Before, the figure and its status S were said to contradict each other. Who chooses S beside a count is asked."""
    tree = {"obs": [{**figures(1)[0], "value": value, "status": status}]}
    sent = dict(pairs_of(form("trend", tree, setting()))) | {"obs[0].value": then}
    (made,) = decode("trend", list(sent.items()), MANILA, before=tree)["obs"]
    assert (made.get("value"), made["status"]) == (int(then) if then else None, expected)


def test_a_telephone_number_may_be_written_as_people_write_it() -> None:
    written = ["+66 2 123 4567", "+66 (0)2-123.4568", "+66\u00a021234569", "call us", "02 123 4567"]
    made = decode("contact", [("phone[]", each) for each in written], MANILA)
    assert made["phone"] == ["+6621234567", "+6621234568", "+6621234569", "call us", "021234567"]


def test_a_grade_and_a_percentage_have_their_scale_at_the_field() -> None:
    """Before, the range of a grade stood in the page only after a mistake, and the meaning nowhere."""
    found = widgets(form("alert", {}, setting()))
    assert found["source-credibility"].hint.startswith("1 - Confirmed by other sources; 2 - Probably true; 3 - ")
    assert found["source-confidence"].hint == "0\u2013100\u00a0%"
    assert found["ack-within"].hint == "1\u2013168 hours"
    assert widgets(form("trend", {"obs": figures(2)}, setting()))["obs-1"].label == "Figure 2"


@pytest.mark.parametrize(("kind", "jargon"), [("contact", "E.164"), ("alert", "base32"), ("alert", "YYYY")])
def test_a_hint_names_no_standard_that_only_programmers_know(kind: str, jargon: str) -> None:
    hints_of = [each.hint for each in widgets(form(kind, {}, setting())).values()]
    assert not [hint for hint in hints_of if jargon in hint]
