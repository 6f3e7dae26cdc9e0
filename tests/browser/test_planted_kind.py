"""Story 24: a kind planted by a test gets form, review and page without another edit, in a real browser.

It is planted in a copy of the repository, never here; the story itself is planted_story.py, which runs there.
"""

from pathlib import Path

import pytest

from support.browser import needed
from support.copies import copied, run_in
from support.eighth_kind import plant

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]


def test_story_24_a_planted_kind_gets_form_review_and_page(tmp_path: Path) -> None:
    needed()
    copy = copied(tmp_path)
    plant(copy)
    made = run_in(copy, "tests/support/eighth_kind.py", str(copy))  # catalogues and schemas
    assert made.returncode == 0, made.stderr
    done = run_in(copy, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/browser/planted_story.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
