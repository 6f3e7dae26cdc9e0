"""`suar import cap`: an alert in OASIS CAP 1.2 becomes an alert of ours; what may not pass is named item by item."""

from pathlib import Path
from typing import Any

import rich_click as click

from suar.cli.common import PathType, command, json_option, now_option, state_option


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
    Whatever is not used is told. The draft is marked as imported: it waits for a second person when it is published.
    """
    from suar.cli.import_alert import Wish, import_alert
    from suar.exchange.bounds import XML_BYTES_MAX
    from suar.exchange.cap_in import read_cap

    with file.open("rb") as opened:
        found = read_cap(opened.read(XML_BYTES_MAX + 1))
    return import_alert(
        found, Wish(file, drop, defaults, audience, id_, output, is_published, now, state, as_json), options
    )
