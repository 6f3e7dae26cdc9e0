"""The events of the feed: a message, the tombstone of a cancelled one, an expiry, a withdrawal.

Each is a CloudEvents 1.0 document in one line of JSON. Names of extension attributes are letters and digits there.
"""

from typing import Any, Final
from urllib.parse import quote

import msgspec

from suar.protocol.base.exercise import BANNER, is_exercise, marked
from suar.protocol.base.instants import instant, rfc3339
from suar.protocol.message.urgency import urgency_of
from suar.service.core.core import Core
from suar.service.reading import views

_LINE_ENDS: Final = tuple((chr(code).encode(), b"\\u%04x" % code) for code in (0x85, 0x2028, 0x2029))
"""Characters that some readers treat as the end of a line."""


def message_event(core: Core, row: Any, body: dict[str, Any], *, is_over: bool) -> bytes:
    """The event of a revision; of a cancel its tombstone.

    `is_over`: it has expired, and of a tombstone what the publisher wrote for it is left out.
    """
    named = {
        "specversion": "1.0", "id": f"{row.id}/{row.rev}", "source": _source(core, row),
        "type": f"suar.message.{row.action}", "subject": row.id, "time": body["sent"],
        "datacontenttype": "application/json", "suarkind": row.kind, "suarstatus": row.realm,
    }  # fmt: skip
    is_cancel = row.action == "cancel"
    state = "cancelled" if is_cancel else "expired" if is_over else "current"
    if not is_cancel:
        title = marked(views.title_of(body) or "", row.realm)
        return _written(row, named, _content(row, row.action, state, title=title, message=body))
    tombstone = {"rev": row.rev, "sent": body["sent"], "reason": None if is_over else body.get("reason")}
    return _written(row, named, _content(row, row.action, state, tombstone=tombstone))


def expiry_event(core: Core, row: Any) -> bytes:
    """The event that a revision has expired: its head alone."""
    named = {
        "specversion": "1.0", "id": f"{row.id}/{row.rev}/expire", "source": _source(core, row),
        "type": "suar.message.expire", "subject": row.id, "time": instant(row.expires),
        "datacontenttype": "application/json", "suarkind": row.kind, "suarstatus": row.realm,
    }  # fmt: skip
    return _written(row, named, _content(row, "expire", "expired"))


def withdrawal_event(core: Core, earlier: Any) -> bytes:
    """Return the event that a revision which the reader may not read replaced `earlier`: the head of `earlier`, and
    nothing that tells how many revisions followed it, or when.
    """
    named = {
        "specversion": "1.0", "id": f"{earlier.id}/{earlier.rev}/withdraw", "source": _source(core, earlier),
        "type": "suar.message.withdraw", "subject": earlier.id, "time": instant(earlier.sent),
        "datacontenttype": "application/json", "suarkind": earlier.kind, "suarstatus": earlier.realm,
    }  # fmt: skip
    return _written(earlier, named, _content(earlier, "withdraw", "withdrawn"))


def test_event(core: Core, id_: str, now: int) -> bytes:
    """The event that a webhook is tested with: it is about no message. `now` in ms."""
    named = {
        "specversion": "1.0", "id": id_, "source": _member_source(core, core.member), "type": "suar.webhook.test",
        "time": rfc3339(now), "datacontenttype": "application/json", "data": None,
    }  # fmt: skip
    return msgspec.json.encode(named)


def positioned(event: bytes, position: str) -> bytes:
    """Return an event with the position after it, an extension attribute of CloudEvents."""
    return event[:-1] + b',"suarposition":"' + position.encode() + b'"}'


def _source(core: Core, row: Any) -> str:
    return _member_source(core, row.origin)


def _member_source(core: Core, member: str) -> str:
    return f"/federations/{quote(core.federation, safe='')}/members/{member}"


def _content(
    row: Any, action: str, state: str, *, title: str | None = None, message: dict[str, Any] | None = None,
    tombstone: dict[str, Any] | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "id": row.id, "rev": row.rev, "kind": row.kind, "origin": row.origin, "status": row.realm,
        "action": action, "tlp": row.tlp, "received": rfc3339(row.at), "state": state,
        "urgency": urgency_of(row.lane), "banner": BANNER if is_exercise(row.realm) else None,
        "title": title, "message": message, "tombstone": tombstone,
        "frame_hash": row.frame_hash.hex() if row.frame_hash else None,
    }  # fmt: skip


def _written(row: Any, named: dict[str, Any], content: dict[str, Any]) -> bytes:
    """The document, without anything that ends a line."""
    urgent = urgency_of(row.lane)
    data = msgspec.json.encode(named | ({"suarurgency": urgent} if urgent else {}) | {"data": content})
    for raw, escaped in _LINE_ENDS:
        data = data.replace(raw, escaped)
    return data
