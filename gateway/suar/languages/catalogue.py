"""The translations: gettext catalogues, catalogues/<tag>.po, searched by context and English text.

The .po files are read directly (about 30 ms, once for each language and process), so no build step compiles them. A
context is `<list>/<code>` for codes, `field/<key>`, `phrase/<name>`, `language/<code>`, and `reason` for texts that a
publisher receives.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from suar.languages.console_words import CONSOLE
from suar.languages.evidence_words import EVIDENCE
from suar.languages.setup_words import SETUP
from suar.languages.tags import ENGLISH
from suar.languages.words import FIELDS, LANGUAGE_WORDS, PHRASES
from suar.protocol.base import codelists
from suar.protocol.base.sentences import Sentence, filled, has_words

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER: Final = Path(__file__).parent / "catalogues"
REASON: Final = "reason"


class Catalogue(Struct, frozen=True):
    """One language's texts: by (context, English text)."""

    tag: str
    texts: dict[tuple[str, str], str]

    def text(self, context: str, english: str) -> str:
        """Return the translation, or the English if there is none (a test keeps every catalogue complete)."""
        return self.texts.get((context, english)) or english

    def label(self, listing: str, code: str) -> str | None:
        """Return the label of a code; None if the list has no such code."""
        english = codelists.labels(listing).get(code)
        return None if english is None else self.text(f"{listing}/{code}", english)

    def field(self, shape: str, key: str) -> str:
        """Return the label of a field of a Struct."""
        name = f"{shape}.{key}" if f"{shape}.{key}" in FIELDS else key
        return self.text(f"field/{name}", FIELDS[name])

    def phrase(self, name: str, **values: object) -> str:
        """Return a phrase with its values filled in."""
        return self.text(f"phrase/{name}", PHRASES[name]).format(**values)

    def evidence(self, name: str, **values: object) -> str:
        """Return a statement about a file of evidence, with its values filled in."""
        return self.text(f"proof/{name}", EVIDENCE[name]).format(**values)

    def console(self, key: str, **values: object) -> str:
        """Return a text of the console, with its values filled in."""
        return self.text(f"console/{key}", CONSOLE[key]).format(**values)

    def setup(self, key: str, **values: object) -> str:
        """Return a text of `suar setup`, with its values filled in."""
        return self.text(f"setup/{key}", SETUP[key]).format(**values)

    @property
    def joint(self) -> str:
        """Return the template that joins a label and a value."""
        return self.text("phrase/pair", PHRASES["pair"])

    def name_of_language(self, code: str) -> str | None:
        """Return the name of a language that CLDR does not have in every language; None for any other."""
        return self.text(f"language/{code}", LANGUAGE_WORDS[code]) if code in LANGUAGE_WORDS else None

    def translated(self, sentence: Sentence, label: Callable[[Sentence], str | None] | None = None) -> str | None:
        """Return a sentence in this language; None if its text id is not in the catalogue, or its values do not fit it.

        `label`: returns the label of a typed value, or None; without a label it is shown as its text.
        """
        try:
            return self._translated(sentence, label)
        except (KeyError, ValueError, RecursionError):
            return None

    def shown(self, sentence: Sentence) -> str:
        """Return a sentence in this language, or in English where the catalogue does not have it."""
        return self.translated(sentence) or str(sentence)

    def _translated(self, sentence: Sentence, label: Callable[[Sentence], str | None] | None) -> str | None:
        known = label(sentence) if label else None
        if known is not None:
            return known
        is_joint = not has_words(sentence.id)  # a template without words: it is translated if all its parts are
        template = sentence.id if is_joint else self.texts.get((REASON, sentence.id))
        if template is None:
            return None
        values = {}
        for name, value in sentence.values.items():
            shown = self._translated(value, label) if isinstance(value, Sentence) else None
            if shown is None and is_joint and isinstance(value, Sentence):
                return None
            values[name] = str(value) if shown is None else shown
        return filled(template, values)


@cache
def load(tag: str) -> Catalogue:
    """Return the catalogue of a language of tags.LANGUAGES except English."""
    if tag == ENGLISH.tag:
        return Catalogue(tag, {})
    from babel.messages.pofile import read_po

    with (FOLDER / f"{tag}.po").open("rb") as file:
        messages = list(read_po(file, locale=None, abort_invalid=True))
    return Catalogue(
        tag, {(message.context or "", str(message.id)): str(message.string) for message in messages if message.id}
    )
