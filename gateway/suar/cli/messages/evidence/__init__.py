"""`suar evidence`: one message proved to somebody who has neither a gateway nor a network.

Imports `suar.cli.base` only, and the format of evidence when a command runs.
"""

from typing import Final

from suar.cli.base.common import group
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "export": ("suar.cli.messages.evidence.exporting:export", "export a message with its proof to a file"),
    "key": ("suar.cli.messages.evidence.sealed:key", "create the offline keys that sealed evidence is opened with"),
    "renew": (
        "suar.cli.messages.evidence.renewing:renew",
        "add a new time stamp to a container before its last one expires",
    ),
    "unseal": ("suar.cli.messages.evidence.sealed:unseal", "take one layer off a sealed file of evidence, offline"),
    "verify": ("suar.cli.messages.evidence.verifying:verify", "verify an evidence file with nothing but the pin"),
}


@group("evidence", COMMANDS, example="suar evidence verify alert.evidence --pin HASH")
def evidence() -> None:
    """Prove a message to a third party, offline."""
