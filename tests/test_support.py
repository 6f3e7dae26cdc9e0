"""Processes and stores of tests are what they stand for."""

import ast
import os
import signal
import stat
import subprocess
from pathlib import Path

from suar.service.settings.keyring import Keyring
from support import warm
from support.executables import SHELL
from support.kit import FEDERATION, NOW
from support.sleeps import sleeps_of
from support.syntax import parsed
from support.templates import PASSPHRASE, new_state, new_store
from support.warm_suar import on_path

TESTS = Path(__file__).parent


def test_a_program_has_its_own_arguments_folder_and_environment(tmp_path: Path) -> None:
    env = {"ONLY": "this"}
    ended = warm.run("suar", "errors", "E-NO-SUCH", env=env, cwd=tmp_path)
    assert (ended.code, ended.out, ended.err.splitlines()[0]) == (1, "", "error: there is no such code")
    run_result = warm.run("suar", "check-message", "none.json", env=env | {"SUAR_STATE": "elsewhere"}, cwd=tmp_path)
    assert run_result.code == 1
    assert "none.json" in run_result.err


def test_its_end_is_reported_and_so_is_the_signal_that_ended_it() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading) as reader, os.fdopen(writing, "w"):
        process = warm.start("suar", "check-message", "-", stdin=reader)
        assert process.poll() is None
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
    assert process.poll() == -signal.SIGKILL


def test_a_copied_state_is_one_and_no_two_share_a_file(tmp_path: Path) -> None:
    made = [new_state(tmp_path / name, "TH", "TH", FEDERATION, NOW) for name in ("a", "b")]
    assert [each.path.parent.name for each in made] == ["a", "b"]
    made[0].rotate_identity(NOW)
    made[0].save()
    assert len(Keyring.open(tmp_path / "a" / "keyring.suar", PASSPHRASE).identities) == 2
    assert len(Keyring.open(tmp_path / "b" / "keyring.suar", PASSPHRASE).identities) == 1
    assert len(made[1].identities) == 1
    modes = {stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "a").iterdir() if file.suffix != ".json"}
    assert modes == {0o600}


def test_a_copied_store_is_of_this_version_and_empty(tmp_path: Path) -> None:
    copied = new_store(tmp_path)
    before = copied.path.read_bytes()
    copied.migrate()
    with copied.reading() as connection:
        assert connection.exec_driver_sql("select count(*) from message").scalar() == 0
    copied.close()
    assert copied.path.read_bytes()[100:] == before[100:]  # behind the header, which counts changes


def test_a_shell_has_suar_as_if_it_were_installed(tmp_path: Path) -> None:
    block = 'suar errors NONE || echo "ended $?"; suar errors | cat > one; suar check-message - < one > told || exit 7'
    with on_path() as path:
        env = {"PATH": path, "ONLY": "this"}
        done = subprocess.run(
            [SHELL, "-uc", block], cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60
        )
    assert (done.returncode, done.stdout) == (7, "ended 1\n")
    assert "there is no such code" in done.stderr
    assert (tmp_path / "one").read_text().endswith("\n")
    assert (tmp_path / "told").read_text().startswith("refuse\n")


def test_every_call_over_http_says_how_long_it_waits() -> None:
    """Else httpx gives an answer up after five seconds, which a busy machine may take."""
    calls = {"AsyncClient", "Client", "delete", "get", "head", "patch", "post", "put", "request", "stream"}
    found = [
        f"{file.relative_to(TESTS)}:{node.lineno}"
        for file in sorted(TESTS.rglob("*.py"))
        for node in ast.walk(parsed(file.read_bytes()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr in calls) == ("httpx", True)
        and "timeout" not in {each.arg for each in node.keywords}
    ]
    assert found == []


# Files that sleep outside a loop that looks again, and why.
SLEEPS: dict[str, str] = {
    "chaos/faults.py": "how long a fault lasts is what the seed says",
    "chaos/traffic.py": "messages are sent when the seed says",
    "pains/test_pain_08.py": "a kill comes at any moment, which the seed says, while messages are sent",
    "service/core/test_away.py": "how long a gateway was away is what others are judged by afterwards",
    "service/core/test_why_planted.py": "a key ends when the list says, for processes with the machine's clock",
    "support/people.py": "an authenticator shows its next code when a step of the machine's clock has passed",
}


def test_no_test_sleeps_instead_of_waiting_for_a_condition() -> None:
    """A fixed time shows less on a busy machine, and costs its length on any."""
    sources = {file: file.read_bytes() for file in sorted(TESTS.rglob("*.py"))}
    found = {file: sleeps_of(parsed(source)) for file, source in sources.items() if b"sleep(" in source}
    names = {str(file.relative_to(TESTS)): lines for file, lines in found.items() if lines}
    assert {name: lines for name, lines in names.items() if name not in SLEEPS} == {}
    assert sorted(set(SLEEPS) - set(names)) == []


def test_a_sleep_that_polls_is_told_from_one_that_does_not() -> None:
    def lines(source: str) -> list[int]:
        return sleeps_of(ast.parse(source))

    assert lines("while not is_so():\n    time.sleep(0.1)") == []
    assert lines("for n in itertools.count():\n    time.sleep(0.1)") == []
    assert lines("await asyncio.sleep(0)") == []
    assert lines("async def is_so():\n    await asyncio.sleep(1)\nawait eventually(is_so, 60)") == []
    assert lines("from time import sleep\nsleep(0.1)") == [2]
    assert lines("for n in range(6):\n    await asyncio.sleep(0.3)") == [2]
    assert lines("while True:\n    def call():\n        time.sleep(1)") == [3]
    assert lines("async def is_so():\n    await asyncio.sleep(SECONDS)") == [2]
