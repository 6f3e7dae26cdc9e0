"""The searches for names and numbers in `labelled` take a time that grows with the text, and no longer."""

import time
from collections.abc import Callable, Iterable

import pytest

from suar.protocol.privacy.labelled.ages import aged_names
from suar.protocol.privacy.labelled.kin_capitals import kin_capitals
from suar.protocol.privacy.text.plain import plain
from support.processor_time import is_linear

FOUND: tuple[tuple[Callable[[str], Iterable[object]], str], ...] = (
    (kin_capitals, "anak niyang Marikit "),
    (kin_capitals, "A Filha Mafalda "),
    (kin_capitals, "ibu A"),
    (aged_names, "malee, a 1"),
    (aged_names, "Malee was then "),
    (aged_names, "siti yang "),
)


@pytest.mark.parametrize(("find", "unit"), FOUND)
def test_it_grows_with_the_text(find: Callable[[str], Iterable[object]], unit: str) -> None:
    def taken(length: int) -> float:
        text = plain((unit * length)[:length])
        start = time.process_time()
        list(find(text))
        return time.process_time() - start

    taken(1_000)
    assert is_linear(taken, 6_000)
