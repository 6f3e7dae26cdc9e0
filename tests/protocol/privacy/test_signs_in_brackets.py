"""Addresses whose signs are in brackets, after backslashes, in capitals or apart; hosts in letters of the region."""

import pytest

from protocol.privacy.test_other_spellings import opinion, seconds_of
from protocol.privacy.test_own_words import marked
from suar.protocol.privacy.text.plain import plain
from support.processor_time import is_linear


@pytest.mark.parametrize(
    "text",
    [
        "facebook[.]com/malee",
        "facebook(.)com/malee",
        "facebook{.}com/malee",
        "facebook[dot]com/malee",
        "facebook (dot) com / malee",
        "hxxps[:]//facebook[.]com",
        "example[.]org",
        "malee[@]gmail[.]com",
        "malee (AT) gmail (DOT) com",
        "https:\\\\facebook\\com",
        "facebook\\com\\malee",
        "www\\.facebook\\.com",
        "malee AT gmail DOT com",
        "malee @ gmail dot com",
        "malee@gmail,com",
        "malee.carrd.co",
        "malee.中国",
        "malee.ไทย",
        "malee。中国",
        "malee。Info",
        "MALEE。XYZ",
        "SHOP。APP/malee",
        "facebook˙com/malee",
        "facebook◦com/malee",
        "facebook⸰com/malee",
        "facebook٠com/malee",
        "f҉a҉c҉e҉b҉o҉o҉k҉.҉c҉o҉m҉",
    ],
)
def test_an_address_is_refused(text: str) -> None:
    for written in (text, f"Seen at {text} in May.", f"请看 {text}"):
        assert opinion(written) == "refuse", written


@pytest.mark.parametrize(
    "text",
    [
        "facebook .com/malee",
        "facebook. com/malee",
        "facebook dot com slash malee",
        "facebook DOT com SLASH malee",
        "example dot com",
        "มะลิ.ไทย",
        "玛丽.中国",
    ],
)
def test_one_that_may_be_something_else_is_held(text: str) -> None:
    assert opinion(text) == "hold"


def test_the_words_of_the_author_are_marked() -> None:
    assert marked("Seen at facebook[.]com/malee in May.") == ["facebook[.]com/malee"]
    assert marked("Write malee[@]gmail[.]com today") == ["malee[@]gmail[.]com"]


@pytest.mark.parametrize(
    "text",
    [
        "See (a) and (b), (at the border).",
        "Section 12(a)(b).",
        "men (at) work",
        "Data are given per province [1]. Figures follow [2].",
        "C:\\Users\\desk",
        "The dot com boom ended.",
        "The ASEAN. Company registers are kept.",
        "สตช.ไทย และ กต.ไทย",
        "ທາງ ສປປ.ລາວ",
        "使用Telegram。中国警方已通报。",
        "30% of ads were on .com pages.",
        "Children came back.Women too.",
    ],
)
def test_brackets_slashes_and_abbreviations_pass(text: str) -> None:
    assert opinion(text) == "pass"


def test_only_a_sign_between_two_words_is_read() -> None:
    assert plain("a [.] b (dot) c {at} d") == "a.b.c@d"
    for kept in ("[.] b", "a [.]", "a [.", "a (dots) b", "(at) b"):
        assert plain(kept) == kept


@pytest.mark.parametrize(
    "unit", ["a[.]", "[.]", "a\\.", "\\", "( at ", "a.中国", "ก็.ไทย", "a dot ", "malee .com ", "Aa·", "a˙"]
)
def test_a_long_text_takes_a_time_that_grows_with_it(unit: str) -> None:
    assert is_linear(seconds_of(unit), 6_000)
