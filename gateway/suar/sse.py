"""Server-sent events as text lines (WHATWG HTML 9.2.6), for whoever reads the feed.

Imports the standard library alone.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Event(NamedTuple):
    """One event of the stream."""

    position: str
    name: str
    data: str


def events(lines: Iterable[str]) -> Iterator[Event]:
    """The events of a stream by its lines; one with an id alone moves the position."""
    event_id, fields = "", dict[str, str]()
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            if name:  # else a comment
                fields[name] = value.removeprefix(" ")
            continue
        event_id = fields.get("id", event_id)
        if "data" in fields or "id" in fields:
            yield Event(event_id, fields.get("event", "message"), fields.get("data", ""))
        fields = {}
