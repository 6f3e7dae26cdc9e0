"""Finds full names whose parts are not adjacent: with a particle (`Joana da Costa`) or an initial (`Maria C. Santos`)."""

import re
from collections.abc import Iterator
from typing import Final

from suar.protocol.privacy.names.calling import may_be_a_name
from suar.protocol.privacy.names.connected import may_be_one
from suar.protocol.privacy.names.given import FIRST_NAMES
from suar.protocol.privacy.names.known import WORD, is_known_or_place
from suar.protocol.privacy.names.places import PHRASES

_OF_NAMES: Final = r"dela|de la|de los|de las|delos|delas|ibn|al-|el-|van|von|y"
_OF_PLACES: Final = r"da|de|do|dos|das|del|du|bin al-"
"""Particles that stand in the names of places and institutions as well."""
_PARTICLE: Final = re.compile(rf" (?:(?P<own>{_OF_NAMES})|{_OF_PLACES})(?: |(?<=-))({WORD})")
_BEFORE: Final = re.compile(rf"(?<![\w'’-])({WORD})$")
_SEEN: Final = 32
_WITH_INITIAL: Final = re.compile(rf"(?<![\w'’.-])({WORD}) (?:[A-Z]\. ){{1,2}}({WORD})(?![\w'’-])")
INITIAL: Final = re.compile(r"\. [A-Z](?<= [A-Z]\. [A-Z])")
"""Part of every match of `_WITH_INITIAL`; begins with a sign, which is fast to find."""
_SHORT_PARTS: Final = frozenset(("md", "mohd", "muhd", "abd", "ma"))
_SHORTENED: Final = re.compile(rf"(?<![\w'’-])(?:Md|Mohd|Muhd|Abd|Ma)\.? ({WORD})(?![\w'’-])")
_PARTICLES: Final = frozenset(("da", "de", "do", "dos", "das", "del", "dela", "delos", "delas", "ibn", "al", "el", "van", "von", "y"))  # fmt: skip
WORDS: Final = _PARTICLES | _SHORT_PARTS
"""Words, in lower case, of which every match but that of an initial has one."""
_OF_TITLES: Final = re.compile(
    # endings of nouns in Portuguese, Spanish and Tetum, which the names of institutions, laws and concepts have
    r".*(?:ção|ções|saun|dade|mento|mentos|ência|ência|ância|ério|ério|ório|ria|ura|ado|ismo|tuto|eiras|olo|ências|âncias|agem|eiros?|dores|oas|ais|eis|ções|ones|ción|dad|ores|tes|ças|nça|vas|rios|las|icos|icas|ses|tas)"
)
_NO_FIRST: Final = frozenset(
    """
    rio santa santo são san ilha ilhas porto vila monte serra vale cabo costa praia lei casa centro dia mês ano fundo plano quadro guia manual carta código rede mesa
    linha área zona estado direito defesa trabalho tráfico crime processo caso fórum banco programa projeto projecto campo ponto posto playa isla puerto campo barrio calle
    """.split()  # noqa: SIM905 - words read better as text
)


def full_names(text: str, there: frozenset[str]) -> Iterator[str]:
    """Yield the full names in plain text with a particle, an initial, or a first name that is shortened.

    `there`: those of WORDS that the text has.
    """
    if not there.isdisjoint(_PARTICLES):
        for found in _PARTICLE.finditer(text):
            first = _BEFORE.search(text, max(0, found.start() - _SEEN), found.start())
            if first and _may_name(first[1], found[2], text, first.start(), needs_given=not found["own"]):
                yield text[first.start() : found.end()]
    if INITIAL.search(text):
        for found in _WITH_INITIAL.finditer(text):
            if may_be_one(found[1], text, found.start()) and not is_known_or_place([found[2]]):
                yield found[0]
    if not there.isdisjoint(_SHORT_PARTS):
        yield from (
            found[0]
            for found in _SHORTENED.finditer(text)
            if found[0][:3] != "Ma " and may_be_one(found[1], text, found.start(1))
        )


def _may_name(first: str, last: str, text: str, at: int, *, needs_given: bool) -> bool:
    small, other = first.lower(), last.lower()
    if tuple(text[at : at + 40].lower().rstrip(".").split()[:3]) in PHRASES or is_known_or_place([last]):
        return False
    if small.split("-")[0] in FIRST_NAMES:
        return True
    if last.isupper() or small in _NO_FIRST or not may_be_one(first, text, at) or not may_be_a_name(other):
        return False
    return not needs_given or not (_OF_TITLES.fullmatch(small) or _OF_TITLES.fullmatch(other))
