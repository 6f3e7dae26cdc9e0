"""The code lists as files: one header, no code twice, successors that exist; and the standard's own counts."""

import csv
from pathlib import Path

import pytest

from suar.protocol.base import codelists
from suar.published import keys_dir, schemas_dir

HEADER = ["code", "label_en", "since", "deprecated_in", "replaced_by", "rollup_glotip", "source"]
FILES = sorted((schemas_dir() / "codelists").glob("*.csv"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_list_is_well_formed(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        header, *lines = csv.reader(file)
    assert header == HEADER
    codes = [line[0] for line in lines]
    assert len(set(codes)) == len(codes) > 0
    assert all(label and since and source for _, label, since, _, _, _, source in lines)
    assert all(bool(deprecated) == bool(successor) for _, _, _, deprecated, successor, _, _ in lines)
    assert {successor for *_, successor, _, _ in lines} - {""} <= set(codes)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("act", 5),
        ("means-legal", 8),
        ("means-control", 17),
        ("means-coarse", 8),
        ("purpose", 15),
        ("sector", 18),
        ("alert-event", 16),
        ("alert-request", 12),
        ("indicator-sign", 17),
        ("member", 12),
        ("country", 249),
    ],
)
def test_list_has_as_many_codes_as_its_standard(name: str, count: int) -> None:
    assert len(codelists.codes(name)) == count


def test_every_purpose_but_unknown_rolls_up_to_one_of_glotips_three() -> None:
    rolled = {row.code: row.rollup_glotip for row in codelists.rows("purpose")}
    assert rolled.pop("unknown") == ""
    assert set(rolled.values()) == {"sexual-exploitation", "forced-labour", "other"}


def test_every_fine_means_of_control_has_a_coarse_one_or_is_other() -> None:
    with (schemas_dir() / "rollups" / "means-control.csv").open(encoding="utf-8", newline="") as file:
        coarse = dict(list(csv.reader(file))[1:])
    assert set(coarse) == set(codelists.codes("means-control"))
    assert set(coarse.values()) == {*codelists.codes("means-coarse"), ""}
    assert [fine for fine, of in coarse.items() if not of] == ["other"]


def test_closed_types_take_only_lists_that_exist() -> None:
    lists = {name for names in codelists.TYPES.values() for name in names} - {codelists.TOTAL}
    assert lists <= {path.stem for path in FILES}


def test_published_folders_are_found() -> None:
    assert (schemas_dir() / "README.md").is_file()
    assert keys_dir().is_dir()
