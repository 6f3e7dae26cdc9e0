"""A count that one of our own tables contradicts: the author is told by which, and of no count that was hidden."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock

import msgspec
import pytest
from msgspec.structs import replace

from protocol.privacy.trends import trend
from suar.protocol.privacy.memo import Memo, Unprepared
from suar.protocol.privacy.proof.cells import cell_of
from suar.protocol.privacy.tables.differences import contradicted
from suar.service.access import tokens
from suar.service.access.authentication import TokenRows
from suar.service.core.core import Core
from suar.service.pacing.wake import Wake
from suar.service.people.records import Sealed, sealed_columns
from suar.service.process.gateway import Gateway
from suar.service.publish import accepting, cancelling, checking, gate, held, other_members, repeats
from suar.service.reading.verdict import Verdict
from suar.store.messages import rows as messages
from suar.store.people import persons
from support.corekit import CoreKit

WRITTEN = ("schema", "id", "rev", "sent", "privacy", "status")
CODE = "E-PRIVACY-SUM"
MALE = [("male",)]
Counts = dict[tuple[str, ...], int | None]


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "SHEETS", Memo(4_096))
    monkeypatch.setattr(repeats, "COMPARED", Memo(256))


def kit(folder: Path) -> CoreKit:
    made = CoreKit(folder, "TH")
    made.receive_bundles()
    with made.core.transaction():
        for name, scopes in (("program", ["publish"]), ("author", ["publish", "read"])):
            tokens.issue(TokenRows(made.core), tokens.check(name, scopes), "operator", made.now)
    return made


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    made = kit(tmp_path / "th")
    yield made
    made.close()


def table(counts: Counts, period: str, *dims: str, **more: Any) -> bytes:
    """As it is handed in; without a total, so that a small count hides no other one."""
    tree = json.loads(msgspec.json.encode(trend(counts, list(dims or ("sex",)), period=period, margins=False)))
    del tree["issuer"]["member"]
    return json.dumps({key: value for key, value in tree.items() if key not in WRITTEN} | more).encode()


def publish(th: CoreKit, data: bytes, token: str = "author") -> Verdict:
    return accepting.accept(th.core, [(data, None)], realm="actual", token=token)[0]


def published(th: CoreKit, data: bytes) -> str:
    done = publish(th, data)
    assert done.verdict == "published", done
    return str(done.id)


def find_sum_reasons(th: CoreKit, data: bytes, token: str = "author") -> list[tuple[str, str]]:
    """What a check says of counts that do not fit, as path and message; publishing says the same."""
    return [(each["path"], each["message"]) for each in checked(th, data, token) if each["code"] == CODE]


def checked(th: CoreKit, data: bytes, token: str = "author") -> list[dict[str, Any]]:
    reasons: list[dict[str, Any]] = checking.check(th.core, data, "actual", token)["reasons"]
    return reasons


@pytest.mark.parametrize("male", [40, 4])
def test_a_year_below_its_half_names_the_table_of_the_half(th: CoreKit, male: int) -> None:
    """Before, 40 was said to be a count that was shown before, and 4 to be one that others disclose whatever is hidden;
    neither was shown, and the mistake was not named."""
    half = published(th, table({("male",): 45}, "2025-H1"))
    draft = table({("male",): male}, "2025")
    reasons = checked(th, draft)
    text = f"{half} says 45 for 2025-H1, sex male: one of the two is wrong"
    assert (reasons[0]["code"], reasons[0]["path"], reasons[0]["message"]) == (CODE, "$.obs[0].value", text)
    assert reasons[0]["marked"] == ("2025-H1, sex male",)
    assert "E-PRIVACY-MOVED" not in {each["code"] for each in reasons}
    done = publish(th, draft)
    assert [(each.code, each.message) for each in done.reasons] == [(each["code"], each["message"]) for each in reasons]
    advice = {each["hint"] for each in reasons if each["code"] == "E-PRIVACY-TABLE"}
    assert advice <= {"first correct the number that another table of yours contradicts"}
    assert bool(advice) == (done.verdict == "refused")


CONTRADICTING: list[tuple[str, bytes, bytes, str]] = [
    ("a quarter above its year", table({("male",): 45}, "2025"), table({("male",): 60}, "2025-Q1"), "45 for 2025, "),
    ("a month above its half", table({("male",): 45}, "2025-H1"), table({("male",): 60}, "2025-04"), "45 for 2025-H1"),
    ("a total below a part", table({("male",): 45}, "2025"), table({("total",): 30}, "2025", margins=True), "45 for "),
    (
        "a total below a part of its part", table({("male",): 45}, "2025-Q1"),
        table({("total",): 30}, "2025", margins=True), "45 for 2025-Q1, sex male",
    ),
    (
        "children below an age band", table({("9-17",): 45}, "2025", "age"), table({("0-17",): 30}, "2025", "age"),
        "45 for 2025, age 9-17",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "earlier", "draft", "expected"), CONTRADICTING, ids=[each[0] for each in CONTRADICTING]
)
def test_every_axis_in_both_directions(th: CoreKit, name: str, earlier: bytes, draft: bytes, expected: str) -> None:
    id_ = published(th, earlier)
    [(path, message)] = find_sum_reasons(th, draft)
    assert (path, message.startswith(f"{id_} says {expected}")) == ("$.obs[0].value", True), (name, message)


def test_what_fits_is_told_nothing(th: CoreKit) -> None:
    published(th, table({("male",): 45}, "2025-H1"))
    for other in (
        table({("male",): 45}, "2025"), table({("male",): 90}, "2025"), table({("female",): 20}, "2025"),
        table({("male",): 20}, "2024"), table({("male",): 20}, "2025", date_basis="registration"),
        table({("male",): 20}, "2025-Q3"), table({("male",): 20}, "2025-H2"),
    ):  # fmt: skip
        assert find_sum_reasons(th, other) == []


def test_a_table_is_compared_with_the_newest_of_each_cell_and_never_with_its_own_earlier_revision(th: CoreKit) -> None:
    th.now -= 2 * 86_400_000  # 13 January: revisions of tables may leave
    first = published(th, table({("male",): 45}, "2025-H1"))
    corrected = table({("male",): 40, ("female",): 30}, "2025", action="update", id=first, rev=2)
    assert find_sum_reasons(th, corrected) == []
    second = published(th, table({("male",): 70}, "2025-H1", tlp="AMBER"))
    [(_, message)] = find_sum_reasons(th, table({("male",): 42}, "2025"))
    assert message.startswith(f"{second} says 70 ")
    assert find_sum_reasons(th, table({("male",): 42}, "2025", related=[{"rel": "same-as", "id": second}]))[0][
        1
    ].startswith(first)


def test_the_newest_tables_are_compared_up_to_a_number_of_counts(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    published(th, table({("male",): 45}, "2025-H1"))
    second = published(th, table({("male",): 60}, "2025-Q3"))
    draft = table({("male",): 40}, "2025")
    monkeypatch.setattr(repeats, "OWN_COUNTS", 1)
    assert [message.partition(" ")[0] for _, message in find_sum_reasons(th, draft)] == [second]
    monkeypatch.setattr(repeats, "OWN_COUNTS", 0)
    forget(monkeypatch)
    assert find_sum_reasons(th, draft) == []


def test_the_newest_tables_are_compared_up_to_a_number(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    published(th, table({("male",): 45}, "2025-H1"))
    second = published(th, table({("male",): 60}, "2025-Q3"))
    monkeypatch.setattr(repeats, "OWN_TABLES", 1)
    found = find_sum_reasons(th, table({("male",): 40}, "2025"))
    assert [message.partition(" ")[0] for _, message in found] == [second]


def test_of_a_recalled_table_nothing_is_said(th: CoreKit) -> None:
    half = published(th, table({("male",): 45}, "2025-H1"))
    cancelling.cancel(th.core, half, "author", "an error", None)
    assert find_sum_reasons(th, table({("male",): 40}, "2025")) == []


def test_who_may_not_read_our_messages_is_told_of_none(th: CoreKit) -> None:
    published(th, table({("male",): 45}, "2025-H1"))
    draft = table({("male",): 40}, "2025")
    readers = {"author": True, "program": False, "nobody": False, "": False, "operator": True, "local": True}
    assert {who: bool(find_sum_reasons(th, draft, who)) for who in readers} == readers
    TokenRows(th.core).revoke("author", th.now)
    assert find_sum_reasons(th, draft) == []


def test_who_may_not_read_our_messages_reads_of_no_number_of_theirs_that_a_figure_protects_with(th: CoreKit) -> None:
    """Of 93 women and men in all, and in another table the women, 3, and the men, which leave hidden."""
    first = published(th, table({("total",): 93}, "2025", margins=True))
    draft = table({("female",): 3, ("male",): 90}, "2025")
    named: dict[str, list[str | None]] = {}
    for who in ("author", "program", ""):
        found = checking.check(th.core, draft, "actual", who)["table"]
        assert [each.why for each in found.hidden] == ["small", "protection"]
        together = found.shape(lambda _: "")["hidden"][1]["together"]
        named[who] = [each["message"] for each in together["numbers"]]
        assert together["earlier"] is not bool(named[who])
    assert named == {"author": [first], "program": [], "": []}
    done = publish(th, draft)
    assert done.table is not None
    assert done.table.messages == (first,)


def test_a_person_of_the_console_is_told_by_the_roles_of_now(th: CoreKit) -> None:
    published(th, table({("male",): 45}, "2025-H1"))
    people = {"mali": ("author", "active"), "niran": ("operator", "active"), "preecha": ("author", "suspended")}
    with th.core.transaction() as connection:
        for person, (roles, state) in people.items():
            row = {"id": person, "created_at": th.now, "created_by": "local", "totp_step": 0, "pending_roles": ""}
            sealed = sealed_columns(th.core, person, Sealed(person))
            persons.insert_person(connection, {**row, "roles": roles, "state": state, **sealed})
    draft = table({("male",): 40}, "2025")
    assert [bool(find_sum_reasons(th, draft, person)) for person in people] == [True, False, False]


async def test_at_a_running_gateway_checking_and_publishing_say_the_same(
    th: CoreKit, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway(th.core, Wake())
    monkeypatch.setattr(gateway.ready, "wait_until_accepting", AsyncMock())
    first, draft = table({("male",): 45}, "2025-H1"), table({("male",): 30}, "2025")
    assert (await gateway.publish(first, realm="actual", key=None, token="author")).verdict == "published"
    checked = await gateway.check(draft, realm="actual", token="author")
    done = await gateway.publish(draft, realm="actual", key=None, token="author")
    assert [each["code"] for each in checked["reasons"]] == [each.code for each in done.reasons] == [CODE]
    assert done.verdict == "published"


def test_a_warning_holds_nothing_and_hinders_no_release(th: CoreKit) -> None:
    published(th, table({("male",): 45}, "2025-H1"))
    text = [{"lang": "en", "title": "Victims", "summary": "Reported by Somchai Jaidee."}]
    done = publish(th, table({("male",): 30}, "2025", text=text))
    assert (done.verdict, next(each.code for each in done.reasons)) == ("held", CODE)
    assert held.release(th.core, str(done.id), "chief").verdict == "published"


def test_the_core_itself_reads_no_table(th: CoreKit, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the core's thread what a worker found is looked up; a table that was just sent is known already."""
    published(th, table({("male",): 45}, "2025-H1"))
    read = Mock(return_value=[])
    monkeypatch.setattr(repeats, "read_tables", read)
    draft = trend({("male",): 40}, ["sex"], period="2025", id="TH-TREND-2027-000009")
    with th.core.database.reading() as connection, pytest.raises(Unprepared):
        repeats.compare_own_tables(th.core, connection, draft, only_known=True)
    unrelated = trend({("male",): 40}, ["sex"], period="2024", id="TH-TREND-2027-000009")
    with th.core.database.reading() as connection:
        assert repeats.compare_own_tables(th.core, connection, unrelated, only_known=True) == repeats.Compared()
    read.assert_not_called()


HIDDEN = [("female", "male"), ("male", "female")]
"""What is below k in the earlier table, and what it shows."""
SHOWN_COUNT = 45
EARLIER = ("2025-H1", "2025-Q2", "2025")


def drafts(small: str, large: str, period: str) -> list[bytes]:
    """Drafts around what the earlier table hides and shows, in the codes of it and in totals."""
    whole, part = ("2025", "2025-05") if period != "2025" else ("2025", "2025-Q1")
    found = [table({(small,): count}, when) for when in (whole, part) for count in (0, 1, 4, 5, 8, 9, 10, 20)]
    found += [table({(small,): 3, (large,): count}, when) for when in (whole, part) for count in (40, 44, 45, 46, 90)]
    return [*found, *(table({("total",): count}, whole, margins=True) for count in (5, 44, 46, 48, 52, 54))]


Answers = list[list[list[tuple[str, str]]]]


def answers_by_hidden(
    folder: Path, monkeypatch: pytest.MonkeyPatch, small: str, large: str, period: str
) -> Answers:  # fmt: skip
    """The sentences for each draft in pasts that show the same and hide other counts; nothing is known from another."""
    answers: Answers = []
    for hidden in (1, 6, 9):
        forget(monkeypatch)
        past = kit(folder / str(hidden))
        id_ = published(past, table({(small,): hidden, (large,): SHOWN_COUNT}, period))
        assert [each["value"] for each in _sent(past, id_)["obs"]] == [None, SHOWN_COUNT], "all show the same"
        answers.append([find_sum_reasons(past, draft) for draft in drafts(small, large, period)])
        past.close()
    return answers


def test_a_leak_that_is_planted_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where tables are compared with their true counts, the sentences differ: the test below would fail."""
    read_tables, draft = other_members.read_tables, trend({("male",): 40}, ["sex"], period="2025")

    def read_true_counts(core: Core, connection: Any, numbers: Any) -> Any:
        for n, sent in read_tables(core, connection, numbers):
            facts = [fact for each in gate.released_figures(core, connection, draft).values() for fact in each[0].facts]
            true = {fact.cell: fact.value for fact in facts}
            yield n, replace(sent, obs=tuple(replace(item, value=true[cell_of(item)]) for item in sent.obs))

    monkeypatch.setattr(repeats, "read_tables", read_true_counts)
    first, second, third = answers_by_hidden(tmp_path, monkeypatch, "female", "male", "2025-H1")
    assert first != second != third


@pytest.mark.parametrize(("small", "large"), HIDDEN)
@pytest.mark.parametrize("period", EARLIER)
def test_what_is_told_depends_on_no_hidden_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: str, large: str, period: str
) -> None:
    """Whatever the draft is, the same sentences in every past, and none of a hidden cell."""
    answers = answers_by_hidden(tmp_path, monkeypatch, small, large, period)
    assert answers[0] == answers[1] == answers[2]
    messages_ = [message for answer in answers[0] for _, message in answer]
    assert messages_, "some drafts contradict what is shown"
    assert all(f"says {SHOWN_COUNT} for {period}, sex {large}:" in message for message in messages_)


def _sent(past: CoreKit, id_: str) -> dict[str, Any]:
    with past.core.database.reading() as connection:
        row = messages.find(connection, id_)
        assert row is not None
        tree: dict[str, Any] = json.loads(messages.body_of(past.core.vault, row) or b"")
    return tree


def test_a_hidden_count_of_a_table_is_none_and_other_is_compared_with_totals_alone() -> None:
    """`other` is what its table does not list: that of another list may be more in a part of the year."""
    half = trend({("KH",): 20, ("other",): 45}, ["citizenship"], period="2025-H1")
    year = trend({("KH",): 30, ("VN",): 30, ("other",): 12}, ["citizenship"], period="2025")
    assert contradicted(year, [half]) == ()
    total = trend({("total",): 40}, ["citizenship"], period="2025")
    assert [each.by.value for each in contradicted(total, [half])] == [45]
    hidden = trend({("KH",): None}, ["citizenship"], period="2025-H1")
    assert contradicted(trend({("KH",): 1}, ["citizenship"], period="2025"), [hidden]) == ()


def test_a_province_of_two_regions_is_compared_with_the_country_alone() -> None:
    """Lanao del Norte is in PH-10 or PH-12, by the list."""
    moved, settled = (trend({("male",): 45}, ["sex"], period="2025", admin1=code) for code in ("PH-LAN", "PH-BUK"))
    region = trend({("male",): 30}, ["sex"], period="2025", admin1="PH-10")
    assert [bool(contradicted(region, [each])) for each in (moved, settled)] == [False, True]
