"""Words for a call, in the languages of the region: one list for telephones, for numbers of cases and for short lines.

A number is a telephone right behind any of them. Some are words of other things too (`ring`, `message`): behind those only
linking words may be between, and no count or amount is called. For the number of a case with a year they count in the
whole sentence.
"""

import re
from typing import Final

from suar.protocol.privacy.text.number_words import OF_DOCUMENTS
from suar.protocol.privacy.text.plain import nfkc

_NATIVE: Final = "โทร|เบอร์|ทร|ទូរស័ព្ទ|ទូរសព្ទ|លេខ|ໂທ|ເບີ|ဖုန်း|电话|電話|手机|手機|致电|拨打|热线|தொலைபேசி|கைபேசி|அலைபேசி"
_LATIN: Final = (
    r"tel|telp|telepon|telefon|phone|call|hotline|mobile|whats ?app|viber|zalo|sms|contact|hubungi|hp|no\.? ?hp|gọi|điện thoại|sđt|đt"
    r"|tawag|tumawag|numero|selpon|numeru|telemóvel|telemovel|(?<![A-Za-z])wa(?![A-Za-z]|\.me)"
)
_LETTERS: Final = r"(?<![^\W_])"
_BY_VERB: Final = "dial|ring|text|message|msg|cell|call|phone|contact"
_MORE: Final = nfkc(
    rf"{_LETTERS}(?:{_BY_VERB}|reach(?= (?:her|him|them|me|us))|ph|tlp|telpon|tlpn|kontak(?:nya)?|liga(?: ba)?|ligue(?: para)?|tlm|tlf|número|kontaktu"
    r"|(?:her|his|their|my|whose)(?: own| new| old| private)? number)"
)
_LINKS: Final = r"(?:[ .:,]{1,3}(?:her|him|them|me|us|on|at|to|is|was|the|para|ba|ke|no|nos|number)\b)*[ .:,-]{0,3}"
_MORE_NATIVE: Final = nfkc("联系|聯繫|联络|தொடர்பு(?:க்கு)?|ติดต่อ|ຕິດຕໍ່|ទាក់ទង|ဆက်သွယ်")
_CALL: Final = re.compile(rf"(?:{nfkc(_LATIN)}|{nfkc(_NATIVE)})[^\d+(]{{0,16}}$")
_MORE_CALL: Final = re.compile(rf"(?:{_MORE}|{_MORE_NATIVE}){_LINKS}$")
COUNTED: Final = re.compile(
    nfkc(
        r"[\d ,.]*(?:%|(?:persons?|people|cases|men|women|children|victims|users?|times|orang|pessoas|ema|casos|người|dong|đồng|vnd|riels?|kip|kyats?|rupiah|baht|pesos?|dollars?|usd|ringgit|euros?|yuan|reais"
        r"|characters?|messages?|calls?|a|per)\b|[₫฿₭៛₱$€¥]|คน|ราย|บาท|ຄົນ|ກີບ|នាក់|រៀល|ဦး|ကျပ်|人|元|名|次|பேர்)"
    ),
    re.IGNORECASE,
)
_SEEN: Final = 40

LINES: Final = re.compile(
    nfkc(
        rf"{_LATIN}|{_BY_VERB}|helpline|toll[ -]free|bebas pulsa|short (?:number|code)|callers|line|talian|layanan|tổng đài|đường dây|linha|linya"
        rf"|สายด่วน|ສາຍດ່ວນ|ខ្សែទូរស័ព្ទ|உதவி எண்|{_NATIVE}"
    ),
    re.IGNORECASE,
)
"""Before a short number to call, or that of a service."""
_BEFORE_LABEL: Final = re.compile(
    # Tel. no. 9123-2045
    rf"(?:{_LETTERS}(?:{nfkc(_LATIN)}|telefon\w*|telephone|line)|{_MORE}|{nfkc(_NATIVE)}|โทรศัพท์|ໂທລະສັບ|{_MORE_NATIVE})\W{{0,3}}(?:(?:at|on|is|her|his|the|their|us) |di |ke |กับ|ที่){{0,2}}$"
)
_NOUN: Final = nfkc(
    "tel|telp|telepon|telefone?|telephone|phone|mobile|cell ?phone|whats ?app|viber|zalo|telegram|wechat|sms|hp|sđt|điện thoại|selpon|telemóvel|telemovel"
)
_TO_PERSON: Final = rf"{_LETTERS}(?:{_BY_VERB}|reach|telephone|hubungi|gọi|tawagan) (?:her|him|them|me|us|the (?:girl|mother|family|victim)|dia|cô|siya)\b"
_NEAR: Final = re.compile(
    rf"{_TO_PERSON}|{_LETTERS}(?:{_NOUN})(?![^\W_])|โทรศัพท์|เบอร์โทร|ໂທລະສັບ|ເບີໂທ|{nfkc('ទូរស័ព្ទ|ទូរសព្ទ|ဖုန်း|电话|電話|手机|手機|微信|தொலைபேசி|கைபேசி')}"
)
_OWN: Final = re.compile(
    rf"{_TO_PERSON}|{_LETTERS}(?:her|his|their|whose|my|(?<=['’])s)(?: own| new| old| private| mother's| father's)? (?:{_NOUN}|number)(?![^\W_])"
    + nfkc(
        rf"|{_LETTERS}(?:{_NOUN}|nomor)(?:nya| (?:korban|mangsa|ibunya|ibu|niya|dela|nia|của (?:em|cô|mẹ|chị|cháu)))(?![^\W_])"
        "|เบอร์(?:โทร(?:ศัพท์)?)?(?:ของ)?(?:เธอ|เขา|แม่|พ่อ|น้อง)|[她他](?:的|母亲的)?(?:电话|手机|微信)"
    )
)
_STOP: Final = re.compile(
    r"(?<!\b[Nn]o)(?<!\b[Nn]os)(?<!\b[Tt]el)(?<!\b[Pp]h)(?<!blg)[.!?](?=\s|$)|[;。៕။\n]"
)  # no sentence ends behind `no.`
_SENTENCE: Final = 80  # characters on each side of a number that are looked through


def is_announced(text: str, at: int) -> bool:
    """Return whether a word for a call is before this position of plain text."""
    before = text[max(0, at - _SEEN) : at].lower()  # faster than to ignore the case
    if _CALL.search(before):
        return True
    found = _MORE_CALL.search(before)
    if found is None or COUNTED.match(text, at):
        return False
    return OF_DOCUMENTS.search(before, max(0, found.start() - 16), found.start()) is None


def is_before_label(text: str, at: int) -> bool:
    """Return whether a word for a call is right before a word for a case at this position of plain text."""
    return _BEFORE_LABEL.search(text[max(0, at - _SEEN) : at].lower()) is not None


def is_called(text: str, start: int, end: int) -> bool:
    """Return whether the sentence around this span of plain text has a word for a telephone or for calling a person."""
    return _has(_NEAR, text, start, end)


def is_own_call(text: str, start: int, end: int) -> bool:
    """Return whether that sentence says whose telephone it is, or that a person is to be called."""
    return _has(_OWN, text, start, end)


def _has(form: re.Pattern[str], text: str, start: int, end: int) -> bool:
    """Whether the sentence has a form, which is looked for in small letters; most texts have it nowhere around."""
    if not form.search(text[max(0, start - _SENTENCE) : end + _SENTENCE].lower()):
        return False
    return any(form.search(part.lower()) for part in around_in_sentence(text, start, end))


def around_in_sentence(text: str, start: int, end: int) -> tuple[str, str]:
    """Return what is before and behind a span of plain text in its sentence, up to 80 characters each."""
    before = _STOP.split(text[max(0, start - _SENTENCE) : start])[-1]
    return before, _STOP.split(text[end : end + _SENTENCE], maxsplit=1)[0]
