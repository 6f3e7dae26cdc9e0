"""The values of the operator's pages: checks, the other members, tokens, keys, the audit log."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from suar.languages.act_words import ACT_WORDS
from suar.observe.checks.every import Check, Status
from suar.observe.checks.folding import groups
from suar.protocol.base.instants import milliseconds


class Finding(Struct, frozen=True):
    """A check; `follows`: its consequences, each with its id."""

    id: str
    status: Status
    entity: str
    text: str
    next: str
    follows: list[tuple[str, str]]


class Health(Struct, frozen=True):
    """The worst first; `well` of `all` checks have no finding. `at` in ms."""

    at: int
    findings: list[Finding]
    well: int
    all: int


class Peer(Struct, frozen=True):
    """Another member; `missing` counts frames. `last` in ms."""

    code: str
    is_up: bool
    last: int | None
    is_complete: bool
    missing: int
    trust_version: int | None


class Range(Struct, frozen=True):
    """Missing frames of one epoch."""

    realm: str
    is_to_all: bool
    epoch: str
    state: str
    spans: str


class PeerInFull(Struct, frozen=True):
    """One member with its missing frames. `requested`: how many epochs were just requested again, None if none were."""

    peer: Peer
    held: int
    clock_offset: float | None
    bundle_until: int | None
    ranges: list[Range]
    requested: int | None = None


class TokenLine(Struct, frozen=True):
    """A token; times in ms. `user`: the person who holds it."""

    name: str
    state: str
    scopes: list[str]
    roles: list[str]
    user: str
    maker: str
    last_used_at: int | None
    expires_at: int
    is_void: bool


class KeyLine(Struct, frozen=True):
    """A key of this gateway; times in ms."""

    key: str
    kid: str
    state: str
    not_before: int | None
    not_after: int | None


class AuditLine(Struct, frozen=True):
    """A line of the log; `at` in ms. `is_signed`: a signed head names it.

    `name`: of the person with the id `who`. `has_words`: the catalogues have words for the act; an act of an older
    version is shown as its code.
    """

    n: int
    at: int
    who: str
    name: str
    what: str
    has_words: bool
    about: str
    is_signed: bool


class Audit(Struct, frozen=True):
    """A page of the log, the newest line first; `older`, `newer`: where the next page begins."""

    lines: list[AuditLine]
    older: int | None
    newer: int | None


def health(checks: Sequence[Check], at: int) -> Health:
    """Return the findings that are not a consequence of another, each with its consequences."""
    found = [
        Finding(
            group.cause.id, group.cause.status, "" if group.cause.entity == "gateway" else group.cause.entity,
            group.cause.text, group.cause.next, sorted({(each.id, each.text) for each in group.follows}),
        )
        for group in groups(checks)
    ]  # fmt: skip
    names = {check.id for check in checks}
    return Health(at, found, len(names - {check.id for check in checks if check.status != "ok"}), len(names))


def peer(line: dict[str, Any]) -> Peer:
    """Return the line of a member in the list."""
    frames = line["frames"]
    missing = frames["missing"] + frames["withheld"] + frames["lost"] + line["waiting"]
    return Peer(
        line["member"], line["up"], ms(line["last_heartbeat"]), line["complete"], missing, line["trust_version"]
    )


def peer_in_full(line: dict[str, Any], requested: int | None) -> PeerInFull:
    """Return the same with every missing range."""
    found = [
        Range(channel["realm"], channel["channel"] == "all", epoch["epoch"][:16], state, _spans(epoch[state]))
        for channel in line["channels"]
        for epoch in channel["ranges"]
        for state in ("missing", "withheld", "lost")
        if epoch[state]
    ]
    bundle = line["bundle"]
    return PeerInFull(
        peer(line), line["frames"]["held"], line["clock_offset_seconds"], ms(bundle["not_after"]) if bundle else None,
        found, requested,
    )  # fmt: skip


def _spans(spans: list[Any]) -> str:
    pairs = [(each["first"], each["last"]) if isinstance(each, dict) else (each[0], each[1]) for each in spans]
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in pairs)


def token(row: dict[str, Any]) -> TokenLine:
    """Return a row of the list of tokens."""
    return TokenLine(
        row["name"], row["state"], row["scopes"], row["roles"], row["user"] or "", row["maker"] or "",
        row["last_used_at"], row["expires_at"], row["void"] and row["state"] == "active",
    )  # fmt: skip


def key(row: dict[str, Any]) -> KeyLine:
    """Return a row of the list of keys."""
    kid = bytes.fromhex(row["kid"]).hex(" ", 2)  # in groups, as it is read over a telephone
    return KeyLine(row["key"], kid, row["state"], ms(row["not_before"]), ms(row["not_after"]))


def audit(page: dict[str, Any], after: int, last: int, size: int, people: Mapping[str, str]) -> Audit:
    """Return the lines after `after`, of a log of `last` lines; `people`: their names by id."""
    signed = {head["head"] for head in page["heads"]}
    lines = [
        AuditLine(
            each["n"], each["at"], each["who"], people.get(each["who"], ""), each["what"],
            f"act-{each['what']}" in ACT_WORDS, each["about"], each["n"] in signed,
        )
        for each in reversed(page["lines"])
    ]  # fmt: skip
    newer = min(after + size, max(0, last - size)) if after + size < last else None
    return Audit(lines, max(0, after - size) if after else None, newer)


def ms(text: str | None) -> int | None:
    """Return an instant of the standard in ms."""
    return None if text is None else milliseconds(text)
