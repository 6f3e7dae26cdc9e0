"""Finds the value of a field for a name (`victim_name=wulansari`, `<name>wulansari</name>`) and what stands behind `née`.

`connected` has labels of written language; here the label is one of a file or a form. A finding is held, never refused.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.names.connected import may_be_one
from suar.protocol.privacy.names.kin_names import may_be_behind_kin
from suar.protocol.privacy.names.known import WORD, is_known_or_place
from suar.protocol.privacy.text.plain import nfkc

_FIELD: Final = (
    r"(?:(?:victim|child|girl|boy|survivor|person|client|patient|full|first|given|last|real|sur|nick|family|her|his)[ _-]?)?name"
    "|nama|pangalan|nome|naran|nama[_ -]?(?:korban|lengkap|mangsa)"
)
_VALUE: Final = r"([^\W\d_]{2,20}(?: [^\W\d_]{2,20}){0,2})"
_IN_A_FIELD: Final = re.compile(
    # {"name":"wulansari"}, <name>wulansari</name>, name|wulansari, name => wulansari, victim_name=wulansari
    rf"(?<![\w'’-])(?:[\"']({_FIELD})[\"'] ?: ?[\"']{_VALUE}[\"']|<({_FIELD})>{_VALUE}</|({_FIELD}) ?(?:\||=>|->) ?{_VALUE}(?=[|,;\n]|\.?$)"
    rf"|((?:victim|child|girl|boy|survivor|person|client|patient)[_-]name|nama[_-](?:korban|mangsa)) ?[=:] ?{_VALUE}(?=[&|,;\n]|\.?$))",
    re.IGNORECASE,
)
_LABELS: Final = ("nam", "naran", "pangalan", "nome")
_SIGNS: Final = ("|", "=", ">", '"', "'", ":")
_CALLED: Final = re.compile(
    rf"(?<![\w'’-])(?i:(?:real|true|birth|maiden|married) name|n[ée]e|registered (?:as|under)|enrolled as|answers to|listed as)(?: is| was|:)? ({WORD}(?: {WORD}){{0,2}})(?![\w'’-])"
)
_CALLS: Final = ("name", "née", "nee", "istered", "nrolled", "nswers", "isted")
_NATIVE: Final = re.compile(
    # ผู้เสียหายคือ มะลิ แสงดี, เรียกว่ามะลิ, นามว่ามะลิ, นามสกุลแสงดี
    nfkc(
        "(?:(?:ผู้เสียหาย|เหยื่อ)คือ ?|(?:เธอ|เขา|เด็ก(?:หญิง|ชาย)?|ผู้เสียหาย|เหยื่อ)(?:ถูก)?เรียกว่า ?|(?<![\u0e01-\u0e4e])เรียกว่า ?|นามว่า ?|นามสกุล ?)"
        "(?!ผู้|คน|เด็ก|หญิง|ชาย|แรงงาน|ชาว|การ|ความ|ไม่|ถูก|และ|หรือ|ของ|เป็น|มี|จริง|เดิม|เดียว|ใหม่|กลุ่ม|บุคคล|พล|สัญชาติ|เหยื่อ|ที่|ใน|จาก|ใคร|อะไร|ลูก|นัก|เหล่า|กระบวน|แก๊ง|ทาส|สแกม|ระบบ|วิธี|แบบ|ต้อง|ให้|ได้)"
        '([ก-ฮเ-ไ][\u0e01-\u0e4e]{1,12}(?: [ก-ฮเ-ไ][\u0e01-\u0e4e]{1,12})?)(?=$|[\\s,.)"”])'
    )
)
_THAI: Final = tuple(map(nfkc, ("คือ", "เรียกว่า", "นามว่า", "นามสกุล")))
_NO_VALUE: Final = frozenset(
    "value values string text field column label type null none true false user username file filename folder host column withheld redacted unknown anonymous full first last given family id code date".split()  # noqa: SIM905
)


def field_names(text: str) -> Iterator[str]:
    """Yield the words of plain text in a field for a name, or behind words that say a name, that may name a person."""
    if any(map(text.__contains__, _SIGNS)) and any(map(text.lower().__contains__, _LABELS)):
        yield from _in_fields(text)
    if any(map(text.__contains__, _CALLS)):
        yield from (found[1] for found in _CALLED.finditer(text) if may_be_one(found[1], text, found.start(1)))
    if not text.isascii() and any(map(text.__contains__, _THAI)):
        yield from (found[1] for found in _NATIVE.finditer(text))


def _in_fields(text: str) -> Iterator[str]:
    for found in _IN_A_FIELD.finditer(text):
        value = next(group for group in found.groups()[1::2] if group)
        words = value.lower().split()
        if not is_known_or_place(value.split()) and all(
            may_be_behind_kin(word) and word not in _NO_VALUE for word in words
        ):
            yield value
