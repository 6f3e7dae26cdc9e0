"""Publishing and cancelling at a fake gateway: each call is that of its core, unless it is to fail."""

from collections.abc import Sequence
from typing import Any

from suar.service.publish.drafts import Handed
from suar.service.reading.verdict import Verdict
from suar.store.people.access import OPERATOR
from support.fake_state import FakeState


class FakePublishing(FakeState):
    """Calls of authors. `published`: what the core accepted as new; `batches`: how many drafts a page has."""

    async def publish(
        self, data: bytes, *, realm: str, key: str | None, token: str, editors: Sequence[str] = (),
        handed: Handed | None = None,
    ) -> Verdict:  # fmt: skip
        self.fail()
        verdict = await super().publish(data, realm=realm, key=key, token=token, editors=editors, handed=handed)
        await self._note([data], [verdict], realm, token)
        return verdict

    async def publish_batch(self, items: list[bytes], *, realm: str, token: str) -> list[Verdict]:
        self.fail()
        self.batches.append(len(items))
        verdicts = await super().publish_batch(items, realm=realm, token=token)
        await self._note(items, verdicts, realm, token)
        return verdicts

    async def _note(self, items: list[bytes], verdicts: list[Verdict], realm: str, token: str) -> None:
        for data, verdict in zip(items, verdicts, strict=True):
            if verdict.id is not None and not verdict.is_replayed:
                self.published.append((data, realm, token))
        await self.send()

    async def check(
        self, data: bytes, *, realm: str, token: str = OPERATOR, with_sentences: bool = False,
        editors: Sequence[str] = (),
    ) -> dict[str, Any]:  # fmt: skip
        self.fail()
        return await super().check(data, realm=realm, token=token, with_sentences=with_sentences, editors=editors)

    async def cancel(
        self, id_: str, who: str, reason: str, replacement: bytes | None, *, editors: Sequence[str] = (),
        handed: Handed | None = None, rev: int | None = None, with_sentences: bool = False,
    ) -> dict[str, Any] | None:  # fmt: skip
        self.fail()
        done = await super().cancel(
            id_, who, reason, replacement, editors=editors, handed=handed, rev=rev, with_sentences=with_sentences
        )
        await self.send()
        return done
