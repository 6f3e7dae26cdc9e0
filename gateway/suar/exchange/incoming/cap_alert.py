"""Converts a CAP alert to an alert of the standard; the importing person supplies the fields that CAP does not have.

CAP has no desk, audience, TLP, source grading or event codes. A file of defaults, or options, supply them, and all
missing ones are reported together. The words of CAP's event are looked up in the defaults, never guessed.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from suar import toml_file
from suar.exchange.files.bounds import MAP_BYTES_MAX
from suar.exchange.incoming.cap_in import NO_SUMMARY, CapAlert
from suar.exchange.outgoing.cap_words import ACTION, LEVELS, REQUEST, STATUS
from suar.files import read_bounded
from suar.protocol.authoring.imported import FIELD
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import unmarked
from suar.protocol.base.instants import instant
from suar.protocol.base.primitives import EXERCISE
from suar.protocol.base.wire import built
from suar.protocol.message.marking import rank

REQUESTS_MAX: Final = 5
VALID_DAYS: Final = 14  # validity if neither the file nor the defaults state it


class Issuer(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The body of this member that issues the alert."""

    body: str = ""
    sector: str = ""


class Defaults(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Values that a CAP file does not have: from a TOML file, overridden by the options of the command.

    `events`: words of CAP's event -> event codes. `event`: the code if none of them matches. `role`: the role of the
    locations in the file. The source is graded F6 (cannot be judged) until somebody grades it.
    """

    desk: str = ""
    event: str = ""
    events: dict[str, str] = field(default_factory=dict)
    tlp: str = "AMBER"
    handling: tuple[str, ...] = ()
    audience: dict[str, Any] = field(default_factory=dict)
    issuer: Issuer = Issuer()
    source: dict[str, Any] = field(
        default_factory=lambda: {"type": "partner-state", "reliability": "F", "credibility": 6}
    )
    request: tuple[dict[str, Any], ...] = ()
    places: tuple[dict[str, str], ...] = ()
    role: str = "detection"
    ack_within: int = 24
    valid_days: int = VALID_DAYS
    id: str = ""
    reason: str = ""
    urgency: str = ""
    severity: str = ""
    certainty: str = ""


built(Defaults)


def read_defaults(path: Path | None, options: Mapping[str, Any]) -> Defaults:
    """Return the defaults of a file (None: no file), overridden by the options. Raises Fault with file and key."""
    found = Defaults()
    if path is not None:
        data = read_bounded(path)
        if len(data) > MAP_BYTES_MAX:
            raise Fault(f"the defaults {path} are larger than {MAP_BYTES_MAX // 1024} KiB", "is it the right file?")
        what, hint = f"the defaults {path}", "docs/formats.md explains the keys"
        found = toml_file.fill(Defaults, toml_file.parse(data, what, hint), what, hint)
    values = {name: value for name, value in options.items() if value and name not in ("body", "sector")}
    issuer = Issuer(body=options.get("body") or found.issuer.body, sector=options.get("sector") or found.issuer.sector)
    return replace(found, issuer=issuer, **values)


def as_alert(cap: CapAlert, defaults: Defaults, now: int) -> dict[str, Any]:
    """Return the draft of the alert. `now`: in ms.

    Raises Fault if the file is not such an alert, or with every missing field and its option.
    """
    statuses = {theirs: ours for ours, theirs in STATUS.items()}
    actions = {theirs: ours for ours, theirs in ACTION.items()}
    if cap.status not in statuses:
        text = f"/alert/status[1]: a CAP alert of status {cap.status} is no message for others"
        raise Fault(text, "Actual and Exercise are imported")
    if cap.msg_type not in actions:
        text = f"/alert/msgType[1]: {cap.msg_type} is about a transmission, not an event"
        raise Fault(text, "our gateways send receipts of their own; Alert, Update and Cancel are imported")
    action = actions[cap.msg_type]
    if cap.tlp and rank(cap.tlp) > rank(defaults.tlp):
        text = f"the file is TLP:{cap.tlp}, and the alert would be TLP:{defaults.tlp}"
        raise Fault(text, f"give --tlp {cap.tlp}: only the source may lower it")
    _complete(cap, defaults, action)
    alert: dict[str, Any] = {
        FIELD: cap.format,
        "kind": "alert",
        "action": action,
        "status": statuses[cap.status],
        "issuer": {"body": defaults.issuer.body, "sector": defaults.issuer.sector},
        **_times(cap, defaults, now),
        "tlp": defaults.tlp,
        "audience": _audience(cap, defaults),
        **_levels(cap, defaults),
        "event": _event(cap, defaults),
        "request": _requests(cap, defaults),
        "source": defaults.source,
        "desk": defaults.desk or cap.ours.get("desk", ""),
    }
    optional = {
        "id": defaults.id,
        "reason": defaults.reason,
        "handling": list(defaults.handling) or cap.ours.get("handling", "").split(),
        "text": _texts(cap),
        "places": list(defaults.places)
        or [{"role": _role(cap, at, defaults), **place} for at, place in enumerate(cap.places)],
        "ack_within": _ack_within(cap, defaults),
        "onset": cap.ours.get("onset") or cap.times.get("onset"),
    }
    return alert | {name: value for name, value in optional.items() if value}


def _levels(cap: CapAlert, defaults: Defaults) -> dict[str, str]:
    return {name: cap.levels.get(name) or getattr(defaults, name) for name in LEVELS}


def _event(cap: CapAlert, defaults: Defaults) -> str:
    return defaults.events.get(cap.event) or defaults.event or cap.ours.get("event", "")


def _audience(cap: CapAlert, defaults: Defaults) -> dict[str, Any]:
    return defaults.audience or ({"members": cap.members} if cap.members else {})


def _complete(cap: CapAlert, defaults: Defaults, action: str) -> None:
    """Raise Fault with all missing fields in one sentence."""
    required = {
        f"the alert event of '{cap.event}' (--event, or [events] of the defaults)": _event(cap, defaults),
        "the desk (--desk, the id of one of your contact messages)": defaults.desk or cap.ours.get("desk"),
        "the audience (--to all, or members)": _audience(cap, defaults),
        "the issuing body (--body)": defaults.issuer.body,
        "its sector (--sector)": defaults.issuer.sector,
        "the id that it is about (--id)": action == "new" or defaults.id,
        "the reason of the cancel (--reason)": action != "cancel" or defaults.reason,
    }
    required |= {f"its {name} (--{name})": level for name, level in _levels(cap, defaults).items()}
    missing = [what for what, value in required.items() if not value]
    if missing:
        hint = f"give the options, or a file with --defaults; `suar import {cap.format} --help` shows one"
        raise Fault(f"{cap.format.upper()} does not say, and an alert needs: {'; '.join(missing)}", hint)


def _times(cap: CapAlert, defaults: Defaults, now: int) -> dict[str, str]:
    """Return the times of the alert; it expires as in the file if that is in the future, else by the defaults."""
    moment = instant(now)
    expires = cap.times.get("expires", "")
    if expires <= moment:
        end = datetime.fromtimestamp(now // 1000, UTC) + timedelta(days=defaults.valid_days)
        expires = instant(int(end.timestamp()) * 1000)
    effective = cap.times.get("effective", "")
    return {"expires": expires, **({"valid_from": effective} if moment < effective < expires else {})}


def _requests(cap: CapAlert, defaults: Defaults) -> list[dict[str, Any]]:
    if defaults.request:
        return list(defaults.request)
    if "request" in cap.ours:
        return [{"action": action} for action in cap.ours["request"].split()]
    actions = dict.fromkeys(REQUEST.get(response, "information-only") for response in cap.responses)
    return [{"action": action} for action in list(actions)[:REQUESTS_MAX]] or [{"action": "information-only"}]


def _role(cap: CapAlert, at: int, defaults: Defaults) -> str:
    """Return the role of a location; for an export of a gateway, the exported role."""
    roles = cap.ours.get("roles", "").split()
    return roles[at] if at < len(roles) else defaults.role


def _ack_within(cap: CapAlert, defaults: Defaults) -> int | None:
    ours = cap.ours.get("ack_within", "")
    if ours.isascii() and ours.isdigit() and len(ours) <= 3:
        return int(ours)
    return defaults.ack_within if _levels(cap, defaults)["urgency"] == "immediate" else None


def _texts(cap: CapAlert) -> list[dict[str, str]]:
    """Return the texts. A language without title or summary is omitted; English keeps its title with a note.

    If there is no English text, the gateway generates one from the codes.
    """
    texts = [
        {"lang": lang, "title": title or summary[:120], "summary": summary or (NO_SUMMARY if lang == "en" else "")}
        for lang, (title, summary) in _without_mark(cap).items()
        if title or summary
    ]
    return [text for text in texts if text["title"] and text["summary"]]


def _without_mark(cap: CapAlert) -> dict[str, tuple[str, str]]:
    """Return the texts of an exercise without the prefix of its title, because the realm marks it again."""
    if cap.status != STATUS[EXERCISE]:
        return cap.texts
    return {lang: (unmarked(title), summary) for lang, (title, summary) in cap.texts.items()}


def languages_left_out(cap: CapAlert) -> list[str]:
    """Return the languages of the file that are omitted because too little of their text may be used."""
    kept = {text["lang"] for text in _texts(cap)}
    return [lang for lang in cap.texts if lang not in kept]
