"""The keys that may have signed a log: those that the verifier names, or the member's in its trust lists; and what a
verified log, line or report does not prove.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import rich_click as click

from suar.cli.base.common import Kid, PathType
from suar.federation.summary import grouped
from suar.files import read
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.instants import claimed_at
from suar.protocol.base.limits import CLOCK_TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from suar.protocol.files.findings.key_status import KeyStatus

TIMES_MAX: Final = 10  # most contradictions of times that are named
UNCHECKED = "whose key was not checked (--kid or --trust)"
NOT_PROVED: Final = {
    "act": "That an action took place, and which person took it: a line names an account or a token.",
    "time": "The times in it: they are what the signer wrote; a time stamp proves only by when the file existed.",
    "custody": "That nobody else had the key: whoever holds a key signs in its owner's name.",
    "owner": "That the key is the member's and is not revoked: --trust takes the newest lists and Revokes.",
    "later": "That no later trust list, and no Revoke other than those that you gave, revokes the key.",
    "log": "That the log is complete: its end may be left out together with its heads, and what was never written.",
    "line": "Anything about the lines that are not shown, and that the log still has this line.",
    "report": "That it has every line of its selection: only --log, with the exported log, shows that.",
}
"""What is not proved, by a word for it."""
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


def named_times(times: Sequence[str]) -> dict[str, Any]:
    """Return the parts of `--json` about times that contradict each other: at most TIMES_MAX, and how many more."""
    named = list(times[:TIMES_MAX])
    return {"contradictions": named, "contradictions_more": len(times) - len(named)}


def times_text(shown: Mapping[str, Any]) -> str:
    """Return what is added to a result whose times contradict each other, and what lists say of its keys."""
    more, named = shown["contradictions_more"], [f"\ncontradiction: {each}" for each in shown["contradictions"]]
    rest = [f"\nand {more:,} more contradictions, which are not named here"] if more else []
    return "".join([*named, *rest, *(f"\n{each}" for each in shown["key_findings"])])


def not_proved(*of: str, is_listed: bool) -> list[str]:
    """Return the sentences on what is not proved of a verified file; `is_listed`: trust lists were given."""
    return [NOT_PROVED[name] for name in ("act", "time", "custody", "later" if is_listed else "owner", *of)]


def not_proved_text(sentences: Sequence[str]) -> str:
    """Return what is added to a result: what is not proved."""
    return "".join(["\nThis is not proved:", *(f"\n  - {each}" for each in sentences)]) if sentences else ""


class Signing(NamedTuple):
    """A key (kid in hex) of a member that signed heads, the last one at `at`, and the earliest line, `first`; in ms."""

    kid: str
    at: int
    first: int | None = None


def require_listed(trust: Path, member: str, signed: Sequence[Signing]) -> list[str]:
    """Raise Fault unless the trust lists of a file have each key for the member, and neither a list nor a Revoke of the
    file revokes it. Return what else they say of the keys: past their time, or replaced; a line before any key.
    """
    from suar.protocol.files.evidence import Unproved
    from suar.protocol.files.findings.key_status import first_key, status_of
    from suar.protocol.files.trust_file import read as read_trust
    from suar.protocol.trust.trustlist import parse, read_list

    try:
        content = read_trust(read(trust, "the trust file"))
        lists = sorted((read_list(parse(data).raw) for data in content.lists), key=lambda each: each.version)
        keys = [key for each in lists for of in each.members if of.code == member for key in of.keys]
        by_owner = _revoked_by_owner({key.kid: key.public for key in keys}, content.revokes)
    except (Unproved, Refused):
        raise Fault(f"{trust} is not a trust file", _OWN) from None
    listed = {key.kid.hex() for key in keys}
    revoked = {key.kid.hex() for key in keys if key.revoked_at is not None} | by_owner
    found, begin = list[str](), first_key(lists, member)
    for kid, at, first in signed:
        if kid not in listed:
            raise Fault(f"the log is signed by the key {grouped(kid)}, which no list of {trust} has for {member}", _OWN)
        if kid in revoked:
            raise Fault(f"the log is signed by the key {grouped(kid)} of {member}, which {trust} has as revoked", _OWN)
        status = status_of(bytes.fromhex(kid), member, at, lists, ())
        found += [] if status is None else _key_notes(status)
        if first is not None and begin is not None and first < begin - CLOCK_TOLERANCE:
            text = f"a line is dated {claimed_at(first)}, and no key of {member} was valid before {claimed_at(begin)}"
            found.append(f"contradiction: {text}")
    return list(dict.fromkeys(found))


def _key_notes(status: "KeyStatus") -> list[str]:
    """Return what lists say of a key that nothing revokes."""
    key, found = grouped(status.kid.hex()), list[str]()
    if status.gone_from is not None:
        text = "it was replaced or removed, which does not say that it was compromised"
        found.append(f"key: trust list {status.gone_from} no longer has the key {key}: {text}")
    if status.valid_until is not None:
        until = f"valid until {claimed_at(status.valid_until)}, by trust list {status.valid_in}"
        found.append(f"key: the key {key} was {until}; it signed a head dated {claimed_at(status.at)}")
    return found


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
