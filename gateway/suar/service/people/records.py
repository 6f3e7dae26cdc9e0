"""People as they are kept: the columns, and what is sealed in them."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct, structs
from sqlalchemy import Connection, Row

from suar.protocol.base import limits
from suar.service.access.as_shown import digest_of
from suar.service.access.tokens import RESERVED
from suar.service.core.core import Core
from suar.store.people import persons

LINK_TIME: Final = 72 * limits.HOUR
State = Literal["invited", "active", "suspended"]
Pending = Literal["invite", "roles", "recover", "resume"]


class Mute(Struct, frozen=True):
    """Messages of a kind from a member stay out of a person's list until then (ms)."""

    kind: str
    origin: str
    until: int


class TableMap(Struct, frozen=True, array_like=True):
    """What the columns of a table mean, under a name of the person's own.

    `columns`: (heading, meaning); `words`: (heading, word, code); `role`: of the places.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    words: tuple[tuple[str, str, str], ...]
    role: str


class Passkey(Struct, frozen=True, array_like=True):
    """A passkey; times in ms. `count`: its uses, where it counts; `used_at`: of the note that it last signed."""

    id: bytes
    key: bytes
    count: int
    label: str
    added_at: int
    used_at: int = 0

    def __repr__(self) -> str:
        return "Passkey(...)"


class Sealed(Struct, frozen=True, omit_defaults=True):
    """What only the gateway reads: the vault seals it. `password` is empty until the person has joined.

    `recovered_at`: when access was last recovered, by a new link or a recovery code (ms). `agency`: whose reader the
    person is; empty for the people of our focal point. `opened_by`: who made the last link for them.
    """

    name: str
    lang: str = "en"
    timezone: str = ""
    password: bytes = b""
    totp: str = ""
    recovery: tuple[bytes, ...] = ()
    recovered_at: int = 0
    mutes: tuple[Mute, ...] = ()
    passkeys: tuple[Passkey, ...] = ()
    agency: str = ""
    maps: tuple[TableMap, ...] = ()
    opened_by: str = ""

    def __repr__(self) -> str:
        return "Sealed(...)"


class Person(Struct, frozen=True, kw_only=True):
    """One person; times in ms. `pending`: what waits for a second coordinator."""

    id: str
    state: State
    roles: tuple[str, ...]
    created_at: int
    created_by: str
    seen_at: int | None
    totp_step: int
    link_hash: bytes | None
    link_until: int | None
    pending: Pending | None
    pending_roles: tuple[str, ...]
    pending_by: str | None
    sealed: Sealed

    def __repr__(self) -> str:
        return f"Person({self.id})"

    @property
    def name(self) -> str:
        """As others see it."""
        return self.sealed.name

    @property
    def link_maker(self) -> str:
        """Who made the last link for them."""
        return self.sealed.opened_by or self.created_by

    @property
    def may_sign_in(self) -> bool:
        """Whether password and factor are accepted: not while a link to set them again is valid."""
        return self.state == "active" and bool(self.sealed.password) and self.link_hash is None


_decode: Final = msgspec.msgpack.Decoder(Sealed).decode


def about(id_: str) -> str:
    """What the sealed part is bound to."""
    return f"person/{id_}"


def sealed_columns(core: Core, id_: str, sealed: Sealed) -> dict[str, bytes]:
    """The columns of the sealed part."""
    data, salt = core.vault.seal(msgspec.msgpack.encode(sealed), about(id_))
    return {"sealed": data, "sealed_key": salt}


def person_of(core: Core, row: Row[Any]) -> Person:
    """A row, opened."""
    opened = _decode(core.vault.open(bytes(row.sealed), bytes(row.sealed_key), about(row.id)))
    columns: dict[str, Any] = dict(row._mapping)
    columns |= {"roles": tuple(row.roles.split()), "pending_roles": tuple(row.pending_roles.split()), "sealed": opened}
    columns["link_hash"] = None if row.link_hash is None else bytes(row.link_hash)
    del columns["sealed_key"], columns["mac"]
    return Person(**columns)


def load(core: Core, connection: Connection, id_: str) -> Person | None:
    """One person with the caller's transaction."""
    row = persons.person(connection, id_)
    return None if row is None else person_of(core, row)


def openers(core: Core, connection: Connection, names: Iterable[str]) -> set[str]:
    """Return who made the links by which these people set their password: whoever had a link may be its person.

    The machine is never among them.
    """
    found = (load(core, connection, name) for name in sorted(names))
    return {each.link_maker for each in found if each is not None} - RESERVED


def is_link_void(person: Person, maker: Person | None) -> bool:
    """Whether a link is out that opens nothing, as who made it, `maker`, is no coordinator with access any more."""
    if person.link_hash is None or person.link_maker in RESERVED:
        return False
    return maker is None or maker.state != "active" or "coordinator" not in maker.roles


def everybody(core: Core) -> list[Person]:
    """All people, by user name."""
    with core.database.reading() as connection:
        return [person_of(core, row) for row in persons.people(connection)]


def person_shapes(people: Iterable[Person]) -> list[dict[str, Any]]:
    """Everybody for people and programs."""
    known = {each.id: each for each in people}
    return [shape_of(each, known.get(each.link_maker)) for each in known.values()]


def shape_of(person: Person, link_maker: Person | None) -> dict[str, Any]:
    """A person for people and programs; `link_void`: the link that is out opens nothing, by who made it."""
    return person_shape(person) | {"link_void": is_link_void(person, link_maker)}


def person_shape(person: Person) -> dict[str, Any]:
    """A person for people and programs: nothing that is checked at sign-in.

    `digest`: of what others decide about, which their decisions name.
    """
    kept: Mapping[str, Any] = structs.asdict(person)
    decided = {name: kept[name] for name in ("id", "state", "roles", "pending", "pending_roles", "pending_by")}
    shown = {name: kept[name] for name in ("id", "state", "created_at", "created_by", "seen_at", "pending")}
    return shown | {
        "name": person.name, "roles": list(person.roles), "lang": person.sealed.lang,
        "agency": person.sealed.agency,
        "timezone": person.sealed.timezone, "pending_roles": list(person.pending_roles),
        "pending_by": person.pending_by, "link_until": person.link_until,
        "recovery_left": len(person.sealed.recovery), "recovered_at": person.sealed.recovered_at,
        "digest": digest_of(decided),
    }  # fmt: skip
