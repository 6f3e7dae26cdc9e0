"""`suar federation`: the trust list ceremony, offline, and the NATS servers of the federation."""

from typing import Final

from suar.cli.base.common import group
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "request": ("suar.cli.federation.request:request", "write a member's request again, with a new key if you like"),
    "found": ("suar.cli.federation.draft:found", "draft the first trust list"),
    "add": ("suar.cli.federation.draft:add", "draft the next list, with a member or a further key of one"),
    "suspend": ("suar.cli.federation.draft:suspend", "draft the next list, with a member suspended"),
    "return": ("suar.cli.federation.draft:return_", "draft the next list, with a suspended member back"),
    "revoke": ("suar.cli.federation.draft:revoke", "draft the next list, with a key revoked for ever"),
    "renew": ("suar.cli.federation.draft:renew", "draft the next list, with new dates, roots or threshold"),
    "sign": ("suar.cli.federation.sign:sign", "sign a draft with one root key"),
    "merge": ("suar.cli.federation.sign:merge", "make the list from its draft and its signatures"),
    "show": ("suar.cli.federation.sign:show", "print a draft, signature, list, request or public root key"),
    "verify": ("suar.cli.federation.sign:verify", "judge lists as a gateway does"),
    "tls": ("suar.cli.federation.tls:tls", "certificates of the links between the NATS servers"),
    "nats": ("suar.cli.federation.bus:nats", "render the configs of the NATS servers"),
    "streams": ("suar.cli.federation.bus:streams", "streams, joining, suspending, the watchdog"),
}


@group("federation", COMMANDS, example="suar federation show asean-1.list")
def federation() -> None:
    """Found a federation and change it: each key holder signs alone, anyone merges."""
