"""The ranges of frames of a request `missing`, and those that a refusal names in its note (docs/gaps.md)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import UNSET

from suar.protocol.message.kinds import Entry
from suar.service.gaps.ranges import Span
from suar.service.receipts.receipts import EVERY_FRAME

_NOTE_MAX: Final = 200  # characters, of the standard


def span_of(entry: Entry) -> Span:
    """The frames that an entry requests; without numbers the whole epoch."""
    first, last = entry.first, entry.last
    return (0 if first is UNSET else first, EVERY_FRAME if last is UNSET else last)


def merged_entries(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Return the entries of a request; ranges of one epoch that overlap or adjoin are merged, so each costs once."""
    spans: dict[str, list[Span]] = defaultdict(list)
    for entry in entries:
        if entry.epoch is UNSET:
            yield entry
        else:
            spans[entry.epoch].append(span_of(entry))
    for epoch, ranges in spans.items():
        for first, last in _merged(ranges):
            yield Entry(epoch=epoch, first=first, last=last)


def _merged(ranges: list[Span]) -> Iterator[Span]:
    begin, end = None, -1
    for first, last in sorted(ranges):
        if begin is not None and first > end + 1:
            yield begin, end
            begin = None
        begin = first if begin is None else begin
        end = max(end, last)
    if begin is not None:
        yield begin, end


def range_notes(ranges: Sequence[Span]) -> Iterator[str]:
    """Return the ranges in as many notes as they need."""
    note = "frames"
    for first, last in ranges:
        text = f" {first}-{last}"
        if len(note) + len(text) > _NOTE_MAX:
            yield note
            note = "frames"
        note += text
    yield note
