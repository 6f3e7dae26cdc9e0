"""What a file of evidence proves and does not prove, for programs and in plain words."""

import sys
from collections.abc import Iterator, Sequence
from textwrap import indent
from typing import TYPE_CHECKING, Any

from suar.cli.base.reader import of_others, room
from suar.cli.base.terminal import quoted
from suar.cli.messages.evidence.findings import (
    contradiction_lines,
    findings,
    is_only_replaced,
    key_lines,
    recipient_lines,
    title_of,
    witness_lines,
)
from suar.federation.summary import grouped
from suar.protocol.base.exercise import BANNER, is_exercise, marked
from suar.protocol.base.instants import claimed_at
from suar.protocol.base.stages import OPENED, UNREAD

if TYPE_CHECKING:
    from suar.languages.catalogue import Catalogue
    from suar.languages.tags import Language
    from suar.protocol.files.proof import Proved, ProvedFrame
    from suar.protocol.files.stamps import Judgement, Moment


def summary(proved: "Proved", layers: Sequence["Judgement"] = ()) -> dict[str, Any]:
    """What a file proves, as `--json` has it; `layers`: what the tokens of its container give."""
    from suar.protocol.message.messages import kind_of
    from suar.protocol.transport.content import digest

    message, origin = proved.message, proved.origin
    return {
        "proved": True, "id": message.id, "rev": message.rev, "kind": kind_of(message), "action": message.action,
        "title": message.text[0].title, "status": message.status, "sent": message.sent,
        **findings(proved),
        "without_cancel": [
            {"member": each.receipt.member, "stage": each.receipt.stage} for each in proved.recalled_without_cancel
        ],
        "origin": origin.code, "name": origin.name, "tlp": message.tlp, "digest": digest(proved.data).hex(),
        "trust": {"pinned": proved.pinned, "last": proved.lists[-1].version},
        "revocation": _revocation(proved),
        "time": {"proved": proved.moment is not None, "not_later_than": _instant(proved.moment)},
        "time_stamps": [{"why": each.why, "weak": each.weak or None} for each in proved.tokens_without_time],
        "container": [_instant(each.moment) for each in layers],
        "tokens": [{"why": each.why or None, "weak": each.weak or None} for each in layers],
        "later": [
            {
                "rev": one.message.rev, "action": one.message.action, "digest": digest(one.data).hex(),
                "frame": one.frame.hash.hex(), "at": claimed_at(one.frame.parsed.ts), "proved": one.is_proved,
                "not_later_than": _time_of(proved, one.frame), "key": one.frame.epoch.kid.hex(),
                "sealed_to": [each.member for each in one.frame.epoch.epoch.recipients],
            }
            for one in proved.later
        ],
        "author": [
            {"who": one.who, "what": one.what, "about": one.about, "at": claimed_at(one.at)} for one in proved.lines
        ],
        "frames": [
            {
                "hash": each.hash.hex(), "channel": each.epoch.epoch.channel, "at": claimed_at(each.parsed.ts),
                "place": each.content_index, "messages": each.parsed.count, "key": each.epoch.kid.hex(),
                "sealed_to": [one.member for one in each.epoch.epoch.recipients],
                "proved": proved.is_valid(each), "not_later_than": _time_of(proved, each),
            }
            for each in proved.frames
        ],
        "receipts": [_receipt(proved, n) for n in range(len(proved.receipts))],
        "witnesses": [
            {
                "member": one.member, "at": claimed_at(one.frame.parsed.ts), "frame": one.about.hash.hex(),
                "head": one.head.hash.hex(), "number": one.head.frames, "epoch": one.head.epoch_id.hex(),
                "later": one.is_later, "proved": one.is_proved, "valid": one.is_valid,
                "key": one.frame.epoch.kid.hex(),
            }
            for one in proved.witnesses
        ],
    }  # fmt: skip


def _receipt(proved: "Proved", n: int) -> dict[str, Any]:
    from msgspec import UNSET

    from suar.protocol.files.proof import is_late

    one = proved.receipts[n]
    return {
        "member": one.receipt.member, "stage": one.receipt.stage, "at": one.receipt.at,
        "sealed": claimed_at(one.frame.parsed.ts), "late": is_late(one),
        "role": None if one.receipt.role is UNSET else one.receipt.role,
        "code": None if one.receipt.code is UNSET else one.receipt.code,
        "note": None if one.receipt.note is UNSET else one.receipt.note,
        "proved": one.is_proved, "not_later_than": _time_of(proved, one.frame), "key": one.frame.epoch.kid.hex(),
    }  # fmt: skip


def _revocation(proved: "Proved") -> dict[str, Any]:
    checked = proved.standing.checked
    return {
        "checked": checked.is_whole, "list": checked.list_version,
        "list_issued": None if checked.issued is None else claimed_at(checked.issued), "revokes": checked.revokes,
        "older": checked.is_older, "own_history": checked.is_own, "revoked_later": proved.is_later_revoked,
        "suspended": checked.list_version is not None and proved.standing.is_suspended(proved.origin.code),
    }  # fmt: skip


def _time_of(proved: "Proved", frame: "ProvedFrame") -> str | None:
    from suar.protocol.files.stamps import FRAME

    return _instant(proved.standing.moment(FRAME, frame.hash))


def _instant(moment: "Moment | None") -> str | None:
    """Return the time by which it existed, rounded up."""
    return None if moment is None else claimed_at(moment.latest + 999)


def lines(shown: dict[str, Any], lang: "Language") -> list[str]:
    """Yield lines for people, in their language: one for each fact, and at the end what is proved and what is not."""
    from suar.languages.catalogue import load

    catalogue = load(lang.tag)
    banner = [f"*** {BANNER} ***"] if is_exercise(shown["status"]) else []
    name = "proved-cancel" if shown["action"] == "cancel" else "proved"
    head = catalogue.evidence(name, id=shown["id"], rev=shown["rev"], tlp=shown["tlp"], member=shown["origin"])
    cancels = [one for one in shown["later"] if one["proved"] and one["action"] == "cancel"]
    head += "".join(f"; {catalogue.evidence('is-cancelled', rev=one['rev'])}" for one in cancels[:1])
    title = title_of(shown, lang)
    facts = [
        *contradiction_lines(shown, catalogue),
        *(catalogue.evidence("no-cancel", **each) for each in shown["without_cancel"]),
        _text(quoted(title["title"]), shown, catalogue),
        *([catalogue.evidence("generated")] if title["generated"] else ()),
        catalogue.evidence("sent", at=shown["sent"]),
        *_frames(shown, catalogue),
        *recipient_lines(shown, catalogue),
        *_receipts(shown, catalogue),
        *witness_lines(shown, catalogue),
    ]
    facts += _of_trust(shown, catalogue)
    found = [*banner, marked(head, shown["status"]), *(indent(line, "  ") for line in facts)]
    for heading, entries in (("proves", _proves(shown)), ("not", _not_proved(shown))):
        found.append(catalogue.evidence(heading))
        found += [f"  - {catalogue.evidence(name, **values)}" for name, values in entries]
    return [*found, catalogue.evidence("rendered")]


def _text(title: str, shown: dict[str, Any], catalogue: "Catalogue") -> str:
    """Return the line about the text, with its title at the end."""
    return _ended_by(catalogue.evidence("text", digest=shown["digest"], title="").rstrip(), title)


def _ended_by(line: str, text: str) -> str:
    """Return a line of ours with a text of somebody else at its end; a terminal that would wrap it gets the text below,
    marked as somebody else's.
    """
    from suar.languages.rendering.wrap import width

    if not sys.stdout.isatty() or width(f"{line} {text}") < room() - 2:
        return f"{line} {text}"
    return f"{line}\n{of_others(text)}"


def _frames(shown: dict[str, Any], catalogue: "Catalogue") -> Iterator[str]:
    for each in shown["frames"]:
        others = ", ".join(code for code in each["sealed_to"] if code != shown["origin"])
        values = {"number": each["place"] + 1, "count": each["messages"], "members": others or shown["origin"]}
        yield catalogue.evidence("frame", at=_at(each, catalogue), **values)
        doubt = _doubt(each, shown, catalogue)
        yield catalogue.evidence("key", frame=each["hash"], key=grouped(each["key"])) + doubt
    for one in shown["later"]:
        doubt = _doubt(one, shown, catalogue)
        name = "cancelled" if one["action"] == "cancel" else "updated"
        yield catalogue.evidence(name, rev=one["rev"], at=_at(one, catalogue), frame=one["frame"]) + doubt


def _doubt(one: dict[str, Any], shown: dict[str, Any], catalogue: "Catalogue") -> str:
    """Return what is added to a part whose key counts as revoked, without proof that the part is older."""
    name = "replaced" if is_only_replaced(shown, one["key"]) else "revoked"
    return "" if one["proved"] else f"; {catalogue.evidence(name)}"


def _receipts(shown: dict[str, Any], catalogue: "Catalogue") -> Iterator[str]:
    for one in shown["receipts"]:
        code = "".join(f" ({each})" for each in (one["role"], one["code"]) if each)
        doubt = _doubt(one, shown, catalogue)
        sealed = f" {catalogue.evidence('late', at=one['sealed'])}" if one["late"] else ""
        text = catalogue.evidence("receipt", member=one["member"], stage=one["stage"], at=_at(one, catalogue))
        by = f" ({catalogue.evidence('by-gateway')})" if one["stage"] == OPENED else ""
        line = text + sealed + by + code + doubt
        yield _ended_by(line, quoted(one["note"])) if one["note"] else line


def _at(each: dict[str, Any], catalogue: "Catalogue") -> str:
    """Return a time with its source: claimed by its signer, or proved by an authority."""
    if each["not_later_than"] is None:
        return catalogue.evidence("claimed", at=each["at"])
    return catalogue.evidence("dated", at=each["at"], proved=each["not_later_than"])


def _of_trust(shown: dict[str, Any], catalogue: "Catalogue") -> Iterator[str]:
    trust, found, time = shown["trust"], shown["revocation"], shown["time"]
    yield catalogue.evidence("trust", last=trust["last"], pinned=trust["pinned"])
    yield from _of_revocation(shown, catalogue)
    yield from key_lines(shown, catalogue)
    if found["suspended"]:
        yield catalogue.evidence("suspended", member=shown["origin"], list=found["list"])
    proved = catalogue.evidence("time", at=time["not_later_than"]) if time["proved"] else catalogue.evidence("no-time")
    yield proved
    for one in shown["time_stamps"]:
        yield catalogue.evidence("no-stamp", why=_why(one, catalogue))
    for n, (at, one) in enumerate(zip(shown["container"], shown["tokens"], strict=True), 1):
        if at:
            yield catalogue.evidence("layer", number=n, at=at)
        else:
            yield catalogue.evidence("no-layer", number=n, why=_why(one, catalogue))
    for one in shown["author"]:
        facts = {
            "who": quoted(one["who"]),
            "at": catalogue.evidence("claimed", at=one["at"]),
            "what": _act(one, shown),
            "member": shown["origin"],
        }
        yield catalogue.evidence("author", **facts)


def _of_revocation(shown: dict[str, Any], catalogue: "Catalogue") -> Iterator[str]:
    """Yield what the verifier gave, and what it says of each key by which the message is proved."""
    found = shown["revocation"]
    if found["list"] is not None or found["revokes"] is not None:
        none = catalogue.evidence("not-given")
        newest = none if found["list"] is None else f"{found['list']} ({found['list_issued']})"
        yield catalogue.evidence("given", list=newest, count=none if found["revokes"] is None else found["revokes"])
    if found["older"]:
        yield catalogue.evidence("older-list")
    if found["own_history"]:
        yield catalogue.evidence("own-history")
    if not found["checked"]:
        yield catalogue.evidence("unchecked")
    if found["revoked_later"]:
        found_keys = {each["key"] for each in shown["frames"]} & {each["key"] for each in shown["keys"]}
        is_replaced = all(is_only_replaced(shown, kid) for kid in found_keys)
        yield catalogue.evidence("replaced-later" if is_replaced else "revoked-later")
    elif found["checked"]:
        last = max(found["list"], shown["trust"]["last"])
        for key in dict.fromkeys(each["key"] for each in shown["frames"] if each["proved"]):
            yield catalogue.evidence("in-force", list=last, key=grouped(key), member=shown["origin"])


def _why(one: dict[str, Any], catalogue: "Catalogue") -> str:
    """Return why a token gives no time."""
    from suar.protocol.files.tokens.strength import FLOOR

    return catalogue.evidence(f"why-{one['why']}", weak=one["weak"], floor=FLOOR)


def _act(one: dict[str, Any], shown: dict[str, Any]) -> str:
    """Return what was done; if the line is about another revision or text than this one, with what it is about."""
    what, about = quoted(one["what"]), one["about"]
    is_of_this = about in (shown["id"], f"{shown['id']} {shown['rev']} {shown['digest']}")
    return what if is_of_this else f"{what} ({quoted(about)})"


Lines = Iterator[tuple[str, dict[str, Any]]]


def _proves(shown: dict[str, Any]) -> Lines:
    yield "proves-text", _named_by(shown)
    if any(one["proved"] for one in shown["receipts"]):
        yield "proves-receipts", {}
    if shown["time"]["proved"]:
        yield "proves-time", {"at": shown["time"]["not_later_than"]}


def _named_by(shown: dict[str, Any]) -> dict[str, Any]:
    """Return the member, and the trust lists whose roots name its key."""
    return {"member": shown["origin"], "list": ", ".join(map(str, shown["roots"]["lists"]))}


def _not_proved(shown: dict[str, Any]) -> Lines:
    yield "not-author", {"member": shown["origin"]}
    yield "not-owner", _named_by(shown)
    yield "not-custody", {"member": shown["origin"]}
    has_arrived = any(one["proved"] and one["stage"] not in UNREAD for one in shown["receipts"])
    yield ("not-others", {"stages": ", ".join(UNREAD)}) if has_arrived else ("not-recipients", {})
    yield "not-complete", {}
    if shown["container"]:
        yield "not-container", {"member": shown["origin"]}
    yield "not-time", {}  # a token proves only by when the message existed
    yield "not-later" if shown["revocation"]["checked"] else "not-revocation", {}
    yield "not-true", {}
