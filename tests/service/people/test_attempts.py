"""How long failures make wait."""

from suar.protocol.base import limits
from suar.service.people import attempts
from suar.service.people.attempts import FIRST_WAIT, FREE, LONGEST_WAIT, Attempts, SignInAttempts, network_of


def test_after_five_each_waits_twice_as_long_to_a_quarter_of_an_hour() -> None:
    now = [0]
    made = Attempts(lambda: now[0], FREE, None)
    waits = []
    for _ in range(16):
        assert made.wait("a") == 0
        made.fail("a")
        waits.append(made.wait("a"))
        now[0] += waits[-1]
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:9] == [FIRST_WAIT << n for n in range(5)]
    assert waits[-1] == LONGEST_WAIT
    assert made.wait("b") == 0


def test_a_guess_in_the_meantime_does_not_count_and_success_forgets() -> None:
    made = Attempts(lambda: 0, FREE, None)
    for _ in range(FREE):
        made.fail("a")
    assert made.wait("a") == FIRST_WAIT
    made.clear("a")
    assert made.wait("a") == 0


def test_a_clock_that_went_back_makes_nobody_wait_longer() -> None:
    now = [limits.DAY]
    made = Attempts(lambda: now[0], FREE, None)
    for _ in range(FREE):
        made.fail("a")
    now[0] = 0
    assert made.wait("a") == FIRST_WAIT


def test_guessing_names_displaces_no_account() -> None:
    made = SignInAttempts(lambda: 0)
    for _ in range(FREE):
        made.fail("maria", "here", is_known=True)
    for n in range(attempts.FREE_OF_NETWORK + 5000):
        made.fail(f"guess{n}", f"net{n}", is_known=False)
    assert made.wait("maria", "elsewhere", is_known=True) == FIRST_WAIT
    assert made.wait("ana", "elsewhere", is_known=True) == 0


def test_a_network_waits_whatever_names_it_tries() -> None:
    made = SignInAttempts(lambda: 0)
    for n in range(attempts.FREE_OF_NETWORK):
        made.fail(f"guess{n}", "there", is_known=False)
    assert made.wait("maria", "there", is_known=True) == FIRST_WAIT
    assert made.wait("maria", "here", is_known=True) == 0


def test_ipv6_counts_by_network() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("'; drop") == "unknown"
