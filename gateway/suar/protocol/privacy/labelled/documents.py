"""Finds numbers of documents, files, vehicles and accounts behind a word of theirs that `forms`, `vehicles` and `payments` lack.

Behind a word that says of what a number is it is refused. The form of a plate or a number of Myanmar alone is held.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from suar.protocol.privacy.text.found import Found, Kind
from suar.protocol.privacy.text.plain import nfkc

_NO: Final = r"(?:[ .:]{0,2}(?:no|n\.º|nº|n\.o|number|num|#|bil))?[.:]{0,2}[ :]{0,2}"
_FIVE: Final = r"[0-9](?:[ -]?\d){4}"
OF_PLATES: Final = r"[0-9](?:\d-\d{4}|\d\d(?:(?<=[A-Z]\d\d\d)|(?<=[A-Z][ -]\d\d\d)|(?<=/\d\d\d)|\d{4}))"
"""Part of every plate and number of a boat; begins with a digit, which is fast to find."""
PART: Final = rf"(?:[ -]?\d){{4}}|{OF_PLATES[5:]}"
"""What stands behind a digit in every number below."""
_DIGITS: Final = r"\d(?:[ -]?\d){5,17}(?!\d|[.,]\d|[-/]\w)"
_LETTERS: Final = nfkc(
    # identity cards by their names and in capitals, of the region and of the states around it
    r"bilhete(?: de)? identidade|numero eleitoral|número eleitoral|kartaun(?: eleitoral)?|aadha+r|citizenship|nagarikta|cnic|(?-i:BI|B\.I\.?|NID|NIC|PSN|CRVS|BRN|UIN|ARC|TIN|SSN)"
)
_CARDS: Final = nfkc(
    "bilhete|eleitoral|kartaun|aadha|citizenship|nagarikta|cnic|BI|B.I|NI|PSN|CRVS|BRN|UIN|ARC|TIN|SSN|ஆதார்|台胞证|回乡证|通行证"
)
_PAPERS: Final = nfkc(
    "PP|TD|CI|COI|PJ|WP|birth cert|patient|medical record|refugee|asylum|client|beneficiary|student|employee|worker|护照"
)


class _Form(NamedTuple):
    """A form of a number, and what is looked for first: a part of the number, and one of the words, unless "" is.

    The words are those of `found` in the text, or in the text in small letters.
    """

    kind: Kind
    is_sure: bool
    part: re.Pattern[str]
    words: tuple[str, ...]
    found: re.Pattern[str]


_PASSPORTS: Final = nfkc(
    "passport|paspor|pasport|pasaporte|passaporte|pasaporti|hộ chiếu|ho chieu|หนังสือเดินทาง|พาสปอร์ต|ໜັງສືຜ່ານແດນ|លិខិតឆ្លងដែន|နိုင်ငံကူးလက်မှတ်|护照|護照|கடவுச்சீட்டு"
)
DOCUMENT_FORMS: Final = (
    _Form(
        "passport",
        True,
        re.compile(r"\d(?:[ -]?\d){5}"),
        tuple(_PASSPORTS.split("|")),
        # Passport number AB 12 34 567, passport N-123-45-67
        re.compile(
            rf"(?:{_PASSPORTS}){_NO}((?=[A-Z]{{1,2}}[ -]?(?:\d[ -]?){{5,8}}\d(?!\d))[A-Z]{{1,2}}[ -]?\d{{1,4}}(?:[ -]\d{{1,4}}){{1,4}})(?![\d/]|[.,]\d|-\w)",
            re.IGNORECASE,
        ),
    ),
    _Form(
        "identity number",
        True,
        re.compile(r"\d(?:[ -]?\d){5}"),
        tuple(_CARDS.split("|")),
        re.compile(nfkc(rf"(?:(?<![\w.])(?:{_LETTERS})|ஆதார்|台胞证|回乡证|通行证){_NO}({_DIGITS})"), re.IGNORECASE),
    ),
    _Form(
        "document number",
        True,
        re.compile(r"\d(?: ?\d){4}"),
        tuple(_PAPERS.split("|")),
        re.compile(
            nfkc(
                r"(?<![\w.])(?:(?-i:PP|TD|CI|COI|PJ|WP)|birth cert(?:ificate)?|patient|medical record|refugee|asylum|client|beneficiary|student|employee|worker id|case ?worker)"
                r"(?:[ .:]{0,2}(?:no|number|num|id|#))[.:]{0,2} ?([A-Z]{0,4}-?\d{5,12})(?![\d/]|[.,]\d)|\bmedical record(?: no\.?| number)? ?:? ?(\d{5,10})(?!\d)|护照号?码?[: ]{0,2}([A-Z]{0,2} ?\d(?: ?\d){5,8})(?!\d)"
            ),
            re.IGNORECASE,
        ),
    ),
    _Form(
        "identity number",
        False,
        re.compile(r"\d{6}(?<=-\d{6})"),
        ("",),
        re.compile(r"(?<![\w-])(\d{1,2}-[A-Z][A-Za-z]{3,20}-[NnEePp]-\d{6})(?!\d)"),
    ),
    _Form(
        "identity number",
        False,
        re.compile(r"\d{4} ?[A-Z]"),
        ("",),
        re.compile(r"(?<![\w-])([STFGM] \d{3} ?\d{4} ?[A-Z])(?![\w-])"),
    ),
    _Form(
        "identity number",
        False,
        re.compile(r"\d{6} \d{8} \d"),
        ("",),
        re.compile(r"(?<![\d-])(\d{6} (?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]) \d{3}[\dXx])(?![\d-])"),
    ),
    _Form(
        "licence plate",
        False,
        re.compile(OF_PLATES),
        ("",),
        re.compile(
            nfkc(
                r"\b(?:(?:white|black|red|blue|grey|gray|silver|green) )?(?:van|car|truck|lorry|pickup|bus|taxi|motorbike|motorcycle|minivan|sedan|vehicle)s? (?:no\.? |plate |number )?(\d{2}-\d{4})(?![\d-])"
                r"|(?<![\w/-])([A-Z]{3} \d[A-Z]/\d{4})(?![\w/])|(?:မော်တော်ယာဉ်|ကား) ?(\d[A-Z]/\d{4})(?![\w/])|(?<![\w/-])([A-Z]{1,2}\d{4}[A-Z]{2,3}|[A-Z]{1,2}-\d{4}-[A-Z]{1,3})(?![\w/-])"
                r"|\b(?:boat|vessel|trawler|ship|kapal|perahu|bangka|tàu)(?:[ .]{1,2}(?:no|number|reg|registration))?[.:]{1,2} ?([A-Z]{2,4}[ -]?\d{3,6})(?![\d/-])|\b(?:MMSI:? ?(\d{9})|IMO(?: no\.?| number)?:? ?(\d{7}))(?!\d)"
            )
        ),
    ),
    _Form(
        "bank account",
        False,
        re.compile(r"\d(?:[ -]?\d){8}"),
        ("",),
        re.compile(
            r"(?<![\w.])(?:ABA|VCB|ACB|BIDV|SCB|KBANK|BCA|BRI|BNI|BNCTL|BNU|BDO|BPI|Maybank|CIMB|DBS|POSB|Wing|AYA|KBZ|Vietcombank|Techcombank)(?: (?:acc(?:ount)?|a/c|no))?[.:]{0,2} ?(\d(?:[ -]?\d){8,15})(?!\d|[.,]\d)"
        ),
    ),
    _Form(
        "bank account",
        False,
        re.compile(r"\d{10}"),
        ("",),
        re.compile(
            r"\b(?:sent|paid|transferred|wired|transfer|kirim|chuyển|dikirim|ditransfer) (?:to|ke|đến|vào|kepada) (\d{10,16})(?!\d|[.,]\d)"
        ),
    ),
)


def documents(text: str) -> Iterator[Found]:
    """Yield the numbers in plain text, without references, of documents, vehicles, boats and accounts."""
    if _THREE.search(text) is None:
        return
    is_long, both = _LONG.search(text) is not None, f"{text}\n{text.lower()}"
    for form in DOCUMENT_FORMS:
        may_be = (is_long or form.kind == "licence plate") and form.part.search(text)
        if may_be and any(map(both.__contains__, form.words)):
            for found in form.found.finditer(text):
                yield Found(form.kind, next(filter(None, found.groups())), is_sure=form.is_sure)


_THREE: Final = re.compile(r"[0-9]\d\d")
_LONG: Final = re.compile(_FIVE)
