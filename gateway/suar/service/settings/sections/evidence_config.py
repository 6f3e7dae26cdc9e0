"""[evidence] of suar.toml: who stamps times for this member, and what a file of evidence may show of it."""

from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from suar.service.settings.sources import RawSettings, shown

AuthorityUrl = Annotated[
    str,
    Meta(
        pattern=r"^(|https?://[^\s/@?#]+(/[^\s#]*)?)\Z", max_length=1000,
        description="https://HOST[:PORT]/PATH, or http:// on this machine, without user or password, or nothing",
    ),
]  # fmt: skip
OptionalFile = Annotated[str, Meta(pattern=r"^[^\x00]*\Z", description="a file name, relative to the state folder")]
Timeout = Annotated[float, Meta(ge=1, le=120, description="a number of seconds from 1 to 120")]
_HERE = {"127.0.0.1", "::1", "localhost"}


class EvidenceSettings(Struct, frozen=True):
    """A time-stamping authority (RFC 3161), asked once a day; empty: none.

    `authority_ca_file` has the certificates (PEM) that its tokens must lead to; `tls_ca_file` those of its web server,
    where the machine's do not suffice. `keep`: what a proof is made of is kept as long as the message, sealed.
    `show_author`: files of evidence show the audit's lines about who published the message.
    """

    authority: AuthorityUrl = ""
    authority_ca_file: OptionalFile = ""
    tls_ca_file: OptionalFile = ""
    timeout_seconds: Timeout = 20
    keep: bool = True
    show_author: bool = False


def check(chosen: EvidenceSettings, given: RawSettings) -> None:
    """Fault for an authority without the certificates that it is judged by, or one that is not reached by TLS."""
    if not chosen.authority:
        return
    if not chosen.authority_ca_file:
        raise given.fault("evidence", "authority_ca_file", "nothing", "the PEM file that its tokens are judged by")
    url = urlsplit(chosen.authority)
    if url.scheme == "http" and url.hostname not in _HERE:
        raise given.fault("evidence", "authority", shown(chosen.authority), "https:// beyond this machine")
