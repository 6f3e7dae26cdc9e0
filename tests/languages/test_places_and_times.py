"""Provinces by name, and times of the reader's zone with UTC beside, in every language."""

from zoneinfo import ZoneInfo

import pytest

from suar.languages.names import names
from suar.languages.rendering import cells
from suar.languages.rendering.values import Values
from suar.languages.subdivisions import with_name
from suar.languages.tags import LANGUAGES
from suar.protocol.message.kinds import Observation
from suar.protocol.message.spec import fields_of

AT = "2027-01-15T18:30:00Z"


@pytest.mark.parametrize(
    ("code", "shown"),
    [("TH-50", "Chiang Mai (TH-50)"), ("PH-CEB", "Cebu (PH-CEB)"), ("KH-2", "Baat Dambang (KH-2)"), ("XX-1", "XX-1")],
)
def test_a_province_has_its_name(code: str, shown: str) -> None:
    assert with_name(code) == shown


@pytest.mark.parametrize("tag", ["en", "vi", "th", "km", "my", "zh"])
def test_a_reader_of_another_script_has_the_romanised_name_beside_the_code(tag: str) -> None:
    """Before, a Thai officer read a bare code of a province, and the English reader its name."""
    cell = {"period": "2026-Q1", "place": {"role": "detection", "country": "TH", "admin1": "TH-27"}, "dims": {}}
    assert "Sa Kaeo (TH-27)" in cells.label(cell, names(tag))
    assert "Sa Kaeo (TH-27)" in cells.named("2026-Q1, TH-27, sex female", names(tag))


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
