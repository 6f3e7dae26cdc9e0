"""A fact of the standard or of the package is written once: whoever needs it imports it from its home."""

import ast
import operator
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

import suar
from suar.api.http.codes import HTTP_CODES
from suar.observe import alarms
from suar.protocol.base import codelists, errors, limits, reasons, stages
from suar.protocol.message import kinds
from suar.protocol.message.kind import trend
from suar.service.settings import config
from support.syntax import parsed

PACKAGE = Path(suar.__file__).parent
TESTS = Path(__file__).parent
INSTANT = "%Y-%m-%dT%H" + ":%M:%SZ"  # in two pieces, so that this file does not have it


@cache
def text(path: Path) -> str:
    return path.read_text("utf-8")


@cache
def module(path: Path) -> ast.Module:
    return parsed(text(path))


def modules() -> list[Path]:
    """Every module of the package, but the steps of the store's migrations, which are never changed again."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "versions" not in path.parts]


def naming(*words: str) -> list[Path]:
    """The modules in whose text one of these words stands."""
    return [path for path in modules() if any(word in text(path) for word in words)]


def home(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def words(node: ast.AST) -> list[str]:
    """The texts of a tuple, list or set; the keys of a dict of classes, not of one that gives each word a value."""
    inside: Sequence[ast.expr | None] = []
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        inside = node.elts
    elif isinstance(node, ast.Dict) and all(isinstance(value, ast.Name) for value in node.values):
        inside = node.keys
    return [each.value for each in inside if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def written_in(*lists: tuple[str, ...]) -> set[str]:
    """The modules that list all of one of these."""
    homes = set[str]()
    for path in naming(*(each[0] for each in lists)):
        for node in ast.walk(module(path)):
            listed = words(node)
            if any(set(each) <= set(listed) for each in lists):
                homes.add(home(path))
    return homes


CALCULATED = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.LShift: operator.lshift,
    ast.Pow: operator.pow,
}  # fmt: skip


def value_of(node: ast.expr) -> int | None:
    """The whole number that an expression of written numbers has."""
    if isinstance(node, ast.Constant):
        return node.value if type(node.value) is int else None
    if isinstance(node, ast.BinOp) and type(node.op) in CALCULATED:
        left, right = value_of(node.left), value_of(node.right)
        is_small = right is not None and (isinstance(node.op, ast.Add | ast.Sub | ast.Mult) or 0 <= right < 128)
        return CALCULATED[type(node.op)](left, right) if left is not None and is_small else None
    return None


def numbers(node: ast.AST) -> Iterator[int]:
    """The whole numbers below a node, a product or power of written ones as what it comes to."""
    for child in ast.iter_child_nodes(node):
        value = value_of(child) if isinstance(child, ast.expr) else None
        if value is not None:
            yield value
        else:
            yield from numbers(child)


def texts(path: Path) -> Iterator[str]:
    for node in ast.walk(module(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_the_kinds_are_listed_in_no_module() -> None:
    """Their code list says which there are."""
    assert tuple(kind for kind in kinds.KINDS if kind != "receipt") == kinds.PUBLISHED
    assert written_in(kinds.PUBLISHED) == set()


def test_the_stages_are_listed_in_one_module() -> None:
    assert written_in(stages.BY_PERSON, stages.ARRIVED[:2]) == {"protocol/base/stages.py"}


def test_the_stages_are_those_of_the_standard() -> None:
    stated = {*stages.ARRIVED, stages.HELD_BY_LAW, stages.RECALLED}
    assert stated == set(codelists.codes("receipt-stage")) - {"refused", "missing"}
    assert len(set(stages.EVERY)) == len(stages.EVERY)


def test_the_largest_message_is_written_in_one_module() -> None:
    """exchange/files/bounds.py has the same number for a STIX bundle, which is another fact."""
    homes = {home(path) for path in modules() if limits.MESSAGE_BYTES_MAX in numbers(module(path))}
    assert homes == {"protocol/base/limits.py", "exchange/files/bounds.py"}
    naming_modules = {home(path) for path in naming("512 KiB") if any("512 KiB" in text for text in texts(path))}
    assert naming_modules == set()


def test_the_largest_integer_is_written_in_one_module() -> None:
    assert {home(path) for path in modules() if limits.INTEGER_MAX in numbers(module(path))} == {
        "protocol/base/limits.py"
    }


def test_the_format_of_an_instant_is_written_in_one_module() -> None:
    """The benchmarks write a time with fractions of a second, for the NATS server, which the standard has not."""
    assert [home(path) for path in naming(INSTANT)] == ["protocol/base/instants.py"]
    assert [path for path in TESTS.rglob("*.py") if INSTANT in text(path)] == []


def test_the_file_of_the_settings_is_named_in_one_module() -> None:
    homes = {home(path) for path in naming(config.CONFIG) if config.CONFIG in texts(path)}
    assert homes == {"service/settings/config.py"}


def test_texts_are_normalised_in_one_module() -> None:
    """The library takes a minute for a long text whose marks are out of order; there they are sorted before."""
    assert [home(path) for path in naming("normalize(")] == ["protocol/normal_forms.py"]


def test_a_code_means_one_thing() -> None:
    tables = (errors.CODES, HTTP_CODES, alarms.CODES)
    codes = list(chain.from_iterable(tables))
    assert len(codes) == len(set(codes))
    for code, meaning in reasons.CODES.items():
        assert errors.CODES[code].meaning is meaning


@pytest.mark.parametrize(
    ("source", "found"),
    [("X = 512 * 1024", 524_288), ("X = 1 << 19", 524_288), ("f(2**53 - 1)", 2**53 - 1), ("X = A * 1024", 1024)],
)
def test_a_number_is_found_however_it_is_written(tmp_path: Path, source: str, found: int) -> None:
    path = tmp_path / "planted.py"
    path.write_text(source)
    assert found in numbers(module(path))


def test_a_factor_of_a_number_is_none() -> None:
    assert list(numbers(parsed("X = 512 * 1024 * 1024"))) == [536_870_912]


def test_the_dimensions_of_a_table_are_the_fields_of_their_type() -> None:
    assert kinds.Dims.__struct_fields__ == kinds.DIMENSIONS
    assert written_in(kinds.DIMENSIONS) == set()


def test_the_ages_of_children_are_listed_in_one_module() -> None:
    assert written_in(tuple(trend.CHILD_AGES), tuple(trend.ADULT_AGES)) == {"protocol/message/kind/trend.py"}
