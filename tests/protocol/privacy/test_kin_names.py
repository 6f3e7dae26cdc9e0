"""Names in small letters behind a word for kin or beside an age, in every language, and honest texts beside them."""

import re
import time

import pytest

from protocol.privacy.test_other_spellings import opinion
from protocol.privacy.test_prefilters import EVERY
from suar.protocol.privacy.names import kin_names
from suar.protocol.privacy.names.given import FIRST_NAMES, VIETNAMESE
from suar.protocol.privacy.names.persons import names
from suar.protocol.privacy.ordinary import is_ordinary
from suar.protocol.privacy.text.plain import plain, words_of
from support.processor_time import is_linear

HELD = {
    # English
    "niece malee": "malee",
    "The husband somchai paid.": "somchai",
    "grandmother somsri kept the papers": "somsri",
    "A friend, zawmin, went along.": "zawmin",
    "the nephew agus": "agus",
    "the 12-year-old boy somchai": "somchai",
    "malee, aged 16": "malee",
    "Found were malee (aged 16) and others.": "malee",
    "aged 14 linh": "linh",
    "linh (14)": "linh",
    "Maria (15) from Dili": "Maria",
    "Found in Dili was Rosa, 15 tahun.": "Rosa",
    # Indonesian, Malay
    "anak perempuan siti dibawa": "siti",
    "ibu siti menunggu": "siti",
    "bapa ahmad menjual tanah": "ahmad",
    "anak lelaki farid": "farid",
    "seorang anak siti, 14 tahun": "siti",
    # Vietnamese
    "chị gái mai nhận tiền": "mai",
    "mẹ hoa bán nhà": "hoa",
    "em trai tuấn đi cùng": "tuấn",
    "linh 14 tuổi": "linh",
    # Filipino
    "kapatid na liza": "liza",
    "Ang nanay na si rowena ang pumirma.": "rowena",
    "anak na babae na si jocelyn": "jocelyn",
    # Portuguese, Tetum
    "a filha maria foi levada": "maria",
    "o pai joão assinou": "joão",
    "oan feto domingas lakon": "domingas",
    # a Latin name behind a word in another script
    "น้องสาว malee ถูกพาไป": "malee",
    "ลูกสาวชื่อ malee": "malee",
    "พี่ชาย Somchai รับเงิน": "Somchai",
    "เด็กหญิง nok": "nok",
    "malee อายุ 16 ปี": "malee",
    "malee (16 ปี)": "malee",
    "ເອື້ອຍ malee": "malee",
    "ນ້ອງສາວຂອງລາວຊື່ malee": "malee",
    "malee ອາຍຸ 16": "malee",
    "បងស្រី sreymom": "sreymom",
    "ម្តាយឈ្មោះ malee": "malee",
    "malee អាយុ ១៦ ឆ្នាំ": "malee",
    "ညီမ thida": "thida",
    "အမေ khin": "khin",
    "အသက် ၁၆ နှစ် thida": "thida",
    "妹妹 malee": "malee",
    "女儿malee被带走": "malee",
    "16岁的malee": "malee",
    "malee，16岁": "malee",
    "சகோதரி kavitha": "kavitha",
    "மகள் malee": "malee",
    "malee, 16 வயது": "malee",
}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("wulansari, 14 tahun", "wulansari"), ("budak 14 tahun, wulansari", "wulansari"),
        ("menina de 14 anos, mafalda, desapareceu", "mafalda"), ("em gái 14 tuổi, wulan", "wulan"),
        ("her friend 'nok' paid", "nok"), ("ni “nok”", "nok"), ("a man called ‹nok›", "nok"),
    ],
)  # fmt: skip
def test_an_unlisted_word_beside_an_age_or_in_quotes_is_held(text: str, name: str) -> None:
    assert names(plain(text)) == [name]


@pytest.mark.parametrize(("text", "name"), HELD.items())
def test_a_name_in_small_letters_is_held(text: str, name: str) -> None:
    assert names(plain(text)) == [name]
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        "niece and nephew", "husband and wife", "boy or girl", "aged 16 to 17", "aged 16 and 17", "aged 18 or over",
        "Girls, aged 16 to 17, are at risk.", "A 16-year-old girl or boy may not work there.",
        "A 17-year-old boy sold at sea escaped.", "Most are women (12), men (7) and children (3).",
        "Dili (15), Baucau (12)", "Santa Maria (12), San Jose (9)", "women (15) from Laos",
        "fishing (14), construction (9) and domestic work (21)", "She began work in a factory, aged 14.",
        "The mother tongue of most is Khmer.", "The friend request came through Facebook.",
        "Victims were told by a friend, neighbour or relative.", "The husband, a fisherman, was at sea.",
        "A friend offers a job and the uncle pays.", "the son inherits the debt", "grandfather land",
        "friend, family, employer-broker, neighbour, official, stranger",
        "anak perempuan dan laki-laki", "Anak perempuan usia 14 sampai 17", "ibu rumah tangga dan ibu hamil",
        "Ibu dan anak itu dihantar pulang bersama.", "bapa angkat", "datuk bandar",
        "anak buah kapal", "suami dan isteri",
        "chị em phụ nữ", "em gái và anh trai", "bà mai mối", "trẻ em gái 14 tuổi", "mẹ đơn thân",
        "bạn gái quen qua mạng",
        "kapatid na babae", "anak na menor de edad", "ina ng bata",
        "mãe e filha", "filha mais velha", "menina de 12 anos", "marido e mulher",
        "inan no aman", "labarik feto sira",
        "menina de 12 anos, grávida", "anak 14 tahun, laki-laki", "Umur minimum, 14 tahun.", "pena máxima, 15 anos.",
        "hukuman penjara, 15 tahun", "Perempuan 14 tahun, tidak sekolah", "A 'friend' offered work.", "para si “mesma”",
        'A friend "helped" her.',
        "แม่และลูกสาว", "เพื่อนใน Facebook", "เพื่อน Facebook", "เด็กหญิงและเด็กชาย", "อายุ 15 ปี visa", "หน้า Facebook",
        "เป้า SDG", "แฟน TikTok", "พี่น้อง ASEAN", "passport (5 ปี)",
        "ແມ່ ແລະ ລູກ", "ອາຍຸ 16 ປີ", "ម្តាយ និង កូន", "နိုင်ငံသား passport", "妹妹和姐姐", "朋友圈", "16岁的女孩",
        "朋友 Facebook", "தாய் மற்றும் மகள்", "மகள் 16 வயது",
    ],
)  # fmt: skip
def test_honest_texts_beside_these_words_pass(text: str) -> None:
    assert opinion(text) == "pass"


def test_a_pronoun_before_the_filipino_article_is_no_part_of_a_word() -> None:
    """Portuguese `a si` is no article; `na si` ends with the same letters."""
    assert names("anak na si ana") == ["ana"]
    assert names("disse a si mesma") == []


@pytest.mark.parametrize("form", range(len(kin_names.ENGLISH)))
def test_a_form_has_one_of_its_words(form: int) -> None:
    words, pattern = kin_names.ENGLISH[form]
    for text in (*EVERY, *map(plain, HELD)):
        if pattern.search(text):
            assert words & words_of(text), text


def test_every_name_that_is_looked_for_is_one_word_in_small_letters() -> None:
    for name in FIRST_NAMES | VIETNAMESE:
        assert words_of(name) == {name}
        assert re.fullmatch(r"[^\W\d_]{2,22}", name)
    assert all(is_ordinary(text) is False for text in HELD if text.isascii())


@pytest.mark.parametrize(
    "unit",
    [
        "aged 14 ",
        "siti (1",
        "mother ",
        "anak na ",
        "chị ",
        "พี่ aa ",
        "16岁的a",
        "malee, aged ",
        "កូន",
        "กa ",
        "friend, ",
        "son aa, ",
    ],
)
def test_names_are_looked_for_in_a_time_that_grows_with_the_text(unit: str) -> None:
    def taken(length: int) -> float:
        text = "aged siti mai " + (unit * length)[:length]
        start = time.process_time()
        list(kin_names.find_kin(plain(text)))
        return time.process_time() - start

    taken(1_000)
    assert is_linear(taken, 6_000)
