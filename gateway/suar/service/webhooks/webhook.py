"""A webhook in memory: its address, and the keys that sign what is sent there."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.protocol.base.instants import instant
from suar.service.access import as_shown
from suar.service.notify import standard_webhooks
from suar.service.settings.sections.webhooks_config import Network
from suar.service.webhooks.addresses import Endpoint, RefusedAddress, endpoint
from suar.store.people.webhooks import Stored

ROTATION_MS: Final = limits.DAY
"""How long the secret before a rotation signs too."""


class Webhook(NamedTuple):
    """One agency's webhook. `to` is the code of RefusedAddress where its address is not permitted any more."""

    agency: str
    to: Endpoint | str
    stored: Stored

    def __repr__(self) -> str:
        return f"Webhook({self.agency})"

    def keys(self, now: int) -> list[bytes]:
        """The keys that sign at `now` (ms): during a rotation the one before too."""
        stored = self.stored
        is_rotating = stored.old_until is not None and now < stored.old_until
        secrets = [stored.secret, *([stored.old_secret] if stored.old_secret is not None and is_rotating else [])]
        return [key for key in map(standard_webhooks.key_of, secrets) if key is not None]


def loaded(stored: Stored, allow: Sequence[Network]) -> Webhook:
    """A stored webhook under the settings of this process."""
    try:
        to: Endpoint | str = endpoint(stored.url, allow)
    except RefusedAddress as refused:
        to = refused.code
    return Webhook(stored.agency, to, stored)


def digest_of(agency: str, stored: Stored | None) -> str:
    """The digest of an agency's webhook as a decision about it was shown it: its address and the last rotation."""
    url, old_until = (None, None) if stored is None else (stored.url, stored.old_until)
    return as_shown.digest_of({"agency": agency, "url": url, "old_until": old_until})


def rotated(stored: Stored, now: int) -> Stored:
    """The same webhook with a new secret; the one before signs too for a day. Fault while two sign already."""
    if stored.old_until is not None and now < stored.old_until:
        raise Fault(
            f"the secret was rotated already: two sign, and it can be rotated again at {instant(stored.old_until)}",
            "nothing is lost until then; if others know a secret, remove the webhook and set it anew",
        )
    return stored._replace(
        secret=standard_webhooks.new_secret(), old_secret=stored.secret, old_until=now + ROTATION_MS
    )  # fmt: skip
