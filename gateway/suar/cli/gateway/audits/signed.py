"""The audit log of this gateway, verified, with the newest head that signs its tree, by which lines are proved; and the
gateway's own keys.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from suar.cli.base.client import call, running
from suar.cli.base.common import keyring_passphrase

if TYPE_CHECKING:
    from suar.protocol.files.auditlog import Line, Records, SignedHead, Title

PAGE: Final = 1_000  # lines
LATER: Final = "the tree of a log is signed within a minute; `suar audit export` exports all of it"


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


def signed_log(state: Path, passphrase_file: Path | None, is_wanted: "Callable[[Line], bool]") -> SignedLog:
    """Read the log from the running gateway, or from the folder of one that does not run. Raises BrokenLog."""
    from suar.protocol.files import auditlog

    leaves, wanted = list[bytes](), list[auditlog.Line]()

    def records() -> "Records":
        for record in auditlog.records(auditlog.exported_lines(log_pages(state, passphrase_file))):
            yield record
            if isinstance(record, auditlog.Line):  # verified by this point
                leaves.append(auditlog.leaf_of(record))
                wanted.extend([record] if is_wanted(record) else [])

    found = auditlog.verify(records())
    heads = [head for head in found.heads if isinstance(head.root, str)]
    return SignedLog(found.title, wanted, leaves, heads[-1] if heads else None)


def log_pages(state: Path, passphrase_file: Path | None) -> Iterator[dict[str, Any]]:
    """Yield the log page by page, from the running gateway or from the folder of one that does not run."""
    if not running(state):
        from suar.service.process.offline import audit as offline_audit

        yield from offline_audit(state, keyring_passphrase(state, passphrase_file))
        return
    after, size = 0, PAGE
    while size == PAGE:
        page = call(state, "GET", "/v1/audit", params={"after": str(after), "limit": str(PAGE)})
        size = len(page["lines"])
        after = page["lines"][-1]["n"] if size else after
        yield page


def own_keys(state: Path, passphrase_file: Path | None) -> dict[str, str]:
    """Return the state of each identity key of this gateway, by its kid in hex, such as `signs` or `revoked`."""
    rows: Any
    if running(state):
        rows = call(state, "GET", "/v1/keys")
    else:
        from suar.service.process.offline import keys

        rows = keys(state, keyring_passphrase(state, passphrase_file))
    return {row["kid"]: row["state"] for row in rows if row["key"] == "identity"}
