"""Story 24: a kind that the standard does not have gets form, review and page, without an edit of the console.

It is planted in a copy of the repository (tests/support/eighth_kind.py), whose gateways and console are run.
"""

import json
from pathlib import Path

import pytest

from support.browser import needed
from support.copies import copied, run_in
from support.eighth_kind import plant

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_story_24_a_planted_kind_is_written_reviewed_published_and_read(tmp_path: Path) -> None:
    needed()
    copy = copied(tmp_path)
    plant(copy)
    made = run_in(copy, "tests/support/eighth_kind.py", str(copy))  # its words, and what is generated of it
    assert made.returncode == 0, made.stderr
    done = run_in(copy, "tests/support/eighth_kind_story.py")
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout.splitlines()[-1])
    assert [each["title"] for each in results] == ["A first handbook 1280", "A first handbook 360"]
    for result in results:
        assert result["id"].startswith("PH-HANDBOOK-")
        assert result["title"] in result["inbox"]
        for each in (result["title"], "For those who teach", "Not for the public.", "Signs", "7"):
            assert each in result["page"]
