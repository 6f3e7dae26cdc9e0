"""Telephones that begin with a plus or a zero, whatever is between their groups; long lists; letters beside them."""

import time

import pytest

from protocol.privacy.test_own_words import marked
from protocol.privacy.test_texts import opinion
from suar.protocol.privacy.identifiers.number_runs import lists, pieces, runs
from support.processor_time import is_linear


@pytest.mark.parametrize(
    "number",
    [
        "+66 81,234,5678",
        "+66 81:234:5678",
        "+66 81→234→5678",
        "+66 81 234→5678",
        "+855 12,345,678",
        "081 2345→678",
        "0 81 234→5678",
        "081 234|5678",
        "081.234→5678",
        "081.234_5678",
        "081.234~5678",
        "+66.81→234→5678",
        "012.345#678",
        "081,234 5678",
        "081 234,5678",
        "081-234,5678",
        "+66 81 234,5678",
        "+66-81-234,5678",
        "081. 234. 5678",
        "+62/21/8348620",
        "02→8123 4567",
        "09#250,123 456",
    ],
)
def test_what_begins_clearly_is_joined_across_any_mixture(number: str) -> None:
    for text in (f"It has {number} on it.", f"call {number}", f"tel. {number}", f"7→{number}", number):
        assert opinion(text) != "pass", text
    if not number.startswith(("02", "09")):
        assert marked(f"It has {number} on it.") == [number]
        assert opinion(number) == "refuse"


def test_a_bracket_before_it_changes_nothing() -> None:
    assert opinion("(081) 234,5678") == "refuse"
    assert opinion("+66 (81) 234,5678") == "refuse"
    assert opinion("It has + 66 81 234→5678 on it.") == "refuse"


@pytest.mark.parametrize(
    "text",
    [
        "138.0013#8000", "02'126>0913", "081/2019→5678", "+66 81, 234, 5678", "call 081, 234, 5678",
        "081, 234, 5678",
    ],
)  # fmt: skip
def test_what_may_be_a_list_or_an_amount_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "From 1,050→1,100 to 1,250 persons, 20,000 in all.",
        "1 050 000→1 250 000",
        "Between 0.25 | 0.30 and 1,200,345 persons",
        "Codes 011, 012, 0121 and 0122",
        "Orders 012, 2019 and 014, 2020",
        "67.02 | 67 | 238,800",
        "08 | 1,204 | 1,310 cases",
        "Grew by +12, +15 and +20 per cent; then +12,345.",
        "Grew +57.37%→+49.95%→+6.2%→+83.06%",
        "2,338,194 + 2,779,110 + 8,367,184",
        "From 2011-06 – 2018-02 – 2009-09",
        "08/2006→05/2020→06/2023",
        "04 – 967,910 persons",
        "Case 1204/2026 & 1205/2026",
        "12 050 000 baht & 3,000,000",
        "550e8400-e29b-41d4-a716-446655440000",
        "Form AA0812-345-678",
    ],
)
def test_amounts_and_lists_do_not_begin_so(text: str) -> None:
    assert opinion(text) == "pass"


def test_a_long_list_is_read_to_its_end() -> None:
    parts = ["081:234:5678", "082:345:6789", "083:456:7890", "084:567:8901", "085:678:9012", "086:789:0123"]
    assert marked(" | ".join(parts)) == parts
    counts = "→".join(["1204"] * 20)
    assert opinion(counts) == "pass"
    assert marked(f"{counts}→081→234→5678") == ["081→234→5678"]


@pytest.mark.parametrize("sign", ["/", ",", "|", "→"])
def test_a_list_of_whole_numbers_is_refused(sign: str) -> None:
    numbers = [f"08123456{at}" for at in range(78, 85)]
    assert opinion(sign.join(numbers)) == "refuse"
    assert marked(sign.join(numbers[:4])) == numbers[:4]
    assert opinion(sign.join(["13812345678"] * 7)) == "refuse"


def test_a_list_of_documents_is_read_to_its_end() -> None:
    assert opinion("→".join(["1204"] * 14) + "→ID card 1→1017→00203→45→0") == "refuse"


@pytest.mark.parametrize("text", ["0#8#1#2#3#4#5#6#7#8#9#9#9#9#9", "081#234#5678#1#2#3#4#5"])
def test_more_single_digits_than_a_number_has_are_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    ["Tel081→234→5678", "081→234→5678ext2", "HP081→234→5678", "x081.234→5678", "081 234→5678a", "A+66 81→234→5678"],
)
def test_a_letter_beside_a_joined_number_does_not_end_the_search(text: str) -> None:
    assert opinion(text) == "refuse"


def test_runs_end_at_signs_of_a_list_and_have_their_places() -> None:
    text = "At +66 81→2 345, 12 of 7; 081 | 234 (5678)"
    assert [run.groups for run in lists(text)] == [["66", "81", "2", "345", "12"], ["7", "081", "234", "5678"]]
    assert [run.groups for run in runs(text)] == [["66", "81", "2", "345"], ["12"], ["7"], ["081", "234", "5678"]]
    assert [piece.groups for piece in pieces(runs(text)[0])] == [["66"], ["81", "2"], ["345"]]
    assert runs(text)[0].signs[0] == "+"
    for run in runs(text):
        assert [text[start:end] for start, end in run.spans] == run.groups


@pytest.mark.parametrize(
    "part",
    [
        "081→", "0 81 ", "081 234→", "+66 ", "+", "0812345678/", "081 234 5678, ", "08:30-", "0.12/", "0815/",
        "01/120 ", "born 1→", "born 20090403 ", "3 / 4 / ", "3 / 4 / 2009 ", "0-8/9-17/",
        "1 050 000 ", "Q1/Q2/", "UNTS 2225-",
        "081.234→5678 x ", "call 081, 234, ", "13812345678/", " 0",
    ],
)  # fmt: skip
def test_hostile_numbers_take_a_time_that_grows_with_them(part: str) -> None:
    def taken(length: int) -> float:
        start = time.process_time()
        opinion((part * length)[:length])
        return time.process_time() - start

    taken(1_000)
    assert is_linear(taken, 12_000)
