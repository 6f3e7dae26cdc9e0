"""`suar evidence verify`: verifies a file with what the verifier obtained from another source."""

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from suar.cli.base.common import Hash, PathType, command, emit, json_option
from suar.cli.base.reader import lang_option
from suar.cli.messages.evidence.sealed import require_unsealed
from suar.files import PRIVATE, atomic_write, read
from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.languages.tags import Language
    from suar.protocol.files.proof import Proved
    from suar.protocol.files.stamps import Judgement
    from suar.protocol.files.standing import Supplied

_ASK = "docs/evidence.md has the numbered checks; ask for the file again, from who exported it"
_OTHER_PIN = (
    "your pin is the hash of a list that you gave with --trust and that the file does not have: pin a list of the "
    "file, by a hash that you have from the federation, and leave yours with --trust"
)
_OWN = "`suar trust export` of a gateway that you trust writes one"


@command("verify", example="suar evidence verify alert.evidence --pin HASH --trust now.trust --revokes now.trust")
@click.argument("file", type=PathType)
@click.option(
    "--pin", type=Hash(), required=True, help="The pin: the hash of a trust list, obtained from the federation itself."
)
@click.option("--trust", type=PathType, multiple=True, help="The newest trust lists: a trust file, or a signed list.")
@click.option(
    "--revokes",
    type=PathType,
    multiple=True,
    help="The Revokes: a trust file, whose trust lists count too, or a signed Revoke.",
)
@click.option("--tsa-ca", type=PathType, help="Certificates (PEM) of a time-stamping authority that you trust.")
@click.option("--message", type=PathType, help="Write the signed bytes of the message to this file; it must not exist.")
@lang_option
@json_option
def verify(
    file: Path,
    pin: bytes,
    trust: tuple[Path, ...],
    revokes: tuple[Path, ...],
    tsa_ca: Path | None,
    message: Path | None,
    lang: "Language",
    as_json: bool,
) -> None:
    """Verify evidence: who signed the message, its recipients, who confirmed it, and what is not proved.

    If a part is invalid, the command names it. It needs neither a state folder nor a network. Obtain the pin from a
    source other than the file: by telephone, or as published. The same applies to the trust lists, the Revokes and the
    time-stamping authority; without them, the result makes no statement about revocation and time.
    """
    from suar.cli.messages.evidence.report import lines, summary
    from suar.protocol.files.evidence import Unproved
    from suar.protocol.files.proof_keys import PINNED

    supplied = _read_supplied(trust, revokes, tsa_ca)
    data = read(file, "the evidence")
    try:
        proved, tokens = _judged(data, pin, supplied)
    except Unproved as found:
        require_unsealed(file, data)
        hint = _OTHER_PIN if pin in _hashes(supplied) and found.part == PINNED else _ASK
        raise Fault(f"{file} proves nothing: {found.part}: {found.text} [{found.step}]", hint) from None
    if message:
        atomic_write(message, proved.data, PRIVATE, replace=False)
    shown = summary(proved, tokens)
    emit(shown, as_json, lambda: "\n".join(lines(shown, lang)))


def _judged(data: bytes, pin: bytes, supplied: "Supplied") -> tuple["Proved", list["Judgement"]]:
    """Return what a file of evidence or its container proves, and what the container's tokens give. Raises
    Unproved.
    """
    from suar.protocol.files import container as files
    from suar.protocol.files.proof import verify as judge

    if data[:4] != files.MAGIC:
        return judge(data, pin, supplied), []
    return files.judge(files.read(data), pin, supplied)


def _hashes(supplied: "Supplied") -> frozenset[bytes]:
    """Return the hashes of the verifier's trust lists."""
    from suar.protocol.files.standing import names_of

    return names_of(supplied.lists or (), ())


def _read_supplied(trust: tuple[Path, ...], revokes: tuple[Path, ...], tsa_ca: Path | None) -> "Supplied":
    from suar.protocol.files.evidence import Unproved
    from suar.protocol.files.stamps import Authority
    from suar.protocol.files.standing import Supplied
    from suar.protocol.files.trust_file import TrustFile
    from suar.protocol.files.trust_file import read as read_trust

    def parsed(path: Path) -> TrustFile:
        try:
            return read_trust(read(path, "the trust file"))
        except Unproved as found:
            raise Fault(f"{path} is not a trust file: {found.part}: {found.text}", _OWN) from None

    lists, known = [parsed(path) for path in trust], [parsed(path) for path in revokes]
    given_lists = tuple(data for each in [*lists, *known] for data in each.lists)
    return Supplied(
        given_lists if lists or given_lists else None,
        tuple(data for each in known for data in each.revokes) if known else None,
        tuple(data for each in [*lists, *known] for data in each.stamps),
        Authority(read(tsa_ca, "the authority's certificates")) if tsa_ca else None,
        further=tuple(data for each in lists for data in each.revokes),
    )
