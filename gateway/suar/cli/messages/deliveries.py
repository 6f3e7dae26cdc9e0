"""`suar deliveries`: the delivery state of a message at each member."""

import time
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call
from suar.cli.base.common import command, emit, id_argument, json_option, state_option
from suar.cli.base.local_time import short
from suar.cli.base.reader import of_others, who_did
from suar.cli.base.terminal import json_line, visible
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import BANNER, is_exercise
from suar.protocol.base.stages import ARRIVED, HELD_BY_LAW, RECALLED, TIMED, implied

COLUMNS: Final = ("member", "state", *TIMED, "refused")
EXPORT_COLUMNS: Final = ("agency", "rev", "first given")
EVERY: Final = 0.5  # seconds between two checks
UNSTATED: Final = "not stated"  # a stage that a later one implies
_READ: Final = {"acted on": ARRIVED[-1:], "acknowledged": ARRIVED[-2:], "opened": ARRIVED[-3:]}
"""States of `suar deliveries` for a recalled text -> the stages that state them."""
ENDED: Final = ("refused", HELD_BY_LAW, RECALLED, "rejected")


@command("deliveries", example="suar deliveries TH-ALERT-2027-000042 --follow --state th")
@id_argument
@click.option(
    "--follow",
    is_flag=True,
    help="Print the state again at each change, until every member has reached the stage --until.",
)
@click.option(
    "--until",
    type=click.Choice((*TIMED[1:], HELD_BY_LAW)),
    default="stored",
    show_default=True,
    help="The stage at which --follow ends; held-by-law: where each member has recalled it or states a legal hold. "
    "With recalled it ends with exit code 1 where a member states one.",
)
@click.option("--rev", type=click.IntRange(1), help="The revision. Default: the latest.")
@click.option(
    "--agencies", is_flag=True,
    help="Show instead which agencies of this member received the message, which may be another member's.",
)  # fmt: skip
@state_option
@json_option
def deliveries(id_: str, follow: bool, until: str, rev: int | None, agencies: bool, state: Path, as_json: bool) -> None:
    """Show when each member reached each stage, according to the members' signed receipts.

    `not stated` is a stage that a later one implies: a member that acts has opened it. Times are in the zone of this
    machine, followed by UTC. For a recall it also shows which members had opened, acknowledged or acted on the recalled
    text. With --agencies it shows when an agency here first received a text of the message: only this member sees that.
    """
    if agencies:
        if follow:
            raise click.UsageError("--agencies shows what was given until now: leave --follow out")
        _print_recipients(call(state, "GET", f"/v1/messages/{quote(id_, safe='')}/agencies"), rev, as_json)
        return
    path, last = f"/v1/messages/{quote(id_, safe='')}/deliveries", None
    params = None if rev is None else {"rev": str(rev)}
    while True:
        found = call(state, "GET", path, params=params)
        if found != last:
            _print(found, as_json, follow)
        if not follow or all(_has_reached(member, until) for member in found["members"].values()):
            _require_recalled(found["members"], until if follow else None)
            return
        last = found
        time.sleep(EVERY)


def _require_recalled(members: dict[str, Any], until: str | None) -> None:
    """Raise Fault if every member was to have recalled it, and some keep it under a legal hold."""
    kept = [code for code, member in sorted(members.items()) if member.get("state") == HELD_BY_LAW]
    if until == RECALLED and kept:
        text = f"{', '.join(kept)} did not recall it: a legal hold makes them keep the text, as they state"
        raise Fault(text, "`recalled` follows when the hold ends; until then: --until held-by-law")


def _print_recipients(found: dict[str, Any], rev: int | None, as_json: bool) -> None:
    """Print which agencies received it, of one revision or of all."""
    rows = [each for each in found["given"] if rev is None or each["rev"] == rev]
    if as_json:
        emit({**found, "given": rows}, as_json)
        return
    if is_exercise(found["status"]):
        click.echo(f"*** {BANNER} ***")
    if rows:
        tables.show_plain(
            EXPORT_COLUMNS, [[each["agency"], each["rev"], short(each["at"], with_year=True)] for each in rows]
        )
    else:
        click.echo(visible(f"no agency of this member was given {found['id']}"))


def _print(found: dict[str, Any], as_json: bool, follow: bool) -> None:
    if as_json and follow:
        click.echo(json_line(found))
    elif as_json:
        emit(found, as_json)
    else:
        if is_exercise(found.get("status")):
            click.echo(f"*** {BANNER} ***")
        for line in _head(found):
            click.echo(visible(line))
        members = sorted(found["members"].items())
        tables.show_plain(COLUMNS, [_cells(code, member) for code, member in members])
        for code, member in members:
            for line in _answers(code, member):
                click.echo(visible(line))
        for line in [*_owed(found), *_kept(members), *_before(found)]:
            click.echo(visible(line))


def _head(found: dict[str, Any]) -> list[str]:
    """Print what it is about, until when an answer is requested, and how many members reached each stage."""
    title, by, counts = found.get("title"), found.get("acknowledge_by"), found.get("counts")
    lines = [f"{found['id']} rev {found['rev']}"]
    lines += [of_others(title)] if title else []
    if rejected := found.get("rejected"):
        lines.append(
            f"{who_did(rejected['by'])} rejected it, {short(rejected['at'])}; it never left, and its text is destroyed:"
        )
        lines.append(f"  {rejected['reason']}")
    if by:
        lines.append(f"to be acknowledged by {short(by)}")
    if counts:
        parts = [f"{counts[stage]} of {counts['of']} {stage}" for stage in ARRIVED]
        ends = [name for name in ("held_by_law", "recalled", "refused", "overdue") if counts.get(name)]
        parts += [f"{counts[name]} {name.replace('_', ' ')}" for name in ends]
        lines.append(", ".join(parts))
    return lines


def _answers(code: str, member: dict[str, Any]) -> list[str]:
    """Print who stated what at a member: each stage with the role, and its note."""
    notes = {(each["stage"], each["role"]): each["note"] for each in member.get("notes", ())}
    lines = []
    for each in member.get("roles") or member.get("notes", ()):
        note = notes.get((each["stage"], each["role"]))
        lines.append(f"{code} {each['stage']}, {each['role']}, {short(each['at'])}{':' if note else ''}")
        lines += [of_others(note)] if note else []
    return lines


def _owed(found: dict[str, Any]) -> list[str]:
    """Return, of a recall, the members that had a text and do not have the cancel yet, because they were suspended when
    it was sent.
    """
    if found.get("action") != "cancel":
        return []
    is_owed = (code for code, member in sorted(found["members"].items()) if member.get("state") == "owed")
    return [f"{code} is owed the cancel: a text went to it, and it is or was suspended" for code in is_owed]


def _kept(members: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """Return what a legal hold keeps at a member; of a recall also how often the text was exported there before."""
    lines = []
    for code, member in members:
        if since := _standing_hold(member):
            lines.append(f"{code} stated on {since} that a legal hold makes it keep the text, also after a recall")
        if member.get("held_by_law") and not member.get("recalled"):
            since = short(member["held_by_law"])
            lines.append(f"{code} states that a legal hold makes it keep the recalled text, hidden, since {since}")
        if member.get("exports"):
            often = "once" if member["exports"] == 1 else f"{member['exports']} times"
            lines.append(f"{code} states that it exported the recalled text before its recall: {often}")
    return lines


def _standing_hold(member: dict[str, Any]) -> str | None:
    """Return when a member stated that a legal hold is in force; None for a text that is recalled."""
    if member.get("held_by_law") or member.get("recalled"):
        return None
    return next((short(each["at"]) for each in member.get("roles", ()) if each["stage"] == HELD_BY_LAW), None)


def _before(found: dict[str, Any]) -> list[str]:
    """Return, of a recall, who had acted on the recalled text, acknowledged and opened it, and who never did.

    A member that acts has acknowledged and opened it, whether it stated that or not.
    """
    if found.get("action") != "cancel":
        return []
    known = {code: member.get("before") or {} for code, member in sorted(found["members"].items())}
    groups = [(name, _members_at(known, stages)) for name, stages in _READ.items()]
    groups.append(("not opened", [code for code, times in known.items() if not any(times.values())]))
    return ["before its recall the text was", *(f"  {stage} by {', '.join(who) or 'nobody'}" for stage, who in groups)]


def _cells(code: str, member: dict[str, Any]) -> list[object]:
    refused, missing = member.get("refused"), member.get("missing")
    state = f"{member['state']}, overdue" if member.get("overdue") else member["state"]
    if missing:  # the row states it; our answer: sent again, sealed again, or the code of the refusal
        state += f", missing there ({missing['answer']})"
    unstated = implied(member)
    times = (UNSTATED if name in unstated else short(member.get(name)) for name in COLUMNS[2:-1])
    return [code, state, *times, refused["code"] if refused else None]


def _has_reached(member: dict[str, Any], until: str) -> bool:
    if until == HELD_BY_LAW:
        return member.get("state") in ENDED
    later = TIMED[TIMED.index(until) :]
    return member.get("state") in ENDED or any(member.get(stage) for stage in later)


def _members_at(known: dict[str, dict[str, str | None]], stages: tuple[str, ...]) -> list[str]:
    """Return the members that reached the first of the stages or a later one, each with when it stated that one."""
    reached = {code: times for code, times in known.items() if any(times.get(stage) for stage in stages)}
    when = {code: times.get(stages[0]) for code, times in reached.items()}
    return [f"{code} ({short(at) if at else UNSTATED})" for code, at in when.items()]
