"""The package has no function, class or constant that nothing in it uses."""

import re
from collections import Counter
from pathlib import Path

import suar

PACKAGE = Path(suar.__file__).parent
DEFINED = re.compile(r"^(?: *(?:async )?(?:def|class) (\w+)|(_?[A-Z][A-Z0-9_]*)(?:: [^=]+)? = )", re.MULTILINE)
USED_ELSEWHERE = {
    "bus/client.py": {"_build_message", "_process_headers", "_read_loop"},  # nats-py calls them
    "api/http/connections.py": {"buffer_updated", "get_buffer"},  # asyncio calls them
    "api/server.py": {"main_loop"},  # uvicorn calls it
    "bus/errors.py": {"STREAM_FULL", "WRONG_LAST_ID"},  # codes of the NATS server, which a caller gets as numbers
    "console/forms/plan.py": {"_either", "_subdivision"},  # by the name of a widget
    "exchange/outgoing/observations.py": {"FORMS"},
    "protocol/base/limits.py": {"TRUST_LIFETIME"},  # what a list is issued for
    "service/core/thread_affinity.py": {"lend"},  # a test, between two steps of a gateway
    "store/people/access.py": {"ACTS"},  # the codes, for the test of their words
}
"""What a library calls, what is found by its name, and what is there for tests alone."""


def defined(source: str) -> set[str]:
    """The functions, classes and constants of a module, but special methods and what a decorator registers."""
    found = set()
    for match in DEFINED.finditer(source):
        before = source[: match.start()].rstrip("\n").rpartition("\n")[2].strip()
        if not before.startswith(("@", ")")):
            found.add(match[1] or match[2])
    return {name for name in found if not name.startswith("__")}


def unused() -> dict[str, set[str]]:
    """The names that the package has once, by file."""
    files = [path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".html"} and "versions" not in path.parts]
    texts = {path.relative_to(PACKAGE).as_posix(): path.read_text("utf-8") for path in files}
    count = Counter(word for text in texts.values() for word in re.findall(r"\w+", text))
    found = {file: {name for name in defined(text) if count[name] == 1} for file, text in texts.items()}
    return {file: names for file, names in found.items() if names}


def test_everything_is_used() -> None:
    assert unused() == USED_ELSEWHERE


def test_what_is_defined_is_found() -> None:
    functions = "@c\ndef d(): ...\n\n\nasync def e():\n    F = 1\n"
    source = f"A = 1\n_B: Final[int] = 2\n\n\n{functions}\n\nclass G:\n    def h(self): ...\n"
    assert defined(source) == {"A", "_B", "e", "G", "h"}
