"""A name is held beside every cue, with every connector, in any case and script; and honest texts of the same words."""

import itertools
import time

import pytest

from protocol.privacy.test_other_spellings import opinion
from suar.protocol.privacy.names import connected, native
from suar.protocol.privacy.names.known import is_known_or_place
from suar.protocol.privacy.ordinary import is_ordinary
from suar.protocol.privacy.text.plain import plain
from suar.protocol.privacy.verdict import marks
from support.processor_time import is_linear

LATIN_CUES = (
    # a victim, in the words of the law; a name
    "victim", "Victim", "survivor", "complainant", "injured party", "korban", "Korban", "saksi korban",
    "mangsa", "biktima", "nagrereklamo", "vítima", "ofendida", "lesada", "lezadu", "nạn nhân", "bị hại", "name",
    "Full name", "Nama", "nama lengkap", "pangalan", "nome", "naran", "họ và tên",
    # kin
    "her sister", "her sisters", "her mum", "her guardian", "her baby", "her parents", "daughters", "girl",
    "children", "anak perempuan", "adiknya", "kapatid", "filha", "oan feto", "chị gái",
)  # fmt: skip
CONNECTORS = (
    ": ", " : ", " - ", " – ", " = ", "=", " (", ", ", "/", " 1: ", " 1 (", " no. 2: ", " #3 - ", " 1 ",
    "'s name is ", "’s name: ", " called ", " named ", ", named ", " is ", ' "',
)  # fmt: skip
NATIVE_CUES = (
    "นางสาว", "นาย", "คุณ", "ด.ญ.", "ชื่อ", "ผู้เสียหาย", "ผู้เสียหายชื่อ", "เหยื่อ", "น้องสาว", "ທ້າວ", "ນາງ",
    "ຊື່", "ຜູ້ເສຍຫາຍ", "ឈ្មោះ", "កញ្ញា", "លោក", "ជនរងគ្រោះ", "ဒေါ်", "ဦး", "အမည်", "နစ်နာသူ", "受害人",
    "被害人", "姓名", "名叫", "妹妹", "பெயர்", "திருமதி", "பாதிக்கப்பட்டவர்",
)  # fmt: skip
NATIVE_CONNECTORS = ("", " ", ": ", "：", " (", " - ", " = ", " 1: ")
NAMES = ("Malee", "Siti", "Maria", "Sokha")
CASES = (str.lower, str.capitalize, str.upper)


def spellings(cues: tuple[str, ...], connectors: tuple[str, ...]) -> list[str]:
    """Every cue with every connector, a name and a case."""
    found = []
    for (at, cue), connector in itertools.product(enumerate(cues), connectors):
        name = NAMES[at % len(NAMES)]
        found += [f"{cue}{connector}{case(name)}" for case in CASES[:2]]
    return found


@pytest.mark.parametrize("connector", CONNECTORS)
def test_every_cue_in_latin_letters_with_every_connector(connector: str) -> None:
    assert [text for text in spellings(LATIN_CUES, (connector,)) if opinion(text) != "hold"] == []


@pytest.mark.parametrize("connector", NATIVE_CONNECTORS)
def test_every_cue_in_another_script_before_a_name_in_latin_letters(connector: str) -> None:
    assert [text for text in spellings(NATIVE_CUES, (connector,)) if opinion(text) != "hold"] == []


HONORIFICS = (
    "mr", "mrs", "ms", "mdm", "encik", "cik", "puan", "sdri", "sdr", "sra", "sr", "khun", "daw", "ko", "ma",
    "naw", "saw", "ginang", "ate", "kuya", "nona", "bu", "ibu", "pak",
)  # fmt: skip


@pytest.mark.parametrize("honorific", HONORIFICS)
def test_an_honorific_in_any_case_with_or_without_a_stop(honorific: str) -> None:
    written = [
        f"{form}{sign} {case(name)}"
        for form in (honorific, honorific.capitalize())
        for sign in ("", ".")
        for name in NAMES
        for case in CASES[:2]
    ]
    assert [text for text in written if opinion(text) != "hold"] == []


AGES = (
    "(14)", "( 14 )", ", 14", ", female, 14", ", F, 14", "/F/14", "/f/14", "/ F / 14", " (F/14)",
    " (female, 14)", ", perempuan, 14", ", 14 tahun", ", 14 thn", " 14 anos", " 14 tuổi", " 14 ปี", " 14ปี",
    " 14 ປີ", " 14 ឆ្នាំ", " 14 နှစ်", " 14岁", " 14 வயது", " - 14", " – 14 yrs", "/14",
)  # fmt: skip


@pytest.mark.parametrize("age", AGES)
def test_a_name_before_an_age_in_any_case(age: str) -> None:
    written = [f"{case(name)}{' ' if age[0] == '(' else ''}{age}" for name in NAMES for case in CASES[:2]]
    assert [text for text in written if opinion(text) != "hold"] == []


CUES_AFTER = (
    "{}'s sister", "{}’s mother", "{} (her sister)", "{}, her sister", "{} - her younger sister", "{} (sister)",
    "{}'s family", "{} (victim)", "{}, the victim", "{} (korban)", "{} (adiknya)",
)  # fmt: skip


@pytest.mark.parametrize("form", CUES_AFTER)
def test_a_name_before_a_cue_in_any_case(form: str) -> None:
    written = [form.format(case(name)) for name in NAMES for case in CASES[:2]]
    assert [text for text in written if opinion(text) != "hold"] == []


REPORTED = (
    # a capital makes a name likelier
    "siti (14)", "Siti (14)", "Linh (14)", "Siti, 14 tahun", "Siti, 14 thn", "Maria, 14 anos",
    "anak perempuan Siti", "filha Maria", "kapatid na Maria", "oan feto Maria", "chị gái Linh",
    "Two girls, Siti (14) and Aminah (15), were found.", "Malee (14) and Nok (15)", "Malee, 14",
    "Malee, female, 14", "Malee/F/14", "Malee 14 ปี", "Malee 14岁",
    # an honorific or a label in one script, the name in another
    "นางสาว Malee", "นาย Somchai", "คุณ Malee", "ด.ญ. Malee", "ชื่อ Malee", "ผู้เสียหายชื่อ Malee",
    "受害人 Malee", "姓名：Malee", "名叫 Malee", "ឈ្មោះ Sokha", "កញ្ញា Sokha", "ဒေါ် Khin", "အမည် Khin",
    "ຊື່ Malee", "பெயர் Kavitha",
    # a sign, a number or a plural between
    "Victim 1: Malee", "Korban 1: Siti", "Child 1 (Malee)", "Victim (Malee)", "Victim - Malee",
    "victims Malee and Nok", "Victims: Malee and Nok", "her daughters Malee and Nok",
    "her parents Somchai and Malee", "họ và tên: Linh", "bị hại Linh", "her sister (Malee)",
    "Malee (her sister)", "Malee's sister", "her mum Malee", "her guardian Malee", "name: malee",
    "Full name: malee somchai", "Nama: siti aminah", "victim: malee", "her sister: malee",
    "her sister's name is malee", "her sister called malee", "her sisters malee and nok", "her baby malee",
    # patronymics and honorifics
    "siti binti ahmad", "ahmad bin ali", "muthu a/l raman", "puan siti", "ms malee", "nguyen thi lan",
    "Devi A/P Raman", "Sra. Maria", "Sr. João", "sdri. Sari", "a/n Sari", "P'Nok",
    # honorifics of Burmese, and of Thai without stops
    "မ မာလီ", "ကိုအောင်", "နော်ဖော", "စောထူး", "ดญ มาลี", "นส.มาลี",
)  # fmt: skip


@pytest.mark.parametrize("text", REPORTED)
def test_what_a_reader_of_the_rules_got_through_is_held(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "text",
    [
        # in no list of given names
        "Victim 1: Wulansari", "Child 1 (Sreyka)", "Victim - Wulansari", "victims Wulansari and Sreyka",
        "her daughters Wulansari and Sreyka", "her sister (Wulansari)", "Sreyka (her sister)",
        "they met Sreyka's sister", "name: wulansari", "victim: sreyka", "her sister's name is sreyka",
        "the survivor called sreyka", "ms sreyka", "Ms sreyka", "puan wulansari", "wulansari binti tarmizi",
        "Tarmizi/M/14", "sdri. Wulansari", "a/n Wulansari", "P'Sreyka", "nama : wulansari", "Nama=wulansari",
        "tran van toan", "le thi thu",
        # a name in another script behind a cue in Latin letters
        "Ms มาลี", "Mr สมชาย", "Victim 1: มาลี", "Name: มาลี", "her sister มาลี", "ông มาลี", "Victim: 王小明",
        "name: មាលី", "Ms မာလီ", "Malee女士", "Malee 小姐",
        # of both kinds, in a sentence
        "ผู้เสียหาย 1: Wulansari", "พบคุณ wulansari ที่ท่ารถ", "与 ကိုအောင် ไป: ကိုအောင်",
    ],
)  # fmt: skip
def test_other_names_and_scripts_are_held(text: str) -> None:
    assert opinion(text) == "hold"


SYLLABLES = (
    "An", "A", "The", "In", "On", "Is", "To", "Do", "Du", "My", "Hung", "Long", "Van", "Son", "Tin", "Kim",
    "May", "Mai", "Sun", "Can", "Sao", "Công", "Tâm", "Hiệp", "Trung", "Thành", "Hải", "Hội", "Quốc", "Hà",
    "Liên", "Định", "Park", "April",
)  # fmt: skip
"""Syllables of names that are words of another language, of a place or of an institution."""


@pytest.mark.parametrize("syllable", SYLLABLES)
def test_a_syllable_that_is_another_word_hides_no_name(syllable: str) -> None:
    titles = ("Ông", "Bà", "ông", "chị", "Mr", "Ms", "Mrs.")
    names = [
        f"{title} {family} {syllable}"
        for title in titles
        for family in ("Nguyễn Văn", "Nguyen Thi", "Cao Thị", "Hồ Văn", "Lê")
    ]
    names += [f"{title} {syllable}" for title in ("Mr", "Ms", "Daw", "Puan")]
    names += [f"Nguyễn Văn {syllable}", f"Nguyen Thi {syllable}", f"{syllable} was seen by Nguyễn Thị {syllable}"]
    for sort in ("prose", "citation", "law prose"):
        assert [name for name in names if not marks(sort, name)[1]] == []


@pytest.mark.parametrize(
    "text", ["Ms May Santos", "Daw May Thu", "U Tin Tun", "Mr Park Jimin", "Mr Hai Nguyen", "Ms An Santos", "bà Sao"]
)  # fmt: skip
def test_nor_does_it_behind_an_honorific(text: str) -> None:
    assert opinion(text) == "hold"


@pytest.mark.parametrize(
    "words",
    ["Long An", "An Giang", "Hội An", "Bà Rịa", "Son La", "Cao Bằng", "Hồ Chí Minh City Police", "Phan Thiết Police"],
)  # fmt: skip
def test_places_of_the_same_syllables_stay_known(words: str) -> None:
    assert is_known_or_place(words.split())


HONEST = (
    "Victim (adult) and victim (child) are two codes of the list.",
    "Child 1 (female) and child 2 (male) stand for the rows of the form.", "Victim 1 (adult), victim 2 (minor)",
    "Victim - Thai national; victim - Lao national", "Victims: women and girls from Laos",
    "Victims: Overview and trends", "Victim: Vietnamese", "Child: foreigner", "Name: withheld",
    "Name: not given", "Name: Ministry of Labour", "Her mother called the hotline from Poipet.",
    "The girl's name is not known and is withheld.", "Her guardian signed the form in Phnom Penh.",
    "Her parents and Thai officials met.", "Victims Thai and Lao were separated.",
    "Parents: Thailand and Laos differ.", "The Child Protection Act (Amendment) was read.",
    "Girls - Age and sex are recorded.", "Mother (Head of household)", "We saw Mon and Karen refugees.",
    "In March Thailand and in May Laos reported.", "May Day is a holiday in Son La.",
    "In April Mukdahan reported more.", "They left for An Giang, Long An and Can Tho.",
    "The bus stop is by the bin and the sign.", "Maria Hospital and the Santa Maria Foundation",
    "girls - Maria Foundation", "Rosa Street, 14 houses", "Phase 2 (14) and Table 3 (15)", "Thailand/F/14",
    "Lao PDR (her neighbour) and Thailand", "Cambodia's neighbour Laos",
    "The Embassy's family liaison officer helped.", "Ship name: unknown", "5 ms delay", "Age = 14; sex = f",
    "Parent/child, brother/sister, victim/offender", "Victim: see Article 3", 'name = "kind"',
    "Bộ Công an và Hội Liên hiệp Phụ nữ Việt Nam phối hợp.", "Bà Rịa và Hội An là hai nơi có đường dây.",
    "Các anh Công an biên phòng tại Nghệ An hỗ trợ.", "Bị hại dưới 18 tuổi có quyền có người đại diện.",
    "Bị hại: người dưới 18 tuổi", "Họ và tên: không công khai",
    "Nạn nhân (trẻ em) được chuyển đến Trung tâm Bảo trợ.", "Korban 1 (dewasa), korban 2 (anak)",
    "Korban: perempuan dan anak", "Nama: dirahasiakan", "Nama penuh: dirahsiakan",
    "Mangsa (kanak-kanak) dihantar ke Rumah Perlindungan.", "Biktima: babae at bata",
    "Pangalan: hindi ibinigay", "Vítima (adulta) e vítima (criança)", "Nome: não divulgado",
    "Vítima sira (labarik) simu apoiu.", "ผู้เสียหาย Call Center ได้รับความช่วยเหลือ",
    "ผู้เสียหาย (VOT) ต้องลงทะเบียน", "คุณสมบัติ online ของผู้สมัคร", "นายจ้าง Malaysia และนายหน้า Facebook",
    "หนังสือ นสพ. และเอกสาร นส.3", "ດ່ານ Boten ແລະ ຊື່ Facebook", "ជនរងគ្រោះ online ត្រូវបានជួយ",
    "ကိုးကန့်ဒေသနှင့် ကိုရီးယားသို့ သွားသည်", "ကိုယ်တိုင် မှတ်ပုံတင်ပါ။ ကိုဗစ်ကာလ", "စောစောစီးစီး တိုင်ကြားပါ",
    "စောင့်ရှောက်ရေး ဌာန", "နော်ဝေနိုင်ငံ၏ အကူအညီ", "ကျား မ အချိုးအစား", "受害人（VOT）需要登记",
    "受害人 Facebook 账号", "பாதிக்கப்பட்டவர் online புகார்",
)  # fmt: skip


@pytest.mark.parametrize("text", HONEST)
def test_honest_texts_of_these_words_pass(text: str) -> None:
    assert opinion(text) == "pass"


def test_no_text_with_such_a_form_is_passed_over() -> None:
    texts = (*REPORTED, *spellings(LATIN_CUES, CONNECTORS))
    assert [text for text in texts if is_ordinary(plain(text))] == []


@pytest.mark.parametrize(
    "unit",
    [
        "siti ", "victim: ", "victim: siti ", "name: aa ", "ms ", "bin ali bin ", "girls Aa and ",
        "Aa's sister ", "Aa/F/", "受害人Aa ", "Ms ก", "ကို", "(", "anak no. 1: ",
    ],
)  # fmt: skip
def test_the_time_grows_with_the_text(unit: str) -> None:
    def taken(length: int) -> float:
        text = plain("siti victim " + (unit * length)[:length])
        start = time.process_time()
        list(connected.find_connected(text))
        list(native.find_native(text))
        return time.process_time() - start

    taken(1_000)
    assert is_linear(taken, 6_000)
