"""Finds words that may name a person: honorifics, forms of surnames, and unknown pairs of capitalised words.

No list of names is complete, and many names are also words, so a name is never refused: the message is held and a
second person examines the marked words. Thai, Lao, Khmer and Burmese have no capitals and few spaces; in these
languages an honorific indicates a name, except in words that begin with the same letters.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from suar.protocol.privacy.names.calling import find_called
from suar.protocol.privacy.names.capitals import SHORT, in_ordinary_writing
from suar.protocol.privacy.names.cue_words import find_at_cues
from suar.protocol.privacy.names.kin_names import find_kin
from suar.protocol.privacy.names.kinds import is_of_a_kind
from suar.protocol.privacy.names.known import BIG, WORD, is_known, is_known_or_place
from suar.protocol.privacy.names.words import REFERENCES, STARTS
from suar.protocol.privacy.text.plain import is_part, nfkc

# -- Latin letters

_HONORIFIC: Final = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Miss|Mister|Madam|Mdm|Dr|Prof|Encik|En|Cik|Puan|Pn|Tuan|Datuk|Dato['’]?|Datin|Haji|Hajah|Hj|Pak|Bapak|Bu|Ibu|Sdr|Sdri|Saudara|Saudari|Nona"
    rf"|Gng|Bb|Ginang|Ginoo|Binibini|Aling|Mang|Ate|Kuya|Senhor|Senhora|Maun|Mana|Khun|Nai|Daw|Ko|Ma|Maung|Naw|Saw|U)\.? {WORD}(?: {WORD})*"
)
_NO_PERSON: Final = re.compile(
    r"[Ee]m Việt Nam\b|(?:Ibu|Bu|Bapak) (?:Kota|Pejabat|Negara|Negeri|Pertiwi)|(?:Mr|Ms|Dr|U|Ma|Ko)\.? (?:Act|Article)|Ko Samui|Ko Chang|Ma On"
)
PATRONYM: Final = re.compile(rf" (?:bin|binti|binte|bte|bt|ibni|a/l|a/p|anak|s/o|d/o)\.? {WORD}(?: {WORD})*")
"""What follows the first words of such a name."""
_VIETNAMESE_LETTER: Final = re.compile("[ăâđêôơưĂÂĐÊÔƠƯạ-ỹ]")
CAPITALS: Final = re.compile(rf"[A-Z][a-z]{{0,7}}['’]?\.? [{BIG}]")
PERSONAL: Final = re.compile(rf"\b(?:si|sina|ni|nina|kay|kina) {WORD}(?: {WORD})*")
CALLED: Final = re.compile(
    r"\b(?:named|nicknamed|alias|a\.k\.a\.|bernama|dipanggil|panggilan|nagngangalang|pinangalanang|tên là|tên|tự xưng là|naran)\s[\"“'‘]?"
    rf"({WORD}(?: {WORD})*)"
)
_SURNAMES: Final = "Nguyễn|Nguyen|Trần|Tran|Lê|Phạm|Pham|Huỳnh|Huynh|Hoàng|Hoang|Phan|Vũ|Võ|Đặng|Dang|Bùi|Bui|Đỗ|Hồ|Ngô|Ngo|Dương|Duong|Lý|Đinh|Trịnh|Trinh|Lương|Luong|Đào|Đoàn|Doan|Vương|Vuong|Mai|Tạ|Cao|Châu"
_NO_NAME: Final = (
    r"(?:trường|trấn|xã|sát|thực|phần|hóa|hoá|phòng|bản|học|bằng|kiện|chương|nghệ)\b"  # market, town, culture, office
)
_VIETNAMESE: Final = re.compile(rf"\b(?:{_SURNAMES})(?: {WORD}){{1,3}}")
_VIETNAMESE_SMALL: Final = re.compile(
    # trần thị bích ngọc, nguyễn văn an
    rf"\b(?:{_SURNAMES.lower()}) (?:thị|văn) (?!{_NO_NAME})[^\W\d_]{{1,8}}(?: [^\W\d_]{{1,8}})?\b"
)
_VIETNAMESE_CALL: Final = re.compile(
    rf"(?<!nước )(?<!tiếng )\b(?:ông|bà|anh|chị|cô|em|cháu|bé|chú|bác|Ông|Bà|Anh|Chị|Cô|Em|Cháu|Bé) {WORD}(?: {WORD})*"
)
IN_SEQUENCE: Final = re.compile(rf"{WORD}(?: {WORD})*")
"""One capitalised word or more. One alone matches too, so that no letter of it is looked at again."""
# part of every match of CAPITALS, and of two words of IN_SEQUENCE, in ASCII text; begins with a blank, which is fast to find
IN_A_ROW: Final = re.compile(
    r" (?=[A-Z])(?:(?<=[A-Za-z'] )|(?<='\. )|" + "|".join(rf"(?<=[A-Z]{'[a-z]' * n}\. )" for n in range(8)) + ")"
)

_PERSONS: Final = "victim|survivor|name|nickname|korban|nama|mangsa|biktima|pangalan|vítima|nome|naran|nạn nhân|họ tên"
_BEFORE_A_NAME: Final = re.compile(
    rf"(?i:\b(?:{_PERSONS}|mother|father|sister|brother|daughter|son|girl|boy|là|is)[:,]? )$"
)
_LABELLED: Final = re.compile(rf"(?i:\b(?:{_PERSONS}) ?[:：] ?)[\"“'‘]?({WORD}(?: {WORD})*)")
"""A label for a person and the words after it."""

BETWEEN: Final = (" bin", " bt", " ibni", " a/l", " a/p", " anak", " s/o", " d/o")  # in every PATRONYM
MARKERS: Final = ("si ", "ni ", "na ", "kay ")  # in every PERSONAL
CALLING: Final = (  # in every CALLED
    "named", "alias", "a.k.a.", "bernama", "dipanggil", "panggilan", "nagngangalang", "pinangalanang", "tên",
    "tự xưng là", "naran",
)  # fmt: skip
# -- titles of laws and cases

_ROLE: Final = re.compile(
    rf"(?:\b(?:victims?|survivors?|suspects?|accused|defendants?|offenders?|traffickers?|convicts?|witness(?:es)?|complainants?|petitioners?|respondents?|appellants?"
    rf"|plaintiffs?|prisoners?|detainees?|minor|child|girl|boy|daughter|son|mother|father|wife|husband|sister|brother"
    rf"|mangsa|korban|suspek|tersangka|terdakwa|tertuduh|saksi|biktima|akusado|nasasakdal|saksing|vítima|arguido|réu|testemunha|nạn nhân|bị cáo|bị can|nhân chứng"
    rf"|in re|ex parte|in the matter of|matter of|case of|case against|murder of|estate of|perkara|kasus|kes|vụ án)\b"
    rf"|\b(?:Victim|Survivor|Suspect|Accused|Defendant|Witness|Complainant|Petitioner|Respondent|In re|In Re|In the matter of|In the Matter of|Ex parte|Ex Parte|Case of|Mangsa|Korban"
    rf"|Terdakwa|Tersangka|Vítima|Nạn nhân|Bị cáo|Bị can)[:,]?)[:,]? ({WORD}(?: {WORD})+)"
)
PARTY: Final = re.compile(rf"{WORD}(?:(?: of(?: the)?| and)? {WORD})*")
"""One side of a case; a word alone matches too, so that no letter of it is looked at again."""
OTHER_PARTY: Final = re.compile(rf",? (?:v\.?|vs\.?|versus|lwn\.?|lawan|melawan|kontra|contra) ({WORD}(?: {WORD})*)")
_STATES: Final = frozenset({"pp", "r", "rex", "regina", "people", "state", "crown", "public prosecutor", "prosecutor"})

# -- Thai, Lao, Khmer, Burmese: honorifics, and the continuations of words that begin with the same letters

_THAI: Final = re.compile(
    nfkc(
        r"(?<!นคร)นาย(?!จ้าง|หน้า|ก(?:รัฐ|เทศ|อบต|อบจ|ส|ฯ|เมือง)|แพทย์|อำเภอ|ทะเบียน|ทหาร|ตำรวจ|ทุน|ท้าย|เรือ|ประกัน|ด่าน|ช่าง|ธนาคาร|ใหญ่|พล|พัน|ร้อย|สถานี|ตรวจ|ว่า|สิบ|หญิง)\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|นางสาว(?!ไทย)\s?[ก-ฮเ-ไ][^\s\d]{1,30}|น\.\s?ส\.\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|นาง(?<![ก-๙]นาง)(?!สาว|แบบ|บำเรอ|ฟ้า|พยาบาล|งาม|เอก|ร้าย|แมว|นวล|สงกรานต์|โลม|กวัก|รอง)\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|เด็ก(?:ชาย|หญิง)(?!และ|หรือ|ที่|อายุ|จาก|ใน|ถูก|ชาว|ต่าง|ไทย|เมียน|ลาว|กัม|เวียด|เป็น|ซึ่ง|เพื่อ|มี|ทั้ง|ไม่|จำนวน|วัย|เหล่า|กลุ่ม|ได้|คน|ให้|เข้า|ต้อง|อย่าง|ส่วน|กับ|โดย|เล็ก|โต|ตาม|ผู้|ของ|เสี่ยง|บาง|ราย|ออก|เร่|ข้าม|เด็ก)\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|ด\.\s?[ชญ]\.\s?[ก-ฮเ-ไ][^\s\d]{1,30}|ดร\.\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|พล?\.[ตจอ]\.[ตอทส]\.(?:หญิง)?\s?[ก-ฮเ-ไ][^\s\d]{1,30}|ร\.[ตจอ]\.[ตอทส]\.(?:หญิง)?\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|ส\.[ตจอ]\.[ตอทส]\.(?:หญิง)?\s?[ก-ฮเ-ไ][^\s\d]{1,30}|จ\.ส\.[ตอท]\.(?:หญิง)?\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|คุณ(?<![ก-๙]คุณ)(?!ภาพ|สมบัติ|ธรรม|ค่า|ลักษณะ|วุฒิ|ประโยชน์|สามารถ|จะ|ได้|มี|ควร|ต้อง|และ|ที่|อาจ|เป็น|ถูก)\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|ชื่อ(?:เล่น|จริง)(?!ปลอม)(?:ว่า)?\s?[ก-ฮเ-ไ][^\s\d]{1,30}|ชื่อว่า\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|(?:ผู้เสียหาย|เหยื่อ|เด็กหญิง|เด็กชาย|หญิงสาว|แม่|พ่อ)ชื่อ(?!ว่า|เล่น|จริง|ปลอม|เดียวกัน|ของ|และ|นามสกุล)\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|ชื่อผู้เสียหาย ?[: ] ?[ก-ฮเ-ไ][^\s\d]{1,30}"
        r"|น้อง(?<![ก-๙]น้อง)(?!สาว|ชาย|ๆ|ใหม่|คน|ที่|ของ|เขย|สะใภ้|เล็ก|สุด|จะ|ได้|มี|ไม่|และ|หรือ)\s?[ก-ฮเ-ไ][^\s\d]{1,30}"
    )
)
_LAO: Final = re.compile(
    nfkc(
        r"ທ້າວ\s?[ກ-ຮເ-ໄໜໝ][^\s\d]{1,30}|ນາງສາວ(?!ລາວ)\s?[ກ-ຮເ-ໄໜໝ][^\s\d]{1,30}|ນາງ(?<![ກ-ໝ]ນາງ)(?!ງາມ|ສາວລາວ|ແບບ|ພະຍາບານ|ຟ້າ)\s?[ກ-ຮເ-ໄໜໝ][^\s\d]{1,30}"
        r"|ເດັກ(?:ຊາຍ|ຍິງ|ຫຍິງ|ນ້ອຍ)?\s?ຊື່(?!ວ່າ|ຫຼິ້ນ|ຫລິ້ນ|ຈິງ)\s?[ກ-ຮເ-ໄໜໝ][^\s\d]{1,30}|ຊື່ວ່າ\s?[ກ-ຮເ-ໄໜໝ][^\s\d]{1,30}|ຊື່(?<![ກ-ໝ]ຊື່)\s[ກ-ຮເ-ໄໜໝ][^\s\d]{1,30}"
    )
)
_KHMER: Final = re.compile(
    nfkc(
        r"លោកស្រី(?!ឆ្នាំ|\s?\d)\s?[ក-ឳ][^\s\d]{1,30}|អ្នក(?:ស្រី|នាង)(?!ឆ្នាំ|\s?\d)\s?[ក-ឳ][^\s\d]{1,30}|កញ្ញា(?!ឆ្នាំ|\s?\d)\s?[ក-ឳ][^\s\d]{1,30}|លោក(?<!ពិភពលោក)(?!ស្រី|សង្ឃ|ិយ)\s?[ក-ឳ][^\s\d]{1,30}"
        r"|ឈ្មោះ(?!ក្រុមហ៊ុន|ក្លែង|គណនី|ពិត|របស់|ទេ|និង|អាជីវ|ហៅ\s*ក្រៅ)\s?[ក-ឳ][^\s\d]{1,30}"
    )
)
_BURMESE: Final = re.compile(
    r"ဦး(?<![\u1000-\u109f\d]ဦး)(?<!\d ဦး)(?!\s?(?:စီး|တည်|ဆောင်|နှောက်|စွာ|ပိုင်|ရေ|စား|ခေါင်း|လေး|နှင့်|က\s|ကို\s|တို့|အနက်|အား|မှ|၏))\s?[က-အ][^\s\d၊။]{1,30}"
    r"|ဒေါ်(?!လာ)\s?[က-အ][^\s\d၊။]{1,30}|မောင်(?<![\u1000-\u109f]မောင်)(?!နှမ|း)\s?[က-အ][^\s\d၊။]{1,30}"
    r"|အမည်(?:မှာ|ရှိ|က)?\s[က-အ][^\s\d၊။]{1,30}|နာမည်(?:မှာ|ရှိ|က)?\s[က-အ][^\s\d၊။]{1,30}"
)
_CHINESE_SURNAMES: Final = (
    "李王张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯"
    "龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤阮"
)
_CHINESE: Final = re.compile(
    # 李女士, 受害人李小红, 名叫李小红
    rf"[{_CHINESE_SURNAMES}][\u4e00-\u9fff]{{0,2}}(?:女士|先生|小姐)(?!们)"
    rf"|(?:受害人|被害人|受害者|当事人|女孩|男孩|姓名:? ?|名叫|名字是|名为)(?!于|向|何[时处地]|任何|万|严重|马上|高度|方面|范围)[{_CHINESE_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?=[^\u4e00-\u9fff]|$|女|男|获救|失踪|被)"
    # 王小明(15岁), 李小红,女,15岁, 名叫小红
    rf"|(?<![\u4e00-\u9fff])[{_CHINESE_SURNAMES}](?!中|龄|岁|人|来|象|边)[\u4e00-\u9fff]{{1,2}} ?[(,、 ] ?(?:[男女]性?[,、 ]{{1,2}})?(?:现年|年仅)?\d{{1,2}} ?岁(?![以至到及或之-])"
    r"|(?:名叫|女孩|男孩|受害人|少女)[小阿](?!时|学|组|型|规|部)[\u4e00-\u9fff](?=[^\u4e00-\u9fff]|$|的|被|在|从|获|失|说|称|于|,)"
)
_TAMIL_NAME: Final = "[\u0b85-\u0bb9][\u0b80-\u0bff]{1,30}"
_TAMIL: Final = re.compile(
    # திருமதி கவிதா, பெயர்: கவிதா; after a word for a victim also without the colon
    rf"(?<![\u0b80-\u0bff])(?:திருமதி|திரு|செல்வி|செல்வன்|குமாரி)\.? {_TAMIL_NAME}"
    rf"|(?:பாதிக்கப்பட்டவர(?:ின்|து|்)?|அவர(?:ின்|து)|பெண்ணின்|சிறுமியின்) பெயர்:? {_TAMIL_NAME}|(?:^|\n)பெயர்: {_TAMIL_NAME}"
)
_SCRIPTS: Final = (
    (re.compile("[\u4e00-\u9fff]"), _CHINESE),
    (re.compile("[\u0b80-\u0bff]"), _TAMIL),
    (re.compile("[\u0e00-\u0e7f]"), _THAI),
    (re.compile("[\u0e80-\u0eff]"), _LAO),
    (re.compile("[\u1780-\u17ff]"), _KHMER),
    (re.compile("[\u1000-\u109f]"), _BURMESE),
)


def names(text: str, *, pairs: bool = True) -> list[str]:
    """Return the words of plain text that may name a person.

    `pairs`: include pairs of capitalised words, which also occur in the names of institutions and laws.
    """

    def search(written: str) -> list[str]:
        return [
            *_latin(written, pairs),
            *find_called(written),
            *find_kin(written),
            *find_at_cues(written),
            *_labelled(written),
        ]

    found = search(text)
    if not _is_small(text):
        found += _in_capitals(text, search)
    if not text.isascii():
        for letters, form in _SCRIPTS:
            if letters.search(text):
                found += (words[0] for words in form.finditer(text))
    once = dict.fromkeys(words.strip() for words in found) if found else {}
    return [words for words in once if not is_part(words, once)]


def in_title(text: str) -> list[str]:
    """Return the words that may name a person in the title (plain text) of a law or a case.

    Every word of a title may be capitalised, so it searches for honorifics, words for a role in a case, and parties.
    """
    found = [*names(text, pairs=False), *_in_a_case(text), *_in_capitals(text, _in_a_case)]
    once = dict.fromkeys(found)
    return [words for words in once if not is_part(words, once)]


def _in_a_case(text: str) -> Iterator[str]:
    yield from (words[0] for words in _ROLE.finditer(text) if not is_known(words[1].split()))
    for one, other in _continued(text, PARTY, OTHER_PARTY):
        if not all(is_known(side.split()) or side.lower() in _STATES for side in (one, other[1])):
            yield one + other[0]


def _continued(text: str, first: re.Pattern[str], more: re.Pattern[str]) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield the matches of `first` behind which `more` is; each word is looked at twice, however many stand in a row."""
    for found in first.finditer(text):
        follows = more.match(text, found.end())
        if follows:
            yield found[0], follows


def _latin(text: str, pairs: bool) -> Iterator[str]:
    if not text.isascii():
        yield from (found[0] for found in _VIETNAMESE_SMALL.finditer(text))
    if _is_small(text):
        return  # every form has a capital after its first letter
    in_a_row = not text.isascii() or IN_A_ROW.search(text) is not None
    for form in _forms(text, in_a_row):
        for found in form.finditer(text):
            if not _NO_PERSON.match(found[0]) and not is_known(found[0].split()[1:]):
                yield found[0]
    yield from _patronyms(text)
    if has_any(text, CALLING):
        for found in CALLED.finditer(text):
            if not is_known(found[1].split()):
                yield found[0]
    if not pairs or not text.isascii():  # with `pairs`, plain letters are covered by the pairs
        for found in _VIETNAMESE.finditer(text):
            if not is_known_or_place(found[0].split()):
                yield found[0]
    if pairs and in_a_row:
        yield from _pairs(text)


def _patronyms(text: str) -> Iterator[str]:
    if has_any(text, BETWEEN) and PATRONYM.search(text):
        for one, more in _continued(text, IN_SEQUENCE, PATRONYM):
            words = one + more[0]
            if not _NO_PERSON.match(words) and not is_known(words.split()[1:]):
                yield words


def _is_small(text: str) -> bool:
    """Whether an ASCII text has no capital after its first letter; faster than a search."""
    return text.isascii() and text[1:].islower()


def _labelled(text: str) -> Iterator[str]:
    """Yield a capitalised word after a label for a person."""
    if ":" in text:
        for found in _LABELLED.finditer(text):
            if found[1].lower() != "unknown" and not is_known_or_place(found[1].split()):
                yield found[1]


def _in_capitals(text: str, search: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Yield names in capitals, searched in ordinary writing.

    Short words in capitals are mostly abbreviations, in Vietnamese any word. They are reported only after a word for a
    person, with a Vietnamese surname, or in a text without words in lower case.
    """
    ordinary = in_ordinary_writing(text)
    if ordinary is None:
        return
    written, is_all = ordinary
    is_doubtful = not is_all or _VIETNAMESE_LETTER.search(text) is not None
    for words in dict.fromkeys(search(written)):
        at = written.find(words)
        own = text[at : at + len(words)]
        is_short = is_doubtful and all(len(word) <= SHORT for word in own.split())
        if own != words and (not is_short or _VIETNAMESE.match(words) or _BEFORE_A_NAME.search(text[:at])):
            yield own


def _forms(text: str, in_a_row: bool) -> Iterator[re.Pattern[str]]:
    """Yield the forms that can match in this text."""
    if in_a_row and CAPITALS.search(text):
        yield _HONORIFIC
    if has_any(text, MARKERS):
        yield PERSONAL
    if not text.isascii() and _VIETNAMESE_LETTER.search(text):
        yield _VIETNAMESE_CALL


def has_any(text: str, parts: tuple[str, ...]) -> bool:
    """Whether the text contains one of `parts`, of which every match of a form contains one; faster than a search."""
    return any(map(text.__contains__, parts))


def _pairs(text: str) -> Iterator[str]:
    for found in IN_SEQUENCE.finditer(text):
        words = found[0].split()
        if len(words) == 1 or is_known_or_place(words):
            continue
        if _starts(text, found.start()) and words[0].lower() in STARTS:
            del words[0]
        if words and is_of_a_kind(words, text, found.start()):
            continue
        names_ = [word for word in words if not _is_acronym(word) and word.lower().strip(".") not in REFERENCES]
        if len(names_) > 1 and not is_known_or_place(names_):
            yield " ".join(words)


def _is_acronym(word: str) -> bool:
    return word.isupper() and len(word) <= 5


def _starts(text: str, at: int) -> bool:
    """Whether a sentence begins at this position."""
    before = text[:at].rstrip(" \"'“‘(")
    return not before or before[-1] in ".!?:;\n–—-…"
