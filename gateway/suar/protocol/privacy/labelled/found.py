"""What stands behind a label: the identifiers and the names of all rules of this folder that no other search has found."""

from collections.abc import Iterable, Iterator
from typing import Final

from suar.protocol.privacy.identifiers.references import without_references
from suar.protocol.privacy.labelled.announced import announced
from suar.protocol.privacy.labelled.births import births
from suar.protocol.privacy.labelled.documents import documents
from suar.protocol.privacy.labelled.full_names import full_names
from suar.protocol.privacy.labelled.native_names import native_names
from suar.protocol.privacy.labelled.network_names import network_accounts, network_names
from suar.protocol.privacy.labelled.roles import role_names
from suar.protocol.privacy.labelled.spots import spots
from suar.protocol.privacy.text.found import Found
from suar.protocol.privacy.text.plain import has_digit

_FEWEST: Final = 4  # digits of a plate, an account or a position
_SHORTEST: Final = 4  # characters of a text with a label and a value


def labelled_identifiers(text: str, known: list[Found], *, dates: bool) -> list[Found]:
    """Return the identifiers in plain text behind a label, without those that are part of a `known` one.

    `dates`: also days of birth, which the title of a law may have for another reason.
    """
    if len(text) < _SHORTEST:
        return []
    every = [found.words for found in known]
    return [found for found in dict.fromkeys(_identifiers(text, dates=dates)) if not _is_part_of(found.words, every)]


def _identifiers(text: str, *, dates: bool) -> Iterator[Found]:
    if has_digit(text):
        clear = without_references(text)
        yield from network_accounts(clear)
        if sum(map(clear.count, "0123456789")) >= _FEWEST or "eohash" in clear:
            yield from announced(clear)
            yield from spots(clear)
            yield from documents(clear)
    if dates:
        yield from births(text)


def labelled_names(text: str, known: list[str], *, runs: bool) -> list[str]:
    """Return the words of plain text behind a label that may name a person, without those that `known` has.

    `runs`: also full names without a label, which titles and names of institutions look like.
    """
    found = [*native_names(text), *role_names(text), *network_names(text), *(full_names(text) if runs else ())]
    return [words for words in dict.fromkeys(found) if not _is_part_of(words, known)]


def _is_part_of(words: str, every: Iterable[str]) -> bool:
    return any(words in each for each in every)
