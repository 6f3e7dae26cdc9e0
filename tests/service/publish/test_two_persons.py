"""Two persons where people have sessions: whose act a publication is, who decides, and the way out at night."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.publish.test_held import NAMED, audit, body, deliveries, draft, shown, table, text
from suar.protocol.base.errors import Fault, Refused
from suar.protocol.base.reasons import Invalid
from suar.service.access import tokens
from suar.service.access.authentication import TokenRows
from suar.service.people.records import Sealed, sealed_columns
from suar.service.publish import accepting, cancelling, checking, drafts, held
from suar.service.reading import human_receipts
from suar.service.reading.verdict import Verdict
from suar.store.people import notices, persons
from suar.store.people.notices import Recipient
from support.corekit import CoreKit, core_with_bundles, rows
from support.kit import alert

NOTIFY = """
[notify.command.pager]
argv = ["/bin/true"]
[notify.person.duty]
channels = ["pager"]
"""


@pytest.fixture
def th(tmp_path: Path) -> Iterator[CoreKit]:
    with core_with_bundles(tmp_path / "th", "TH") as made:
        yield made


def urgent(**changes: Any) -> bytes:
    return draft(alert(), **{"urgency": "immediate", "ack_within": 4} | changes)


def publish(kit: CoreKit, data: bytes, who: str = "reyes", editors: tuple[str, ...] = ("reyes",)) -> Verdict:
    return accepting.accept(kit.core, [(data, None)], realm="actual", token=who, editors=editors)[0]


def make_token(kit: CoreKit, name: str, maker: str, user: str | None = None, *, claimed: bool = True) -> str:
    if user is not None:
        with kit.core.transaction() as connection:
            if persons.person(connection, user) is None:
                sealed = sealed_columns(kit.core, user, Sealed(user))
                empty = {"state": "active", "roles": "author approver operator", "pending_roles": "", **sealed}
                row = {"id": user, "created_at": kit.now, "created_by": "local", "totp_step": 0, **empty}
                persons.insert_person(connection, row)
    wish = tokens.check(name, ("approve", "publish"), user=user)
    made = tokens.issue(TokenRows(kit.core, maker), wish, maker, kit.now)
    if claimed:
        tokens.claim(TokenRows(kit.core), name, made.code, kit.now)
    return name


def settings(kit: CoreKit, more: str) -> None:
    file = kit.folder / "suar.toml"
    file.write_text(file.read_text() + more)
    kit.restart()


def refused(kit: CoreKit, id_: str, who: str, *, is_session: bool) -> str:
    for decide in (
        lambda: held.release(kit.core, id_, who, is_session=is_session),
        lambda: held.reject(kit.core, id_, who, "no", is_session=is_session),
    ):
        with pytest.raises(Refused) as found:
            decide()
    return found.value.code


def held_id(kit: CoreKit, **options: Any) -> str:
    verdict = publish(kit, urgent(), **options)
    assert verdict.verdict == "held"
    return str(verdict.id)


# -- what waits


def test_what_a_session_publishes_immediately_or_red_waits_and_a_token_s_does_not(th: CoreKit) -> None:
    red = {"tlp": "RED", "audience": {"members": ["VN"]}}
    for data, path in ((urgent(), "$.urgency"), (draft(alert(), **red), "$.tlp")):
        verdict = publish(th, data)
        assert (verdict.verdict, [(each.code, each.path) for each in verdict.reasons]) == (
            "held", [("E-SECOND-PERSON", path), ("E-MESSAGE-DESK", "$.desk")],
        )  # fmt: skip
    assert publish(th, urgent(text=text("By a program.")), who="desk", editors=()).verdict == "published"
    assert publish(th, draft(alert(), text=text("Not urgent."))).verdict == "published"


def test_a_check_for_a_session_says_so_beforehand(th: CoreKit) -> None:
    assert checking.check(th.core, urgent(), "actual", "reyes", ("reyes",))["verdict"] == "hold"
    assert checking.check(th.core, urgent(), "actual", "desk")["verdict"] == "pass"


def test_a_member_may_hold_everybody_s(th: CoreKit) -> None:
    settings(th, "")
    file = th.folder / "suar.toml"
    file.write_text(file.read_text().replace("[gate]\n", '[gate]\nsecond_person = ["immediate"]\n'))
    th.restart()
    assert publish(th, urgent(), who="desk", editors=()).verdict == "held"
    ready = checking.prepare_first(th.core, [urgent()], "actual")
    assert ready.composed == [None]  # no way beside the core goes past it
    made = accepting.accept(th.core, [(urgent(text=text("B.")), None)], realm="actual", token="desk", ready=ready)
    assert made[0].verdict == "held"


def test_a_recall_waits_for_nobody(th: CoreKit) -> None:
    id_ = str(publish(th, urgent(), who="desk", editors=()).id)
    done = cancelling.cancel(th.core, id_, "reyes", "wrong border post", None, ("reyes",))
    assert done is not None
    assert done.verdict.verdict == "published"


def test_what_replaces_a_recalled_message_waits_as_any_other(th: CoreKit) -> None:
    id_ = str(publish(th, urgent(), who="desk", editors=()).id)
    done = cancelling.cancel(th.core, id_, "reyes", "wrong post", urgent(text=text("Mended.")), ("reyes",))
    assert done is not None
    assert done.replacement is not None
    assert (done.verdict.verdict, done.replacement.verdict) == ("published", "held")


# -- who decides


def test_neither_author_nor_editor_decides_by_session(th: CoreKit) -> None:
    id_ = held_id(th, who="cruz", editors=("reyes", "cruz"))
    for who in ("reyes", "cruz"):
        assert refused(th, id_, who, is_session=True) == "E-SAME-PERSON"
    assert held.release(th.core, id_, "santos", is_session=True).verdict == "published"


def test_nor_by_a_token_of_theirs_and_a_colleague_s_may(th: CoreKit) -> None:
    id_ = held_id(th, who="cruz", editors=("reyes", "cruz"))
    theirs = (
        make_token(th, "reyes-phone", "local", "reyes"),
        make_token(th, "cruz-made", "cruz", "santos", claimed=False),  # who made it has its secret
        make_token(th, "not-claimed", "local", "santos", claimed=False),
    )
    for who in theirs:
        assert refused(th, id_, who, is_session=False) == "E-SAME-PERSON"
    other = make_token(th, "santos-phone", "local", "santos")
    assert held.release(th.core, id_, other).verdict == "published"


@pytest.mark.parametrize("who", ["local", "nobody-knows", "operator"])
def test_local_and_tokens_without_a_person_never_decide_what_a_session_edited(th: CoreKit, who: str) -> None:
    make_token(th, "machine", "local")
    id_ = held_id(th)
    assert refused(th, id_, who, is_session=False) == "E-SAME-PERSON"
    assert refused(th, id_, "machine", is_session=False) == "E-SAME-PERSON"


def test_who_published_with_a_token_does_not_decide_with_a_session(th: CoreKit) -> None:
    make_token(th, "reyes-phone", "local", "reyes")
    make_token(th, "made-by-reyes", "reyes", claimed=False)
    for token in ("reyes-phone", "made-by-reyes"):
        id_ = str(publish(th, draft(alert(), severity="extreme", text=text(token)), who=token, editors=()).id)
        assert refused(th, id_, "reyes", is_session=True) == "E-SAME-PERSON"
        assert held.release(th.core, id_, "santos", is_session=True).verdict == "published"


def test_two_tokens_of_one_person_are_one_person(th: CoreKit) -> None:
    make_token(th, "phone", "local", "reyes")
    make_token(th, "laptop", "local", "reyes")
    id_ = str(publish(th, draft(alert(), severity="extreme"), who="phone", editors=()).id)
    assert refused(th, id_, "laptop", is_session=False) == "E-SAME-PERSON"


def test_a_token_names_a_person_who_is_there(th: CoreKit) -> None:
    wish = tokens.check("phone", ("approve",), user="ghost")
    with pytest.raises(Fault, match="no person of the console is called ghost"):
        tokens.issue(TokenRows(th.core), wish, "local", th.now)
    assert wish.is_person


# -- the way out at night


def test_released_alone_it_leaves_and_everybody_is_informed(th: CoreKit) -> None:
    settings(th, NOTIFY)
    id_ = held_id(th)
    assert held.may_release_alone(th.core, id_, "reyes")
    assert not held.may_release_alone(th.core, id_, "santos")
    verdict = held.release_alone(th.core, id_, "reyes", "nobody answers, boats leave at four")
    assert verdict.verdict == "published"
    assert "privacy" not in body(th, id_)  # no reader is told of a second person
    delivery = deliveries(th, id_)["released_alone"]
    assert (delivery["by"], delivery["reason"]) == ("reyes", "nobody answers, boats leave at four")
    assert ("reyes", "release-alone") in {(who, what) for who, what, _ in audit(th)}
    assert not any("boats" in str(line) for line in audit(th))
    events = [row.event for row in rows(th, "select event from notice order by n")]
    assert events == ["held", "released-alone"]


@pytest.mark.parametrize(
    ("reason", "marked"), [("Somchai Jaidee is off duty", "Somchai Jaidee"), ("ask at 081 234 5678", "081 234 5678")]
)
def test_a_reason_that_can_identify_a_person_releases_nothing_alone(th: CoreKit, reason: str, marked: str) -> None:
    """Before, the reason of a rejection was looked at, and this one was not."""
    id_ = held_id(th)
    with pytest.raises(Invalid) as invalid:
        held.release_alone(th.core, id_, "reyes", reason)
    assert [(each.path, each.marked) for each in invalid.value.reasons] == [("$.reason", (marked,))]
    with pytest.raises(Refused):
        held.release_alone(th.core, id_, "santos", reason)  # who may not release it learns nothing else
    assert held.release_alone(th.core, id_, "reyes", "nobody answers").verdict == "published"


@pytest.mark.parametrize(
    "changes", [{"severity": "extreme"}, {"text": text(NAMED)}, {"request": [{"action": "warn-public"}]}]
)
def test_what_the_gate_itself_holds_is_never_released_alone(th: CoreKit, changes: dict[str, Any]) -> None:
    id_ = str(publish(th, urgent(**changes)).id)
    assert not held.may_release_alone(th.core, id_, "reyes")
    with pytest.raises(Refused) as found:
        held.release_alone(th.core, id_, "reyes", "alone")
    assert found.value.code == "E-SAME-PERSON"
    assert deliveries(th, id_)["members"]["VN"]["state"] == "held"


def test_nor_what_the_member_holds_of_everybody_and_by_nobody_who_did_not_write_it(th: CoreKit) -> None:
    id_ = held_id(th)
    for who in ("santos", "local"):
        with pytest.raises(Refused):
            held.release_alone(th.core, id_, who, "alone")
    file = th.folder / "suar.toml"
    file.write_text(file.read_text().replace("[gate]\n", '[gate]\nsecond_person = ["immediate"]\n'))
    th.restart()
    with pytest.raises(Refused):
        held.release_alone(th.core, id_, "reyes", "alone")


def test_who_is_notified_that_something_waits(th: CoreKit) -> None:
    settings(th, NOTIFY + '[notify.person.quiet]\nchannels = ["pager"]\ntells = ["alert"]\n')
    id_ = held_id(th)
    with th.core.transaction() as connection:
        found = notices.undigested(connection, Recipient("duty", "pager"), immediate=True, limit=9)
        assert [(row.event, row.id, row.origin) for row in found] == [("held", id_, "TH")]
        assert not notices.undigested(connection, Recipient("quiet", "pager"), immediate=True, limit=9)


# -- drafts


def held_draft(kit: CoreKit, data: bytes) -> tuple[str, str]:
    made = drafts.begin(kit.core, "reyes", "actual", "alert", data)
    verdict = publish(kit, data)
    with kit.core.transaction() as connection:
        drafts.settle(kit.core, connection, made["id"], "reyes", verdict)
    return made["id"], str(verdict.id)


def test_a_draft_is_sealed_counts_its_versions_and_shows_both(th: CoreKit) -> None:
    made = drafts.begin(th.core, "reyes", "actual", "alert", b'{"secret": "blue van"}')
    saved = drafts.save(th.core, made["id"], "cruz", 1, b'{"secret": "red van"}')
    assert saved is not None
    assert (saved["version"], saved["editors"]) == (2, ["reyes", "cruz"])
    with pytest.raises(drafts.Conflict) as conflict:
        drafts.save(th.core, made["id"], "reyes", 1, b"mine")
    assert (conflict.value.kept["content"], conflict.value.kept["saved_by"]) == (b'{"secret": "red van"}', "cruz")
    assert drafts.save(th.core, made["id"], "reyes", 1, b'{"secret": "red van"}') == saved  # the same once more
    assert b"van" not in b"".join(path.read_bytes() for path in th.folder.glob("suar.db*"))


def test_a_held_draft_is_locked_and_a_released_one_destroyed(th: CoreKit) -> None:
    name, id_ = held_draft(th, urgent())
    for change in (
        lambda: drafts.save(th.core, name, "reyes", 1, b"x"),
        lambda: drafts.destroy(th.core, name, "reyes", 1),
    ):
        with pytest.raises(drafts.Locked):
            change()
    held.release(th.core, id_, "santos", is_session=True)
    assert drafts.find(th.core, name) is None


def test_rejected_to_be_corrected_it_is_back_for_a_day(th: CoreKit) -> None:
    name, id_ = held_draft(th, urgent())
    held.reject(th.core, id_, "santos", "the wrong pier", is_session=True, to_mend=True)
    back = drafts.find(th.core, name)
    assert back is not None
    assert (back["message"], json.loads(back["content"])["urgency"]) == (None, "immediate")
    th.now += drafts.TO_MEND
    assert drafts.find(th.core, name) is None
    assert drafts.listed(th.core) == []


def test_rejected_because_of_a_name_it_is_destroyed_always(th: CoreKit) -> None:
    name, id_ = held_draft(th, draft(alert(), text=text(NAMED)))
    held.reject(th.core, id_, "santos", "a name", is_session=True, to_mend=True)
    assert drafts.find(th.core, name) is None
    other, second = held_draft(th, urgent())
    held.reject(th.core, second, "santos", "no", is_session=True)
    assert drafts.find(th.core, other) is None


def test_a_draft_that_nobody_saves_ends_after_a_month(th: CoreKit) -> None:
    made = drafts.begin(th.core, "reyes", "actual", "alert", b"{}")
    th.now += 31 * 86_400_000
    assert drafts.find(th.core, made["id"]) is None
    drafts.begin(th.core, "reyes", "actual", "alert", b"{}")
    assert rows(th, "select count(*) from draft")[0][0] == 1


def test_true_counts_stand_in_the_sealed_draft_alone(th: CoreKit) -> None:
    data = table({"female": 4, "male": 123_457, "unknown": 31, "total": 123_492})
    made = drafts.begin(th.core, "reyes", "actual", "trend", data)
    verdict = publish(th, data)
    with th.core.transaction() as connection:
        drafts.settle(th.core, connection, made["id"], "reyes", verdict)
    assert verdict.verdict == "published"
    assert drafts.find(th.core, made["id"]) is None
    assert "123457" not in json.dumps(body(th, str(verdict.id))["obs"][0])


@pytest.mark.parametrize("editors", [(), ("reyes",)])
def test_an_update_that_widens_the_tlp_waits_and_is_not_released_alone(th: CoreKit, editors: tuple[str, ...]) -> None:
    """Before, what was begun on an older revision undid a tightened marking, and nobody was asked."""
    made = draft(alert(), tlp="AMBER")
    id_ = str(publish(th, made, editors=editors).id)
    narrower = draft(alert(), tlp="AMBER+STRICT", action="update", id=id_)
    assert publish(th, narrower, editors=editors).verdict == "published"
    wider = publish(th, draft(alert(), tlp="AMBER", action="update", id=id_, rev=3), editors=editors)
    assert (wider.verdict, [each.path for each in wider.reasons]) == ("held", ["$.tlp", "$.desk"])
    assert not held.may_release_alone(th.core, id_, "reyes")
    with pytest.raises(Refused):
        held.release_alone(th.core, id_, "reyes", "nobody is here")
    assert held.release(th.core, id_, "santos", is_session=True, read=shown(th, id_)).verdict == "published"
    same = draft(alert(), tlp="AMBER", action="update", id=id_, severity="minor")
    assert publish(th, same, editors=editors).verdict == "published"


NARROW: dict[str, Any] = {"members": ["SG", "VN"], "sectors": ["health"]}


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (NARROW, NARROW | {"members": ["SG", "VN", "KH"]}, "held"),
        (NARROW, NARROW | {"members": "all"}, "held"),
        (NARROW, NARROW | {"sectors": ["health", "children"]}, "held"),
        (NARROW, {"members": ["SG", "VN"]}, "held"),
        (NARROW, NARROW | {"members": ["SG"]}, "published"),
        ({"members": "all"}, NARROW, "published"),
    ],
)
def test_an_update_for_a_wider_audience_waits(
    th: CoreKit, before: dict[str, Any], after: dict[str, Any], verdict: str
) -> None:
    """Before, whom a colleague had left out was let in again, and nobody was asked."""
    id_ = str(publish(th, draft(alert(), audience=before), editors=()).id)
    update = publish(th, draft(alert(), audience=after, action="update", id=id_, rev=2), editors=())
    assert update.verdict == verdict
    assert [each.path for each in update.reasons if each.code == "E-SECOND-PERSON"] == (
        ["$.audience"] if verdict == "held" else []
    )


LABELS = ["law-enforcement-only", "no-civil-society"]


@pytest.mark.parametrize(
    ("after", "verdict"), [(["no-media"], "held"), (None, "held"), ([*LABELS, "no-media"], "published")]
)
def test_an_update_without_its_handling_labels_waits(th: CoreKit, after: list[str] | None, verdict: str) -> None:
    id_ = str(publish(th, draft(alert(), handling=LABELS), editors=()).id)
    labels = {} if after is None else {"handling": after}
    update = publish(th, draft(alert(), action="update", id=id_, rev=2, **labels), editors=())
    assert update.verdict == verdict
    assert [each.path for each in update.reasons if each.code == "E-SECOND-PERSON"] == (
        ["$.handling"] if verdict == "held" else []
    )


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"tlp": "CLEAR"}, ["$.tlp"]), ({"audience": {"members": "all"}}, ["$.audience"]),
        ({"handling": ["no-media"]}, ["$.handling"]),
        ({}, []), ({"tlp": "RED"}, []),
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["replace", "related"])
def test_what_replaces_a_narrower_message_waits_as_its_update_would(
    th: CoreKit, changes: dict[str, Any], paths: list[str], way: str
) -> None:
    """Cancelled and replaced in one call, a text for one member left as CLEAR for everybody."""
    narrow: dict[str, Any] = {"tlp": "AMBER+STRICT", "audience": {"members": ["SG"]}, "handling": LABELS}
    id_ = str(publish(th, draft(alert(), **narrow), editors=()).id)
    if way == "replace":
        cancelled = cancelling.cancel(th.core, id_, "desk", "wrong", draft(alert(), **narrow | changes))
        assert cancelled is not None
        assert cancelled.verdict.verdict == "published"
        new = cancelled.replacement
    else:
        relation = [{"rel": "same-as", "id": id_}]
        new = publish(th, draft(alert(), related=relation, **narrow | changes), editors=())
    assert new is not None
    assert new.verdict == ("held" if paths else "published")
    assert [each.path for each in new.reasons if each.code == "E-SECOND-PERSON"] == paths


@pytest.mark.parametrize("changes", [{"tlp": "GREEN"}, {"audience": {"members": "all"}}])
def test_an_update_that_names_no_revision_undoes_no_stricter_one_unread(th: CoreKit, changes: dict[str, Any]) -> None:
    """Which revision an update was begun on is not known, unless it names one or its author was given the newest."""
    first = {"tlp": "GREEN", "audience": {"members": "all"}}
    strict = {"tlp": "AMBER+STRICT", "audience": {"members": ["SG"]}}
    id_ = str(publish(th, draft(alert(), **first), editors=()).id)
    assert publish(th, draft(alert(), **strict, action="update", id=id_), editors=()).verdict == "published"
    old = strict | changes | {"action": "update", "id": id_}
    for rev in ({}, {"rev": 2}):
        unread = publish(th, draft(alert(), **old, **rev), editors=())
        assert (unread.verdict, [each.code for each in unread.reasons]) == ("refused", ["E-CHANGED"])
        assert checking.check(th.core, draft(alert(), **old, **rev), "actual", "reyes")["verdict"] == "refuse"
    equal = draft(alert(), **strict, action="update", id=id_, severity="minor")
    assert publish(th, equal, editors=()).verdict == "published"  # it undoes nothing
    human_receipts.note_received(th.core, id_, 3, "reyes", "open", is_person=False)
    assert publish(th, draft(alert(), **old), editors=()).verdict == "held"
