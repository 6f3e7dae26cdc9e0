"""Words beside which a name stands, and what connects the two: one set for all languages and scripts of the region.

`connected` searches with them. A cue is a word for kin, for a victim or for a name, or an honorific.
"""

import re
from typing import Final

from suar.protocol.privacy.text.kin_words import KIN, LATIN_KIN, NATIVE_KIN, VIETNAMESE_KIN
from suar.protocol.privacy.text.plain import nfkc

MALAY_KIN: Final = "adik|kakak|abang|paman|bibi|sepupu|pakcik|makcik|mbak|tante"
_OF_FAMILY: Final = "mum|mom|mummy|mommy|dad|daddy|guardian|baby|toddler|parent|child|girl|boy|wife|teenager|minor"
FAMILY: Final = f"{KIN}|{_OF_FAMILY}"
ROLES: Final = "ex-wife|ex-husband|ex-girlfriend|ex-boyfriend|kid|twin|orphan|infant|pupil|student|returnee|client|patient|witness|maid|domestic helper"
"""Words for one person in English, behind which other words stand as well: only a given name or a capital is held."""
VICTIMS: Final = nfkc(
    "victim|survivor|complainant|injured party|aggrieved party|protected person|korban|saksi korban|anak korban|penyintas|mangsa|biktima|nagrereklamo"
    "|vítima|ofendid[oa]|lesad[oa]|lezad[ua]|nạn nhân|(?:người )?bị hại"
)
"""Words for a victim, with those of the law in each language."""
LABELS: Final = nfkc(
    "(?:(?:full|first|given|real|last|sur|nick)[ -]?)?name|nama(?: lengkap| penuh| asli| panggilan)?|pangalan|nome(?: completo)?|naran|(?:họ (?:và |, )?)?tên"
)
"""Words for a name."""
PLURALS: Final = frozenset(
    "victims survivors girls boys children daughters sons sisters brothers mothers fathers parents cousins aunts uncles nieces nephews friends babies guardians teenagers minors wives husbands".split()  # noqa: SIM905
)
OF_ONE: Final = rf"(?:{FAMILY}|{ROLES}|{VICTIMS}|{LABELS}|{LATIN_KIN}|{MALAY_KIN}|{VIETNAMESE_KIN})(?:e?s|nya|ku|mu)?|{'|'.join(sorted(PLURALS))}"
"""The inside of a form: a cue in Latin letters."""
NUMBER: Final = r"(?: ?(?:no\.? ?|# ?)?\d{1,2}\b)?"
_NAMED: Final = nfkc(
    "is|was|are|were|called|named|name|nicknamed|known as|alias|aka|bernama|dipanggil|ialah|adalah|iaitu|yaitu|namanya|si|na si|nagngangalang|chamad[oa]|de nome|naran|là|tên|tên là"
)
CONNECTOR: Final = rf"{NUMBER}(?:['’]s)?(?:[ ,:;=(\[/\"“'‘«–—-]|(?<=\W)(?:{_NAMED})(?=\W)){{1,8}}"
"""Between a cue and a name: signs, a number, `'s name is`, `called` and its like, in any mixture."""
HONORIFICS: Final = nfkc(
    r"mrs?|ms|miss|mister|mdm|madam|encik|cik|puan|pn|tuan|datuk|datin|haji|hajah|bpk|bapak|pak|ibu|bu|sdra?|sdri|saudari|nona|gng|ginang|ginoo|aling|mang|ate|kuya|senhora?|sra?|srta|dona"
    r"|maun|mana|khun|nai|daw|ko|ma|maung|naw|saw|ông|bà|a\.n\.|a/n|atas nama"
)
"""The same before a given name of the list, in small letters or with a capital."""
CUE_AFTER: Final = re.compile(
    # Malee's sister; Malee (her sister); Malee, her sister
    rf"['’]s (?:(?:older|elder|younger|little|big|twin|late|own) )?(?:{FAMILY}|family|relatives?|parents|house|home)\b"
    rf"| ?[,(–—-] ?(?:(?:her|his|their|my|the|a|whose|victim['’]s) ){{0,2}}(?:(?:older|elder|younger|little|big|twin|late) )?(?:{FAMILY}|{VICTIMS}|{LATIN_KIN}|{MALAY_KIN}|{VIETNAMESE_KIN})(?:nya)?(?=[ ,.;:)]|$)",
    re.IGNORECASE,
)
"""A cue behind a name."""
OF_NATIVE: Final = nfkc(
    # honorifics, and words for a victim and a name
    "นางสาว|นาย|นาง|คุณ|ด\\.? ?[ญช]\\.?|น\\.? ?ส\\.?|ผู้เสียหาย|เหยื่อ|ผู้ถูกกระทำ|(?<!กลุ่ม)(?<!เพจ)(?<!บริษัท)(?<!บัญชี)(?<!โครงการ)(?<!ร้าน)(?<!แอป)(?<!เว็บไซต์)(?<!เรือ)(?<!โรงแรม)ชื่อ(?:เล่น|จริง)?"
    "|ທ້າວ|ນາງສາວ|ນາງ|ທ່ານ|ຜູ້ເສຍຫາຍ|ຜູ້ຖືກເຄາະຮ້າຍ|(?<!ບໍລິສັດ)(?<!ເພຈ)(?<!ກຸ່ມ)(?<!ບັນຊີ)(?<!ໂຮງແຮມ)ຊື່"
    "|លោកស្រី|លោក|អ្នកស្រី|អ្នកនាង|កញ្ញា|នាង|ជនរងគ្រោះ|(?<!ក្រុមហ៊ុន)(?<!គណនី)(?<!ទំព័រ)(?<!ក្រុម)(?<!សណ្ឋាគារ)ឈ្មោះ"
    "|ဦး|ဒေါ်|မောင်|နော်|စော|(?<![\u1000-\u109f])မ|(?:^|[။၊,.(])ကို|နစ်နာသူ|(?<!ကုမ္ပဏီ)(?<!စာမျက်နှာ)(?:အမည်|နာမည်)"
    "|受害人|被害人|受害者|当事人|證人|证人|姓名|名字是?|(?<!公司)(?<!平台)(?<!软件)(?<!网站)(?<!酒店)(?<!群)名叫"
    "|திருமதி|திரு|செல்வி|செல்வன்|குமாரி|(?<!நிறுவன )பெயர்|பாதிக்கப்பட்டவர்"
)
NATIVE_BEFORE: Final = re.compile(
    # ผู้เสียหายชื่อ Malee, 受害人1:Malee
    rf"(?:{NATIVE_KIN}|{OF_NATIVE})(?: ?\d{{1,2}})?(?: ?(?:ชื่อ(?:ว่า)?|คือ|ว่า|ຊື່(?:ວ່າ)?|ແມ່ນ|ឈ្មោះ|គឺ|ဖြစ်သူ|名叫|叫|名为|是|மான))?[ :,(/=–—\"“«-]{{0,3}}$"
)
"""A cue in another script right before a name in Latin letters."""
NATIVE_BEHIND: Final = re.compile(r" ?(?:女士|小姐|先生|太太)")
NATIVE_NAME: Final = re.compile(
    # Ms มาลี, Victim 1: มาลี, her sister มาลี
    rf"(?<![\w'’])(?i:(?:mrs?|ms|miss|mdm|puan|encik|cik|khun|daw|ông|bà)\.? |(?:{VICTIMS}|{LABELS})(?:{NUMBER} ?[:=] ?|['’]s name is | \d{{1,2}} )|(?:her|his) (?:{FAMILY})(?: called| named|[,:])? )"
    r"(?!ผู้|เด็ก|หญิง|ชาย|คน|เหยื่อ|ຜູ້|ເດັກ|ຍິງ|ຊາຍ|ຄົນ|ជន|ក្មេង|ស្ត្រី|បុរស|អ្នក|လူ|ကလေး|အမျိုး|နစ်|女|男|儿|受|未|成|孩|人|不|无|பெண்|ஆண்|குழந்தை|சிறு)"
    r"([\u0b85-\u0bff\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff\u4e00-\u9fff]{2,30})"
)
"""A name in another script behind a cue in Latin letters."""
NATIVE_NAME_CUES: Final = frozenset(
    nfkc(
        """
        her his mr mrs ms miss mdm puan encik cik khun daw ông bà victim survivor complainant party person korban penyintas mangsa biktima nagrereklamo vítima ofendida ofendido lesada lesado
        lezada lezadu nạn hại name nama pangalan nome naran tên firstname lastname surname nickname
        """
    ).split()
)
"""Words of which every match of `NATIVE_NAME` contains one."""
