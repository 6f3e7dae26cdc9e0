"""A webhook in memory: where it goes, and the keys that sign what is sent there."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from suar.protocol.base import limits
from suar.protocol.base.errors import Fault
from suar.service.notify import standard_webhooks
from suar.service.settings.sections.webhooks_config import Network
from suar.service.webhooks.addresses import Endpoint, endpoint
from suar.store.people.webhooks import Stored

ROTATION_MS: Final = limits.DAY
"""How long the secret before a rotation signs too."""


class Webhook(NamedTuple):
    """One agency's webhook. `to` is None where the settings do not permit its address any more."""

    agency: str
    to: Endpoint | None
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
        to: Endpoint | None = endpoint(stored.url, allow)
    except Fault:
        to = None
    return Webhook(stored.agency, to, stored)


def rotated(stored: Stored, now: int) -> Stored:
    """The same webhook with a new secret; the one before signs too for a day."""
    return stored._replace(
        secret=standard_webhooks.new_secret(), old_secret=stored.secret, old_until=now + ROTATION_MS
    )  # fmt: skip
