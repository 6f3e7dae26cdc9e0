"""Publishes over HTTP as a person would, then reads from signed receipts who has stored the messages."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from suar.demo.embedded.examples import Draft
from suar.demo.embedded.federation import Federation
from suar.protocol.base.errors import Fault
from suar.protocol.base.stages import ARRIVED

WITHIN: Final = 180.0  # seconds; mostly 0.1: what a source of NATS passed over comes after two minutes (docs/gaps.md)
_POLL: Final = 0.05


@dataclass
class Publication:
    """A published draft; `stages` has the stage of each member of `draft.to`, from the sender's gateway.

    `generated` has the texts that the sender's gateway wrote, where the author gave none.
    """

    draft: Draft
    id: str = ""
    fault: str = ""
    stages: dict[str, str] = field(default_factory=dict)
    generated: list[dict[str, Any]] = field(default_factory=list)

    @property
    def title(self) -> str:
        """Return the English title, else the first one."""
        texts = self.draft.body.get("text") or self.generated
        found = next((text for text in texts if text["lang"] == "en"), texts[0] if texts else {})
        return str(found.get("title", ""))

    @property
    def missing(self) -> list[str]:
        """Return the members that have not stored it."""
        return [code for code in self.draft.to if self.stages.get(code) not in ARRIVED]


async def publish_all(federation: Federation, drafts: Sequence[Draft]) -> list[Publication]:
    """Publish every draft, each member its own in order and all members at once; then wait for the receipts."""
    publications = [Publication(draft) for draft in drafts]
    senders = {each.draft.sender for each in publications}
    await asyncio.gather(
        *(_publish(federation, [p for p in publications if p.draft.sender == sender]) for sender in senders)
    )
    deadline = time.monotonic() + WITHIN
    await asyncio.gather(*(_follow(federation, each, deadline) for each in publications if each.id))
    return publications


async def _publish(federation: Federation, publications: Sequence[Publication]) -> None:
    for each in publications:
        desk = federation.desk(each.draft.sender)
        try:
            each.id = await desk.publish(each.draft.body, each.draft.realm)
            if not each.draft.body.get("text"):
                each.generated = (await desk.message(each.id))["message"]["text"]
        except Fault as fault:
            each.fault = fault.text


async def _follow(federation: Federation, publication: Publication, deadline: float) -> None:
    """Read its deliveries until every member has stored it, or until the deadline."""
    desk = federation.desk(publication.draft.sender)
    while publication.missing and time.monotonic() < deadline:
        try:
            publication.stages = await desk.deliveries(publication.id)
        except Fault as fault:
            publication.fault = fault.text
            return
        await asyncio.sleep(_POLL if publication.missing else 0)
