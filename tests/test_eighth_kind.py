"""An eighth kind takes its own module, its words, its examples: everything else finds it without another edit.

It is planted in a copy of the repository (tests/support/eighth_kind.py), never here.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from support.copies import copied, run_in
from support.eighth_kind import EXAMPLE, KIND, MALAY, MODULE, plant

OF_EVERY_KIND = (
    "tests/schemas/test_standard.py", "tests/schemas/test_structs_and_schemas.py",
    "tests/protocol/privacy/test_texts.py", "tests/protocol/privacy/test_free_texts.py",
    "tests/service/receive/test_recall.py",
)  # fmt: skip


pytestmark = [pytest.mark.slow]  # programs in a copy of the repository


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = copied(tmp_path_factory.mktemp("copy"))
    plant(made)
    return made


@pytest.fixture(scope="module")
def found(copy: Path) -> dict[str, Any]:
    done = run_in(copy, "tests/support/eighth_kind.py", str(copy))
    assert done.returncode == 0, done.stderr
    found_document: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found_document


@pytest.fixture
def protocol(found: dict[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = found["protocol"]
    return part


@pytest.fixture
def readers(found: dict[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = found["readers"]
    return part


@pytest.fixture
def standard(found: dict[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = found["standard"]
    return part


def test_it_is_read_and_written(protocol: dict[str, Any]) -> None:
    assert (protocol["read"], protocol["id"]) == (KIND, "TH-HANDBOOK")
    assert protocol["english"] == ["Handbook: first lessons", "Issued on 2027-12-27."]
    assert protocol["lane"] == "expected"
    assert protocol["reference"]


def test_its_own_rules_and_those_of_every_kind_hold(protocol: dict[str, Any]) -> None:
    assert [path.partition(" ")[0] for path in protocol["unknown field"]] == ["$.victim"]
    assert protocol["rule"] == ["$.chapters the chapters are not in the order of their pages (M-HANDBOOK-PAGES)"]
    assert protocol["lifetime"] == ["$.expires expires is more than 730 days after sent (M-EXPIRES-IN-TIME)"]
    assert [path.partition(" ")[0] for path in protocol["still to come"]] == ["$.issued"]


def test_the_privacy_gate_looks_at_all_that_somebody_writes_in_it(protocol: dict[str, Any]) -> None:
    assert protocol["pass"] == []
    assert ["E-PRIVACY-IDENTIFIER", "$.remark"] in protocol["telephone"]
    assert ["E-PRIVACY-NAME", "$.chapters[0].heading"] in protocol["person"]
    assert ["E-PRIVACY-IDENTIFIER", "$.site"] in protocol["link"]
    assert ["E-PRIVACY-NAME", "$.inbox"] in protocol["mail"]


def test_its_cancel_repeats_nothing_that_somebody_wrote(protocol: dict[str, Any]) -> None:
    cancel = protocol["cancel"]
    assert cancel["remark"] == "Cancelled"
    assert {chapter["heading"] for chapter in cancel["chapters"]} == {"Cancelled"}
    assert not {"site", "inbox"} & set(cancel)


def test_it_is_shown_in_words(readers: dict[str, Any]) -> None:
    english, malay = readers["english"], readers["malay"]
    assert {"Kind: Handbook", "Grade: First lessons", "Issued on: 27 December 2027"} <= set(english)
    assert "Written in: Malay" in english
    assert "Remark: “Not for the public.”" in english
    assert any("Heading: “Interviews”; Page: 1,200" in line for line in english)
    assert f"Jenis: {MALAY}" in malay


def test_it_is_exported_and_required(readers: dict[str, Any]) -> None:
    assert readers["check-message"][1].startswith("pass\n")
    assert readers["draft"] == "beginner"
    assert readers["formats"] == ["csv", "json"]
    assert "remark,Not for the public." in readers["csv"]
    assert readers["json"]
    assert "is no kind of message" not in readers["inbox"][1]
    assert "receipt" in readers["no kind"]
    assert KIND in readers["no kind"]


def test_it_has_a_form_and_a_page_in_the_console(found: dict[str, Any]) -> None:
    console = found["console"]
    assert console["widgets"] == {
        "grade": "radios", "issued": "day", "spoken": "select", "remark": "area", "chapters": "rows", "site": "text",
    }  # fmt: skip
    assert {"chapters-0-heading", "chapters-1-page"} <= set(console["ids"])
    written = {key: value for key, value in EXAMPLE.items() if key in console["draft"]}
    written |= {"issuer": {"body": "National school", "sector": "education"}}
    assert console["draft"] == written
    assert {"grade", "issued", "spoken", "remark", "chapters", "site", "inbox"} <= set(console["draft"])
    assert console["title"] == "A first handbook"
    assert any(line[0] == "Remark" and "Not for the public." in line[1] for line in console["lines"])
    assert console["use"].startswith("teach")


def test_it_is_published(standard: dict[str, Any]) -> None:
    properties = standard["schema"]["Handbook"]["properties"]
    assert properties["grade"]["enum"] == ["beginner", "teacher"]
    assert properties["remark"]["description"] == "what to know before it is used"
    assert "|HANDBOOK)" in standard["alert"]
    assert "730 days (handbook)" in standard["alert"]
    assert "| `beginner` | First lessons |" in standard["page"]
    assert "M-HANDBOOK-PAGES" in standard["page"]


def test_tables_and_pages_have_it(standard: dict[str, Any]) -> None:
    texts = standard["texts"]
    assert {name for name, lines in texts.items() if not lines} == {"docs/operators.md", "docs/why.md"}
    assert "Handbook,remark,what to know before it is used" in texts["schemas/fields.csv"]
    assert any(line.startswith("M-HANDBOOK-PAGES,handbook,") for line in texts["schemas/rules.csv"])
    assert "        schema: {$ref: ./v1/handbook.schema.json}" in texts["schemas/asyncapi.yaml"]
    row = "| `handbook` | Teaching material, and for whom it is | schools of police and nurses |"
    assert row in texts["docs/messages.md"]
    assert standard["openapi"] >= 1


def test_vectors_and_invalid_examples_are_made_of_it(standard: dict[str, Any]) -> None:
    vectors = standard["vectors"]
    made = ("", "-cancelled", "-not-permitted")
    assert set(vectors) == {f"message-of-the-kind{name}-{KIND}" for name in made}
    assert all(vectors.values())
    assert "schema/handbook-expires-missing.json" in standard["invalid"]
    assert "rule/handbook-expires-after-730-days.json" in standard["invalid"]


def test_the_tests_of_every_kind_take_it(copy: Path, found: dict[str, Any]) -> None:
    """The very tests that hold the seven others; `found` has made what is generated."""
    assert found
    done = run_in(copy, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-k", KIND, *OF_EVERY_KIND)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


@pytest.mark.parametrize(
    ("missing", "why"),
    [
        ("    english=_handbook,\n", "the kind handbook is not declared as such"),
        ("KIND: Final = Kind(", "has no attribute 'KIND'"),
        (', tag="handbook"', "the kind handbook is not declared as such"),
    ],
)
def test_a_declaration_that_is_not_whole_is_no_kind(copy: Path, found: dict[str, Any], missing: str, why: str) -> None:
    assert found
    module = copy / f"gateway/suar/protocol/message/kind/{KIND}.py"
    put = "OTHER: Final = Kind(" if missing.startswith("KIND") else ""
    module.write_text(MODULE.replace(missing, put), "utf-8")
    try:
        done = run_in(copy, "-c", "import suar.protocol.message.kinds")
    finally:
        module.write_text(MODULE, "utf-8")
    assert done.returncode == 1
    assert why in done.stderr


def test_the_example_says_every_field() -> None:
    assert {"grade", "issued", "spoken", "remark", "chapters", "site", "inbox"} <= set(EXAMPLE)
