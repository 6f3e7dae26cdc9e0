"""The built wheel in an empty environment, used from a folder outside the checkout: what a member installs."""

import csv
import json
import subprocess
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import pytest
from filelock import FileLock

import suar
from suar.protocol.base.instants import instant_of
from support.executables import GIT, PYTHON

ROOT = Path(__file__).parent.parent
REQUIREMENTS = ROOT / "requirements"
READ_SCHEMA = """
import json
from suar.published import keys_dir, schemas_dir
schema = json.loads((schemas_dir() / "v1/alert.schema.json").read_text())
print(schema["$schema"], (keys_dir() / "profiles.toml").is_file(), schemas_dir())
"""


class Installed(NamedTuple):
    """The wheel, the environment that has it, and a folder outside the checkout to run from."""

    wheel: Path
    venv: Path
    outside: Path

    def run(self, program: str, *arguments: str) -> str:
        """Output of a program of the environment; it sees no variable of ours but a home of its own."""
        done = subprocess.run(
            [self.venv / "bin" / program, *arguments],
            cwd=self.outside, env={"HOME": str(self.outside)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Installed:
    """Made once, by the first worker that asks."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "wheel"
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            _install(folder)
            (folder / "done").touch()
    [wheel] = (folder / "dist").iterdir()
    outside = tmp_path_factory.mktemp("outside")
    return Installed(wheel, folder / "venv", outside)


def _install(folder: Path) -> None:
    """Build the wheel; install what the locks name, then the wheel alone. With pip, as the Makefile does."""
    python = folder / "venv/bin/python"
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "--python", python, "install", "--no-compile")
    locked = (*pip, "--no-input", "--require-hashes", "--no-build-isolation")
    _run(PYTHON, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", ROOT)
    _run(PYTHON, "-m", "venv", "--without-pip", folder / "venv")
    _run(*locked, "-r", REQUIREMENTS / "build.txt")
    _run(*locked, "-r", REQUIREMENTS / "run.txt")
    _run(*pip, "--no-deps", *(folder / "dist").iterdir())


def _run(*command: object) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_runs_from_anywhere(installed: Installed) -> None:
    assert installed.run("suar", "--version") == f"suar {suar.__version__}\n"
    schema, has_keys, where = installed.run("python", "-c", READ_SCHEMA).split()
    assert schema == "https://json-schema.org/draft/2020-12/schema"
    assert has_keys == "True"
    assert Path(where).is_relative_to(installed.venv)


def test_brings_one_importable_name(installed: Installed) -> None:
    [record] = installed.venv.glob("lib/python*/site-packages/suar-*.dist-info/RECORD")
    with record.open(newline="") as lines:
        tops = {PurePosixPath(path).parts[0] for path, *_ in csv.reader(lines)}
    assert tops - {".."} == {"suar", record.parent.name}
    missing = (
        "import importlib.util as u; print([n for n in ('gateway', 'schemas', 'keys', 'tests') if u.find_spec(n)])"
    )
    assert installed.run("python", "-c", missing) == "[]\n"


def test_carries_the_standard_the_trust_and_the_licence(installed: Installed) -> None:
    tracked = subprocess.run(
        [GIT, "ls-files", "-z", "schemas", "keys"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = set(wheel.namelist())
        published = {name.removeprefix("suar/_published/") for name in names if name.startswith("suar/_published/")}
        licence = next(name for name in names if name.endswith(".dist-info/licenses/LICENSE"))
        assert wheel.read(licence) == (ROOT / "LICENSE").read_bytes()
    assert {name for name in tracked if name} <= published
    assert "suar/py.typed" in names


def test_exports_the_standard_as_it_is(installed: Installed) -> None:
    installed.run("suar", "schemas", "export", "-o", "standard")
    assert installed.run("suar", "schemas", "export", "-o", "standard", "--check") == ""
    exported = installed.outside / "standard"
    for path in (ROOT / "schemas/v1").iterdir():
        assert (exported / "v1" / path.name).read_bytes() == path.read_bytes()


def test_judges_a_message(installed: Installed) -> None:
    message = json.loads((ROOT / "schemas/examples/valid/alert-new-route.json").read_text())
    written = {name: value for name, value in message.items() if name not in ("sent", "privacy", "valid_from")}
    written["expires"] = instant_of(datetime.now(UTC) + timedelta(days=30))
    (installed.outside / "alert.json").write_text(json.dumps(written))
    verdict = json.loads(installed.run("suar", "check-message", "alert.json", "--json"))
    assert (verdict["verdict"], verdict["reasons"]) == ("pass", [])


def test_reads_in_every_language(installed: Installed) -> None:
    message = ROOT / "schemas/examples/valid/alert-new-route.json"
    script = (
        "import json, sys; from suar.languages.rendering.reading import shown;"
        "from suar.languages.tags import LANGUAGES;"
        "message = json.load(open(sys.argv[1], encoding='utf-8'));"
        "print(len({shown({'message': message}, language)[0] for language in LANGUAGES.values()}))"
    )
    assert int(installed.run("python", "-c", script, str(message))) >= 10  # some languages share a word for alert
