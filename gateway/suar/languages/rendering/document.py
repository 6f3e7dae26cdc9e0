"""What a message shows to a person: the blocks of a reading, in the reader's language, from the types of its kind.

Every code is translated. A text is shown in the reader's language if the publisher wrote it in that language, else in
English with a mark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from suar.languages.rendering.values import Values
from suar.languages.rendering.withdrawn import has_figures, kept_for_form, of_withdrawal
from suar.languages.tags import ENGLISH, LANGUAGES, is_in
from suar.protocol.authoring.blank import is_blank
from suar.protocol.base import limits
from suar.protocol.base.exercise import is_exercise
from suar.protocol.base.instants import milliseconds
from suar.protocol.base.subjects import ALL
from suar.protocol.message.kinds import KINDS, Head
from suar.protocol.message.messages import is_higher_minor
from suar.protocol.message.spec import fields_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from suar.languages.names import Names

SHOWN_ELSEWHERE: Final = frozenset({"kind", "schema", "text", "status", "obs"})
"""Keys that are shown outside the list of fields."""
FIRST: Final = ("id", "issuer")
"""Keys that are shown above the text."""


class Banner(Struct, frozen=True):
    """A prominent line, such as that of an exercise."""

    text: str


class Note(Struct, frozen=True):
    """A sentence of the gateway, after an empty line if `has_blank_before`; `indent`: blanks before further lines."""

    text: str
    has_blank_before: bool = False
    indent: int = 0


class Others(Note, frozen=True):
    """The sentence that names the other languages in which the publisher gave the text."""


class Words(Struct, frozen=True):
    """A text of the publisher; each of its lines is marked as such."""

    text: str
    has_blank_before: bool = False


class Line(Struct, frozen=True):
    """A label with one value, or with several below it; `pair` is the language's template for label and value."""

    label: str
    values: tuple[str, ...]
    pair: str


class Table(Struct, frozen=True):
    """Columns and rows of cells."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    pair: str


BACKUPS_SHOWN: Final = 5
_DATING: Final = frozenset({"sent", "ack_within"})
"""Fields that say together until when a message is to be acknowledged."""
OF_FIGURES: Final = ("dims", "margins")
"""Fields that describe a table, which a recall does not have."""

Block = Banner | Note | Words | Line | Table


def _of_its_origin(shown: dict[str, Any]) -> dict[str, Any]:
    """Return the message with the member that signed it as its issuer, whatever its issuer field states."""
    message: dict[str, Any] = shown.get("message") or {}
    if "issuer" not in message:
        return message
    origin = shown.get("origin") or message["id"][:2]
    return message | {"issuer": message["issuer"] | {"member": origin}}


def is_dated_otherwise(shown: dict[str, Any]) -> bool:
    """Whether the time to acknowledge counts from the arrival of the message, because its own date differs.

    A message without a date, as one that was not sent, has none that could differ.
    """
    message, by = shown.get("message") or {}, shown.get("acknowledge_by")
    if by is None or not message.keys() >= _DATING:
        return False
    by_its_date = milliseconds(message["sent"]) + int(message["ack_within"]) * limits.HOUR
    return abs(milliseconds(by) - by_its_date) > limits.CLOCK_TOLERANCE


class Reading:
    """One message in the `--json` shape of `suar show`, rendered in one language."""

    def __init__(self, shown: dict[str, Any], names: Names) -> None:
        self.shown, self.names, self.words = shown, names, names.words
        self.message: dict[str, Any] = _of_its_origin(shown)
        self.values = Values(names)
        self.pair = self.words.joint
        self.is_exercise = is_exercise(self.message.get("status") or shown.get("status"))

    def blocks(self) -> list[Block]:
        """Return all blocks."""
        if not self.message:
            gone = self.words.phrase("recalled" if self.shown.get("state") == "cancelled" else "erased")
            return [*self._banners(), Note(f"{self.shown.get('id', '')}  {gone}"), *self._remains(), *self._chain()]
        return [*self._banners(), *self._head(), *self._texts(), *self._fields(), *self._chain(), *self._closing()]

    def _remains(self) -> list[Block]:
        """Return notes about copies that a recall did not reach here: exports, agencies, backups."""
        left: dict[str, Any] = self.shown.get("tombstone") or {}
        found: list[Block] = []
        if left.get("exports"):
            found.append(Note(self.words.phrase("recalled-exports", count=str(left["exports"]))))
        if left.get("agencies"):
            found.append(Note(self.words.phrase("recalled-agencies", count=str(left["agencies"]))))
        if left.get("backups"):
            times = self.values.join(left["backups"][-BACKUPS_SHOWN:])
            found.append(Note(self.words.phrase("recalled-backups", times=times)))
        return found

    def _banners(self) -> list[Block]:
        found: list[Block] = [Banner(self.words.phrase("exercise"))] if self.is_exercise else []
        if self.message.get("action") == "cancel" or self.shown.get("state") == "cancelled":
            found.append(Banner(self.words.phrase("cancelled")))
        if self.shown.get("state") == "superseded":
            found.append(Note(self.words.phrase("superseded")))
        return [*found, *self._way()]

    def _way(self) -> list[Block]:
        """Return notes on the channel and the time of arrival, if they differ from what the message states."""
        found: list[Block] = []
        other = self.shown.get("other_channel")
        if other:
            name = "came-to-all" if other["channel"] == ALL else "came-alone"
            found.append(Note(self.words.phrase(name, rev=str(other["rev"]), changes=str(other["changes"]))))
        if is_dated_otherwise(self.shown):
            sent, received = (self.names.instant(each) for each in (self.message["sent"], self.shown["received"]))
            found.append(Note(self.words.phrase("dated-otherwise", sent=sent, came=received)))
        return found

    def _head(self) -> list[Block]:
        kind = self.message["kind"]
        label = self.words.field("Head", "kind")
        found: list[Block] = [Line(label, (self.words.label("kind", kind) or kind,), self.pair), *self._lines(FIRST)]
        if is_higher_minor(self.message["schema"]):
            found.append(Note(self.words.phrase("newer")))
        return found

    def _texts(self) -> list[Block]:
        texts: list[dict[str, Any]] = self.message.get("text") or []
        if not texts:
            return []
        if written := of_withdrawal(self.message, self.words):
            return [Words(self._title(written[0]), has_blank_before=True), Words(written[1]), Note("")]
        language = LANGUAGES[self.names.tag]
        own = next((text for text in texts if is_in(language, text["lang"])), None)
        text = own or next((text for text in texts if text["lang"] == ENGLISH.tag), texts[0])
        found: list[Block] = []
        if own is None:
            found.append(Note(self.words.phrase("english-only"), has_blank_before=True))
        if text.get("generated"):
            found.append(Note(self.words.phrase("generated"), has_blank_before=own is not None))
        found += [Words(self._title(text["title"]), has_blank_before=True), Words(text["summary"])]
        others = [self.names.language(each["lang"]) for each in texts if each is not text]
        if others:
            found.append(Others(self.words.phrase("other-languages", languages=self.values.join(others))))
        return [*found, Note("")]

    def _title(self, title: str) -> str:
        """Return the title, marked if it is an exercise, because it may be read out without the banner."""
        title = self.words.console("no-title") if is_blank(title) else title  # readers accept blank titles
        mark = self.words.phrase("exercise-title", title="").strip()
        is_marked = not self.is_exercise or title.startswith(mark)  # the publisher may have added it
        return title if is_marked else self.words.phrase("exercise-title", title=title)

    def _fields(self) -> list[Block]:
        """Return the fields of the kind first, then those of every kind."""
        shared = fields_of(Head)
        is_whole = has_figures(self.message)
        hidden = shared.keys() if is_whole else {*shared, *OF_FIGURES}
        hidden = hidden | kept_for_form(self.message)
        own = [key for key in fields_of(KINDS[self.message["kind"]]) if key not in hidden]
        figures = self._figures(self.message["obs"]) if "obs" in self.message and is_whole else []
        return [*self._lines(own), *figures, *self._lines([key for key in shared if key not in FIRST])]

    def _lines(self, keys: Iterable[str]) -> list[Block]:
        shape = KINDS[self.message["kind"]]
        known = fields_of(shape)
        found: list[Block] = []
        for key in keys:
            if key in self.message and key in known and key not in SHOWN_ELSEWHERE:
                values = self.values.lines(shape.__name__, key, known[key][1], self.message[key])
                found.append(Line(self.words.field(shape.__name__, key), values, self.pair))
        return found

    def _figures(self, cells: list[dict[str, Any]]) -> list[Block]:
        common, columns, rows = self.values.figures(cells)
        shared = [Line(label, (value,), self.pair) for label, value in common]
        return [
            Note(self.words.field("Trend", "obs"), has_blank_before=True),
            *shared,
            Table(columns, rows, self.pair),
            Note(""),
        ]

    def _chain(self) -> list[Block]:
        links = self.shown.get("chain") or []
        if not links:
            return []
        values = tuple(self.values.revision(link) for link in links)
        return [Line(self.words.phrase("revisions"), values, self.pair)]

    def _closing(self) -> list[Block]:
        """Return the note that tells a reader which lines are the publisher's and which the gateway's."""
        notes = ["marked-note"] if self.message.get("text") else []
        notes += ["quoted-note"] if self.values.has_quoted else []
        return [Note(self.words.phrase(name), has_blank_before=at == 0) for at, name in enumerate(notes)]
