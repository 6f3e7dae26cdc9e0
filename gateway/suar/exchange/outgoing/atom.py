"""An Atom feed (RFC 4287) of alerts: each entry has its CAP 1.2 document and the address of this document."""

from collections.abc import Iterable
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr  # nosec: writes only

from suar.exchange.outgoing.cap_out import cap
from suar.exchange.outgoing.words import issuer_words, name_of, printable
from suar.protocol.authoring.english import rendered
from suar.protocol.base.exercise import marked
from suar.protocol.message.kinds import Alert
from suar.protocol.message.messages import Unreadable, read_stored, readable

MEDIA_TYPE: Final = "application/atom+xml; charset=utf-8"
CAP_TYPE: Final = "application/cap+xml"
_DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


class Entry(NamedTuple):
    """An alert: its signed bytes, those of the previous revision if stored, and the address of its document."""

    data: bytes
    earlier: bytes | None
    address: str


class Links(NamedTuple):
    """The addresses of this page and, if there is one, of the next page."""

    own: str
    following: str | None = None


def document(data: bytes, earlier: bytes | None) -> bytes:
    """Return the CAP document of an alert. Raises Unreadable."""
    return _cap(_alert(data), earlier).encode()


def feed(entries: Iterable[Entry], links: Links, federation: str, updated: str) -> bytes:
    """Return a page of the feed. `updated`: its time (RFC 3339) if it has no entry.

    An alert that this version cannot read is left out.
    """
    made = [_entry(alert, each) for each in entries if (alert := _readable(each.data)) is not None]
    times = [time for time, _ in made]
    following = f'<link rel="next" href={quoteattr(links.following)}/>' if links.following else ""
    head = (
        f'{_DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom"><id>{escape(f"urn:suar:{federation}:alerts")}</id>'
        f"<title>{escape(f'Alerts in force: {federation}')}</title><updated>{max(times, default=updated)}</updated>"
        f'<author><name>{escape(federation)}</name></author><link rel="self" href={quoteattr(links.own)}/>{following}'
    )
    return f"{head}{''.join(text for _, text in made)}</feed>\n".encode()


def _entry(alert: Alert, entry: Entry) -> tuple[str, str]:
    """Return the time of an entry and its XML."""
    title = next((text.title for text in alert.text if text.lang == "en"), alert.id)
    summary = next((text.summary for text in alert.text if text.lang == "en"), "")
    content = _cap(alert, entry.earlier).removeprefix(_DECLARATION)
    text = (
        f"<entry><id>urn:suar:message:{escape(alert.id)}</id><title>{_text(marked(title, alert.status))}</title>"
        f"<updated>{alert.sent}</updated><author><name>{_text(issuer_words(alert))}</name></author>"
        f"<category term={_attribute(alert.event)} label={_attribute(name_of('alert-event', alert.event))}/>"
        f'<link rel="alternate" type="{CAP_TYPE}" href={quoteattr(entry.address)}/>'
        f'<summary>{_text(summary)}</summary><content type="{CAP_TYPE}">{content}</content></entry>'
    )
    return alert.sent, text


def _alert(data: bytes) -> Alert:
    message = read_stored(data)
    found = rendered(message) if isinstance(message, Alert) else None
    if not isinstance(found, Alert):
        raise TypeError("an Atom feed carries alerts")
    return found


def _readable(data: bytes) -> Alert | None:
    try:
        return _alert(data)
    except Unreadable:
        return None


def _cap(alert: Alert, earlier: bytes | None) -> str:
    before = None if earlier is None else readable(earlier)
    return cap(alert, before if isinstance(before, Alert) else None).decode()


def _text(text: str) -> str:
    return escape(printable(text))


def _attribute(text: str) -> str:
    return quoteattr(printable(text))
