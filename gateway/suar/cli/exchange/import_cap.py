"""`suar import cap`: convert an alert in OASIS CAP 1.2 to an alert; refused content is listed item by item."""

from pathlib import Path
from typing import Any

from suar.cli.base.common import command
from suar.cli.exchange.import_alert import ImportRequest, alert_options, import_alert


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
@alert_options(missing="CAP does not contain", tlp="", valid=", if the file has no end", about="an update or cancel")
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
    """Convert an alert in OASIS CAP 1.2 to an alert.

    Shapes on a map, contacts, links, attachments, and texts with a name, date of birth, address, telephone number or
    vehicle are not accepted. Each is listed with its path and the import stops; with --drop, the remaining content
    becomes a draft. Everything that is not used is listed. The draft is marked as imported, so it waits for a second
    person when it is published.
    """
    from suar.exchange.files.bounds import XML_BYTES_MAX
    from suar.exchange.incoming.cap_in import read_cap

    with file.open("rb") as opened:
        found = read_cap(opened.read(XML_BYTES_MAX + 1))
    return import_alert(
        found, ImportRequest(file, drop, defaults, audience, id_, output, is_published, now, state, as_json), options
    )
