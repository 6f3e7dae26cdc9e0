"""How people are called without a capital: a small-letter name behind a word for kin, age or name, a nickname in quotes.

A word behind such a word is a name far less often than not, so the list of what else may stand there is long, and what
is found is held and never refused.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.plain import nfkc

_SMALL: Final = r"([^\W\dA-Z_][^\W\d_]{1,20})(?![\w'’-])"
_KIN: Final = "sister|brother|mother|father|daughter|son|aunt|auntie|uncle|cousin|husband|wife|niece|nephew|grandmother|grandfather|stepmother|stepfather|friend|boyfriend|girlfriend|fiancé|fiancée|neighbour|neighbor"
_FORMS: Final = (
    # her younger sister malee
    rf"(?i:\b(?:her|his|their|my|whose|victim's|girl's|boy's|woman's|man's|child's) (?:(?:older|elder|younger|little|big|twin|half|best|eldest|youngest|late|own)[ -])?(?:{_KIN})),? {_SMALL}",
    # the 16-year-old thuy; dara, 15, knew
    rf"(?i:\b\d{{1,2}}[- ]years?[- ]old),? {_SMALL}",
    r"(?<![\w'’-])([^\W\dA-Z_][^\W\d_]{1,20}), (?:aged |umur |berumur |berusia |usia )?\d{1,2}(?: (?:years(?: old)?|yrs|tahun|tuổi|taong gulang|anos|tinan))?,(?! \d)",
    rf"(?i:\b(?:aged|usia|umur|berusia|berumur|edad|gulang) \d{{1,2}}(?: tahun)?), {_SMALL}(?=,)",
    # named siti
    rf"(?i:\b(?:named|nicknamed|alias|a\.k\.a\.|aka|bernama|nagngangalang|chamad[oa]|de nome|(?:ema|labarik|labarik-feto|labarik-mane|feto|mane)(?: ida)? naran|tên là)) {_SMALL}",
    rf"(?i:\b(?:bé|gái|trai|em|chị|anh|cô|bà|ông|cháu|chú|bác|người|con|phụ nữ|thanh niên|nạn nhân|môi giới) tên(?: là)?) {_SMALL}",
    # adiknya aminah, kakak perempuannya sari
    rf"(?i:\b(?:kakak|adik|abang|ibu|mak|bapa|bapak|ayah|paman|bibi|pakcik|makcik|sepupu|suami|isteri|istri|teman|kawan|nenek|datuk|kakek)(?:nya|ku|(?: (?:perempuan|lelaki|laki-laki|kandung|ipar|tiri))(?:nya|ku))),? {_SMALL}",
    # si maricel, ate niyang rosalie
    rf"(?i:(?<!por )(?<!entre )(?<!para )(?<!em )(?<!de )(?<!a )(?<!sobre )(?<!contra )\b(?:si|sina|kay|kina)) {_SMALL}",
    rf"(?i:\b(?:ate|kuya|kapatid|nanay|ina|tatay|ama|tiya|tiyo|tita|tito|pinsan|asawa|kaibigan|anak|lola|lolo) (?:niyang|nilang|kong|nitong)) {_SMALL}",
    # a irmã dela, joana,
    rf"(?i:\b(?:irmã|irmão|mãe|pai|tia|tio|prima|primo|filha|filho|amiga|amigo|avó|avô|marido|esposa) (?:dela|dele|delas|deles)), {_SMALL}(?=,)",
    # nia maun joão
    rf"(?i:\b(?:nia|sira-nia|ha'u-nia) (?:maun|mana|biin|alin|tiu|tia|inan|aman|feen|laen|oan|prima|primu|kolega)) {_SMALL}",
)
_NAMED: Final = tuple(re.compile(form) for form in _FORMS)
_LOOKS: Final = re.compile(
    r"sister|brother|mother|father|daughter|\bson\b|aunt|uncle|cousin|husband|wife|niece|nephew|friend|neighbo|fianc|year|, (?:\w+ )?\d|aged|umur|usia|edad|gulang|named|alias|a\.?k\.?a|nama|ngangalang|pinangalanang"
    r"|chamad|nome|naran|tên|nya |ku |nya,|\bsi |sina |kay |kina |niyang|nilang|kong |nitong|del[ae]|\bnia |-nia ",
    re.IGNORECASE,
)
"""In every text in which one of the forms stands; a test compares."""
_NO_NAME: Final = frozenset(
    # what stands behind such words and names nobody
    """
    a an the this that these those some any no not all both each one two three four five six seven eight nine ten i he she it we they you him her them who whom whose which what
    and or but nor so yet as if when while until till since because though although than then there here where how why
    in on at by for from to of with without under over after before during between among since against across along around near into onto upon off out up down away back about like
    is are was were be been being am has have had having do does did done will would can could may might must shall should ought
    also too only even just still already never always often sometimes later soon now again once twice together apart instead alone first last next
    girl girls boy boys woman women man men child children person persons people victim victims survivor survivors migrant migrants worker workers student students teenager teenagers minor minors
    daughter daughters son sons sister sisters brother brothers mother mothers father fathers male males female females national nationals citizen citizens refugee refugees youth youths infant infants
    went came left told said says say tell tells got gets get took takes take gave gives give made makes make found find finds saw sees see knew knows know thought thinks think paid pays pay sent sends send
    brought brings bring kept keeps keep met meets meet sold sells sell bought buys buy led leads lead lost ran runs run sat stood felt heard held began begins begin became become wrote writes write
    spoke speaks speak put let lets let set hurt cut fell fled slept woke drove rode wore chose broke stole swore taught caught fought sought hid died dies die lives live works work waits wait fears fear
    helps help asks ask calls call believes believe agrees agree arrives arrive travels travel returns return remains remain goes go comes come needs need wants want
    in-law law abroad home overseas online daily weekly monthly yearly early late young old
    above below herself himself themselves itself unknown missing safe dead alive sick pregnant willing afraid able unable
    most more least less often together total totals percent case cases sahaja saja kasapi tatanggap
    document documents field fields contact contacts desk desks agency agencies body bodies country countries office offices
    police officer officers driver drivers broker brokers recruiter recruiters agent agents employer employers owner owners suspect suspects trafficker traffickers member members state states
    day days week weeks month months year years january february march april may june july august september october november december
    orang seorang korban pelaku pengirim penerima anak anaknya majikan pemilik pekerja perempuan lelaki laki-laki wanita gadis pria remaja warga yang dan atau di ke dari pada untuk dengan oleh juga sudah telah akan
    sedang masih tidak bukan belum ikut pergi datang pulang bekerja tinggal ada adalah ialah itu ini tersebut sendiri bersama serta karena kerana agar supaya saat ketika setelah selepas sebelum kepada tentang sebagai
    palsu asli samaran lengkap ditempatkan dibawa dikirim ditahan diajak dijanjikan mengatakan berkata dipaksa dijual hilang sakit meninggal menjual menunggu menerima membayar membantu melapor
    mga ang ng sa na ay at o kung kapag para pero dahil ito iyon siya sila niya nila namin natin ko mo babae lalaki bata batang dalaga taong pekeng tunay biktima nagtatrabaho umalis dumating naging
    giả thật thật đầy của miền và tuổi họ gọi là được bị ở tại trong ngoài khác mới cũ riêng trường công đường tàu xe người nạn đối doanh tổ chức cơ quan các những sản phẩm hàng khai đăng đệm không tôi nào gì
    falso falsa verdadeiro completo completa que e ou de da do das dos em no na nos nas por para com sem foi era está disse menina menino mulher homem criança pessoa vítima jovem
    no ho iha husi ba hosi maka mak ne'e ne'ebé sira nia ida rua hotu de'it la lae bele tenke fila hela servisu labarik feto mane ema loos falsu kompletu hanesan hamutuk moris lori selu simu
    """.split()  # noqa: SIM905 - words read better as text
)
_ENDS: Final = re.compile(r"(?:ed|ing|ly|ness|tion|ment|ers|ors|ies|ship)$")

_OPEN, _CLOSE = "[\"“„‟'‘«‹「『〝]", "[\"”“'’»›」』〞]"
_QUOTED: Final = rf"{_OPEN} ?([^\"“”„«»「」『』\n]{{2,30}}?) ?{_CLOSE}(?![a-z])"
_ONE: Final = "broker|brokers|recruiter|driver|boss|manager|agent|trafficker|leader|ringleader|handler|pimp|guard|captain|skipper|courier|woman|man|girl|boy|person|victim|suspect|facilitator|smuggler|owner|chief|foreman|madam|user"
_NICKNAMES: Final = tuple(
    re.compile(nfkc(form), re.IGNORECASE)
    for form in (
        rf"\b(?:{_ONE})\b[^.\n\"“”„«»]{{0,40}}?\b(?<!so-)(?:called|known (?:\w+ )?as|known to \w+ as|nicknamed|dubbed|calls (?:himself|herself)|goes by|went by|using the name|by the name(?: of)?),? {_QUOTED}",
        rf"\b(?:nicknames?|nicknamed|alias|aka|a\.k\.a\.|street name|codenamed?)(?: is| was|:| of)? {_QUOTED}",
        rf"\b(?:{_ONE}),? {_QUOTED}",
        rf"\b(?:dijuluki|julukan|dipanggil|panggilan|alias|nama panggilan|dikenal(?:i)? sebagai|digelar|gelaran|bergelar|berjuluk|nama samaran) {_QUOTED}",
        rf"\b(?:biệt danh|bí danh|biệt hiệu|thường gọi(?: là)?|hay gọi(?: là)?|tự xưng(?: là)?|tên(?: gọi)?(?: là)?) {_QUOTED}",
        rf"\b(?:alyas|bansag|palayaw|tinatawag(?: na| nilang)?|kilala (?:bilang|sa pangalang|sa tawag na))(?: na)? {_QUOTED}",
        rf"\b(?:alcunha|alcunhad[oa](?: de)?|apelid[oa](?: de)?|conhecid[oa] (?:por|como)|chamad[oa]|vulgo|dit[oa]) {_QUOTED}",
        rf"\b(?:bolu|naran|koñesidu ho naran|hanaran) {_QUOTED}",
        rf"(?:ฉายา|ชื่อเล่น|ชื่อ|นามแฝง|รู้จักกันในชื่อ|รู้จักในนาม)(?:ว่า)? ?{_QUOTED}",
        rf"(?:คน|นายหน้า|หญิง|ชาย|แม่เล้า|หัวหน้า)[^\n\"“”]{{0,30}}เรียก(?:กัน)?(?:ว่า)? ?{_QUOTED}",
        rf"(?:ຊື່ຫຼິ້ນ|ຊື່ຫລິ້ນ|ຊື່|ສະມະຍາ|ນາມແຝງ)(?:ວ່າ)? ?{_QUOTED}|(?:ຄົນ|ນາຍໜ້າ|ນາຍຫນ້າ)[^\n\"“”]{{0,30}}ເອີ້ນ(?:ກັນ)?ວ່າ ?{_QUOTED}",
        rf"(?:ហៅក្រៅ|រហស្សនាម|ឈ្មោះ|មេខ្យល់|អ្នកបើកបរ) ?{_QUOTED}",
        rf"{_QUOTED} ?(?:ဟု|လို့) ?(?:ခေါ်|အမည်|လူသိများ)|(?:အမည်|ပွဲစား|အမည်ပြောင်) ?{_QUOTED}",
        rf"(?:绰号|外号|花名|化名|网名|昵称|人称|自称|被称为|叫做?)(?:是|为)? ?{_QUOTED}",
        rf"{_QUOTED} ?(?:என|என்று|எனும்|என்ற) ?(?:அழைக்|பெயர|முகவர|அறியப்)",
    )
)
_A_QUOTE: Final = re.compile("[\"“”„«»「『'‘’]")


def called(text: str) -> Iterator[str]:
    """What may name a person without a capital, or in quotes, in plain text."""
    if _LOOKS.search(text):
        for form in _NAMED:
            for found in form.finditer(text):
                if found[1].lower() not in _NO_NAME and not _ENDS.search(found[1]):
                    yield found[1]
    if _A_QUOTE.search(text):
        for form in _NICKNAMES:
            for found in form.finditer(text):
                yield next(words for words in found.groups() if words is not None)
