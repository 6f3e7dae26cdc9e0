"""An agency for its page and for the list."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from suar.console.views.operate import ms
from suar.service.webhooks.webhook import digest_of

REALM_WORDS: Final = {"actual": "agency-actual", "exercise": "menu-drills", "all": "agency-both"}
"""Realms of a registration -> the key of their words."""


class Webhook(Struct, frozen=True):
    """Where its events are sent, and with which result; times in ms. `digest`: of the state that a decision
    is about.
    """

    url: str
    state: str
    outcome: str | None
    waiting: int
    dead: int
    delivered_at: int | None
    failing_since: int | None
    digest: str

    @property
    def state_word(self) -> str:
        """Return the key of its state."""
        return f"webhook-{self.state}"


class Agency(Struct, frozen=True):
    """A registration with its state; times in ms."""

    name: str
    state: str
    sector: str
    kinds: tuple[str, ...]
    tlp: str
    realm: str
    is_automated: bool
    may_propose: bool
    nkey: str
    maker: str
    created_at: int | None
    expires_at: int | None
    old_token_until: int | None
    last_used: int | None
    digest: str
    webhook: Webhook | None

    @property
    def hook_digest(self) -> str:
        """Return the digest of its webhook, or of having none."""
        return digest_of(self.name, None) if self.webhook is None else self.webhook.digest

    @property
    def state_word(self) -> str:
        """Return the key of its state."""
        return state_word(self.state)

    @property
    def realm_word(self) -> str:
        """Return the key of the realms in which it takes part."""
        return REALM_WORDS[self.realm]

    @property
    def may_change(self) -> bool:
        """Whether the registration has not ended permanently."""
        return self.state != "revoked"


def state_word(state: str) -> str:
    """Return the key of an agency's state."""
    return "state-suspended" if state == "suspended" else f"token-{state}"


def agency(found: Mapping[str, Any]) -> Agency:
    """Return the agency of a row of the facade."""
    return Agency(
        found["name"], found["state"], found["sector"], tuple(found["kinds"]), found["max_tlp"], found["realm"],
        found["automated"], found["propose"], found["nkey"] or "", found["maker"], ms(found["created"]),
        ms(found["expires"]), ms(found["old_token_until"]), ms(found["last_used"]), found["digest"],
        _webhook(found["webhook"]),
    )  # fmt: skip


def _webhook(found: Mapping[str, Any] | None) -> Webhook | None:
    if found is None:
        return None
    return Webhook(
        found["url"], found["state"], found["last_outcome"], found["waiting"], found["dead_letters"],
        ms(found["delivered"]), ms(found["failing_since"]), found["digest"],
    )  # fmt: skip
