"""The content of a TAXII 2.1 collection: the STIX objects of messages, and revoked main objects.

Every object belongs to one revision of one message and has one version, except the TLP markings, which OASIS publishes.
"""

from typing import Any, Final

import msgspec

from suar.exchange.outgoing import stix
from suar.protocol.authoring.english import rendered
from suar.protocol.base.instants import instant
from suar.protocol.message.kinds import Alert, Pattern
from suar.protocol.message.messages import readable

MEDIA_TYPE: Final = "application/taxii+json;version=2.1"
STIX_TYPE: Final = "application/stix+json;version=2.1"
SORTS: Final = {"alert": "incident", "pattern": "attack-pattern"}
"""The main object of each kind."""

Object = dict[str, Any]


def objects(message: Object) -> list[Object]:
    """Return the objects of a message in force; none of one that this version cannot read."""
    found = readable(msgspec.json.encode(message))
    shown = rendered(found) if isinstance(found, Alert | Pattern) else None
    return stix.objects(shown) if isinstance(shown, Alert | Pattern) else []


def revoked(message_id: str, rev: int, kind: str, created: int, modified: int) -> Object:
    """Return the revoked main object of a revision, without its content. Times in ms."""
    sort = SORTS[kind]
    return {
        "type": sort, "spec_version": "2.1", "id": stix.object_id(message_id, rev, sort),
        "created": stamp(created), "modified": stamp(max(modified, created)), "revoked": True, "name": "Withdrawn",
    }  # fmt: skip


def version_of(item: Object) -> str:
    """Return the version of an object: the time of its modification, else of its creation."""
    return str(item.get("modified") or item.get("created"))


def stamp(at: int) -> str:
    """Return a time (ms) in the form of STIX."""
    return instant(at).removesuffix("Z") + ".000Z"


def added(at: int) -> str:
    """Return a time (microseconds) in the form of TAXII."""
    return f"{instant(at // 1000).removesuffix('Z')}.{at % 1_000_000:06}Z"


def version_at(at: int) -> str:
    """Return a time (microseconds) as the version that an object of that moment has; objects have no finer ones."""
    return added(at).replace("000Z", "Z")
