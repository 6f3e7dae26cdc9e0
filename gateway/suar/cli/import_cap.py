"""`suar import cap`: an alert in OASIS CAP 1.2 becomes an alert of ours; what may not pass is named item by item."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.cli.common import PathType, command, emit, json_option, now_option, say, state_option
from suar.protocol.errors import Fault
from suar.protocol.exercise import BANNER, is_exercise

if TYPE_CHECKING:
    from suar.exchange.cap_in import CapAlert

NOBODY: Final = "XA"  # stands in for the member while a draft is checked: its gateway writes its own


@command(
    "cap",
    example="suar import cap alert.xml\n"
    "  suar import cap alert.xml --drop --event online-lure --desk TH-CONTACT-2027-000001 --to all \\\n"
    "    --body 'National desk' --sector law-enforcement -o draft.json\n"
    "  suar import cap alert.xml --drop --defaults desk.toml --publish --state th\n\n"
    "\b\ndesk.toml:\n"
    '  desk = "TH-CONTACT-2027-000001"\n'
    '  audience = { members = "all" }\n'
    '  issuer = { body = "National desk", sector = "law-enforcement" }\n'
    '  [events]\n  "Child Abduction" = "recruitment-campaign"',
)
@click.argument("file", type=PathType)
@click.option("--drop", is_flag=True, help="Leave out what may not pass, and make an alert of the rest.")
@click.option("--defaults", type=PathType, help="A TOML file with what CAP does not say.")
@click.option("--event", help="Our code of its event.")
@click.option("--desk", help="The contact message that answers.")
@click.option("--to", "audience", help="Who reads it: all, or members such as KH,LA,VN.")
@click.option("--tlp", help="Its TLP; AMBER unless you say otherwise.")
@click.option("--body", help="The issuing body.")
@click.option("--sector", help="The sector of the issuing body.")
@click.option("--valid-days", type=click.IntRange(1, 90), help="How long it is valid where the file does not say.")
@click.option("--id", "id_", help="Our id that an update or cancel is about.")
@click.option("--reason", help="Why it is cancelled.")
@click.option("-o", "--output", type=PathType, help="Write the draft into this file; else it is printed.")
@click.option("--publish", "is_published", is_flag=True, help="Publish it by the running gateway.")
@now_option
@state_option
@json_option
def cap(
    file: Path,
    drop: bool,
    defaults: Path | None,
    output: Path | None,
    is_published: bool,
    now: int,
    state: Path,
    as_json: bool,
    audience: str | None,
    id_: str | None,
    **options: Any,
) -> int:
    """Turn an alert in OASIS CAP 1.2 into an alert.

    Shapes on a map, contacts, links, attachments, and texts with a name, date of birth, address, telephone number or
    vehicle in them may not pass. Each is named with its path and the import ends; with --drop the rest becomes a draft.
    """
    from suar.exchange.bounds import XML_BYTES_MAX
    from suar.exchange.cap_alert import as_alert, read_defaults
    from suar.exchange.cap_in import as_values, read_cap

    with file.open("rb") as opened:
        found = read_cap(opened.read(XML_BYTES_MAX + 1))
    if found.refused and not drop:
        return _refuse(file, found, as_json)
    given = {**options, "id": id_, "audience": _audience(audience)}
    alert = as_alert(found, read_defaults(defaults, given), now)
    reasons = _faults(alert, now)
    answer = _publish(state, alert, as_json) if is_published and not reasons else None
    shape = {
        "verdict": "refuse" if reasons else "pass", "refused": [], "dropped": as_values(found.refused),
        "unused": found.unused, "reasons": reasons, "message": alert, "published": answer,
    }  # fmt: skip
    if not as_json:
        _tell(found)
    if reasons and not as_json:
        from suar.cli.client import told

        hint = "give the options that it lacks, or mend each place named above"
        raise Fault(f"the alert of {file} is not valid yet{told(reasons)}", hint)
    _put(output, alert, shape, as_json, is_published)
    return 1 if reasons or (answer and answer["verdict"] == "refused") else 0


def _audience(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    return {"members": "all" if text.lower() == "all" else [code.strip().upper() for code in text.split(",")]}


def _refuse(file: Path, found: "CapAlert", as_json: bool) -> int:
    """Every item that may not pass, on stdout; then the refusal."""
    from suar.exchange.cap_in import as_values, told

    items = found.refused
    shape = {"verdict": "refuse", "refused": as_values(items), "dropped": [], "unused": found.unused, "message": None}
    emit(shape, as_json, lambda: "\n".join(map(told, items)))
    if as_json:
        return 1
    hint = "take them out of the file, or import the rest with --drop"
    raise Fault(f"{len(items)} items of {file} may not pass", hint)


def _faults(alert: dict[str, Any], now: int) -> list[dict[str, Any]]:
    """What a gateway would say about the draft."""
    import msgspec

    from suar.protocol.compose import complete
    from suar.protocol.reasons import Invalid

    member = str(alert.get("id") or alert["desk"])[:2] or NOBODY
    try:
        complete(msgspec.json.encode(alert), member=member, realm=alert["status"], now=now, ledger=None)
    except Invalid as invalid:
        return [msgspec.to_builtins(reason) for reason in invalid.reasons]
    return []


def _publish(state: Path, alert: dict[str, Any], as_json: bool) -> dict[str, Any]:
    import msgspec

    from suar.cli.client import Problem, call
    from suar.cli.leaving import say_waiting
    from suar.cli.publish import verdict_of

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
        say_waiting(state, answer)
    return answer


def _tell(found: "CapAlert") -> None:
    from suar.exchange.cap_alert import languages_left_out
    from suar.exchange.cap_in import told

    for item in found.refused:
        say(f"dropped  {told(item)}")
    for language in languages_left_out(found):
        say(f"dropped  the text in {language}: no title and summary of it may pass")
    if found.unused:
        say(f"not used  {', '.join(found.unused)}")


def _put(output: Path | None, alert: dict[str, Any], shape: dict[str, Any], as_json: bool, is_published: bool) -> None:
    from suar.cli.terminal import json_document
    from suar.files import PUBLIC, atomic_write

    data = json_document(alert)
    if output:
        atomic_write(output, data, PUBLIC)
    if as_json:
        emit(shape, True)
    elif is_published:
        click.echo(str(shape["published"]["id"]))
        if is_exercise(alert["status"]):
            say(f"*** {BANNER} ***")
    elif not output:
        click.echo(data.decode())
