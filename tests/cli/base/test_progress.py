"""Long work says that it goes on."""

import threading

import pytest

from suar.cli.base.progress import progress


def test_long_work_tells_that_it_goes_on_and_for_how_long() -> None:
    told: list[str] = []
    twice = threading.Event()

    def tell(line: str) -> None:
        told.append(line)
        if len(told) == 2:
            twice.set()

    with progress("checking", first=0.01, every=0.01, progress=tell):
        assert twice.wait(60)
    assert told[0] == "checking (0 s)"
    count = len(told)
    assert not [each for each in threading.enumerate() if each.name == "progress"]
    assert len(told) == count


def test_short_work_says_nothing() -> None:
    told: list[str] = []
    with progress("checking", first=60, progress=told.append):
        pass
    assert told == []


def test_what_goes_wrong_inside_is_raised_and_ends_it() -> None:
    with pytest.raises(ValueError, match="wrong"), progress("checking", first=60):
        raise ValueError("wrong")
    assert not [each for each in threading.enumerate() if each.name == "progress"]
