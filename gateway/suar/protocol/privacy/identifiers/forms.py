"""Finds identifiers in free text: telephone, mail, URL, handle, MRZ, passport, national id, GPS pair, full date.

Each rule searches for a form. If the form alone is too common, check digits or a word for the identifier are required;
the validators alone accept 3 to 9 of 100 random numbers. Case numbers and citations of laws pass. The words found are
returned to the publisher only.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from suar.protocol.privacy.identifiers.dates import dates_in_words, full_dates
from suar.protocol.privacy.identifiers.named_accounts import (
    HANDLE,
    NETWORKS,
    NO_HANDLE,
    NO_LETTER,
    NOT_ONLINE,
    is_official,
    named_accounts,
)
from suar.protocol.privacy.identifiers.number_runs import MOST_BETWEEN, has_enough_digits
from suar.protocol.privacy.identifiers.number_series import Standing, standing_at
from suar.protocol.privacy.identifiers.parted import Bounded, Forms, parted
from suar.protocol.privacy.identifiers.payments import accounts
from suar.protocol.privacy.identifiers.positions import positions, words_for_positions
from suar.protocol.privacy.identifiers.references import graded_dates, without_references
from suar.protocol.privacy.identifiers.telephones import is_clear_number, is_dialled, may_be_dialled, telephones
from suar.protocol.privacy.identifiers.vehicles import plates
from suar.protocol.privacy.text.call_words import is_announced
from suar.protocol.privacy.text.check_digits import checked, is_identity, is_nric, is_pin, is_ric
from suar.protocol.privacy.text.folding import NATIVE_ENDS, has_native_host
from suar.protocol.privacy.text.found import Found, Kind
from suar.protocol.privacy.text.plain import has_digit, is_part, nfkc

__all__ = ["Found", "identifiers", "in_address"]

# -- internet addresses

_MAIL: Final = re.compile(
    r"(?<![\w.+-])(?:[\w.+-]+\s?@\s?[\w-]+(?:(?:\s?\.\s?|\sdot\s|\s?,(?=(?:com|net|org)\b))[\w-]+)+"
    r"|[\w.+-]+ at [\w-]+ dot (?:com|net|org|[a-z]{2})\b)",
    re.IGNORECASE,
)
_URL: Final = re.compile(
    # tried only at the first label of a name: an address that ends later matches from there as well
    r"\b(?:https?|hxxps?|ftp|tg|line)://\S+|\bwww\d?\.\S+"
    r"|(?<![a-z0-9-])(?<![a-z0-9-]\.)(?:(?:[a-z0-9-]+\.)+(?:com|net|org|info|biz|xyz|app|link|online|site|club|top|shop|carrd\.co|github\.io|pages\.dev)\b(?:/\S*)?"
    r"|(?:[a-z0-9-]+\.)+(?:co|com|net|org|go|gov|gob|ac|edu|or|in|mil|sch|web)\.[a-z]{2}\b(?:/\S*)?"
    r"|(?<!\d/)(?!(?:pid|pdt)\.[a-z0-9-]{1,20}/(?:19|20)\d\d\b)[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,6}/[\w?=&%.+~-]{2,})",
    re.IGNORECASE,
)
_NATIVE_URL: Final = re.compile(
    rf"(?<![a-z0-9.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:{NATIVE_ENDS})(?![^\W_])(?:/\S*)?", re.IGNORECASE
)
_APPS: Final = (
    "line|telegram|wechat|weixin|whatsapp|viber|zalo|facebook|fb|instagram|ig|tiktok|signal|messenger|skype|imo"
)
_NATIVE_APPS: Final = nfkc("ไลน์|วอทส์แอป|วีแชท|微信|เฟซบุ๊ก|เฟสบุ๊ค|เทเลแกรม|ဖေ့စ်ဘွတ်|ဗိုင်ဘာ|တယ်လီဂရမ်|ហ្វេសប៊ុក|តេឡេក្រាម|ເຟສບຸກ")
EVERY_APP: Final = (*_APPS.split("|"), *_NATIVE_APPS.split("|"))
_MORE_NATIVE_APPS: Final = ("抖音", "小红书", "快手", "微博", "陌陌", "扣扣")
_MORE_APPS: Final = ("qq", "snapchat", "discord", "bigo")
_NUMBERED: Final = re.compile(
    rf"{NO_LETTER}qq(?:号码?| id| number| no\.?)?[: ]{{1,2}}\d{{6,11}}(?!\d)|扣扣号?[: ]{{0,2}}\d{{6,11}}(?!\d)"
    rf"|(?:抖音|小红书|快手|微博|陌陌)(?:(?:号码?|账号|帐号|id)[: ]{{0,2}}|: ?)\d{{6,12}}(?![\d人名次个])|(?<![\w.#])[A-Za-z][\w.]{{1,31}}#\d{{4}}(?!\d)"
    rf"|{NO_LETTER}(?:snapchat|discord|bigo)(?: id)?[: ]{{1,2}}(?=[a-z0-9]*[_.\d])[a-z0-9_][\w.]{{2,30}}\w",
    re.IGNORECASE,
)
"""Accounts with a specific form: a QQ number, a name with four digits, a Snapchat name."""
_CLOSING: Final = {")": "(", "]": "[", "}": "{", ">": "<", "」": "「", "】": "【"}
_NATIVE: Final = tuple(_NATIVE_APPS.split("|"))
ACCOUNT_PARTS: Final = (":", "=", "id", "user", "nick", "ไอดี")  # a part of every _ACCOUNT
_DOTTED: Final = re.compile(r"\.[^\W\d_]")
_ACCOUNT: Final = re.compile(
    rf"(?:{NO_LETTER}(?:{_APPS})|{_NATIVE_APPS})\s?(?:account |akun |akaun |tài khoản )?"
    r"(?:(?:id|user ?name|user|nick|ไอดี|ID)\s?[:=]?\s?[\w.-]{3,}|[:=]\s?(?=[\w.]*[\d_.])[\w.]{4,})",
    re.IGNORECASE,
)
_UNLABELLED: Final = re.compile(
    # an account after the name of an app: letters with a digit or an underscore; after a native name, Latin letters
    rf"(?:{NO_LETTER}(?:{_APPS})(?: account| akun| akaun| as|,)? (?!(?:covid|phase|section|table|figure|annex|article|chapter)\d{{1,2}}(?!\w))(?!(?-i:MSC|MEPC|LEG|FAL|STCW)\.\d)|微信号?:? ?)((?=[a-z0-9.]*[_\d]|[a-z]+\.[a-z])(?=[\d._]*[a-z])[a-z0-9_](?:[\w.]{{2,30}})\w)"
    rf"|(?:{_NATIVE_APPS}){NOT_ONLINE}(?:ไอดี)? ?((?=[\d._]*[a-z])[a-z0-9_][a-z0-9_.]{{2,30}}[a-z0-9_])(?![A-Za-z])",
    re.IGNORECASE,
)
_NO_HANDLE: Final = NO_HANDLE | frozenset(NETWORKS.split("|"))


def _without_brackets(link: str) -> str:
    """Return a link without surrounding full stops and brackets; a bracket that the link itself opens is kept."""
    while link[-1] in ".,;:!?\"'”’»…" or (
        link[-1] in _CLOSING and link.count(link[-1]) > link.count(_CLOSING[link[-1]])
    ):
        link = link[:-1]
    return link


def _net(text: str) -> Iterator[Found]:
    lower = text.lower()
    if "@" in text or " dot " in lower:
        yield from (Found("mail address", found[0]) for found in _MAIL.finditer(text))
    is_dotted = "." in text and _DOTTED.search(text) is not None
    if "://" in text or is_dotted:
        links = (_without_brackets(found[0]) for found in _URL.finditer(text))
        yield from (Found("web address", link) for link in links if not link.endswith("://"))
        if has_native_host(text):
            yield from (Found("web address", found[0]) for found in _NATIVE_URL.finditer(text))
    if "@" in text:
        yield from (Found("handle", found[0]) for found in HANDLE.finditer(text) if not is_official(found))
    is_numbered = "#" in text or any(map(lower.__contains__, _MORE_APPS))
    if is_numbered or (not text.isascii() and any(map(text.__contains__, _MORE_NATIVE_APPS))):
        yield from (Found("handle", found[0]) for found in _NUMBERED.finditer(text))
    has_account_part = any(map(lower.__contains__, ACCOUNT_PARTS))
    is_mixed = "_" in text or has_digit(text) or not text.isascii() or is_dotted
    if (has_account_part or is_mixed) and any(map(lower.__contains__, EVERY_APP)):
        if has_account_part:
            yield from (Found("handle", found[0]) for found in _ACCOUNT.finditer(text))
        is_native = not text.isascii() and any(map(lower.__contains__, _NATIVE))
        if is_native or "_" in text or has_digit(text) or is_dotted:
            for found in _UNLABELLED.finditer(text):
                if (found[1] or found[2]).lower() not in _NO_HANDLE:
                    yield Found("handle", found[0])


# -- documents

_MRZ: Final = re.compile(r"[A-Z0-9<]{4,}<<[A-Z0-9<]*|[A-Z0-9<]{8,}<[A-Z0-9<]{4,}")
_PASSPORT_WORD: Final = nfkc(
    "passport|paspor|pasport|pasaporte|passaporte|hộ chiếu|ho chieu|หนังสือเดินทาง|พาสปอร์ต|លិខិតឆ្លងដែន|ប៉ាស្ព័រ"
    "|ໜັງສືຜ່ານແດນ|ຫນັງສືຜ່ານແດນ|ປຶ້ມຜ່ານແດນ|နိုင်ငံကူးလက်မှတ်|ပတ်စပို့|护照|travel document|border pass"
)
_PASSPORT: Final = re.compile(
    rf"(?:{_PASSPORT_WORD})[^\n;]{{0,30}}?(?<![0-9A-Za-z_])([A-Z]{{0,2}} ?\d{{6,9}}[A-Z]?|[A-Z]{{1,2}}(?=(?:[ -]?\d){{7,9}}(?!\d))\d{{2,5}}(?:[ -]\d{{2,5}}){{1,2}})(?![0-9A-Za-z_])",
    re.IGNORECASE,
)
_DOCUMENT_FORM: Final = r"[A-Z]{1,2}\d{6,8}[A-Z]?"
_DOCUMENT: Final = re.compile(
    # in front and behind: no letter, digit or sign of a code, but another such number or a word in small letters
    rf"(?<![0-9A-Za-z]){_DOCUMENT_FORM}(?![0-9A-Za-z])(?![_/-](?!{_DOCUMENT_FORM}(?![0-9A-Za-z]))(?:[0-9A-Z]|[a-z](?![a-z]{{2}})))"
)
_OF_A_CODE: Final = re.compile(r"[0-9A-Za-z]*[_/-]$")
_NO_CODE: Final = re.compile(rf"{_DOCUMENT_FORM}[_/-]|[A-Za-z]?[a-z]{{2,}}[_/-]|[_/-]")
_CASE: Final = re.compile(
    r"(?:case|ref|reference|docket|file|report|no|kes|perkara|nomor|laporan|rujukan|vụ|số|hồ sơ|คดี|คดีหมายเลข|សំណុំរឿង|ຄະດີ|အမှုအမှတ်|kaso|blg)"
    r"[.:]? ?(?:no\.?|number|nomor|#)?[:.]? ?[/_-]?$",
    re.IGNORECASE,
)
_IDENTITY_WORD: Final = nfkc(
    "id card|identity card|identity number|identification number|national id|id no|id number|ic no|i/c|nric|fin no|mykad|kad pengenalan|no\\.? kp|kartu identitas"
    "|nik|ktp|kartu keluarga|cccd|cmnd|căn cước|can cuoc|chứng minh|định danh|เลขประจำตัว|เลขบัตร|บัตรประชาชน"
    "|អត្តសញ្ញាណប័ណ្ណ|អត្តសញ្ញាណបណ្ណ|ບັດປະຈຳຕົວ|ບັດປະຈໍາຕົວ|မှတ်ပုံတင်|imei|seam[ae]n'?s? book(?: no.?)?|visa n(?:o|umber)|philhealth|mtcn|philsys|philid|umid|sss|bilhete de identidade|birth certificate|sijil lahir|akta kelahiran"
    "|electoral card|voter'?s? (?:id|card)|cart[ãa]o (?:de )?eleit[a-zà-ü]+|kart[a-zà-ü]+ eleit[a-zà-ü]+|laissez[ -]passer|身份证(?:号码|号)?|身分证|身分證|居民证|அடையாள அட்டை"
)
_IDENTITY: Final = re.compile(
    rf"(?<![A-Za-z])(?:{_IDENTITY_WORD})(?![A-Za-z])[^\n;]{{0,24}}?([A-Z]{{0,2}}\d[\d -]{{4,20}}\d[A-Z]?)(?![\d])",
    re.IGNORECASE,
)
_UNHCR: Final = re.compile(r"(?<![0-9A-Za-z])\d{3}-\d{2}C\d{5}(?![0-9A-Za-z])")
_NRIC_SG: Final = re.compile(r"(?<![0-9A-Za-z])[STFGM]\d{7}[A-Z](?![0-9A-Za-z])", re.IGNORECASE)
_NRIC_MY: Final = re.compile(
    r"(?<!\d)\d{6}[- ]\d{2}[- ]\d{4}(?!\d)|(?i:(?<![A-Za-z])(?:ic|i\.c\.)[^\w\s]? ?(?:no\.? ?)?)\d{12}(?!\d)"
)
_PIN_TH: Final = re.compile(r"(?<!\d)\d[- ]\d{4}[- ]\d{5}[- ]\d{2}[- ]\d(?!\d)|(?<!\d)\d{13}(?!\d)")
_DECIMAL: Final = r"(?<!\b\d\.)(?<!\b\d\d\.)(?<!\b\d{3}\.)"
_UUID: Final = r"(?<![0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-)"
_LONG: Final = re.compile(
    # with any sign in front and behind, but not the digits of a decimal or the end of a UUID
    rf"(?<!\d){_DECIMAL}{_UUID}(?:\d{{12}}|\d{{16}})(?!\d)"
    r"|(?<!\d)(?:\d{4}([- ])\d{4}\1\d{4}\1\d{4}|\d{4}-\d{7}-\d)(?!\d)"
)
_RIC_CN: Final = re.compile(r"(?<![\dA-Za-z])\d{6}([ -]?)\d{8}\1\d{3}[\dXx](?![\dA-Za-z])")
_NRC_MM: Final = re.compile(r"\d{1,2} ?/ ?[^\s\d/()]{2,24} ?\([^)\s]{1,10}\) ?\d{5,6}(?!\d)")
_PARTS_BN: Final = r"(?:00|01|30|31|50|51)-\d{6}"
_IC_BN: Final = re.compile(
    rf"(?<!\d)(?<!\d{{3}}-){_PARTS_BN}(?!\d)(?!-(?!{_PARTS_BN}(?!\d))\d)|(?<=\d{{6}}-){_PARTS_BN}(?!\d)"
)


def _documents(text: str) -> Iterator[Found]:
    yield from (Found("passport", found[1]) for found in _PASSPORT.finditer(text))
    for found in _DOCUMENT.finditer(text):
        if not _is_of_a_code(text, found.start()) and not _CASE.search(text, max(0, found.start() - 24), found.start()):
            yield Found("document number", found[0])
    yield from (Found("identity number", found[1]) for found in _IDENTITY.finditer(text))
    yield from (Found("identity number", found[0]) for found in _UNHCR.finditer(text))
    yield from (Found("identity number", found[0]) for found in _NRIC_SG.finditer(text))
    yield from (Found("identity number", found[0]) for found in _NRC_MM.finditer(text))
    yield from (Found("identity number", found[0]) for found in _IC_BN.finditer(text))
    yield from checked(_NRIC_MY, is_nric, text)
    yield from checked(_PIN_TH, is_pin, text)
    for found in _RIC_CN.finditer(text):
        if is_ric(found[0]):
            yield Found("identity number", found[0])
    for found in _LONG.finditer(text):
        if is_identity(found[0]) and not _is_of_a_series(text, found):
            yield Found("identity number", found[0])


def _is_of_a_code(text: str, at: int) -> bool:
    """Whether a sign of codes is before this position, and before it neither a word nor another document."""
    before = _OF_A_CODE.search(text, max(0, at - 24), at)
    return before is not None and _NO_CODE.fullmatch(before[0]) is None


def _is_of_a_series(text: str, found: re.Match[str]) -> bool:
    return standing_at(text, *found.span(), is_announced=False) is Standing.SERIES


_TWO_NUMBERS: Final = re.compile(
    r"[0-9]\D+\d"
)  # part of every full date, and of every _GPS except an open location code
_TWO_DIGITS: Final = re.compile(r"[0-9]\D{0,3}\d")
RUN_OF_DIGITS: Final = re.compile(rf"[0-9](?:\D{{0,{MOST_BETWEEN}}}\d){{4}}")
_NUMBER: Final = re.compile(r"\d[\d -]{3,20}\d")
PARTS: Final = (
    (_NUMBER, (_PASSPORT, _DOCUMENT, _IDENTITY, _NRIC_SG, _NRC_MM, _IC_BN, _NRIC_MY, _PIN_TH, _RIC_CN, _LONG)),
)
"""A part of every match of these forms; it is searched first, because that is faster."""


def identifiers(text: str, *, dates: bool = True) -> list[Found]:
    """Return the identifiers in `text` (already plain); with `dates` also full dates, which law citations may have."""
    found = [*_net(text), *[each for each in named_accounts(text) if each.is_sure]]
    if dates:
        found += (Found("full date", words) for words in dates_in_words(text))
    if "<" in text:
        found += (Found("machine-readable zone", words[0]) for words in _MRZ.finditer(text))
    found += words_for_positions(text)
    if not has_digit(text):
        return _once(found)
    whole, text = text, without_references(text)
    has_two = _TWO_NUMBERS.search(text) is not None
    if dates and has_two:
        found += (Found("full date", words) for words in full_dates(text))
    if has_two or "+" in text:
        found += positions(text)
    if RUN_OF_DIGITS.search(text):
        if _NUMBER.search(text):
            found += _documents(text)
        found += (each for each in telephones(text, may_be_dialled) if each.is_sure)
        found += (each for each in in_parts(text) if each.is_sure)
    if _TWO_DIGITS.search(text):
        found += (each for each in (*plates(text), *accounts(text)) if each.is_sure)
    return graded_dates(whole, _once(found))


@lru_cache(maxsize=16)
def in_parts(text: str) -> tuple[Found, ...]:
    """Return the numbers in plain text, without references, whose digits other signs part; not all are sure."""
    return tuple(_in_parts(text)) if has_enough_digits(text) else ()


def _in_parts(text: str, *, in_address: bool = False) -> Iterator[Found]:
    forms = Forms(
        Bounded(is_dialled), lambda at: is_announced(text, at), lambda some: (*_documents(some), *accounts(some))
    )
    return parted(text, forms, in_address=in_address)


def in_address(text: str) -> Iterator[Found]:
    """Yield the identifiers in a web address, without dates and plain numbers, which occur in names of documents."""
    if "@" in text:
        yield from (Found("mail address", found[0]) for found in _MAIL.finditer(text))
        yield from (Found("handle", found[0]) for found in HANDLE.finditer(text))
    if not has_digit(text):
        return
    yield from positions(text)
    yield from (Found("passport", found[1]) for found in _PASSPORT.finditer(text))
    yield from (Found("identity number", found[1]) for found in _IDENTITY.finditer(text))
    yield from (each for each in telephones(text, is_clear_number, in_address=True) if each.is_sure)
    yield from (each for each in _in_parts(text, in_address=True) if each.is_sure)


def _once(found: list[Found]) -> list[Found]:
    """Return the findings without duplicates (the first kind is kept) and without those that are part of others."""
    if not found:
        return found
    kinds: dict[str, Kind] = {}
    for kind, words, _ in found:
        kinds.setdefault(words.strip(), kind)
    return [Found(kind, words) for words, kind in kinds.items() if not is_part(words, kinds)]
