"""No command shows a person Python's own values: its text is looked through on a running demo, and off it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from suar.cli.base.lazy import EXIT_USAGE
from suar.cli.main import COMMANDS
from suar.published import schemas_dir
from support import warm
from support.demos import Running, environment, running

pytestmark = [pytest.mark.slow]

PYTHON = re.compile(r"\bNone\b|\bTrue\b|\bFalse\b|\{'|\['|\[\{|\[\(|\('|\bb'|<[a-z_.]+ object at|datetime\.|PosixPath")
CAP_CODE = "<responseType>None</responseType>"  # a word of CAP 1.2
CODE = "TH"
QUICK = ("--argon2id", "interactive")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("outputs")) as made:
        yield made


def suar(demo: Running, *arguments: str, stdin: str = "") -> warm.Ended:
    env = {**environment(demo.folder.parent), "SUAR_STATE": state_of(demo), "COLUMNS": "200"}
    return warm.run("suar", *arguments, env=env, cwd=demo.folder.parent, stdin=stdin)


def state_of(demo: Running) -> str:
    return str(next(member["state"] for member in demo.content["members"] if member["code"] == CODE))


def draft(demo: Running, name: str, **changes: Any) -> str:
    """A message in a file, made from an example of the standard."""
    from support.gateways import draft as make

    file = demo.folder.parent / name
    file.write_text(json.dumps(make(name, **changes)))
    return str(file)


def vectors(folder: Path) -> tuple[str, str]:
    """Two folders of vectors: in one an expectation is wrong, in the other a file is no vector."""
    wrong, none = folder / "wrong-vectors", folder / "no-vectors"
    for each in (wrong, none):
        each.mkdir()
    for path in (schemas_dir() / "vectors").glob("epoch-late-*.json"):
        vector = json.loads(path.read_text())
        vector["steps"][-1]["results"][-1].update(result="late", refused=[[1, "F8"]], alarms=[["gap", 0, 1], ["clock"]])
        (wrong / path.name).write_text(json.dumps(vector))
    (none / "odd.json").write_text(json.dumps(vector | {"steps": [{"now": 1, "objects": None, "results": []}]}))
    return str(wrong), str(none)


def kids(demo: Running, key: str) -> list[str]:
    """The whole kids of keys of this sort, which `keys show` without --json has in groups."""
    rows = json.loads(suar(demo, "keys", "show", "--json").out)
    return [row["kid"] for row in rows if row["key"] == key]


def commands(demo: Running) -> Iterator[tuple[str, ...]]:
    """Each command that shows something, most with something to show."""
    published = suar(demo, "publish", draft(demo, "one.json"))
    id_ = published.out.strip()
    assert published.code == 0, published.err
    held = suar(demo, "publish", draft(demo, "grave.json", severity="extreme")).out.strip()
    (identity,), bundle = kids(demo, "identity"), kids(demo, "bundle")[-1]
    wrong, none = vectors(demo.folder.parent)
    folder, request = demo.folder.parent, f"{state_of(demo)}/{CODE}.request.json"
    for form in ("cap", "stix"):
        (folder / f"one.{form}").write_text(suar(demo, "export", id_, "--as", form).out)
    (folder / "table.csv").write_text("year,sex,victims\n2024,F,40\n2024,M,2\n")
    yield from (
        ("publish", str(folder / "one.json")),
        ("publish", draft(demo, "bad.json", nonsense=None)),
        ("check-message", str(folder / "one.json")),
        ("check-message", str(folder / "one.json"), "--state", state_of(demo)),
        ("check-message", str(folder / "bad.json")),
        ("held",), ("release", held), ("reject", held, "--reason", "no"), ("inbox",), ("inbox", "--kind", "trend"),
        ("show", id_), ("show", id_, "--lang", "th"), ("deliveries", id_), ("why", id_, "SG"), ("why", id_, "ZZ"),
        ("ack", id_, "--stage", "acting", "--role", "agency"), ("export", id_, "--as", "cap"),
        ("hold", "add", id_, "--authority", "court", "--until", "2027-12-31"), ("hold", "list"), ("hold", "end", id_),
        ("retention", "show"), ("retention", "run"),
        ("cancel", id_, "--reason", "wrong"), ("erase", id_),
        ("drill", "start", "call-out", "--to", "all"), ("drill", "list"), ("drill", "report", "call-out"),
        ("export", id_, "--as", "stix"), ("export", id_, "--as", "csv"), ("import", "cap", str(folder / "one.cap")),
        ("import", "stix", str(folder / "one.stix")), ("import", "trend", str(folder / "table.csv"), "--map", "glotip"),
        ("federation", "show", request), ("federation", "show", request, "--plan"),
        ("federation", "verify", str(folder / "bad.json")),
        ("schemas", "draft", "alert"), ("notify", "test", "nobody"), ("audit", "show"), ("inbox", "--from", "SG"),
        ("cancel", "TH-ALERT-2020-000001", "--reason", "x"), ("hold", "withdraw", id_), ("proposals", "take", "0" * 16),
        ("proposals", "reject", "0" * 16, "--reason", "x"), ("console", "list"), ("console", "confirm", "nobody"),
        ("token", "claim", "x"), ("trust", "import", str(folder / "bad.json")),
        ("notify", "show"), ("evidence", "export", id_, "-o", str(folder / "one.evidence")),
        ("evidence", "verify", str(folder / "one.evidence"), "--pin", demo.content["pin"]),
        ("audit", "export", "-o", str(folder / "audit.log")),
        ("audit", "verify"), ("audit", "line", "1", "-o", str(folder / "line.json")),
        ("audit", "verify-line", str(folder / "line.json")),
        ("audit", "report", "--about", id_, "-o", str(folder / "report.jsonl")),
        ("audit", "verify-report", str(folder / "report.jsonl"), "--log", str(folder / "audit.log")),
        ("audit", "commitments", "SG", "-o", str(folder / "kept")), ("audit", "salt", "--help"),
        ("peers",), ("peers", "SG"), ("resend", "SG"),
        ("carry", "export", "-o", str(folder / "carried"), "--to", "SG"),
        ("carry", "import", str(folder / "carried")), ("keys", "show"), ("keys", "rotate"), ("trust", "show"),
        ("token", "list"), ("token", "add", "viewer", "--scope", "read"), ("token", "revoke", "viewer"),
        ("alarm", "list"), ("alarm", "list", "--open"), ("alarm", "acknowledge", "1"), ("doctor",), ("check",),
        ("check", "--format", "nagios"), ("check", "--format", "prometheus"), ("errors",), ("errors", "E-ALARM-GAP"),
        ("errors", "E-HTTP-SCOPE"), ("backup", "-o", str(folder / "backup")), ("doctor", "--reset-clock"),
        ("compromised", bundle, "--yes"), ("schemas", "--help"), ("federation", "--help"), ("root", "--help"),
        ("init", "--help"), ("serve", "--help"), ("demo", "--help"), ("bench", "--help"), ("conformance", wrong),
        ("conformance", none), ("feed", "--help"),
        ("init", "--member", "MY", "--name", "Malaysia", "--state", str(folder / "my"), *QUICK),
        ("root", "keygen", "--holder", "A court", "-o", str(folder / "root"), *QUICK),
        ("federation", "show", str(folder / "root.pub")),
        ("restore", str(folder / "backup"), "--state", str(folder / "restored")),
        ("archive", "-o", str(folder / "archived"), "--before", "2100-01-01T00:00:00Z",
        "--state", str(folder / "restored")),
        ("archive", "verify", str(folder / "archived"), "--pin", "0" * 64),
        ("import", "--help"), ("feed", "--help"), ("restore", "--help"), ("store", "--help"),
        ("setup", "--help"), ("metrics", "rules"), ("metrics", "dashboard"), ("upgrade", "--help"),
        ("archive", "--help"), ("pair", "--help"), ("lease", "--help"),
        ("agency", "add", "health", "--sector", "health", "--kinds", "alert", "--max-tlp", "GREEN"), ("agency", "list"),
        ("agency", "show", "health"), ("agency", "change", "health", "--propose"), ("agency", "rotate", "health"),
        ("agency", "suspend", "health"), ("agency", "list"), ("agency", "resume", "health"),
        ("agency", "webhook", "health", "--url", "https://cases.health.example/suar"),
        ("agency", "webhook", "health"), ("agency", "test", "health"), ("agency", "replay", "health"),
        ("agency", "revoke", "health"), ("deliveries", id_, "--agencies"), ("proposals", "list"),
        ("proposals", "list", "--in", "all"), ("proposals", "show", "0000000000000000"),
        ("console", "invite", "maria", "--name", "Maria", "--roles", "author"),
        ("console", "recover", "maria", "--yes"),
        ("compromised", identity, "--yes"), ("keys", "show"), ("doctor",),
    )  # fmt: skip


def test_no_command_shows_a_value_of_python(demo: Running) -> None:
    seen, wrong, misused, in_a_row = set(), list[Any](), list[Any](), list[Any]()
    compared = [*kids(demo, "identity"), *kids(demo, "bundle"), demo.content["pin"]]
    for arguments in commands(demo):
        ended = suar(demo, *arguments)
        seen.add(arguments[0])
        assert "Traceback" not in ended.err, (arguments, ended.err)
        misused += [(arguments, ended.err)] if ended.code == EXIT_USAGE else []
        lines = [line.replace(CAP_CODE, "") for line in (ended.out + ended.err).splitlines()]
        in_a_row += [(arguments, name) for name in compared if name in ended.out + ended.err]
        wrong += [(arguments, line[:200]) for line in lines if PYTHON.search(line)]
    assert wrong == []
    assert in_a_row == [], "a kid or a pin is compared by telephone, in groups"
    assert misused == [], "a command that was called wrongly shows nothing"
    assert set(COMMANDS) - seen == set()


def test_nor_does_doctor_with_the_gateway_down(demo: Running, tmp_path: Path) -> None:
    for arguments in (("doctor",), ("check",), ("peers",), ("inbox",)):
        ended = suar(demo, *arguments, "--state", str(tmp_path / "nowhere"))
        assert ended.code != 0
        assert not PYTHON.search(ended.out + ended.err), arguments
