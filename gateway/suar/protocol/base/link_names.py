"""Names of streams, consumers, accounts and subjects on a member's server, for the link to each hub.

With one hub the names have no suffix. With two hubs, `a` and `b`, each name of a link ends with the hub's letter.
"""

from typing import Final, NamedTuple

LETTERS: Final = ("a", "b")


class HubLink(NamedTuple):
    """The link to one hub; `name` is empty if there is only one hub."""

    name: str = ""

    def named(self, base: str) -> str:
        """Return a name with the suffix of this link."""
        return f"{base}_{self.name}" if self.name else base

    @property
    def entity(self) -> str:
        """The name of the hub in checks and alarms."""
        return f"hub-{self.name}" if self.name else "hub"

    @property
    def account(self) -> str:
        """The account of the member's own server that holds only this leaf link."""
        return self.named("LINK").upper()

    @property
    def up(self) -> str:
        """The consumer of OUTBOX from which this hub reads."""
        return self.named("up")

    @property
    def hub_api(self) -> str:
        """The prefix of the JetStream API subjects by which a member's server calls this hub."""
        return self.named("fed.ctl.hub")

    @property
    def position(self) -> str:
        """The name of the stored position in the stream of this link."""
        return self.named("inbox")

    def inbox(self, code: str) -> str:
        """Return the name of the member's stream that this hub fills."""
        return self.named(f"INBOX_{code.upper()}").upper()

    def down(self, code: str) -> str:
        """Return the name of this hub's consumer of REGION for a member."""
        return self.named(f"down_{code.lower()}")

    def up_subject(self, code: str) -> str:
        """Return the subject that carries a member's objects to this hub."""
        return f"{self.named('fed.up')}.{code.lower()}"

    def down_subject(self, code: str) -> str:
        """Return the subject that carries this hub's objects to a member."""
        return f"{self.named('fed.down')}.{code.lower()}"


ONLY_HUB: Final = HubLink()
ONE_HUB: Final = (ONLY_HUB,)
TWO_HUBS: Final = tuple(map(HubLink, LETTERS))
