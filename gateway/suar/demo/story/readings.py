"""One message as read by three members, each at its own gateway in its own language."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from suar.demo.embedded.federation import Federation
from suar.demo.story.publications import Publication
from suar.languages.rendering.reading import shown
from suar.languages.tags import ENGLISH, LANGUAGES

EXAMPLE: Final = "legislation-regional-convention"  # for all, with a Vietnamese and a Malay text
LANGUAGE_OF: Final = {
    "VN": "vi", "TH": "th", "MY": "ms", "KH": "km", "LA": "lo", "MM": "my", "TL": "tet", "PH": "fil", "ID": "id",
    "BN": "ms", "SG": "zh",
}  # fmt: skip
"""One language for each member; the message has a text in the first, in the second only codes and English."""
READERS: Final = 3
_WIDTH: Final = 100


@dataclass(frozen=True)
class Reading:
    """What `suar show ID --lang` prints at a member, and what it prints in English."""

    id: str
    at: str
    lang: str
    lines: tuple[str, ...]
    english: tuple[str, ...]

    @property
    def language(self) -> str:
        """The language's own name."""
        return LANGUAGES[self.lang].autonym


async def readings(federation: Federation, publications: Sequence[Publication]) -> list[Reading]:
    """Return the message in three languages; empty if it was not published. Raises Fault."""
    found = next((each for each in publications if each.draft.example == EXAMPLE and each.id), None)
    if found is None:
        return []
    readers = [(code, LANGUAGE_OF[code]) for code in LANGUAGE_OF if code in found.draft.to]
    if len(readers) < READERS:
        readers.append((found.draft.sender, ENGLISH.tag))
    return [await _read(federation, found.id, code, tag) for code, tag in readers[:READERS]]


async def _read(federation: Federation, id_: str, code: str, tag: str) -> Reading:
    document = await federation.desk(code).message(id_)
    lines, english = (tuple(shown(document, language, _WIDTH)) for language in (LANGUAGES[tag], ENGLISH))
    return Reading(id_, code, tag, lines, english)
