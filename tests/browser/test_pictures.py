"""The pictures of the documents show the pages as they are: `make pictures` takes them again."""

import json
import re
from pathlib import Path

import pytest

from browser.pictures import BYTES_MAX, DIGESTS, FOLDER, digest, digests, pictures
from console.samples import sampled

ROOT = FOLDER.parents[1]


@pytest.mark.slow
async def test_every_picture_is_of_the_page_as_it_is(tmp_path: Path) -> None:
    async with sampled(tmp_path) as sample:
        now = await digests(pictures(sample))
    kept = json.loads(DIGESTS.read_text("utf-8"))
    stale = sorted(name for name in now | kept if now.get(name) != kept.get(name))
    assert stale == [], "make pictures, and look at them"
    assert {path.stem for path in FOLDER.glob("*.png")} == set(now)


def test_every_page_has_its_picture_at_both_widths() -> None:
    kept = json.loads(DIGESTS.read_text("utf-8"))
    pages = {"compose", "approve", "matrix", "inbox", "trend", "health"}
    assert set(kept) == pages | {f"{each}-360" for each in pages} | {"message-km-360"}
    assert all(kept[each] == kept[f"{each}-360"] for each in pages)


def test_pictures_are_small_and_shown() -> None:
    shown = {
        name
        for page in (ROOT / "README.md", ROOT / "docs/focal-points.md")
        for name in re.findall(r"!\[[^\]]+\]\((?:docs/)?pictures/([\w-]+)\.png\)", page.read_text("utf-8"))
    }
    taken = {path.stem: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert shown == set(taken)
    assert max(taken.values()) < BYTES_MAX


def test_a_digest_follows_words_and_not_what_differs_each_time() -> None:
    page = '<input type="hidden" name="csrf" value="abc"><a href="/console/draft/x-1">At 12:30</a>'
    other = '<input type="hidden" name="csrf" value="def"><a href="/console/draft/y-2">At 13:45</a>'
    assert digest(page) == digest(other)
    assert digest(page) != digest(page.replace("At", "On"))
