"""[evidence] of suar.toml: who stamps times for this member, and what a file of evidence may show of it.

[retention]: how many days after its end the text of a message is kept, by kind; off by default. A published profile is
in keys/profiles.toml, its reasons in docs/operators.md. A kind without days is kept for ever.
"""

from typing import Annotated, Final
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from suar.profiles import profiles
from suar.protocol.base import limits
from suar.protocol.base.primitives import CryptoError
from suar.protocol.base.sealing import seal
from suar.service.settings.sections.addresses import require_web_address
from suar.service.settings.sources import RawSettings, shown

AuthorityUrl = Annotated[
    str,
    Meta(
        pattern=r"^(|https?://[^\s/@?#]+(/[^\s#]*)?)\Z", max_length=1000,
        description="https://HOST[:PORT]/PATH, or http:// on this machine, without user or password, or nothing",
    ),
]  # fmt: skip
OptionalFile = Annotated[str, Meta(pattern=r"^[^\x00]*\Z", description="a file name, relative to the state folder")]
OptionalFolder = Annotated[str, Meta(pattern=r"^[^\x00]*\Z", description="a folder, relative to the state folder")]
Mebibytes = Annotated[int, Meta(ge=1, le=1_048_576, description="a number of MiB from 1 to 1,048,576")]
SealKey = Annotated[
    str, Meta(pattern=r"^[0-9a-f]{64}\Z", description="the public part of an evidence key: 64 hexadecimal digits")
]
Timeout = Annotated[float, Meta(ge=1, le=120, description="a number of seconds from 1 to 120")]
PERSONS: Final = 2
_FIELD: Final = (1 << 255) - 19
_HERE = {"127.0.0.1", "::1", "localhost"}


class EvidenceSettings(Struct, frozen=True):
    """A time-stamping authority (RFC 3161), called once a day; empty: none.

    `authority_ca_file` has the certificates (PEM) that its tokens must lead to; `tls_ca_file` those of its web server,
    where the machine's do not suffice. `keep`: what a proof is made of is stored as long as the message, encrypted.
    `show_author`: files of evidence show the audit's lines about who published the message. `export_folder`: where the
    evidence of each actual message of ours is written after it was sent, `export_mebibytes` in all; empty: nowhere.
    `sealed_to`: the public offline evidence keys of two persons, to which the frame of a recalled message is sealed for
    the proof of its other messages; empty: it is destroyed. `peer_heads`: heartbeats of other members are kept, and
    files of evidence show which of them had a message's frame; verifiers of older versions refuse such a file.
    """

    authority: AuthorityUrl = ""
    authority_ca_file: OptionalFile = ""
    tls_ca_file: OptionalFile = ""
    timeout_seconds: Timeout = 20
    keep: bool = True
    show_author: bool = False
    export_folder: OptionalFolder = ""
    export_mebibytes: Mebibytes = 1024
    sealed_to: list[SealKey] = []
    peer_heads: bool = False


def check(chosen: EvidenceSettings, raw: RawSettings) -> None:
    """Fault for an authority without the certificates that it is judged by, or one that is not reached by TLS, and for
    evidence keys that are not those of two persons.
    """
    _check_keys(chosen, raw)
    if not chosen.authority:
        return
    if not chosen.authority_ca_file:
        raise raw.fault("evidence", "authority_ca_file", "nothing", "the PEM file that its tokens are judged by")
    require_web_address(raw, "evidence", "authority", chosen.authority)
    url = urlsplit(chosen.authority)
    if url.scheme == "http" and url.hostname not in _HERE:
        raise raw.fault("evidence", "authority", shown(chosen.authority), "https:// beyond this machine")


def _check_keys(chosen: EvidenceSettings, raw: RawSettings) -> None:
    keys = chosen.sealed_to
    if not keys:
        return
    try:
        seal([bytes.fromhex(each) for each in keys], b"")
        is_key = True
    except CryptoError:
        is_key = False
    if len(set(map(_point, keys))) != PERSONS or len(keys) != PERSONS or not is_key:
        allowed = "the public keys of two persons: `suar evidence key new`"
        raise raw.fault("evidence", "sealed_to", shown(" ".join(keys)), allowed)


def _point(key: str) -> int:
    """Return what X25519 reads of a key: one point has several spellings (RFC 7748, section 5)."""
    return int.from_bytes(bytes.fromhex(key), "little") % (1 << 255) % _FIELD


# -- [retention]

LEAST_DAYS: Final = limits.RETENTION // limits.DAY + 6
"""Streams keep an object for 30 days and peers may request it for as long; a proof is stamped within a day."""
MOST_DAYS: Final = 36_500

Profile = Annotated[str, Meta(pattern=r"^[a-z0-9-]{0,40}\Z", description="a profile of keys/profiles.toml, or nothing")]
KindDays = Annotated[
    str, Meta(pattern=r"^[a-z]{1,16} [0-9]{1,5}\Z", description='a kind and days, such as "alert 400"')
]


class RetentionSettings(Struct, frozen=True):
    """A kind in `days` has that number of days instead of the profile's, and 0 keeps that kind for ever.

    `name_backup_days`: the publisher of a recalled message is told the days of the backups that still have its text;
    otherwise only that there are such backups.
    """

    profile: Profile = ""
    days: list[KindDays] = []
    name_backup_days: bool = True


def schedule(chosen: RetentionSettings) -> dict[str, int]:
    """Return the days that the text of each kind is kept after its end; kinds that are kept for ever are left out."""
    found = dict(profiles().retention[chosen.profile]) if chosen.profile else {}
    found |= {kind: int(days) for kind, days in (each.split() for each in chosen.days)}
    return {kind: days for kind, days in sorted(found.items()) if days}


def check_retention(chosen: RetentionSettings, raw: RawSettings) -> None:
    """Raise Fault for a profile that is not published, a kind that nobody publishes, or too few days."""
    from suar.protocol.message.kinds import PUBLISHED

    known = profiles().retention
    if chosen.profile and chosen.profile not in known:
        raise raw.fault("retention", "profile", shown(chosen.profile), f"one of {', '.join(known)}, or nothing")
    for kind, days in schedule(chosen).items():
        if kind not in PUBLISHED or not LEAST_DAYS <= days <= MOST_DAYS:
            allowed = f"a kind ({', '.join(PUBLISHED)}) and {LEAST_DAYS} to {MOST_DAYS} days, or 0 for ever"
            raise raw.fault("retention", "days", shown(f"{kind} {days}"), allowed)
