"""The tables of the documents are what the code makes of them (`make pages`)."""

import re

import pytest

from support import pages


@pytest.mark.parametrize("name", pages.PAGES)
def test_a_page_has_the_tables_of_the_code(name: str) -> None:
    text = (pages.ROOT / name).read_text("utf-8")
    assert pages.made(text) == text, "make pages"


def test_every_table_is_in_a_page_and_is_closed() -> None:
    texts = [(pages.ROOT / name).read_text("utf-8") for name in pages.PAGES]
    begun = [name for text in texts for name in re.findall(r"<!-- (\w+): made by make pages -->", text)]
    ended = [name for text in texts for name in re.findall(r"<!-- end of (\w+) -->", text)]
    assert sorted(begun) == sorted(ended) == sorted(pages.PARTS)
