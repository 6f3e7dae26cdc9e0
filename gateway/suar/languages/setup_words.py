"""The English of `suar setup`, by key. Placeholders in braces are in every translation."""

from typing import Final

SETUP: Final[dict[str, str]] = {
    # the eight questions
    "ask-member": "Code of this member: two letters of ISO 3166-1, or XA for the Secretariat",
    "ask-name": "Name of this member, as it will be in the trust list",
    "ask-federation": "Name of the federation",
    "ask-nats": "Address and port at which the NATS server listens for the gateway, on this machine",
    "ask-monitor": "Port of the NATS server's monitor, on this machine",
    "ask-api": "Address and port at which the API of the gateway listens, on this machine",
    "ask-console": "Address at which browsers open the console (https://...), or nothing",
    "ask-backups": "Folder for the daily backups, best on another disk",
    "again": "This answer cannot be used. Needed: {allowed}",
    # after the questions
    "passphrase": "A passphrase was made in {file}. Keep a copy of it in a safe: without it no backup can be opened.",
    "send": "Send these three files to the operator of the hub, and the first also to whoever drafts the trust list:",
    "compare": "Then compare these fingerprints with them by telephone:",
    "identity": "identity key",
    "link": "key of the link",
    "next": "When the trust list, its pin, the plan and the certificate have come, run:",
    # finishing
    "fits": "The plan and the certificate are for this machine.",
    "trusted": "The trust list is imported.",
    "configured": "The NATS server and the gateway are configured.",
    "server": "The NATS server runs.",
    "streams": "The streams exist, and the hub serves this member.",
    "gateway": "The gateway runs.",
    "health": "Health: {status}. `suar doctor` shows every problem and its next step.",
    "exercise": "The exercise {id} is published. This shows who has received it:",
    "not-started": "Nothing was started.",
}
"""Words by key."""
