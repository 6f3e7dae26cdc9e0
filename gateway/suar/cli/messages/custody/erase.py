"""`suar erase`: destroy the own text of a message that was cancelled or has expired; two persons."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from suar.cli.base.client import call
from suar.cli.base.common import command, emit, id_argument, json_option, state_option
from suar.cli.messages.held import as_whom, token_option


@command("erase", example="suar erase TH-ALERT-2027-000042 --token-file approver.token --state th")
@id_argument
@state_option
@token_option
@json_option
def erase(id_: str, state: Path, token_file: Path | None, as_json: bool) -> None:
    """Erase the text of a message of ours that was cancelled or has expired.

    Two persons: the first call waits for a second one, and the same call by the holder of another approve token erases
    the text. Id, times and digests remain, so that no other text takes the same number; so do the released cells of a
    table, and the text of the cancel. Sealed frames stay in the outbox and in the stream OUTBOX for their retention,
    and in backups.
    """
    done = call(state, "POST", f"/v1/messages/{quote(id_, safe='')}/erase", headers=as_whom(token_file))
    emit(done, as_json, lambda: _text(done))


def _text(done: dict[str, Any]) -> str:
    if done["verdict"] == "waits":
        return (
            f"{done['id']} waits for a second person, for a week: `suar erase {done['id']}` with another approve token"
        )
    lines = [f"{done['id']} is erased in the live store: {done['revisions']} texts"]
    if not done["revisions"]:
        lines = [f"{done['id']} was erased before, at {done['erased']}"]
    if done["exports"]:
        lines.append(f"exports before: {done['exports']}; exported files are not destroyed")
    if done["backups"]:
        lines.append("backups that still contain it were made at " + ", ".join(done["backups"]))
    lines.append("sealed frames stay in OUTBOX and REGION for their retention of 30 days")
    return "\n".join(lines)
