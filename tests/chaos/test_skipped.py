"""The oracle's look at what the hub's servers skipped: it explains what was skipped and nothing else."""

import pytest

from chaos.skipped import Skipped, holes, source
from chaos.stores import Alarmed

EPOCH, OTHER = bytes([1]) * 32, bytes([2]) * 32


@pytest.mark.parametrize(
    ("numbers", "found"),
    [([1, 2, 3], []), ([1, 2, 6, 7], [3, 4, 5]), ([2, 1], [1]), ([1, 4, 2, 3, 5], [2, 3]), ([], [])],
)
def test_holes_are_what_a_higher_number_passed_over(numbers: list[int], found: list[int]) -> None:
    assert list(holes(numbers)) == found


@pytest.mark.parametrize(
    ("alarm", "is_explained"),
    [
        (Alarmed("gap", "SG", 3, 4, EPOCH), True),
        (Alarmed("withheld-tail", "SG", 3, 4, EPOCH), True),
        (Alarmed("withheld-tail", "SG", 3, 5, EPOCH), False),
        (Alarmed("gap", "SG", 3, 4, OTHER), False),
        (Alarmed("gap", "TH", 3, 4, EPOCH), False),
        (Alarmed("epoch-missing", "SG", None, None, OTHER), True),
        (Alarmed("epoch-missing", "SG", None, None, EPOCH), False),
        (Alarmed("bundle-withheld", "SG", None, None, b""), True),
        (Alarmed("bundle-withheld", "TH", None, None, b""), False),
        (Alarmed("message-equivocation", "SG", None, None, b""), False),
    ],
)
def test_an_alarm_is_explained_by_the_objects_that_it_names(alarm: Alarmed, is_explained: bool) -> None:
    left = Skipped()
    left.names["SG"] = {(EPOCH, 3), (OTHER, None), "bundle"}
    left.there["MY", "SG"] = {(EPOCH, 4)}
    assert left.explains(alarm, "MY") == is_explained
    assert not Skipped().explains(alarm, "MY")


def test_what_one_receiver_did_not_get_explains_nothing_at_another() -> None:
    left = Skipped()
    left.there["MY", "SG"] = {(EPOCH, 3)}
    assert left.explains(Alarmed("gap", "SG", 3, 3, EPOCH), "MY")
    assert not left.explains(Alarmed("gap", "SG", 3, 3, EPOCH), "VN")


def test_of_what_is_to_come_at_all() -> None:
    assert list(holes([2, 9, 4], [2, 4, 7, 9, 11])) == [4, 7]


def test_where_a_message_came_from() -> None:
    header = b"NATS/1.0\r\nNats-Stream-Source: OUTBOX_SG:GJOWz489:C=tcC6SDGX 45 > tip.v1.sg.> a.keys.all.1\r\n\r\n"
    assert source(header) == ("OUTBOX_SG", 45)
    assert source(b"") == ("", 0)
