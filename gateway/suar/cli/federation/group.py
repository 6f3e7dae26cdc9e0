"""`suar federation`: the trust list ceremony, offline, and the NATS servers of the federation."""

from typing import Final

from suar.cli.base.common import group
from suar.cli.base.lazy import Table

COMMANDS: Final[Table] = {
    "request": ("suar.cli.federation.request:request", "write a member's request again, with a new key if required"),
    "found": ("suar.cli.federation.draft:found", "draft the first trust list"),
    "add": ("suar.cli.federation.draft:add", "draft the next list, with a new member or a further key"),
    "suspend": ("suar.cli.federation.draft:suspend", "draft the next list, with a member suspended"),
    "return": ("suar.cli.federation.draft:return_", "draft the next list, with a suspended member active again"),
    "revoke": ("suar.cli.federation.draft:revoke", "draft the next list, with a key revoked permanently"),
    "renew": ("suar.cli.federation.draft:renew", "draft the next list, with new dates, roots or threshold"),
    "sign": ("suar.cli.federation.sign:sign", "sign a draft with one root key"),
    "merge": ("suar.cli.federation.sign:merge", "create a list from its draft and its signatures"),
    "show": ("suar.cli.federation.sign:show", "print a draft, signature, list, request or public root key"),
    "verify": ("suar.cli.federation.sign:verify", "verify lists as a gateway does"),
    "tls": ("suar.cli.federation.tls:tls", "create the certificates of the links between the NATS servers"),
    "nats": ("suar.cli.federation.bus:nats", "write the configuration of the NATS servers"),
    "streams": ("suar.cli.federation.bus:streams", "create streams, connect and disconnect members, run the watchdog"),
}


@group("federation", COMMANDS, example="suar federation show asean-1.list")
def federation() -> None:
    """Found a federation and change its trust list; each key holder signs separately, and anyone can merge."""
