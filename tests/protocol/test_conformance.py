"""All vectors against this implementation, and the generator's word against the files that are published."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from protocol.make_vectors import every, renote
from protocol.rules import NOT_BY_RECEIVING, RULES
from protocol.scenario import SCENARIOS
from suar.cli.main import run as suar
from suar.cli.tools.conformance import version_of
from suar.protocol.files.conformance import run
from suar.published import schemas_dir

FOLDER = schemas_dir() / "vectors"
PATHS = sorted(FOLDER.glob("*.json"))


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
def test_vector(path: Path) -> None:
    scenario = run(_read(path))
    assert scenario.got == scenario.want


def _alarms_of(vector: dict[str, Any]) -> Any:
    """A vector without its bytes, which differ at each making."""
    where = [[item["subject"].split(".")[:6] for item in step["objects"]] for step in vector["steps"]]
    zeros = [[item.get("zeros") for item in step["objects"]] for step in vector["steps"]]
    steps = [(step["now"], step["results"], _expired_of(step.get("expired"))) for step in vector["steps"]]
    return where, zeros, steps, vector["rule"], vector["self"]


def _expired_of(expired: list[list[str]] | None) -> Any:
    return expired and [(subject.split(".")[:6], rule) for subject, rule in expired]


def test_generator_makes_what_is_published() -> None:
    made, published = every(), {path.stem: _read(path) for path in PATHS}
    assert made.keys() == published.keys()
    for name, vector in made.items():
        assert _alarms_of(vector) == _alarms_of(published[name]), name
        assert run(vector).ok, name


def test_each_vector_says_what_it_shows_in_words_of_its_own() -> None:
    notes = {path.stem: _read(path)["note"] for path in PATHS}
    assert notes == {name: scenario.note for name, scenario in SCENARIOS.items()}
    assert len(set(notes.values())) == len(notes)
    assert [name for name, note in notes.items() if not 40 <= len(note) <= 200 or "{" in note] == []


def test_notes_are_written_without_changing_another_byte(tmp_path: Path) -> None:
    kept, other = FOLDER / "frame-forks.json", FOLDER / "receipt-of-256-frames.json"  # the second has notes inside too
    for path in (kept, other):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    published = other.read_bytes()
    note = json.dumps(_read(other)["note"]).encode()
    (tmp_path / other.name).write_bytes(published.replace(note, b'"as it was: \xc3\xa9 \\"x\\""'))
    assert renote(tmp_path) == 1
    assert (tmp_path / other.name).read_bytes() == published
    assert (tmp_path / kept.name).read_bytes() == kept.read_bytes()
    assert renote(tmp_path) == 0


def test_every_rule_that_receiving_shows_has_a_vector_that_it_refuses() -> None:
    about = {vector["rule"] for vector in map(_read, PATHS)}
    assert about <= set(RULES)
    assert about | NOT_BY_RECEIVING == set(RULES)


def test_generator_never_asks_the_receiving_path() -> None:
    here = Path(__file__).parent
    sources = [here / "make_vectors.py", here / "scenario.py", *here.glob("vectors_*.py")]
    assert not [path.name for path in sources if "admission" in path.read_text() or "Receiver" in path.read_text()]


def test_vectors_keep_to_the_published_form() -> None:
    for vector in map(_read, PATHS):
        assert set(vector) == {"name", "rule", "note", "federation", "self", "pin", "steps"}
        for step in vector["steps"]:
            assert set(step) - {"expired", "named"} == {"now", "objects", "results"}
            assert len(step["objects"]) == len(step["results"])
            assert all(len(names) == len(step["results"][at]["alarms"]) for at, names in step.get("named", ()))
            assert all(set(item) - {"zeros"} == {"subject", "bytes", "each"} for item in step["objects"])
            assert all(set(one) == {"result", "rule", "messages", "refused", "alarms"} for one in step["results"])


def _keys(value: Any) -> set[str]:
    """Every key of a vector at any depth, but those of its messages."""
    if isinstance(value, list):
        return set().union(*map(_keys, value))
    if not isinstance(value, dict):
        return set()
    return {*value}.union(*(_keys(inner) for key, inner in value.items() if key != "messages"))


def test_their_readme_has_every_key_every_result_and_every_alarm() -> None:
    """The README was older than the vectors: a runner that was written from it knew neither `expired` nor `zeros`."""
    text, vectors = (FOLDER / "README.md").read_text(encoding="utf-8"), [_read(path) for path in PATHS]
    block = text.split("```")[1]
    assert set(re.findall(r'(?:[{,]|^) *"(\w+)"', block, re.MULTILINE)) == _keys(vectors)
    results = [result for vector in vectors for step in vector["steps"] for result in step["results"]]
    words = set(re.findall(r"`([a-z-]+)`", text))
    assert {result["result"] for result in results} <= words
    assert {alarm[0] for result in results for alarm in result["alarms"]} <= words


def test_a_vector_may_say_whom_its_alarms_name() -> None:
    vector = _read(FOLDER / "heartbeat-of-a-third-member-names-a-frame-that-we-lack.json")
    (index,) = [[at, names] for at, names in vector["steps"][-1]["named"]]
    assert index[1] == ["VN"]
    index[1][:] = ["TH"]
    verdict = run(vector)
    assert verdict.want is not None
    assert verdict.got is not None
    assert (verdict.ok, verdict.want["named"], verdict.got["named"]) == (False, ["TH"], ["VN"])


# -- the command


@pytest.fixture
def two_vectors(tmp_path: Path) -> Path:
    """A folder with a vector as it should be, and one whose expectation is wrong on purpose."""
    right, wrong = _read(FOLDER / "frame-replayed.json"), _read(FOLDER / "frame-forks.json")
    wrong["steps"][-1]["results"][-1]["result"] = "late"
    for vector in (right, wrong):
        (tmp_path / f"{vector['name']}.json").write_text(json.dumps(vector))
    return tmp_path


def test_command_fails_with_what_was_wanted_and_what_came(
    two_vectors: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert suar(["conformance", str(two_vectors), "--json"]) == 1
    output = json.loads(capsys.readouterr().out)
    assert (output["passed"], output["failed"]) == (1, 1)
    wrong, right = output["scenarios"]
    assert output["version"] is None
    assert (wrong["name"], wrong["rule"], wrong["ok"]) == ("frame-forks", "F6", False)
    assert (wrong["want"]["result"], wrong["got"]["result"]) == ("late", "ok")
    assert right == {"name": "frame-replayed", "rule": "F6", "ok": True, "want": None, "got": None}


def test_command_prints_a_table(two_vectors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert suar(["conformance", str(two_vectors)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "scenario        rule  verdict",
        "frame-forks     F6    failed",
        "frame-replayed  F6    ok",
    ]
    assert "  want  result late, messages TH-ALERT-2027-000003" in lines
    assert "  got   result ok, messages TH-ALERT-2027-000003" in lines
    assert lines[-1] == "1 passed, 1 failed"


def _with_wrong(folder: Path, name: str, change: Callable[[dict[str, Any]], object]) -> Path:
    """The folder with the vector of that name, in whose last step something is expected that is wrong."""
    vector = _read(FOLDER / f"{name}.json")
    change(vector["steps"][-1])
    (folder / f"{name}.json").write_text(json.dumps(vector))
    return folder


REFUSED: Final = {"result": "ok", "refused": [[0, "F8"], [2, "F9"]], "alarms": [["gap", 0, 1], ["clock"]]}


@pytest.mark.parametrize(
    ("name", "change", "want", "got"),
    [
        ("frame-forks", lambda step: step["results"][-1].update(REFUSED),
         "result ok, messages TH-ALERT-2027-000003, refused 0 F8; 2 F9, alarms gap 0 1; clock",
         "result ok, messages TH-ALERT-2027-000003"),
        ("waiting-24-hours-without-being-presented", lambda step: step.update(expired=[]), "expired -", None),
        ("heartbeat-of-a-third-member-names-a-frame-that-we-lack", lambda step: step["named"][0].__setitem__(1, ["TH"]),
         "result ok, alarms gap 1 2, named TH", "result ok, alarms gap 1 2, named VN"),
        ("frame-forks", lambda step: step["results"][-1].update(messages=[None, 5]),
         "result ok, messages -; 5", "result ok, messages TH-ALERT-2027-000003"),
    ],
    ids=["refused and alarms", "expired", "named", "messages of another form"],
)  # fmt: skip
def test_command_tells_a_failure_in_words(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    change: Callable[[dict[str, Any]], object],
    want: str,
    got: str | None,
) -> None:
    assert suar(["conformance", str(_with_wrong(tmp_path, name, change))]) == 1
    text = capsys.readouterr().out
    (wanted,), (actual,) = (re.findall(rf"^  {which}  +(.*)$", text, re.MULTILINE) for which in ("want", "got"))
    assert wanted.endswith(want)
    assert actual.endswith(got) if got else re.fullmatch(r"expired (tip\.v1\.\S+ [A-Z]\d+(; )?)+", actual)
    assert not re.search(r"[\[\]{}()']|None", wanted + actual)


def test_command_passes(two_vectors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (two_vectors / "frame-forks.json").unlink()
    assert suar(["conformance", str(two_vectors)]) == 0
    assert capsys.readouterr().out.endswith("1 passed, 0 failed\n")


def test_command_prints_the_version_of_the_set(two_vectors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (two_vectors / "VERSION").write_text("1.12.3\n")
    assert suar(["conformance", str(two_vectors), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["version"] == "1.12.3"
    assert suar(["conformance", str(two_vectors)]) == 1
    assert capsys.readouterr().out.splitlines()[-3:] == ["version 1.12.3 of the vectors", "", "1 passed, 1 failed"]


@pytest.mark.parametrize(
    "text", [b"", b"1", b"one", b"1.0.1\n\n", b"1.0.1\x1b[2J", b"\xff", b"1.0.1.1", b"9" * 100_000]
)
def test_command_refuses_a_version_that_is_none(
    two_vectors: Path, capsys: pytest.CaptureFixture[str], text: bytes
) -> None:
    (two_vectors / "VERSION").write_bytes(text)
    assert suar(["conformance", str(two_vectors)]) == 1
    output = capsys.readouterr()
    assert (output.out, "VERSION is not a version" in output.err) == ("", True)


def test_the_published_set_has_a_version() -> None:
    assert version_of(FOLDER) is not None


SHORT: Final = _read(FOLDER / "frame-replayed.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "Input data was truncated"),
        ("[]", "array"),
        ("{}", "missing required field `name`"),
        ('{"a":' * 100_000, "nested"),
        (json.dumps(SHORT | {"self": {"member": "SG", "kem_seeds": ["zz"]}}), "$.self.kem_seeds[0]"),
        (json.dumps(SHORT | {"pin": None}), "$.pin"),
        (json.dumps(SHORT | {"steps": [{"now": "1", "objects": [], "results": []}]}), "$.steps[0].now"),
        (json.dumps(SHORT | {"steps": [{"now": 1, "objects": None, "results": []}]}), "$.steps[0].objects"),
        (json.dumps(SHORT | {"steps": [{"now": 1, "objects": [], "results": [{}]}]}), "0 objects, 1 results"),
        (json.dumps(SHORT | {"steps": [{"now": 1, "objects": [{"subject": "a", "bytes": "?"}], "results": [{}]}]}),
         "$.steps[0].objects[0].bytes"),
        (json.dumps(SHORT | {"steps": [{"now": 1, "objects": [], "results": [], "named": [1]}]}),
         "$.steps[0].named[0]"),
    ],
    ids=lambda part: part[:30],
)  # fmt: skip
def test_command_names_the_field_of_a_file_that_is_no_vector(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    (tmp_path / "odd.json").write_text(text)
    assert suar(["conformance", str(tmp_path)]) == 1
    output = capsys.readouterr().err
    assert "odd.json is no vector" in output
    assert words in output
    assert not re.search(r"Error\b|NoneType|KeyError|\bNone\b", output)


def test_command_wants_a_folder_with_vectors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert suar(["conformance", str(tmp_path)]) == 1
    assert "error: no vectors in" in capsys.readouterr().err
