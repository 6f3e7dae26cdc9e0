"""Finds geographic positions: coordinates, open location codes, squares of UTM and MGRS, and what3words addresses.

Two numbers are coordinates by their decimals, by a letter or word for a hemisphere at each, or behind a word for a
position; in any order, with a comma or a point, and in degrees, minutes and seconds.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import nfkc

_EQUAL_HALVES: Final = r"\d{2} \d{2}|\d{3} \d{3}|\d{4} ?\d{4}|\d{5} ?\d{5}|\d{6}"  # east and north in a grid square
_GPS: Final = re.compile(
    r"(?<![\d.,])[-+]?\d{1,2}\.\d{4,}\s?°?\s?[NSns]?[\s,;/]{1,3}[-+]?\d{1,3}\.\d{4,}(?!\d|\.\d)"
    r"|(?<![\d.,])\d{1,2}\.\d{2,}\s?(?:°\s?[NS]?|[NS])[\s,;/]{1,3}\d{1,3}\.\d{2,}\s?(?:°|[EW])"
    r"|(?<![\d.,])\d{1,3}\s?°\s?\d{1,2}(?:\.\d+)?\s?['′](?:\s?\d{1,2}(?:\.\d+)?\s?(?:[\"″]|''|′′))?\s?[NSEW]?"
    r"|\b(?:lat|latitude|lintang|vĩ độ|ละติจูด)\b[^\d\n]{0,8}[-+]?\d{1,2}\.\d{3,}"
    r"|\b[23456789CFGHJMPQRVWX]{4,8}\+[23456789CFGHJMPQRVWX]{2,3}\b"
    r"|\b\d{1,2}[C-HJ-NP-X][A-HJ-NP-Z]{2} ?\d{4,5} ?\d{4,5}\b"
    rf"|\b\d{{1,2}}[C-HJ-NP-X] [A-HJ-NP-Z]{{2}} ?(?:{_EQUAL_HALVES})\b|\b\d{{1,2}}[C-HJ-NP-X] ?[A-HJ-NP-Z]{{2}} (?:{_EQUAL_HALVES})\b",
)
_NORTH, _EAST = "(?:[NSns]|LU|LS)", "(?:[EWew]|BT|BB)"  # in Indonesian too
_DEGREES: Final = r"\d{1,3}[.,]\d{2,}\s?°?"
_MINUTES: Final = r"\d{1,3}(?:\s?°\s?|-|\s)\d{1,2}(?:[.,]\d+|-\d{1,2}(?:[.,]\d+)?)"
_ONE: Final = rf"(?:{_MINUTES}|{_DEGREES})\s?"
_BETWEEN: Final = r"[\s,;/]{1,3}"
_PAIR: Final = re.compile(
    rf"(?<![\d.,]){_ONE}{_NORTH}{_BETWEEN}{_ONE}{_EAST}(?!\w)|(?<![\d.,]){_ONE}{_EAST}{_BETWEEN}{_ONE}{_NORTH}(?!\w)"
    rf"|(?<!\w){_NORTH}\s?{_ONE}[\s,;/]{{0,3}}{_EAST}\s?{_ONE}|(?<!\w){_EAST}\s?{_ONE}[\s,;/]{{0,3}}{_NORTH}\s?{_ONE}"
    # four decimals each: 100.5018 13.7563, 13,7563 100,5018, x=100.5018 y=13.7563
    r"|(?<![\d.,])\d{1,3}\.\d{4,}(?:[\s,;/]{1,3}[-+]?|\s?[x\u00d7]\s?|[\s,;]{1,3}[xyXY]\s?[=:]\s?)\d{1,3}\.\d{4,}(?!\d|\.\d)"
    r"|(?<![\d.,])\d{1,3},\d{4,}[\s;/]{1,3}[-+]?\d{1,3},\d{4,}(?!\d|,\d)"
    r"|\d{1,3}\s?deg(?:rees?)?\.?\s?\d{1,2}\s?min(?:utes?)?\.?"
    r"|\b\d{1,2}\s?[C-HJ-NP-X][,:]?\s?\d{6}\s?m?\s?E?[\s,;/]{1,3}\d{6,7}\b"  # UTM
)
_HEMISPHERES_ZH: Final = re.compile(
    nfkc(
        r"[东東西]经\s?\d{1,3}(?:[.,]\d+)?\s?[度°]|[东東西]經\s?\d{1,3}(?:[.,]\d+)?\s?[度°]|[南北][纬緯]\s?\d{1,2}(?:[.,]\d+)?\s?[度°]"
    )
)
_NUMBER_NEXT: Final = r"[^\d\n]{0,12}?[-+]?\d{1,3}[.,]\d"
_BY_WORD: Final = re.compile(
    nfkc(
        r"(?:\b(?:lat|latitude|latitud|longitude|longitud|longhitud|lintang|bujur|vĩ độ|kinh độ)\b"
        rf"|ละติจูด|ลองจิจูด|เส้นรุ้ง|เส้นแวง|纬度|緯度|经度|經度|ເສັ້ນຂະໜານ|ເສັ້ນແວງ|រយៈទទឹង|រយៈបណ្តោយ|လတ္တီတွဒ်|လောင်ဂျီတွဒ်|அட்சரேகை|தீர்க்கரேகை){_NUMBER_NEXT}\d+"
        r"|(?:\b(?:long|lon|lng|gps|coords?|coordinates?|koordinat|toạ độ|tọa độ|coordenadas?|koordenada)\b|พิกัด|坐标|座標|ພິກັດ|កូអរដោណេ|ကိုဩဒိနိတ်|ஆயத்தொலைவு)"
        rf"{_NUMBER_NEXT}\d{{3,}}"
    ),
    re.IGNORECASE,
)
_THREE_WORDS: Final = re.compile(  # ///filled.count.soap, what3words: filled.count.soap
    r"///[^\W\d_]+\.[^\W\d_]+\.[^\W\d_]+|\b(?:what3words|what 3 words|w3w)\b[^\n.]{0,20}?[^\W\d_]+\.[^\W\d_]+\.[^\W\d_]+",
    re.IGNORECASE,
)
_PART_OF_GPS: Final = re.compile(r"\d\.\d\d|[°+]|[A-HJ-NP-Z]{2} ?\d{4}|\d[C-HJ-NP-X] ?[A-HJ-NP-Z]{2} ?\d")
_PART_OF_PAIR: Final = re.compile(r"\d[.,]\d|\d°|\d-\d|\d\s?deg|\d\s?[C-HJ-NP-X][,:]?\s?\d{6}")
_DECIMALS: Final = re.compile(r"\d[.,]\d\d")

PARTS: Final = ((_PART_OF_GPS, (_GPS,)), (_PART_OF_PAIR, (_PAIR,)), (_DECIMALS, (_BY_WORD,)))
"""A part of every match of these forms; it is searched first, because that is faster."""


def positions(text: str) -> Iterator[Found]:
    """Yield the positions in plain text that contains digits."""
    if _PART_OF_GPS.search(text):
        yield from (Found("position", found[0]) for found in _GPS.finditer(text))
    if _PART_OF_PAIR.search(text):
        yield from (Found("position", found[0]) for found in _PAIR.finditer(text))
    if _DECIMALS.search(text):
        yield from (Found("position", found[0]) for found in _BY_WORD.finditer(text))
    if not text.isascii():
        yield from (Found("position", found[0]) for found in _HEMISPHERES_ZH.finditer(text))


def words_for_positions(text: str) -> Iterator[Found]:
    """Yield the positions in plain text that are given as what3words addresses."""
    lower = text.lower() if "3" in text else ""
    if "///" in text or "what3words" in lower or "what 3 words" in lower or "w3w" in lower:
        yield from (Found("position", found[0]) for found in _THREE_WORDS.finditer(text))
