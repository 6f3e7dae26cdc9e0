"""Finds accounts that are a person's name or a number beside the name of a network, and accounts at other services.

So is one of small letters alone right behind the name of a network that is no other word (`Zalo nok`, `ig: nok`): any
word that is in no list behind a sign or the begin of a clause, and a given name elsewhere.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.identifiers.named_accounts import NETWORKS, NO_HANDLE, NO_LETTER
from suar.protocol.privacy.names.calling import may_be_a_name
from suar.protocol.privacy.names.given import FIRST_NAMES
from suar.protocol.privacy.names.kin_names import may_be_behind_kin, occurrences
from suar.protocol.privacy.names.known import WORD, is_known_or_place
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import nfkc

_TWO_WORDS: Final = re.compile(rf" ({WORD} {WORD})(?![\w'’-])")
_NETWORK_WORDS: Final = frozenset(NETWORKS.replace("whats ", "").replace("tik ", "").split("|"))
_CHINESE: Final = re.compile(
    r"(?:昵称|网名|微信名)[:为是叫 ]{0,2}([\u4e00-\u9fff]{2,4})(?![\u4e00-\u9fff])|(?:微博|抖音|微信|快手|小红书)(@[\u4e00-\u9fff]{2,8})"
)
_HANDLE: Final = r"(?=[A-Za-z.]*[\d_])[A-Za-z_][\w.]{2,30}\w(?![\w@]|\.\w)"
_NUMBERED: Final = re.compile(
    # QQ号12345678, facebook profile 100012345678901
    rf"{NO_LETTER}qq ?号?码?[:是 ]{{0,2}}\d{{6,11}}(?!\d)|{NO_LETTER}(?:facebook|fb)(?:[ :=/]{{1,2}}(?:profile|id|account|number|no|akun|tài khoản|conta)){{0,2}}[ :=/.]{{1,2}}\d{{14,17}}(?!\d)",
    re.IGNORECASE,
)
_SERVICES: Final = re.compile(
    nfkc(
        rf"(?:{NO_LETTER}(?:e-?mail|surel|emel|hộp thư|correio|snap|roblox|onlyfans|steam|pubg|free fire|mobile legends|wattpad|pinterest|tinder|badoo|bumble|grindr|twitch|mango|tantan|alipay)"
        rf"|อีเมล|ອີເມວ|អ៊ីមែល|အီးမေးလ်|மின்னஞ்சல்|邮箱|电邮|支付宝|账号|帐号)(?:[ :=]{{1,2}}(?:user|username|id|name|account|account name|nick|is|adalah|là|คือ)|账号|帐号|号)?[ :=是คือ]{{1,3}}({_HANDLE})"
    ),
    re.IGNORECASE,
)
_PARTS: Final = tuple(
    map(
        nfkc,
        [
            "mail", "surel", "emel", "hộp thư", "correio", "snap", "roblox", "onlyfans", "steam", "pubg", "free fire", "legends", "wattpad", "pinterest", "tinder",
            "badoo", "bumble", "grindr", "twitch", "mango", "tantan", "alipay", "อีเมล", "ອີເມວ", "អ៊ីមែល", "အီးမေးလ်", "மின்னஞ்சல்", "邮箱", "支付宝", "账号", "帐号",
        ],
    )
)  # fmt: skip
"""A part of every match of _SERVICES."""
_SERVICE_WORDS: Final = frozenset(
    """
    mail email surel emel correio snap roblox onlyfans steam pubg fire legends wattpad pinterest tinder badoo bumble grindr twitch mango tantan alipay
    """.split()  # noqa: SIM905 - words read better as text
)
"""A word of every match of _SERVICES in ASCII, where no other letter can be beside it."""
_NUMBERED_WORDS: Final = frozenset(("qq", "fb", "facebook"))
_BY_NICK: Final = re.compile(
    rf"{NO_LETTER}(?:{NETWORKS}) (?:handle|username|user name|nick|nickname)(?: is| was)?[ :=]{{1,2}}([a-z]{{4,30}})(?=$|[,.;)\"”])",
    re.IGNORECASE,
)
_AS_WORDS: Final = frozenset({"line", "signal", "messenger", "threads", "imo", "gmail", "hotmail"})
"""Networks whose name is another word, and providers of mail."""
_SMALL_NETWORKS: Final = [network for network in NETWORKS.split("|") if network not in _AS_WORDS]
_OF_LETTERS: Final = re.compile(
    # telegram nok, her Zalo: nok, add on WeChat nok; at the end of a clause unless it is a given name
    rf"(?P<before>^|[.,;:!?(\n] ?|\b(?:add|contact|find|message|text|search|her|his|their|my|girl|victim|(?<=['’])s|dia|korban|mangsa) )?"
    rf"{NO_LETTER}(?i:{'|'.join(_SMALL_NETWORKS)})(?P<sign> ?[:=→/(-] ?| )(?P<account>[A-Za-z][a-z]{{2,20}})(?![\w@'’-]|\.\w)(?P<end>[.,;!?)\n]|$)?"
)
_OTHER_WORDS: Final = frozenset(
    """
    adverts advertising affected applies appears banned blocks brands checks continues contributes cases content dating decline declined declines deletes dominant dominates drops emerges exists fell
    fraud grooming grows harm helped hoaxes impersonation increase increases inactive included influencers intermediaries lead leads links listings live lures luring main mainly
    mentions messages messaging method methods minor moderation monitored mostly none offers operates opens outreach popular premium prevails protects rarely reels recruits recruitment reports rise rises
    rose shop spreads sources stable stickers store studio tactic takedown tops traffic trend trends usage use used users via wallet warns watch web
    kanal saluran grup pengguna akaun akun siaran canal canais kanalnya aktif banyak biasa daftar dominan iklan laris lowongan marak meningkat menurun naik penipuan populer rendah sering stabil tinggi turun utama kerja kumpulan laman paling semakin terutama
    ativo cresceu aumentou aumenta diminuiu oferta ofertas emprego empregos grupo grupos principal burla burlas popular
    dumami lumago lumaki trabaho sikat grupo laganap scammer
    viral spam phishing bots vlog vlogs stream streams streaming casino visa passport money dan dengan untuk yang atau serta oleh para bagi com sem mas mga ang ug ou oder und
    """.split()  # noqa: SIM905 - words read better as text
)
"""Words behind the name of a network that are no account and in no list of names."""
_NICKS: Final = frozenset(("handle", "username", "user", "nick", "nickname"))
WORDS: Final = _NETWORK_WORDS | _NICKS | _SERVICE_WORDS | _NUMBERED_WORDS
"""Words of which every match in ASCII has one."""


def network_names(text: str, there: frozenset[str]) -> Iterator[str]:
    """Yield the words of plain text right behind the name of a network that may name a person.

    `there`: those of WORDS that the text has.
    """
    if not there.isdisjoint(_NETWORK_WORDS) and not text[1:].islower():
        yield from _pairs(text, there & _NETWORK_WORDS)
    if not there.isdisjoint(_NICKS):
        yield from (
            found[1] for found in _BY_NICK.finditer(text) if may_be_a_name(found[1]) and _may_be_of_one(found[1])
        )
    if not text.isascii() and ("昵称" in text or "网名" in text or "微信名" in text or "@" in text):
        yield from (found[1] or found[2] for found in _CHINESE.finditer(text))


def _pairs(text: str, networks: frozenset[str]) -> Iterator[str]:
    small = text.lower()
    for network in sorted(networks) if len(small) == len(text) else ():
        for _, end in occurrences(small, network):
            found = _TWO_WORDS.match(text, end)
            if found and all(map(_may_be_of_one, found[1].split())) and not is_known_or_place(found[1].split()):
                yield found[1]


def _may_be_of_one(word: str) -> bool:
    small = word.lower()
    return small not in NO_HANDLE and may_be_a_name(small) and not is_known_or_place([word])


def lettered_accounts(text: str, there: frozenset[str]) -> Iterator[Found]:
    """Yield the accounts of small letters alone in plain text behind the name of a network; none is sure."""
    for found in _OF_LETTERS.finditer(text) if not there.isdisjoint(_NETWORK_WORDS) else ():
        account = found["account"].lower()
        is_own = found["end"] is not None and (found["before"] is not None or found["sign"] != " ")
        is_own = is_own and found["account"].islower()
        if (account in FIRST_NAMES or is_own) and _is_no_word(account):
            yield Found("handle", found[0].strip(" .,;:!?()\n"), is_sure=False)


def _is_no_word(account: str) -> bool:
    is_listed = account in NO_HANDLE or account in _OTHER_WORDS or account in _NETWORK_WORDS
    return not is_listed and may_be_behind_kin(account) and not is_known_or_place([account])


def network_accounts(text: str, there: frozenset[str]) -> Iterator[Found]:
    """Yield the accounts in plain text with digits: numbers at a network are sure, words at other services are not.

    `there`: those of WORDS that the text has.
    """
    if text.isascii():
        if not there.isdisjoint(_NUMBERED_WORDS):
            yield from _numbered(text)
        if not there.isdisjoint(_SERVICE_WORDS):
            yield from _at_services(text)
        return
    lower = text.lower()
    if "qq" in lower or "fb" in lower or "facebook" in lower:
        yield from _numbered(text)
    if any(map(lower.__contains__, _PARTS)):
        yield from _at_services(text)


def _numbered(text: str) -> Iterator[Found]:
    return (Found("handle", found[0]) for found in _NUMBERED.finditer(text))


def _at_services(text: str) -> Iterator[Found]:
    return (Found("handle", found[0], is_sure=False) for found in _SERVICES.finditer(text))
