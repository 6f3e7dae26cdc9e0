"""`suar audit verify`: the log that it reads, what counts of it, and the earlier export that it is compared with."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from suar.cli.base.terminal import code_or_quoted, quoted
from suar.cli.gateway.audits.counted import rest_text, signed_part
from suar.cli.gateway.audits.keys import Doubt, KeysJudged, doubts_about
from suar.federation.summary import grouped
from suar.files import read
from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.cli.gateway.audits.counted import Counting
    from suar.protocol.files.auditlog import LogSummary, Records, ShortLog, SignedHead, Title
    from suar.protocol.files.findings.log_keys import CountedLog

OUTSIDE = "what it signs is not in the log, and whoever has the key may have written it"
ANOTHER = "name another export that you kept"
UNNAMED_KEY = Doubt("unchecked", "which was not checked (--kid or --trust)", "name the key: --kid or --trust")
NOT_OWN = Doubt("not-own", "which is not an identity key of this gateway", ANOTHER)
OWN_REVOKED = Doubt("revoked", "which is revoked", ANOTHER)
RESTORED = "its end was cut off, or the state is an older one, from a backup"


def file_lines(file: Path) -> Iterator[bytes]:
    """Return the lines of an exported log."""
    return iter(read(file, "the exported log").splitlines())


class ReadLog:
    """A log that is read, with the hashes and times (ms) of its lines, and its heads.

    `expected`: the title of an earlier export of it.
    """

    def __init__(self, found: "Records", expected: "Title | None" = None) -> None:
        self._found, self._expected = found, expected
        self._heads: list[SignedHead] = []
        self.digests: list[bytes] = []
        self.dates: list[int] = []

    def records(self) -> "Records":
        """Yield its records, in order. Raises Fault for a log of another federation or member than that expected."""
        from suar.protocol.files.auditlog import Line, SignedHead, Title

        for record in self._found:
            if isinstance(record, Title) and self._expected is not None:
                _compare_titles(self._expected, record)
            yield record
            if isinstance(record, SignedHead):
                self._heads.append(record)
            if isinstance(record, Line):  # verified by this point
                self.digests.append(bytes.fromhex(record.hash))
                self.dates.append(record.at)

    def counted(self, keys: KeysJudged) -> "CountedLog":
        """Return what counts of it."""
        from suar.protocol.files.findings.log_keys import CountedLog

        return CountedLog(self.dates[: keys.signed], [each for each in self._heads if each.kid in keys.kids])

    def difference(self, head: "SignedHead") -> str:
        """Return what differs between the log and a head of it that signs what the log does not have."""
        from suar.protocol.files.auditlog import OLDER, short_text

        if head.head > len(self.digests):
            return f"the log {short_text(len(self.digests), head.head)}: {OLDER}"
        return f"line {head.head} of the log, or one before it, is not the one that this head signed"

    def has(self, head: "SignedHead") -> bool:
        """Whether the log has the line that a verified head signs, and so all lines before it."""
        return not head.head or self.digests[head.head - 1 : head.head] == [bytes.fromhex(head.hash)]


def _compare_titles(earlier: "Title", of: "Title") -> None:
    if (earlier.federation, earlier.member) != (of.federation, of.member):
        text = f"the earlier export is of {code_or_quoted(earlier.member)} in {quoted(earlier.federation)}, the log of "
        raise Fault(f"{text}{code_or_quoted(of.member)} in {quoted(of.federation)}", ANOTHER)


class EarlierExport(NamedTuple):
    """An earlier export: its last head that counts, None without one; and the heads of other keys behind that, the last
    one of each key, with why they do not count. `lines`: the number of its lines. `rest`: what is wrong with rows that
    do not count; else empty.
    """

    title: "Title"
    lines: int
    rest: str
    head: "SignedHead | None"
    others: "Sequence[tuple[SignedHead, Doubt]]"


def read_earlier(
    file: Path, kids: Sequence[str], trust: Path | None, own: Mapping[str, str] | None = None
) -> EarlierExport:
    """Return the heads of an earlier export, which is verified too. Raises Fault.

    `own`: the identity keys of this gateway with their states, which count where no key is named. Without any, no key
    of the export is checked, and none of its heads counts: anybody can write an export.
    """
    from suar.protocol.files import auditlog

    try:
        account, rest = auditlog.verify(auditlog.records(file_lines(file))), ""
    except auditlog.BrokenLog as broken:
        part = signed_part(list(file_lines(file)), counting(kids, trust, own))
        if part is None:
            raise Fault(f"the earlier export {file} is not as it was written: {broken.text}", ANOTHER) from None
        account, rest = part, rest_text(broken)
    if not account.heads:
        raise Fault(f"no line of {file} is signed", "name an export that has a head")
    doubts = _doubts(account, kids, trust, own)
    last = {each.kid: each for each in account.heads}
    counted = max((each for each in last.values() if doubts[each.kid] is None), key=attrgetter("head"), default=None)
    others = [(each, doubt) for each in last.values() if (doubt := doubts[each.kid]) is not None]
    begin = -1 if counted is None else counted.head
    return EarlierExport(account.title, account.lines, rest, counted, [each for each in others if each[0].head > begin])


def counting(kids: Sequence[str], trust: Path | None, own: Mapping[str, str] | None = None) -> "Counting":
    """Return what says whose heads of a log count: those of named keys, of trust lists, or of this gateway."""
    from suar.protocol.files.findings.log_keys import signers_of

    def counted(title: "Title", heads: "Sequence[SignedHead]") -> list[str]:
        kid_names = list(dict.fromkeys(each.kid for each in heads))
        if kids or trust:
            found = doubts_about(title, signers_of(heads), kids, trust).of
            return [kid for kid in kid_names if found[kid] is None]
        return [kid for kid in kid_names if own is not None and _doubt_of_own(own.get(kid)) is None]

    return counted


def _doubts(
    account: "LogSummary", kids: Sequence[str], trust: Path | None, own: Mapping[str, str] | None
) -> Mapping[str, Doubt | None]:
    """Return for each key of an earlier export why its heads do not count, None where they do."""
    from suar.protocol.files.findings.log_keys import signers_of

    if kids or trust:
        return doubts_about(account.title, signers_of(account.heads), kids, trust).of
    return {kid: UNNAMED_KEY if own is None else _doubt_of_own(own.get(kid)) for kid in account.kids}


def require_own(kids: Sequence[str], own: Mapping[str, str]) -> None:
    """Raise Fault for a named key that is not one of this gateway's own, or is revoked: whoever has such a key would
    accuse the own log by it.
    """
    for kid in kids:
        doubt = _doubt_of_own(own.get(kid))
        if doubt is not None:
            hint = "leave --kid out: the own log is compared by the gateway's own keys"
            raise Fault(f"--kid names the key {grouped(kid)}, {doubt.text}", hint)


def _doubt_of_own(key_state: str | None) -> Doubt | None:
    if key_state is None:
        return NOT_OWN
    return OWN_REVOKED if key_state == "revoked" else None


def short_fault(short: "ShortLog") -> Fault:
    """Return the error for the own log, which ends before the line that a head of an earlier export signs, which
    counts.
    """
    from suar.protocol.files.auditlog import short_text

    seen = f"the log {short_text(short.lines, short.signed)}"
    return Fault(f"{seen}: {RESTORED}", "a line `restore` in `suar audit show` names a backup that was put back")


def earlier_heads(earlier: EarlierExport, log: ReadLog) -> list[dict[str, Any]]:
    """Return what `--json` has of the heads of an earlier export, after the log was verified with the one that
    counts: whether they count, and whether the log has what they sign.
    """
    counted = [] if earlier.head is None else [(earlier.head, None)]
    return [
        {
            "key": head.kid, "signed": head.head, "counts": doubt is None, "why": doubt and doubt.why,
            "in_log": log.has(head),
        }
        for head, doubt in [*counted, *earlier.others]
    ]  # fmt: skip


def earlier_text(earlier: EarlierExport, log: ReadLog) -> str:
    """Return what is added to a result: heads of the earlier export that do not count, which accuse nobody."""
    found = []
    for head, doubt in earlier.others:
        begin = "key" if log.has(head) else "not proved"
        text = "what it signs is in the log" if log.has(head) else OUTSIDE
        if doubt is UNNAMED_KEY and not log.has(head):
            text = f"if that key is {code_or_quoted(earlier.title.member)}'s, then {log.difference(head)}"
        key = f"the head at line {head.head} of the earlier export is by the key {grouped(head.kid)}, {doubt.text}"
        found.append(f"\n{begin}: {key}: it does not count; {text}")
    counted = 0 if earlier.head is None else earlier.head.head
    if counted < earlier.lines:
        found.append(
            f"\nnot compared: lines {counted + 1} to {earlier.lines} of the earlier export, which no head that counts "
            "signs: anybody may have written them"
        )
    if earlier.rest:
        found.append(f"\nnot compared: a part of the earlier export is not as a gateway writes it: {earlier.rest}")
    return "".join(found)


def require_contained(earlier: EarlierExport, log: ReadLog, signed: int) -> None:
    """Raise Fault unless an exported log has the line that the head of an earlier export signs, which counts.

    `signed`: the last line of the log that a head that counts signs. The lines behind it accuse nobody.
    """
    from suar.protocol.files.auditlog import OLDER, short_text

    head = earlier.head
    if head is None or log.has(head):
        return
    if head.head > signed:
        text = f"its lines that count end at line {signed}, and the head to compare it with signs {head.head} lines"
        if signed < len(log.digests):
            text += f"; no head that counts signs its lines {signed + 1} to {len(log.digests)}: anybody may have "
            text += "written them, and they were not compared"
        else:
            text = f"it {short_text(signed, head.head)}: {OLDER}"
        hint = "ask for a later export"
        raise Fault(f"the log does not have every line of the earlier export: {text}", hint)
    text = f"line {head.head} or one before it is not the one that the head to compare it with signed"
    raise Fault(f"the log is not as it was written: {text}", "compare it with an earlier export")


def require_compared(earlier: EarlierExport, log: ReadLog) -> None:
    """Raise Fault if no head of the earlier export counts, and the log differs from it: nothing was compared."""
    if earlier.head is None and not all(log.has(head) for head, _ in earlier.others):
        _, doubt = earlier.others[-1]
        raise Fault("no head of the earlier export counts, and its lines are not all in the log", doubt.hint)
