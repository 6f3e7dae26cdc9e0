"""What is searched for traces of a person costs no more than its length, whatever stands in it."""

import time

import pytest

from suar.exchange.files.traces import LENGTH_MAX, prose_traces, traces

BEGINNINGS = (
    "", "1.123", "1.123°", "1.123°N", "name:", "victim: A", "Mr. A", "DOB", "aged", "1 A B", "Jalan A", "vehicle: ab",
    "5'", "12 ", "wearing ",
    "scar on", "house", "lives at", "xe", "tato", "เสื้อ", "住在",
    "passport", "line id", "+1", "(123)", "1/1", "a@a", "www.", "ถนน",
)  # fmt: skip
FILLINGS = (
    " ", "\t", "\n", " a", "A ", "a.", "1 ", "- ", "1-", "A.", "A' ", "a", "1", "a@", "name: ", "line id ", "aged ",

    "1.123 ", "scar on ", "red ", "long ", "house 1 ", "lives at ", "xe a ", "tato ", "เสื้อ", "รถ", "一", "girl, 1 ",
    "Mr. A ", "Jalan A ", "vehicle: ", "+1 ", "(1", " st",
)  # fmt: skip
SECONDS = 2.0  # all of them together take a fifth of one; a square of the length would take minutes


@pytest.mark.parametrize("filling", FILLINGS)
def test_no_text_takes_longer_than_its_length(filling: str) -> None:
    texts = [(beginning + filling * LENGTH_MAX)[:LENGTH_MAX] for beginning in BEGINNINGS]
    began = time.process_time()
    for text in texts:
        traces(text)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "words",
    [
        "1.352, 103.819", "1.35214 103.81945", "1.352°N 103.819°E", "1.352 ° N ; -103.819 ° E", "-1.352,\t103.819",
        "1.35214    103.81945", "1.352\u00b0,103.819",
    ],
)  # fmt: skip
def test_coordinates_are_found_as_they_are_written(words: str) -> None:
    [found] = [each for each in traces(f"seen at {words} today") if each.sort == "coordinates"]
    assert found.words == words


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("passport  #  AB1234567", "number of a document"),
        ("DOB  :  1/2/2003", "birth date"),
        ("aged  12", "age of a person"),
        ("line id : someone", "handle"),
    ],
)
def test_blanks_hide_nothing(text: str, sort: str) -> None:
    assert sort in {each.sort for each in prose_traces(text)}
