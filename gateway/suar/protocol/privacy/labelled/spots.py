"""Finds positions that `positions` does not: hemispheres and degrees in the words of any language of the region, grids.

Two numbers with a point, of which one may be a latitude and the other a longitude, are held behind a word for a place
(`pin`, `location`) and where `and` or `by` is between; with a word or a letter for a hemisphere at each they are refused.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.prose.uncounted import is_measure
from suar.protocol.privacy.prose.words import SHARE_AFTER
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import nfkc, words_of

_NORTH: Final = nfkc(
    r"(?:N|S|U|LU|LS|north|south|utara|selatan|norte|sul|bắc|nam|hilaga|timog|sur)(?![^\W_])|เหนือ|ใต้|ເໜືອ|ເຫນືອ|ໃຕ້|ជើង|ត្បូង|မြောက်|တောင်|北|南|வடக்கு|தெற்கு|வ(?!\S)|தெ(?!\S)"
)
_EAST: Final = nfkc(
    r"(?:E|W|T|L|B|BT|BB|east|west|timur|barat|leste|oeste|este|đông|tây|silangan|kanluran)(?![^\W_])|ตะวันออก|ตะวันตก|ຕາເວັນອອກ|ຕາເວັນຕົກ|កើត|លិច|အရှေ့|အနောက်|东|東|西|கிழக்கு|மேற்கு|கி(?!\S)|மே(?!\S)"
)
_DEGREE: Final = nfkc(
    r"(?:degrees?|deg|derajat|darjah|độ|grados|graus?|digri)(?![^\W_])|องศา|ອົງສາ|ដឺក្រេ|ဒီဂရီ|度|பாகை|டிகிரி|°"
)
_MINUTE: Final = nfkc(r"(?:minutes?|min|menit|minit|phút|minutos?)(?![^\W_])|ลิปดา|ລິບດາ|នាទី|မိနစ်|分|நிமிடம்|['′]")
_NUMBER: Final = r"\d{1,3}[.,]\d{2,7}"
_PARTS: Final = rf"\d{{1,3}} ?(?:{_DEGREE}) ?\d{{1,2}}(?:[.,]\d+)? ?(?:{_MINUTE})(?: ?\d{{1,2}}(?:[.,]\d+)?[\"″])?"
_ONE: Final = rf"(?:{_PARTS}|{_NUMBER} ?(?:{_DEGREE})?)"
_BETWEEN: Final = r"[\s,;/]{0,3}(?:(?:and|dan|và|e|at|และ|ແລະ|និង|和)(?![^\W_]))?[\s,;/]{0,2}"
_BY_HEMISPHERES: Final = re.compile(
    rf"(?<![\d.,]){_ONE} ?(?:{_NORTH}){_BETWEEN}{_ONE} ?(?:{_EAST})|(?<![^\W_])(?:{_NORTH}) ?{_ONE}{_BETWEEN}(?:{_EAST}) ?{_ONE}"
    rf"|北[纬緯] ?{_NUMBER}.{{0,3}}[东東西][经經] ?{_NUMBER}",
    re.IGNORECASE,
)
_BOTH_IN_WORDS: Final = re.compile(rf"(?<!\d){_PARTS}[^\d\n]{{0,24}}{_PARTS}", re.IGNORECASE)
_WITHOUT_SIGNS: Final = re.compile(
    r"(?<![\d.,])\d{1,2} \d{2} \d{2}(?:\.\d+)? ?[NS][ ,;/]{0,3}\d{1,3} \d{2} \d{2}(?:\.\d+)? ?[EW](?!\w)|(?<![\w.])\d{6}(?:\.\d+)?[NS][ ,;/]{0,2}\d{6,7}(?:\.\d+)?[EW](?!\w)"
    r"|(?<![\w.])\d{4}\.\d{2,}[ ,]?[NS][ ,;/]{0,2}\d{5}\.\d{2,}[ ,]?[EW](?!\w)|(?<![\w.])[+-]\d{2}\.\d{3,}[+-]\d{2,3}\.\d{3,}"
    r"|(?<![\d.])\d{1,2}\.\d{2,}[NS],?\d{1,3}\.\d{2,}[EW](?!\w)|\d{1,2}\.\d{4,}%2C\+?\d{1,3}\.\d{4,}"
)
_PLACE_WORD: Final = nfkc(
    r"\b(?:location|pin|maps?|gps|position|coords?|coordinates?|lokasi|titik|kedudukan|posisi|vị trí|lokasyon|localização|fatin|spot|point|grid)\b|พิกัด|ตำแหน่ง|ที่ตั้ง|ຈຸດ|ទីតាំង|တည်နေရာ|位置|定位|இடம்"
)
_BY_PLACE: Final = re.compile(
    rf"(?:{_PLACE_WORD})[^\d\n]{{0,12}}([-+]?\d{{1,3}}\.\d{{2,}}[ ,;/]{{1,2}}[-+]?\d{{1,3}}\.\d{{2,}})(?![\d%]|\.\d| ?%)",
    re.IGNORECASE,
)
_MONTH: Final = r"(?:0?[1-9]|1[0-2])\.(?:19|20|24|25)\d\d"
"""A month with its year; two of them are no position in the region."""
_JOINED: Final = re.compile(
    rf"(?<![\d.,])(?!{_MONTH} [^\W\d]+ {_MONTH}(?!\d))"
    r"((?!0\.)[-+]?\d{1,3}\.\d{4,7} (?:and|by|dan|và|e|at|และ) [-+]?\d{1,3}\.\d{4,7})(?!\d|\.\d| ?%)|\bat (\d{1,2}\.\d{3}, ?\d{1,3}\.\d{3})(?!\d|\.\d| ?%)"
    r"|\blat\.? ?[:=]? ?(\d{1,2}\.\d+[ ,;]{1,2}(?:lon|long|lng)\.? ?[:=]? ?\d{1,3}\.\d+)"
)
_LONGER_WORD: Final = re.compile(nfkc(r"(?:လတ္တီကျု|လောင်ဂျီကျု|လတ္တီတွဒ်)[^\d\n]{0,6}(\d{1,3}\.\d{2,})"))
_GRID: Final = re.compile(
    r"\b\d{1,2} ?[C-HJ-NP-X],? 0?\d{6} ?m?E?[ ,;/]{1,3}\d{7} ?m?N?(?![\d.])|\bEastings?:? ?\d{6,7}[ ,;/]{1,3}Northings?:? ?\d{6,8}(?!\d)"
    r"|\bUTM\b[^\n]{0,24}?\bE:? ?\d{6}[ ,;/]{1,3}N:? ?\d{6,7}(?!\d)|\bX ?[:=] ?\d{6,7}[ ,;/]{1,3}Y ?[:=] ?\d{6,7}(?!\d)|\b(?i:grid)(?: ref(?:erence)?)?:? [A-HJ-NP-Z]{2} ?\d{6}(?!\d)"
)
_GEOHASH: Final = re.compile(r"\bgeohash\b[ :=]{1,2}([0-9b-hjkmnp-z]{5,12})(?![\w])", re.IGNORECASE)
_SHARES: Final = re.compile(r"^\D*\d{1,3}[.,]\d\d\D+\d{1,3}[.,]\d\d\s*$")
_SEEN: Final = 32
_TWO_DECIMALS: Final = re.compile(r"\d[.,]\d\d[^\n]{1,32}?\d[.,]\d\d")
_SIX: Final = re.compile(r"\d{6}")
_IN_BLANKS: Final = re.compile(r"\d \d\d \d\d")
A_DEGREE: Final = re.compile(rf"[0-9] ?(?=[dgđ°อອដဒ度பட])(?:{_DEGREE}) ?\d", re.IGNORECASE)


def spots(text: str) -> Iterator[Found]:
    """Yield the positions in plain text, without references, in the other spellings of the region."""
    if ANY.search(text) is not None:
        yield from _with_many_digits(text)
    if "lat" in text and "lat" in words_of(text):
        yield from (Found("position", found[0], is_sure=False) for found in _JOINED.finditer(text))
    if A_DEGREE.search(text):
        yield from (Found("position", found[0], is_sure=False) for found in _BOTH_IN_WORDS.finditer(text))
    if "geohash" in text.lower():
        yield from (Found("position", found[1]) for found in _GEOHASH.finditer(text) if any(map(str.isdigit, found[1])))


_A_DECIMAL: Final = re.compile(r"[-+]?\d+\.\d+")
_LATITUDES: Final = (-15.0, 36.0)
_LONGITUDES: Final = (66.0, 145.0)
"""Degrees of the eleven states and of the neighbours from which and to which people are brought."""


ANY: Final = re.compile(r"[0-9](?:[.,]\d\d|\d{5}|°| \d\d \d\d)")
"""A part of every match of the forms below but for degrees in words."""
PART: Final = r"[.,]\d|°| ?[dDgGđĐอອដဒ度பட]"
"""What stands behind a digit in every position of fewer than five digits in a row, but for a geohash."""


def _is_in_region(position: str) -> bool:
    """Whether one of the two numbers may be a latitude of the region and the other a longitude: two indices are not."""
    first, second = map(float, _A_DECIMAL.findall(position))
    return any(
        _LATITUDES[0] <= one <= _LATITUDES[1] and _LONGITUDES[0] <= other <= _LONGITUDES[1]
        for one, other in ((first, second), (second, first))
    )


def _has_shares(text: str, found: re.Match[str]) -> bool:
    """Whether what stands behind two numbers of few decimals makes them shares or amounts: south 12.50, east 15.25 %."""
    behind = len(text[: found.end()].rstrip())
    is_unit = SHARE_AFTER.match(text, behind) is not None or is_measure(text[behind : behind + _SEEN])
    return is_unit and _SHARES.search(found[0]) is not None


def _with_many_digits(text: str) -> Iterator[Found]:
    has_two = _TWO_DECIMALS.search(text) is not None
    if has_two or "°" in text:
        found_all = _BY_HEMISPHERES.finditer(text)
        yield from (Found("position", found[0]) for found in found_all if not _has_shares(text, found))
    if has_two:
        for form in (_BY_PLACE, _JOINED):
            for found in form.finditer(text):
                position = next(filter(None, found.groups()))
                if _is_in_region(position) if form is _JOINED else not _has_shares(text, found):
                    yield Found("position", position, is_sure=False)
    if not text.isascii():
        yield from (Found("position", found[1], is_sure=False) for found in _LONGER_WORD.finditer(text))
    has_six = _SIX.search(text) is not None
    if has_two or has_six or _IN_BLANKS.search(text):
        yield from (Found("position", found[0]) for found in _WITHOUT_SIGNS.finditer(text))
    if has_six:
        yield from (Found("position", found[0]) for found in _GRID.finditer(text))
