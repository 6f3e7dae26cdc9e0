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
    click.option("--urgency", help="Where no label says it."),
    click.option("--severity", help="Where no label says it."),
    click.option("--certainty", help="Where no label says it."),
    says="STIX does not say; the keys are those of CAP",
    tlp=", and never less than the bundle's",
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
    """Turn the incident of a STIX 2.1 bundle into an alert.

    Used are its name and description in every language, its labels of an export of ours, and the countries and
    provinces that it is related to. Notes, identities, references, custom properties and everything else are looked
    through and told. The draft is marked as imported: it waits for a second person when it is published.
    """
    from suar.exchange.files.bounds import STIX_BYTES_MAX
    from suar.exchange.incoming.stix_in import read_stix

    with file.open("rb") as opened:
        found = read_stix(opened.read(STIX_BYTES_MAX + 1))
    wish = ImportRequest(file, drop, defaults, audience, id_, output, is_published, now, state, as_json)
    return import_alert(found, wish, options)
