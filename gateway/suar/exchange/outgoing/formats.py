"""The export formats: the message kinds that each supports, its media type and its converter.

docs/formats.md has a table of what each loses. `json` is the unchanged signed bytes, so only this format loses nothing
and can be verified. A message of a later minor version is never exported as `json`, because it may contain unchecked
fields (messages.md section 5).
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from suar.protocol.authoring.english import rendered
from suar.protocol.base.errors import Fault
from suar.protocol.message.kinds import PUBLISHED, Publication, Receipt
from suar.protocol.message.messages import is_higher_minor, kind_of, read, readable

JSON: Final = "json"


class Format(Struct, frozen=True):
    """The name, media type and file extension of a format, and the message kinds that it supports."""

    name: str
    media_type: str
    ending: str
    kinds: tuple[str, ...]


FORMATS: Final[dict[str, Format]] = {
    each.name: each
    for each in (
        Format("cap", "application/cap+xml", "xml", ("alert",)),
        Format("stix", "application/stix+json;version=2.1", "json", ("alert", "pattern")),
        Format("csv", "text/csv; header=present", "csv", PUBLISHED),
        Format("sdmx-csv", "application/vnd.sdmx.data+csv;version=2.0.0", "csv", ("trend",)),
        Format(JSON, "application/json", "json", PUBLISHED),
    )
}


def convert(data: bytes, name: str, earlier: bytes | None = None) -> bytes:
    """Convert a message (signed bytes) to another format. `earlier`: the previous revision, for CAP's references.

    Raises Fault if the format does not support the kind, and Invalid if the bytes are not a message.
    """
    message = read(data)
    if isinstance(message, Receipt):
        raise Fault("a receipt is a gateway's own record and is not exported", "see `suar deliveries ID`")
    kind = kind_of(message)
    if kind not in FORMATS[name].kinds:
        others = ", ".join(each.name for each in FORMATS.values() if kind in each.kinds)
        raise Fault(f"{name} carries {' and '.join(FORMATS[name].kinds)}, not {kind}", f"it can leave as {others}")
    if name == JSON:
        return _signed(data, message)
    return _makers()[name](rendered(message), earlier)


def _signed(data: bytes, message: Publication) -> bytes:
    if is_higher_minor(message.schema):
        text = (
            f"the message is {message.schema}, newer than this version, and may hold fields that nobody here has judged"
        )
        raise Fault(text, "update this gateway, or export it in another format")
    if message != rendered(message):
        text = "its text marked as generated is not what its codes say, and is not shown here"
        raise Fault(text, "export it in another format; `suar evidence export` keeps the bytes as they were signed")
    return data


def _makers() -> dict[str, Callable[[Any, bytes | None], bytes]]:
    """Return the converters, which are imported only for an export."""
    from suar.exchange.outgoing.cap_out import cap
    from suar.exchange.outgoing.csv_out import table
    from suar.exchange.outgoing.sdmx import sdmx_csv
    from suar.exchange.outgoing.stix import bundle

    return {
        "cap": lambda message, earlier: cap(message, readable(earlier) if earlier else None),  # type: ignore[arg-type]
        "stix": lambda message, _: bundle(message),
        "csv": lambda message, _: table(message),
        "sdmx-csv": lambda message, _: sdmx_csv(message),
    }
