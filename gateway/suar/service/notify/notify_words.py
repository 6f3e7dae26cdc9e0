"""The content of a notice: JSON for programs and mail for people. It has ids, codes, numbers and a link.

It contains nothing that a publisher wrote: a message's text is shown only where the policy is checked. In both forms an
exercise is marked first.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct
from sqlalchemy import Row

from suar.languages.catalogue import Catalogue, load
from suar.languages.rendering.values import code_text
from suar.languages.tags import choose
from suar.protocol.base.exercise import BANNER, is_exercise, marked
from suar.protocol.base.instants import instant
from suar.service.notify.notices import HELD, PROPOSAL, RECOVERED
from suar.service.settings.config import Config
from suar.store.outbound.delivery_view import split_codes

TEST: Final = "test"
DIGEST: Final = "digest"
SUBJECT_MAX: Final = 150
_UNFOLDED: Final = SMTP.clone(max_line_length=500)  # a folded subject would begin with a blank


class Notice(Struct, frozen=True, kw_only=True):
    """One notice to a person.

    `at` is in ms; in a digest, `listed` are its first notices and `counts` covers all of them.
    """

    key: str
    event: str
    person: str
    member: str
    at: int
    status: str = "actual"
    id: str = ""
    rev: int = 0
    kind: str = ""
    action: str = ""
    origin: str = ""
    urgency: str = ""
    role: str = ""
    members: tuple[str, ...] = ()
    link: str = ""
    total: int = 1
    counts: tuple[dict[str, Any], ...] = ()
    listed: tuple["Notice", ...] = ()


class Links(NamedTuple):
    """The addresses of what notices are about: a message, one that waits and a proposal, with {id}; a person, with
    {user}.
    """

    message: str
    held: str
    person: str
    proposal: str

    def of(self, event: str, id_: str) -> str:
        """The address for a notice."""
        named = {HELD: self.held, RECOVERED: self.person, PROPOSAL: self.proposal}.get(event, self.message)
        return named.replace("{id}", id_).replace("{user}", id_)


def links_of(config: Config) -> Links:
    """By the settings: `notify.link` for messages, else pages of the console, else calls of the API.

    A person's page is the console's; without one there is no address.
    """
    console, listen = config.console, config.http.listen
    base = console.origin or (f"http://{listen}" if config.http.is_loopback else "")
    if not console.enabled or not base:
        message = config.notify.link or f"http://{listen}/v1/messages/{{id}}"
        return Links(message, message, "", f"http://{listen}/v1/proposals/{{id}}")
    message = config.notify.link or f"{base}/m/{{id}}"
    held = config.notify.link or f"{base}/console/approve/{{id}}"
    return Links(message, held, f"{base}/console/people/{{user}}", f"{base}/console/proposals/{{id}}")


def single(row: Row[Any], member: str, links: Links) -> Notice:
    """Return the notice of one row."""
    return Notice(
        key=row.key, event=row.event, person=row.person, member=member, at=row.at, status=row.status, id=row.id,
        rev=row.rev, kind=row.kind, action=row.action, origin=row.origin, urgency=row.urgency, role=row.role,
        members=tuple(split_codes(row.members)), link=links.of(row.event, row.id),
    )  # fmt: skip


def digest(key: str, head: Sequence[Row[Any]], counts: Sequence[Row[Any]], member: str, links: Links) -> Notice:
    """Return one notice for many rows: `counts` covers all of them, `head` are the most urgent ones, listed by id."""
    listed = tuple(single(row, member, links) for row in head)
    numbers = tuple(
        {"event": row.event, "kind": row.kind, "urgency": row.urgency, "number": row.number} for row in counts
    )
    total, newest = sum(row.number for row in counts), max(row.at for row in counts)
    return Notice(
        key=key, event=DIGEST, person=head[0].person, member=member, at=newest, status=head[0].status, total=total,
        urgency=head[0].urgency, counts=numbers, listed=listed,
    )  # fmt: skip


def payload(notice: Notice) -> bytes:
    """Return the notice as JSON with `type`, `timestamp` and `data`, the shape that Standard Webhooks recommends."""
    data: dict[str, Any] = {"notice": notice.key, "person": notice.person, "member": notice.member}
    data["status"] = notice.status
    if is_exercise(notice.status):
        data["banner"] = BANNER
    if notice.event == DIGEST:
        data |= {"total": notice.total, "counts": notice.counts, "first": [_facts(each) for each in notice.listed]}
    elif notice.event != TEST:
        data |= _facts(notice)
    return msgspec.json.encode({"type": f"suar.{notice.event}", "timestamp": instant(notice.at), "data": data})


def _facts(notice: Notice) -> dict[str, Any]:
    if notice.event == RECOVERED:
        return {"event": notice.event, "user": notice.id, "status": notice.status, "link": notice.link}
    if notice.event == PROPOSAL:
        named = ("event", "id", "kind", "urgency", "status", "link")
        return {name: getattr(notice, name) for name in named}
    found: dict[str, Any] = {"event": notice.event, "id": notice.id, "rev": notice.rev, "kind": notice.kind}
    found |= {"action": notice.action, "origin": notice.origin, "urgency": notice.urgency, "status": notice.status}
    if notice.role:
        found |= {"role": notice.role, "members": list(notice.members)}
    return found | {"link": notice.link}


# -- for a person


def mail(notice: Notice, sender: str, to: str, language: str, now: int) -> EmailMessage:
    """Return the mail to one person in their language. Raises ValueError for a header that contains a line break."""
    catalogue = load(choose(language).tag)
    made = EmailMessage(policy=_UNFOLDED)
    made["From"] = sender
    made["To"] = to
    made["Subject"] = subject(notice, catalogue)[:SUBJECT_MAX]
    made["Date"] = format_datetime(datetime.fromtimestamp(now // 1000, UTC))
    made["Message-ID"] = f"<{notice.key}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office reply is sent to it
    if is_exercise(notice.status):
        made["X-Suar-Exercise"] = BANNER
    made.set_content("\n".join(lines(notice, catalogue)) + "\n")
    return made


def subject(notice: Notice, catalogue: Catalogue) -> str:
    """Return the subject line: the event, the message's id and its urgency."""
    if notice.event == TEST:
        return f"suar {notice.member}: {catalogue.phrase('notice-test')}"
    what = _what(notice, catalogue)
    text = what if notice.event == DIGEST else f"{what}: {notice.id}"
    urgency = code_text(catalogue, "urgency", notice.urgency) if notice.urgency else ""
    text = f"{text} ({urgency})" if urgency else text
    return catalogue.phrase("exercise-title", title=text) if is_exercise(notice.status) else text


def lines(notice: Notice, catalogue: Catalogue) -> list[str]:
    """Return the lines of the mail's body."""
    found = [f"*** {catalogue.phrase('exercise')} ***", f"*** {BANNER} ***", ""] if is_exercise(notice.status) else []
    found.append(_what(notice, catalogue))
    if notice.event == TEST:
        return found
    if notice.event == DIGEST:
        found += [f"  {_count(each, catalogue)}" for each in notice.counts]
        found += ["", f"{catalogue.phrase('notice-first')}:"]
        return found + [f"  {_line(each, catalogue)}" for each in notice.listed]
    found += [catalogue.phrase("pair", label=label, value=value) for label, value in _labelled(notice, catalogue)]
    return [*found, f"{catalogue.phrase('notice-open')}: {notice.link}"] if notice.link else found


def _labelled(notice: Notice, catalogue: Catalogue) -> list[tuple[str, str]]:
    if notice.event == RECOVERED:
        return [(catalogue.console("user"), notice.id)]
    found = [
        (catalogue.field("Head", "id"), _number(notice)),
        (catalogue.field("Head", "kind"), code_text(catalogue, "kind", notice.kind)),
    ]
    if notice.urgency:
        found.append((catalogue.field("Alert", "urgency"), code_text(catalogue, "urgency", notice.urgency)))
    if notice.members:
        found.append((catalogue.phrase("notice-deadline"), ", ".join(notice.members)))
    return found


def _number(notice: Notice) -> str:
    """A proposal has no revisions."""
    return notice.id if notice.event == PROPOSAL else f"{notice.id} rev {notice.rev}"


def _what(notice: Notice, catalogue: Catalogue) -> str:
    if notice.event == DIGEST:
        return catalogue.phrase("notice-digest", number=notice.total)
    if notice.event == "alert":
        return catalogue.phrase(f"notice-{notice.action}")
    return catalogue.phrase(f"notice-{notice.event}")


def _count(each: dict[str, Any], catalogue: Catalogue) -> str:
    if each["event"] == RECOVERED:
        return f"{each['number']}  {catalogue.phrase(f'notice-{RECOVERED}')}"
    kind = code_text(catalogue, "kind", each["kind"])
    what = kind if each["event"] == "alert" else catalogue.phrase(f"notice-{each['event']}")
    urgency = code_text(catalogue, "urgency", each["urgency"]) if each["urgency"] else ""
    return f"{each['number']}  {what}, {urgency}".removesuffix(", ")


def _line(notice: Notice, catalogue: Catalogue) -> str:
    if notice.event == RECOVERED:
        return f"{notice.id}, {_what(notice, catalogue)}  {notice.link}"
    summary = ", ".join(filter(None, (_number(notice), _what(notice, catalogue), notice.urgency)))
    text = f"{summary}  {notice.link}"
    return marked(text, notice.status)
