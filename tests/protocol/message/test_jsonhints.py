"""A syntax error of a file that was written by hand: its line and column, and the usual cause."""

import pytest

from suar.protocol.base.reasons import Invalid
from suar.protocol.message.jsonform import parse

GOOD = '{\n "kind": "alert",\n "places": ["TH", "VN"],\n "rev": 1\n}'


@pytest.mark.parametrize(
    ("written", "instead", "line", "expected"),
    [
        ('"rev": 1', '"rev": 1,', (4, 5), "delete the comma"),
        ('"VN"]', '"VN",]', (3, 3), "delete the comma"),
        ('"alert"', "\u201calert\u201d", (2,), "curly quotation mark"),
        ('"kind"', "\u2018kind\u2019", (2,), "curly quotation mark"),
        ('"alert"', "'alert'", (2,), "single quotation marks"),
        ('"alert",', '"alert"', (3,), "a comma is missing"),
        ('"kind": ', '"kind" ', (2,), "a colon is missing"),
        ('"kind"', "kind", (2,), "double quotation marks"),
        ("1", "True", (4,), "true, false and null"),
        ("1", "None", (4,), "true, false and null"),
        ('"alert"', "alert", (2,), "double quotation marks"),
        ('"rev"', '// the version\n "rev"', (4,), "no comments"),
        ('"alert"', '"al\nert"', (2,), "line end or tab"),
        ('"alert"', '"C:\\Users"', (2,), "written twice"),
        ("1\n}", "1\n}\n{}", (6,), "one message a file"),
        ("1\n}", "1\n", (5,), "ends too early"),
        ('"VN"]', '"VN"', (4,), "a bracket before this is missing"),
        ('["TH", "VN"]', '[{"lang": "en"}}', (3,), "closed in the wrong order"),
        ('["TH", "VN"]', '["TH", "VN"}', (3,), "closed in the wrong order"),
        ("1\n}", "24h\n}", (4,), "digits alone"),
        ("1\n}", "2027-01-15\n}", (4,), "digits alone"),
        ("1\n}", "01\n}", (4,), "no leading zero"),
        ("1\n}", "12:30\n}", (4,), "in quotation marks"),
        ('"alert"', '"the "big" one"', (2,), "inside a text"),
        ('"alert"', '"the "big one"', (2,), "inside a text"),
        ('"alert"', '""big" one"', (2,), "inside a text"),
        ('"kind"', '"the "big" one"', (2,), "inside a text"),
        ('"alert",', '"alert";', (2,), "a semicolon"),
        ('"TH", "VN"', '"TH"; "VN"', (3,), "a semicolon"),
        ("1\n}", "1;\n}", (4,), "a semicolon"),
        ("1\n}", "+24\n}", (4,), "begins with a digit"),
        ("1\n}", ".5\n}", (4,), "begins with a digit"),
        ("1\n}", "\u2212 5\n}", (4,), "begins with a digit"),
        ("1\n}", "\u0e52\u0e54\n}", (4,), "digits 0 to 9"),
        ("1\n}", "2\u0e54\n}", (4,), "digits 0 to 9"),
        ("1\n}", "\u00a01\n}", (4,), "no-break space"),
        ('"rev"', '\u00a0"rev"', (4,), "no-break space"),
        ('"VN"]', '"VN"\u200b]', (3,), "no-break space"),
        ('"alert",', '"alert",,', (2,), "a comma too many"),
        ('"TH",', '"TH",,', (3,), "a comma too many"),
        ('["TH"', '[,"TH"', (3,), "a comma too many"),
        ('"alert",', '"alert,', (2,), "no closing quotation mark"),
        ('"alert",', '"alert', (2,), "no closing quotation mark"),
        ('"VN"]', '"VN]', (3,), "no closing quotation mark"),
        ('"alert"', '"alert,\n"', (2,), "line end or tab"),
        ('"alert"', '"alert,\nand more"', (2,), "line end or tab"),
        ("1\n}", "1\n}}", (5,), "one too many"),
        ('"VN"],', '"VN"]},', (3,), "closes too early"),
        ('"alert"', "", (2,), "a value is missing"),
    ],
)
def test_the_cause_is_named(written: str, instead: str, line: tuple[int, ...], expected: str) -> None:
    text = GOOD.replace(written, instead, 1)
    assert text != GOOD
    with pytest.raises(Invalid) as caught:
        parse(text.encode())
    (reason,) = caught.value.reasons
    assert any(f"line {number} column" in reason.message for number in line), reason.message
    assert expected in reason.hint, reason.hint


@pytest.mark.parametrize("empty", [b"", b"\n", b" \r\n \n"])
def test_an_empty_file_is_called_empty(empty: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        parse(empty)
    assert caught.value.reasons[0].hint == "the file is empty"


@pytest.mark.parametrize("cut", range(len(GOOD)))
def test_any_beginning_of_a_message_has_a_hint(cut: int) -> None:
    with pytest.raises(Invalid) as caught:
        parse(GOOD[:cut].encode())
    assert caught.value.reasons[0].hint
