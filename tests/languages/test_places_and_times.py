"""Provinces by name, and times of the reader's zone with UTC beside, in every language."""

import json
import unicodedata
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from suar.languages.cldr import make_subdivisions
from suar.languages.cldr.subdivisions import NAMES, NATIVE, with_name
from suar.languages.names import names
from suar.languages.rendering import cells
from suar.languages.rendering.values import Values
from suar.languages.tags import LANGUAGES
from suar.protocol.base.sentences import name_cell
from suar.protocol.message.kinds import Observation
from suar.protocol.message.spec import fields_of

AT = "2027-01-15T18:30:00Z"
SCRIPTS = {"th": "THAI", "km": "KHMER", "lo": "LAO", "my": "MYANMAR"}


@pytest.mark.parametrize(
    ("code", "shown"),
    [("TH-50", "Chiang Mai (TH-50)"), ("PH-CEB", "Cebu (PH-CEB)"), ("KH-2", "Baat Dambang (KH-2)"), ("XX-1", "XX-1")],
)
def test_a_province_has_its_name(code: str, shown: str) -> None:
    assert with_name(code) == shown


def test_every_subdivision_of_a_state_with_a_script_of_its_own_has_its_name_in_it() -> None:
    for tag, country in make_subdivisions.STATES.items():
        assert set(NATIVE[tag]) == {code for code in NAMES if code.startswith(country)}
        assert all(unicodedata.name(name[0]).split()[0] in SCRIPTS[tag] for name in NATIVE[tag].values())


def test_the_generator_takes_the_names_without_the_word_for_province(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "3rdparty/cldr/common/subdivisions"
    folder.mkdir(parents=True)
    words = {"th": "จังหวัด{}", "km": "ខេត្ត\u200b {}", "lo": "ແຂວງ{}", "my": "{}တိုင်း"}
    for tag in make_subdivisions.STATES:
        rows = [
            f'<subdivision type="{code.replace("-", "").lower()}">{words[tag].format(name)}</subdivision>'
            for code, name in NATIVE[tag].items()
        ]
        (folder / f"{tag}.xml").write_text(f"<ldml>{''.join(rows)}<subdivision type='frbre'>x</subdivision></ldml>")
    monkeypatch.setattr(make_subdivisions, "FILE", tmp_path / "names.json")
    make_subdivisions.main(tmp_path)
    assert json.loads((tmp_path / "names.json").read_text()) == NATIVE


@pytest.mark.parametrize("tag", ["en", "vi", "km", "my", "zh"])
def test_a_reader_of_another_script_has_the_romanised_name_beside_the_code(tag: str) -> None:
    """Before, a Thai officer read a bare code of a province, and the English reader its name."""
    cell = {"period": "2026-Q1", "place": {"role": "detection", "country": "TH", "admin1": "TH-27"}, "dims": {}}
    assert "Sa Kaeo (TH-27)" in cells.label(cell, names(tag))
    named = name_cell("2026-Q1", {"admin1": "TH-27"}, {"sex": "female"})
    assert "Sa Kaeo (TH-27)" in str(cells.label_value(named, names(tag)))


def test_a_reader_of_the_language_of_the_state_has_the_name_in_it() -> None:
    """Before, a Thai officer read "ไทย Chiang Mai (TH-50)"."""
    cell = {"period": "2026-Q1", "place": {"role": "detection", "country": "TH", "admin1": "TH-50"}, "dims": {}}
    named = name_cell("2026-Q1", {"admin1": "TH-50"}, {"sex": "female"})
    for shown in (cells.label(cell, names("th")), str(cells.label_value(named, names("th")))):
        assert "เชียงใหม่ (TH-50)" in shown
        assert "Chiang Mai" not in shown


def test_a_place_of_a_message_is_stated_by_its_name() -> None:
    spec = fields_of(Observation)["place"][1]
    shown = Values(names("en")).one(spec, "place", {"role": "detection", "country": "TH", "admin1": "TH-63"})
    assert shown == "Detection: Thailand Tak (TH-63)"


@pytest.mark.parametrize("tag", list(LANGUAGES))
def test_an_instant_is_local_with_utc_beside(tag: str) -> None:
    shown = names(tag, ZoneInfo("Asia/Manila")).instant(AT)
    assert "02:30" in shown
    assert shown.endswith("(18:30 UTC)")
    assert names(tag).day("2027-01-16") in shown, "the day is the reader's"
    assert names(tag, ZoneInfo("UTC")).instant(AT) == names(tag).instant(AT)
    assert names(tag).instant(AT).endswith(" UTC")
