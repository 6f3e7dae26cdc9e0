"""The part of a message that decides who may read it: kind, origin, realm, TLP, handling labels, audience, expiry.

It is computed from a message or from its JSON values and never raises an exception. Unknown values are read as the
strictest (messages.md section 2): an unknown TLP as RED, an unknown handling label as originator-consent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from msgspec import UNSET

from suar.protocol.base.codelists import RECEIPT, listed

ALL: Final = "all"
TLPS: Final = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
"""The levels of TLP 2.0, from the widest to the narrowest audience."""
ORIGINATOR_CONSENT: Final = "originator-consent"
_RANK: Final = {name: rank for rank, name in enumerate(TLPS)} | {"WHITE": 0}


class Marking(NamedTuple):
    """The values that decide who may read a message.

    `members` None means all, `sectors` None means every sector. `is_record`: a receipt, or the head of a destroyed
    message.
    """

    kind: str
    origin: str
    realm: str
    tlp: str
    handling: frozenset[str] = frozenset()
    members: frozenset[str] | None = None
    sectors: frozenset[str] | None = None
    expires: str = ""
    is_record: bool = False


def rank(tlp: str, unknown: int = len(TLPS) - 1) -> int:
    """Return the index of a TLP in TLPS; for an unknown one `unknown`, by default that of RED."""
    return _RANK.get(tlp, unknown)


def marking_of(message: object) -> Marking | None:
    """Return the marking of a message of any kind and minor, or None for anything else."""
    config = getattr(message, "__struct_config__", None)
    try:
        return _marking(getattr(config, "tag", None), lambda name: getattr(message, name, UNSET), _field)
    except (AttributeError, TypeError):
        return None


def marking_of_tree(tree: Mapping[str, Any]) -> Marking | None:
    """Return the marking of a message given as JSON values, or None for anything else."""
    try:
        return _marking(tree.get("kind"), lambda name: tree.get(name, UNSET), _entry)
    except (AttributeError, TypeError):
        return None


def widened(now: Marking, before: Marking) -> tuple[str, ...]:
    """Return the paths of the fields that admit readers whom `before` excludes: TLP, labels, audience."""
    paths = {
        "$.tlp": rank(now.tlp) < rank(before.tlp),
        "$.handling": not before.handling <= now.handling,
        "$.audience": _is_wider(now.members, before.members) or _is_wider(now.sectors, before.sectors),
    }
    return tuple(path for path, is_wider in paths.items() if is_wider)


def _is_wider(now: frozenset[str] | None, before: frozenset[str] | None) -> bool:
    """Whether `now` names some that `before` does not; None means all."""
    return before is not None and (now is None or not now <= before)


def head(kind: str, origin: str, realm: str) -> Marking:
    """Return the marking of a message whose text was destroyed; its TLP no longer matters."""
    return Marking(kind, origin, realm, TLPS[0], is_record=True)


def _field(value: Any, name: str) -> Any:
    return getattr(value, name)


def _entry(value: Any, name: str) -> Any:
    return value.get(name, UNSET)


def _marking(kind: Any, get: Callable[[str], Any], inner: Callable[[Any, str], Any]) -> Marking | None:
    """Return the marking. Raises AttributeError or TypeError if a value has another type."""
    realm = get("status")
    if kind == RECEIPT:
        member = get("member")
        return head(kind, member, realm) if isinstance(member, str) and isinstance(realm, str) else None
    id_, tlp, expires, audience = get("id"), get("tlp"), get("expires"), get("audience")
    if not all(isinstance(value, str) for value in (kind, realm, id_, tlp, expires)):
        return None
    named, sectors, labels = inner(audience, "members"), inner(audience, "sectors"), get("handling")
    return Marking(
        kind, id_[:2], realm, tlp,
        frozenset() if labels is UNSET else _known(_words(labels)),
        None if named == ALL else _words(named),
        None if sectors is UNSET else _words(sectors),
        expires,
    )  # fmt: skip


def _words(value: Any) -> frozenset[str]:
    """Return the words of a list. Raises TypeError for anything else."""
    if not isinstance(value, list | tuple):
        raise TypeError(value)
    return frozenset(value)


def _known(labels: frozenset[str]) -> frozenset[str]:
    known = listed("handling")
    return labels if labels <= known else (labels & known) | {ORIGINATOR_CONSENT}
