"""The protocol is pure: its modules, in every folder, import only what is listed here, and call nothing impure.

The list is of what may be imported, so that a module of the standard library that nobody thought of is refused as well.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import suar.protocol
from support.syntax import parsed

PROTOCOL = Path(suar.protocol.__file__).parent
WHOLE = {
    "__future__", "base64", "bisect", "collections", "collections.abc", "copy", "dataclasses", "difflib", "functools",
    "hashlib", "hmac", "itertools", "json", "operator", "re", "struct", "types", "typing", "unicodedata",
    "msgspec", "msgspec.structs", "numpy", "numpy.typing", "phonenumbers", "highspy", "highspy._core",
    "cryptography.exceptions", "cryptography.hazmat.primitives", "cryptography.hazmat.primitives.asymmetric.mlkem",
    "cryptography.hazmat.primitives.asymmetric.x25519", "cryptography.hazmat.primitives.ciphers.aead",
    "nacl", "nacl.exceptions", "stdnum.cn", "stdnum.id", "stdnum.my", "stdnum.th",
}  # fmt: skip
"""Modules of which every name may be imported."""
NAMES = {
    "cryptography": {"x509"},
    "cryptography.hazmat.primitives.asymmetric": {"ec", "padding", "rsa"},  # keys of time-stamping authorities
    "cryptography.hazmat.primitives.serialization": {"Encoding"},
    "cryptography.x509": {"Certificate"},
    "io": {"BytesIO"},  # a container in memory
    "rfc3161_client": {
        "TimeStampResponse",
        "TimeStampTokenInfo",
        "VerificationError",
        "VerifierBuilder",
        "decode_timestamp_response",
    },
    "zipfile": {"ZIP_STORED", "BadZipFile", "ZipFile", "ZipInfo"},  # given bytes in memory alone
    "contextlib": {"suppress"},
    "enum": {"Enum", "IntEnum", "auto"},
    "decimal": {"ROUND_DOWN", "ROUND_HALF_UP", "Decimal"},
    "datetime": {"UTC", "date", "datetime", "timedelta", "tzinfo"},
    "math": {"prod"},
    "numpy": set(),  # imported whole: its generators of random numbers are looked at where they are called
    "string": {"Formatter"},
    "threading": {"Lock"},  # around the memory of privacy/memo.py, which several threads share
    "urllib.parse": {"unquote"},
    "suar.published": {"schemas_dir"},  # where the published tables are
}
"""Modules of which these names alone may be imported."""
LOADS_KINDS = "message/kinds.py"
"""The module that imports the kinds of the code list, each from its own module of this package."""
READS_TABLES = {"base/codelists.py", "privacy/proof/families.py"}
"""Modules that read a table of the published standard: they alone may import `csv` and call `open`."""
BUILT_IN = {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint"}
FILE_CALLS = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
DRAWS = "base/primitives.py"
"""The module that draws randomness, for an epoch's secret; numpy's generators have a seed that is written."""
CLOCK_CALLS = {"now", "today", "utcnow"}


def impure(source: str, name: str) -> list[str]:
    """What the module `name` (a path below protocol/) imports or calls and may not."""
    tree = parsed(source)
    return [*_imports(tree, name), *_calls(tree, name)]


def _imports(tree: ast.AST, name: str) -> Iterator[str]:
    whole = WHOLE | ({"csv"} if name in READS_TABLES else set())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name not in whole and not _is_own(each.name))
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            if module not in NAMES and (module in whole or _is_own(module)):
                continue
            allowed = NAMES.get(module, set())
            if name == LOADS_KINDS and module == "importlib":
                allowed = {"import_module"}
            yield from (f"{module}.{each.name}" for each in node.names if each.name not in allowed)


def _is_own(module: str) -> bool:
    return module == "suar.protocol" or module.startswith("suar.protocol.")


def _calls(tree: ast.AST, name: str) -> Iterator[str]:
    built_in = BUILT_IN - ({"open"} if name in READS_TABLES else set())
    files = FILE_CALLS if name not in READS_TABLES else set()
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = ast.unparse(call.func)
        owner, _, method = called.rpartition(".")
        is_clock = method in CLOCK_CALLS and owner.rpartition(".")[2] in {"date", "datetime"}
        is_unseeded = owner.endswith(".random") and not (method == "default_rng" and call.args)
        is_random = method == "randombytes" and name != DRAWS
        if called in built_in or (owner and method in files) or is_clock or is_unseeded or is_random:
            yield f"{called}()"


@pytest.mark.parametrize("path", sorted(PROTOCOL.rglob("*.py")), ids=lambda path: path.relative_to(PROTOCOL).as_posix())
def test_protocol_is_pure(path: Path) -> None:
    assert impure(path.read_text("utf-8"), path.relative_to(PROTOCOL).as_posix()) == []


def test_every_folder_is_read() -> None:
    read = {path.parent.relative_to(PROTOCOL).as_posix() for path in PROTOCOL.rglob("*.py")}
    assert {".", "privacy"} <= read
    assert READS_TABLES | {DRAWS} <= {path.relative_to(PROTOCOL).as_posix() for path in PROTOCOL.rglob("*.py")}


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("import os", "os"),
        ("import os.path", "os.path"),
        ("from pathlib import Path", "pathlib.Path"),
        ("import secrets", "secrets"),
        ("import subprocess", "subprocess"),
        ("import urllib.request", "urllib.request"),
        ("from urllib.parse import urlopen", "urllib.parse.urlopen"),
        ("from threading import Thread", "threading.Thread"),
        ("import datetime", "datetime"),
        ("import csv", "csv"),
        ("from numpy import random", "numpy.random"),
        ("def late():\n    import sqlite3", "sqlite3"),
        ("from suar.store import messages", "suar.store.messages"),
        ("from suar import files", "suar.files"),
        ("from suar.published import keys_dir", "suar.published.keys_dir"),
        ("from ..files import read", "..files.read"),
        ("open('x')", "open()"),
        ("path.read_bytes()", "path.read_bytes()"),
        ("datetime.now(UTC)", "datetime.now()"),
        ("np.random.default_rng()", "np.random.default_rng()"),
        ("np.random.random(3)", "np.random.random()"),
        ("sodium.randombytes(32)", "sodium.randombytes()"),
    ],
)
@pytest.mark.parametrize("name", ["transport/frame.py", "privacy/names/persons.py"])
def test_what_is_impure_is_found(planted: str, found: str, name: str) -> None:
    assert impure(planted, name) == [found]


@pytest.mark.parametrize("pure", ["import re", "from datetime import date", "np.random.default_rng(1)", "world.now()"])
def test_what_is_pure_is_not(pure: str) -> None:
    assert impure(pure, "privacy/names/persons.py") == []
