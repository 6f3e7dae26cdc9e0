"""Waiting after failed sign-ins: by account and by network, doubling to a quarter of an hour.

In memory: a restart forgets them, which an attacker from outside cannot cause. The counts of accounts that exist are
never displaced by guesses of names; those of other names and of networks are bounded.
"""

from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Final, NamedTuple

from suar.protocol.base import limits

FREE: Final = 5  # failures of an account without waiting
FREE_OF_NETWORK: Final = 25  # an office has one address
FREE_FIRST_STEPS: Final = 100  # of a network from which no sign-in succeeded
FIRST_WAIT: Final = 5 * limits.SECOND
LONGEST_WAIT: Final = 15 * limits.MINUTE
_FORGOTTEN: Final = 60 * limits.MINUTE  # after the last failure
_KEPT: Final = 4_096
_IPV6_NETWORK: Final = 64


class _Count(NamedTuple):
    failures: int
    last: int


class Attempts:
    """Failures under names of one kind; `clock` gives ms. Counts for at most `most` names, None: for all."""

    def __init__(self, clock: Callable[[], int], free: int, most: int | None) -> None:
        self._clock, self._free, self._most = clock, free, most
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def wait(self, name: str) -> int:
        """Return the milliseconds until the next attempt may be made; 0: now."""
        count = self._counts.get(name)
        if count is None or count.failures < self._free:
            return 0
        wait = min(LONGEST_WAIT, FIRST_WAIT << min(count.failures - self._free, 20))
        return max(0, min(count.last, self._clock()) + wait - self._clock())

    def fail(self, name: str) -> int:
        """Count a failure; return the number of failures, this one included."""
        now, count = self._clock(), self._counts.pop(name, None)
        before = count.failures if count is not None and now - count.last < _FORGOTTEN else 0
        self._counts[name] = _Count(before + 1, now)
        if self._most is not None and len(self._counts) > self._most:
            self._counts.popitem(last=False)
        return before + 1

    def clear(self, name: str) -> None:
        """Delete the failures of a name, after an attempt that succeeded."""
        self._counts.pop(name, None)


class SignInAttempts:
    """Failed sign-ins: of accounts that exist, of other names, and of networks."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._known = Attempts(clock, FREE, None)
        self._unknown = Attempts(clock, FREE, _KEPT)
        self._networks = Attempts(clock, FREE_OF_NETWORK, _KEPT)
        self._first_steps = Attempts(clock, FREE_FIRST_STEPS, _KEPT)
        self._again = Attempts(clock, FREE, _KEPT)

    def wait(self, user: str, network: str, *, is_known: bool) -> int:
        """Return the milliseconds until a sign-in as this user may be tried from this network."""
        return max(self._of(is_known).wait(user), self._networks.wait(network))

    def fail(self, user: str, network: str, *, is_known: bool) -> int:
        """Count a failure; return the number of failures of the user, or of the network if no user was named."""
        by_network = self._networks.fail(network)
        return self._of(is_known).fail(user) if user else by_network

    def clear(self, user: str) -> None:
        """Delete the failures of a user who signed in; those of the network stay."""
        self._known.clear(user)

    # -- first steps: each one costs a hash, whatever was right

    def wait_before_sign_in(self, network: str) -> int:
        """Return the milliseconds until this network may begin another sign-in."""
        return self._first_steps.wait(network)

    def count_sign_in(self, network: str) -> None:
        """Count a sign-in that begins, whether it will succeed or not."""
        self._first_steps.fail(network)

    def clear_sign_ins(self, network: str) -> None:
        """Delete the count of a network from which a sign-in succeeded."""
        self._first_steps.clear(network)

    # -- codes within a session: counted by session and account, so that strangers cannot make its person wait

    def wait_in_session(self, user: str, session: bytes) -> int:
        """Return the milliseconds until the person of a session may enter a code."""
        return max(map(self._again.wait, _names_of(user, session)))

    def fail_in_session(self, user: str, session: bytes) -> int:
        """Count a wrong code; return the number of failures of the account or session, the higher one."""
        return max(map(self._again.fail, _names_of(user, session)))

    def clear_session(self, user: str, session: bytes) -> None:
        """Delete the failures of an account and its session, after a right code."""
        for name in _names_of(user, session):
            self._again.clear(name)

    def _of(self, is_known: bool) -> Attempts:
        return self._known if is_known else self._unknown


def _names_of(user: str, session: bytes) -> tuple[str, str]:
    return f"account {user}", f"session {session.hex()}"


def network_of(address: str) -> str:
    """An address as failures are counted: IPv6 by its /64, since one holder has all of it."""
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    return str(ip_network(f"{found}/{_IPV6_NETWORK}", strict=False)) if found.version == 6 else str(found)
