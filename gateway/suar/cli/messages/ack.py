"""`suar ack`: acknowledge another member's message, or state that you act on it."""

from pathlib import Path
from urllib.parse import quote

import rich_click as click

from suar.cli.base.client import call
from suar.cli.base.common import PathType, command, emit, id_argument, json_option, state_option
from suar.cli.base.local_time import dated
from suar.cli.messages.held import as_whom
from suar.protocol.base.exercise import marked
from suar.protocol.base.stages import BY_PERSON
from suar.service.settings.scopes import ROLES


@command("ack", example="suar ack TH-ALERT-2027-000042 --stage acknowledged --role duty-officer --state vn")
@id_argument
@click.option("--stage", type=click.Choice(BY_PERSON), required=True, help="The stage that you report.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="The role in which you report it.")
@click.option(
    "--rev", type=click.IntRange(1), help="The revision that you read. Default: the one shown, or the only one."
)
@click.option("--sector", help="Your sector, as a code of the list sector.")
@click.option("--note", help="A note for the publisher: at most 200 characters, and nothing that identifies a person.")
@click.option(
    "--token-file", type=PathType, help="A file with your own token of scope acknowledge. Default: SUAR_TOKEN_FILE."
)
@state_option
@json_option
def ack(
    id_: str, stage: str, role: str, rev: int | None, sector: str | None, note: str | None, token_file: Path | None,
    state: Path, as_json: bool,
) -> None:  # fmt: skip
    """Acknowledge a message, or state that you act on it. Its publisher gets a signed receipt, which is sent once.

    Without --rev it is about the newest revision only where that is the only one here, or your token was given it in
    this hour: a newer one is read first.

    A later receipt with the same stage and role is not sent, and neither is its note; the command tells you so.
    """
    body = {"stage": stage, "role": role} | {
        name: value for name, value in (("rev", rev), ("sector", sector), ("note", note)) if value is not None
    }
    path = f"/v1/messages/{quote(id_, safe='')}/receipts"
    done = call(state, "POST", path, body, headers=as_whom(token_file))
    again = "" if done["new"] else ", said before"
    if done["left_out"]:
        again += (
            f"; not sent: the {' and the '.join(done['left_out'])}, as the first statement of a stage and role stands"
        )
    emit(
        done,
        as_json,
        lambda: marked(
            f"{done['id']} rev {done['rev']}: {done['stage']} by {done['role']} at {dated(done['at'])}{again}",
            done.get("status"),
        ),
    )
