"""`suar import stix`: convert an incident in a STIX 2.1 bundle to an alert; refused content is listed item by item."""

from pathlib import Path
from typing import Any

import rich_click as click

from suar.cli.base.common import command
from suar.cli.exchange.import_alert import ImportRequest, alert_options, import_alert


@command(
    "stix",
    example="suar import stix bundle.json\n"
    "  suar import stix bundle.json --drop --event online-lure --desk TH-CONTACT-2027-000001 --to all \\\n"
    "    --body 'National desk' --sector law-enforcement --urgency expected --severity severe --certainty likely \\\n"
    "    -o draft.json",
)
@alert_options(
    click.option("--urgency", help="The urgency, if no label states it."),
    click.option("--severity", help="The severity, if no label states it."),
    click.option("--certainty", help="The certainty, if no label states it."),
    missing="STIX does not contain; the keys are those of an import of CAP",
    tlp=", never less strict than the bundle's",
    valid="",
    about="a cancel",
)
def stix(
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
    """Convert the incident of a STIX 2.1 bundle to an alert.

    The import uses the incident's name and description in every language, the labels of an export by suar, and the
    related countries and provinces. Notes, identities, references, custom properties and all other content are checked
    and listed, but not used. The draft is marked as imported, so it waits for a second person when it is published.
    """
    from suar.exchange.files.bounds import STIX_BYTES_MAX
    from suar.exchange.incoming.stix_in import read_stix

    with file.open("rb") as opened:
        found = read_stix(opened.read(STIX_BYTES_MAX + 1))
    request = ImportRequest(file, drop, defaults, audience, id_, output, is_published, now, state, as_json)
    return import_alert(found, request, options)
