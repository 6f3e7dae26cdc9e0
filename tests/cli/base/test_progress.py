"""Long work says that it goes on."""

import threading

import pytest

from suar.cli.base.progress import UNPUBLISHED, progress


def test_long_work_reports_that_it_continues_and_for_how_long() -> None:
    reports: list[str] = []
    twice = threading.Event()

    def report(line: str) -> None:
        reports.append(line)
        if len(reports) == 2:
            twice.set()

    with progress("checking", first=0.01, every=0.01, progress=report):
        assert twice.wait(60)
    assert reports[0] == "checking (0 s)"
    count = len(reports)
    assert not [each for each in threading.enumerate() if each.name == "progress"]
    assert len(reports) == count


def test_short_work_says_nothing() -> None:
    reports: list[str] = []
    with progress("checking", first=60, progress=reports.append):
        pass
    assert reports == []


def test_what_goes_wrong_inside_is_raised_and_ends_it() -> None:
    with pytest.raises(ValueError, match="wrong"), progress("checking", first=60):
        raise ValueError("wrong")
    assert not [each for each in threading.enumerate() if each.name == "progress"]


def test_a_wait_that_is_too_long_for_work_says_what_to_do_instead() -> None:
    reports: list[str] = []
    late = threading.Event()

    def report(line: str) -> None:
        reports.append(line)
        if line.startswith(UNPUBLISHED):
            late.set()

    with progress("checking", late=UNPUBLISHED, first=0.01, every=0.01, after=0.05, progress=report):
        assert late.wait(60)
    assert reports
    assert "hand in the same file again later: the message is sent only once" in reports[-1]
