"""Finds names without a capital letter: after a word for kin, age or name, or as a nickname in quotation marks.

The word after such a cue is usually not a name. A long list therefore excludes the other words that occur there, and a
finding is held, never refused.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.identifiers.named_accounts import NETWORKS
from suar.protocol.privacy.text.kin_words import KIN
from suar.protocol.privacy.text.plain import has_digit, nfkc, words_of

_SMALL: Final = r"([^\W\dA-Z_][^\W\d_]{1,20})(?![\w'’-])"
_OF_A_CHILD: Final = nfkc(
    "(?:grávida|estudante|natural|residente|oriunda|solteira|casada|órfã|sekolah|putus|yatim|pelajar|siswi|siswa|asal|hamil|bersekolah|học|quê|trú|đang|cùng|mồ|mag-aaral|buntis|ulila)\\b"
)
_A_TERM: Final = "(?:minimum|minimal|maksimum|maksimal|mínima|máxima|mínimo|máximo|umur|usia|rata-rata|purata|penjara|prisão|pena|berlaku|idade)\\b"
"""Words before years that are no age of a person."""
_FORMS: Final = (
    # her younger sister malee
    (
        KIN.replace("|", " "),
        rf"(?i:\b(?:her|his|their|my|whose|victim's|girl's|boy's|woman's|man's|child's) (?:(?:older|elder|younger|little|big|twin|half|best|eldest|youngest|late|own)[ -])?(?:{KIN})),? {_SMALL}",
    ),
    # the 16-year-old thuy; dara, 15, knew
    (
        "year years",
        rf"(?i:\b\d{{1,2}}[- ]years?[- ]old),? {_SMALL}",
    ),
    (
        "",
        rf"(?<![\w'’-])(?!{_A_TERM})"
        r"([^\W\dA-Z_][^\W\d_]{1,20})(?:, (?:aged |umur |berumur |berusia |usia )?\d{1,2},(?! \d)|(?:, | \()\d{1,2} (?:years? old|yrs old|tuổi|taong gulang)\b"
        r"|(?:, | \()\d{1,2} (?:years?|yrs|y/o|tahun|anos|tinan)(?=[,).]|$))",
    ),
    (
        "tahun anos tuổi gulang",
        # budak 14 tahun, wulansari; menina de 14 anos, mafalda
        rf"(?i:\b(?:budak|gadis|remaja|anak|korban|mangsa|menina|menino|rapariga|rapaz|vítima|bé|em|cháu|gái|trai|bata|dalagita)(?: perempuan| lelaki| laki-laki| gái| trai)?(?: de| na)? \d{{1,2}} (?:tahun|anos|tuổi|taong gulang)), (?!{_OF_A_CHILD}){_SMALL}(?=[,.;)]|$)",
    ),
    (
        "aged usia umur berusia berumur edad gulang",
        rf"(?i:\b(?:aged|usia|umur|berusia|berumur|edad|gulang) \d{{1,2}}(?: tahun)?), {_SMALL}(?=,)",
    ),
    # named siti
    (
        "named nicknamed alias k aka bernama nagngangalang chamado chamada nome naran là",
        rf"(?i:\b(?:named|nicknamed|alias|a\.k\.a\.|aka|bernama|nagngangalang|chamad[oa]|de nome|(?:ema|labarik|labarik-feto|labarik-mane|feto|mane)(?: ida)? naran|tên là)) {_SMALL}",
    ),
    (
        "tên",
        rf"(?i:\b(?:bé|gái|trai|em|chị|anh|cô|bà|ông|cháu|chú|bác|người|con|phụ nữ|thanh niên|nạn nhân|môi giới) tên(?: là)?) {_SMALL}",
    ),
    # si maricel, ate niyang rosalie
    (
        "si sina kay kina",
        rf"(?i:(?<!por )(?<!entre )(?<!para )(?<!em )(?<!de )(?<!\ba )(?<!sobre )(?<!contra )\b(?:si|sina|kay|kina)) {_SMALL}",
    ),
    (
        "niyang nilang kong nitong",
        rf"(?i:\b(?:ate|kuya|kapatid|nanay|ina|tatay|ama|tiya|tiyo|tita|tito|pinsan|asawa|kaibigan|anak|lola|lolo) (?:niyang|nilang|kong|nitong)) {_SMALL}",
    ),
    # uncle somsak, mother of aminah, pakcik ali, maun joão, tia rosa
    (
        "aunt auntie uncle cousin sister brother",
        rf"(?i:\b(?:aunt|auntie|uncle|cousin|sister|brother)) {_SMALL}",
    ),
    (
        KIN.replace("|", " "),
        rf"(?i:\b(?:{KIN}) of) {_SMALL}",
    ),
    (
        "called",
        rf"(?i:\b(?:girl|boy|woman|man|child|person|broker|recruiter|driver|agent) (?:who is |was )?called) {_SMALL}",
    ),
    (
        "kakak adik abang paman bibi pakcik makcik sepupu mbak tante kak",
        rf"(?i:\b(?:kakak|adik|abang|paman|bibi|pakcik|makcik|sepupu|mbak|tante|kak)) {_SMALL}",
    ),
    (
        "maun mana tiu biin alin tia tio irmã irmão prima primo",
        rf"(?i:\b(?:maun|mana|tiu|biin|alin|tia|tio|irmã|irmão|prima|primo)) {_SMALL}",
    ),
    # a irmã dela, joana,
    (
        "dela dele delas deles",
        rf"(?i:\b(?:irmã|irmão|mãe|pai|tia|tio|prima|primo|filha|filho|amiga|amigo|avó|avô|marido|esposa) (?:dela|dele|delas|deles)), {_SMALL}(?=,)",
    ),
    # her facebook name is malee, fb malee srisai
    (
        NETWORKS.replace("|", " "),
        rf"(?i:\b(?:{NETWORKS})(?:-?nya)? (?:id|name|account|user(?: ?name)?|nick(?: ?name)?|handle|akun|akaun|nama|tên|naran|nome)(?: (?:is|was|adalah|ialah|là|ay|é|mak)|:)) {_SMALL}",
    ),
    ("fb ig", rf"(?i:\b(?:fb|ig)) {_SMALL} [^\W\dA-Z_][^\W\d_]+(?=[.,;)]|$)"),
    # nia maun joão
    (
        "nia",
        rf"(?i:\b(?:nia|sira-nia|ha'u-nia) (?:maun|mana|biin|alin|tiu|tia|inan|aman|feen|laen|oan|prima|primu|kolega)) {_SMALL}",
    ),
)
"""(words of which every match contains one, or none for a digit; the form). A test checks that they agree."""
NAMED: Final = tuple((frozenset(words.split()), re.compile(form)) for words, form in _FORMS)
_OF_HIS: Final = re.compile(  # adiknya aminah, kakak perempuannya sari
    rf"(?i:\b(?:kakak|adik|abang|ibu|mak|bapa|bapak|ayah|paman|bibi|pakcik|makcik|sepupu|suami|isteri|istri|teman|kawan|nenek|datuk|kakek)(?:nya|ku|(?: (?:perempuan|lelaki|laki-laki|kandung|ipar|tiri))(?:nya|ku))),? {_SMALL}",
)
ORDINARY: Final = frozenset(
    # words that are not names, in English
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
    bus boat train plane taxi van truck ferry boss
    however therefore meanwhile moreover otherwise
    above below herself himself themselves itself unknown missing safe dead alive sick pregnant willing afraid able unable
    organisation organisations organization organizations agency tongue city cities company companies act ship project projects service services programme network law laws figure figures language
    document documents field fields contact contacts desk desks agency agencies body bodies country countries office offices
    police officer officers driver drivers broker brokers recruiter recruiters agent agents employer employers owner owners suspect suspects trafficker traffickers member members state states
    day days week weeks month months year years january february march april may june july august september october november december
    """.split()  # noqa: SIM905 - words read better as text
)
_NO_NAME: Final = ORDINARY | frozenset(
    # the same in the other languages
    """
    group groups page pages post posts ad ads fan profile profiles chat video videos marketplace messenger reels new free public private fake real open
    most more least less often together total totals percent case cases sahaja saja kasapi tatanggap
    penipu agen calo tekong ate kuya nanay tatay nene totoy accounts doente juga tunggal hamil kandung ipar angkat sulung bungsu saya kami mereka beliau kita lain lainnya
    mais menor maior gémea gémeo velha velho nova novo materna paterno kiik boot rasik rua-ne'e kbiit luan moos barak ne'ebe
    orang seorang korban pelaku pengirim penerima anak anaknya majikan pemilik pekerja perempuan lelaki laki-laki wanita gadis pria remaja warga yang dan atau di ke dari pada untuk dengan oleh juga sudah telah akan
    sedang masih tidak bukan belum ikut pergi datang pulang bekerja tinggal ada adalah ialah itu ini tersebut sendiri bersama serta karena kerana agar supaya saat ketika setelah selepas sebelum kepada tentang sebagai
    palsu asli samaran lengkap ditempatkan dibawa dikirim ditahan diajak dijanjikan mengatakan berkata dipaksa dijual hilang sakit meninggal menjual menunggu menerima membayar membantu melapor
    mga ang ng sa na ay at o kung kapag para pero dahil ito iyon siya sila niya nila namin natin ko mo babae lalaki bata batang dalaga taong pekeng tunay biktima nagtatrabaho umalis dumating naging
    giả thật thật đầy của miền và tuổi họ gọi là được bị ở tại trong ngoài khác mới cũ riêng trường công đường tàu xe người nạn đối doanh tổ chức cơ quan các những sản phẩm hàng khai đăng đệm không tôi nào gì
    falso falsa verdadeiro completo completa que e ou de da do das dos em no na nos nas por para com sem foi era está disse menina menino mulher homem criança pessoa vítima jovem
    no ho iha husi ba hosi maka mak ne'e ne'ebé sira nia ida rua hotu de'it la lae bele tenke fila hela servisu labarik feto mane ema loos falsu kompletu hanesan hamutuk moris lori selu simu
    """.split()  # noqa: SIM905
)
_FORMS_OF_WORDS: Final = re.compile(
    # endings of English words, and prefixes of Malay and Indonesian verbs
    r"\w+(?:ed|ing|ly|ness|tion|ment|ers|ors|ies|ship)|(?:meng|meny|mem[bp]|men[cdj]|ber|ter|di[bjkpst])\w{3,}"
)

_OPEN, _CLOSE = "[\"“„‟'‘«‹「『〝]", "[\"”“'’»›」』〞]"
_QUOTED: Final = rf"{_OPEN} ?([^\"“”„«»「」『』\n]{{2,30}}?) ?{_CLOSE}(?![a-z])"
_ONE: Final = "broker|brokers|recruiter|driver|boss|manager|agent|trafficker|leader|ringleader|handler|pimp|guard|captain|skipper|courier|woman|man|girl|boy|person|victim|suspect|facilitator|smuggler|owner|chief|foreman|madam|user"
WITHIN_A_NAME: Final = "-"  # Maria "Baby" Santos: needs no cue word
NICKNAMES: Final = tuple(
    (frozenset(words.split()), re.compile(nfkc(form), re.IGNORECASE))
    for words, form in (
        (
            "called call calls known nicknamed dubbed goes went name",
            rf"\b(?:{_ONE})\b[^.\n\"“”„«»]{{0,40}}?\b(?<!so-)(?:called|calls?|known (?:\w+ )?as|known to \w+ as|nicknamed|dubbed|calls (?:himself|herself)|goes by|went by|using the name|by the name(?: of)?),? {_QUOTED}",
        ),
        (
            "nickname nicknames nicknamed alias aka k street codename codenamed",
            rf"\b(?:nicknames?|nicknamed|alias|aka|a\.k\.a\.|street name|codenamed?)(?: is| was|:| of)? {_QUOTED}",
        ),
        (KIN.replace("|", " "), rf"\b(?:{KIN}),? {_QUOTED}"),
        (
            "si ni kay sina nina kina",
            rf"(?<!por )(?<!entre )(?<!para )(?<!em )(?<!de )(?<!\ba )(?<!sobre )(?<!contra )\b(?:si|ni|kay|sina|nina|kina) {_QUOTED}",
        ),
        (_ONE.replace("|", " "), rf"\b(?:{_ONE}),? {_QUOTED}|{_QUOTED},? (?:the|a|an|one) (?:\w+ )?(?:{_ONE})\b"),
        (
            "year years yrs",
            rf"{_QUOTED},? \(?(?:(?:who )?(?:is|was) |aged )?(?:only |just )?\d{{1,2}}[ -](?:years?|yrs)[ -]old\b",
        ),
        (WITHIN_A_NAME, rf"(?-i:\b[A-Z][^\W\d_]+ {_QUOTED} [A-Z][^\W\d_]+)"),
        (
            "dijuluki julukan dipanggil panggilan alias dikenal dikenali digelar gelaran bergelar berjuluk samaran",
            rf"\b(?:dijuluki|julukan|dipanggil|panggilan|alias|nama panggilan|dikenal(?:i)? sebagai|digelar|gelaran|bergelar|berjuluk|nama samaran) {_QUOTED}",
        ),
        (
            "danh hiệu gọi xưng tên",
            rf"\b(?:biệt danh|bí danh|biệt hiệu|thường gọi(?: là)?|hay gọi(?: là)?|tự xưng(?: là)?|(?:người|kẻ|ông|bà|anh|chị|cô|em|bé|gái|trai|đối tượng|nạn nhân|môi giới) tên(?: gọi)?(?: là)?) {_QUOTED}",
        ),
        (
            "alyas bansag palayaw tinatawag kilala",
            rf"\b(?:alyas|bansag|palayaw|(?:rekruter|ahente|lalaki|babae|tao|amo|drayber)(?:ng)? (?:na )?tinatawag(?: na| nilang)?|kilala (?:bilang|sa pangalang|sa tawag na))(?: na)? {_QUOTED}",
        ),
        (
            "alcunha alcunhado alcunhada apelido apelida conhecido conhecida chamado chamada vulgo",
            rf"\b(?:alcunha|alcunhad[oa](?: de)?|apelid[oa](?: de)?|conhecid[oa] (?:por|como)|(?:homem|mulher|pessoa|chefe|recrutador[a]?|angariador[a]?|motorista) chamad[oa]|vulgo) {_QUOTED}",
        ),
        ("bolu naran koñesidu hanaran", rf"\b(?:bolu|naran|koñesidu ho naran|hanaran) {_QUOTED}"),
        (
            "",
            rf"(?:ฉายา|ชื่อเล่น|(?<!กลุ่ม)(?<!เพจ)(?<!บริษัท)(?<!บัญชี)(?<!โครงการ)(?<!ร้าน)ชื่อ|นามแฝง|รู้จักกันในชื่อ|รู้จักในนาม)(?:ว่า)? ?{_QUOTED}",
        ),
        ("", rf"(?:คน|นายหน้า|หญิง|ชาย|แม่เล้า|หัวหน้า)[^\n\"“”]{{0,30}}เรียก(?:กัน)?(?:ว่า)? ?{_QUOTED}"),
        (
            "",
            rf"(?:ຊື່ຫຼິ້ນ|ຊື່ຫລິ້ນ|ຊື່|ສະມະຍາ|ນາມແຝງ)(?:ວ່າ)? ?{_QUOTED}|(?:ຄົນ|ນາຍໜ້າ|ນາຍຫນ້າ)[^\n\"“”]{{0,30}}ເອີ້ນ(?:ກັນ)?ວ່າ ?{_QUOTED}",
        ),
        ("", rf"(?:ហៅក្រៅ|រហស្សនាម|(?:ស្រី|ប្រុស|ក្មេង|បុរស|នារី|ម្នាក់)ឈ្មោះ|មេខ្យល់|អ្នកបើកបរ) ?{_QUOTED}"),
        ("", rf"{_QUOTED} ?(?:ဟု|လို့) ?(?:ခေါ်|လူသိများ)|(?:ပွဲစား|အမည်ပြောင်) ?{_QUOTED}"),
        (
            "",
            rf"(?:绰号|外号|花名|化名|网名|昵称|人称|自称|(?:人|男|女|者|老板|司机|中介)[^，。“]{{0,6}}(?:被称为|叫做?))(?:是|为)? ?{_QUOTED}",
        ),
        ("", rf"{_QUOTED} ?(?:என|என்று|எனும்|என்ற) ?(?:அழைக்|பெயர|முகவர|அறியப்)"),
    )
)
_WORD_IN_QUOTES: Final = re.compile(r"\w+(?:s|ed|ing|ly)|sold|free|legal")
A_QUOTE: Final = re.compile("[\"“”„«»‹›「『'‘’]")
CALLING_WORDS: Final = frozenset[str]().union(*(words for words, _ in NAMED))
"""Words of which a text without a digit contains one if a form of NAMED matches."""


_WITHOUT_WORDS: Final = tuple((words, form) for words, form in NAMED if not words)


def find_called(text: str) -> Iterator[str]:
    """Yield the words of plain text in lower case, or in quotation marks, that may name a person."""
    there = words_of(text)
    has_word = not there.isdisjoint(CALLING_WORDS)
    if has_word or has_digit(text):
        for words, form in NAMED if has_word else _WITHOUT_WORDS:
            if not words.isdisjoint(there) if words else has_digit(text):
                yield from (each[1] for each in form.finditer(text) if may_be_a_name(each[1]))
    if "nya" in text or "ku" in text:
        yield from (each[1] for each in _OF_HIS.finditer(text) if may_be_a_name(each[1]))
    is_native = not text.isascii()
    if A_QUOTE.search(text) if is_native else '"' in text or "'" in text:
        for words, form in NICKNAMES:
            if words & there or (not words and is_native) or WITHIN_A_NAME in words:
                quoted = (next(filter(None, each.groups())) for each in form.finditer(text))
                yield from filter(_is_nickname, quoted)


def may_be_a_name(word: str) -> bool:
    """Whether a word after a cue word is not in the lists of words that are not names."""
    return word.lower() not in _NO_NAME and not _FORMS_OF_WORDS.fullmatch(word)


def _is_nickname(words: str) -> bool:
    """Whether the words can be a nickname: none of the listed words alone, and not beginning with one."""
    first, _, more = words.partition(" ")
    if not first.islower() or not first.isascii():
        return True
    return first not in ("no", "not") if more else first not in _NO_NAME and not _WORD_IN_QUOTES.fullmatch(first)
