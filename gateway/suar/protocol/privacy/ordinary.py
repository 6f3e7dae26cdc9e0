"""Recognises a text that has no part of any form of an identifier or of a name, so that none is searched.

Each form requires a capital letter after the first one, a digit, a sign, a word or an ending; its module names them.
"""

import re
from typing import Final

from suar.protocol.privacy.identifiers.addresses_in_words import ADDRESS_WORDS
from suar.protocol.privacy.identifiers.dates import BIRTH_WORDS, YEAR_IN_WORDS
from suar.protocol.privacy.identifiers.doubtful import DIGIT_WORDS
from suar.protocol.privacy.identifiers.forms import ACCOUNT_PARTS, EVERY_APP
from suar.protocol.privacy.identifiers.named_accounts import FIRST_WORDS
from suar.protocol.privacy.names.calling import CALLING_WORDS
from suar.protocol.privacy.names.connected import CONNECTED_WORDS
from suar.protocol.privacy.names.cue_words import CUE_WORDS, ENDINGS
from suar.protocol.privacy.names.kin_names import KIN_WORDS
from suar.protocol.privacy.text.plain import words_of

_WORDS: Final = (
    CALLING_WORDS
    | CONNECTED_WORDS
    | CUE_WORDS
    | KIN_WORDS
    | FIRST_WORDS
    | ADDRESS_WORDS
    | DIGIT_WORDS
    | BIRTH_WORDS
    | {YEAR_IN_WORDS}
)
_OTHER_SIGN: Final = re.compile(r"[^a-z ,;!?.-]")
_DOTTED: Final = re.compile(r"\.[a-z]")  # a part of every address


def is_ordinary(text: str) -> bool:
    """Whether plain text is in small Latin letters after its first one and has no part of any form."""
    if not text[:1].isalpha() or not text.isascii() or _OTHER_SIGN.search(text, 1) is not None:
        return False
    if not words_of(text).isdisjoint(_WORDS) or ENDINGS[0] in text or ENDINGS[1] in text:
        return False
    return not ("." in text and _DOTTED.search(text)) and not _may_be_an_account(text.lower())


def _may_be_an_account(lower: str) -> bool:
    """Whether the text has parts of an account after the name of an app, which may be the begin of a word."""
    return any(map(lower.__contains__, ACCOUNT_PARTS)) and any(map(lower.__contains__, EVERY_APP))
