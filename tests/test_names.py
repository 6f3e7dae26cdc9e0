"""Names and phrases that the glossary has replaced do not come back: one concept has one name (CONTRIBUTING.md)."""

import ast
import csv
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import pytest

from support.syntax import parsed

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gateway/suar"
MODULES = {
    "beside": "draft_check_pool", "room": "outbox_capacity", "interpreter": "runtime_tuning", "given": "sources",
    "owner": "thread_affinity", "voices": "active_keys", "hearing": "observations", "turns": "group_commit",
    "asked": "request_quota", "trail": "audit_cursor", "owing": "suspension_backlog", "settle": "stream_reconciliation",
    "window": "send_gate", "line": "hub_link", "resend": "requesting", "questions": "answering",
    "allowance": "daily_quotas", "outbound": "sealing", "lifecycle": "recall",
}  # fmt: skip
"""Modules of the service, with the name that they have now."""
EMBEDDED = {"servers_founded": "nats_federation"}
"""Modules of demo/embedded, the same way."""
RENAMED = {
    "protocol/transport/dispatch": "sender", "protocol/privacy/counts/beside": "other_tables",
    "protocol/privacy/names/beside": "cue_words",
    "protocol/privacy/counts/untold": "hidden_numbers", "protocol/privacy/counts/telling": "disclosed_counts",
    "exchange/files/xlsx_beside": "xlsx_other_contents", "service/setup/places": "machine_paths",
    "protocol/base/hub_lines": "link_names", "service/process/background/line_watch": "link_watch",
}  # fmt: skip
"""Other modules, with the name that they have now in the same folder."""
NOT_VERBS = frozenset({
    "take", "give", "come", "stand", "say", "hear", "lack", "go_on", "tell", "told", "heard", "look", "looked", "anew",
    "beside", "behind", "against", "apart", "whose", "owing", "spare", "bring", "met", "saw", "ride", "hear_anew",
})  # fmt: skip
"""What no function is called, private or not: none of these says what a function does."""
COINED = frozenset({
    "take", "takes", "took", "give", "gives", "given", "come", "comes", "came", "stand", "stands", "stood", "say",
    "says", "said", "hear", "hears", "heard", "lack", "lacks", "tell", "tells", "told", "speak", "speaks", "spoken",
    "asked", "anew", "beside", "apart", "against", "brings", "brought", "knows", "telling", "hearing", "look", "looks",
    "looker", "openings",
})  # fmt: skip
"""What no name of a function or class begins or ends with: the verbs of the field are others."""
REPLACED_PARTS = re.compile(r"^_*(?:is_sound|IS_SOUND)|AT_ONCE$")
"""Replaced names of several words, which no name of a function, class or constant begins or ends with."""
EXEMPT = {
    ("cli/gateway/audit.py", "anew"),  # a command, whose function has its name
    ("api/calls/receipts.py", "Said"), ("api/http/agency_documents.py", "GivenDocument"),
    ("api/http/agency_documents.py", "GivenText"),  # names of the API's document
    ("observe/hooks.py", "ToCome"),  # the name of an event of the log
    ("protocol/message/kind/alert.py", "STAND_DOWN"),  # an action of the code list
    ("protocol/privacy/text/confusables.py", "LOOKS_LIKE"),  # how letters look to a reader
    ("protocol/privacy/identifiers/telephones.py", "looks_clear"),
    ("protocol/privacy/identifiers/telephones.py", "looks_dialled"),  # how a number looks to one
}  # fmt: skip
"""Names that the interfaces use."""
NO_VARIABLES = frozenset({
    "anew", "apart", "asked", "beside", "brought", "came", "given", "heard", "is_anew", "is_apart", "is_asked",
    "is_beside", "is_given", "is_heard", "is_lately", "is_said", "is_telling", "is_told", "knows", "lacking", "lately",
    "owing", "said", "say", "says", "spoken", "stand", "stands", "stood", "take", "telling", "tells", "told", "whose",
    "hearing", "is_sound", "look", "looker", "looks", "openings",
})  # fmt: skip
"""What no parameter and no variable of a function is called: none of these says what it holds."""
NOT_IN_THE_PACKAGE = frozenset({"bare"})
"""What no parameter, variable or field of the package is called beyond those."""
GEOGRAPHY = ("console/pictures", "exchange", "protocol/authoring", "protocol/message", "protocol/privacy")
"""Rooms whose places are those of geography."""
SERIALIZED = (
    "api/contract/shapes.py", "api/contract/table_document.py", "api/http/agency_documents.py",
    "api/http/documents.py", "console/live.py", "service/settings/sections/notify_config.py", "store/messages/rows.py",
)  # fmt: skip
"""Files whose classes name JSON keys, keys of settings and columns."""
NOT_IN_TESTS = frozenset({
    "anew", "hear", "heard", "hears", "lack", "lacking", "lacks", "lately", "owing", "stick", "untold",
})  # fmt: skip
"""Words that no name of a test has: the glossary has others for them."""
NOT_IN_MODULES = NOT_IN_TESTS | {
    "apart", "asked", "beside", "came", "says", "stand", "stands", "tell", "tells", "told",
}  # fmt: skip
"""Words that no name of a module has, in the package and in the tests."""
NOT_IN_NAMES = frozenset({"anew", "apart", "beside", "lacking", "lacks", "lately", "ride", "stick", "told", "untold"})
"""Words that no name of the package has, wherever in it; a command alone is called `anew`."""
VECTORS = "tests/protocol/vectors_"
"""Files whose functions have the names of vectors, which are published."""
PHRASES = (
    r"\bis no TOML\b", r"\bwhat stands where\b", r"\bis it well\b", r"\btakes none\b", r"\bby a stick\b",
    r"\bthe look loop\b", r"\bone a loop\b", r"\bhear(?:s|d)? anew\b", r"\bgive way\b", r"\bthe line is cut\b",
    r"\bin wrong hands\b", r"\bbare files\b", r"\bby another way\b", r"\bwhat came in\b", r"\bwhat lacks\b",
    r"\bthe gate's word\b", r"\bin (?:its|their) turn\b", r"\bas they stand\b",
    r"\bleaves twice\b", r"\bthe law behind it\b", r"\bin earnest\b",
    r"\bat the next look\b", r"\btake[ns]? into use\b", r"\bnothing in the store is believed\b",
    r"\bit is not said\b", r"\bby its own word\b", r"\b(?:state|file) of before\b", r"\bcomposed anew\b",
    r"\bin vain\b", r"\btorn apart\b", r"\bpasses for (?:ours|one)\b", r"\bwhat is said of\b", r"\bwhat was brought\b",
    r"\bas many [\w ]+ as may be\b", r"\bno code was given\b",
)  # fmt: skip
"""Phrases that the register has replaced, in documents, docstrings and the texts that users read."""


LINES_OF_TEXT = {
    ("cli/federation/bus.py", "line"), ("cli/federation/tls.py", "line"),  # the option --line
    ("federation/plan.py", "line"),  # the key of PLAN.toml, and lines of that file
    ("federation/hub_config.py", "lines"), ("federation/nats_config.py", "lines"),
    ("federation/nats_config.py", "line"), ("federation/plan.py", "lines"),  # lines of a configuration
}  # fmt: skip
"""Where a module that names hub links has lines: those of a file, or what a person types."""


def replaced() -> dict[str, str]:
    """Functions, methods, classes and constants of before, with the name that they have now."""
    with (ROOT / "tests/data/replaced_names.csv").open(encoding="utf-8", newline="") as file:
        return {row["before"]: row["now"] for row in csv.DictReader(file)}


def lies_in(file: str, rooms: tuple[str, ...]) -> bool:
    """Whether a file is one of these, or lies in one of these folders."""
    return any(file == room or file.startswith(f"{room}/") for room in rooms)


def is_coined(name: str) -> bool:
    """Whether the name of a function or class begins or ends with a coined word, or is one that is no verb."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", name)]
    is_replaced = name.strip("_") in NOT_VERBS or REPLACED_PARTS.search(name) is not None
    return is_replaced or (bool(words) and not COINED.isdisjoint((words[0], words[-1])))


REPLACED = replaced()
MODULE_FILES = sorted(PACKAGE.rglob("*.py"))
IN_THE_PACKAGE = frozenset(MODULE_FILES)
HELPERS = (*(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py"))
NAMED_FILES = {path.relative_to(PACKAGE).as_posix(): path for path in MODULE_FILES} | {
    path.relative_to(ROOT).as_posix(): path for path in HELPERS
}
"""The files whose variables are checked: the package, the tests with their helpers, and the measurements."""


@lru_cache(maxsize=1)
def nodes(source: str) -> list[ast.AST]:
    """Every node of a module, itself the first. Those of one module are kept: of all they would fill the memory."""
    return list(ast.walk(parsed(source)))


def defined(source: str) -> set[str]:
    """The functions and classes that a module defines."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name for node in nodes(source) if isinstance(node, kinds)}


def identifiers(source: str) -> set[str]:
    """Every name that a module gives: functions, classes, parameters, fields and variables, without case and `_`."""
    found = defined(source)
    for node in nodes(source):
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    return {name.strip("_").lower() for name in found}


def variables(source: str) -> set[str]:
    """The names of the parameters and of the variables inside functions, without `_` around them."""
    functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    found = set()
    for function in (node for node in nodes(source) if isinstance(node, functions)):
        for node in ast.walk(function):
            if isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
    return {name.strip("_") for name in found}


def fields(source: str) -> set[str]:
    """The names of the fields and attributes of classes, without `_` around them."""
    found = set()
    for class_ in (node for node in nodes(source) if isinstance(node, ast.ClassDef)):
        for node in ast.walk(class_):
            if isinstance(node, ast.AnnAssign) and node in class_.body and isinstance(node.target, ast.Name):
                found.add(node.target.id)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
    return {name.strip("_") for name in found}


def aliases(source: str) -> set[str]:
    """The names that a module gives to types by an assignment."""
    body = [node for module in nodes(source)[:1] if isinstance(module, ast.Module) for node in module.body]
    assigned = [node.targets for node in body if isinstance(node, ast.Assign)]
    names = {target.id for targets in assigned for target in targets if isinstance(target, ast.Name)}
    return {name for name in names if re.fullmatch(r"_?[A-Z]\w*[a-z]\w*", name)}


def constants(source: str) -> set[str]:
    """The names in capitals that a module or a class of it assigns to."""
    bodies = [node.body for node in nodes(source) if isinstance(node, ast.Module | ast.ClassDef)]
    assigned = [node for body in bodies for node in body if isinstance(node, ast.Assign | ast.AnnAssign)]
    targets = [each for node in assigned for each in (node.targets if isinstance(node, ast.Assign) else [node.target])]
    names = {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)}
    return {name for name in names if name.isupper()}


def annotations(source: str) -> dict[str, str]:
    """The types of the parameters that have one, by name."""
    args = [node for node in nodes(source) if isinstance(node, ast.arg)]
    return {each.arg: ast.unparse(each.annotation).strip("'") for each in args if each.annotation is not None}


def annotated(path: Path, annotation: str) -> set[str]:
    """The names of the parameters of one type."""
    return {name for name, type_ in names_in(path).annotations.items() if type_ == annotation}


def phrases(text: str) -> list[str]:
    """The replaced phrases in a text, whatever its line breaks."""
    flat = " ".join(text.split())
    return [phrase for phrase in PHRASES if re.search(phrase, flat, re.IGNORECASE)]


def docstrings(source: str) -> str:
    """Every docstring of a module."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return "\n".join(ast.get_docstring(node) or "" for node in nodes(source) if isinstance(node, kinds))


def texts(source: str) -> str:
    """Every other text of a module, among them those that users read: errors, hints, help, findings."""
    found, docs, parts = [], set(), set()
    for node in nodes(source):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            docs.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            parts |= {id(each) for each in node.values}
            found.append("".join(str(each.value) if isinstance(each, ast.Constant) else "0" for each in node.values))
    alone = (node for node in nodes(source) if isinstance(node, ast.Constant) and id(node) not in docs | parts)
    return "\n\x00\n".join([*found, *(node.value for node in alone if isinstance(node.value, str))])


class Names(NamedTuple):
    """What one module names, and its texts."""

    defined: set[str]
    identifiers: set[str]
    variables: set[str]
    fields: set[str]
    aliases: set[str]
    constants: set[str]
    annotations: dict[str, str]
    docstrings: str
    texts: str


@cache
def names_in(path: Path) -> Names:
    """What a file names: each file is parsed once for all tests of this module."""
    source = path.read_text("utf-8")
    return Names(
        defined(source),
        identifiers(source),
        variables(source),
        fields(source),
        aliases(source),
        constants(source),
        annotations(source),
        docstrings(source),
        texts(source),
    )


def test_no_function_or_class_has_a_name_of_before() -> None:
    found = {}
    for path in MODULE_FILES:
        file, names = path.relative_to(PACKAGE).as_posix(), names_in(path).defined
        no_verbs = {name for name in names if is_coined(name) and (file, name) not in EXEMPT}
        found[file] = names & REPLACED.keys() | no_verbs
    assert {file: names for file, names in found.items() if names} == {}


def test_no_type_has_a_name_of_before() -> None:
    found = {file: names_in(path).aliases for file, path in NAMED_FILES.items()}
    assert sum(map(len, found.values())) > 100
    assert {(file, name) for file, names in found.items() for name in names if is_coined(name)} == set()


def test_an_alias_of_before_is_found() -> None:
    assert aliases("Told = list[int]\n_Said = dict\nTOLD = 1\nkind = 2\ndef f():\n    Given = 1") == {"Told", "_Said"}


def test_no_constant_has_a_name_of_before() -> None:
    found = {file: names_in(path).constants for file, path in NAMED_FILES.items()}
    assert sum(map(len, found.values())) > 4_000
    coined = {
        (file, name) for file, names in found.items() for name in names if is_coined(name) or is_coined(name.lower())
    }
    assert coined - EXEMPT == set()


@pytest.mark.parametrize(
    "planted", ["TOLD = 1", "TOLD: Final = 1", "A, TOLD = 1, 2", "A = TOLD = 1", "class B:\n    TOLD: Final = 1"]
)
def test_a_constant_of_before_is_found(planted: str) -> None:
    assert "TOLD" in constants(planted)
    assert is_coined("told")


def test_a_variable_and_a_type_are_no_constants() -> None:
    assert constants("told = 1\nTold = list[int]\ndef f():\n    TOLD = 1\nB = TOLD") == {"B"}


def test_no_helper_of_tests_and_no_measurement_has_a_name_that_is_no_verb() -> None:
    files = {path.relative_to(ROOT).as_posix(): names_in(path).defined for path in HELPERS}
    named = {(file, name) for file, names in files.items() for name in names if not name.startswith("test_")}
    found = {(file, name) for file, name in named if is_coined(name) and not file.startswith(VECTORS)}
    assert found == set()


def test_no_test_has_a_name_of_before() -> None:
    tests = [path for path in HELPERS if path.stem.startswith("test_")]
    names = {name for path in tests for name in names_in(path).defined if name.startswith("test_")}
    assert len(names) > 4_000
    assert {name for name in names if NOT_IN_TESTS & set(name.split("_")) or phrases(name.replace("_", " "))} == set()


def test_no_name_of_the_package_has_a_coined_word_in_it() -> None:
    found = set()
    for path in MODULE_FILES:
        for name in names_in(path).identifiers:
            if not NOT_IN_NAMES.isdisjoint(name.split("_")):
                found.add((path.relative_to(PACKAGE).as_posix(), name))
    assert found - EXEMPT == set()


def test_no_module_has_a_name_with_a_coined_word() -> None:
    modules = {
        path.relative_to(ROOT).as_posix(): path.stem for path in (*MODULE_FILES, *(ROOT / "tests").rglob("*.py"))
    }
    assert {file for file, stem in modules.items() if NOT_IN_MODULES & set(stem.split("_"))} == set()


def test_no_module_has_a_name_of_before() -> None:
    service = {path.stem for path in (PACKAGE / "service").rglob("*.py")}
    embedded = {path.stem for path in (PACKAGE / "demo/embedded").rglob("*.py")}
    assert {name: MODULES[name] for name in service & MODULES.keys()} == {}
    assert {name: EMBEDDED[name] for name in embedded & EMBEDDED.keys()} == {}
    assert [name for name in RENAMED if (PACKAGE / f"{name}.py").exists()] == []
    assert all((PACKAGE / name).with_name(f"{now}.py").exists() for name, now in RENAMED.items())


def test_a_position_an_index_and_a_sequence_are_no_places_in_the_service() -> None:
    """Names of JSON keys and columns are no names."""
    files = list((PACKAGE / "service").rglob("*.py"))
    assert len(files) > 100
    found = {path.name: names_in(path).identifiers & {"place", "places"} for path in files}
    assert {name: names for name, names in found.items() if names} == {}


def test_raw_settings_are_called_that() -> None:
    files = (PACKAGE / "service").rglob("*.py")
    found = {path.name: annotated(path, "RawSettings") for path in files}
    assert {name: names for name, names in found.items() if names - {"raw"}} == {}
    assert sum(bool(names) for names in found.values()) > 3


def test_a_hub_link_is_called_that() -> None:
    """A line is one of a file or of the audit; where links are, nothing else is called that."""
    found = {file: names_in(path).identifiers for file, path in NAMED_FILES.items() if path in MODULE_FILES}
    linked = {file for file, path in NAMED_FILES.items() if "HubLink" in path.read_text("utf-8")} & found.keys()
    assert len(linked) > 20
    named = {(file, name) for file in linked for name in found[file] if {"line", "lines"} & set(name.split("_"))}
    assert named == LINES_OF_TEXT
    hubs = {(file, name) for file, names in found.items() for name in names if re.search(r"hub_?line", name)}
    assert hubs == set()


def test_a_catalogue_is_called_that() -> None:
    found = {path.relative_to(PACKAGE): annotated(path, "Catalogue") for path in MODULE_FILES}
    assert {file: names for file, names in found.items() if names - {"catalogue"}} == {}
    assert sum(bool(names) for names in found.values()) > 2


def test_no_parameter_and_no_variable_has_a_name_that_does_not_say_what_it_holds() -> None:
    found = {}
    for file, path in NAMED_FILES.items():
        banned = NO_VARIABLES if lies_in(file, GEOGRAPHY) else NO_VARIABLES | {"place", "places"}
        banned |= NOT_IN_THE_PACKAGE if path in IN_THE_PACKAGE else frozenset()
        found[file] = names_in(path).variables & banned
    assert {file: names for file, names in found.items() if names} == {}


def test_no_field_has_a_name_that_does_not_say_what_it_holds() -> None:
    found = {}
    for path in MODULE_FILES:
        file = path.relative_to(PACKAGE).as_posix()
        banned = NOT_IN_THE_PACKAGE | NO_VARIABLES
        banned |= frozenset() if lies_in(file, GEOGRAPHY) else {"place", "places"}
        found[file] = names_in(path).fields & banned
    assert {file: names for file, names in found.items() if names and not lies_in(file, SERIALIZED)} == {}


@pytest.mark.parametrize("room", SERIALIZED)
def test_every_exemption_of_fields_is_needed(room: str) -> None:
    files = [path for file, path in NAMED_FILES.items() if lies_in(file, (room,))]
    assert any(names_in(path).fields & (NO_VARIABLES | {"place"}) for path in files)


@pytest.mark.parametrize(
    "planted",
    [
        "class A:\n    said: str",
        "class A:\n    said: str = ''",
        "class A:\n    def f(self, a):\n        self.said = a",
        "class A:\n    def f(self):\n        self._said: str = 'a'",
    ],
)
def test_a_field_of_before_is_found(planted: str) -> None:
    assert fields(planted) & NO_VARIABLES == {"said"}


def test_a_variable_of_a_method_is_no_field() -> None:
    assert fields("class A:\n    b: int\n    def f(self):\n        said: int = 1\n        self.c = said") == {"b", "c"}


@pytest.mark.parametrize("room", GEOGRAPHY)
def test_every_exemption_is_needed(room: str) -> None:
    files = [path for file, path in NAMED_FILES.items() if lies_in(file, (room,))]
    assert any(names_in(path).variables & {"place", "places"} for path in files)


@pytest.mark.parametrize(
    "planted",
    [
        "def f(said): ...",
        "def f(*, _said=1): ...",
        "def f(**said): ...",
        "f = lambda said: 1",
        "async def f():\n    for said in x: ...",
        "def f():\n    return [said for said in x]",
        "def f():\n    if said := g(): ...",
        "def f():\n    a, said = 1, 2",
        "class A:\n    def f(self):\n        with x as said: ...",
    ],
)
def test_a_variable_of_before_is_found(planted: str) -> None:
    assert variables(planted) & NO_VARIABLES == {"said"}


def test_a_field_and_a_key_are_no_variables() -> None:
    source = "class A:\n    said: str\ndef f(a):\n    a.said = {'said': 1}\n    return g(said=a)"
    assert variables(source) == {"a"}


@pytest.mark.parametrize(
    "planted",
    [
        "def f(place): ...",
        "place = 1",
        "self._place = 1",
        "class Place: ...",
        "class A:\n    places: int",
        "for place in x: ...",
    ],
)
def test_a_place_is_found(planted: str) -> None:
    assert identifiers(planted) & {"place", "places"}


@pytest.mark.parametrize(
    "planted",
    [
        "hear",
        "_hear_anew",
        "take_list",
        "is_told",
        "Said",
        "ToCome",
        "stands_still",
        "Told",
        "Knows",
        "telling_sums",
        "_is_sound",
        "LOOK_EVERY",
        "SETTLE_LOOK",
        "_HEARING",
        "_KEPT_AT_ONCE",
        "AT_ONCE",
        "_IS_SOUND",
    ],
)
def test_a_coined_name_is_found(planted: str) -> None:
    assert is_coined(planted)


@pytest.mark.parametrize("plain", ["outcome", "verify_frame", "is_standing", "retake", "has_given_name"])
def test_a_plain_name_is_none(plain: str) -> None:
    assert not is_coined(plain)


def test_a_name_of_before_is_found() -> None:
    assert defined("class Core:\n    def hear_anew(self): ...") & REPLACED.keys() == {"hear_anew"}


def test_every_new_name_is_one() -> None:
    """The right-hand column names what is there, so that the table stays of use."""
    sources = "\n".join(path.read_text("utf-8") for path in MODULE_FILES)
    words = set(re.findall(r"\w+", sources))
    assert set(REPLACED.values()) <= words
    assert not set(REPLACED) & set(REPLACED.values())


def test_no_docstring_and_no_document_has_a_phrase_of_before() -> None:
    read = {path: names_in(path).docstrings for path in MODULE_FILES}
    read |= {path: path.read_text("utf-8") for path in documents()}
    assert {path.name: found for path, text in read.items() if (found := phrases(text))} == {}


def test_a_heading_names_a_task_or_a_thing() -> None:
    """Not a question. The title of a page may be one."""
    found = [line for path in documents() if "adr" not in path.parts for line in path.read_text("utf-8").splitlines()]
    headings = [line for line in found if line.startswith("##")]
    assert len(headings) > 300
    assert [line for line in headings if re.match(r"#+ (?:Who|What|When|How|Which|Where|Why)\b", line)] == []


def documents() -> tuple[Path, ...]:
    """The documents whose sentences and headings are checked."""
    return (
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs/agencies").glob("*.md"),
        *(ROOT / "docs/adr").glob("*.md"),
        *(ROOT / "keys").rglob("*.md"),
    )


def test_no_text_that_users_read_has_a_phrase_of_before() -> None:
    found = {path.relative_to(PACKAGE).as_posix(): phrases(names_in(path).texts) for path in MODULE_FILES}
    assert len(found) > 900
    assert {file: each for file, each in found.items() if each} == {}


@pytest.mark.parametrize(
    "planted",
    ["raise Fault('nothing leaves twice', 'x')", "f'{a} leaves ' 'twice'", "A = {'a': ('nothing leaves '\n'twice')}"],
)
def test_a_text_with_a_phrase_of_before_is_found(planted: str) -> None:
    assert phrases(texts(planted)) == [r"\bleaves twice\b"]


def test_two_texts_make_no_phrase_and_a_docstring_is_none() -> None:
    assert phrases(texts("'leaves twice'\nA = ['leaves', 'twice']")) == []


def test_a_phrase_of_before_is_found() -> None:
    assert phrases("where the key\nis in wrong hands") == [r"\bin wrong hands\b"]
