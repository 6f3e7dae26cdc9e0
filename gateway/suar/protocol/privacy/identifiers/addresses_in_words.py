"""Finds addresses and accounts with words or blanks instead of dots and slashes, such as `t me slash malee`.

Such a text may have another meaning, so it is held.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.identifiers.addresses import SHARED, SOCIAL
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import words_of

_APPS: Final = (
    "line|telegram|wechat|weixin|whatsapp|viber|zalo|facebook|fb|instagram|ig|tiktok|messenger|skype|snapchat|twitter"
)
_HOSTS: Final = f"{SOCIAL}|{SHARED}".split("|")


def _in_words(hosts: list[str]) -> str:
    return "|".join(host.replace(".", r"(?:\.| dot | )") for host in hosts)


_FORMS: Final = (
    # t me slash malee
    (frozenset({"slash"}), rf"(?<![\w.])(?:{_in_words(_HOSTS)}) slash \w+"),
    # drive google com file d 1a2B, facebook dot com malee
    (frozenset({"com"}), rf"(?<![\w.])(?:{_in_words([host for host in _HOSTS if host.endswith('.com')])})[ /]\w+"),
    # on TikTok under malee dot 99
    (frozenset({"dot", "underscore", "slash"}), rf"\b(?:{_APPS})\b[^.\n]{{0,40}} \w+ (?:dot|underscore|slash) \w+"),
)
_SPELLED: Final = tuple((words, re.compile(form, re.IGNORECASE)) for words, form in _FORMS)
"""(words of which every match contains one; the form)."""
ADDRESS_WORDS: Final = frozenset[str]().union(*(words for words, _ in _SPELLED))


def addresses_in_words(text: str) -> Iterator[Found]:
    """Yield the addresses and accounts that plain text has in words."""
    there = words_of(text)
    for words, form in _SPELLED:
        if not words.isdisjoint(there):
            yield from (Found("handle", found[0], sure=False) for found in form.finditer(text))
