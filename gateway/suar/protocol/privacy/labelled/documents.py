"""Finds numbers of documents, files, vehicles and accounts behind a word of theirs that `forms`, `vehicles` and `payments` lack.

Behind a word that says of what a number is it is refused. The form of a plate or a number of Myanmar alone is held.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.text.found import Found, Kind
from suar.protocol.privacy.text.plain import nfkc

_NO: Final = r"(?:[ .:]{0,2}(?:no|n\.º|nº|n\.o|number|num|#|bil))?[.:]{0,2}[ :]{0,2}"
_DIGITS: Final = r"\d(?:[ -]?\d){5,17}(?!\d|[.,]\d|[-/]\w)"
_LETTERS: Final = nfkc(
    # identity cards by their names and in capitals, of the region and of the states around it
    r"bilhete(?: de)? identidade|numero eleitoral|número eleitoral|kartaun(?: eleitoral)?|aadha+r|citizenship|nagarikta|cnic|(?-i:BI|B\.I\.?|NID|NIC|PSN|CRVS|BRN|UIN|ARC|TIN|SSN)"
)
_FORMS: Final[tuple[tuple[Kind, bool, re.Pattern[str]], ...]] = (
    (
        "identity number",
        True,
        re.compile(nfkc(rf"(?:(?<![\w.])(?:{_LETTERS})|ஆதார்|台胞证|回乡证|通行证){_NO}({_DIGITS})"), re.IGNORECASE),
    ),
    (
        "document number",
        True,
        re.compile(
            nfkc(
                r"(?<![\w.])(?:(?-i:PP|TD|CI|COI|PJ|WP)|birth cert(?:ificate)?|patient|medical record|refugee|asylum|client|beneficiary|student|employee|worker id|case ?worker)"
                r"(?:[ .:]{0,2}(?:no|number|num|id|#))[.:]{0,2} ?([A-Z]{0,4}-?\d{5,12})(?![\d/]|[.,]\d)|\bmedical record(?: no\.?| number)? ?:? ?(\d{5,10})(?!\d)|护照号?码?[: ]{0,2}([A-Z]{0,2} ?\d(?: ?\d){5,8})(?!\d)"
            ),
            re.IGNORECASE,
        ),
    ),
    ("identity number", False, re.compile(r"(?<![\w-])(\d{1,2}-[A-Z][A-Za-z]{3,20}-[NnEePp]-\d{6})(?!\d)")),
    ("identity number", False, re.compile(r"(?<![\w-])([STFGM] \d{3} ?\d{4} ?[A-Z])(?![\w-])")),
    (
        "identity number",
        False,
        re.compile(r"(?<![\d-])(\d{6} (?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]) \d{3}[\dXx])(?![\d-])"),
    ),
    (
        "licence plate",
        False,
        re.compile(
            nfkc(
                r"\b(?:(?:white|black|red|blue|grey|gray|silver|green) )?(?:van|car|truck|lorry|pickup|bus|taxi|motorbike|motorcycle|minivan|sedan|vehicle)s? (?:no\.? |plate |number )?(\d{2}-\d{4})(?![\d-])"
                r"|(?<![\w/-])([A-Z]{3} \d[A-Z]/\d{4})(?![\w/])|(?:မော်တော်ယာဉ်|ကား) ?(\d[A-Z]/\d{4})(?![\w/])|(?<![\w/-])([A-Z]{1,2}\d{4}[A-Z]{2,3}|[A-Z]{1,2}-\d{4}-[A-Z]{1,3})(?![\w/-])"
                r"|\b(?:boat|vessel|trawler|ship|kapal|perahu|bangka|tàu)(?:[ .]{1,2}(?:no|number|reg|registration))?[.:]{1,2} ?([A-Z]{2,4}[ -]?\d{3,6})(?![\d/-])|\b(?:MMSI:? ?(\d{9})|IMO(?: no\.?| number)?:? ?(\d{7}))(?!\d)"
            )
        ),
    ),
    (
        "bank account",
        False,
        re.compile(
            r"(?<![\w.])(?:ABA|VCB|ACB|BIDV|SCB|KBANK|BCA|BRI|BNI|BNCTL|BNU|BDO|BPI|Maybank|CIMB|DBS|POSB|Wing|AYA|KBZ|Vietcombank|Techcombank)(?: (?:acc(?:ount)?|a/c|no))?[.:]{0,2} ?(\d(?:[ -]?\d){8,15})(?!\d|[.,]\d)"
        ),
    ),
    (
        "bank account",
        False,
        re.compile(
            r"\b(?:sent|paid|transferred|wired|transfer|kirim|chuyển|dikirim|ditransfer) (?:to|ke|đến|vào|kepada) (\d{10,16})(?!\d|[.,]\d)"
        ),
    ),
)


def documents(text: str) -> Iterator[Found]:
    """Yield the numbers in plain text, without references, of documents, vehicles, boats and accounts."""
    if _FOUR.search(text) is None:
        return
    is_long = _FIVE.search(text) is not None
    for kind, sure, form in _FORMS:
        if not (_OF_PLATES.search(text) if kind == "licence plate" else is_long):
            continue
        for found in form.finditer(text):
            yield Found(kind, next(filter(None, found.groups())), sure=sure)


_FOUR: Final = re.compile(r"\d{3}")
_FIVE: Final = re.compile(r"\d(?:[ -]?\d){4}")
_OF_PLATES: Final = re.compile(
    r"\d\d-\d{4}|\d[A-Z]/\d{4}|[A-Z]-?\d{4}-?[A-Z]|[A-Z][ -]\d{3}|[A-Z]{2}\d{3}|(?:IMO|MMSI).{1,10}\d{7}"
)
