"""The keys that may have signed a log: those that the verifier names, or the member's in its trust lists; and what a
verified log, line or report does not prove.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import rich_click as click

from suar.cli.base.common import Kid, PathType
from suar.cli.base.terminal import code_or_quoted, quoted
from suar.federation.summary import grouped
from suar.files import read
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import claimed_at
from suar.protocol.base.limits import CLOCK_TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from suar.protocol.files.findings.key_status import KeyStatus
    from suar.protocol.files.findings.log_keys import LogTrust, Signer

    class LogOf(Protocol):
        """What names the log that a file is of: its federation and its member."""

        @property
        def federation(self) -> str:
            """The federation."""

        @property
        def member(self) -> str:
            """The member, by its code."""


TIMES_MAX: Final = 10  # most contradictions of times that are named
UNCHECKED = "whose key was not checked (--kid or --trust)"
NOT_PROVED: Final = {
    "act": "That an action took place, and which person took it: a line names an account or a token.",
    "time": "The times in it: they are what the signer wrote; a time stamp proves only by when the file existed.",
    "custody": "That nobody else had the key: whoever holds a key signs in its owner's name.",
    "owner": "That the key is the member's and is not revoked: --trust takes the newest lists and Revokes.",
    "lists": "That the lists are the federation's: only their own roots vouch for them. Compare the newest's hash.",
    "later": "That no later trust list, and no Revoke other than those that you gave, revokes the key.",
    "log": "That the log is complete: its end may be left out together with its heads, and what was never written.",
    "commitments": "Who kept the commitments: whoever has the salt can write such a file, and any can be left out.",
    "line": "Anything about the lines that are not shown, and that the log still has this line.",
    "title": "What the report is of: nobody signed its title, which names a person, a period or a message (its id).",
    "report": "That it has every line of its selection: only --log, with the exported log, shows that.",
}
"""What is not proved, by a word for it."""
_OTHER_KEY = "name its key too, if it is the member's, or ask the member for another export"
_OWN = "`suar trust export` of a gateway that you trust writes one"

kid_option: "Callable[[Any], Any]" = click.option(
    "--kid", "kids", type=Kid(), multiple=True, help="Count only heads signed with this key; may be repeated."
)
trust_option: "Callable[[Any], Any]" = click.option(
    "--trust", type=PathType, help="Trust lists that you trust: count only heads of keys that they have for the member."
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
    of_key = ("lists", "later") if is_listed else ("owner",)
    return [NOT_PROVED[name] for name in ("act", "time", "custody", *of_key, *of)]


def not_proved_text(sentences: Sequence[str]) -> str:
    """Return what is added to a result: what is not proved."""
    return "".join(["\nThis is not proved:", *(f"\n  - {each}" for each in sentences)]) if sentences else ""


class KeysJudged(NamedTuple):
    """The keys whose heads count, what there is to say of the keys, and how the federation is known."""

    signers: "Sequence[Signer]"
    notes: Sequence[str]
    others: Sequence[dict[str, Any]]  # keys whose heads do not count, for programs
    federation: str

    @property
    def kids(self) -> list[str]:
        """The keys whose heads count, in hex."""
        return [each.kid for each in self.signers]

    @property
    def signed(self) -> int:
        """The last line that a head that counts signs; 0 without one."""
        return max((each.signed for each in self.signers), default=0)


class Doubt(NamedTuple):
    """Why the heads of a key do not count: a word for programs, the end of a sentence, and the next step."""

    why: str
    text: str
    hint: str = _OWN


class Doubts(NamedTuple):
    """For each key (kid in hex) why its heads do not count, None where they do; what lists say of the keys that they do
    not revoke; from when on (ms) the member has a key, if the lists show it; and how the federation is known.
    """

    of: Mapping[str, Doubt | None]
    notes: Sequence[str]
    begin: int | None
    federation: str


def judge_keys(
    of: "LogOf", signers: "Sequence[Signer]", kids: Sequence[str] = (), trust: Path | None = None,
    dated: Iterable[tuple[int, int]] = (),
) -> KeysJudged:  # fmt: skip
    """Return whose heads of a log count, by `doubts_about`, and what there is to say of the keys. `dated`: the number
    and time (ms) of each line; of these only lines that a head that counts signs are compared with the keys.

    Raises Fault for lists that are not valid or of another federation, and if there are heads and none of them counts.
    """
    found = doubts_about(of, signers, kids, trust)
    keys = _counted(signers, found)
    signed = ((at, n) for n, at in dated if n <= keys.signed)
    return keys._replace(notes=[*keys.notes, *_before_keys(of, min(signed, default=None), found.begin)])


def doubts_about(of: "LogOf", signers: "Sequence[Signer]", kids: Sequence[str], trust: Path | None) -> Doubts:
    """Return whose heads of a log do not count, and why: those of keys that are not among `kids`, if any are named; and
    of those that the trust lists of the file do not have for the member, or that a list or a Revoke of it revokes.
    Those of a replaced key count only if no other key does.

    Raises Fault for lists that are not valid or of another federation.
    """
    if trust is None:
        origin = f"federation: {quoted(of.federation)}, as the file says"
        return Doubts({each.kid: _unnamed(each, kids) for each in signers}, [], None, origin)
    known = _known(trust)
    if known.federation != of.federation:
        text = f"the log is of the federation {quoted(of.federation)}, and the lists of {trust} are of "
        raise Fault(text + quoted(known.federation), _OWN)
    statuses = {each.kid: known.status(each.use(of.member)) for each in signers}
    found = {each.kid: _unnamed(each, kids) or _unproved(statuses[each.kid], trust, of.member) for each in signers}
    counted = {kid: each for kid, each in statuses.items() if each is not None and found[kid] is None}
    notes = [note for each in counted.values() for note in _key_notes(each)]
    if any(each.gone_from is None for each in counted.values()):
        found |= {kid: _replaced(each) for kid, each in counted.items()}
    versions = " to ".join(dict.fromkeys(str(known.lists[at].version) for at in (0, -1)))
    newest = f"the hash of the newest is {grouped(known.newest.hex())}"
    origin = f"federation: {quoted(of.federation)}, that of your trust lists ({versions}); {newest}"
    return Doubts(found, notes, known.first_key(of.member), origin)


def _before_keys(of: "LogOf", first: tuple[int, int] | None, begin: int | None) -> list[str]:
    """Return one text if the earliest line (ms, number) is dated before the member has any key."""
    if first is None or begin is None or first[0] >= begin - CLOCK_TOLERANCE:
        return []
    dated = f"line {first[1]} is dated {claimed_at(first[0])}"
    return [f"contradiction: {dated}, and no key of {of.member} was valid before {claimed_at(begin)}"]


def _unnamed(signer: "Signer", kids: Sequence[str]) -> Doubt | None:
    if not kids or signer.kid in kids:
        return None
    return Doubt("unnamed", "which is not one of those that you named", _OTHER_KEY)


def _unproved(status: "KeyStatus | None", trust: Path, member: str) -> Doubt | None:
    if status is None:
        return Doubt("unlisted", f"which no list of {trust} has for {code_or_quoted(member)}")
    return Doubt("revoked", f"which {trust} has as revoked") if status.is_revoked else None


def _replaced(status: "KeyStatus") -> Doubt | None:
    if status.gone_from is None:
        return None
    return Doubt("replaced", f"which trust list {status.gone_from} no longer has")


def _counted(signers: "Sequence[Signer]", doubts: Doubts) -> KeysJudged:
    """Return the keys whose heads count, and notes on the others. Raises Fault if there are only others."""
    counted = [each for each in signers if doubts.of[each.kid] is None]
    signed = max((each.signed for each in counted), default=0)
    others, further = list[dict[str, Any]](), list[str]()
    for each in signers:
        doubt = doubts.of[each.kid]
        if doubt is None:
            continue
        key = grouped(each.kid)
        if not counted:
            raise Fault(f"the log is signed by the key {key}, {doubt.text}", doubt.hint)
        others.append({"key": each.kid, "why": doubt.why, "signed": each.signed})
        if each.signed > signed:
            text = f"stand under the key {key} alone, {doubt.text}: whoever has it may have written them"
            further.append(f"not proved: lines {signed + 1} to {each.signed} {text}; their times are not compared")
        else:
            text = f"heads up to line {each.signed} are signed by the key {key}, {doubt.text}"
            further.append(f"key: {text}; they do not count, and a later head signs the same lines")
    return KeysJudged(counted, list(dict.fromkeys([*further, *doubts.notes])), others, doubts.federation)


def _known(trust: Path) -> "LogTrust":
    """Return the verified lists and Revokes of a trust file. Raises Fault."""
    from suar.protocol.files.evidence import Unproved
    from suar.protocol.files.findings.log_keys import read_trust
    from suar.protocol.files.trust_file import read as read_file

    data = read(trust, "the trust file")
    try:
        content = read_file(data)
    except Unproved:
        raise Fault(f"{trust} is not a trust file", _OWN) from None
    try:
        return read_trust(content)
    except Unproved as found:
        raise Fault(f"{trust} is not valid: {found.part}: {found.text}", _OWN) from None


def _key_notes(status: "KeyStatus") -> list[str]:
    """Return what lists say of a key that nothing revokes."""
    key, found = grouped(status.kid.hex()), list[str]()
    if status.gone_from is not None:
        text = "it was replaced or removed, which does not say that it was compromised"
        found.append(f"key: trust list {status.gone_from} no longer has the key {key}: {text}")
    if status.valid_until is not None:
        until = f"valid until {claimed_at(status.valid_until)}, by trust list {status.valid_in}"
        found.append(f"key: the key {key} was {until}; it signed a head dated {claimed_at(status.at)}")
    if status.valid_from is not None and status.first_at is not None:
        since = f"valid from {claimed_at(status.valid_from)} on, by trust list {status.valid_from_in}"
        found.append(f"key: the key {key} was {since}; it signed a head dated {claimed_at(status.first_at)}")
    return found
