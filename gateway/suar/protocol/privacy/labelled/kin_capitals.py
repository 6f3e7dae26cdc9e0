"""Finds a capitalised word directly behind a word for kin, a victim or a role, in Portuguese to Vietnamese and English.

`cue_words` and `connected` have English kin and the given names of the list; here the word is in no list of places,
peoples, institutions and other words. A finding is held, never refused.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.names.connected import may_be_one
from suar.protocol.privacy.names.cues import MALAY_KIN, ROLES, VICTIMS
from suar.protocol.privacy.names.known import WORD, is_known_or_place
from suar.protocol.privacy.names.words import STARTS
from suar.protocol.privacy.text.kin_words import LATIN_KIN, VIETNAMESE_KIN
from suar.protocol.privacy.text.month_words import MONTHS, TETUM_MONTHS
from suar.protocol.privacy.text.plain import nfkc

_OF_ONE: Final = nfkc(
    "feto|mane|labarik|klosan|babae|lalaki|testemunha|paciente|saksi|pasien|pesakit|siswi|perempuan|wanita|lelaki|laki-laki|pria"
    "|inang|amang|asawang|batang|babaeng|lalaking|dalagitang|sanggol na|biktimang|phụ nữ|thanh niên|nhân chứng|bệnh nhân"
)
_OTHER_WORDS: Final = frozenset(("em", "ba", "cha"))
"""Short Vietnamese words for kin that are words of another sort in Portuguese, Tetum and Vietnamese."""
_VIETNAMESE: Final = "|".join(word for word in VIETNAMESE_KIN.split("|") if word not in _OTHER_WORDS)
_VICTIMS: Final = VICTIMS[VICTIMS.index("korban") :]
"""Without those in English, which `cue_words` has."""
_OTHERS: Final = rf"{LATIN_KIN}|{MALAY_KIN}|{_VIETNAMESE}|{_VICTIMS}|{_OF_ONE}"
_OF_WHOM: Final = (
    "dela|dele|delas|deles|nia|niya|niyang|nila|nilang|nitong|kong|korban|mangsa|biktima|ida|na|nga|ng biktima"
)
_BEFORE: Final = re.compile(
    rf"(?:(?<![\w'’-])(?<![Rr]umah )(?:{_OTHERS}|{ROLES})s?|(?:^|(?<=[.!?;:] ))(?i:{_OTHERS})s?)(?: (?:{_OF_WHOM}))? $"
)
_NAMED: Final = re.compile(rf"(?<=[^\W\d_] )({WORD}(?: {WORD}){{0,3}})(?![\w'’-])")
_A_MONTH: Final = re.compile(rf"(?:{MONTHS}|{TETUM_MONTHS})", re.IGNORECASE)
_SEEN: Final = 40
"""Characters before a name in which the word is looked for."""
_NO_NAMES: Final = frozenset(
    nfkc(
        """
        pilipino pilipina pinoy pinay tsino biyetnames muslim kristiyano katoliko lumad moro badjao igorot aeta mangyan t'boli maranao tausug
        dayak tionghoa sunda bugis batak madura aceh minang betawi melayu rohingya orang asli iban kadazan papua wni wna tki tkw pmi tppo abk warga indonesia
        timoroan timorense timor-leste timor lorosa'e rota maubere
        mông h'mông hmông khơ-me khơme kinh dao nùng tày thái lào mường hoa chăm ê-đê ba-na gia-rai việt campuchia trung mỹ nhật hàn đài malaysia úc anh pháp nga
        cristã católica muçulmana natal santa santo deus jesus cristo facebook tiktok telegram messenger zalo viber line wechat instagram
        visa visas id card cards protection care support services service union unions council safety rights first portal pass
        """
    ).split()
)
"""Peoples, faiths, networks and what is not a person, which stand behind such a word and no other list has."""


def kin_capitals(text: str) -> Iterator[str]:
    """Yield the capitalised words of plain text that stand directly behind a word for kin, a victim or a role."""
    for found in _NAMED.finditer(text):
        if _BEFORE.search(text[max(0, found.start() - _SEEN) : found.start()]) and _may_name(
            found[1], text, found.start()
        ):
            yield found[1]


def _may_name(words: str, text: str, at: int) -> bool:
    first = words.split(maxsplit=1)[0]
    small = first.lower()
    if small in _NO_NAMES or small in STARTS or first.isupper() or _A_MONTH.fullmatch(first):
        return False
    return may_be_one(words, text, at) and not is_known_or_place([first])
