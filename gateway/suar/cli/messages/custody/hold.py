"""`suar hold`: legal holds. The text of a message is kept, hidden, although its publisher recalls it; two persons."""

import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base import tables
from suar.cli.base.client import call
from suar.cli.base.common import Day, command, emit, group, id_argument, json_option, print_notice, state_option
from suar.cli.base.confirmation import ask
from suar.cli.base.lazy import Table
from suar.cli.base.local_time import dated
from suar.cli.base.terminal import visible
from suar.cli.messages.held import as_whom, token_option
from suar.protocol.base.errors import Fault

COMMANDS: Final[Table] = {
    "add": ("suar.cli.messages.custody.hold:add", "put a message under a legal hold"),
    "list": ("suar.cli.messages.custody.hold:list_", "list the messages under a legal hold"),
    "confirm": ("suar.cli.messages.custody.hold:confirm", "after a restore: all holds that stand are listed"),
    "withdraw": ("suar.cli.messages.custody.hold:withdraw", "withdraw what waits for a second person"),
    "end": ("suar.cli.messages.custody.hold:end", "end a legal hold, and complete a recall"),
}
COLUMNS: Final = ("id", "number", "state", "authority", "since", "until", "persons", "recalled", "told")

NAME: Final = re.compile("[0-9a-f]{64}")
_STATES: Final = {"held": "held", "hold-add-waits": "waits", "hold-end-waits": "end waits"}


class Order(click.ParamType[str]):
    """The name of an order of a legal hold, as `suar hold list --json` prints it."""

    name = "order"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it as typed. Raises Fault for anything else."""
        if not NAME.fullmatch(str(value)):
            raise Fault(
                f"'{value}' is no order of a legal hold", "it has 64 hexadecimal digits: `suar hold list --json`"
            )
        return str(value)


@group("hold", COMMANDS, example="suar hold list --state th")
def hold() -> None:
    """Keep the text of a message for an authority, although its publisher recalls it.

    Two persons: the first call waits for the same call by the holder of another approve token. A recall then hides the
    text from everybody and destroys nothing; it is completed when the last hold of the message ends. A destroyed text
    does not come back.
    """


@command("add", example="suar hold add TH-ALERT-2027-000042 --authority 'Criminal Court' --until 2028-01-31 --state sg")
@id_argument
@click.option("--authority", required=True, help="Who orders it; sealed, and shown by `suar hold list` alone.")
@click.option(
    "--until", required=True, type=Day(), metavar="DATE", help="When the hold ends by itself; ten years most."
)
@click.option(
    "--tell",
    type=click.Choice(("nothing", "fact", "authority")),
    default="fact",
    show_default=True,
    help="What the publisher learns, now and when it recalls the text: nothing, that a legal hold keeps it, or also "
    "who orders it.",
)
@state_option
@token_option
@json_option
def add(id_: str, authority: str, until: str, tell: str, state: Path, token_file: Path | None, as_json: bool) -> None:
    """Put a message under a legal hold, of this member or of another one.

    Several authorities can have holds on one message. A new hold of the same authority replaces its earlier one: with a
    later date it is extended.
    """
    body = {"id": id_, "authority": authority, "until": until, "tell": tell}
    done = call(state, "POST", "/v1/holds", body, headers=as_whom(token_file))
    emit(done, as_json, lambda: _text(done, f"is kept until {dated(done['until'])}", "the same command"))


@command("list", example="suar hold list --token-file approver.token --state th")
@state_option
@token_option
@json_option
def list_(state: Path, token_file: Path | None, as_json: bool) -> None:
    """List the legal holds, and what waits for a second person. The audit log notes who asked."""
    rows = call(state, "GET", "/v1/holds", headers=as_whom(token_file))
    if as_json or not rows:
        emit(rows, as_json, lambda: "no message is under a legal hold")
    else:
        tables.show(COLUMNS, map(_row, rows))


@command("end", example="suar hold end TH-ALERT-2027-000042 --token-file approver.token --state th")
@id_argument
@click.option("--number", type=click.IntRange(1), help="Which one, as `suar hold list` shows it, of several.")
@click.option(
    "--order",
    type=Order(),
    help="The `order` of the one that you read, from `suar hold list --json`. Default: of what is shown now.",
)
@state_option
@token_option
@json_option
def end(
    id_: str, number: int | None, order: str | None, state: Path, token_file: Path | None, as_json: bool
) -> None:  # fmt: skip
    """End a legal hold before its date. With the last one a text that was recalled meanwhile is destroyed, and its
    publisher is informed.

    The hold is printed first; at a terminal you are asked. If it has ended meanwhile, nothing is done.
    """
    headers = as_whom(token_file)
    params = {} if number is None else {"number": str(number)}
    params |= {"order": order} if order else _as_shown(state, id_, number, headers)
    done = call(state, "POST", f"/v1/holds/{quote(id_, safe='')}/end", params=params, headers=headers)
    left = done.get("left")
    is_done = f"is under {left} other legal holds" if left else "is under no legal hold any more"
    emit(done, as_json, lambda: _text(done, is_done, "the same command"))


def _as_shown(state: Path, id_: str, number: int | None, headers: dict[str, str]) -> dict[str, str]:
    """Return the name of the hold that is meant, after printing it; nothing if none or several are meant."""
    held = [
        row for row in call(state, "GET", "/v1/holds", headers=headers) if (row["id"], row["state"]) == (id_, "held")
    ]
    meant = [row for row in held if number in (None, row["number"])]
    if len(meant) != 1:
        return {}
    [row] = meant
    print_notice(
        visible(
            f"{id_} legal hold {row['number']} of {row['authority']} since {dated(row['since'])} "
            f"until {dated(row['until'])}"
        )
    )
    if len(held) == 1 and row["recalled"]:
        print_notice("it is the last one of a recalled message: its text is destroyed with it")
    ask("end it?")
    return {"order": row["order"]}


@command("confirm", example="suar hold confirm --token-file approver.token --state th")
@state_option
@token_option
@json_option
def confirm(state: Path, token_file: Path | None, as_json: bool) -> None:
    """After a restore, confirm that `suar hold list` shows every hold that is in force; two persons.

    A backup does not contain a hold that was set after it, and still contains one that has ended since. Until this is
    confirmed, recalled texts are hidden and nothing is destroyed. End what a restore brought back afterwards: `suar
    hold end`.
    """
    done = call(state, "POST", "/v1/holds/confirm", headers=as_whom(token_file))
    text = "the legal holds are confirmed: what was recalled and is under none is destroyed"
    waits = "it waits for a second person, for a week: the same command with another approve token"
    emit(done, as_json, lambda: waits if done["verdict"] == "waits" else text)


@command("withdraw", example="suar hold withdraw TH-ALERT-2027-000042 --token-file approver.token --state th")
@id_argument
@state_option
@token_option
@json_option
def withdraw(id_: str, state: Path, token_file: Path | None, as_json: bool) -> None:
    """Withdraw your requests about the holds of a message that no second person has confirmed."""
    done = call(state, "POST", f"/v1/holds/{quote(id_, safe='')}/withdraw", headers=as_whom(token_file))
    emit(done, as_json, lambda: f"what you asked for about {done['id']} is withdrawn")


def _text(done: dict[str, Any], is_done: str, again: str) -> str:
    if done["verdict"] == "waits":
        return f"{done['id']} waits for a second person, for a week: {again} with another approve token"
    return f"{done['id']} {is_done}"


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    recalled = "yes" if row["recalled"] else "no"
    number = "" if row["number"] is None else str(row["number"])
    persons = ", ".join(row["persons"])
    when = (row["since"], row["until"])
    return row["id"], number, _STATES[row["state"]], row["authority"], *when, persons, recalled, row["tell"]
