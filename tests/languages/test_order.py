"""Names in a list stand where a reader of the language looks for them."""

import pytest

from suar.demo.embedded.founding import NAMES
from suar.languages.names import names
from suar.languages.order import in_order
from suar.languages.tags import LANGUAGES
from suar.protocol.base.codelists import codes, labels


@pytest.mark.parametrize(
    ("tag", "wanted"),
    [
        ("en", ["AF", "AX", "AL", "CG", "CI", "CH", "TR", "VN"]),  # Åland beside Albania
        ("pt", ["AF", "ZA", "AT", "CH", "TR", "VN"]),  # África and Áustria with A
        ("vi", ["AF", "DK", "DE", "CH", "VN"]),
        ("th", ["KH", "CN", "DE", "VN", "AF"]),  # Germany, written with a vowel first, by its consonant
        ("lo", ["KH", "CN", "DE", "VN"]),
        ("zh", ["AF", "DE", "SG", "VN", "CN"]),  # by their sounds: a, de, xin, yue, zhong
    ],
)
def test_countries_stand_by_their_names(tag: str, wanted: list[str]) -> None:
    assert in_order(sorted(wanted), tag, names(tag).country) == wanted


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_list_is_whole_and_always_the_same(tag: str) -> None:
    for listing, name in (("country", names(tag).country), ("language", names(tag).language)):
        found = in_order(codes(listing), tag, name)
        assert sorted(found) == sorted(codes(listing))
        assert in_order(reversed(found), tag, name) == found


def test_a_member_has_one_english_name() -> None:
    for code, label in labels("member").items():
        if code != "XA":  # which has a phrase of its own
            assert names("en").country(code) == label
        assert NAMES.get(code, label) == label
    assert names("en").country("VN") == "Viet Nam"
