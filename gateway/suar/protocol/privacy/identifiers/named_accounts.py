"""Finds accounts beside the name of a network: `her LINE ID is malee99`, `微信号是nok2009`, `IG → nok_09`.

Behind linking words a name with a digit or an underscore is refused, as is every Latin word after one of the networks
in another script that `forms` has. Behind the others (`ลายน์`, `ໄລນ໌`, `ឡាញ`, `လိုင်း`), with a blank or a sign, one in small
letters with a digit or an underscore is refused, and another word in Latin letters held. The text is held after a
network whose name is also a word (`line`), and if only a full stop indicates the account. Behind a sign one in small
letters with a digit or an underscore is refused; one with capitals, as codes of documents have, and one in front of the
network (`malee99 on LINE`) is held. So is a word in the form of an account within a few words of the network, whatever
is between them (`TikTok, the girl posts as malee99`).
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final

from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import has_digit, nfkc, words_of

NO_LETTER: Final = r"(?<![0-9A-Za-z_\u00c0-\u024f\u1e00-\u1eff])"
"""Before a word in Latin letters: not another one. A letter of a script without blanks may be there."""
NETWORKS: Final = "line|telegram|tg|wechat|weixin|whatsapp|whats app|viber|zalo|facebook|fb|instagram|insta|ig|tiktok|signal|messenger|skype|imo|snapchat|twitter|discord|kakaotalk|kakao|qq|bigo|threads|youtube|tik tok|weibo|douyin|kuaishou|xiaohongshu|michat|vx|wx|gmail|hotmail"
_MARKS: Final = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b6-\u17d3\u0bbe-\u0bcd"
)
"""Vowels and tones that stand above, below or behind a letter, in the scripts of the region."""
_NATIVE: Final = nfkc(
    # Thai
    "ไลน์|ลายน์|ไลน|ไลท์|เฟซบุ๊ก|เฟสบุ๊ค|เฟซบุ๊ค|เฟสบุ๊ก|เฟซบุค|เฟสบุค|เฟสบุก|เฟสบุ้ค|เฟซ|เฟส|อินสตาแกรม|อินสตราแกรม|อินสตา|ไอจี|ติ๊กต็อก|ติ๊กตอก|ติ๊กต๊อก|ติกต็อก|ติกตอก|ติกต๊อก"
    "|เทเลแกรม|เทเรแกรม|วีแชท|วีแชต|วอทส์แอป|วอตส์แอป|วอทส์แอพ|วอตส์แอปป์|วอทแอพ|วอทแอป|แมสเซนเจอร์|เมสเซนเจอร์|ทวิตเตอร์|ไวเบอร์|ซาโล|ดิสคอร์ด|สแนปแชต|สแนปแชท|ยูทูบ|ยูทูป"
    # Lao
    "|ເຟສບຸກ|ເຟຊບຸກ|ເຟສບຸ໊ກ|ເຟສບຸກ໌|ເຟສ|ເຟຊ|ໄລນ໌|ໄລນ|ໄລ|ໄອຈີ|ອິນສະຕາແກຣມ|ອິນສະຕາແກມ|ວັອດແອັບ|ວອດສແອັບ|ວອດແອັບ|ວັອດສແອັບ|ວັອດສ໌ແອັບ|ຕິກຕອກ|ຕິກຕັອກ|ຕິກຕ໋ອກ|ເທເລແກຣມ|ເທເລແກມ|ວີແຊັດ|ວີແຊດ|ວີແຊັທ|ເມສເຊັນເຈີ|ໄວເບີ|ຢູທູບ"
    # Khmer
    "|ហ្វេសប៊ុក|ហ្វេសប៊ុគ|ហ្វេសបុក|ហ្វេសប៊ូក|តេឡេក្រាម|តេលេក្រាម|តេឡេ|ឡាញ|ឡាយន៍|ទិកតុក|តិកតុក|ធីកថុក|វ៉ាត់សាប់|វ៉តសាប់|វ៉តស៍អាប់|វីឆាត|វីចាត|អាយជី|អ៊ីនស្តាក្រាម|អ៊ិនស្តាក្រាម|មេសសិនជឺ|ម៉ាសសិនជឺ|វ៉ាយប័រ|យូធូប"
    # Burmese
    "|ဖေ့စ်ဘွတ်ခ်|ဖေ့စ်ဘုတ်ခ်|တစ်တော့ခ်|တစ်တောက်ခ်|ဖေ့စ်ဘွတ်|ဖေ့စ်ဘုတ်|ဖေ့စ်ဘုခ်|ဖေ့ဘုတ်|ဖေ့ဘွတ်|ဖေစ့်ဘွတ်|ဗိုင်ဘာ|တယ်လီဂရမ်|တယ်လီဂရန်|တစ်တော့|တစ်တောက်|တိတ်တော့|တစ်တောခ်|လိုင်း|ဝီချက်|ဝီချတ်|အိုင်ဂျီ|အင်စတာဂရမ်|အင်စတာ|ဝပ်စ်အက်ပ်|ဝပ်ဆက်|ဝတ်စ်အပ်|ဝက်စ်အက်ပ်|မက်ဆင်ဂျာ|မက်စင်ဂျာ|ယူကျု"
    # Chinese
    "|微信|抖音|快手|微博|脸书|臉書|脸谱|电报|電報|推特|小红书|陌陌|探探|钉钉|油管|薇信|扣扣"
    # Tamil
    "|பேஸ்புக்|ஃபேஸ்புக்|முகநூல்|டெலிகிராம்|டெலகிராம்|வாட்ஸ்அப்|வாட்சப்|வாட்ஸப்|வாட்ஸ்ஆப்|இன்ஸ்டாகிராம்|இன்ஸ்டா|லைன்|வீசாட்|வைபர்|டிக்டாக்|டிக்டொக்|ட்விட்டர்|மெசஞ்சர்"
)
"""Names of networks in the scripts of the region."""
_ONLINE: Final = tuple(
    nfkc(
        "ออนไลน์|ออฟไลน์|ฮอตไลน์|ฮอทไลน์|ไทม์ไลน์|ไกด์ไลน์|แอร์ไลน์|เดดไลน์|ออนไลน|ອອນໄລນ໌|ອອນໄລນ|ອອນໄລ|អនឡាញ|អូនឡាញ|ហតឡាញ|အွန်လိုင်း|ဟော့လိုင်း|ဖုန်းလိုင်း|ကားလိုင်း|ஆன்லைன்|ஹாட்லைன்"
    ).split("|")
)
"""Words that end like the name of a network: online, offline, hotline and others."""
NOT_ONLINE: Final = "".join(f"(?<!{word})" for word in _ONLINE)
_LINKS: Final = (
    # English
    "is|was|are|the|id|account|acc|name|user ?name|user|nick ?name|nick|handle|number|profile|page|called|under|as|of|hers?|his|their|she uses|he uses"
    # Indonesian, Malay
    "|akun|akaun|adalah|ialah|yaitu|iaitu|bernama|nama|atas|milik|korban|mangsa|dia|dengan"
    # Vietnamese
    "|của|em|cô|ấy|chị|anh|bé|cháu|nó|nạn nhân|là|tên|tài khoản|số"
    # Filipino, Portuguese, Tetum
    "|niya|nya|ay|ang|kanyang|dela|dele|é|era|da|do|conta|nome|utilizador|usuário|perfil|nia|mak|naran|konta|ne'e|vítima"
)
_NATIVE_LINKS: Final = nfkc(
    "ไอดี|คือ|ชื่อ|ว่า|ของเธอ|ของเขา|ของเด็ก|ของผู้เสียหาย|บัญชี|เป็น|ໄອດີ|ແມ່ນ|ຄື|ຊື່|ວ່າ|ຂອງລາວ|ຂອງນາງ|ບັນຊີ|គឺ|ឈ្មោះ|គណនី|របស់នាង|របស់គាត់|របស់ជនរងគ្រោះ|អាយឌី"
    "|အကောင့်|အမည်|နာမည်|အိုင်ဒီ|က|မှာ|သည်|号码|号|號|账号|帐号|帳號|账户|名字|名|昵称|用户|是|为|為|叫|的|她|他|ஐடி|கணக்கு|பெயர்|எண்|என்பது|ID|id"
)
_LINK: Final = rf"[ :=]{{1,2}}(?:{_LINKS})\b"
_HANDLE: Final = r"[A-Za-z_](?:[A-Za-z0-9_.]{2,30})[A-Za-z0-9_](?![\w@])"
LATIN_FORM: Final = re.compile(
    rf"{NO_LETTER}({NETWORKS})(?:-?(?:nya|ku|mu)(?:{_LINK}){{0,4}}|(?:'s)?(?:{_LINK}){{1,4}})[ :=]{{1,3}}(?=[A-Za-z.]*[\d_]|[A-Za-z]+\.[A-Za-z])({_HANDLE})",
    re.IGNORECASE,
)
_LINKED: Final = rf"(?:[ :=]{{0,2}}(?:{_NATIVE_LINKS})){{1,4}}[ :=]{{0,3}}"
_NATIVE_FORM: Final = re.compile(rf"(?:{_NATIVE}){NOT_ONLINE}{_LINKED}({_HANDLE})")
_BEHIND_NATIVE: Final = re.compile(
    # ไลน์ nok, ไลน์: malee, เฟส → malee99, 微信(malee)
    rf"(?P<network>{_NATIVE}){NOT_ONLINE}(?:{_LINKED})? ?(?:[^\w\s.,;!?@#%&*+、。{_MARKS}]|->){{0,2}} ?"
    r"(?P<account>(?<![A-Za-z0-9_])(?=[\d._-]{0,30}[A-Za-z])[A-Za-z0-9_][A-Za-z0-9_.-]{1,30}[A-Za-z0-9_])(?![A-Za-z0-9_@])"
)
_MIXED_FORM: Final = re.compile(  # 我的line是malee99
    rf"{NO_LETTER}({NETWORKS}){_LINKED}(?=[A-Za-z.]*[\d_])({_HANDLE})", re.IGNORECASE
)
_IN_SIGNS: Final = r"(?=[A-Za-z.]*[\d_]|[A-Za-z]+\.[A-Za-z])([A-Za-z_][A-Za-z0-9_.]{2,30}[A-Za-z0-9_])(?![\w@-])"
_SIGNED_NETWORKS: Final = NETWORKS.replace("|imo|", "|")  # that one is also an organization, with codes of documents
_SIGNED: Final = re.compile(
    # LINE → malee99, fb/malee99, Telegram "malee99", Twitter malee99
    rf"(?:{NO_LETTER}({_SIGNED_NETWORKS}) ?(?:[^\w\s.,;!?@#%&*+]|->){{1,2}} ?|{NO_LETTER}(twitter|tg|insta|kakaotalk|kakao) ){_IN_SIGNS}",
    re.IGNORECASE,
)
_NO_ACCOUNT: Final = r"(?i:covid|asean|phase|section|table|figure|annex|part|track|zone|route|gate|unit|room|page|version|level|stage|chapter|article|form|year|day|week|month|group|since|until|mid|end|top|web|iphone|class|camp|building|block)\d"
"""Words before a number that are none: phase2, covid19."""
_WITH_AT: Final = re.compile(rf"{NO_LETTER}(?:{NETWORKS})@[A-Za-z0-9_][\w.]{{2,31}}", re.IGNORECASE)
_MAIL_WITHOUT_END: Final = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{2,40} ?@ ?(?:qq|163|126|foxmail|sina)(?![\w.])", re.I
)
_ADDED: Final = re.compile(rf"加 ?[vV][:信 ]{{0,2}}{_IN_SIGNS}|(?<![A-Za-z])tele ?[:=] ?{_IN_SIGNS}", re.IGNORECASE)
"""加v malee99, tele: malee99"""
_UNNAMED: Final = re.compile(
    # username malee99, her nick malee99, account "malee99": no network is named
    rf"{NO_LETTER}(?:user ?names?|nick ?names?|nicks?|accounts?|profiles?|handle|akun|akaun|tài khoản|conta|konta)(?:nya)?(?: (?:is|was|name|id|adalah|ialah|là|é|mak))?[ :=]{{1,2}}[\"'“‘«(]?(?!{_NO_ACCOUNT}){_IN_SIGNS}",
    re.IGNORECASE,
)
_OF_UNNAMED: Final = frozenset(
    "tele user username usernames nick nicks nickname nicknames account accounts profile profiles handle akun akunnya akaun akaunnya tài conta konta".split()  # noqa: SIM905
)
_OWN: Final = re.compile(
    # Her WeChat is malee, at the end of a clause
    rf"{NO_LETTER}(?:her|his|their|my|(?<=['’])s) (?:new |old |own |private )?({NETWORKS})(?: (?:id|account|name|user ?name|nick))? (?:is|was) ([a-z][a-z_.]{{2,30}}[a-z_]|[a-z]{{3}})(?=[.,;!?)\n]|$| and\b| or\b)",
    re.IGNORECASE,
)
_OF_A_STATE: Final = re.compile(r"\w+(?:ed|ing|ive|able|less)", re.IGNORECASE)
_STATES: Final = frozenset(
    "public private open off online offline down gone lost fake real new old known unknown empty full busy free different same down dead stolen shut kept secret safe unsafe not available used there here found sent read seen illegal legal".split()  # noqa: SIM905
)
"""Words that say of an account what has happened to it."""
HANDLE: Final = re.compile(r"(?<![\w.@/])@(?=[\w.]*[A-Za-z])[\w.]{3,32}")
_OF_OFFICE: Final = re.compile("ministry|police|polis|official|embassy|government|kementerian|hotline", re.IGNORECASE)
_OFFICIAL: Final = re.compile(
    nfkc(r"(?:\b(?:official|resmi|rasmi|oficial|chính thức)(?: account)?|官方(?:账号)?|ทางการ)[ :(]{1,3}$"),
    re.IGNORECASE,
)
_ON_X: Final = re.compile(rf"(?<![A-Za-z0-9_.-])X ?[:|/→] ?{_IN_SIGNS}")
_IN_FRONT: Final = re.compile(
    # malee99 on LINE, "Malee99" (LINE), malee99 trên Zalo, malee99 ในไลน์; but not SDG8 on Twitter
    r"(?<![A-Za-z0-9_.@/#-])(?!(?i:covid|asean))(?![A-Z]{1,4}[\d.]+(?![A-Za-z0-9_]))(?=[A-Za-z.]{0,31}[\d_])[A-Za-z_][A-Za-z0-9_.]{2,30}[A-Za-z0-9_]"
    r"(?:[\"'”’»]s?)?(?: [(@]?(?:(?i:on|at|via|in|from|di|pada|trên|qua|sa|no|na|em|iha|pelo)|ใน|ทาง|ที่|บน|ໃນ|ທາງ|ក្នុង|នៅលើ|தளத்தில்) ?| ?[(/|→=:@–-] ?| 的"
    rf"|(?:在|的|ใน|ทาง|บน|ໃນ|ທາງ)|(?<='s) |(?<=’s) |(?={_NATIVE})) ?(?:(?i:{_SIGNED_NETWORKS})(?![A-Za-z0-9_])|{_NATIVE})"
)
_NEAR: Final = 48
"""Characters on each side of a word with a digit or an underscore in which the name of a network is looked for."""
_LIKE_ONE: Final = re.compile(
    # malee99, Malee99, nok_s, #malee99; no campaign of a year, #stop2026, no phase2 and no name of a file
    r"(?<![A-Za-z0-9_.@/-])(?<!#)(?:#(?!\w*(?:19|20)\d\d(?!\d)))?"
    rf"((?!{_NO_ACCOUNT})"
    r"[A-Za-z]?[a-z]{2,24}(?:_?\d|_[a-z])[A-Za-z0-9_]{0,20})(?![A-Za-z0-9_@]|[./-][A-Za-z0-9])"
)
_A_NETWORK: Final = re.compile(
    rf"{NO_LETTER}(?:(?i:{_SIGNED_NETWORKS})(?<!line)(?<!signal)(?<!threads)(?<!messenger)(?![A-Za-z0-9_]))|(?:{_NATIVE}){NOT_ONLINE}"
)
"""Those whose name is a word too need a capital."""
_ONE_LETTER: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_SPELLED: Final = tuple(
    # L I N E, L.I.N.E.
    (frozenset(name), re.compile(rf"(?<![A-Za-z0-9]){'[ ._*-]{1,2}'.join(name)}(?![A-Za-z0-9])", re.IGNORECASE))
    for name in _SIGNED_NETWORKS.split("|")
    if " " not in name and len(name) > len("line") - 1
)
_NATIVE_HANDLE: Final = re.compile(rf"(?<![\w.@/])@(?=\w)[\w{_MARKS}]{{1,30}}[\d_]\w*")
FIRST_WORDS: Final = frozenset(
    network.split()[0] + ending for network in NETWORKS.split("|") for ending in ("", "nya", "ku", "mu")
)
"""Words of which every match of the form in Latin letters contains one. A test checks that they agree."""
_NAMES: Final = tuple(network.split()[0] for network in NETWORKS.split("|"))
_OTHER: Final = tuple(_NATIVE.split("|"))
_WITH_LATIN: Final = re.compile("[A-Za-z_]")
_WITH_OTHERS: Final = re.compile("[\u0b80-\u0bff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u4e00-\u9fff]")
_LATIN_NAMES: Final = frozenset(NETWORKS.split("|"))
_PARTS_OF_WORDS: Final = frozenset(map(nfkc, ("ໄລ", "ໄລນ", "เฟส", "ไลท์", "ไลน")))
"""Networks with which other words end; behind a letter the account is not sure."""
_A_LETTER: Final = re.compile(rf"[\w{_MARKS}]")
_WORDS_TOO: Final = frozenset({"line", "signal", "messenger", "threads"})
_CLEAR: Final = re.compile(r"[\d_]")
NO_HANDLE: Final = frozenset(
    """
    mini mini-program group groups page pages live official business messenger account accounts chat chats channel channels app apps voom story stories reels marketplace lite
    application applications ads advert bot chatbot video videos call calls pay link links and or the of for in on via with to from by as is was id user username name
    email e-mail mail sms http https www web website websites online offline social media platform platforms network networks fanpage fan post posts job jobs work
    hotline scam scams chatroom open verified support service team data qr code share status feed
    """.split()  # noqa: SIM905 - words read better as text
)
"""Words behind the name of a network that are no account."""


@lru_cache(maxsize=16)
def named_accounts(text: str) -> tuple[Found, ...]:
    """Return the accounts in plain text after the name of a network and linking words."""
    return tuple(_accounts(text))


def _accounts(text: str) -> Iterator[Found]:
    is_ascii = text.isascii()
    small = "" if is_ascii else text.lower()
    has_sign = has_digit(text) or "_" in text
    if has_sign and any(map(text.__contains__, () if is_ascii else _OTHER)):
        yield from (Found("handle", found[0], is_sure=False) for found in _IN_FRONT.finditer(text))
        yield from _near(text, (_A_NETWORK,))
    letters = words_of(text) & _ONE_LETTER if has_sign else ()
    if len(letters) > 1:
        yield from _near(text, [form for name, form in _SPELLED if name <= letters])
    if not words_of(text).isdisjoint(FIRST_WORDS) or any(map(small.__contains__, _NAMES)):
        for found in LATIN_FORM.finditer(text):
            yield Found("handle", found[0], is_sure=_is_clear(found[1], found[2]))
        if has_sign or "." in text:
            yield from _next_to_signs(text)
        if has_sign:
            yield from _near(text, (_A_NETWORK,))
        yield from _with_own_signs(text)
    yield from _without_network(text, has_sign=has_sign)
    if is_ascii:
        return
    if _WITH_LATIN.search(text) and _WITH_OTHERS.search(text) and any(map(text.__contains__, _OTHER)):
        yield from _behind_native(text)
    if "@" in text:
        yield from (Found("handle", found[0]) for found in _NATIVE_HANDLE.finditer(text) if not is_official(found))


def is_official(handle: re.Match[str]) -> bool:
    """Return whether a handle has a word for an office, or one for `official` before it."""
    start = handle.start()
    return _OF_OFFICE.search(handle[0]) is not None or (
        _OFFICIAL.search(handle.string, max(0, start - 24), start) is not None
    )


def _without_network(text: str, *, has_sign: bool) -> Iterator[Found]:
    """Yield the accounts whose network is not named in full or is `X`; none is sure."""
    if has_sign and (not words_of(text).isdisjoint(_OF_UNNAMED) or "加" in text):
        for form in (_UNNAMED, _ADDED):
            yield from (Found("handle", found[0], is_sure=False) for found in form.finditer(text))
    if "@" in text:
        yield from (Found("handle", found[0], is_sure=False) for found in _MAIL_WITHOUT_END.finditer(text))
        yield from (Found("handle", found[0], is_sure=False) for found in HANDLE.finditer(text) if is_official(found))
    if "X" in text and has_digit(text):
        yield from (Found("handle", found[0], is_sure=False) for found in _ON_X.finditer(text))


def _with_own_signs(text: str) -> Iterator[Found]:
    """Yield the accounts behind a network and an at sign, and those of letters alone that are somebody's."""
    if "@" in text:
        yield from (Found("handle", found[0]) for found in _WITH_AT.finditer(text))
    for found in _OWN.finditer(text):
        account = found[2].lower()
        if account not in NO_HANDLE | _STATES and account not in _LATIN_NAMES and not _OF_A_STATE.fullmatch(account):
            yield Found("handle", found[0], is_sure=False)


def _behind_native(text: str) -> Iterator[Found]:
    """Yield the accounts behind the name of a network in another script than Latin."""
    yield from (Found("handle", found[0]) for found in _NATIVE_FORM.finditer(text) if not _is_no_account(found[1]))
    for found in _BEHIND_NATIVE.finditer(text):
        account = found["account"]
        if not _is_no_account(account):
            is_whole = found["network"] not in _PARTS_OF_WORDS or _before(text, found.start()) is None
            yield Found(
                "handle", found[0], is_sure=is_whole and account.islower() and _CLEAR.search(account) is not None
            )


def _before(text: str, at: int) -> re.Match[str] | None:
    """Return the letter before a position."""
    return _A_LETTER.match(text, at - 1) if at else None


def _is_no_account(word: str) -> bool:
    """Whether a word behind a network is another network, an abbreviation or a word of `NO_HANDLE`."""
    small = word.lower()
    return small in NO_HANDLE or small in _LATIN_NAMES or (word.isupper() and word.isalpha())


def _is_clear(network: str, account: str) -> bool:
    return _CLEAR.search(account) is not None and network not in _WORDS_TOO


def _near(text: str, networks: Collection[re.Pattern[str]]) -> Iterator[Found]:
    """Yield the words in the form of an account that have the name of a network near them, whatever is between."""
    for found in _LIKE_ONE.finditer(text) if networks else ():
        start, end = found.span(1)
        before, after = (max(0, start - _NEAR), start), (end, end + _NEAR)
        if any(form.search(text, *before) or form.search(text, *after) for form in networks):
            yield Found("handle", found[1], is_sure=False)


def _next_to_signs(text: str) -> Iterator[Found]:
    """Yield the accounts between which and the network is a sign, a linking word of another script, or none."""
    for found in _MIXED_FORM.finditer(text):
        yield Found("handle", found[0], is_sure=_is_clear(found[1], found[2]))
    for found in _SIGNED.finditer(text):
        network, account = found[1] or found[2], found[3]
        if _LIKE_ONE.fullmatch(account) or network.lower() not in _WORDS_TOO or network.isupper():
            yield Found("handle", found[0], is_sure=account.islower() and _is_clear(network, account))
    yield from (Found("handle", found[0], is_sure=False) for found in _IN_FRONT.finditer(text))
