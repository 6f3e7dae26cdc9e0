"""`suar evidence`: one message proved to somebody who has neither a gateway nor a network."""

from typing import Final

from suar.cli.base.common import group
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "export": ("suar.cli.messages.evidence.exporting:export", "write what proves a message into a file"),
    "renew": ("suar.cli.messages.evidence.renewing:renew", "stamp a container anew, before its last token is too old"),
    "verify": ("suar.cli.messages.evidence.verifying:verify", "judge such a file; needs nothing but the pin"),
}


@group("evidence", COMMANDS, example="suar evidence verify alert.evidence --pin HASH")
def evidence() -> None:
    """Prove a message to an outsider, offline."""
