"""Common parts of the alert imports: the list of refused items, the draft, its report, and its publication.

A draft is marked with its source format (protocol/authoring/imported.py), so its message waits for a second person
however it is submitted.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import rich_click as click

from suar.cli.base.common import PathType, emit, json_option, now_option, print_notice, state_option
from suar.cli.base.terminal import one_line
from suar.protocol.base.errors import Fault
from suar.protocol.base.exercise import BANNER, is_exercise
from suar.protocol.base.sentences import several

if TYPE_CHECKING:
    from suar.exchange.incoming.cap_in import CapAlert

Command = Callable[..., int]
NOBODY: Final = "XA"  # placeholder for the member while a draft is checked: its gateway writes its own
SECOND_PERSON: Final = "a second person has to release it: `suar held`, then `suar release ID`"


class ImportRequest(NamedTuple):
    """The options of the command line."""

    file: Path
    may_drop: bool
    defaults: Path | None
    audience: str | None
    id: str | None
    output: Path | None
    is_published: bool
    now: int
    state: Path
    has_json_output: bool


def alert_options(
    *own: Callable[[Command], Command], missing: str, tlp: str, valid: str, about: str
) -> Callable[[Command], Command]:
    """Return the options of an import of alerts; `own`: those of one format, and texts that differ in its help."""
    options: tuple[Callable[[Command], Command], ...] = (
        click.argument("file", type=PathType),
        click.option(
            "--drop", is_flag=True, help="Omit the content that is not accepted, and make an alert of the rest."
        ),
        click.option("--defaults", type=PathType, help=f"A TOML file with the fields that {missing}."),
        click.option("--event", help="The event, as a code of the list event."),
        *own,
        click.option("--desk", help="The id of the contact message whose desk answers questions."),
        click.option("--to", "audience", help="The recipients: all, or members such as KH,LA,VN."),
        click.option("--tlp", help=f"The TLP marking{tlp}. Default: AMBER."),
        click.option("--body", help="The name of the issuing body."),
        click.option("--sector", help="The sector of the issuing body."),
        click.option(
            "--valid-days", type=click.IntRange(1, 90), help=f"The number of days for which the alert is valid{valid}."
        ),
        click.option("--id", "id_", help=f"The id of the message that {about} refers to."),
        click.option("--reason", help="The reason of the cancellation."),
        click.option("-o", "--output", type=PathType, help="Write the draft to this file. Default: standard output."),
        click.option("--publish", "is_published", is_flag=True, help="Publish the alert with the running gateway."),
        now_option,
        state_option,
        json_option,
    )

    def decorated(function: Command) -> Command:
        for option in reversed(options):
            function = option(function)
        return function

    return decorated


def import_alert(found: "CapAlert", request: ImportRequest, options: dict[str, Any]) -> int:
    """Make the draft from the alert, report what is not in it, write or publish it; returns the exit code."""
    from suar.exchange.incoming.cap_alert import as_alert, read_defaults
    from suar.exchange.incoming.cap_in import as_values

    if found.refused and not request.may_drop:
        return _refuse(request.file, found, request.has_json_output)
    values = {**options, "id": request.id, "audience": _audience(request.audience)}
    alert = as_alert(found, read_defaults(request.defaults, values), request.now)
    reasons = _faults(alert, request.now)
    answer = _publish(request.state, alert, request.has_json_output) if request.is_published and not reasons else None
    shape = {
        "verdict": "refuse" if reasons else "pass", "refused": [], "dropped": as_values(found.refused),
        "unused": found.unused, "not_used": _not_used(found), "second_person": True, "reasons": reasons,
        "message": alert, "published": answer,
    }  # fmt: skip
    if not request.has_json_output:
        _print_report(found, alert)
    if reasons and not request.has_json_output:
        from suar.cli.base.client import reason_lines

        hint = "give the options that it lacks, or mend each place named above"
        raise Fault(f"the alert of {request.file} is not valid yet{reason_lines(reasons)}", hint)
    _put(request, alert, shape)
    return 1 if reasons or (answer and answer["verdict"] == "refused") else 0


def _audience(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    return {"members": "all" if text.lower() == "all" else [code.strip().upper() for code in text.split(",")]}


def _refuse(file: Path, found: "CapAlert", as_json: bool) -> int:
    """Print every item that is not accepted, on stdout; then the refusal."""
    from suar.exchange.incoming.cap_in import as_line, as_values

    items = found.refused
    shape = {
        "verdict": "refuse", "refused": as_values(items), "dropped": [], "unused": found.unused,
        "not_used": _not_used(found), "message": None,
    }  # fmt: skip
    emit(shape, as_json, lambda: "\n".join(map(as_line, items)))
    if as_json:
        return 1
    hint = "take them out of the file, or import the rest with --drop"
    raise Fault(f"{several(len(items), 'item', 'items')} of {file} may not pass", hint)


def _faults(alert: dict[str, Any], now: int) -> list[dict[str, Any]]:
    """Return the verdict of a gateway on the draft."""
    import msgspec

    from suar.protocol.base.reasons import Invalid
    from suar.protocol.compose import complete

    member = str(alert.get("id") or alert["desk"])[:2] or NOBODY
    try:
        complete(msgspec.json.encode(alert), member=member, realm=alert["status"], now=now, ledger=None)
    except Invalid as invalid:
        return [reason.shape() for reason in invalid.reasons]
    return []


def _publish(state: Path, alert: dict[str, Any], as_json: bool) -> dict[str, Any]:
    import msgspec

    from suar.cli.base.client import Problem, call
    from suar.cli.base.leaving import print_waiting
    from suar.cli.messages.publish import verdict_of

    params = {"exercise": "true"} if alert["status"] == "exercise" else None
    headers = {"Content-Type": "application/json"}
    try:
        answer: dict[str, Any] = call(
            state, "POST", "/v1/messages", msgspec.json.encode(alert), params=params, headers=headers
        )
    except Problem as problem:
        if not (as_json and "verdict" in problem.body):
            raise
        answer = verdict_of(problem.body)
    if not as_json:
        print_waiting(state, answer)
    return answer


def _not_used(found: "CapAlert") -> list[dict[str, Any]]:
    return [each.shape() for each in found.left]


def _print_report(found: "CapAlert", alert: dict[str, Any]) -> None:
    """Print what is dropped, what is not used, and the text in every language, for the person who publishes it."""
    from suar.exchange.incoming.cap_alert import languages_left_out
    from suar.exchange.incoming.cap_in import as_line

    for item in found.refused:
        print_notice(f"dropped  {as_line(item)}")
    for language in languages_left_out(found):
        print_notice(f"dropped  the text in {language}: no title and summary of it may pass")
    unused = set(found.unused)
    for each in found.left:
        if each.at in unused:
            print_notice(f"not used  {each.as_line()}")
    for text in alert.get("text", []):
        print_notice(f"text in {text['lang']}  {one_line(text['title'])}")
        print_notice(f"    {one_line(text['summary'])}")
    print_notice(f"imported  from {found.format.upper()}: {SECOND_PERSON}")


def _put(request: ImportRequest, alert: dict[str, Any], shape: dict[str, Any]) -> None:
    from suar.cli.base.terminal import json_document
    from suar.files import PUBLIC, atomic_write

    data = json_document(alert)
    if request.output:
        atomic_write(request.output, data, PUBLIC)
    if request.has_json_output:
        emit(shape, True)
    elif request.is_published:
        click.echo(str(shape["published"]["id"]))
        if is_exercise(alert["status"]):
            print_notice(f"*** {BANNER} ***")
    elif not request.output:
        click.echo(data.decode())
