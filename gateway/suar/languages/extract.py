"""Keeps the catalogues complete: `python -m suar.languages.extract` (`make catalogues`) updates them.

`messages` lists every text to translate. Each catalogue keeps its entries for these texts, gets empty entries for new
ones, and loses the entries of removed ones. An entry whose English changed keeps its translation, marked fuzzy, until a
translator has checked it. `--check` changes nothing and exits with 1 if a catalogue would change or is incomplete.
"""

import io
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

import suar
from suar.languages import page_words
from suar.languages.catalogue import FOLDER, REASON
from suar.languages.console_words import CONSOLE
from suar.languages.evidence_words import EVIDENCE
from suar.languages.setup_words import SETUP
from suar.languages.tags import LANGUAGES, TRANSLATED
from suar.languages.words import (
    FIELDS,
    LANGUAGE_WORDS,
    MONTH_WORDS,
    PHRASES,
    TETUM_LANGUAGES,
    TETUM_PHRASES,
    TETUM_PLACES,
)
from suar.observe.causes import CAUSES, NEXT
from suar.protocol.base import codelists, errors
from suar.protocol.base.reasons import CODES
from suar.protocol.base.sentences import has_words
from suar.protocol.message.inspection import description_of
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import Spec, fields_of
from suar.protocol.policy.decision import RULES
from suar.protocol.privacy.text import found
from suar.published import schemas_dir

MARK: Final = "sentence"
"""The call that marks a text id for translation (protocol/base/sentences.py)."""

FROM_CLDR: Final = frozenset({"country", "currency", "language", "member"})
"""Lists whose labels come from CLDR."""

HEADER: Final = """\
{autonym} ({tag}) for suar.

Where it comes from: a machine translation from the English of the code lists, fields and rules, held to the
terms of the official translations of the Palermo Protocol and of the ASEAN convention (ACTIP) where they are known.
Second reading, not native: each text was compared once more with the English and with the terms of schemas/terms.csv.
Reviewed by a native speaker: no. No native speaker has read it yet: do not rely on it for a decision about
a person without the English beside it.
How to review: mend the texts below, then say here who read them and when; this header is kept as it stands.
"""


HEADER_HAS: Final = "Reviewed by a native speaker:"
"""The header of every catalogue; it states that no native speaker has reviewed the texts."""


class Text(NamedTuple):
    """A text to translate: where it is used, and its English."""

    context: str
    english: str


def messages(tag: str) -> Iterator[Text]:
    """Return every text of a language's catalogue, in order."""
    for path in sorted((schemas_dir() / "codelists").glob("*.csv")):
        if path.stem not in FROM_CLDR:
            yield from (Text(f"{path.stem}/{row.code}", row.label_en) for row in codelists.rows(path.stem))
    yield from (Text(f"field/{key}", english) for key, english in FIELDS.items())
    yield from (Text(f"phrase/{name}", english) for name, english in PHRASES.items())
    yield from (Text(f"proof/{name}", english) for name, english in EVIDENCE.items())
    yield from (Text(f"console/{key}", english) for key, english in CONSOLE.items())
    yield from (Text(f"setup/{key}", english) for key, english in SETUP.items())
    yield from (Text(f"language/{code}", english) for code, english in LANGUAGE_WORDS.items())
    yield from (Text(f"cause/{cause.code}", cause.text) for cause in CAUSES)
    yield from (Text(f"next/{name}", english) for name, english in NEXT.items())
    if tag == "tet":
        yield from _tetum()
    yield from (Text(REASON, english) for english in text_ids())


@cache
def text_ids() -> tuple[str, ...]:
    """Return all text ids of reasons for a publisher, sorted, so that moving code changes no catalogue."""
    advice = (entry.advice for entry in errors.CODES.values() if entry.fault == "publisher")
    tables = [
        *page_words.REASONS.values(),
        *page_words.NEXT.values(),
        *page_words.CAUSES.values(),
        page_words.WHOLE_NUMBER,
        page_words.IS_OPERATOR,
        *CODES.values(),
        *(rule.text for rule in RULES.values()),
        *advice,
        *found.KINDS,
        *_descriptions(),
    ]
    return tuple(sorted({text for text in [*tables, *marked()] if has_words(text)}))


def marked() -> Iterator[str]:
    """Return the text ids that the code passes to `sentence`."""
    for path in Path(suar.__path__[0]).rglob("*.py"):
        source = path.read_bytes()
        if f"{MARK}(".encode() in source:  # a fast test before Babel's tokenizer, which is slow
            for _, text, _, _ in extract("python", io.BytesIO(source), keywords={MARK: None}):
                yield text if isinstance(text, str) else text[0]


def _descriptions() -> Iterator[str]:
    """Return the descriptions of fields, which serve as hints; no person publishes receipts, so theirs are left out."""
    seen: set[object] = set()

    def below(inside: Spec) -> Iterator[str]:
        description = description_of(inside)
        if description is not None:
            yield description.id
        if inside.item:
            yield from below(inside.item)
        if inside.struct and inside.struct not in seen:
            seen.add(inside.struct)
            for _, field, _ in fields_of(inside.struct).values():
                yield from below(field)

    for kind, shape in KINDS.items():
        for _, field, _ in fields_of(shape).values() if kind != "receipt" else ():
            yield from below(field)


def _tetum() -> Iterator[Text]:
    yield from (Text(f"date/{name}", english) for name, english in TETUM_PHRASES.items())
    yield from (Text(f"month/{number}", english) for number, english in enumerate(MONTH_WORDS, 1))
    yield from (Text(f"country/{code}", codelists.labels("country")[code]) for code in TETUM_PLACES)
    yield from (Text(f"language/{code}", codelists.labels("language")[code]) for code in TETUM_LANGUAGES)


def updated(tag: str, old: Catalog) -> Catalog:
    """Return the catalogue of `messages` with the translations of `old`."""
    known = {(entry.context, entry.id): entry for entry in old if entry.id}
    by_context = {entry.context: entry for entry in old if entry.id and entry.context != REASON}
    new = Catalog(
        locale=LANGUAGES[tag].locale if tag != "tet" else None,
        charset="utf-8",
        fuzzy=False,
        header_comment=old.header_comment if HEADER_HAS in old.header_comment else _comment(tag),
    )
    for context, english in messages(tag):
        same = known.get((context, english))
        entry = same or by_context.get(context)
        flags = {"fuzzy"} if entry and entry.string and (entry is not same or entry.fuzzy) else set()
        new.add(english, str(entry.string) if entry else "", context=context, flags=flags)
    return new


def _comment(tag: str) -> str:
    text = HEADER.format(autonym=LANGUAGES[tag].autonym, tag=tag)
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def written(catalogue: Catalog, tag: str) -> bytes:
    """Return a catalogue as written to its file: no line is wrapped, and the content does not depend on the date."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=0, omit_header=True)
    body = buffer.getvalue().decode()
    head = [
        *catalogue.header_comment.splitlines(), 'msgid ""', 'msgstr ""',
        f'"Language: {tag}\\n"', r'"MIME-Version: 1.0\n"', r'"Content-Type: text/plain; charset=utf-8\n"',
        r'"Content-Transfer-Encoding: 8bit\n"',
    ]  # fmt: skip
    return ("\n".join(head) + "\n\n" + body).encode()


def read(path: Path) -> Catalog:
    """Return the catalogue in a file; an empty one if there is no file."""
    if not path.exists():
        return Catalog()
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def untranslated(catalogue: Catalog) -> list[Entry]:
    """Return the entries that are not translated, or were not checked after their English changed."""
    return [entry for entry in catalogue if entry.id and (not entry.string or entry.fuzzy)]


@cache
def path_of(tag: str) -> Path:
    """Return the path of a language's catalogue."""
    return FOLDER / f"{tag}.po"


def main(arguments: list[str]) -> int:
    """Update every catalogue, or check (`--check`) that it is up to date; returns 1 if a catalogue is incomplete."""
    is_check = arguments == ["--check"]
    open_work = 0
    for tag in TRANSLATED:
        path = path_of(tag)
        catalogue = updated(tag, read(path))
        data = written(catalogue, tag)
        is_old = not path.exists() or path.read_bytes() != data
        if is_old and not is_check:
            path.write_bytes(data)
        left = len(untranslated(catalogue))
        open_work += left + (is_check and is_old)
        note = " out of date" if is_check and is_old else ""
        print(f"{tag}: {len(catalogue)} texts, {left} to translate{note}")
    return 1 if open_work else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
