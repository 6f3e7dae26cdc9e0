"""What the tests of the browser rest on."""

import pytest

from support import browser
from support.browser import longer


def test_a_longer_text_is_longer_by_six_tenths() -> None:
    assert len(longer("Times are in your time zone")) >= 1.6 * len("Times are in your time zone")
    assert longer("a {number} b") == "aaa {number} b"


def test_a_missing_browser_is_a_failure_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "CHROMIUM", "")
    for ci, wanted, kind in (
        ("", "browser", pytest.fail.Exception),
        ("true", "", pytest.fail.Exception),
        ("", "", pytest.skip.Exception),
    ):
        monkeypatch.setenv("CI", ci)
        monkeypatch.setenv("SUAR_REQUIRE", wanted)
        with pytest.raises(kind, match="chromium is not installed"):
            browser.needed()
