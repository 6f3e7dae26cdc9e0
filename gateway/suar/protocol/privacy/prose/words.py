"""The words beside a number that say what it counts: persons, per cent, a total, a ratio."""

import re
from typing import Final

from suar.protocol.privacy.text.plain import nfkc

PER_CENT: Final = nfkc(
    "%|٪|per[ -]?cent|pct\\b|p\\.c\\.|pc\\b|persen|peratus|phần trăm|por ?cento|pursentu|porsentu|porsento|persentu|por sentu|porsiyento|porsyento|bahagdan|เปอร์เซ็น|เปอร์เซนต์|ເປີເຊັນ|ເປີເຊນ|ສ່ວນຮ້ອຍ"
    "|ភាគរយ|ရာခိုင်နှုန်း|ရာခိုင်နူန်း|ရာနှုန်း|சதவீத|சதவிகித|விழுக்காடு"
)
_POINTS: Final = nfkc("poin|mata|điểm|pontos?|puntos?|จุด|ຈຸດ|ចំណុច|个|個")
SHARE_AFTER: Final = re.compile(rf"\s?(?:na\s)?(?:(?:{_POINTS})\s?)?(?:{PER_CENT}|百分点|百分點)", re.IGNORECASE)
_NUMBER_OF_CENT: Final = nfkc("ร้อยละ|ຮ້ອຍລະ|百分之|ရာခိုင်နှုန်း")
SHARE_BEFORE: Final = re.compile(
    rf"(?:{_NUMBER_OF_CENT}|\b(?:porsentu|pursentu|porsento|bahagdan|peratus))\s?$", re.IGNORECASE
)
A_HUNDREDTH: Final = re.compile(rf"{PER_CENT}|{_NUMBER_OF_CENT}|百分点|百分點", re.IGNORECASE)
"""Words for per cent, in which `hundred` is not a number."""
LATIN_PERSONS: Final = (
    # English, and words that other languages share with it
    r"persons?|people|victims?|survivors?|wom[ae]n|m[ae]n|girls?|boys?|child(?:ren)?|minors?|adults?|females?|males?|migrants?|workers?|nationals?"
    r"|citizens?|foreigners?|individuals?|suspects?|offenders?|perpetrators?|traffickers?|recruiters?|brokers?|defendants?|detainees?|infants?|bab(?:y|ies)"
    r"|teenagers?|adolescents?|youths?|students?|patients?|refugees?|asylum seekers?|returnees?|passengers?|travellers?|famil(?:y|ies)|sisters?|brothers?"
    r"|mothers?|fathers?|daughters?|sons?|cases?|convictions?|prosecutions?|arrests?|deaths?"
    r"|thais|burmese|cambodians|laotians|vietnamese|filipin[oa]s|indonesians|malaysians|timorese|singaporeans|bruneians|chinese|indians|bangladeshis|nepal(?:is|ese)|pakistanis|rohingyas?"
    # Indonesian, Malay
    r"|orang|korban|mangsa|perempuan|wanita|laki-laki|lelaki|anak|kanak-kanak|gadis|budak|pekerja|buruh|tersangka|suspek|terdakwa|pelaku|kasus|kes|jiwa|warga"
    # Vietnamese
    r"|người|nạn nhân|phụ nữ|nữ|nam giới|nam|trẻ em|trẻ|bé gái|bé trai|cháu|em|ca|vụ án|vụ|đối tượng|bị can|bị cáo|lao động"
    # Filipino
    r"|tao|katao|biktima|babae|lalaki|bata|kababaihan|kalalakihan|manggagawa|suspek|kaso|menor de edad"
    # Portuguese, Tetum
    r"|pessoas?|vítimas?|mulher(?:es)?|homens?|homem|crianças?|meninas?|meninos?|raparigas?|rapaz(?:es)?|menor(?:es)?|trabalhador(?:es|as?)?|casos?|arguidos?|suspeitos?"
    r"|ema|vítima sira|feto|mane|labarik|traballadór|kazu|suspeitu"
)
OTHER_PERSONS: Final = nfkc(
    "คน|ราย|คดี|กรณี|ท่าน|เคส|ຄົນ|ລາຍ|ຄະດີ|ກໍລະນີ|ທ່ານ|នាក់|ករណី|សំណុំរឿង|រូប|ဦး|ယောက်|ပါး|အမှု|မှု(?!ခင်း)|名|人|位|例|起|宗|个人|個人|个?[男女]|兄弟|姐妹|件案"
    "|பேர்|நபர்|பெண்|ஆண்|குழந்தை|சிறுவ|சிறும|வழக்கு|பாதிக்கப்பட்ட|தொழிலாள"
)
SEXES: Final = nfkc("ชาย|หญิง|ຊາຍ|ຍິງ|បុរស|ស្ត្រី|ប្រុស|ស្រី|အမျိုးသား|အမျိုးသမီး|ယောက်ျား|မိန်းမ|男|女|ஆண்|பெண்")
SHORT_PERSONS: Final = "org|pax|ppl|prs|pess|vics?"
"""Abbreviations of persons and victims, read only behind a number."""
_NOT_BETWEEN: Final = "counts?|records?|reports?|registers?|screens?|identify|identifies|assists?|shelters?|brings?|carry|carries|recruits?|menghitung|mencatat|mengira|merekod|đếm|ghi nhận|bao|gồm|tính|kể|phải|nửa|phần|contam|registam|nagbibilang|in|with|from|and|or|by|to|for|at|on|who|which|where|that|as|than|per|sent|reported|dan|atau|dari|dengan|di|yang|và|hoặc|từ|tại|e|ou|em|com|at|sa|o|husi|ho|iha"
_SIGNS_AFTER: Final = r"[^\w\s%()\[\]…\"'’?!]{1,3}|_{1,2}| ?[/|=~>→*+] ?| - ?"
"""Signs between a number and a word for persons behind it: right beside both, or one sign with blanks."""
_SIGNS_BEFORE: Final = r"[ :=(\[{<>/|~*→#-]{1,4}|[^\w\s]{1,3}|_{1,2}| ?\.{2,3} ?"
"""Signs between a word for persons and a number behind it."""
_SIGNS_OF_OTHERS: Final = r"\s?|[/|=~>→*_.-]{1,3}| [/|=~>→*-] ?"
"""The same behind a number, before words in scripts without blanks."""
PERSONS_AFTER: Final = re.compile(
    rf"(?: ?\([^()\d]{{1,30}}\))?(?:(?:(?:[ -]{{1,2}}(?!(?:{_NOT_BETWEEN})\b)[^\W\d_]+(?:['’-][^\W\d_]+)*){{0,2}}[ -]{{1,2}}(?:of (?:the |these |those |them |all )?)?|{_SIGNS_AFTER})(?:{LATIN_PERSONS}|{SHORT_PERSONS})(?![^\W\d_]|-[^\W\d_])"
    rf"|\s?(?:of (?:them|whom|those)\b)|(?:{_SIGNS_OF_OTHERS})(?:more than |多)?(?:{OTHER_PERSONS}))",
    re.IGNORECASE,
)
PERSONS_BEFORE: Final = re.compile(
    rf"(?:(?<![^\W_])(?:{LATIN_PERSONS})(?![^\W_])(?: sira)?(?: (?:is|are|was|were|number(?:ed)?|total(?:led)?|adalah|ialah|sebanyak|berjumlah|ay|là|có|nain|hamutuk|mak|eram|são|foram))?(?:{_SIGNS_BEFORE})(?:n ?= ?)?"
    rf"|\b(?:seramai|sebanyak|na['’]?in)[ -]"
    rf"|(?:{nfkc('ผู้เสียหาย|หญิง|ชาย|เด็ก|ราย|คดี|กรณี|ຜູ້ຖືກເຄາະຮ້າຍ|ຜູ້ຊາຍ|ແມ່ຍິງ|ເດັກ|ຄະດີ|ກໍລະນີ|ជនរងគ្រោះ|បុរស|ស្ត្រី|កុមារ|ករណី|សំណុំរឿង|အမျိုးသား|အမျိုးသမီး|ကလေး|အမှု|受害者|受害人|女性|男性|男|女|兄弟|姐妹|姐弟|儿童|人数|案件|ஆண்கள்|பெண்கள்|ຊາຍ|ຍິງ|ប្រុស|ស្រី|ယောက်ျား|မိန်းမ|ஆண்|பெண்')})"
    rf"(?:{nfkc('จำนวน|มี|ຈຳນວນ|ມີ|ចំនួន|មាន|ပေါင်း|共|有|为|仅')})?(?:[ :=(\[{{<>/|~*→#_.-]{{0,5}}))$",
    re.IGNORECASE,
)
TOTALS: Final = "totals?|jumlah|kabuuan|hamutuk|totál|tổng số|tổng cộng"
"""Words for a total that are written right before its digits."""
TOTAL_BEFORE: Final = re.compile(
    rf"(?:\b(?:totals?|totalled|totalling|overall|altogether|in all|jumlah|keseluruhan|seluruhnya|semuanya|tổng (?:số|cộng|là)|tất cả|kabuuan|lahat|ao todo|totál|hamutuk)\b"
    rf"|{nfkc('รวม|ทั้งหมด|ทั้งสิ้น|ລວມ|ທັງໝົດ|ທັງຫມົດ|សរុប|ទាំងអស់|စုစုပေါင်း|总[数计共]|總[數計共]|总人数|一共|共[计計有]|合[计計]|மொத்த')})[^.;\d\n]{{0,24}}$",
    re.IGNORECASE,
)
TOTAL_AFTER: Final = re.compile(
    rf"[^.;\d\n]{{0,12}}(?:\b(?:in total|in all|altogether|overall|total|semuanya|seluruhnya|keseluruhannya|tất cả|lahat|ao todo|no total|hamutuk)\b"
    rf"|{nfkc('ทั้งหมด|ทั้งสิ้น|ທັງໝົດ|ທັງຫມົດ|សរុប|ទាំងអស់|மொத்த')})",
    re.IGNORECASE,
)
RATIO_BEFORE: Final = re.compile(
    rf"(?:\b(?:ratios?|rasio|nisbah|tỷ số|tỉ số|tỷ lệ giới tính|tỉ lệ giới tính|razão|rácio|rasaun|rásiu|proporsyon|tumbasan)\b"
    rf"|{nfkc('อัตราส่วน|สัดส่วน|ອັດຕາສ່ວນ|ສັດສ່ວນ|អនុបាត|សមាមាត្រ|အချိုး|性别比|性別比|男女比|女男比|性比|比例|விகித')})[^.;\d\n]{{0,32}}$",
    re.IGNORECASE,
)
_HUNDRED: Final = (
    rf"(?:(?<![\d.,])100(?![\d%]|[.,]\d)|\b(?:a|one|every|each|per) hundred\b(?! and)|\bseratus\b|\bmột trăm\b|\bcem\b|\b(?:sandaan|isang daan)\b|\batus ida\b"
    rf"|{nfkc('(?:หนึ่ง|ต่อ|ทุก|ใน) ?ร้อย(?!ละ)|(?:ໜຶ່ງ|ຫນຶ່ງ|ຕໍ່|ທຸກ|ໃນ) ?ຮ້ອຍ(?!ລະ)|មួយរយ|တစ်ရာ|[一每]百(?![一二三四五六七八九十零分])|நூறு')})"
)
HUNDRED_AFTER: Final = re.compile(rf"[^.;\d\n]{{1,40}}?{_HUNDRED}", re.IGNORECASE)
HUNDRED_BEFORE: Final = re.compile(rf"{_HUNDRED}[^.;\d\n]{{1,40}}$", re.IGNORECASE)
PERSONS: Final = re.compile(f"{LATIN_PERSONS}|{OTHER_PERSONS}", re.IGNORECASE)
NAMED_PERSONS: Final = re.compile(rf"(?<![^\W_])(?:{LATIN_PERSONS})(?![^\W_])|{OTHER_PERSONS}|{SEXES}", re.IGNORECASE)
"""A whole word for persons, cases or a sex."""
