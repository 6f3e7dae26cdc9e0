"""Every page is at most 150 kB and asks for at most five files more, all of them of this machine."""

import re
from pathlib import Path

from console.samples import OPERATOR, USER, sampled
from support.console import browser

MOST = 150_000
FILES = 5
LOADED = re.compile(r'<(?:link [^>]*href|script [^>]*src|img [^>]*src|image [^>]*href)="([^"]*)"')


async def test_pages_are_light_and_load_from_here_alone(tmp_path: Path) -> None:
    async with sampled(tmp_path) as made:
        of_operators = ["/console/health", "/console/peers", "/console/peers/SG", "/console/tokens", "/console/keys"]
        visits = [(desk, USER, pages) for desk, pages in made.pages.items()]
        for desk, user, pages in [*visits, (made.writing, OPERATOR, of_operators)]:
            async with browser(desk) as visit:
                await visit.sign_in(user)
                for path in pages:
                    page = await visit.get(path)
                    files = set(LOADED.findall(page.text))
                    assert (page.status_code, len(page.content) <= MOST) == (200, True), (path, len(page.content))
                    assert 2 <= len(files) <= FILES, (path, files)
                    assert all(each.startswith("/console/static/") for each in files), (path, files)
