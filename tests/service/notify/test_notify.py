"""Who is told of what and when: two cores, the test's own clock, and a receiver in a process of its own."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from suar.languages.catalogue import load as load_words
from suar.languages.tags import LANGUAGES
from suar.observe.hooks import Happened, NoticesWaiting, Notified
from suar.observe.metrics import Metrics
from suar.protocol.base import limits
from suar.protocol.base.exercise import BANNER
from suar.protocol.message.urgency import LANES
from suar.service.contributing.proposing import Proposal, keep
from suar.service.notify import deadlines, notify_plan
from suar.service.notify.notify import Notifier
from suar.service.notify.notify_channels import new_secret
from suar.service.notify.notify_plan import is_quiet
from suar.service.notify.notify_words import Notice, lines, links_of, subject
from suar.service.people import changes
from suar.service.publish import accepting
from suar.service.settings.config import load
from suar.service.settings.sections.notify_config import Person
from suar.store.engine import meta
from suar.store.people.access import OPERATOR
from support.pairs import SECRET, Two, new, record_statement
from support.receivers import Receiver, receiver

ON = '[notify]\nretry_seconds = 1\n[notify.webhook.it]\nurl = "{url}"\nsecret_file = "it.secret"\n'
DUTY = '[notify.person.duty]\nchannels = ["it"]\n'


class Desk:
    """SG's gateway with people to tell, without its loops: a look is taken when the test says so."""

    def __init__(self, folder: Path, got: Receiver) -> None:
        self.two, self.got, self.first = Two(folder), got, len(got.got)
        self.kit = self.two.sg
        secret = self.kit.folder / "it.secret"
        secret.write_bytes(new_secret())
        secret.chmod(0o600)
        self.text = (self.kit.folder / "suar.toml").read_text()
        self.notifier: Notifier

    def people(self, text: str = DUTY, more: str = "") -> None:
        """These people, from now on."""
        on = ON.format(url=self.got.url).replace("[notify]\n", f"[notify]\n{more}")
        (self.kit.folder / "suar.toml").write_text(f"{self.text}\n{on}{text}")
        self.kit.core.config = load(self.kit.folder, {})
        self.notifier = Notifier(self.kit.core)

    async def run_due(self, seconds: float = 0) -> list[dict[str, Any]]:
        """What was told since the last look, that much later."""
        before = len(self.got.got)
        self.kit.now += int(seconds * 1_000)
        await self.notifier.process_due()
        await self.notifier.wait_idle()
        return self.got.bodies[before:]

    async def begin(self, text: str = DUTY, more: str = "") -> None:
        """People, and a first look: what is here by now is no news."""
        self.people(text, more)
        assert await self.run_due() == []

    def publish(self, *drafts: dict[str, Any], realm: str = "actual") -> list[str]:
        """TH's messages, here."""
        items = [(json.dumps(each).encode(), None) for each in drafts]
        verdicts = accepting.accept(self.two.th.core, items, realm=realm, token="desk")
        assert {each.verdict for each in verdicts} == {"published"}, verdicts
        self.two.to_sg()
        return [str(each.id) for each in verdicts]

    def records(self, kind: type[Any]) -> list[Any]:
        return [record for record in self.kit.records if isinstance(record, kind)]

    def restart(self) -> None:
        """As after kill -9."""
        config = self.kit.core.config
        self.kit.restart()
        self.kit.core.config = config
        self.notifier = Notifier(self.kit.core)

    def later(self, hours: float) -> None:
        self.two.th.now = self.two.start + int(hours * limits.HOUR)
        self.kit.now = self.two.th.now
        self.kit.aside(deadlines.process_due, self.kit.core)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    with receiver(tmp_path_factory.mktemp("receiver"), "http") as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, server: Receiver) -> Iterator[Desk]:
    server.behave("ok")
    made = Desk(tmp_path, server)
    yield made
    made.two.th.close()
    made.kit.close()


def alert(title: str = "a", **changes: Any) -> dict[str, Any]:
    return new(title) | {"urgency": "expected"} | changes


def urgent(title: str = "a", **changes: Any) -> dict[str, Any]:
    return alert(title, urgency="immediate", ack_within=4, **changes)


def ids(notices: list[dict[str, Any]]) -> list[str]:
    return [each["data"]["id"] for each in notices]


# -- what is told


async def test_an_alert_is_reported_once_by_id_kind_urgency_and_link(desk: Desk) -> None:
    await desk.begin()
    [id_] = desk.publish(alert("who is coming"))
    [notice] = await desk.run_due()
    data = notice["data"]
    assert notice["type"] == "suar.alert"
    assert (data["id"], data["kind"], data["urgency"], data["status"]) == (id_, "alert", "expected", "actual")
    assert data["link"] == f"http://{desk.kit.core.config.http.listen}/m/{id_}"
    assert await desk.run_due(3_600) == []


async def test_a_link_leads_to_the_console_where_there_is_one(desk: Desk) -> None:
    def links(text: str, more: str = "") -> tuple[str, str, str]:
        config = desk.kit.folder / "suar.toml"
        config.write_text(f"{desk.text}\n{more}\n{text}")
        made = links_of(load(desk.kit.folder, {}))
        return made.of("alert", "X-1"), made.of("held", "X-1"), made.of("recovered", "maria")

    origin = "https://console.example.sg"
    assert links(f'[console]\norigin = "{origin}"\n') == (
        f"{origin}/m/X-1", f"{origin}/console/approve/X-1", f"{origin}/console/people/maria",
    )  # fmt: skip
    listen = desk.kit.core.config.http.listen
    call = f"http://{listen}/v1/messages/X-1"
    assert links("[console]\nenabled = false\n") == (call, call, "")
    named = "https://gw.example/X-1"
    assert links("", '[notify]\nlink = "https://gw.example/{id}"\n')[:2] == (named, named)


async def test_recovered_access_is_reported_at_once_to_the_focal_points_own(desk: Desk) -> None:
    of_labour = '[notify.person.labour]\nchannels = ["it"]\nsectors = ["labour"]\n'
    deaf = '[notify.person.deaf]\nchannels = ["it"]\ntells = ["alert"]\n'
    await desk.begin(DUTY + of_labour + deaf)
    core = desk.kit.core
    desk.kit.aside(changes.invite, core, "maria", "Maria Reyes", ("reader",), "en", OPERATOR)
    assert await desk.run_due() == []
    for _ in range(2):  # each time anew
        desk.kit.aside(changes.recover, core, "maria", OPERATOR)
        [notice] = await desk.run_due(5)
        data = notice["data"]
        assert (notice["type"], data["person"], data["user"]) == ("suar.recovered", "duty", "maria")
        assert data["link"].endswith("/console/people/maria")
        assert "Maria Reyes" not in json.dumps(notice)
        assert "kind" not in data


async def test_a_proposal_is_reported_by_id_kind_and_urgency_to_the_focal_points_own(desk: Desk) -> None:
    of_labour = '[notify.person.labour]\nchannels = ["it"]\nsectors = ["labour"]\n'
    deaf = '[notify.person.deaf]\nchannels = ["it"]\ntells = ["alert"]\n'
    quiet = f'{DUTY}exercises = false\nquiet = "00:00-23:59"\n'
    await desk.begin(quiet + of_labour + deaf)

    def propose(kind: str, realm: str, urgency: str | None) -> str:
        proposal = Proposal(kind, realm, b'{"text":[{"lang":"en","title":"A title of an agency"}]}', urgency)
        return str(desk.kit.aside(keep, desk.kit.core, "health", proposal, f"{kind}{realm}".encode(), None).id)

    propose("alert", "exercise", "immediate")
    assert await desk.run_due(5) == []
    urgent, pattern = propose("alert", "actual", "immediate"), propose("pattern", "actual", None)
    [notice] = await desk.run_due(5)  # what is immediate breaks the quiet
    data = notice["data"] | {"notice": ""}
    assert (notice["type"], data.pop("link").rpartition("/console")[2]) == ("suar.proposal", f"/proposals/{urgent}")
    assert data == {
        "notice": "", "person": "duty", "member": "SG", "status": "actual", "event": "proposal", "id": urgent,
        "kind": "alert", "urgency": "immediate",
    }  # fmt: skip
    desk.people()
    [later] = await desk.run_due(5)
    assert (later["data"]["id"], later["data"]["urgency"]) == (pattern, "")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_proposal_is_stated_in_every_language(tag: str) -> None:
    notice = Notice(
        key="ntc_x", event="proposal", person="duty", member="SG", at=0, id="0123456789abcdef", kind="pattern",
        link="http://h/console/proposals/0123456789abcdef",
    )  # fmt: skip
    words = load_words(tag)
    assert subject(notice, words).endswith(": 0123456789abcdef")
    body = "\n".join(lines(notice, words))
    assert str(words.label("kind", "pattern")) in body
    assert "rev 0" not in body
    assert notice.link in body


@pytest.mark.parametrize("tag", LANGUAGES)
def test_recovered_access_is_stated_in_every_language(tag: str) -> None:
    notice = Notice(
        key="ntc_x", event="recovered", person="duty", member="SG", at=0, id="maria", link="http://h/console/people/maria"
    )  # fmt: skip
    words = load_words(tag)
    assert subject(notice, words).endswith(": maria")
    body = "\n".join(lines(notice, words))
    assert "maria" in body
    assert "rev 0" not in body
    assert notice.link in body


async def test_no_text_leaves_by_any_channel(desk: Desk) -> None:
    await desk.begin()
    desk.publish(alert("a title that nobody may read over a shoulder"))
    await desk.run_due()
    notice = json.dumps(desk.got.got[-1])
    for word in ("shoulder", SECRET, "passports", "National desk"):
        assert word not in notice


async def test_what_is_here_when_people_are_first_named_is_no_news(desk: Desk) -> None:
    desk.publish(alert("before"))
    await desk.begin()
    assert await desk.run_due(60) == []


async def test_only_alerts_of_others_are_reported(desk: Desk) -> None:
    await desk.begin()
    contact = new("call us") | {
        "kind": "contact", "service": ["hotline"], "body": "Desk", "sector": "labour", "coverage": {"country": "TH"},
        "languages": ["th"], "hours": "always", "serves": ["any"],
    }  # fmt: skip
    for key in ("event", "urgency", "severity", "certainty", "request", "desk"):
        del contact[key]
    desk.publish(contact)
    own = json.dumps(alert("ours", audience={"members": ["TH"]})).encode()
    accept = accepting.accept
    [verdict] = desk.kit.aside(accept, desk.kit.core, [(own, None)], realm="actual", token="t")
    assert verdict.verdict == "published"
    assert await desk.run_due() == []


async def test_a_change_and_a_cancel_are_reported_and_what_they_overtake_is_not(desk: Desk) -> None:
    await desk.begin()
    desk.got.behave("status 500")
    [id_] = desk.publish(alert())
    assert (await desk.run_due())[0]["data"]["rev"] == 1  # tried, and not taken
    desk.publish(alert("b", id=id_, action="update"))
    desk.two.cancel(id_)
    desk.two.to_sg()
    desk.got.behave("ok")
    notices = await desk.run_due(60)
    assert [(each["data"]["rev"], each["data"]["action"]) for each in notices] == [(3, "cancel")]


async def test_what_has_expired_wakes_nobody(desk: Desk) -> None:
    await desk.begin()
    desk.publish(alert(expires="2027-01-16T08:00:00Z"))
    assert await desk.run_due(2 * 86_400) == []


async def test_an_exercise_says_so_or_is_not_reported_at_all(desk: Desk) -> None:
    await desk.begin(DUTY + '[notify.person.calm]\nchannels = ["it"]\nexercises = false\n')
    desk.publish(alert(), realm="exercise")
    [notice] = await desk.run_due()
    assert (notice["data"]["person"], notice["data"]["status"], notice["data"]["banner"]) == (
        "duty",
        "exercise",
        BANNER,
    )
    desk.publish(alert("b"))
    assert {each["data"]["person"] for each in await desk.run_due()} == {"duty", "calm"}


async def test_sectors_are_decided_by_the_policy(desk: Desk) -> None:
    people = [f'[notify.person.{name}]\nchannels = ["it"]\nsectors = ["{name}"]\n' for name in ("labour", "health")]
    police = '[notify.person.police]\nchannels = ["it"]\nsectors = ["law-enforcement", "health"]\n'
    await desk.begin(DUTY + police + "".join(people))

    async def who(**changes: Any) -> set[str]:
        desk.publish(alert(str(changes), **changes))
        return {each["data"]["person"] for each in await desk.run_due()}

    assert await who() == {"duty", "police", "labour", "health"}
    assert await who(audience={"members": ["SG"], "sectors": ["labour"]}) == {"duty", "labour"}
    assert await who(handling=["law-enforcement-only"]) == {"duty", "police"}
    assert await who(tlp="RED") == {"duty"}


# -- deadlines


async def test_each_step_of_a_deadline_notifies_its_role(desk: Desk) -> None:
    roles = {"officer": "duty-officer", "point": "focal-point", "chief": "national-coordinator"}
    events_line = 'tells = ["deadline", "escalation"]'
    await desk.begin(
        "".join(f'[notify.person.{n}]\nchannels = ["it"]\nroles = ["{r}"]\n{events_line}\n' for n, r in roles.items())
    )
    [id_] = desk.publish(urgent())
    assert await desk.run_due() == []
    for hours, event, person in (
        (2.1, "deadline", "officer"), (4.1, "escalation", "point"), (6.1, "escalation", "chief"),
    ):  # fmt: skip
        desk.later(hours)
        [notice] = await desk.run_due()
        data = notice["data"]
        assert (notice["type"], data["person"], data["id"]) == (f"suar.{event}", person, id_)
        assert (data["role"], data["members"]) == (roles[person], ["SG"])


async def test_a_step_whose_role_nobody_has_is_reported_to_everybody(desk: Desk) -> None:
    await desk.begin()
    desk.publish(urgent())
    await desk.run_due()
    desk.later(4.1)  # both steps come at once after an outage
    desk.kit.aside(deadlines.process_due, desk.kit.core)
    assert [each["data"]["role"] for each in await desk.run_due()] == ["duty-officer", "focal-point"]


async def test_an_answer_ends_it(desk: Desk) -> None:
    await desk.begin()
    [id_] = desk.publish(urgent())
    await desk.run_due()
    desk.kit.aside(record_statement, desk.two, id_, "acknowledged")
    desk.later(4.1)
    assert await desk.run_due() == []


# -- quiet hours


@pytest.mark.parametrize(
    ("quiet", "zone", "hour", "expected"),
    [
        ("22:00-06:00", "UTC", "23:30", True), ("22:00-06:00", "UTC", "05:59", True),
        ("22:00-06:00", "UTC", "06:00", False), ("22:00-06:00", "UTC", "21:59", False),
        ("22:00-06:00", "Asia/Bangkok", "15:00", True), ("22:00-06:00", "Asia/Bangkok", "23:30", False),
        ("12:00-13:30", "UTC", "13:29", True), ("12:00-13:30", "UTC", "13:30", False),
        ("22:00-06:00", "America/New_York", "02:30", False), ("", "UTC", "03:00", False),
    ],
)  # fmt: skip
def test_quiet_hours_go_by_the_clock_on_the_persons_wall(quiet: str, zone: str, hour: str, expected: bool) -> None:
    now = datetime.fromisoformat(f"2027-01-15T{hour}:00").replace(tzinfo=UTC)
    assert is_quiet(Person(channels=[], quiet=quiet), ZoneInfo(zone), int(now.timestamp() * 1_000)) is expected


def test_quiet_hours_follow_the_change_of_summer_time() -> None:
    person, zone = Person(channels=[], quiet="22:00-06:00"), ZoneInfo("Europe/Lisbon")
    for day, expected in (("2027-01-15", False), ("2027-07-15", True)):  # 21:30 UTC is 21:30, and 22:30 in summer
        now = datetime.fromisoformat(f"{day}T21:30:00").replace(tzinfo=UTC)
        assert is_quiet(person, zone, int(now.timestamp() * 1_000)) is expected


async def test_only_what_is_immediate_breaks_the_quiet(desk: Desk) -> None:
    await desk.begin(DUTY + 'quiet = "07:00-10:00"\n')  # it is 08:00
    [calm] = desk.publish(alert("calm"))
    [grave] = desk.publish(urgent("grave"))
    assert ids(await desk.run_due()) == [grave]
    assert ids(await desk.run_due(3_500)) == []
    assert ids(await desk.run_due(2 * 3_600)) == [calm]


# -- many at once


async def test_the_most_urgent_is_reported_first(desk: Desk) -> None:
    await desk.begin()
    made = desk.publish(*(alert(name, urgency=name) for name in ("unknown", "past", "future", "expected")))
    made += desk.publish(urgent())
    assert ids(await desk.run_due()) == made[::-1]


async def test_a_storm_is_one_digest_and_what_is_immediate_comes_first_and_singly(desk: Desk) -> None:
    await desk.begin(more="digest_above = 3\n")
    many = desk.publish(*(alert(str(n), urgency="future") for n in range(30)), *(alert(f"x{n}") for n in range(10)))
    [grave] = desk.publish(urgent())
    first, digest = await desk.run_due()
    assert (first["type"], first["data"]["id"]) == ("suar.alert", grave)
    assert (digest["type"], digest["data"]["total"]) == ("suar.digest", 40)
    assert digest["data"]["counts"] == [
        {"event": "alert", "kind": "alert", "urgency": "expected", "number": 10},
        {"event": "alert", "kind": "alert", "urgency": "future", "number": 30},
    ]
    assert [each["id"] for each in digest["data"]["first"]] == [*many[30:], *many[:10]]
    assert all(each["link"] for each in digest["data"]["first"])


async def test_pain_12_after_an_outage_the_urgent_one_is_notified_first_and_all_others_once(desk: Desk) -> None:
    await desk.begin()
    made = desk.publish(*(alert(str(n)) for n in range(990)), urgent("composed last"))
    first, digest = await desk.run_due()
    assert (first["data"]["id"], first["data"]["urgency"]) == (made[-1], "immediate")
    assert (digest["type"], digest["data"]["total"], len(digest["data"]["first"])) == ("suar.digest", 990, 20)
    assert await desk.run_due(3_600) == []


async def test_while_it_continues_there_is_a_digest_a_while_and_never_a_storm(desk: Desk) -> None:
    await desk.begin(more="digest_above = 2\ndigest_seconds = 600\n")
    digests = []
    for n in range(20):  # one every 60 s
        desk.publish(alert(f"trickle {n}"))
        digests += await desk.run_due(60)
    kinds = [each["type"] for each in digests]
    assert kinds.count("suar.alert") <= 6
    assert 1 <= kinds.count("suar.digest") <= 3
    digests += await desk.run_due(600)
    assert sum(each["data"].get("total", 1) for each in digests) == 20


async def test_a_storm_of_what_is_immediate_is_reported_within_a_minute(desk: Desk) -> None:
    await desk.begin(more="digest_above = 2\n")
    desk.publish(*(urgent(str(n)) for n in range(30)))
    notices = await desk.run_due()
    assert [each["type"] for each in notices] == ["suar.alert", "suar.alert", "suar.digest"]
    assert notices[-1]["data"]["total"] == 28
    desk.publish(urgent("one more"))
    assert await desk.run_due(30) == []
    assert (await desk.run_due(31))[0]["data"]["total"] == 1


async def test_a_digest_is_of_one_realm(desk: Desk) -> None:
    await desk.begin(more="digest_above = 1\n")
    desk.publish(*(alert(str(n)) for n in range(5)))
    desk.publish(*(alert(f"x{n}") for n in range(5)), realm="exercise")
    notices = {each["data"]["status"]: each["data"] for each in await desk.run_due()}
    assert (notices["actual"]["total"], notices["exercise"]["total"]) == (5, 5)
    assert ("banner" in notices["actual"], notices["exercise"]["banner"]) == (False, BANNER)
    assert {each["status"] for each in notices["actual"]["first"]} == {"actual"}


async def test_in_quiet_hours_a_storm_waits_but_for_what_is_immediate(desk: Desk) -> None:
    await desk.begin(DUTY + 'quiet = "07:00-10:00"\n', more="digest_above = 2\n")
    desk.publish(*(alert(str(n)) for n in range(9)), *(urgent(f"u{n}") for n in range(5)))
    notices = await desk.run_due()
    assert [each["type"] for each in notices] == ["suar.alert", "suar.alert", "suar.digest"]
    assert notices[-1]["data"]["counts"] == [{"event": "alert", "kind": "alert", "urgency": "immediate", "number": 3}]
    [digest] = await desk.run_due(3 * 3_600)
    assert digest["data"]["total"] == 9


def test_what_is_immediate_is_the_first_lane() -> None:
    from suar.store.people.notices import NOW

    assert LANES[NOW] == "immediate"


# -- what fails


async def test_it_is_tried_again_later_and_later_under_the_same_id(desk: Desk) -> None:
    await desk.begin()
    desk.got.behave("status 500")
    desk.publish(alert())
    assert len(await desk.run_due()) == 1
    assert await desk.run_due(0.5) == []
    assert len(await desk.run_due(0.6)) == 1
    assert await desk.run_due(1.5) == []
    assert len(await desk.run_due(0.6)) == 1
    desk.got.behave("ok")
    assert len(await desk.run_due(3.9)) == 0
    [notice] = await desk.run_due(0.2)
    tried = desk.got.got[desk.first :]
    assert len(tried) == 4
    assert {each["headers"]["webhook-id"] for each in tried} == {notice["data"]["notice"]}
    assert len({each["headers"]["webhook-signature"] for each in tried}) > 1  # the time is the attempt's
    failed = [each.facts for each in desk.records(Happened) if each.event == "notice_failed"]
    assert [each["tries"] for each in failed] == [1, 2, 3]
    assert {each["why"] for each in failed} == {"status 500"}
    results = [each.result for each in desk.records(Notified)]
    assert results == ["failed", "failed", "failed", "sent"]


async def test_a_restart_loses_nothing_and_a_digest_keeps_its_id(desk: Desk) -> None:
    await desk.begin(more="digest_above = 2\n")
    desk.got.behave("status 503")
    desk.publish(*(alert(str(n)) for n in range(5)))
    [tried] = await desk.run_due()
    desk.restart()
    desk.publish(alert("after"))
    desk.got.behave("ok")
    notices = await desk.run_due(10)
    assert notices[0] == tried
    assert sum(each["data"].get("total", 1) for each in notices) == 6
    assert await desk.run_due(3_600) == []


async def test_what_came_while_nobody_looked_is_found_after_a_restart(desk: Desk) -> None:
    await desk.begin()
    desk.publish(alert())
    desk.restart()
    assert len(await desk.run_due()) == 1


async def test_what_is_too_old_is_dropped_and_reported(desk: Desk) -> None:
    await desk.begin(more="give_up_hours = 1\n")
    desk.got.behave("status 500")
    desk.publish(alert())
    await desk.run_due()
    await desk.run_due(1_800)
    await desk.run_due(2_000)
    assert [each.event for each in desk.records(Happened) if each.level == "error"] == ["notice_given_up"]
    assert await desk.run_due(3_600) == []


async def test_one_channel_that_fails_is_no_trouble_for_another(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "out"
    script = tmp_path / "program"
    script.write_text(f"#!/bin/sh\ncat >> {out}\n")
    script.chmod(0o755)
    await desk.begin(f'[notify.command.pager]\nargv = ["{script}"]\n[notify.person.duty]\nchannels = ["it", "pager"]\n')
    desk.got.behave("status 500")
    [id_] = desk.publish(alert())
    await desk.run_due()
    assert json.loads(out.read_text())["data"]["id"] == id_
    await desk.notifier.report_waiting()
    desk.got.behave("ok")
    await desk.run_due(10)
    await desk.notifier.report_waiting()
    assert [each.channels for each in desk.records(NoticesWaiting)] == [{"it": 1}, {"it": 0}]


async def test_what_is_immediate_waits_for_no_backoff_and_the_rest_does(desk: Desk) -> None:
    await desk.begin(more="digest_above = 50\n")
    desk.got.behave("status 500")
    desk.publish(alert())
    for wait in (0, 1.1, 2.1, 4.1):
        assert len(await desk.run_due(wait)) == 1  # the next attempt comes 8 s later
    desk.publish(alert("another"))
    assert await desk.run_due(1) == []
    [grave] = desk.publish(urgent())
    assert ids(await desk.run_due()) == [grave]
    assert await desk.run_due(1) == []


async def test_many_that_wait_cost_nothing_while_they_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.begin(DUTY + 'quiet = "07:00-10:00"\n')
    desk.publish(*(alert(str(n)) for n in range(20)))
    assert await desk.run_due() == []
    calls: list[int] = []
    planned = notify_plan.next_sending

    def counted(*args: Any, **more: Any) -> Any:
        calls.append(1)
        return planned(*args, **more)

    monkeypatch.setattr(notify_plan, "next_sending", counted)
    for _ in range(10):
        assert await desk.run_due(0.4) == []
    assert calls == []
    desk.publish(alert("one more"))
    assert await desk.run_due() == []
    assert calls == [1]


async def test_who_is_no_longer_named_is_forgotten(desk: Desk) -> None:
    await desk.begin()
    desk.got.behave("status 500")
    desk.publish(alert())
    await desk.run_due()
    desk.people('[notify.person.other]\nchannels = ["it"]\n')
    desk.got.behave("ok")
    assert await desk.run_due(3_600) == []
    assert [each.facts for each in desk.records(Happened) if each.event == "notices_dropped"] == [{"number": 1}]


async def test_a_store_that_fails_ends_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    await desk.begin()
    desk.publish(alert())
    with monkeypatch.context() as broken:
        broken.setattr(meta, "put", lambda *_: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            await desk.notifier.process_due()
    assert len(await desk.run_due()) == 1


def test_they_are_counted() -> None:
    metrics = Metrics("0")
    metrics([Notified(at=0, channel="it", about="alert", result="failed")])
    metrics([NoticesWaiting(at=0, channels={"it": 3})])
    name = {"channel": "it", "about": "alert", "result": "failed"}
    assert metrics.registry.get_sample_value("suar_notifications_total", name) == 1
    assert metrics.registry.get_sample_value("suar_notifications_waiting", {"channel": "it"}) == 3
