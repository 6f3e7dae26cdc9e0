"""Finds addresses and accounts with words or blanks instead of dots and slashes, such as `t me slash malee`.

Such a text may have another meaning, so it is held.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.identifiers.addresses import SHARED, SOCIAL
from suar.protocol.privacy.identifiers.named_accounts import NO_HANDLE
from suar.protocol.privacy.text.folding import NATIVE_ENDS, has_native_host
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import nfkc, words_of

_APPS: Final = (
    "line|telegram|wechat|weixin|whatsapp|viber|zalo|facebook|fb|instagram|ig|tiktok|messenger|skype|snapchat|twitter"
)
_HOSTS: Final = f"{SOCIAL}|{SHARED}".split("|")


def _in_words(hosts: list[str]) -> str:
    return "|".join(host.replace(".", r"(?:\.| dot | )") for host in hosts)


_PROVIDERS: Final = "gmail|hotmail|outlook|yahoo|icloud|protonmail|proton|ymail|googlemail|rocketmail"
_NO_HOST: Final = "(?!(?:the|a|an|of|and|or|in|by)\\b)"
_FORMS: Final = (
    # t me slash malee
    (frozenset({"slash"}), rf"(?<![\w.])(?:{_in_words(_HOSTS)}) slash \w+"),
    # drive google com file d 1a2B, facebook dot com malee
    (frozenset({"com"}), rf"(?<![\w.])(?:{_in_words([host for host in _HOSTS if host.endswith('.com')])})[ /]\w+"),
    # example dot com, facebook .com/malee
    (
        frozenset({"dot"}),
        rf"(?<![\w.-]){_NO_HOST}[\w-]+ dot (?:com|net|org|info)\b",
    ),
    (frozenset({"com"}), rf"(?<![\w.-]){_NO_HOST}[\w-]{{2,}}(?: \. ?|\. )com/\w+"),
    # malee at gmail, malee(at)gmail
    (
        frozenset(_PROVIDERS.split("|")),
        rf"(?<![\w.+-])(?!(?:accounts?|address(?:es)?|e-?mails?|mails?|mailbox(?:es)?|is|are|was|or|and|hosted|registered|looked|look|users?)\b)"
        rf"\w[\w.+-]{{2,40}}(?:[\W_]{{1,3}}at[\W_]{{1,3}}| ?@ ?)(?:{_PROVIDERS})\b",
    ),
    # on TikTok under malee dot 99
    (frozenset({"dot", "underscore", "slash"}), rf"\b(?:{_APPS})\b[^.\n]{{0,40}} \w+ (?:dot|underscore|slash) \w+"),
)
_SPELLED: Final = tuple((words, re.compile(form, re.IGNORECASE)) for words, form in _FORMS)
"""(words of which every match contains one; the form)."""
_SIGNED: Final = re.compile(
    nfkc(
        # malee<at>gmail<dot>com, malee arroba gmail ponto com
        r"(?<![^\W_])[^\W_]{1,30}[\W_]{1,3}(?:at|arroba|แอท|แอ็ท)[\W_]{1,3}[^\W_]{1,30}[\W_]{1,3}(?:dot|ponto|ดอท|ดอต)[\W_]{1,3}(?:com|net|org|info|[a-z]{2})(?![^\W_])"
        # facebook . com / malee, facebook,com/malee, fb .me/malee, t me/malee
        r"|(?<![\w.])(?:facebook|instagram|tiktok) ?[.,] ?com ?/ ?\w+|(?<![\w.])(?:fb|t|wa|line|m) ?[., ] ?me ?/ ?\w+"
        # wa me 66812345678, t.me malee99
        r"|(?<![\w.])(?:fb|t|wa|m)[. ]me (?=[a-z_]{0,30}\d)\w{4,32}|(?<![\w.])(?:facebook|instagram|tiktok)\.com (?=[a-z_]{0,30}\d)\w{4,32}"
        # t.me malee
        r"|(?<![\w.])(?:fb|t|wa|m)\.me (?P<account>[a-z_]{3,32})(?![\w'’-])"
    ),
    re.IGNORECASE,
)
_SPACED_MAIL: Final = re.compile(
    # m a l e e @ g m a i l . c o m
    r"(?<![^\s])[^\W_](?:[ ._-]{1,2}[^\W_]){1,30} ?@(?: ?[^\W_]){2,30} ?\.(?:(?: [a-z](?![a-z])){2,6}| ?[a-z]{2,6}(?![^\W_]))",
    re.IGNORECASE,
)
_PARTS_OF_SIGNED: Final = tuple(
    map(nfkc, ("dot", "ponto", "ดอ", "facebook", "instagram", "tiktok", "me/", "me /", " me ", ".me ", ".com "))
)
"""A part of every match of _SIGNED."""
_BEHIND_A_HOST: Final = NO_HANDLE | frozenset(
    """
    domain domains address addresses short shortener invitation invitations invite invites url urls host hosts site sites redirect redirects forms are were has have had can may will not
    but which where who when they each per yang dan atau ini itu untuk dengan adalah ialah juga akan tidak pada dalam oleh palsu que ou para com são foi não ang mga ay ng sa na hindi iha husi
    """.split()  # noqa: SIM905 - words read better as text
)
"""Words behind the short host of a network that are no account."""
_THAI_OR_LAO: Final = "\u0e01-\u0e2f\u0e81-\u0eae"
_VOWELS: Final = "\u0e30-\u0e3a\u0e40-\u0e4e\u0eb0-\u0ebd\u0ec0-\u0ecd"
_NATIVE_HOST: Final = re.compile(
    # มะลิ.ไทย; without a vowel a label in these letters is an abbreviation
    rf"(?<![\w.])(?:(?=[{_THAI_OR_LAO}]*[a-z{_VOWELS}])|(?![{_THAI_OR_LAO}]))[\w{_VOWELS}-]{{2,63}}\.(?:{NATIVE_ENDS})(?![\w{_VOWELS}.])",
    re.IGNORECASE,
)
"""A host under a top-level domain in letters of the region; a sentence may end before the name of a country."""
ADDRESS_WORDS: Final = frozenset[str]().union(*(words for words, _ in _SPELLED))


def addresses_in_words(text: str) -> Iterator[Found]:
    """Yield the addresses and accounts that plain text has in words."""
    there = words_of(text)
    for words, form in _SPELLED if not there.isdisjoint(ADDRESS_WORDS) else ():
        if not words.isdisjoint(there):
            yield from (Found("handle", found[0], is_sure=False) for found in form.finditer(text))
    lower = text.lower()
    if any(map(lower.__contains__, _PARTS_OF_SIGNED)):
        for found in _SIGNED.finditer(text):
            if (found["account"] or "").lower() not in _BEHIND_A_HOST:
                yield Found("handle", found[0], is_sure=False)
    if "@" in text:
        yield from (Found("mail address", found[0], is_sure=False) for found in _SPACED_MAIL.finditer(text))
    if has_native_host(text):
        yield from (Found("web address", found[0], is_sure=False) for found in _NATIVE_HOST.finditer(text))
