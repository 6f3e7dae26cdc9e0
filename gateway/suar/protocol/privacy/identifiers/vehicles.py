"""Licence plates of the eleven states and of China: refused after a word for a plate, held if recognised by form alone."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import nfkc

_WORD: Final = nfkc(
    r"\b(?:licen[cs]e plates?|number ?plates?|plate (?:no\.?|number)|plates?|registration (?:no\.?|number|plate)|vehicle registration|(?:ber)?nombor pendaftaran|no\.? pendaftaran|pe?lat(?: nomor)?"
    r"|nopol|nomor polisi|plaka|plakang|may plaka|biển số(?: xe)?|biển kiểm soát|bks|matrícula|chapa|xapa)(?![A-Za-z])"
    "|ป้ายทะเบียน|ทะเบียน|ປ້າຍລົດ|ທະບຽນ|ផ្លាកលេខ|ស្លាកលេខ|យានយន្តលេខ|ယာဉ်အမှတ်|ကားနံပါတ်|ယာဉ်နံပါတ်|车牌|牌照|வாகன எண்|பதிவு எண்"
)
_ANY: Final = r"(?:[A-Z]{1,4}[ -]?\d{1,5}(?:[ -]?[A-Z]{1,3})?|\d{1,2}[ -]?[A-Z\u0e01-\u0e2e\u0e81-\u0eae]{1,3}\d?[ -]?\d{2,4}(?:[.]?\d{2})?|[\u0e01-\u0e2e\u0e81-\u0eae]{2}[ -]?\d{1,4}|\d{2}[-.]\d{3}(?: ?TLS)?)"
_CHINESE: Final = r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-HJ-NP-Z][ .\u00b7\u2022\u30fb-]?(?=[A-Z]{0,5}\d)[A-HJ-NP-Z0-9]{5,6}"
_CHINA: Final = re.compile(rf"{_CHINESE}(?![A-Za-z0-9])")
_LABELLED: Final = re.compile(
    rf"(?:{_WORD})[^\n;,.]{{0,14}}?(?<![A-Za-z0-9])({_ANY}|{_CHINESE})(?![A-Za-z0-9]|[-/]\d)", re.IGNORECASE
)
_CAR: Final = re.compile(
    nfkc(
        r"\b(?:cars?|vans?|minivans?|lori|lorry|lorries|trucks?|pick-?ups?|bus(?:es)?|taxis?|motor(?:cycle|bike)s?|vehicles?|sedan|suv|jeep|jeepney|tricycle|kereta|van|motosikal|bas|mobil|truk|bis"
        r"|kendaraan|travel|angkot|motor|xe|ô tô|mô tô|sasakyan|dyip|trak|kotse|traysikel|carro|carrinha|camião|mota|autocarro|karreta|kareta|mikrolet)\b"
        "|รถ|ລົດ|រថយន្ត|ម៉ូតូ|ឡាន|ကား|ယာဉ်|车|கார்|வேன்|லாரி"
    ),
    re.IGNORECASE,
)
_EDGE, _END = r"(?<![A-Za-z0-9./-])", r"(?![A-Za-z0-9/]|-\d|[.,]\d)"
_LATIN: Final = re.compile(
    rf"{_EDGE}(?:"
    r"\d{2}[A-Z]{1,2}\d?[ -]\d{3}\.\d{2}|\d{2}[A-Z]{1,2}\d?-\d{4,5}"  # Viet Nam
    r"|\d[A-Z]{1,2}-\d{4}"  # Cambodia, Myanmar
    r"|S[A-Z]{2} ?\d{1,4} ?[A-Z]"  # Singapore
    r"|[A-Z]{1,2} \d{3,4} [A-Z]{2,3}"  # Indonesia
    r"|\d{2}[-.]\d{3} TLS"  # Timor-Leste
    rf"){_END}"
)
_NEAR_CAR: Final = re.compile(
    rf"{_EDGE}[A-Z]{{1,3}}[ -]?\d{{3,4}}(?: ?[A-Z])?{_END}"
)  # Malaysia, the Philippines, Brunei
_NOT_PLATES: Final = re.compile(
    r"(?:RM|USD|SGD|MYR|THB|PHP|IDR|VND|BND|ISO|ILO|UN|ACT|RA|RES|QH|NO|ART|SEC|TIP|EU|US|H|Q|A|B)[ -]?\d+"
)
_THAI: Final = re.compile(
    r"(?<![\u0e00-\u0e7f\d])(?:\d ?[\u0e01-\u0e2e]{2}|[\u0e01-\u0e2e]{2})[ -]?\d{1,4}(?![\d.,/]|[\u0e00-\u0e7f])"
)
_LAO: Final = re.compile(r"(?<![\u0e80-\u0eff\d])[\u0e81-\u0eae]{2}[ -]?\d{4}(?![\d.,/]|[\u0e80-\u0eff])")
_THAI_WORDS: Final = frozenset(
    "คน พบ รถ บท ผล จบ ตก หก นก ยก ถก ลด มด อด รอ ขอ พอ พล สม กม ซม มม กก กว ตร มค กพ มีค พค มิย กค สค กย ตค พย ธค พศ คศ นบ จน บน ลบ รบ วน ชน ปน ฝน ผม ลม นม ชม งบ ศพ อบ กบ สด มท ตม ปค ศก จว สน ตน".split()  # noqa: SIM905 - words read better as text
)


@lru_cache(maxsize=16)
def plates(text: str) -> tuple[Found, ...]:
    """Return the licence plates in plain text that contains digits."""
    return tuple(_plates(text))


def _plates(text: str) -> Iterator[Found]:
    for found in _LABELLED.finditer(text):
        yield Found("licence plate", found[1])
    yield from (Found("licence plate", found[0], is_sure=False) for found in _LATIN.finditer(text))
    if _NEAR_CAR.search(text) and _CAR.search(text):
        for found in _NEAR_CAR.finditer(text):
            if not _NOT_PLATES.match(found[0]) and _CAR.search(text, max(0, found.start() - 40), found.end() + 12):
                yield Found("licence plate", found[0], is_sure=False)
    if not text.isascii():
        for found in _THAI.finditer(text):
            if found[0][0].isdigit() or found[0][:2] not in _THAI_WORDS:
                yield Found("licence plate", found[0], is_sure=False)
        yield from (Found("licence plate", found[0], is_sure=False) for found in _LAO.finditer(text))
        yield from (Found("licence plate", found[0], is_sure=False) for found in _CHINA.finditer(text))
