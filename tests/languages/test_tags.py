"""Which language a BCP 47 tag asks for."""

import pytest

from suar.languages.tags import LANGUAGES, TRANSLATED, choose, is_in
from suar.protocol.base.errors import Fault


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("th", "th"), ("th-TH", "th"), ("TH", "th"), ("th_TH", "th"), ("id-ID", "id"), ("in", "id"), ("tl", "fil"),
        ("zh", "zh"), ("zh-Hans", "zh"), ("zh-Hans-SG", "zh"), ("zh-CN", "zh"), ("ms-Latn-BN", "ms"), ("pt-TL", "pt"),
        ("pt-BR", "pt"), ("tet-TL", "tet"), ("en-GB", "en"), ("my-Mymr", "my"), ("ta-SG", "ta"),
    ],
)  # fmt: skip
def test_a_tag_finds_its_language(tag: str, language: str) -> None:
    assert choose(tag).tag == language


@pytest.mark.parametrize("tag", ["de", "zh-Hant", "zh-TW", "zh-HK", "ms-Arab", "", "-", "th\x1b[2J", "x" * 500])
def test_any_other_is_refused_with_the_list(tag: str) -> None:
    with pytest.raises(Fault) as refused:
        choose(tag)
    assert all(each.tag in refused.value.hint and each.autonym in refused.value.hint for each in LANGUAGES.values())
    assert refused.value.text.isprintable()
    assert len(refused.value.text) < 120


def test_there_are_english_and_twelve() -> None:
    assert len(TRANSLATED) == 12
    assert next(iter(LANGUAGES)) == "en"


def test_a_text_is_in_the_language_of_its_tag() -> None:
    assert is_in(LANGUAGES["th"], "th-TH")
    assert not is_in(LANGUAGES["th"], "lo")
    assert not is_in(LANGUAGES["zh"], "zh-Hant")
