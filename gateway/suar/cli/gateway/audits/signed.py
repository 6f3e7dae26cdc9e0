"""The audit log of this gateway, verified, with the newest head that signs its tree, by which lines are proved."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from suar.protocol.files.auditlog import Line, Records, SignedHead, Title

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
    from suar.cli.gateway.audit import log_pages
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
