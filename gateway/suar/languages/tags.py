"""The languages of the members, and which of them a BCP 47 tag selects."""

from typing import Final

from msgspec import Struct

from suar.protocol.base.errors import Fault


class Language(Struct, frozen=True):
    """A language: its tag, its own name, the CLDR locale of its dates and names, its script (ISO 15924).

    CLDR has no Tetum: its dates, numbers and missing names are Portuguese, the country's other official language.
    """

    tag: str
    autonym: str
    locale: str
    script: str


ENGLISH: Final = Language("en", "English", "en_GB", "Latn")
LANGUAGES: Final[dict[str, Language]] = {
    language.tag: language
    for language in (
        ENGLISH,
        Language("id", "Bahasa Indonesia", "id", "Latn"),
        Language("ms", "Bahasa Melayu", "ms", "Latn"),
        Language("th", "ไทย", "th", "Thai"),
        Language("vi", "Tiếng Việt", "vi", "Latn"),
        Language("km", "ខ្មែរ", "km", "Khmr"),
        Language("lo", "ລາວ", "lo", "Laoo"),
        Language("my", "မြန်မာ", "my", "Mymr"),
        Language("fil", "Filipino", "fil", "Latn"),
        Language("zh", "简体中文", "zh_Hans", "Hans"),
        Language("ta", "தமிழ்", "ta", "Taml"),
        Language("pt", "Português", "pt_PT", "Latn"),
        Language("tet", "Tetun", "pt_PT", "Latn"),
    )
}
"""Tag to language, English first."""
TRANSLATED: Final = tuple(tag for tag in LANGUAGES if tag != ENGLISH.tag)
"""The tags of languages with a catalogue."""

_SAME: Final = {"tl": "fil", "in": "id", "zsm": "ms", "cmn": "zh"}
_TRADITIONAL: Final = {"TW", "HK", "MO"}  # regions that write Chinese in the other script
_SCRIPT = 4


def choose(tag: str) -> Language:
    """Return the language that a tag such as th, th-TH or zh-Hans-SG selects.

    Raises Fault, which lists the languages.
    """
    first, *rest = tag.replace("_", "-").split("-")
    found = LANGUAGES.get(_SAME.get(first.lower(), first.lower()))
    if found is None or not _is_written_so(found, rest):
        known = ", ".join(f"{each.tag} ({each.autonym})" for each in LANGUAGES.values())
        raise Fault(f"there is no catalogue for the language {tag[:35]!r}", f"one of: {known}")
    return found


def _is_written_so(found: Language, rest: list[str]) -> bool:
    """Whether our catalogue is in the script that the tag names or implies."""
    script = next((part.title() for part in rest if len(part) == _SCRIPT and part.isalpha()), None)
    if script is None and found.script == "Hans":
        return not {part.upper() for part in rest} & _TRADITIONAL
    return script in (None, found.script)


def is_in(language: Language, tag: str) -> bool:
    """Whether a reader of the language can read a text of this tag."""
    try:
        return choose(tag) == language
    except Fault:
        return False
