"""Accounts for payments: refused after a word for an account, with IBAN check digits, or as a wallet address (Bitcoin,
Ethereum, Tron); held next to the name of a bank. Numbers of payment cards are refused behind a word for one, else held.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import nfkc

_WORD: Final = nfkc(
    r"\b(?:(?:bank )?(?:account|acct?|a/c)(?: (?:no\.?|number|num\.?))?|iban|nomor rekening|(?:no\.? ?)?rek(?:ening)?|akaun(?: bank)?|no\.? akaun|số tài khoản|tài khoản|stk"
    r"|kuwenta|conta(?: bancária)?|konta(?: bankária)?|konta banku)(?![A-Za-z])"
    "|บัญชี|ເລກບັນຊີ|ບັນຊີ|គណនី|ဘဏ်စာရင်း|ဘဏ်အကောင့်|账号|账户|帐号|帳號|வங்கிக் கணக்கு|கணக்கு எண்"
)
_NUMBER: Final = r"\d(?:[ -]?\d){7,21}"
_EIGHT_DIGITS: Final = re.compile(r"\d(?:[ -]?\d){7}")
_LABELLED: Final = re.compile(rf"(?:{_WORD})\.?[^\n;.,\d]{{0,24}}(?:n\.o ?)?({_NUMBER})(?![\d]|[.,/]\d)", re.IGNORECASE)
_IBAN: Final = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![A-Za-z0-9])")
_BANK: Final = re.compile(
    nfkc(
        r"\b(?:bank|banks|banking|maybank|cimb|bca|bri|bni|mandiri|bdo|bpi|metrobank|gcash|paymaya|kbank|kasikorn|scb|krungthai|bangkok bank|acleda|aba|wing|canadia|bcel|ldb|kbz|aya|cb bank"
        r"|wavepay|wave money|vietcombank|vietinbank|bidv|agribank|techcombank|momo|dbs|ocbc|uob|posb|baiduri|bibd|bnctl|bnu|alipay|dana|ovo|gopay|truemoney|promptpay|transfer(?:red)?|remit(?:ted|tance)?)(?![^\W_])"
        "|ธนาคาร|ธ\\.|กสิกร|กรุงไทย|ไทยพาณิชย์|พร้อมเพย์|โอน|ທະນາຄານ|ໂອນ|ធនាគារ|ផ្ទេរ|ဘဏ်|银行|支付宝|வங்கி"
    ),
    re.IGNORECASE,
)
_WALLET: Final = re.compile(
    r"(?<![\w/])(?:bc1[02-9ac-hj-np-z]{25,59}|0x[0-9A-Fa-f]{40}|T[1-9A-HJ-NP-Za-km-z]{33}"
    r"|(?=[1-9A-HJ-NP-Za-km-z]*[A-Z])(?=[1-9A-HJ-NP-Za-km-z]*[a-z])[13][1-9A-HJ-NP-Za-km-z]{25,34})(?!\w)"
)
_RUN: Final = re.compile(
    # numbers of one group may be joined by signs
    r"(?<![^\W_])(?<!\d[.,/+_-])(?:\d{3}-\d-\d{5}-\d|\d{3,4}(?:[ -]\d{3,4}){2,4})(?![^\W_]|[.,/_-]\d)"
    r"|(?<![^\W_])(?<!\+)(?<!\b\d[.,])(?<!\b\d\d[.,])(?<!\b\d{3}[.,])\d{10,19}(?![^\W_])"
)
_CARD: Final = re.compile(r"(?<!\d)(?<!\d[.,])[3-6]\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}(?![.,]?\d)")
_CARD_WORD: Final = re.compile(
    nfkc(r"\b(?:cards?|visa|mastercard|kartu|kad|thẻ|cartão|kartaun|tarheta|atm)\b|บัตร|ບັດ|កាត|ကတ်|卡|அட்டை"),
    re.IGNORECASE,
)

PARTS: Final = ((_EIGHT_DIGITS, (_LABELLED, _RUN, _CARD)),)
"""A part of every match of these forms; it is searched first, because that is faster."""


@lru_cache(maxsize=16)
def accounts(text: str) -> tuple[Found, ...]:
    """Return the bank accounts in plain text that contains digits."""
    return tuple(_accounts(text))


def _accounts(text: str) -> Iterator[Found]:
    has_number = _EIGHT_DIGITS.search(text) is not None
    if has_number:
        yield from (Found("bank account", found[1]) for found in _LABELLED.finditer(text))
    for found in _IBAN.finditer(text):
        if _is_iban(re.sub(" ", "", found[0])):
            yield Found("bank account", found[0])
    yield from (Found("bank account", found[0]) for found in _WALLET.finditer(text))
    for found in _RUN.finditer(text) if has_number else ():
        if _BANK.search(text, max(0, found.start() - 40), found.start()):
            yield Found("bank account", found[0], is_sure=False)
    for found in _CARD.finditer(text) if has_number else ():
        if _is_card(re.sub("[ -]", "", found[0])):
            is_sure = _CARD_WORD.search(text, max(0, found.start() - 40), found.start()) is not None
            yield Found("bank account", found[0], is_sure)


def _is_card(digits: str) -> bool:
    """Whether the check digit of a payment card (ISO/IEC 7812, Luhn) is valid."""
    doubled = [sum(divmod(2 * int(each), 10)) for each in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _is_iban(number: str) -> bool:
    """Whether the check digits (ISO 7064, mod 97-10) are valid."""
    turned = number[4:] + number[:4]
    return int("".join(str(int(each, 36)) for each in turned)) % 97 == 1
