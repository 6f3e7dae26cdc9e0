"""Finds telephone numbers of any country behind a word for a telephone; `telephones` knows the number plans of eleven.

Behind a noun (`phone`, `โทร`, `电话`) 7 to 15 digits are refused, whatever plan they are of, and behind a verb (`call`,
`tawagan`) held. Years, amounts, numbers of services and versions are none.
"""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.identifiers.number_series import Standing, standing_at
from suar.protocol.privacy.text.call_words import COUNTED
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.kin_words import KIN, LATIN_KIN, VIETNAMESE_KIN
from suar.protocol.privacy.text.plain import nfkc

_RUN: Final = re.compile(r"(?<![\d_/])(?<!\d[.,-])[+(]{0,2}\d(?:[ ().\-]{0,3}\d){6,14}(?!\d|[.,/:]\d|[-/]\w| ?%)")
_NOUNS: Final = (
    "telephone|telefon[eo]?|telepon|telpon|telp|tel|tlp|tlpn|tlf|tlm|phone|mobile|cell ?phone|handphone|whats ?app|viber|zalo|hp|sms"
    "|điện thoại|sđt|đt|di động|selpon|telem[óo]vel"
)
_VERBS: Final = (
    "call(?:ed)?|dial(?:led)?|ring|text|phoned|contact(?:ed)?|reach(?:ed)?|answer(?:s|ed)?|hubungi|menghubungi|tawag|tawagan|tumawag|gọi|ligue|liga"
    "|ph|bkash|nagad|gcash|paytm|m-pesa|kontak(?:nya)?"
)
_NATIVE_NOUNS: Final = (
    "โทร(?:ศัพท์)?|เบอร์|ໂທ(?:ລະສັບ)?|ເບີ|ទូរស័ព្ទ|ទូរសព្ទ|ဖုန်း|电话|電話|手机|手機|致电|拨打|தொலைபேசி|கைபேசி|அலைபேசி"
    "|ফোন|মোবাইল|फोन|फ़ोन|मोबाइल|전화|휴대폰|핸드폰"
)
_LINKS: Final = (
    f"no|nos|nr|number|is|was|at|on|to|the|her|his|their|my|a|for|of|new|old|own|under|nya|ibunya|ayahnya|di|ke|pada|nomor|milik|ng|sa|na|si|ba|ne|para|o|do|da|là|số|cho|của"
    f"|{KIN}|{LATIN_KIN}|{VIETNAMESE_KIN}"
)
_BETWEEN: Final = rf"(?:[ .:,#'’-]{{1,3}}(?:{_LINKS})(?![^\W_])){{0,4}}[ .:,#=-]{{0,3}}$"
_BEFORE: Final = re.compile(
    nfkc(
        rf"(?:(?<![^\W_])(?:(?P<noun>{_NOUNS})|(?P<verb>{_VERBS})){_BETWEEN}|(?P<native>{_NATIVE_NOUNS})[^\d+(\n.!?;。]{{0,12}}$|(?P<asked>ហៅ) ?$)"
    ),
    re.IGNORECASE,
)
_SEEN: Final = 48
"""Characters before a number in which the word is looked for."""
_GROUPS: Final = re.compile(r"\d+")
_YEAR: Final = re.compile(r"(?:19|20|24|25)\d\d")
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:\.\d{3}){2,}|[1-9](?: \d{3}){2,}|[1-9]\d{1,2} \d00 000")
_VERSION: Final = re.compile(r"[1-9]\d?(?:\.\d{1,3}){3,}")
_SERVICE: Final = re.compile(r"1[38]00|1900|0?800")
_AT_BANK: Final = re.compile(r"(?<![\w.@+-])\d{7,15}@[a-z]{2,15}(?![\w-]|\.\w)", re.IGNORECASE)
"""The address of a payment in India: digits of a telephone and a name of a bank."""


def announced(text: str) -> Iterator[Found]:
    """Yield the numbers of 7 to 15 digits in plain text, without references, behind a word for a telephone or a call.

    Only for a text with so many digits.
    """
    for run in _RUN.finditer(text):
        before = _BEFORE.search(text[max(0, run.start() - _SEEN) : run.start()])
        if before is not None and not _is_another(text, run):
            yield Found("telephone", run[0].strip(), is_sure=bool(before["noun"] or before["native"]))
    if "@" in text:
        yield from (Found("bank account", found[0]) for found in _AT_BANK.finditer(text))


def _is_another(text: str, run: re.Match[str]) -> bool:
    """Whether digits behind such a word are years, an amount, a version, a series or the number of a service."""
    groups = _GROUPS.findall(run[0])
    if all(map(_YEAR.fullmatch, groups)) or _THOUSANDS.fullmatch(run[0]) or _VERSION.fullmatch(run[0]):
        return True
    if _SERVICE.match(groups[0]) or COUNTED.match(text, run.end()):
        return True
    return standing_at(text, run.end() - len(run[0].lstrip("(")), run.end(), is_announced=True) is Standing.SERIES
