"""A report of the audit log: all lines of a selection, each proved under one signed head."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from protocol.files.test_auditline import COUNT, acts, log, signed
from suar.protocol.files import auditline
from suar.protocol.files.auditlog import ALGORITHM, BrokenLog, Line, leaf_of
from suar.protocol.files.merkle import Tree
from support.kit import FEDERATION, NOW, actor

KID = actor("TH").kid.hex()
FIFTH = "TH-ALERT-2027-000005"
Lines = list[dict[str, Any]]


def title(**selection: Any) -> auditline.ReportTitle:
    nothing = dict.fromkeys(("about", "person", "since", "until"))
    return auditline.ReportTitle(
        audit_report=auditline.REPORT, federation=FEDERATION, member="TH", **(nothing | selection)
    )


def report(lines: Sequence[Line] | None = None, who: str = "TH", **selection: Any) -> bytes:
    every = acts(log()) if lines is None else list(lines)
    wanted = [line for line in every if title(**selection).has(line)]
    tree = Tree(ALGORITHM, [leaf_of(line) for line in every])
    return b"".join(auditline.write_report(title(**selection), signed(every, who), wanted, tree.path))


def rewritten(data: bytes, change: Callable[[Lines], object]) -> bytes:
    """The report with its lines (the title and the head before them) changed as JSON."""
    lines = [msgspec.json.decode(text) for text in data.splitlines()]
    change(lines)
    return b"".join(msgspec.json.encode(line) + b"\n" for line in lines)


def refused(data: bytes, kids: list[str] | None = None) -> str:
    with pytest.raises(BrokenLog) as found:
        auditline.verify_report(data, kids)
    return found.value.text


@pytest.mark.parametrize(
    ("selection", "numbers"),
    [
        ({"about": FIFTH}, [5]),
        ({"about": FIFTH[:-1]}, []),
        ({"person": "desk"}, list(range(1, COUNT + 1))),
        ({"person": FIFTH}, [5]),
        ({"person": "nobody"}, []),
        ({"since": NOW + 19}, [19, 20, 21]),
        ({"until": NOW + 3}, [1, 2]),
        ({"about": FIFTH, "person": "desk", "since": NOW + 5, "until": NOW + 6}, [5]),
        ({"about": FIFTH, "since": NOW + 6}, []),
    ],
)
def test_it_has_the_lines_of_its_selection_each_proved(selection: dict[str, Any], numbers: list[int]) -> None:
    assert {line.who for line in acts(log())} == {"desk"}
    found = auditline.verify_report(report(**selection), [KID])
    assert [line.n for line in found.lines] == numbers
    assert (found.head.head, found.head.kid, found.title) == (COUNT, KID, title(**selection))


UNSEEN_WORDS = [
    "", " ", f"{FIFTH} ", f" {FIFTH}", f"{FIFTH}\u00a0", f"{FIFTH}\0", f"{FIFTH}\n", f"{FIFTH}\u200b", f"{FIFTH}\u00ad",
    f"{FIFTH}\u3164", f"{FIFTH}\ufe0f", f"{FIFTH}\u2800", f"{FIFTH} 1", FIFTH.lower(), f"{FIFTH}\ufeff",
]  # fmt: skip


@pytest.mark.parametrize("word", UNSEEN_WORDS)
@pytest.mark.parametrize("name", ["about", "person"])
def test_a_selection_that_looks_like_another_one_is_refused(name: str, word: str) -> None:
    """It has no lines, so that a whole log would show that none is left out."""
    selection: dict[str, Any] = {name: word}
    assert auditline.selection_fault(title(**selection)) is not None
    assert "selection is none that a gateway makes" in refused(report(**selection), [KID])


def test_a_period_begins_before_it_ends() -> None:
    assert "the period ends" in refused(report(since=NOW, until=NOW), [KID])


def test_it_has_nothing_of_other_lines() -> None:
    data = report(about=FIFTH).decode()
    for line in acts(log()):
        assert (line.about in data) == (str(line.salt) in data) == (line.n == 5)


@pytest.mark.parametrize(
    "change",
    [
        {"n": 4}, {"n": 0}, {"n": -1}, {"n": 2**63}, {"at": NOW}, {"who": "nobody"}, {"what": "x"}, {"salt": "ab"},
        {"salt": "ab" * 16}, {"path": []}, {"path": ["00" * 32] * 54}, {"path": ["zz"]}, {"about": f"{FIFTH} 2"},
    ],
)  # fmt: skip
def test_an_altered_line_proves_nothing(change: dict[str, Any]) -> None:
    assert refused(rewritten(report(about=FIFTH), lambda lines: lines[2].update(change)))


ALTERED: dict[str, tuple[Callable[[Lines], object], str]] = {
    "turned": (lambda lines: lines.reverse(), "not in the form"),
    "twice": (lambda lines: lines.insert(2, lines[2]), "line 19 stands twice"),
    "reordered": (lambda lines: lines.append(lines.pop(2)), "line 19 stands twice, or in another order"),
    "of another message": (lambda lines: lines[0].update(about=FIFTH), "line 19 is not of the selection"),
    "of another period": (lambda lines: lines[0].update(until=NOW + 20), "line 20 is not of the selection"),
    "of another member": (lambda lines: lines[0].update(member="VN"), "signature of the head"),
    "of another federation": (lambda lines: lines[0].update(federation="other"), "signature of the head"),
    "signed at another time": (lambda lines: lines[1].update(at=1), "signature of the head"),
    "another root": (lambda lines: lines[1].update(root="00" * 32), "signature of the head"),
    "no root": (lambda lines: lines[1].pop("root"), "signature of the head"),
    "another version": (lambda lines: lines[0].update({"audit-report": "suar-audit-report/2"}), "not in the form"),
    "a field more in the title": (lambda lines: lines[0].update(complete=True), "not in the form"),
    "a field more in a line": (lambda lines: lines[2].update(hidden=True), "not in the form"),
    "nothing": (lambda lines: lines.clear(), "not in the form"),
}


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_report_proves_nothing(name: str) -> None:
    change, finding = ALTERED[name]
    assert finding in refused(rewritten(report(since=NOW + 19), change))


def test_who_can_write_the_store_makes_no_report_of_their_own() -> None:
    lines = acts(log())
    forged = [msgspec.structs.replace(line, who="somebody-else") for line in lines]
    data = report(forged, "VN", about=FIFTH)
    assert auditline.verify_report(data).head.kid == actor("VN").kid.hex(), "whose key it is, is printed"
    assert "not one of those that you named" in refused(data, [KID])
    stolen = rewritten(
        data, lambda found: found.__setitem__(1, msgspec.json.decode(msgspec.json.encode(signed(lines))))
    )
    assert "not the one that the head" in refused(stolen)


def test_another_file_is_no_report_and_a_long_one_is_refused_unread() -> None:
    whole = report(about=FIFTH)
    for data in (
        b"",
        b"{}\n{}",
        b"\xff",
        b"[" * 100_000,
        whole[:-2],
        whole[:-1],
        whole + b"\n\n",
        b"\n" * (auditline.REPORT_LINES + 3),
    ):
        assert "not in the form" in refused(data)
    assert "not in the form" in refused(b" " * (auditline.REPORT_BYTES + 1))
