"""Tests run the programs of their own environment, which tests/support/executables.py names; no other by its name."""

import ast
from pathlib import Path

import pytest

from suar.demo.embedded.nats_process import binary
from support import executables
from support.syntax import parsed

TESTS = Path(__file__).parent
NAMES = TESTS / "support" / "executables.py"
RUNNERS = {"run", "Popen", "call", "check_call", "check_output", "create_subprocess_exec", "_run", "system", "popen"}
OF_NAMES = {("sys", "executable"), ("shutil", "which"), ("os", "execvp"), ("os", "execlp"), ("os", "system")}
SHELLS = {"create_subprocess_shell", "getoutput", "getstatusoutput"}


def named_elsewhere(source: str) -> list[str]:
    """How a module names a program otherwise than by tests/support/executables.py."""
    found = []
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            pair = (node.value.id, node.attr)
            found += [".".join(pair)] if pair in OF_NAMES else []
        if isinstance(node, ast.Call):
            found += _of_call(node)
    return found


def _of_call(call: ast.Call) -> list[str]:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    of = function.value.id if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) else ""
    has_shell = any(each.arg == "shell" for each in call.keywords)
    if name in SHELLS or (of == "subprocess" and has_shell):
        return [name]
    if of not in ("subprocess", "asyncio") or name not in RUNNERS or not call.args:
        return []
    command = call.args[0]
    first = command.elts[0] if isinstance(command, (ast.List, ast.Tuple)) and command.elts else command
    return [str(first.value)] if isinstance(first, ast.Constant) else []


def test_no_test_names_a_program_by_itself() -> None:
    found = {
        path.relative_to(TESTS).as_posix(): names
        for path in sorted(TESTS.rglob("*.py"))
        if path != NAMES and (names := named_elsewhere(path.read_text("utf-8")))
    }
    assert found == {}


def test_what_is_named_is_of_this_environment_or_there() -> None:
    folder = Path(executables.PYTHON).parent
    assert Path(executables.SUAR_SCRIPT) == folder / "suar"
    assert Path(executables.SUAR_SCRIPT).is_file()
    assert Path(executables.nats_server()) == folder / "nats-server" == Path(binary())
    assert executables.PATH.split(":")[0] == str(folder)
    assert all((executables.GIT, executables.SHELL, executables.OPENSSL))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("subprocess.run(['git', 'ls-files'])", ["git"]),
        ("subprocess.run('git')", ["git"]),
        ("await asyncio.create_subprocess_exec('suar', 'inbox')", ["suar"]),
        ("subprocess.Popen([sys.executable, '-c', text])", ["sys.executable"]),
        ("shutil.which('node')", ["shutil.which"]),
        ("subprocess.run(command, shell=True)", ["run"]),
        ("os.system('suar errors')", ["os.system"]),
        ("subprocess.run([GIT, 'ls-files'])", []),
        ("subprocess.run([*SUAR, 'demo'])", []),
        ("warm.run('suar', 'demo')", []),  # a module, by the Python of this environment
    ],
)
def test_what_names_a_program_is_found(source: str, found: list[str]) -> None:
    assert named_elsewhere(source) == found
