"""`suar peers` and `suar resend`: what other members have sent, what of it is missing, and requesting it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call
from suar.cli.base.common import MemberCode, command, emit, json_option, print_notice, state_option
from suar.cli.base.local_time import dated
from suar.cli.base.terminal import visible
from suar.protocol.base import limits
from suar.protocol.base.errors import Fault

COLUMNS: Final = ("member", "up", "silence", "clock", "list", "bundle until", "theirs", "ours", "missing", "complete")
_RANGES: Final = ("missing", "withheld", "lost")


@command("peers", example="suar peers --state th\n  suar peers SG --state th")
@click.argument("member", type=MemberCode(), required=False)
@state_option
@json_option
def peers(member: str | None, state: Path, as_json: bool) -> None:
    """Show the other members: heads, silence, clock, trust list, keys, and the ranges of missing frames.

    THEIRS: what this gateway holds of the frames that the member states it has sent to all. OURS: what the member
    states it has received of the frames sent to all from here. An x stands before those of exercises. Missing: later
    frames have arrived. Withheld: no later frame has arrived, but the sender's signed heartbeat states that the frames
    exist. Lost: the frames were requested, and the sender's signed answer states that it no longer has them. With
    MEMBER, every epoch with missing frames is listed. What only a third member states about a member's frames is listed
    separately under the name of that third member, and has no effect.
    """
    found = [each for each in call(state, "GET", "/v1/peers") if member in (None, each["member"])]
    if member and not found:
        raise Fault(f"{member} is no other active member", "`suar trust show` lists the members")
    if as_json:
        emit(found, as_json)
        return
    tables.show(COLUMNS, [_cells(each) for each in found])
    for each in found:
        for line in _lines(each, in_full=member is not None):
            click.echo(visible(line))


@command("resend", example="suar resend SG --state th")
@click.argument("member", type=MemberCode())
@state_option
@json_option
def resend(member: str, state: Path, as_json: bool) -> None:
    """Request every frame of a member that is known to exist and is missing here.

    The member sends the same bytes again, or answers with the reason for not sending them; `suar peers MEMBER` shows
    the result. The gateway also requests missing frames automatically.
    """
    answer = call(state, "POST", f"/v1/peers/{member}/resend")
    emit(answer, as_json, lambda: "\n".join(_requested_text(answer)))
    if answer["asked"]:
        print_notice(f"what {member} sends again comes in two minutes or more: its server takes no copy sooner")


def _requested_text(answer: dict[str, Any]) -> Iterator[str]:
    if not answer["asked"]:
        yield f"nothing of {answer['member']} is known to be missing"
    for each in answer["asked"]:
        where = _where(each["realm"], each["channel"], each["epoch"])
        is_epoch = each["first"] == limits.FRAMES_AN_EPOCH - 1  # only the epoch, for which frames wait
        what = "the epoch" if is_epoch else f"frames {_span([each['first'], each['last']])}"
        yield f"asked {answer['member']} for {what}, {where}"


def _cells(peer: dict[str, Any]) -> list[object]:
    heads, frames, until = peer["heads"], peer["frames"], peer["bundle"] and peer["bundle"]["not_after"]
    missing = [f"{frames[name]} {name}" for name in _RANGES if frames[name]]
    missing += [f"{peer['waiting']} wait for their epoch"] if peer["waiting"] else []
    missing += [f"about {peer['to_come']} to come"] if peer.get("to_come") else []  # frames that are in our INBOX
    return [
        peer["member"], "yes" if peer["up"] else "no", _seconds(peer["heartbeat_age_seconds"]),
        _seconds(peer["clock_offset_seconds"], sign="+"), peer["trust_version"], until,
        _heads(heads["theirs"], "held"), _heads(heads["ours"], "seen"), ", ".join(missing),
        "yes" if peer["complete"] else "NO",
    ]  # fmt: skip


def _heads(heads: list[dict[str, Any]], part: str) -> str:
    """Return part/whole of each channel to all; an exercise's with an x."""
    entries = []
    for head in heads:
        mark = "x " if head["realm"] == "exercise" else ""
        entries.append(f"{mark}{'?' if head[part] is None else head[part]}/{head['frames']}")
    return ", ".join(entries)


def _seconds(value: float | None, sign: str = "") -> str:
    return "" if value is None else f"{value:{sign}.1f} s"


def _lines(peer: dict[str, Any], *, in_full: bool) -> Iterator[str]:
    """Return the ranges of each incomplete or named epoch; then what others state about its frames."""
    for channel in peer["channels"]:
        for epoch in channel["ranges"]:
            parts = list(_epoch(epoch, in_full=in_full))
            if parts:
                where = _where(channel["realm"], channel["channel"], epoch["epoch"])
                yield f"{peer['member']}, {where}: {'; '.join(parts)}"
    for claim in peer.get("claims", ()):
        where, span = _where(claim["realm"], claim["channel"], claim["epoch"]), _span([claim["first"], claim["last"]])
        yield f"{peer['member']}, {where}: {span} by the word of {claim['member']} alone"


def _epoch(epoch: dict[str, Any], *, in_full: bool) -> Iterator[str]:
    left_out = epoch["left_out"]
    if not in_full and not (epoch["missing"] or epoch["withheld"] or epoch["lost"] or left_out not in (None, "asked")):
        return
    if left_out:
        yield "left out of it, " + (
            "asked to be sealed again for us" if left_out == "asked" else f"refused ({left_out})"
        )
    for name in ("held", "missing", "withheld"):
        if epoch[name]:
            yield f"{name} {', '.join(map(_span, epoch[name]))}"
    for each in epoch["lost"]:
        yield f"lost {_span([each['first'], each['last']])} ({each['code']}, said at {dated(each['at'])})"
    if epoch["empty"]:
        yield f"no message in {', '.join(map(_span, epoch['empty']))}"
    if epoch["asked"] and (epoch["missing"] or epoch["withheld"]):
        times = epoch["asked"]["times"]
        yield f"asked {'once' if times == 1 else f'{times} times'}, last at {dated(epoch['asked']['at'])}"


def _where(realm: str, channel: str, epoch: str) -> str:
    exercise = "EXERCISE, " if realm == "exercise" else ""
    return f"{exercise}{'to all' if channel == 'all' else 'to us alone'}, epoch {epoch[:16]}"


def _span(span: list[int]) -> str:
    first, last = span
    return str(first) if first == last else f"{first}-{last}"
