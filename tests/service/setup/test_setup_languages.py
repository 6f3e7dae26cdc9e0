"""What `suar setup` and `suar upgrade` say to a person, in the language of the person."""

import ast
from pathlib import Path

import pytest
from click.testing import CliRunner

from suar.cli.base.reader import catalogue_of, faults_shown_in
from suar.cli.main import cli
from suar.languages.catalogue import load
from suar.languages.tags import TRANSLATED, choose
from suar.protocol.base.errors import Fault
from suar.protocol.base.sentences import Sentence
from suar.service.settings import sealed
from suar.service.setup import answers, member, upgrade
from suar.service.setup.machine_paths import MachinePaths
from support.bundles import ROOT
from support.two_versions import NOW

SETUP = ROOT / "gateway/suar/service/setup"
IN_ENGLISH = frozenset({"pair.py"})
"""`suar pair` has no --lang."""


def raised_in(path: Path) -> list[str]:
    """The names of what a module raises."""
    calls = (node.exc for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Raise))
    return [call.func.id for call in calls if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)]


def test_every_fault_of_the_setup_is_a_sentence() -> None:
    found = {path.name: set(raised_in(path)) for path in sorted(SETUP.glob("*.py")) if path.name not in IN_ENGLISH}
    assert {name for names in found.values() for name in names} == {"SentenceFault"}, found


@pytest.mark.parametrize("tag", TRANSLATED)
def test_what_may_be_answered_is_said_in_every_language(tag: str) -> None:
    typed = iter(["Thailand", "th", "\n", "Thailand", "x" * 65, "asean", "x", "", "x", "", "x", "", "x", "", "x", ""])
    allowed: list[Sentence] = []
    answers.ask(lambda _, default: next(typed) or default, allowed.append)
    shown = [load(tag).shown(each) for each in allowed]
    assert len(shown) == len(answers.QUESTIONS)
    assert not set(shown) & set(map(str, allowed))


@pytest.mark.parametrize("tag", TRANSLATED)
def test_a_fault_and_its_hint_are_shown_in_the_language_of_the_reader(tag: str, tmp_path: Path) -> None:
    with pytest.raises(Fault) as english:
        upgrade.in_use(tmp_path)
    with pytest.raises(Fault) as shown, faults_shown_in(load(tag)):
        upgrade.in_use(tmp_path)
    assert str(tmp_path / "current") in shown.value.text
    assert shown.value.text != english.value.text
    assert shown.value.hint != english.value.hint


def test_a_fault_that_is_no_sentence_stays_as_it_is() -> None:
    with pytest.raises(Fault, match="as it is"), faults_shown_in(load("th")):
        raise Fault("as it is")


def test_the_language_is_that_of_the_environment_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "th_TH.UTF-8")
    assert catalogue_of(None).tag == "th"
    assert catalogue_of(choose("vi")).tag == "vi"
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert catalogue_of(None).tag == "en"


def test_a_second_setup_is_refused_in_the_language_of_the_reader(tmp_path: Path) -> None:
    paths = MachinePaths(tmp_path)
    paths.leaf_key.parent.mkdir(parents=True)
    paths.leaf_key.touch()
    with pytest.raises(Fault) as shown, faults_shown_in(load("pt")):
        member.prepare(answers.Answers(member="TH", name="Thailand", federation="x"), paths, now=NOW, cost=sealed.FLOOR)
    assert "suar" in shown.value.hint


@pytest.mark.parametrize(("lang", "words"), [("id", "bukan versi"), ("en", "is no version")])
def test_an_upgrade_is_refused_in_the_language_that_is_named(lang: str, words: str) -> None:
    result = CliRunner().invoke(cli, ["upgrade", "..", "--lang", lang])
    assert words in str(result.exception)
