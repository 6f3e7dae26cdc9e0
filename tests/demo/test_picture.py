"""The picture of the demo: of a page without its secrets, by a browser or by ourselves, kept alone."""

import asyncio
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from suar.demo.story import picture, run
from suar.demo.story.picture_svg import as_svg
from suar.protocol.base.instants import instant
from support.executables import CHROMIUM, SHELL, require

NOW = 1_800_000_000_000
SVG = "{http://www.w3.org/2000/svg}"


def member(state: str, *stages: str, **more: Any) -> dict[str, Any]:
    times = {
        stage: instant(NOW - 60_000) if stage in stages else None
        for stage in ("stored", "opened", "acknowledged", "acting")
    }
    return {
        "state": state,
        "overdue": False,
        "refused": None,
        "recalled": None,
        "held_by_law": None,
        "exports": None,
        "notes": [],
        "roles": [],
        **times,
        **more,
    }


def deliveries(**members: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "TH-ALERT-2027-000001", "rev": 1, "status": "actual", "acknowledge_by": instant(NOW - 42 * 60_000),
        "members": members,
    }  # fmt: skip


def test_the_svg_has_every_member_the_worst_first_and_says_it_in_words() -> None:
    found = deliveries(
        SG=member("acting", "stored", "opened", "acknowledged", "acting"),
        LA=member("refused", refused={"code": "E-MESSAGE-VERSION"}),
        BN=member("stored", "stored", overdue=True),
    )  # fmt: skip
    root = ET.fromstring(as_svg(found, NOW))
    texts = [each.text or "" for each in root.iter(f"{SVG}text")]
    names = [text for text in texts if text[-3:] in (" SG", " LA", " BN")]
    assert [name[-2:] for name in names] == ["LA", "BN", "SG"] or [name[-2:] for name in names] == ["BN", "LA", "SG"]
    assert "42 min late" in texts
    assert "refused" in texts
    assert "2 / 3" in texts  # stored
    description = root.findtext(f"{SVG}desc") or ""
    assert "Singapore: stored" in description
    assert "Lao PDR: refused." in description
    assert root.findtext(f"{SVG}title") == "TH-ALERT-2027-000001: who has it"


def test_a_hostile_name_stays_text() -> None:
    found = deliveries(SG=member("stored", "stored")) | {"id": "<script>&"}
    root = ET.fromstring(as_svg(found, NOW))
    assert not list(root.iter(f"{SVG}script"))


def test_a_browser_that_fails_leaves_it_to_the_svg(tmp_path: Path) -> None:
    drawn = tmp_path / "picture.png"
    for program, body in (("ends", "exit 1"), ("silent", "exit 0")):
        browser = tmp_path / program
        browser.write_text(f"#!{SHELL}\n{body}\n")
        browser.chmod(0o700)
        assert not asyncio.run(picture.draw(str(browser), "<p>page</p>", drawn, (640, 480)))
    assert not drawn.exists()
    assert not list(tmp_path.glob("browser-*"))


def test_the_browser_sees_the_page_and_no_passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUAR_PASSPHRASE", "one throw-away passphrase")
    browser, drawn = tmp_path / "browser", tmp_path / "picture.png"
    browser.write_text(
        f"""#!{SHELL}
        for option; do
          case $option in
            --screenshot=*) to=${{option#--screenshot=}};;
            file://*) page=${{option#file://}};;
          esac
        done
        env > {tmp_path}/environment
        cat "$page" > "$to"
        """
    )
    browser.chmod(0o700)
    assert asyncio.run(picture.draw(str(browser), "<p>page</p>", drawn, (640, 480)))
    assert drawn.read_text() == "<p>page</p>"
    assert drawn.stat().st_mode & 0o777 == 0o600
    assert "SUAR" not in (tmp_path / "environment").read_text()


@pytest.mark.browser
@pytest.mark.slow
def test_chromium_draws_a_page_and_asks_no_address(tmp_path: Path) -> None:
    require(CHROMIUM, "chromium", "browser")
    drawn = tmp_path / "picture.png"
    assert asyncio.run(picture.draw(CHROMIUM, "<!doctype html><h1>Who has it</h1>", drawn, (640, 480)))
    assert drawn.read_bytes()[:4] == b"\x89PNG"


def test_of_a_temporary_folder_the_picture_alone_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    for keeps in (True, False):
        with run.demo_folder(None, keeps_picture=keeps) as folder:
            (folder / "th").mkdir()
            for name in ("passphrase", "picture.png", "th/suar.db"):
                (folder / name).write_text("x")
        left = [path.name for path in tmp_path.rglob("*") if path.is_file()]
        assert left == (["picture.png"] if keeps else [])
        assert folder.exists() is keeps
        for path in list(tmp_path.rglob("picture.png")):
            path.unlink()
            path.parent.rmdir()
