"""The keys that may have signed a log: those that the verifier names, or the member's in its trust lists."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from suar.cli.base.common import Kid, PathType
from suar.federation.summary import grouped
from suar.files import read
from suar.protocol.base.errors import Fault, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

UNCHECKED = "whose key was not checked (--kid or --trust)"
_OWN = "`suar trust export` of a gateway that you trust writes one"

kid_option: "Callable[[Any], Any]" = click.option(
    "--kid", "kids", type=Kid(), multiple=True, help="Accept only heads signed with this key; may be repeated."
)
trust_option: "Callable[[Any], Any]" = click.option(
    "--trust", type=PathType, help="Trust lists that you trust: accept only keys that they have for the member."
)


def require_checked(*, is_checked: bool) -> None:
    """Raise Fault if nothing checked whose key signed a file that was printed: the command does not succeed."""
    if not is_checked:
        raise Fault(
            "nothing shows whose key signed it: anybody can write such a file", "name the key: --kid or --trust"
        )


def times_text(times: Sequence[str]) -> str:
    """Return what is added to a result whose times contradict each other."""
    return "".join(f"\ncontradiction: {each}" for each in times)


def require_listed(trust: Path, member: str, kids: Sequence[str]) -> None:
    """Raise Fault unless the trust lists of a file have each key for the member, and neither a list nor a Revoke of the
    file revokes it.
    """
    from suar.protocol.files.evidence import Unproved
    from suar.protocol.files.trust_file import read as read_trust
    from suar.protocol.trust.trustlist import parse, read_list

    try:
        content = read_trust(read(trust, "the trust file"))
        lists = [read_list(parse(data).raw) for data in content.lists]
        keys = [key for each in lists for of in each.members if of.code == member for key in of.keys]
        by_owner = _revoked_by_owner({key.kid: key.public for key in keys}, content.revokes)
    except (Unproved, Refused):
        raise Fault(f"{trust} is not a trust file", _OWN) from None
    listed = {key.kid.hex() for key in keys}
    revoked = {key.kid.hex() for key in keys if key.revoked_at is not None} | by_owner
    for kid in kids:
        if kid not in listed:
            raise Fault(f"the log is signed by the key {grouped(kid)}, which no list of {trust} has for {member}", _OWN)
        if kid in revoked:
            raise Fault(f"the log is signed by the key {grouped(kid)} of {member}, which {trust} has as revoked", _OWN)


def _revoked_by_owner(keys: Mapping[bytes, bytes], revokes: Iterable[bytes]) -> set[str]:
    """[R1] Return the kids of `keys` (kid to public key) that a signed Revoke revokes. Raises Refused."""
    from suar.protocol.base.primitives import is_signed
    from suar.protocol.trust import revoke

    found = set[str]()
    for data in revokes:
        kid, body = revoke.parse(data)
        if body.kid == kid and kid in keys and is_signed("revoke", keys[kid], data[84:], data[20:84]):
            found.add(kid.hex())
    return found
