"""The audit log of this gateway, verified, with the newest head that signs its tree, by which lines are proved; and the
gateway's own keys.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from suar.cli.base.client import ODD, call, running, shaped
from suar.cli.base.common import keyring_passphrase
from suar.protocol.base.errors import Fault

if TYPE_CHECKING:
    from suar.protocol.files.auditlog import Line, Records, SignedHead, Title

PAGE: Final = 1_000  # lines
LATER: Final = "the tree of a log is signed within a minute; `suar audit export` exports all of it"

ALTERED: Final = (
    "an incident: compare `suar audit export` with an earlier export (`suar audit verify FILE --since EARLIER`), see "
    "`suar audit verify --store`; when you know what happened, `suar audit anew`"
)


class SignedLog(NamedTuple):
    """A verified log: its wanted lines, the leaves of all `length` lines, and the newest head with a root, if any."""

    title: "Title"
    lines: "list[Line]"
    leaves: list[bytes]
    head: "SignedHead | None"

    @property
    def length(self) -> int:
        """Return how many lines the log has."""
        return len(self.leaves)


class LogPage(msgspec.Struct):
    """A page of the log, as the gateway answers; `altered`: how the log differs from the one that it wrote."""

    title: dict[str, str]
    lines: list[dict[str, Any]]
    heads: list[dict[str, Any]]
    altered: str | None = None


class OwnLog:
    """The log of this gateway, read from the one that runs, or from the folder of one that does not.

    `altered`, once it was read: how it differs from the log that the gateway wrote, by the line that its keyring has as
    signed, the account of its store and its own keys; None if it does not.
    """

    def __init__(self, state: Path, passphrase_file: Path | None, *, is_stopped: bool = False) -> None:
        self._state, self._file, self._is_stopped = state, passphrase_file, is_stopped
        self.altered: str | None = None

    def pages(self) -> Iterator[dict[str, Any]]:
        """Yield the log page by page; with `is_stopped` the folder alone is read, and no gateway is asked."""
        found = self._stored() if self._is_stopped or not running(self._state) else self._answered()
        for page in found:
            self.altered = self.altered or page.altered
            yield {"title": page.title, "lines": page.lines, "heads": page.heads}

    def _stored(self) -> Iterator[LogPage]:
        from suar.service.process.offline import audit

        for page in audit(self._state, keyring_passphrase(self._state, self._file)):
            yield LogPage(**page)

    def _answered(self) -> Iterator[LogPage]:
        after, size = 0, PAGE
        while size == PAGE:
            params = {"after": str(after), "limit": str(PAGE)}
            page = shaped(call(self._state, "GET", "/v1/audit", params=params), LogPage)
            size = len(page.lines)
            numbers = [n for line in page.lines if isinstance(n := line.get("n"), int)]
            if len(numbers) != size or (size and numbers[-1] <= after):
                raise Fault("the gateway answered with lines of a log that are not in order", ODD)
            after = numbers[-1] if size else after
            yield page

    def require_unaltered(self, done: str = "") -> None:
        """Raise Fault if the log that was read is not the one that this gateway wrote. `done`: what was done with it
        all the same.
        """
        if self.altered is not None:
            raise Fault(f"{done}the log is not the one that this gateway wrote: {self.altered}", ALTERED)


def signed_log(state: Path, passphrase_file: Path | None, is_wanted: "Callable[[Line], bool]") -> SignedLog:
    """Read the log of this gateway. Raises BrokenLog, and Fault for a log that is not the one that it wrote."""
    from suar.protocol.files import auditlog

    leaves, wanted = list[bytes](), list[auditlog.Line]()
    own = OwnLog(state, passphrase_file)

    def records() -> "Records":
        for record in auditlog.records(auditlog.exported_lines(own.pages())):
            yield record
            if isinstance(record, auditlog.Line):  # verified by this point
                leaves.append(auditlog.leaf_of(record))
                wanted.extend([record] if is_wanted(record) else [])

    found = auditlog.verify(records())
    own.require_unaltered()
    heads = [head for head in found.heads if isinstance(head.root, str)]
    return SignedLog(found.title, wanted, leaves, heads[-1] if heads else None)


class _KeyRow(msgspec.Struct):
    key: str
    kid: str
    state: str


def own_keys(state: Path, passphrase_file: Path | None) -> dict[str, str]:
    """Return the state of each identity key of this gateway, by its kid in hex, such as `signs` or `revoked`."""
    rows: Any
    if running(state):
        rows = call(state, "GET", "/v1/keys")
    else:
        from suar.service.process.offline import keys

        rows = keys(state, keyring_passphrase(state, passphrase_file))
    return {row.kid: row.state for row in shaped(rows, list[_KeyRow]) if row.key == "identity"}
