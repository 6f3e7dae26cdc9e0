"""Words for kin, and for one person, in the languages of the region: a name or a telephone stands beside them.

Each is the inside of a form: words with a vertical bar between them, in small letters. Those in Latin letters need the edge of
a word beside them, those in other scripts none, since the scripts have no blanks.
"""

import re
from typing import Final

from suar.protocol.privacy.text.plain import nfkc

KIN: Final = "sister|brother|mother|father|daughter|son|aunt|auntie|uncle|cousin|husband|wife|niece|nephew|grandmother|grandfather|grandma|grandpa|granny|stepmother|stepfather|stepsister|stepbrother|stepdaughter|stepson|godmother|godfather|goddaughter|godson|roommate|classmate|sis|bro|friend|boyfriend|girlfriend|fiancé|fiancée|neighbour|neighbor"
"""In English."""
LATIN_KIN: Final = nfkc(
    # Indonesian, Malay
    "anak(?: perempuan| lelaki| laki-laki| gadis| angkat| tiri| bungsu| sulung)?|ibu(?: tiri)?|emak|mak|bapak?|ayah|nenek|kakek|datuk|suami|ist[er]?ri|isteri|gadis|bapak? tiri|ayah tiri|anak asuh|gadis kecil|pmi|tkw|adik perempuan|adik lelaki|adik laki-laki"
    "|kakak perempuan|kakak lelaki|kakak laki-laki|teman|kawan|sahabat|tunangan|keponakan|ponakan|anak saudara|cucu|menantu|budak(?: perempuan| lelaki)?|remaja"
    # Filipino
    "|(?:kapatid|anak|nanay|ina|tatay|ama|asawa|pinsan|pamangkin|lola|lolo|tiya|tiyo|tita|tito|kaibigan|kasintahan|nobya|nobyo|hipag|bayaw|biyenan|ninang|ninong|inaanak|kasambahay)(?: na| kong| niyang| nilang)?(?: babae| lalaki)?(?: na)?(?: si)?|ate|kuya|apo|(?:bata(?:ng)?|dalagita|binatilyo|sanggol)(?: na)?(?: babae| lalaki)?(?: na)?(?: si)?"
    # Portuguese, Tetum
    "|filh[oa]|mãe|pai|irmã|irmão|prim[oa]|sobrinh[oa]|ti[oa]|av[óô]|marido|esposa|mulher|amig[oa]|namorad[oa]|net[oa]|menin[oa]|cunhad[oa]|noiv[oa]|rapariga|rapaz|criança|beb[éê]|entead[oa]|madrasta|padrasto|queixos[oa]|madrinha|padrinho|afilhad[oa]"
    "|inan|aman|feen|laen|oan(?:-| )?(?:feto|mane)?|biin|alin|maun|mana|tiu|avó|labarik(?:-| )?(?:feto|mane)?|belun|kolega|sobriñ[oa]"
)
VIETNAMESE_KIN: Final = nfkc(
    "(?:chị|em|con|bé|cháu|bạn|cô) gái|(?:anh|em|con|bé|cháu|bạn) trai|mẹ|bố|ba|cha|má|chị|em|cô|bà|ông|cháu|bé|chú|bác|dì|cậu|mợ|thím|vợ|chồng|bạn|con dâu|con rể|chị dâu|em dâu|anh rể|em rể|(?:ông|bà) (?:ngoại|nội)|thiếu nữ|nữ sinh|con nuôi|mẹ kế|bố dượng"
)
NATIVE_KIN: Final = nfkc(
    # Thai
    "ลูกสาว|ลูกชาย|พี่สาว|พี่ชาย|น้องสาว|น้องชาย|หลานสาว|หลานชาย|แม่|พ่อ|มารดา|บิดา|สามี|ภรรยา|เมีย|ผัว|ยาย|ปู่|ลุง|ป้า(?<!เป้า)|น้า(?<!หน้า)|พี่|น้อง|เพื่อน|แฟน|ลูก|หลาน|เด็กหญิง|เด็กชาย|หญิงสาว"
    # Lao
    "|ລູກສາວ|ລູກຊາຍ|ເອື້ອຍ|ອ້າຍ|ນ້ອງສາວ|ນ້ອງຊາຍ|ຫຼານສາວ|ຫຼານຊາຍ|ຫລານສາວ|ຫລານຊາຍ|ແມ່|ພໍ່|ຜົວ|ເມຍ|ສາມີ|ພັນລະຍາ|ລຸງ|ປ້າ|ໝູ່|ເດັກຍິງ|ເດັກຊາຍ|ນາງ|ທ້າວ"
    # Khmer
    "|បងស្រី|បងប្រុស|ប្អូនស្រី|ប្អូនប្រុស|កូនស្រី|កូនប្រុស|ក្មួយស្រី|ក្មួយប្រុស|ម្តាយ|ម្ដាយ|ឪពុក|ប្តី|ប្ដី|ប្រពន្ធ|ភរិយា|ស្វាមី|ជីដូន|ជីតា|ពូ|មីង|មិត្តភក្តិ|ក្មេងស្រី|ក្មេងប្រុស|បង|ប្អូន|កូន"
    # Burmese
    r"|ညီမ|အစ်မ|(?<![\u1000-\u109f])(?:အမ|ညီ|သား|တူ)|အစ်ကို|အကို|အမေ|အဖေ|မိခင်|ဖခင်|သမီး|တူမ|ခင်ပွန်း|ဇနီး|ယောက်ျား|မိန်းမ|အဒေါ်|ဦးလေး|အဘွား|အဘိုး|သူငယ်ချင်း|မိန်းကလေး|ယောက်ျားလေး"
    # Chinese
    "|妹妹|姐姐|哥哥|弟弟|姐|妹|母亲|父亲|妈妈|爸爸|女儿|儿子|侄女|侄子|外甥女|外甥|表姐|表妹|表哥|表弟|堂妹|堂姐|丈夫|妻子|奶奶|爷爷|外婆|外公|祖母|祖父|阿姨|叔叔|姑姑|舅舅|朋友|女孩|男孩|女友|男友|母親|父親|媽媽|女兒|兒子"
    # Tamil
    "|சகோதரி|சகோதரர்|சகோதரன்|அக்கா|தங்கை|அண்ணன்|தம்பி|தாய்|தந்தை|அம்மா|அப்பா|மகள்|மகன்|கணவர்|கணவன்|மனைவி|பாட்டி|தாத்தா|மாமா|அத்தை|தோழி|நண்பர்|சிறுமி|சிறுவன்|பேத்தி|பேரன்|மருமகள்"
)
_ONE: Final = (
    "girl|boy|child|woman|man|victim|survivor|parents?|mum|mom|dad|family|relatives?|guardian|kakak|adik|abang|paman|bibi|pakcik|makcik|sepupu|mbak|tante|korban|mangsa|biktima|vítima|nạn nhân"
    "|(?:her|his|their|whose)(?: own| new| old| private)? (?:number|no\\.?)|nomornya|nombornya"
)
_A_PERSON: Final = re.compile(
    rf"(?:(?<![^\W_])(?:{KIN}|{LATIN_KIN}|{VIETNAMESE_KIN}|{_ONE})(?:'s|’s)?(?![^\W_])|{NATIVE_KIN}|ผู้เสียหาย|受害人)[^\n]{{0,24}}$",
    re.IGNORECASE,
)
_OF_KIN: Final = re.compile(
    rf"[^\w\n]{{0,3}}(?:(?:is|for|of|the|her|his|their|my|a|milik|của|ng|da|do) ){{0,3}}(?:(?:{KIN}|{LATIN_KIN}|{VIETNAMESE_KIN})(?![^\W_])|{NATIVE_KIN})",
    re.IGNORECASE,
)
_SEEN: Final = 40
"""Characters before a number in which a word is looked for."""


def is_next_to_kin(text: str, start: int, end: int) -> bool:
    """Return whether a word for kin or for one person is before this span of plain text, or one for kin right behind."""
    return _A_PERSON.search(text, max(0, start - _SEEN), start) is not None or _OF_KIN.match(text, end) is not None
