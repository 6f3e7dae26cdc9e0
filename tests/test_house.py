"""The repository itself: what is committed, what the documents promise, what the locks say."""

import ast
import csv
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import get_args

import grimp
import msgspec
import pytest

import suar
from suar.cli.base.lazy import LazyGroup
from suar.cli.main import cli
from suar.service.core.seams import POINTS
from suar.service.settings.config import SECTIONS
from support.executables import GIT
from support.syntax import parsed

ROOT = Path(__file__).parent.parent

# Written in pieces, so that this file does not find itself.
HOSTS = [".".join(parts) for parts in (
    ("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs", "org"), ("deb", "debian", "org"),
    ("proxy", "golang", "org"), ("crates", "io"),
)]  # fmt: skip
HOST = re.compile("|".join(re.escape(host) for host in HOSTS))
MACHINE_PATH = re.compile(r"(?<![\w.~}$-])/(?:root|work|home/\w+|Users/\w+|mnt)/")
_PEM = ("-" * 5, "BEGIN", "PRIVATE", "KEY")  # in its order, where it is one
PRIVATE_KEY = re.compile(
    rf"{_PEM[0]}{_PEM[1]} [A-Z ]*{_PEM[2]} {_PEM[3]}{_PEM[0]}"
    r"|\bS[ACNOUX][A-Z2-7]{56}\b"  # the seed of an nkey
    r"|\bsuar_[A-Za-z0-9_-]{40,}"  # a token of the HTTP API
    r"|\ASUAR(?:SEAL|BKUP)"  # a sealed keyring or root key, a backup
)
MARKDOWN_LINK = re.compile(r"\[[^\]]*\]\(([^)#:\s]*)(?:#([^)\s]*))?\)")
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:^|`)suar ((?:[a-z][a-z-]*(?: |\b))+)", re.MULTILINE)
WRITTEN = ("docs", "keys", "deploy", "schemas", "bench", "tests")
DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in [
    *ROOT.glob("*.md"), *(path for folder in WRITTEN for path in (ROOT / folder).rglob("*.md"))
])  # fmt: skip


@cache
def tracked() -> list[Path]:
    """Every committed file that is there."""
    done = subprocess.run([GIT, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@cache
def text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace")


def found(pattern: re.Pattern[str]) -> dict[str, str]:
    """Committed files in which the pattern stands, each with the place."""
    hits = {str(path.relative_to(ROOT)): pattern.search(text(path)) for path in tracked()}
    return {name: hit[0][:60] for name, hit in hits.items() if hit}


# -- what is committed


def test_search_reads_the_repository() -> None:
    names = {str(path.relative_to(ROOT)) for path in tracked()}
    assert {"pyproject.toml", ".ci/run", "gateway/suar/__init__.py", "tests/test_house.py"} <= names


@pytest.mark.parametrize(
    ("pattern", "planted"),
    [
        (HOST, f"https://{HOSTS[0]}/simple"),
        (MACHINE_PATH, "state in /" + "root/suar-state"),
        (MACHINE_PATH, "open('/" + "home/someone/main/x')"),
        (PRIVATE_KEY, f"{_PEM[0]}{_PEM[1]} EC {_PEM[2]} {_PEM[3]}{_PEM[0]}"),
        (PRIVATE_KEY, "=" + "S" + "U" + "A" * 56),
        (PRIVATE_KEY, "SUAR" + "SEAL" + "\0" * 72),
    ],
    ids=["host", "root-path", "home-path", "pem", "nkey-seed", "sealed-file"],
)
def test_search_finds_a_planted_one(pattern: re.Pattern[str], planted: str) -> None:
    assert pattern.search(planted)


def test_no_registry_is_named() -> None:
    assert found(HOST) == {}


def test_no_path_of_a_machine_is_named() -> None:
    assert found(MACHINE_PATH) == {}


def test_no_private_key_is_committed() -> None:
    assert found(PRIVATE_KEY) == {}


def test_ci_is_executable() -> None:
    mode = subprocess.run([GIT, "ls-files", "-s", ".ci/run"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert mode.stdout.startswith("100755")


# -- layers, dependencies, locks


def _imports(path: Path) -> set[str]:
    """The modules that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(parsed(text(path))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


CRYPTOGRAPHIC = {
    "api/http/conditional.py": "a keyed hash of a body, its ETag",
    "federation/links/link_certificate.py": "certificates between members and hubs",
    "protocol/base/primitives.py": "all of the protocol's objects",
    "protocol/base/sealing.py": "files sealed to a public key",
    "protocol/files/stamps.py": "certificates of time-stamping authorities",
    "protocol/files/tokens/signature.py": "signatures of time-stamping authorities",
    "protocol/privacy/proof/draws.py": "random draws from the gate key",
    "service/notify/standard_webhooks.py": "the tag of a webhook",
    "service/people/credentials.py": "passwords",
    "service/people/passkeys.py": "passkeys",
    "service/recovery/backup_file.py": "backups",
    "service/settings/hardware_key.py": "keys in a hardware module",
    "service/settings/keyring.py": "keys derived from those of the keyring",
    "service/settings/sealed.py": "the sealed keyring",
    "service/setup/finish.py": "the certificate of a server that is set up",
    "store/engine/account.py": "the store's account",
    "store/inbound/world_loading.py": "a keyed hash of what is loaded",
    "store/engine/row_macs.py": "codes of rows without a signature",
    "store/engine/vault.py": "stored texts",
}
"""The modules that use a cryptographic library or a hash with a key, and for what; a hash without a key is free."""
LIBRARIES = {"cryptography", "nacl", "pkcs11", "webauthn"}


def is_cryptographic(source: str) -> bool:
    """Whether a module imports a cryptographic library or makes a hash with a key."""
    tree = parsed(source)
    keyed = any(
        (name := ast.unparse(node.func)) in {"hmac.new", "hmac.digest"}
        or (name.endswith(("blake2b", "blake2s")) and any(each.arg == "key" for each in node.keywords))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    )
    roots = {alias.name.partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import)
             for alias in node.names}  # fmt: skip
    roots |= {(node.module or "").partition(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return keyed or bool(roots & LIBRARIES)


def test_cryptography_is_in_the_modules_that_are_listed() -> None:
    modules = {path.relative_to(PACKAGE).as_posix(): path for path in PACKAGE.rglob("*.py")}
    found = {name for name, path in modules.items() if not name.startswith("bench/") and is_cryptographic(text(path))}
    assert found - set(CRYPTOGRAPHIC) == set(), (
        "use an existing module, or write a line of CRYPTOGRAPHIC with the reason"
    )
    assert set(CRYPTOGRAPHIC) - found == set()


MISTAKES = {"AttributeError", "NameError", "TypeError", "AssertionError", "Exception", "BaseException"}
MAY_SUPPRESS = {
    "bus/client.py": {"AttributeError", "Exception"},  # of nats-py, which loses its loop, or fails as it is closed
    "store/engine/backends/seam.py": {"Exception"},  # of a connection that is closed because it failed, which is told
}


def suppressed(source: str) -> set[str]:
    """Errors that `contextlib.suppress`, or an `except` that does nothing, keeps silent about."""
    names = set[str]()
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"suppress", "contextlib.suppress"}:
            names |= {ast.unparse(each) for each in node.args}
        elif isinstance(node, ast.ExceptHandler) and all(isinstance(step, ast.Pass) for step in node.body):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names |= {"BaseException" if each is None else ast.unparse(each) for each in caught}
    return names


IGNORED = re.compile(r"# type: " + r"ignore(?!\[[a-z, -]+\]  # \w)")


def test_the_types_of_the_tests_are_checked_as_strictly() -> None:
    mypy = tomllib.loads(text(ROOT / "pyproject.toml"))["tool"]["mypy"]
    assert mypy["strict"] is True
    assert set(mypy["files"]) == {"gateway/suar", "tests", "bench", "deploy"}
    for override in mypy["overrides"]:
        assert set(override) == {"module", "ignore_missing_imports"}, "libraries without types, and nothing of ours"
        ours = {path.stem for path in (ROOT / "tests").iterdir()} | {"suar", "tests"}
        assert not ours & {name.split(".")[0] for name in override["module"]}
    without_reason = [path for path in sorted((ROOT / "tests").rglob("*.py")) if IGNORED.search(text(path))]
    assert without_reason == [], "an error that is ignored has its code and a reason"


FILE_NAME = re.compile(r"(?<![\w*<>{}])(?:[\w-]+/)*[\w-]+\.(?:py|md)\b")
OF_OTHERS = {"nats.py"}  # the repository of nats-py


def test_every_file_that_code_speaks_of_is_there() -> None:
    there = {path.name for path in tracked()} | OF_OTHERS
    for folder in ("gateway", "tests", "bench"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if names(text(path)) <= there:
                continue
            assert names(comments(path)) <= there, path.relative_to(ROOT)


def names(words: str) -> set[str]:
    """The names of files in a text."""
    return {Path(name).name for name in FILE_NAME.findall(words)}


def test_a_package_speaks_of_its_own_modules() -> None:
    for path in sorted((ROOT / "gateway/suar").rglob("__init__.py")):
        named = FILE_NAME.findall(ast.get_docstring(parsed(text(path))) or "")
        lost = [name for name in named if not (path.parent / name).exists() and not (ROOT / name).exists()]
        assert lost == [], path.relative_to(ROOT)


def comments(path: Path) -> str:
    """The comments and docstrings of a module."""
    tokens = tokenize.generate_tokens(io.StringIO(text(path)).readline)
    words = [token.string for token in tokens if token.type == tokenize.COMMENT]
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(parsed(text(path))) if isinstance(node, documented)]
    return "\n".join([*words, *(ast.get_docstring(node) or "" for node in nodes)])


def test_no_mistake_of_ours_is_kept_silent_about() -> None:
    package = ROOT / "gateway/suar"
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        assert suppressed(text(path)) & MISTAKES == MAY_SUPPRESS.get(name, set()), name


@pytest.mark.parametrize(
    "planted",
    [
        "with contextlib.suppress(OSError, AttributeError):\n    f()",
        "try:\n    f()\nexcept AttributeError:\n    pass",
        "try:\n    f()\nexcept (OSError, AttributeError):\n    pass",
    ],
)
def test_a_suppressed_mistake_is_found(planted: str) -> None:
    assert "AttributeError" in suppressed(planted)


def test_types_are_decoded_by_decoders_made_at_import() -> None:
    """msgspec builds what it knows of a Struct when the type is first decoded; a second thread that meets the type at
    that moment reads it half-built, and the process dies. A decoder made at import leaves no such moment.

    bench/ is left out: its processes have one thread.
    """
    for path in sorted((ROOT / "gateway/suar").rglob("*.py")):
        if "bench" not in path.relative_to(ROOT).parts:
            assert not _decoded_by_type(text(path)), path.relative_to(ROOT)


def _decoded_by_type(source: str) -> list[int]:
    """The lines with a call `decode(..., type=...)`, however it is spread over lines."""
    calls = [node for node in ast.walk(parsed(source)) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if getattr(call.func, "attr", getattr(call.func, "id", "")) == "decode"
        and any(keyword.arg == "type" for keyword in call.keywords)
    ]


def test_search_finds_a_planted_decoding_by_type() -> None:
    assert _decoded_by_type("found = msgspec.json.decode(\n    data,\n    type=Shape,\n)\n") == [1]
    assert _decoded_by_type("found = data.decode()\n") == []


def _pins(name: str) -> dict[str, str]:
    lock = text(ROOT / "requirements" / name)
    pins = dict(re.findall(r"^([a-z0-9][\w.-]*(?:\[\w+\])?)==(\S+)", lock, re.MULTILINE))
    assert pins, name
    assert not re.search(r"^[a-z0-9].*==[^\\]*$", lock, re.MULTILINE), f"{name}: a pin without a hash"
    return pins


def test_locks_agree() -> None:
    everything = _pins("test.txt")
    for name in ("run.txt", "build.txt"):
        assert _pins(name).items() <= everything.items(), name
    both = _pins("bench.txt").keys() & everything
    assert {name: everything[name] for name in both} == {name: _pins("bench.txt")[name] for name in both}


def _project() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = tomllib.loads(text(ROOT / "pyproject.toml"))["project"]
    return found


def _bare(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


def test_every_dependency_is_locked_and_imported() -> None:
    wanted = {_bare(requirement) for requirement in _project()["dependencies"]}
    assert wanted <= set(_pins("run.txt"))
    used = {name.split(".")[0] for path in (ROOT / "gateway").rglob("*.py") for name in _imports(path)}
    distributions = packages_distributions()
    imported = {_bare(name) for module in used for name in distributions.get(module, ())}
    assert wanted - imported == set(), "declared in pyproject.toml, imported nowhere"


def test_every_python_is_named_once() -> None:
    classified = set(re.findall(r"Python :: (3\.\d+)", text(ROOT / "pyproject.toml")))
    assert classified == set(re.findall(r'"(3\.\d+)"', text(ROOT / "noxfile.py")))


# -- what the documents promise


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    path = ROOT / name
    for target, target_path in MARKDOWN_LINK.findall(FENCED.sub("", text(path))):
        aim = path.parent / target if target else path
        assert aim.exists(), target
        assert not target_path or target_path in headings(aim), f"{target}#{target_path}"


def headings(path: Path) -> set[str]:
    """The places of a document that a link may name, as forges make them of its headings."""
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", text(path)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_readme_has_a_line_for_every_folder() -> None:
    folders = {f"{path.relative_to(ROOT).parts[0]}/" for path in tracked() if path.parent != ROOT}
    map_ = text(ROOT / "README.md").split("## Repository layout")[1].split("\n## ")[0]
    named = {name.split("/")[0] + "/" for name in re.findall(r"^\| `([^`]+/)` \|", map_, re.MULTILINE)}
    assert named == folders
    package = {path.parent.name for path in (ROOT / "gateway/suar").glob("*/__init__.py")}
    assert package <= set(re.findall(r"`([a-z]+)`", map_)), "a package that the map does not have"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_exist(name: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    for target in re.findall(r"(?:^|`)make ([a-z]+)", text(ROOT / name), re.MULTILINE):
        assert target in targets, target
    for words in COMMAND.findall(text(ROOT / name)):
        _resolve(words.split())


def test_hints_name_commands_that_exist() -> None:
    for path in sorted((ROOT / "gateway").rglob("*.py")):
        for words in COMMAND.findall(text(path)):
            _resolve(words.split())


def _resolve(words: list[str]) -> None:
    """Follow words through the commands, as far as they are groups."""
    group: object = cli
    for word in words:
        if not isinstance(group, LazyGroup):
            return
        assert word in group.table, f"suar {' '.join(words)}"
        group = group.load(word)


def test_every_make_target_is_explained() -> None:
    makefile = text(ROOT / "Makefile")
    phony = set(re.findall(r"^\.PHONY: (\w+)", makefile, re.MULTILINE))
    assert phony == set(re.findall(r"^([a-z]+):.* ## ", makefile, re.MULTILINE))


@pytest.mark.parametrize("name", ["docs/threat-model.md", "docs/design.md", "docs/operators.md"])
def test_named_tests_vectors_and_files_exist(name: str) -> None:
    document = text(ROOT / name)
    for file, function in re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", document):
        assert (ROOT / file).is_file(), file
        assert not function or f"def {function}(" in text(ROOT / file), f"{file}::{function}"
    for vector in re.findall(r"vectors? ((?:`[a-z0-9.-]+`(?:, | and )?)+)", document):
        for one in re.findall(r"`([a-z0-9.-]+)`", vector):
            assert (ROOT / f"schemas/vectors/{one}.json").is_file(), one
    for file in re.findall(r"`([a-z_/]+/[a-z_/]+\.(?:py|toml|md|conf))`", document):
        candidates = [ROOT / file, ROOT / "gateway/suar" / file]
        assert any(candidate.is_file() for candidate in candidates), file


PLACEHOLDER = re.compile(r"\\\*|NAME|TAG")
NAMED_PATH = re.compile(r"`([\w./*-]*(?:/|\w\.(?:py|csv|po|md|json|toml|yaml)))(?:::(\w+))?`")


def unknown_paths(document: str) -> list[str]:
    """The files, folders and tests in backticks that do not exist; each may be named from any folder above it.

    NAME, TAG and `*` are any name.
    """
    files = {path.relative_to(ROOT).as_posix(): path for path in tracked()}
    paths = "\n".join(files.keys() | {str(parent) for file in files for parent in Path(file).parents})
    found = []
    for name, function in NAMED_PATH.findall(document):
        ending = PLACEHOLDER.sub(r"[^/\\n]+", re.escape(name.rstrip("/")))
        hits = re.findall(rf"^(?:.*/)?{ending}$", paths, re.MULTILINE)
        if not hits or (function and not any(f"def {function}(" in text(files[hit]) for hit in hits if hit in files)):
            found.append(f"{name}::{function}" if function else name)
    return found


def test_contributing_names_what_exists() -> None:
    document = text(ROOT / "CONTRIBUTING.md")
    assert len(NAMED_PATH.findall(document)) > 150
    assert unknown_paths(document) == []
    planted = "`tests/test_house.py::test_gone`, `gateway/suar/gone/`, `suar/cli/*/NAME.py`, `kind/gone_NAME.py`"
    assert unknown_paths(planted) == ["tests/test_house.py::test_gone", "gateway/suar/gone/", "kind/gone_NAME.py"]


def undefined(document: str) -> list[str]:
    """The names in backticks that a document says are in a module, and that the module does not define."""
    pairs = re.findall(r"`(?:Core\.)?(\w+)` in\s`([\w/]+\.py)`", document)
    assert pairs
    sources = [(name, file, text(PACKAGE / file)) for name, file in pairs]
    return [
        f"{name} in {file}"
        for name, file, source in sources
        if not re.search(rf"(?:def|class) {name}\b|^{name}\b.* =", source, re.MULTILINE)
    ]


def test_the_design_names_functions_that_exist() -> None:
    document = text(ROOT / "docs/design.md")
    assert undefined(document) == []
    assert undefined("`accept` in `service/publish/accepting.py`, `gone` in `service/publish/sealing.py`") == [
        "gone in service/publish/sealing.py"
    ]
    coined = set(re.findall(r"`(?:\w+\.)?([a-z]+_[a-z_]+|[A-Z]+[A-Za-z]+)`", document))
    sources = "\n".join(text(path) for path in sorted(PACKAGE.rglob("*.py")))
    assert {name for name in coined if not re.search(rf"\b{name}\b", sources)} == {"down_sg"}  # a consumer


def unshown(document: str) -> list[str]:
    """The rows of the threat model's tables whose last cell names neither a test nor a vector."""
    tables = re.findall(r"^\|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", document, re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    return [row for row in rows if not re.search(r"`tests/\w|vectors? `[a-z]", row.rstrip(" |").rpartition(" | ")[2])]


def test_every_row_of_the_threat_model_names_what_shows_it() -> None:
    document = text(ROOT / "docs/threat-model.md")
    assert unshown(document) == []
    shown = next(row for row in document.splitlines() if "| vector `frame-gap-of-an-exact-range` |" in row)
    planted = shown.replace("vector `frame-gap-of-an-exact-range`", "see `docs/gaps.md`")
    assert unshown(document.replace(shown, planted)) == [planted]


def test_every_attack_has_its_row() -> None:
    """tests/attacks/README.md, step 4."""
    document = text(ROOT / "docs/threat-model.md")
    attacks = sorted(path.name for path in (ROOT / "tests/attacks").glob("test_*.py"))
    assert attacks
    assert [name for name in attacks if f"`tests/attacks/{name}::" not in document] == []


def test_every_setting_is_explained_to_operators() -> None:
    document = text(ROOT / "docs/operators.md")
    assert {name for name in settings_of(SECTIONS) if not is_explained(name, document)} == set()


def settings_of(sections: dict[str, type[msgspec.Struct]]) -> set[str]:
    """Every setting of suar.toml as section.key; those of a table within a section, such as a channel, by its kind."""
    found = set[str]()
    for section, shape in sections.items():
        for field in msgspec.structs.fields(shape):
            inner = [
                each for each in get_args(field.type) if isinstance(each, type) and issubclass(each, msgspec.Struct)
            ]
            name = f"{section}.{field.encode_name}"
            found |= {f"{name}.{key}" for each in inner for key in each.__struct_fields__} or {name}
    return found


def is_explained(name: str, document: str) -> bool:
    """Whether the table has the setting by its full name, or a passage about its section has the key."""
    section, _, key = name.rpartition(".")
    table = f"[{section}.".replace(".", r"\.").replace("[", r"\[") if "." in section else f"\\[{section}\\]"
    in_example = re.search(rf"^{table}.*\n(?:(?!\[).+\n)*{key} = ", document, re.MULTILINE)
    named = f"`{name}`" in document or (section == "escalation" and re.search(rf"`{key}(?: = [^`]+)?`", document))
    return bool(named or in_example)


def test_a_setting_that_is_not_explained_is_found() -> None:
    document = "| `bus.url` |\n[notify.mail.office]\nhost = 1\nport = 2\n\n[notify.person.duty]\nmail = 3\n"
    assert is_explained("bus.url", document)
    assert is_explained("notify.mail.port", document)
    assert not is_explained("bus.inbox_prefix", document)
    assert not is_explained("notify.mail.mail", document)
    assert {"bus.inbox_prefix", "limits.epoch_seconds", "notify.mail.port"} <= settings_of(SECTIONS)


def test_version_is_the_newest_of_the_changelog() -> None:
    versions = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", text(ROOT / "CHANGELOG.md"), re.MULTILINE)
    assert versions
    assert versions[0] == suar.__version__


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/adr").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
    for path in (ROOT / "docs/adr").glob("[0-9]*.md"):
        assert path.name in text(ROOT / "docs/adr/README.md"), path.name
        assert {"## Context", "## Decision", "## Consequences"} <= set(text(path).splitlines()), path.name


# -- the rooms of the package


PACKAGE = ROOT / "gateway/suar"


def rooms() -> dict[str, list[str]]:
    """The rooms of each package by its folder, lowest first, as import-linter keeps them."""
    contracts = tomllib.loads(text(ROOT / "pyproject.toml"))["tool"]["importlinter"]["contracts"]
    return {
        each["containers"][0].removeprefix("suar").removeprefix(".").replace(".", "/"): [
            room for layer in reversed(each["layers"]) for room in layer.split(" : ")
        ]
        for each in contracts
        if "containers" in each
    }


def folders() -> dict[str, set[str]]:
    """The rooms of each package that has any, by its folder."""
    found: dict[str, set[str]] = {}
    for path in (path.parent for path in PACKAGE.rglob("__init__.py")):
        if path != PACKAGE:
            found.setdefault(path.parent.relative_to(PACKAGE).as_posix().removeprefix("."), set()).add(path.name)
    return found


def test_the_design_has_the_rooms_in_the_order_that_is_kept() -> None:
    design = text(ROOT / "docs/design.md")
    table = re.findall(r"^\| `([a-z/]+)` \| ([^|]+) \| ([^|]*)\|$", design, re.MULTILINE)
    documented = {
        name: [room.removesuffix(".py") for room in re.findall(r"`([a-z_.]+)`", line)] for name, line, _ in table
    }
    kept = rooms()
    assert documented.keys() <= kept.keys()
    for name, order in documented.items():
        if name != "api":
            assert order == kept[name], name
        assert set(order) == set(kept[name]), name
    for name, _, others in table:
        modules = {path.name for path in (PACKAGE / name).glob("*.py")} - {"__init__.py"}
        outside = modules - {f"{room}.py" for room in kept[name]}
        assert set(re.findall(r"`([a-z_.]+)`", others)) == outside, f"docs/design.md: the last column of {name}"
    section = design.split("## Packages and rooms")[1].split("\n## ")[0]
    missing = [path.name for path in PACKAGE.glob("*.py") if f"`{path.name}`" not in section]
    assert [name for name in missing if name != "__init__.py"] == [], "docs/design.md: modules in no package"


def test_the_design_says_of_every_fault_point_what_is_on_disk_after_it() -> None:
    section = text(ROOT / "docs/design.md").split("## Crash recovery")[1].split("\n## ")[0]
    assert Counter(re.findall(r"^\| `([a-z.]+)` \|", section, re.MULTILINE)) == Counter(POINTS)


def test_the_design_says_how_many_loops_are_in_the_background() -> None:
    there = len(list((PACKAGE / "service/process/background").glob("loop_*.py")))
    number = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")[there]
    assert f": {number} are in `service/process/background/`" in " ".join(text(ROOT / "docs/design.md").split())


def test_every_folder_of_a_package_with_rooms_is_one_of_them() -> None:
    kept, found = rooms(), folders()
    assert found.keys() == kept.keys(), "a package whose rooms no contract of import-linter has"
    assert {name: there - set(kept[name]) for name, there in found.items() if there - set(kept[name])} == {}


def test_no_folder_has_more_than_fourteen_modules() -> None:
    count = Counter(path.parent for path in (ROOT / "gateway/suar").rglob("*.py") if path.name != "__init__.py")
    many = {folder.relative_to(ROOT).as_posix() for folder, modules in count.items() if modules > 14}
    assert {name for name in many if not name.endswith("migrations/versions")} == set()


# -- the sizes of modules (ADR 0052)

SHORTEST, LONGEST = 50, 300
"""Lines of a module."""
ROOMS_LONGEST = 10
"""Rooms in a chain of imports."""


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("suar")


def sizes() -> dict[str, int]:
    """The lines of each module of the package by its path; steps of the store's migrations are never changed again."""
    package = ROOT / "gateway/suar"
    modules = [path for path in sorted(package.rglob("*.py")) if "migrations" not in path.parts]
    return {
        path.relative_to(package).as_posix(): len(text(path).splitlines())
        for path in modules
        if path.name != "__init__.py"
    }


def users(name: str) -> set[str]:
    """The modules that import one; those of its own package that only collect it are none."""
    module = "suar." + name.removesuffix(".py").replace("/", ".")
    return graph().find_modules_that_directly_import(module) - {module.rpartition(".")[0]}


def unusual_sizes(of: dict[str, int]) -> set[str]:
    """The modules that are longer, or are shorter and have one single user, which could have their lines itself.

    A short module that nobody imports is loaded by its name: a command, a page, a check.
    """
    long = {name for name, lines in of.items() if lines > LONGEST}
    return long | {name for name, lines in of.items() if lines < SHORTEST and len(users(name)) == 1}


def test_every_module_of_an_unusual_size_is_named_with_its_reason() -> None:
    with (ROOT / "tests/data/module_sizes.csv").open(encoding="utf-8", newline="") as file:
        named = [(row["module"], row["reason"]) for row in csv.DictReader(file)]
    assert sorted(unusual_sizes(sizes())) == sorted(module for module, _ in named), (
        "divide it, or join it with its user; else name it with its reason, in one row"
    )
    assert all(len(reason) > 10 for _, reason in named)


def test_a_module_of_an_unusual_size_is_found() -> None:
    assert unusual_sizes({"service/pacing/echoes.py": 301, "published.py": 300}) == {"service/pacing/echoes.py"}
    assert unusual_sizes({"service/pacing/echoes.py": 49, "published.py": 10, "cli/messages/why.py": 49}) == {
        "service/pacing/echoes.py"
    }


# -- chains of imports


def longest_chain(of: dict[str, set[str]]) -> list[str]:
    """The longest way from a room to one that it imports; the rooms have no cycle, which import-linter keeps."""

    @cache
    def chain(room: str) -> list[str]:
        return [room, *longest(of.get(room, set()))]

    def longest(among: Iterable[str]) -> list[str]:
        return max((chain(room) for room in sorted(among)), key=len, default=[])

    return longest(of)


def imports_of_rooms(package: str, among: Iterable[str] = ()) -> dict[str, set[str]]:
    """The rooms of a package, or those named, with the rooms that each imports."""
    inside = ".".join(["suar", *package.split("/")]).rstrip(".") + "."
    found: dict[str, set[str]] = {room: set() for room in among or rooms()[package]}
    for module in graph().modules:
        room = module.removeprefix(inside).partition(".")[0]
        if not module.startswith(inside) or room not in found:
            continue
        imported = {
            each.removeprefix(inside).partition(".")[0]
            for each in graph().find_modules_directly_imported_by(module)
            if each.startswith(inside)
        }
        found[room] |= imported & found.keys() - {room}
    return found


@pytest.mark.parametrize("package", sorted(rooms()))
def test_no_chain_of_rooms_is_longer_than_ten(package: str) -> None:
    chain = longest_chain(imports_of_rooms(package))
    assert len(chain) <= ROOMS_LONGEST, " > ".join(chain)


def cycle(of: dict[str, set[str]], start: str) -> set[str]:
    """The rooms that one imports, itself or through others, and that import it."""

    def reached(room: str, seen: set[str]) -> set[str]:
        for each in of[room] - seen:
            seen.add(each)
            reached(each, seen)
        return seen

    return {room for room in reached(start, set()) if start in reached(room, set())}


@pytest.mark.parametrize("package", sorted(rooms()))
def test_no_room_is_in_a_cycle_with_another_or_with_a_module_of_its_package(package: str) -> None:
    container = ".".join(["suar", *package.split("/")]).rstrip(".")
    children = {each.rpartition(".")[2] for each in graph().find_children(container)}
    of = imports_of_rooms(package, children)
    assert {room: found for room in sorted(folders()[package]) if (found := cycle(of, room))} == {}


EVERYTHING = ("the rooms before it", "every room", "everything below it")


def unsaid(docstring: str, imported: set[str]) -> set[str]:
    """The rooms that are imported, and that the sentence of a docstring about imports does not name."""
    sentence = re.search(r"\bImports ((?:[^.]|\.\b)*)\.", " ".join(docstring.split()))
    listed = sentence[1] if sentence else ""
    return set() if listed.startswith(EVERYTHING) else imported - set(re.findall(r"\w+", listed))


@pytest.mark.parametrize("package", sorted(rooms()))
def test_the_docstring_of_a_room_says_what_it_is_for_and_names_the_rooms_that_it_imports(package: str) -> None:
    """The modules at the top of the package are small, and any package below them may be imported there."""
    found = imports_of_rooms(package, folders()[""] if package == "" else ())
    of = {room: ast.get_docstring(parsed(text(PACKAGE / package / room / "__init__.py"))) or "" for room in found
          if room in folders()[package]}  # fmt: skip
    assert [room for room, docstring in of.items() if len(re.findall(r"[.]\s+(?=[A-Z`])", docstring)) < 1] == []
    missing = {room: unsaid(docstring, found[room]) for room, docstring in of.items()}
    assert {room: names for room, names in missing.items() if names} == {}


def test_a_docstring_that_leaves_a_room_out_is_found() -> None:
    assert unsaid("A room.\n\nImports a\nand b.", {"a", "b", "c"}) == {"c"}
    assert unsaid("A room.", {"a"}) == {"a"}
    assert unsaid("A room.\n\nImports the rooms before it.", {"a"}) == set()


def test_a_chain_is_found_and_the_rooms_of_the_service_are_read() -> None:
    assert longest_chain({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == ["a", "b", "c"]
    assert "settings" in imports_of_rooms("service")["core"]
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, "a") == {"a", "b", "c"}
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, "d") == set()


def test_the_whole_check_runs_as_many_tables_as_are_promised() -> None:
    """With CI set the checker of the gate reads 2,000 random tables instead of 200, and the attack has 200 keys."""
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert any(line.split()[:2] == ["export", "CI=true"] for line in lines)
    assert lines[-1] == "make test"


CHECKER = ROOT / "tests/protocol/privacy"


@pytest.mark.parametrize("path", sorted(CHECKER.glob("finest*.py")), ids=lambda path: path.stem)
def test_the_checker_of_the_gate_shares_no_code_with_it(path: Path) -> None:
    """It reads the code lists and has another solver; of the tests it imports its own modules alone."""
    own = {f"protocol.privacy.{each.stem}" for each in CHECKER.glob("finest*.py")}
    found = set[str]()
    for node in ast.walk(parsed(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    rooms = {name.partition(".")[0] for name in found - own}
    assert rooms <= sys.stdlib_module_names | {"numpy", "ortools"}
