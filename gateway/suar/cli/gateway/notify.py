"""`suar notify`: test a notification channel, and create its secret."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rich_click as click

from suar.cli.base.common import PathType, command, emit, group, json_option, now_ms, print_notice, state_option
from suar.cli.base.lazy import Table
from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.service.notify.notify_channels import Channels

COMMANDS: Final[Table] = {
    "test": ("suar.cli.gateway.notify:test", "send a test notification"),
    "show": ("suar.cli.gateway.notify:show", "show who is notified of what, and by which channel"),
    "secret": ("suar.cli.gateway.notify:secret", "create the secret that signs a webhook"),
}
COLUMNS: Final = ("person", "channels", "tells", "roles", "sectors", "quiet", "now")


@group("notify", COMMANDS, example="suar notify test pager --state th")
def notify() -> None:
    """Show and test notifications of alerts, deadlines and escalations ([notify] in suar.toml, docs/operators.md)."""


@command("test", example="suar notify test pager --state th")
@click.argument("name", metavar="CHANNEL|PERSON")
@state_option
@json_option
def test(name: str, state: Path, as_json: bool) -> int:
    """Send a test notification by one channel, or by every channel of a person, and report whether it was accepted.

    The command sends it itself and reads the settings again; the gateway need not run.
    """
    import asyncio

    from suar.service.notify.notify_channels import Channels, resolve_name
    from suar.service.settings.config import load

    channels = Channels(load(state, os.environ), now_ms)
    done = [asyncio.run(_try(channels, person, channel)) for person, channel in resolve_name(channels.settings, name)]
    emit(done, as_json, lambda: "\n".join(map(_line, done)))
    failed = [f"{each['channel']}: {each['why']}" for each in done if not each["told"]]
    if failed and not as_json:
        raise Fault(f"not told by {', '.join(failed)}", "docs/operators.md says what each of these words means")
    return 1 if failed else 0


@command("show", example="suar notify show --state th")
@state_option
@json_option
def show(state: Path, as_json: bool) -> None:
    """List everyone who is notified, as configured in suar.toml, and whether their quiet hours apply now."""
    from suar.cli.base import tables
    from suar.service.notify.notify_plan import is_quiet
    from suar.service.settings.config import load

    settings = load(state, os.environ).notify
    rows = [
        {
            "person": name, "channels": person.channels, "tells": person.tells, "roles": person.roles,
            "sectors": person.sectors or ["all"], "quiet": f"{person.quiet} {settings.zone(person)}".strip(),
            "now": "quiet" if is_quiet(person, settings.zone(person), now_ms()) else "told",
        }
        for name, person in settings.person.items()
    ]  # fmt: skip
    if as_json:
        emit(rows, as_json)
    else:
        tables.show(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])


@command("secret", example="suar notify secret -o th/desk.secret")
@click.option("-o", "--output", type=PathType, required=True, help="The file to write; it must not exist.")
def secret(output: Path) -> None:
    """Write a new webhook secret to a file of mode 0600; give the same secret to the receiver of the webhook."""
    from suar.files import PRIVATE, atomic_write
    from suar.service.notify.notify_channels import new_secret

    atomic_write(output, new_secret(), PRIVATE, replace=False)
    print_notice(f"{output}: name it under secret_file, and give the receiver the same")


async def _try(channels: "Channels", person: str, channel: str) -> dict[str, Any]:
    from suar.service.notify.notify_channels import DeliveryFailed
    from suar.service.notify.notify_words import TEST, Notice

    started, now, why = time.monotonic(), now_ms(), None
    notice = Notice(key=f"test_{now}", event=TEST, person=person, member=channels.member, at=now)
    try:
        await channels.deliver(channel, channels.settings.person[person], notice)
    except DeliveryFailed as failure:
        why = failure.why
    seconds = round(time.monotonic() - started, 3)
    return {"channel": channel, "person": person, "told": why is None, "why": why, "seconds": seconds}


def _line(done: dict[str, Any]) -> str:
    outcome = "told" if done["told"] else f"not told: {done['why']}"
    return f"{done['channel']}  {done['person']}  {outcome}  {done['seconds']:.1f} s"
