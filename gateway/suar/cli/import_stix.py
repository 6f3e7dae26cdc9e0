"""`suar import stix`: an incident in a STIX 2.1 bundle becomes an alert; what may not pass is named item by item."""

from pathlib import Path
from typing import Any

import rich_click as click

from suar.cli.common import PathType, command, json_option, now_option, state_option


@command(
    "stix",
    example="suar import stix bundle.json\n"
    "  suar import stix bundle.json --drop --event online-lure --desk TH-CONTACT-2027-000001 --to all \\\n"
    "    --body 'National desk' --sector law-enforcement --urgency expected --severity severe --certainty likely \\\n"
    "    -o draft.json",
)
@click.argument("file", type=PathType)
@click.option("--drop", is_flag=True, help="Leave out what may not pass, and make an alert of the rest.")
@click.option("--defaults", type=PathType, help="A TOML file with what STIX does not say; the keys are those of CAP.")
@click.option("--event", help="Our code of its event.")
@click.option("--urgency", help="Where no label says it.")
@click.option("--severity", help="Where no label says it.")
@click.option("--certainty", help="Where no label says it.")
@click.option("--desk", help="The contact message that answers.")
@click.option("--to", "audience", help="Who reads it: all, or members such as KH,LA,VN.")
@click.option("--tlp", help="Its TLP; AMBER unless you say otherwise, and never less than the bundle's.")
@click.option("--body", help="The issuing body.")
@click.option("--sector", help="The sector of the issuing body.")
@click.option("--valid-days", type=click.IntRange(1, 90), help="How long it is valid.")
@click.option("--id", "id_", help="Our id that a cancel is about.")
@click.option("--reason", help="Why it is cancelled.")
@click.option("-o", "--output", type=PathType, help="Write the draft into this file; else it is printed.")
@click.option("--publish", "is_published", is_flag=True, help="Publish it by the running gateway.")
@now_option
@state_option
@json_option
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
    from suar.cli.import_alert import Wish, import_alert
    from suar.exchange.bounds import STIX_BYTES_MAX
    from suar.exchange.stix_in import read_stix

    with file.open("rb") as opened:
        found = read_stix(opened.read(STIX_BYTES_MAX + 1))
    wish = Wish(file, drop, defaults, audience, id_, output, is_published, now, state, as_json)
    return import_alert(found, wish, options)
