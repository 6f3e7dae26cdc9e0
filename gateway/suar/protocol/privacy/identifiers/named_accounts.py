"""Finds accounts beside the name of a network: `her LINE ID is malee99`, `微信号是nok2009`, `IG → nok_09`.

Behind linking words a name with a digit or an underscore is refused, as is every Latin word after a network in another
script. The text is held after a network whose name is also a word (`line`), and if only a full stop indicates the
account. Behind a sign one in small letters with a digit or an underscore is refused; one with capitals, as codes of
documents have, and one in front of the network (`malee99 on LINE`) is held.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import has_digit, nfkc, words_of

NO_LETTER: Final = r"(?<![0-9A-Za-z_\u00c0-\u024f\u1e00-\u1eff])"
"""Before a word in Latin letters: not another one. A letter of a script without blanks may be there."""
NETWORKS: Final = "line|telegram|tg|wechat|weixin|whatsapp|whats app|viber|zalo|facebook|fb|instagram|insta|ig|tiktok|signal|messenger|skype|imo|snapchat|twitter|discord|kakaotalk|kakao|qq|bigo|threads|youtube"
_MARKS: Final = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b6-\u17d3\u0bbe-\u0bcd"
)
"""Vowels and tones that stand above, below or behind a letter, in the scripts of the region."""
_NATIVE: Final = nfkc(
    "ไลน์|เฟซบุ๊ก|เฟสบุ๊ค|เฟซบุ๊ค|เฟสบุ๊ก|เฟซ|เฟส|อินสตาแกรม|ไอจี|ติ๊กต็อก|ติ๊กตอก|เทเลแกรม|วีแชท|วอทส์แอป|วอตส์แอป"
    "|ເຟສບຸກ|ເຟຊບຸກ|ເຟສບຸ໊ກ|ໄລນ໌|ໄລ|ວັອດແອັບ|ວອດສແອັບ|ຕິກຕອກ|ເທເລແກຣມ|ວີແຊັດ|ហ្វេសប៊ុក|តេឡេក្រាម|តេលេក្រាម|ឡាញ|ទិកតុក|តិកតុក|វ៉ាត់សាប់"
    "|ဖေ့စ်ဘွတ်|ဗိုင်ဘာ|တယ်လီဂရမ်|တစ်တော့|လိုင်း|ဝီချက်|微信|抖音|快手|微博|脸书|臉書|电报|推特|பேஸ்புக்|முகநூல்|டெலிகிராம்|வாட்ஸ்அப்|வாட்சப்|இன்ஸ்டாகிராம்"
)
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
_NATIVE_FORM: Final = re.compile(rf"(?:{_NATIVE}){_LINKED}({_HANDLE})")
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
_ON_X: Final = re.compile(rf"(?<![A-Za-z0-9_.-])X ?[:|/→] ?{_IN_SIGNS}")
_IN_FRONT: Final = re.compile(
    # malee99 on LINE, "Malee99" (LINE), malee99 trên Zalo, malee99 ในไลน์; but not SDG8 on Twitter
    r"(?<![A-Za-z0-9_.@/#-])(?!(?i:covid|asean))(?![A-Z]{1,4}[\d.]+(?![A-Za-z0-9_]))(?=[A-Za-z.]{0,31}[\d_])[A-Za-z_][A-Za-z0-9_.]{2,30}[A-Za-z0-9_]"
    r"(?:[\"'”’»]s?)?(?: [(@]?(?:on|at|via|in|from|di|pada|trên|qua|sa|no|na|em|iha|pelo|ใน|ทาง|ที่|บน|ໃນ|ທາງ|ក្នុង|នៅលើ|தளத்தில்) ?| ?[(/|→=:@–-] ?| 的"
    rf"|(?:在|的|ใน|ทาง|บน|ໃນ|ທາງ)|(?<='s) |(?<=’s) |(?={_NATIVE})) ?(?:(?i:{_SIGNED_NETWORKS})(?![A-Za-z0-9_])|{_NATIVE})"
)
_NATIVE_HANDLE: Final = re.compile(rf"(?<![\w.@/])@(?=\w)[\w{_MARKS}]{{1,30}}[\d_]\w*")
FIRST_WORDS: Final = frozenset(
    network.split()[0] + ending for network in NETWORKS.split("|") for ending in ("", "nya", "ku", "mu")
)
"""Words of which every match of the form in Latin letters contains one. A test checks that they agree."""
_NAMES: Final = tuple(network.split()[0] for network in NETWORKS.split("|"))
_OTHER: Final = tuple(_NATIVE.split("|"))
_WORDS_TOO: Final = frozenset({"line", "signal", "messenger", "threads"})
_CLEAR: Final = re.compile(r"[\d_]")


@lru_cache(maxsize=16)
def named_accounts(text: str) -> tuple[Found, ...]:
    """Return the accounts in plain text after the name of a network and linking words."""
    return tuple(_accounts(text))


def _accounts(text: str) -> Iterator[Found]:
    is_ascii = text.isascii()
    small = "" if is_ascii else text.lower()
    if (has_digit(text) or "_" in text) and any(map(text.__contains__, () if is_ascii else _OTHER)):
        yield from (Found("handle", found[0], sure=False) for found in _IN_FRONT.finditer(text))
    if not words_of(text).isdisjoint(FIRST_WORDS) or any(map(small.__contains__, _NAMES)):
        for found in LATIN_FORM.finditer(text):
            yield Found("handle", found[0], sure=_is_clear(found[1], found[2]))
        if has_digit(text) or "_" in text or "." in text:
            yield from _next_to_signs(text)
    if "X" in text and has_digit(text):
        yield from (Found("handle", found[0], sure=False) for found in _ON_X.finditer(text))
    if is_ascii:
        return
    if any(map(text.__contains__, _OTHER)):
        yield from (Found("handle", found[0]) for found in _NATIVE_FORM.finditer(text))
    if "@" in text:
        yield from (Found("handle", found[0]) for found in _NATIVE_HANDLE.finditer(text))


def _is_clear(network: str, account: str) -> bool:
    return _CLEAR.search(account) is not None and network not in _WORDS_TOO


def _next_to_signs(text: str) -> Iterator[Found]:
    """Yield the accounts between which and the network is a sign, a linking word of another script, or none."""
    for found in _MIXED_FORM.finditer(text):
        yield Found("handle", found[0], sure=_is_clear(found[1], found[2]))
    for found in _SIGNED.finditer(text):
        network, account = found[1] or found[2], found[3]
        if account.islower() or network.lower() not in _WORDS_TOO or network.isupper():
            yield Found("handle", found[0], sure=account.islower() and _is_clear(network, account))
    yield from (Found("handle", found[0], sure=False) for found in _IN_FRONT.finditer(text))
