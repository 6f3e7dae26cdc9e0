"""What stands behind a label: the identifiers and the names of all rules of this folder that no other search has found.

What most rules need is looked for once: a word of any of them, and a digit with what stands behind it in any number.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from suar.protocol.privacy.identifiers.number_runs import LEAST_DIGITS
from suar.protocol.privacy.identifiers.references import without_references
from suar.protocol.privacy.labelled import births, documents, full_names, network_names, roles, spots
from suar.protocol.privacy.labelled.ages import aged_names
from suar.protocol.privacy.labelled.announced import announced
from suar.protocol.privacy.labelled.kin_capitals import kin_capitals
from suar.protocol.privacy.labelled.name_fields import field_names
from suar.protocol.privacy.labelled.native_names import native_names
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import has_digit, has_native_letter, words_of

_FEWEST: Final = 4  # digits of a plate, an account or a position
_SHORTEST: Final = 4  # characters of a text with a label and a value
_WORDS: Final = births.WORDS | full_names.WORDS | network_names.WORDS | roles.WORDS
NUMBER: Final = re.compile(rf"[0-9](?:{spots.PART}|{documents.PART})")
"""Part of every finding of `announced`, `spots` and `documents`, but of a geohash."""


@lru_cache(maxsize=16)
def labels_in(text: str) -> frozenset[str]:
    """Return the words of a text, in lower case, of which the rules need some."""
    return words_of(text) & _WORDS


def labelled_identifiers(text: str, known: list[Found], *, dates: bool) -> list[Found]:
    """Return the identifiers in plain text behind a label, without those that are part of a `known` one.

    `dates`: also days of birth, which the title of a law may have for another reason.
    """
    if len(text) < _SHORTEST:
        return []
    found = _with_digits(text) if has_digit(text) else []
    found += network_names.lettered_accounts(text, labels_in(text))
    if dates and (labels_in(text) or has_digit(text) or births.BIRTH_IN_SIGNS in text or has_native_letter(text)):
        found += births.births(text, labels_in(text))
    if not found:
        return found
    every = [each.words for each in known]
    return [each for each in dict.fromkeys(found) if not _is_part_of(each.words, every)]


def _with_digits(text: str) -> list[Found]:
    clear = without_references(text)
    found = [*network_names.network_accounts(clear, labels_in(text))]
    if NUMBER.search(clear) is None and "geohash" not in clear.lower():
        return found
    digits = sum(map(clear.count, "0123456789"))
    if digits >= LEAST_DIGITS:
        found += announced(clear)
    if digits >= _FEWEST or "eohash" in clear:
        found += (*spots.spots(clear), *documents.documents(clear))
    return found


def labelled_names(text: str, known: list[str], *, runs: bool) -> list[str]:
    """Return the words of plain text behind a label that may name a person, without those that `known` has.

    `runs`: also full names without a label, which titles and names of institutions look like.
    """
    there = labels_in(text)
    found = [*native_names(text)] if has_native_letter(text) else []
    found += (*aged_names(text), *field_names(text))
    if there or roles.has_sign(text):
        found += roles.role_names(text, there)
    if there or not text.isascii():
        found += network_names.network_names(text, there)
    if runs and (there or full_names.INITIAL.search(text)):
        found += full_names.full_names(text, there)
    if runs:
        found += kin_capitals(text)
    if not found:
        return found
    return [words for words in dict.fromkeys(found) if not _is_part_of(words, known)]


def _is_part_of(words: str, every: Iterable[str]) -> bool:
    return any(words in each for each in every)
