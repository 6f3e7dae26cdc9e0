"""The names by which a member's server tells its hubs apart: streams, consumers, accounts, and what crosses to each.

Where there is one hub the names have no suffix. Two hubs are `a` and `b`, and each name of a line ends with its letter.
"""

from typing import Final, NamedTuple

LETTERS: Final = ("a", "b")


class HubLine(NamedTuple):
    """The line to one hub; `name` is empty where there is only one."""

    name: str = ""

    def named(self, base: str) -> str:
        """Return a name of this line."""
        return f"{base}_{self.name}" if self.name else base

    @property
    def entity(self) -> str:
        """What checks and alarms call the hub."""
        return f"hub-{self.name}" if self.name else "hub"

    @property
    def account(self) -> str:
        """The account of the own server in which only this leaf link is."""
        return self.named("LINK").upper()

    @property
    def up(self) -> str:
        """The consumer of OUTBOX from which this hub reads."""
        return self.named("up")

    @property
    def hub_api(self) -> str:
        """The subject below which a member's server asks this hub."""
        return self.named("fed.ctl.hub")

    @property
    def position(self) -> str:
        """The name of the stored position in the stream of this line."""
        return self.named("inbox")

    def inbox(self, code: str) -> str:
        """Return the stream of a member that this hub fills."""
        return self.named(f"INBOX_{code.upper()}").upper()

    def down(self, code: str) -> str:
        """Return this hub's consumer of REGION for a member."""
        return self.named(f"down_{code.lower()}")

    def up_subject(self, code: str) -> str:
        """Return the subject that carries a member's objects to this hub."""
        return f"{self.named('fed.up')}.{code.lower()}"

    def down_subject(self, code: str) -> str:
        """Return the subject that carries this hub's objects to a member."""
        return f"{self.named('fed.down')}.{code.lower()}"


ONLY_HUB: Final = HubLine()
ONE_HUB: Final = (ONLY_HUB,)
TWO_HUBS: Final = tuple(map(HubLine, LETTERS))
