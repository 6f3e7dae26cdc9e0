"""What contradicts itself in a file of evidence, and what there is to say of its keys: for programs and for people."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from suar.cli.base.terminal import one_line, quoted
from suar.federation.summary import grouped
from suar.protocol.base.instants import claimed_at

if TYPE_CHECKING:
    from suar.languages.catalogue import Catalogue
    from suar.languages.tags import Language
    from suar.protocol.files.findings.statements import Contradiction, Statement
    from suar.protocol.files.proof import Proved

Shown = dict[str, Any]
FREE: Final = ("what", "who")
"""Values of a statement that its signer chose freely."""


def findings(proved: "Proved") -> Shown:
    """Return the parts of `--json` that are about contradictions, keys, roots and titles."""
    from suar.protocol.files.findings.contradictions import choose_named, contradictions
    from suar.protocol.files.findings.key_status import key_findings

    named = sorted({each.epoch.epoch.trust_version for each in proved.frames})
    found = contradictions(proved)
    shown = choose_named(found)
    return {
        "contradictions": [_contradiction(each) for each in shown],
        "contradictions_more": len(found) - len(shown),
        "keys": [
            {
                "key": each.kid.hex(), "member": each.member, "at": claimed_at(each.at), "list": each.listed_in,
                "revoked_in": each.revoked_in, "revoked_by_owner": each.is_revoked_by_owner,
                "gone_from": each.gone_from,
                "valid_until": _time(each.valid_until), "valid_from": _time(each.valid_from),
                "valid_from_in": each.valid_from_in, "first_at": _time(each.first_at),
            }
            for each in key_findings(proved)
        ],
        "roots": {"lists": named, "changed": _changed_roots(proved, named)},
        "titles": [
            {"lang": each.lang, "title": each.title, "generated": each.generated is True}
            for each in proved.message.text
        ],
    }  # fmt: skip


def _time(at: int | None) -> str | None:
    return None if at is None else claimed_at(at)


def _contradiction(found: "Contradiction") -> Shown:
    """Return a contradiction; two of the names have the keys that they had before `statements` was added."""
    first, second = found.first.values, found.second.values
    more: Shown = {}
    if found.name == "sent-later":
        more = {"frame": second["frame"], "sent": first["at"], "at": second["at"]}
    if found.name == "list-later":
        more = {"frame": first["frame"], "at": first["at"], "list": first["list"], "issued": second["at"]}
    return {"name": found.name, **more, "statements": [_statement(found.first), _statement(found.second)]}


def _statement(one: "Statement") -> Shown:
    return {"name": one.name, **one.values}


def _changed_roots(proved: "Proved", named: list[int]) -> list[int]:
    """Return the versions among those that have other roots than the pinned list."""
    roots = {each.version: {root.kid for root in each.roots} for each in proved.standing.lists}
    return [version for version in named if roots[version] != roots[proved.pinned]]


def contradiction_lines(shown: Shown, catalogue: "Catalogue") -> Iterator[str]:
    """Yield a sentence for each contradiction that is named, and how many more were found."""
    for each in shown["contradictions"]:
        first, second = (_sentence(one, catalogue) for one in each["statements"])
        yield catalogue.evidence("contradict", first=first, second=second)
    if shown["contradictions_more"]:
        yield catalogue.evidence("contradict-more", count=shown["contradictions_more"])


def _sentence(one: Shown, catalogue: "Catalogue") -> str:
    shown = {name: quoted if name in FREE else one_line for name in one}
    values = {name: shown[name](value) if isinstance(value, str) else value for name, value in one.items()}
    return catalogue.evidence(str(values.pop("name")), **values)


def key_lines(shown: Shown, catalogue: "Catalogue") -> Iterator[str]:
    """Yield what lists and Revokes say of the keys, and where the roots of the pinned list are no longer those."""
    for each in shown["keys"]:
        of = {"key": grouped(each["key"]), "member": each["member"]}
        if each["revoked_in"] is not None:
            yield catalogue.evidence("key-revoked-in", list=each["revoked_in"], **of)
        if each["revoked_by_owner"]:
            yield catalogue.evidence("key-revoked-by", **of)
        if each["gone_from"] is not None:
            yield catalogue.evidence("key-replaced", list=each["gone_from"], **of)
        if each["valid_until"] is not None:
            values = {"until": each["valid_until"], "list": each["list"], "at": each["at"]}
            yield catalogue.evidence("key-expired", **values, **of)
        if each["valid_from"] is not None:
            values = {"since": each["valid_from"], "list": each["valid_from_in"], "at": each["first_at"]}
            yield catalogue.evidence("key-early", **values, **of)
    for version in shown["roots"]["changed"]:
        yield catalogue.evidence("roots-changed", list=version, pinned=shown["trust"]["pinned"])


def is_only_replaced(shown: Shown, kid: str) -> bool:
    """Whether a key that counts as revoked is one that a later list no longer has, and that nothing revokes."""
    found = [each for each in shown["keys"] if each["key"] == kid]
    return any(each["revoked_in"] is None and not each["revoked_by_owner"] for each in found)


def title_of(shown: Shown, lang: "Language") -> Shown:
    """Return the title in the reader's language if the message has one, else its first."""
    found: list[Shown] = shown["titles"]
    return next((each for each in found if each["lang"] == lang.tag), found[0])


def recipient_lines(shown: Shown, catalogue: "Catalogue") -> Iterator[str]:
    """Yield which recipients of the message the frame of a later revision does not name."""
    readers = {code for each in shown["frames"] for code in each["sealed_to"]}
    for one in shown["later"]:
        named = set(one["sealed_to"])
        if not named - {shown["origin"]}:
            yield catalogue.evidence("to-nobody", rev=one["rev"], member=shown["origin"])
        elif readers - named:
            yield catalogue.evidence("not-named", rev=one["rev"], members=", ".join(sorted(readers - named)))


def witness_lines(shown: Shown, catalogue: "Catalogue") -> Iterator[str]:
    """Yield which members had the frame by when, by their own word, and each heartbeat that does not show it."""
    first: dict[str, str] = {}
    for one in shown["witnesses"]:
        if one["proved"]:
            first[one["member"]] = min(one["at"], first.get(one["member"], one["at"]))
    if first:
        values = {"count": len(first), "members": ", ".join(sorted(first)), "at": max(first.values())}
        yield catalogue.evidence("witnesses", **values)
    for one in shown["witnesses"]:
        if not one["proved"]:
            values = {name: one[name] for name in ("member", "at", "number", "epoch")}
            named = catalogue.evidence("names-head", frame=one["head"], **values)
            revoked = "replaced" if is_only_replaced(shown, one["key"]) else "revoked"
            yield f"{named}; {catalogue.evidence('no-witness' if one['valid'] else revoked)}"
