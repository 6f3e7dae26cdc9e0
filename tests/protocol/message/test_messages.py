"""Reading: any bytes end as a message or Invalid; our minor strictly, a higher one leniently, another major never."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from suar.protocol.message import messages, rules
from suar.protocol.message.messages import Alert, Invalid, Receipt, Trend
from suar.published import schemas_dir

VALID = sorted((schemas_dir() / "examples" / "valid").glob("*.json"))
examples = pytest.mark.parametrize("path", VALID, ids=[path.stem for path in VALID])


def example(name: str) -> Any:
    return json.loads((schemas_dir() / "examples" / "valid" / f"{name}.json").read_bytes())


def reasons(tree: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        messages.decode(tree)
    return [(reason.code, reason.path) for reason in caught.value.reasons]


def ends_well(data: bytes) -> bool:
    """Whether bytes end as a message or as a well-formed Invalid; any other exception fails the test."""
    try:
        rules.compare_fields(messages.read(data))
    except Invalid as invalid:
        has_paths = all(reason.code in messages.CODES and reason.path.startswith("$") for reason in invalid.reasons)
        return has_paths and invalid.rule in ("F8", "F9")
    return True


@examples
def test_a_message_is_the_same_however_its_json_is_written(path: Any) -> None:
    tree = json.loads(path.read_bytes())
    ways = [json.dumps(tree), json.dumps(tree, indent=2, ensure_ascii=False), json.dumps(dict(reversed(tree.items())))]
    read = [messages.read(way.encode()) for way in ways]
    assert read == [messages.read(path.read_bytes())] * len(ways)
    assert messages.read(messages.encode(read[0])) == read[0]


@given(st.binary(max_size=120))
def test_any_bytes_end_as_a_message_or_invalid(data: bytes) -> None:
    assert ends_well(data)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["all", "TH", "total", "2027-01"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["country", "role", "code", "frame", "sex", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(st.sampled_from(VALID), st.data())
def test_any_message_with_any_fields_changed_ends_as_a_message_or_invalid(path: Any, data: st.DataObject) -> None:
    tree = json.loads(path.read_bytes())
    for key in data.draw(st.lists(st.sampled_from([*tree, "extra"]), max_size=3)):
        tree[key] = data.draw(values)
    tree["schema"] = data.draw(st.sampled_from([tree["schema"], f"{path.stem.partition('-')[0]}/1.3"]))
    assert ends_well(json.dumps(tree).encode())


@given(
    st.dictionaries(st.sampled_from(["kind", "schema", "tlp", "of"]), values | st.sampled_from(["alert", "receipt"]))
)
def test_any_tree_ends_as_a_message_or_invalid(tree: Any) -> None:
    assert ends_well(json.dumps(tree).encode())


def test_the_hot_path_names_one_fault_and_the_publishers_side_all() -> None:
    tree = example("alert-new-route") | {"urgency": "now", "rev": 0, "colour": "red"}
    del tree["source"]["type"]
    assert len(reasons(tree)) == 1
    found = {(reason.code, reason.path) for reason in messages.all_reasons(tree)}
    assert found == {
        ("E-MESSAGE-CODE", "$.urgency"),
        ("E-MESSAGE-FIELD", "$.rev"),
        ("E-MESSAGE-UNKNOWN-FIELD", "$.colour"),
        ("E-MESSAGE-MISSING-FIELD", "$.source.type"),
    }


def test_the_hint_for_a_misspelt_field_is_the_nearest_one() -> None:
    tree = example("alert-new-route")
    tree["severty"] = tree.pop("severity")
    hints = {reason.path: reason.hint for reason in messages.all_reasons(tree)}
    assert hints["$.severty"] == "is severity meant?"


def test_faults_are_named_up_to_a_bound() -> None:
    tree = example("trend-detected-by-sex")
    tree["obs"] = [{} for _ in range(2000)]
    assert len(messages.all_reasons(tree, limit=50)) == 50


@pytest.mark.parametrize(
    "schema", ["alert/2.0", "alert/1", "alert/1.01", "alert/1.-1", "alert/1.1 ", "alert/1.²", "trend/1.1", 1, None]
)
def test_another_schema_is_refused(schema: Any) -> None:
    assert reasons(example("alert-new-route") | {"schema": schema}) == [("E-MESSAGE-SCHEMA", "$.schema")]


def test_white_is_read_as_clear() -> None:
    message = messages.decode(example("alert-new-route") | {"tlp": "WHITE"})
    assert isinstance(message, Alert)
    assert message.tlp == "CLEAR"


class TestHigherMinor:
    """A message of a minor above ours, section 5 of messages.md."""

    def test_unknown_fields_are_ignored_at_every_depth(self) -> None:
        tree = example("alert-new-route")
        expected = messages.decode(tree)
        tree |= {"schema": "alert/1.7", "weather": {"rain": [None]}}
        tree["places"][0]["district"] = "any"
        message = messages.decode(tree)
        assert isinstance(message, Alert)
        assert (message.places, message.event) == (getattr(expected, "places", None), getattr(expected, "event", None))

    def test_the_same_fields_in_our_minor_are_refused(self) -> None:
        assert reasons(example("alert-new-route") | {"weather": 1}) == [("E-MESSAGE-UNKNOWN-FIELD", "$.weather")]

    def test_disclosure_fails_closed(self) -> None:
        tree = example("alert-new-route") | {"schema": "alert/1.1", "tlp": "PINK", "handling": ["no-media", "x", "y"]}
        message = messages.decode(tree)
        assert isinstance(message, Alert)
        assert message.tlp == "RED"
        assert message.handling == ("no-media", "originator-consent")

    def test_an_unknown_code_counts_as_other_where_the_list_has_it_and_stays_raw_where_not(self) -> None:
        tree = example("pattern-seafood-debt") | {
            "schema": "pattern/1.1",
            "means": ["debt-bondage", "new-means"],
            "state": "paused",
        }
        message = messages.decode(tree)
        assert isinstance(message, messages.Pattern)
        assert (message.means, message.state) == (("debt-bondage", "other"), "paused")

    def test_two_cells_with_new_codes_stay_two(self) -> None:
        tree = example("trend-detected-by-sex") | {"schema": "trend/1.1"}
        tree["obs"][0]["dims"]["sex"], tree["obs"][1]["dims"]["sex"] = "new-a", "new-b"
        message = messages.decode(tree)
        rules.compare_fields(message)
        assert isinstance(message, Trend)
        assert [cell.dims.sex for cell in message.obs] == ["new-a", "new-b", "total"]

    def test_a_new_dimension_does_not_make_the_table_wrong(self) -> None:
        tree = example("trend-detected-by-sex") | {"schema": "trend/1.1", "dims": ["sex", "season"]}
        for cell, season in zip(tree["obs"], ("dry", "dry", "wet"), strict=True):
            cell["dims"] = {"sex": "female", "season": season}
        rules.compare_fields(messages.decode(tree))

    def test_what_our_minor_requires_is_still_required(self) -> None:
        tree = example("alert-new-route") | {"schema": "alert/1.1"}
        del tree["desk"]
        assert reasons(tree) == [("E-MESSAGE-MISSING-FIELD", "$.desk")]

    def test_text_is_no_new_code_and_a_word_is_no_new_audience(self) -> None:
        tree = example("alert-new-route") | {"schema": "alert/1.1", "event": "x" * 65}
        assert reasons(tree) == [("E-MESSAGE-CODE", "$.event")]
        tree |= {"event": "new-route", "audience": {"members": "nearly-all"}}
        assert reasons(tree) == [("E-MESSAGE-CODE", "$.audience.members")]

    def test_fields_keep_their_own_rules(self) -> None:
        tree = example("alert-new-route") | {"schema": "alert/1.1", "rev": 0}
        assert reasons(tree) == [("E-MESSAGE-FIELD", "$.rev")]


def test_a_receipt_can_be_built_and_read_back() -> None:
    message = messages.decode(example("receipt-missing"))
    assert isinstance(message, Receipt)
    assert messages.read(messages.encode(message)) == message
    assert messages.kind_of(message) == "receipt"


def test_messages_are_immutable_and_hashable() -> None:
    message = messages.decode(example("trend-detected-by-sex"))
    assert len({message, messages.decode(example("trend-detected-by-sex"))}) == 1
    with pytest.raises(AttributeError):
        message.status = "exercise"  # type: ignore[misc]  # that it cannot be assigned is what is tested
