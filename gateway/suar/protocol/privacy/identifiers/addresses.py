"""Finds personal data in addresses: the web address of a law and the mail address of a contact.

A web address is examined percent-decoded, as its reader sees it. Numbers alone do not indicate a person in it, because
documents have numbers too. A mail address is held, never refused, because a small shelter may not have its own domain.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from suar.protocol.privacy.identifiers.forms import in_address
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import TEXT_BREAK, View, normalise_text

DECODED_MAX: Final = 4  # rounds of decoding; an address in the query of another one is encoded twice
SOCIAL: Final = (
    "facebook.com|fb.com|fb.me|m.me|messenger.com|instagram.com|threads.net|threads.com|tiktok.com|youtube.com|youtu.be"
    "|twitter.com|x.com|t.me|telegram.me|telegram.org|line.me|lin.ee|wa.me|whatsapp.com|viber.com|zalo.me|zaloapp.com|weixin.qq.com"
    "|weibo.com|weibo.cn|qzone.qq.com|douyin.com|xiaohongshu.com|vk.com|ok.ru|linkedin.com|snapchat.com|pinterest.com"
    "|reddit.com|discord.gg|discord.com|signal.me|kakao.com|imo.im|bigo.tv|likee.video|mewe.com|bsky.app|onlyfans.com"
    "|tinder.com|badoo.com|skype.com|wechat.com"
)
SHARED: Final = (
    "drive.google.com|docs.google.com|photos.google.com|photos.app.goo.gl|goo.gl|dropbox.com|1drv.ms|onedrive.live.com|icloud.com|mega.nz|mediafire.com"
    "|imgur.com|flickr.com|ibb.co|postimg.cc|pan.baidu.com|bit.ly|tinyurl.com|x.co|t.co|is.gd|cutt.ly|rb.gy|s.id|shorturl.at|ow.ly"
)
_ACCOUNT: Final = re.compile(
    rf"(?<![\w.-])(?:[\w-]+\.)*(?:{SOCIAL.replace('.', '[.]')})(?::\d+)?(?:/+(?=[^/?#\s])|/*[?#](?=\S))\S*",
    re.IGNORECASE,
)
_FILE: Final = re.compile(
    rf"(?<![\w.-])(?:www[.])?(?:{SHARED.replace('.', '[.]')})(?::\d+)?/+(?=[^/?#\s])\S*|(?<![\w.-])[\w-]+[.](?:blogspot|wordpress|wixsite)[.]com\b\S*",
    re.IGNORECASE,
)
"""Services where people share under their own address: files, photographs, short links, pages."""
_MAP: Final = re.compile(r"![1-9]d(?=[-+]?\d)")  # between coordinates: !3d13.7563!4d100.5018
_PARTS: Final = re.compile(r"[/?&=#;!]+")
_ENCODED: Final = re.compile(r"(?:%[0-9A-Fa-f]{2})+")

_FREE_MAIL: Final = re.compile(
    r"(?:gmail|googlemail|ymail|rocketmail|icloud|me|mac|aol|foxmail|proton|protonmail|tutanota|tutamail|zoho|zohomail|mail|inbox|fastmail|hey)\.com"
    r"|(?:yahoo|hotmail|outlook|live|msn|gmx|yandex)\.[a-z.]{2,6}|(?:proton|pm)\.me|tuta\.(?:io|com)|(?:qq|163|126|139|sina|sohu|naver|hanmail)\.(?:com|net)"
    r"|mail\.ru|yeah\.net|daum\.net|sapo\.pt",
    re.IGNORECASE,
)
_OFFICE: Final = re.compile(
    # local parts that name a function, not a person
    r"admin|alert|asylum|border|bureau|case|center|centre|child|clinic|coalition|contact|council|counter|crisis|department|desk"
    r"|division|embassy|enquir|focal|foundation|group|help|home|hotline|house|immigra|info|inquir|intake|interpol|justice|labour"
    r"|legal|liaison|mail|migra|ministry|mission|network|office|police|project|protect|public|refer|report|rescue|response|safe"
    r"|secretar|service|shelter|social|support|team|traffick|unit|victim|welfare|women|worker"
    r"|(?:^|[._+-])(?:aid|atip|duty|hq|ngo|ops|tip|trust)(?:[._+-]|\d|$)"
    r"|aduan|anak|balai|kantor|layanan|lembaga|pengaduan|pejabat|perempuan|polisi|polis|rumah|wanita|yayasan|tulong|centro|linha",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def in_url(written: str) -> tuple[Found, ...]:
    """Return the identifiers in a web address without duplicates."""
    once: dict[str, Found] = {}
    for found in _looked_through(_decoded(written)):
        once.setdefault(found.words, found)
    return tuple(once.values())


def _decoded(written: str) -> View:
    seen = View(written)
    for _ in range(DECODED_MAX):
        before = seen.text
        seen.sub(_ENCODED, lambda found: unquote(found[0]))
        if seen.text == before:
            break
    normalise_text(seen)
    return seen


def _looked_through(seen: View) -> Iterator[Found]:
    """Yield the findings in the characters of the author."""
    for found in _ACCOUNT.finditer(seen.text):
        yield Found("handle", seen.own(found[0].strip()))
    for found in _FILE.finditer(seen.text):
        yield Found("web address", seen.own(found[0].strip()), is_sure=False)
    for pattern, put in ((_MAP, " "), (_PARTS, TEXT_BREAK)):
        parted = seen.copy()
        parted.sub(pattern, put)
        for lead in in_address(parted.text):
            yield lead._replace(words=parted.own(lead.words.strip()))


def is_personal(mail: str) -> bool:
    """Whether a mail address seems to be personal: at a public provider, and not named after an office."""
    local, _, domain = mail.rpartition("@")
    return _FREE_MAIL.fullmatch(domain) is not None and _OFFICE.search(local) is None
