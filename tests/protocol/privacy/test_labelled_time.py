"""The searches for names and numbers in `labelled` take a time that grows with the text, and no longer."""

import time
from collections.abc import Callable, Iterable

import pytest

from suar.protocol.privacy.identifiers.addresses_in_words import addresses_in_words
from suar.protocol.privacy.identifiers.doubtful import digits_in_words
from suar.protocol.privacy.labelled.ages import aged_names
from suar.protocol.privacy.labelled.documents import documents
from suar.protocol.privacy.labelled.kin_capitals import kin_capitals
from suar.protocol.privacy.labelled.name_fields import field_names
from suar.protocol.privacy.text.plain import plain
from support.processor_time import is_linear

FOUND: tuple[tuple[Callable[[str], Iterable[object]], str], ...] = (
    (kin_capitals, "anak niyang Marikit "),
    (kin_capitals, "A Filha Mafalda "),
    (kin_capitals, "ibu A"),
    (aged_names, "malee, a 1"),
    (aged_names, "Malee was then "),
    (aged_names, "siti yang "),
    (digits_in_words, "zero eighty-one, two "),
    (digits_in_words, "khong chin "),
    (addresses_in_words, "m a l @ g "),
    (documents, "passport AB 12 34 5 "),
    (str, "&#4<br><b>&"),
    (field_names, "name|wulansari "),
    (field_names, '"name":"a a '),
    (field_names, "real name Aa "),
    (field_names, "นามว่ามะลิ"),
)


@pytest.mark.parametrize(("find", "unit"), FOUND)
def test_it_grows_with_the_text(find: Callable[[str], Iterable[object]], unit: str) -> None:
    def taken(length: int) -> float:
        written = (unit * length)[:length]
        start = time.process_time()
        list(find(plain(written)))
        return time.process_time() - start

    taken(1_000)
    assert is_linear(taken, 6_000)
