"""An update of every shipped example is written and reviewed, whatever fields its kind has or leaves out."""

import json
from datetime import UTC, datetime

from console.test_messages import desk, fields
from suar.console.views.texts import shown
from suar.languages.names import names as labels
from suar.protocol.message.kinds import KINDS
from suar.protocol.message.spec import fields_of
from suar.standard.shipped import draft, example, names
from support.console import Browser, Desk

__all__ = ["desk"]
NOT_HERE = ("related", "handling", "sightings", "incident", "pattern")
"""What names other messages, or closes one to most readers."""


async def published(desk: Desk) -> list[tuple[str, str]]:
    """Every shipped message that is new, as one of ours in force: the root of its pages and the id."""
    now, found = datetime.fromtimestamp(desk.kit.now / 1000, UTC), list[tuple[str, str]]()
    for message in map(example, names()):
        if message["action"] == "new":
            body = draft(message, "TH", now) | {"audience": {"members": "all"}, "tlp": "GREEN"}
            data = json.dumps({key: value for key, value in body.items() if key not in NOT_HERE}).encode()
            verdict = await desk.gateway.publish(data, realm=message["status"], token="cruz", key=None)
            assert verdict.id is not None, verdict
            if verdict.verdict == "held":
                await desk.gateway.release(verdict.id, "santos", is_session=True)
            found.append(("/console/x" if message["status"] == "exercise" else "/console", verdict.id))
    return found


async def test_every_shipped_message_has_an_update(desk: Desk, author: Browser) -> None:
    """Before, an alert that names the hours to acknowledge it failed on the last page before it leaves."""
    failed = dict[str, object]()
    for root, id_ in await published(desk):
        await author.get(f"{root}/write")
        path = str((await author.post(f"{root}/write", {"change": id_})).headers["location"])
        await author.post(path, {**fields((await author.get(path)).text), "do": "review"})
        review = await author.get(f"{path}/review")
        if review.status_code != 200:
            failed[id_] = review.status_code, review.headers.get("location")
    assert failed == {}


def test_the_revision_before_an_update_may_be_without_any_optional_field() -> None:
    """The predecessor as the review compares it: undated, with the time until when it is to be acknowledged."""
    for message in map(example, names()):
        optional = {key for key, (_, _, required) in fields_of(KINDS[message["kind"]]).items() if not required}
        for left_out in ("sent", *sorted(optional & message.keys())):
            body = {key: value for key, value in message.items() if key not in ("sent", left_out)}
            known = {"id": message["id"], "state": "current", "received": "2027-01-15T08:00:00Z", "chain": []}
            known |= {"acknowledge_by": "2027-01-16T08:00:00Z", "origin": message["id"][:2], "message": body}
            assert shown(known, labels("en")).after, (message["id"], left_out)
