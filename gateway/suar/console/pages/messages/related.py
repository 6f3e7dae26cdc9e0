"""The messages that a message refers to: its desk with telephone, related messages, its replacement."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from suar.console.guard import Call, Visitor, gateway_of
from suar.console.reading import reader_of
from suar.console.views.texts import text_of
from suar.languages.rendering.unseen import visible_text

SEARCHED_MAX: Final = 20
"""Newest messages in force of the same member and kind that are searched for a replacement."""


class Linked(Struct, frozen=True):
    """A linked message. `numbers`: telephone numbers of a desk."""

    id: str
    title: str
    lang: str
    state: str
    numbers: tuple[str, ...] = ()


class Links(Struct, frozen=True):
    """The links of a message."""

    desk: tuple[Linked, ...] = ()
    related: tuple[Linked, ...] = ()
    instead: tuple[Linked, ...] = ()


async def links_of(request: Call, visitor: Visitor, found: dict[str, Any]) -> Links:
    """Return the desk and the related messages of a message; for a recalled one the replacement."""
    body = found["message"] or {}
    if found["state"] == "cancelled":
        return Links(instead=await _instead(request, visitor, found))
    related = await _read(request, visitor, (each["id"] for each in body.get("related", ())))
    return Links(await _read(request, visitor, filter(None, [body.get("desk")])), related)


async def _read(request: Call, visitor: Visitor, ids: Iterable[str]) -> tuple[Linked, ...]:
    """Return those of the messages that are here and that this visitor may read; this opens none of them."""
    gateway, reader = gateway_of(request), reader_of(request, visitor)
    found = [await gateway.message(id_, reader=reader) for id_ in dict.fromkeys(ids)]
    return tuple(_linked(each, visitor.lang) for each in found if each is not None)


def _linked(found: dict[str, Any], tag: str) -> Linked:
    body = found["message"] or {}
    text, numbers = text_of(body, tag), tuple(visible_text(str(each)) for each in body.get("phone", ()))
    return Linked(found["id"], text.title if text else "", text.lang if text else "en", found["state"], numbers)


async def _instead(request: Call, visitor: Visitor, found: dict[str, Any]) -> tuple[Linked, ...]:
    """Return the messages in force that name the recalled one."""
    gateway, reader = gateway_of(request), reader_of(request, visitor)
    rows = await gateway.messages(
        kind=found["id"].split("-")[1].lower(), origin=found["origin"], status=found["status"], state="current",
        limit=SEARCHED_MAX, reader=reader,
    )  # fmt: skip
    read = [await gateway.message(row["id"], reader=reader) for row in rows]
    named = [each for each in read if each is not None and found["id"] in _related(each)]
    return tuple(_linked(each, visitor.lang) for each in named)


def _related(found: dict[str, Any]) -> list[str]:
    return [each["id"] for each in (found["message"] or {}).get("related", ())]
