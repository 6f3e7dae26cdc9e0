"""Finds names in Thai, Lao, Khmer, Burmese, Chinese and Tamil letters behind a cue in the same script with a sign between.

The cue is an honorific, or a word for kin, a victim, a child, a witness or a name; it may have a number. What stands
behind the sign is a name if it is short, ends at a blank, a sign or the end, and does not begin with another word that
stands there. `native` has the names right behind a cue. A finding is held, never refused.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from suar.protocol.privacy.names.cues import OF_NATIVE
from suar.protocol.privacy.names.kin_names import LISTED_NAMES
from suar.protocol.privacy.names.native import CHINESE_SURNAMES
from suar.protocol.privacy.text.kin_words import NATIVE_KIN
from suar.protocol.privacy.text.plain import has_native_letter, nfkc, words_of

_ID: Final = nfkc(r"(?: ?(?:รายที่|คนที่|คน|ลำดับที่|ลำดับ|ຄົນທີ|ຜູ້ທີ|ទី|អ្នកទី|လူ|எண்)? ?\(?(?:\d{1,2}|[甲乙丙丁戊一二三四五])\)?\.?)?")
_SIGN: Final = r"(?: ?[:=→|៖။] ?[\"“「(]?| ?-{1,2}>? ?| ?[(\[\"“「'‘] ?)"
_END: Final = r"(?=$|[\s,.;:)\]\"”」'’/၊။।、。])"


class _Script(NamedTuple):
    """Its letters, the cues that `OF_NATIVE` and `NATIVE_KIN` lack, a first letter, any other, and words that are no name."""

    letters: str
    cues: str
    first: str
    other: str
    most: int
    no_names: str


_SCRIPTS: Final = (
    _Script(
        "\u0e01-\u0e5b",
        "เด็ก|พยาน|ผู้ป่วย|ผู้ร้อง|ผู้ต้องหา|ผู้รอดชีวิต|ผู้แจ้ง|ลูกจ้าง|คนงาน|ชื่อ-สกุล|ชื่อ-นามสกุล|นามสกุล|ชื่อสกุล",
        "[ก-ฮเ-ไ]",
        "[\u0e01-\u0e4e]",
        16,
        "ไม่|หญิง|ชาย|เด็ก|ผู้|คน|สัญชาติ|อายุ|จำนวน|ราย|ที่|การ|ความ|และ|ใน|จาก|ไทย|ลาว|พม่า|เมียนมา|กัมพูชา|เวียดนาม|ต่าง|ปกปิด|ถูก|ได้|มี|เป็น|ต้อง|แรงงาน|สมมติ|สงวน|เหยื่อ|พยาน|ลูก|แม่|พ่อ|พี่|น้อง|บิดา|มารดา"
        "|สามี|ภรรยา|หรือ|ซึ่ง|เพื่อ|ตาม|โดย|ให้|ของ|กลุ่ม|บริษัท|องค์กร|หน่วย|โครงการ|ข้อมูล|ประเภท|สถาน|ลักษณะ|นาม|ชื่อ|ภาษา|ไฟล์|วัน|เวลา|เพศ|รูป|ชั่วคราว|เต็ม|ย่อ|เล่น|จริง|ล่าม|เจ้า|ญาติ|คดี|เอกสาร|ข้าม|ทั้ง|ส่วน|บุคคล|ประชา"
        "|อ้าง|เรียก|สูง|ต่ำ|ชนิด|คำ|แบบ|รหัส|หมาย|เลข|ใหม่|เดิม|ระบบ|ช่อง|ค่า|ตัว|ข้อ|อื่น|ทุก|แต่|เมื่อ|หาก|เช่น|เลือก|ใช้|ใส่|กรอก|ระบุ|แสดง|รวม|ยกเว้น|ประมาณ|กว่า|เฉพาะ|ร้อย|สกุล|ชาว|สุขภาพ|คลินิก|กระบวน|กระทรวง|ศูนย์|มูลนิธิ|สำนัก|สวัสดิการ|หน้าที่|บทบาท|มาตรการ|คู่มือ|ขั้นตอน|นโยบาย|พื้นที่|เครือข่าย|โรง(?:งาน|พยาบาล|เรียน|แรม)|นาย(?:จ้าง|หน้า)|แนว(?:ทาง|ปฏิบัติ)|แผน(?:งาน|การ|ปฏิบัติ)|หลัก(?:ฐาน|เกณฑ์|สูตร)|สิทธิ(?:และ|มนุษย|แรงงาน|ประโยชน์|เด็ก|ใน|ของ)|ทำ|งาน|ภาค(?:ประมง|เกษตร|บริการ|อุตสาหกรรม|ก่อสร้าง|การ|รัฐ|เอกชน|ครัวเรือน|เหนือ|ใต้|กลาง|ตะวัน|อีสาน)",
    ),
    _Script(
        "\u0e81-\u0edf",
        "ເດັກ|ພະຍານ|ຄົນເຈັບ|ເຫຍື່ອ|ຊື່ແທ້|ນາມສະກຸນ",
        "[ກ-ຮເ-ໄໜໝ]",
        "[\u0e81-\u0ecd\u0edc-\u0edf]",
        16,
        "ບໍ່|ຍິງ|ແມ່ຍິງ|ຊາຍ|ເດັກ|ຜູ້|ຄົນ|ສັນຊາດ|ອາຍຸ|ຈຳນວນ|ຈໍານວນ|ທີ່|ການ|ຄວາມ|ແລະ|ໃນ|ຈາກ|ລາວ|ໄທ|ຫວຽດ|ກຳ|ມຽນ|ຖືກ|ໄດ້|ມີ|ເປັນ|ແຮງງານ|ລູກ|ແມ່|ພໍ່|ອ້າຍ|ເອື້ອຍ|ນ້ອງ|ຫຼື|ເຊິ່ງ|ເພື່ອ|ຕາມ|ໂດຍ|ໃຫ້|ຂອງ|ກຸ່ມ|ບໍລິສັດ|ອົງ|ໂຄງການ|ຂໍ້|ປະເພດ|ສະຖານ|ຊື່|ພາສາ|ວັນ|ເພດ|ລະ"
        "|ໝາຍ|ເລກ|ໃໝ່|ລະບົບ|ຄ່າ|ອື່ນ|ທຸກ|ແຕ່|ເມື່ອ|ຖ້າ|ເຊັ່ນ|ເລືອກ|ໃຊ້|ໃສ່|ລະບຸ|ສະແດງ",
    ),
    _Script(
        "\u1780-\u17dd",
        "កុមារី|កុមារា|កុមារ|ក្មេង|សាក្សី|អ្នកជំងឺ|រងគ្រោះ|នាមត្រកូល",
        "[ក-ឳ]",
        "[\u1780-\u17d3]",
        20,
        "មិន|គ្មាន|ស្ត្រី|បុរស|នារី|ក្មេង|កុមារ|អ្នក|ជន|មនុស្ស|សញ្ជាតិ|អាយុ|ចំនួន|ដែល|ការ|សេចក្តី|និង|នៅ|ក្នុង|ពី|ខ្មែរ|កម្ពុជា|ថៃ|ឡាវ|វៀត|មីយ៉ាន់|ត្រូវ|បាន|មាន|ជា|ពលករ|កូន|ម្តាយ|ម្ដាយ|ឪពុក|បង|ប្អូន|ឬ|ដើម្បី|តាម|ដោយ|ឲ្យ|ឱ្យ|របស់|ក្រុម|អង្គការ|គម្រោង"
        "|ព័ត៌មាន|ប្រភេទ|ឈ្មោះ|ភាសា|ថ្ងៃ|ភេទ|លេខ|ថ្មី|ប្រព័ន្ធ|តម្លៃ|ផ្សេង|គ្រប់|ប៉ុន្តែ|ពេល|បើ|ដូច|ជ្រើស|ប្រើ|បញ្ចូល|បង្ហាញ|ប្រុស|ស្រី(?=$|[^\u1780-\u17d3])|គណនី|សាក្សី",
    ),
    _Script(
        "\u1000-\u109f",
        "သားကောင်|ကလေး|သက်သေ|လူနာ|မိန်းကလေး|နာမည်|အမည်ရင်း",
        "[က-အ]",
        "[\u1000-\u103f]",
        20,
        "မရှိ|မသိ|မဟုတ်|မပါ|မရ|အမျိုး|ကလေး|လူ|သူ|နိုင်ငံ|အသက်|အရေ|နှင့်|နဲ့|သို့|တွင်|မှ|မြန်မာ|ထိုင်း|လာအို|ခံ|ရှိ|ဖြစ်|အလုပ်|သား|သမီး|အမေ|အဖေ|မိခင်|ဖခင်|အစ်|ညီ|အတွက်|အရ|အဖွဲ့|ကုမ္ပဏီ|စီမံ|အချက်|အမည်|ဘာသာ|နေ့|ကျား|နံပါတ်|အသစ်|စနစ်|တန်ဖိုး|အခြား|အားလုံး|သက်သေ|ဥပမာ|ရွေး|သုံး|ထည့်|ပြ|တစ်|များ|တို့",
    ),
    _Script(
        "\u0b80-\u0bff",
        "சாட்சி|குழந்தை|பெண்|நோயாளி|பாதிக்கப்பட்ட பெண்|பாதிக்கப்பட்டவரின் பெயர்",
        "[\u0b85-\u0bb9]",
        "[\u0b80-\u0bff]",
        16,
        "பெண்|ஆண்|குழந்தை|சிறு|இல்லை|தெரியா|அறியப்|வயது|எண்|நாடு|மற்றும்|அல்லது|இந்திய|தமிழ்|மலேசிய|இலங்கை|தாய்|தந்தை|மகள்|மகன்|சகோதர|சாட்சி|பாதிக்க|தொழில|அமைப்ப|நிறுவன|திட்ட|தகவல்|வகை|பெயர்|மொழி|தேதி|புதிய|அனைத்த|எல்லா|பிற|மற்ற|பயன்|தேர்|உள்ள|வெளியிட|ஒரு|அந்த|இந்த",
    ),
)


def _alternatives(form: str) -> list[str]:
    """Return the alternatives of the inside of a form; a vertical bar in brackets separates none."""
    parts, depth = [""], 0
    for each in form:
        depth += (each == "(") - (each == ")") if each in "()" else 0
        if each == "|" and depth == 0:
            parts.append("")
        else:
            parts[-1] += each
    return parts


_EVERY_CUE: Final = (*_alternatives(NATIVE_KIN), *_alternatives(OF_NATIVE.replace("[။၊,.(]", "[။၊,.]")))


class _Form(NamedTuple):
    """What a script needs: a letter, a name behind a sign, and a cue with its number right before the sign."""

    letter: re.Pattern[str]
    named: re.Pattern[str]
    cued: re.Pattern[str]


def _form(script: _Script) -> _Form:
    own = re.compile(f"[{script.letters}]")
    cues = [cue for cue in (*_EVERY_CUE, *script.cues.split("|")) if own.search(cue)]
    words = "|".join(sorted(cues, key=len, reverse=True))
    named = rf"{_SIGN}(?!{script.no_names})({script.first}{script.other}{{1,{script.most}}}){_END}"
    return _Form(own, re.compile(nfkc(named)), re.compile(nfkc(rf"(?:{words}){_ID}$")))


_FORMS: Final = tuple(map(_form, _SCRIPTS))
_HAS_SIGN: Final = re.compile(r"[:=→|៖။(\[\"“「'‘-]")
_SEEN: Final = 40
"""Characters before a sign in which a cue is looked for."""
_OF_A_THING: Final = re.compile(
    nfkc(
        "(?:நிறுவன|அமைப்ப|திட்ட|சட்ட|கப்பல|மாவட்ட|மாநில|துறை)[\u0b80-\u0bff]* பெயர்"
        "|(?:ကုမ္ပဏီ|အဖွဲ့|အဖွဲ့အစည်း|စီမံကိန်း|ဥပဒေ|ဌာန|မြို့|ရွာ|သင်္ဘော)(?:၏|ရဲ့)? ?(?:အမည်|နာမည်)"
        "|(?:公司|机构|机構|项目|法律|组织|组織|单位)(?:的)?(?:名字|名)"
    )
    + " ?$"
)
"""The word for a name behind that of a company, an organisation, a law, a ship or a town."""
_AN_AGE: Final = nfkc(r"[,၊ ]{1,2}(?:(?:อายุ|ອາຍຸ|អាយុ|အသက်|வயது) ?\d|\d{1,2} ?(?:ปี|ປີ|ឆ្នាံ|နှစ်|வயது))")
_WITHOUT_A_SIGN: Final = tuple(
    (part, re.compile(nfkc(form)))
    for part, form in (
        # ผู้เสียหายรายที่ 1 มะลิ, ชื่อมะลิ at the end of a clause
        (
            "ที่",
            rf"(?:ผู้เสียหาย|เหยื่อ|พยาน|เด็ก)(?:รายที่|คนที่) ?\d{{1,2}} (?!{_SCRIPTS[0].no_names})([ก-ฮเ-ไ][\u0e01-\u0e4e]{{1,16}})(?=$|[\s,.)])",
        ),
        (
            "ชื่อ",
            rf"(?:^|(?<=[\s(\"“:,]))ชื่อ(?!เสียง|{_SCRIPTS[0].no_names}|เรือ|กฎหมาย|พระ|เว็บ|เพจ|บัญชี|ว่า|นี้|ปลอม|จังหวัด|ประเทศ|หัว|ตำแหน่ง|เขต|แหล่ง|เมือง|ประกาศ|ทาง|ร้าน|แอป|ด่าน|สาขา)([ก-ฮเ-ไ][\u0e01-\u0e4e]{{1,10}})(?=$|[,.)\"”])",
        ),
        ("ນ້ອງ", rf"ນ້ອງ (?!{_SCRIPTS[1].no_names})([ກ-ຮເ-ໄໜໝ][\u0e81-\u0ecd]{{1,12}})(?=$|[,.)])"),
        # နစ်နာသူ မသီတာ အသက် ၁၅, பெண் மீனா, வயது 15, ក្មេងស្រី ស្រីមុំ អាយុ 15
        (
            "အသက်",
            rf"(?:နစ်နာသူ|သားကောင်|ကလေး|မိန်းကလေး) ?((?:မ|ကို|မောင်|ဒေါ်)?[က-အ][\u1000-\u103f]{{1,16}})(?={_AN_AGE})",
        ),
        ("வயது", rf"(?:பெண்|சிறுமி|சிறுவன்|குழந்தை) ([\u0b85-\u0bb9][\u0b80-\u0bff]{{1,16}})(?={_AN_AGE})"),
        (
            "អាយុ",
            rf"(?:ក្មេងស្រី|ក្មេងប្រុស|ជនរងគ្រោះ|កុមារី) (?!{_SCRIPTS[2].no_names})([ក-ឳ][\u1780-\u17d3]{{1,16}})(?={_AN_AGE})",
        ),
    )
)
"""(A part of every match; the form of a name behind a cue without a sign.)"""
_HAN: Final = "\u4e00-\u9fff"
_NAME_ZH: Final = rf"[{CHINESE_SURNAMES}](?!女士|先生)[{_HAN}]{{1,2}}(?![{_HAN}])"
_CUES_ZH: Final = "|".join(
    sorted((cue for cue in _EVERY_CUE if re.fullmatch(rf"[{_HAN}]+", cue)), key=len, reverse=True)
)
_CHINESE: Final = _Form(
    re.compile(f"[{_HAN}]"),
    re.compile(rf"{_SIGN}({_NAME_ZH})"),
    re.compile(rf"(?:{_CUES_ZH}|名字|儿童|病人|幸存者){_ID}$"),
)
_WITH_AGE_ZH: Final = re.compile(
    rf"(?<![{_HAN}])([{CHINESE_SURNAMES}](?!中|龄|岁|人|来|象|边)[{_HAN}]{{1,2}})(?:今年|现年|年仅|,) ?(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}}) ?[岁歲](?![以至到及或之-])"
)
_RUN: Final = "[\u0b80-\u0bff\u0e01-\u0e4e\u0e81-\u0ecd\u0edc-\u0edf\u1000-\u103f\u1780-\u17d3\u4e00-\u9fff]{2,12}"
_BEHIND_LATIN: Final = re.compile(
    rf"(?i:\b(?:(?:her|his|their|the \w+) name is|name -|name =|sister:|brother:|mother:|father:|daughter:|son:|girl:|boy:|child:|victim:|witness:)) ?[\"“]?({_RUN})(?=$|[\s,.;)\"”])"
)
_LATIN_PAIR: Final = re.compile(
    rf"(?<![\w'’-])([A-Z][a-z]{{1,20}}) ?[(/] ?({_RUN})(?![^\s,.;)])|({_RUN}) ?[(/] ?([A-Z][a-z]{{1,20}})(?![\w'’-])"
)
_LABELS: Final = frozenset("name sister brother mother father daughter son girl boy child victim witness".split())  # noqa: SIM905
_A_PAIR: Final = re.compile(r"[^\x00-\x7f] ?[(/] ?[A-Z][a-z]|[a-z] ?[(/] ?[^\x00-\u00ff]")
_A_CHINESE_NAME: Final = re.compile(rf"[{CHINESE_SURNAMES}][{_HAN}]{{1,2}}")


def native_names(text: str) -> Iterator[str]:
    """Yield the words of plain text in these scripts behind a cue and a sign that may name a person."""
    if not has_native_letter(text):
        return
    if _HAS_SIGN.search(text):
        for script in (*_FORMS, _CHINESE):
            if script.letter.search(text):
                yield from _behind_signs(script, text)
    for part, form in _WITHOUT_A_SIGN:
        if part in text:
            yield from (found[1] for found in form.finditer(text))
    if "岁" in text or "歲" in text:
        yield from (found[1] for found in _WITH_AGE_ZH.finditer(text))
    yield from _of_two_scripts(text)


def _behind_signs(form: _Form, text: str) -> Iterator[str]:
    for found in form.named.finditer(text):
        before, sign = max(0, found.start() - _SEEN), found.start()
        if form.cued.search(text, before, sign) and not _OF_A_THING.search(text, before, sign):
            yield found[1]


def _of_two_scripts(text: str) -> Iterator[str]:
    """Yield `her name is มะลิ`, and a given name of the list with its other spelling: Malee (มะลิ)."""
    if not words_of(text).isdisjoint(_LABELS):
        yield from (found[1] for found in _BEHIND_LATIN.finditer(text))
    for found in _LATIN_PAIR.finditer(text) if _A_PAIR.search(text) else ():
        latin, native = found[1] or found[4], found[2] or found[3]
        if latin.lower() in LISTED_NAMES or _A_CHINESE_NAME.fullmatch(native):
            yield found[0].rstrip("(/ ")
