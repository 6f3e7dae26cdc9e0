"""Lines: none too wide, no cluster torn, nothing lost."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wcwidth import iter_graphemes, wcswidth

from suar.languages.catalogue import load
from suar.languages.rendering.wrap import clean, clusters, pad, pieces, width, wrap
from suar.languages.tags import LANGUAGES

# letters, vowels, tones and killers of the scripts in which a torn cluster is seen at once
CHARACTERS = st.sampled_from(
    "กขคงน่้๊็ิีืุูำะาเแโใไๆ ກຂຄນ່້ິີຸູຳະາເແໂໃໄ កខគឃង្ិីុូាេៃោំះ ကခဂငနာါိီုူေဲံ့း္်ျြွှ தமிழ்கு 中文，。「」 abc-é \u200b\u00a0"
)
TEXTS = st.text(CHARACTERS, max_size=120)


def bare(text: str) -> str:
    return re.sub(r"[ \u200b]", "", text)


@example("aa。\u00a0", 4, 0)
@example("aaa。。\u00a0", 4, 0)
@given(TEXTS, st.integers(4, 60), st.sampled_from([0, 2]))
def test_no_line_is_wider_and_nothing_is_lost(text: str, room: int, indent: int) -> None:
    lines = wrap(text, room, indent=indent)
    assert bare("".join(lines)) == bare(text)
    for line in lines:
        assert width(line) <= room or len(clusters(line.strip(" "))) == 1, line


@given(TEXTS, st.integers(4, 40))
def test_no_grapheme_cluster_is_torn(text: str, room: int) -> None:
    ends = set(_ends(list(iter_graphemes(text))))
    for piece in (pieces(text), clusters(text)):
        assert "".join(piece) == text
        assert set(_ends(piece)) <= ends
    for line in wrap(text, room)[1:]:
        assert not line.strip() or not unicodedata.category(line.lstrip()[0]).startswith("M") or _is_stray(text, line)


def _ends(parts: list[str]) -> list[int]:
    at = 0
    return [at := at + len(part) for part in parts]


def _is_stray(text: str, line: str) -> bool:
    """A mark without a letter before it, which is no text of any language."""
    return bool(re.search(rf"(^|[\s\u200b]){re.escape(line.lstrip()[0])}", text))


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("เด็ก", ["เด็", "ก"]),
        ("น้ำ", ["น้ำ"]),
        ("ກຳລັງ", ["ກຳ", "ລັ", "ງ"]),
        ("ខ្មែរ", ["ខ្មែ", "រ"]),
        ("ကျွန်", ["ကျွန်"]),
        ("မြန်မာ", ["မြန်", "မာ"]),
        ("தமிழ்", ["த", "மி", "ழ்"]),
    ],
)
def test_clusters_of_the_region(word: str, parts: list[str]) -> None:
    assert clusters(word) == parts


def test_thai_breaks_at_words() -> None:
    lines = wrap("การส่งกลับภูมิลำเนาและการคุ้มครองผู้เสียหาย", 22)
    assert len(lines) > 1
    assert all(width(line) <= 22 for line in lines)
    assert not any(line.endswith(("ภู", "ภูมิ", "คุ้")) for line in lines)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ການຄ້າມະນຸດ", ["ການ", "ຄ້າ", "ມະ", "ນຸດ"]),
        ("ກວດຄັດຫຼາຍກວ່າ", ["ກວດ", "ຄັດ", "ຫຼາຍ", "ກວ່າ"]),
        ("ຄວາມໜ້າເຊື່ອຖືຂອງ", ["ຄວາມ", "ໜ້າ", "ເຊື່ອ", "ຖື", "ຂອງ"]),
        ("လူကုန်ကူးမှု", ["လူ", "ကုန်", "ကူး", "မှု"]),
    ],
)
def test_lao_and_burmese_break_at_syllables(text: str, parts: list[str]) -> None:
    assert pieces(text) == parts


def test_chinese_punctuation_stays_at_its_side() -> None:
    for room in range(8, 20):
        for line in wrap("所有成员、所有部门（网络诈骗园区）。", room):
            assert line[0] not in "、）。"
            assert not line.endswith("（")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_text_of_every_catalogue_fits_twenty_cells(tag: str) -> None:
    for text in load(tag).texts.values():
        assert all(wcswidth(line) <= 20 for line in wrap(text, 20)), text


def test_what_moves_the_cursor_is_taken_out_and_joiners_stay() -> None:
    assert clean("a\x1b[2Jb\u202ec\nd") == "a [2Jb c d"
    assert clean("ក\u200bខ க\u200cி") == "ក\u200bខ க\u200cி"


def test_pad_counts_cells() -> None:
    assert pad("中", 4) == "中  "
    assert width(pad("ที่", 4)) == 4
