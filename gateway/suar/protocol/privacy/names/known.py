"""Capitalised words that are known not to name a person: places, peoples and institutions."""

from typing import Final

from suar.protocol.privacy.names.places import LONGEST, PHRASES
from suar.protocol.privacy.names.words import INSTITUTIONS, KNOWN, PLACES

BIG: Final = "A-ZÀ-ÖØ-ÞĂĐĨŨƠƯẠẢẤẦẨẪẬẮẰẲẴẶẸẺẼẾỀỂỄỆỈỊỌỎỐỒỔỖỘỚỜỞỠỢỤỦỨỪỬỮỰỲỴỶỸ"
WORD: Final = rf"[{BIG}][^\W\d_]*(?:['’-][^\W\d_]+){{0,4}}"

_SYLLABLES: Final = frozenset(
    [
        "an",
        "công",
        "cong",
        "thành",
        "thanh",
        "trung",
        "tâm",
        "tam",
        "hội",
        "hoi",
        "hiệp",
        "hiep",
        "liên",
        "lien",
        "định",
        "dinh",
        "quốc",
        "quoc",
        "viện",
        "vien",
        "tế",
        "te",
    ]
)
"""Of the names of institutions in Vietnamese, and of persons: behind a surname they are those of a person."""
_SURNAMES: Final = frozenset(
    "nguyễn nguyen trần tran lê phạm pham huỳnh huynh phan vũ võ đặng dang bùi bui đỗ ngô ngo dương duong đinh dinh trịnh trinh vương vuong".split()  # noqa: SIM905
)
_MIDDLE: Final = frozenset("thị thi văn van".split())  # noqa: SIM905
NAMES_TOO: Final = frozenset(
    """
    an aquino chi clark công ha hà hải hồ hong ling mai minh mon ninh phong son sơn thành
    long lào bình hung hùng trung tâm hiệp liên định tín kim lan mây xuân thu
    """.split()  # noqa: SIM905
)
"""Words of places and institutions that are also names of persons: one of them alone beside a cue is that of a person."""
TITLED: Final = NAMES_TOO | frozenset(
    "a the in on is to do du my van tin may sun can sao day park march april june lai quốc quoc hội hoi victor young".split()  # noqa: SIM905
)
"""The same behind an honorific, where no other word of a language is expected."""

_OF_INSTITUTIONS: Final = (TITLED | _SYLLABLES) & INSTITUTIONS
_SHORTEST: Final = 3  # words of a Vietnamese name without another sign
_OTHER_SURNAMES: Final = frozenset("cao châu lý lương lưu đào đoàn hoàng tạ ta le ly luong dao doan hoang".split())  # noqa: SIM905
_EVERY_SURNAME: Final = _SURNAMES | _OTHER_SURNAMES | NAMES_TOO
_A_PERSON: Final = "Aa"  # replaces a word that may be a name: in no list

_A_PLACE: Final = "island"  # replaces removed place names: a known word that is not a sign of an institution


def is_known(words: list[str]) -> bool:
    """Whether these capitalised words do not name a person: one of them means an institution, or all are known."""
    return _is_known(_small(words))


def _is_known(plain: list[str]) -> bool:
    if not _EVERY_SURNAME.isdisjoint(plain) and is_vietnamese(plain):
        return False
    for word in plain:
        if word in INSTITUTIONS or ("-" in word and not INSTITUTIONS.isdisjoint(word.split("-"))):
            return True
    return bool(plain) and all(word in KNOWN or all(part in PLACES for part in word.split("-")) for word in plain)


def is_vietnamese(words: list[str]) -> bool:
    """Whether small words are a Vietnamese name, of which each syllable may be a word of another name: Nguyễn Văn An."""
    if len(words) < _SHORTEST:
        return False
    middle = (at for at in range(1, len(words) - 1) if words[at] in _MIDDLE)
    if any(words[at - 1] in _EVERY_SURNAME for at in middle):
        return True
    return words[0] in _SURNAMES and all(word in _SYLLABLES or word not in INSTITUTIONS for word in words)


def is_known_behind_title(words: list[str]) -> bool:
    """Return a result like `is_known` for words behind an honorific, behind which an institution has its own first."""
    small = _small(words)
    if small[0] in TITLED and (len(words) == 1 or small[0] not in PLACES):
        return False
    if small[0] in INSTITUTIONS and small[0] not in TITLED:
        return True
    first = _A_PLACE if small[0] in _OF_INSTITUTIONS else small[0]
    return _is_known([first, *(_A_PERSON if word in _OF_INSTITUTIONS else word for word in small[1:])])


def is_known_or_place(words: list[str]) -> bool:
    """Return a result like `is_known`, with the names of subdivisions, which have several words, treated as known."""
    small = _small(words)
    if _is_known(small):
        return True
    if len(small) > 1 and not _EVERY_SURNAME.isdisjoint(small) and is_vietnamese(small):
        return False
    return len(small) != 1 and _is_known(_without_places(small))


def _without_places(small: list[str]) -> list[str]:
    left, at = [_A_PLACE], 0
    while at < len(small):
        sizes = range(min(LONGEST, len(small) - at), 1, -1)
        size = next((size for size in sizes if tuple(small[at : at + size]) in PHRASES), 0)
        left += [] if size else [small[at]]
        at += size or 1
    return left


def _small(words: list[str]) -> list[str]:
    return [word.lower().strip("'’.-") for word in words]
