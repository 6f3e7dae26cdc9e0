"""The characters of a text are those of Unicode 14.0, and later tables change nothing about them."""

import json
import unicodedata
from hashlib import sha256

import pytest

from schemas import make_unicode
from suar.protocol.base.codelists import assigned_ranges
from suar.protocol.message.jsonform import is_assigned, is_in_form, parse
from suar.published import schemas_dir

FORMS_OF_14 = "4ca0baf6734391e07fe2d6f1b6152afadbf779ca81848050615bbb3474d82970"
"""The digest of the normal forms and classes of all assigned characters, as Python 3.11 has them."""
OF_14 = pytest.mark.skipif(
    unicodedata.unidata_version != make_unicode.VERSION, reason="this Python has a later Unicode"
)


@OF_14
def test_the_table_is_that_of_unicode_14() -> None:
    assert make_unicode.FILE.read_text() == make_unicode.table()


def test_no_normal_form_has_changed_since() -> None:
    digest = sha256()
    for first, last in assigned_ranges():
        for each in map(chr, range(first, last + 1)):
            forms = unicodedata.normalize("NFC", each), unicodedata.normalize("NFD", each)
            known = f"{forms} {unicodedata.combining(each)} {unicodedata.category(each) != 'Cn'}\n"
            digest.update(known.encode("utf-8", "backslashreplace"))
    assert digest.hexdigest() == FORMS_OF_14


def test_nothing_that_came_later_composes_what_was_there() -> None:
    later = [chr(code) for code in range(0x110000) if not is_assigned(chr(code))]
    parts = [unicodedata.normalize("NFD", each) for each in later if unicodedata.normalize("NFD", each) != each]
    assert [each for each in parts if is_assigned(each) and not is_in_form(each)] == []


@pytest.mark.parametrize(
    "text",
    [
        "ระวังงานในต่างประเทศ", "ລະວັງວຽກຢູ່ຕ່າງປະເທດ", "ប្រយ័ត្នការងារនៅក្រៅប្រទេស", "ပြည်ပအလုပ်သတိပြုပါ",
        "வெளிநாட்டு வேலை", "注意海外工作", "𠮷野家", "Cảnh giác việc làm ở nước ngoài", "👩🏽\u200d⚕\ufe0f 🇸🇬 🫶",
    ],
)  # fmt: skip
def test_the_languages_of_the_region_are_in_it(text: str) -> None:
    assert is_in_form(text)
    assert parse(json.dumps({"a": text}, ensure_ascii=False).encode()) == {"a": text}


def test_every_text_of_the_standard_and_of_the_catalogues_is_in_it() -> None:
    folder = schemas_dir()
    files = [*(folder / "examples" / "valid").glob("*.json"), *(folder / "corpus").glob("*/*.ndjson")]
    catalogues = list((folder.parent / "gateway/suar/languages/catalogues").glob("*.po"))
    assert min(len(files), len(catalogues)) > 10
    assert [each.name for each in files + catalogues if not is_assigned(each.read_text("utf-8"))] == []
