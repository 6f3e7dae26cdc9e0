"""`suar export`: one message in another standard."""

import sys
from pathlib import Path
from typing import Final
from urllib.parse import quote

import rich_click as click

from suar.cli.base.common import MessageId, PathType, command, print_notice, state_option
from suar.protocol.base.errors import Fault

JSON: Final = frozenset({"json", "stix"})
NAMES: Final = (
    "cap",
    "stix",
    "csv",
    "sdmx-csv",
    "json",
)  # of suar.exchange.outgoing.formats, which is heavier than this help

NOT_SIGNED: Final = (
    "note: the file is not signed, so nothing shows who published it, whatever it names as its issuer; "
    "`suar evidence verify` proves that of a file of `suar evidence export`"
)


@command(
    "export",
    example="suar export TH-ALERT-2027-000042 --as cap -o alert.xml --state th\n"
    "  suar export --file message.json --as csv",
)
@click.argument("id_", metavar="[ID]", required=False, type=MessageId())
@click.option("--as", "format_name", type=click.Choice(NAMES), required=True, help="The format of the export.")
@click.option("--rev", type=click.IntRange(1), help="The revision. Default: the latest.")
@click.option(
    "--file",
    type=PathType,
    help="Export a message from this file (an export with --as json) instead of one of the gateway.",
)
@click.option("-o", "--output", type=PathType, help="Write the export to this file. Default: standard output.")
@state_option
def export(
    id_: str | None, format_name: str, rev: int | None, file: Path | None, output: Path | None, state: Path
) -> None:
    """Export one message as OASIS CAP 1.2, STIX 2.1, CSV, SDMX-CSV 2.0, or as its signed bytes (json).

    Anyone who may read the message may export it; the export is recorded in the audit log. docs/formats.md lists what
    each format omits. Every format contains the message's marking, which binds each reader.
    """
    if (id_ is None) == (file is None):
        raise click.UsageError("give the ID of a message, or --file")
    data = _of_file(file, format_name) if file else _of_gateway(state, id_ or "", format_name, rev)
    if output:
        from suar.files import PRIVATE, atomic_write

        atomic_write(output, data, PRIVATE)
        print_notice(f"{len(data):,} bytes written")
        return
    if sys.stdout.isatty():
        _show(data, format_name)
        return
    sys.stdout.buffer.write(data)
    sys.stdout.flush()


def _show(data: bytes, format_name: str) -> None:
    """Show it on a terminal: another member's text must not move the cursor or change the direction of text."""
    from suar.cli.base.terminal import escaped, visible

    text = escaped(data).decode() if format_name in JSON else visible(data.decode().replace("\r\n", "\n"))
    click.echo(text)
    if text.encode() != data:
        print_notice("what cannot be seen is shown as a blank or a number; -o FILE writes it as it is")


def _of_gateway(state: Path, id_: str, format_name: str, rev: int | None) -> bytes:
    from suar.cli.base.client import fetch

    params = {"as": format_name, **({"rev": str(rev)} if rev else {})}
    return fetch(state, f"/v1/messages/{quote(id_, safe='')}/export", params=params)


def _of_file(file: Path, format_name: str) -> bytes:
    from suar.exchange.outgoing.formats import convert
    from suar.files import read
    from suar.protocol.base.reasons import Invalid

    try:
        made = convert(read(file, "the message"), format_name)
    except Invalid as invalid:
        first = invalid.reasons[0]
        raise Fault(f"{file} is no message as it was signed: {first.path}: {first.message}", first.hint) from None
    print_notice(NOT_SIGNED)
    return made
