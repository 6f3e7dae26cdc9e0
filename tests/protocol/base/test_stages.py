"""A later stage implies those before it that were not stated."""

import itertools

import pytest

from suar.protocol.base.stages import ARRIVED, implied


@pytest.mark.parametrize("stated", list(itertools.product([False, True], repeat=len(ARRIVED))))
def test_implied_is_what_lies_before_the_last_stage_and_was_not_stated(stated: tuple[bool, ...]) -> None:
    found = implied({stage: 0 if is_stated else None for stage, is_stated in zip(ARRIVED, stated, strict=True)})
    for at, stage in enumerate(ARRIVED):
        assert (stage in found) is (not stated[at] and any(stated[at:])), stage
    assert found == sorted(found, key=ARRIVED.index)


def test_a_recall_and_a_refusal_imply_nothing() -> None:
    assert implied({"sent": 1, "recalled": 2, "refused": 3}) == []
