"""Finds accounts after the name of a network and linking words: `her LINE ID is malee99`, `微信号是nok2009`.

A name with a digit or an underscore is refused, as is every Latin word after a network in another script. The text is
held after a network whose name is also a word (`line`), and if only a full stop indicates the account.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import nfkc, words_of

NETWORKS: Final = "line|telegram|tg|wechat|weixin|whatsapp|whats app|viber|zalo|facebook|fb|instagram|insta|ig|tiktok|signal|messenger|skype|imo|snapchat|twitter|discord|kakaotalk|kakao|qq|bigo|threads|youtube"
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
    rf"\b({NETWORKS})(?:-?(?:nya|ku|mu)(?:{_LINK}){{0,4}}|(?:'s)?(?:{_LINK}){{1,4}})[ :=]{{1,3}}(?=[A-Za-z.]*[\d_]|[A-Za-z]+\.[A-Za-z])({_HANDLE})",
    re.IGNORECASE,
)
_NATIVE_FORM: Final = re.compile(rf"(?:{_NATIVE})(?:[ :=]{{0,2}}(?:{_NATIVE_LINKS})){{1,4}}[ :=]{{0,3}}({_HANDLE})")
FIRST_WORDS: Final = frozenset(
    network.split()[0] + ending for network in NETWORKS.split("|") for ending in ("", "nya", "ku", "mu")
)
"""Words of which every match of the form in Latin letters contains one. A test checks that they agree."""
_OTHER: Final = tuple(_NATIVE.split("|"))
_WORDS_TOO: Final = frozenset({"line", "signal", "messenger", "threads"})
_CLEAR: Final = re.compile(r"[\d_]")


@lru_cache(maxsize=16)
def named_accounts(text: str) -> tuple[Found, ...]:
    """Return the accounts in plain text after the name of a network and linking words."""
    return tuple(_accounts(text))


def _accounts(text: str) -> Iterator[Found]:
    if not words_of(text).isdisjoint(FIRST_WORDS):
        for found in LATIN_FORM.finditer(text):
            is_clear = _CLEAR.search(found[2]) is not None and found[1] not in _WORDS_TOO
            yield Found("handle", found[0], sure=is_clear)
    if not text.isascii() and any(map(text.__contains__, _OTHER)):
        yield from (Found("handle", found[0]) for found in _NATIVE_FORM.finditer(text))
