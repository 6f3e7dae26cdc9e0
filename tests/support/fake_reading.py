"""Reading at a fake gateway: each call is that of its core, unless it is to fail."""

from typing import Any

from suar.service.feed.exporting import Content
from suar.service.reading.evidence import Exported
from support.fake_state import FakeState


class FakeReading(FakeState):
    """Calls of readers."""

    async def messages(self, **options: Any) -> list[dict[str, Any]]:
        self.fail()
        return await super().messages(**options)

    async def message(self, id_: str, **options: Any) -> dict[str, Any] | None:
        self.fail()
        return await super().message(id_, **options)

    async def content(self, id_: str, **options: Any) -> Content | None:
        self.fail()
        return await super().content(id_, **options)

    async def evidence(self, id_: str, **options: Any) -> Exported | None:
        self.fail()
        return await super().evidence(id_, **options)

    async def container(
        self, id_: str, *, rev: int | None, exported_by: str, is_person: bool = False
    ) -> Exported | None:
        self.fail()
        return await super().container(id_, rev=rev, exported_by=exported_by, is_person=is_person)

    async def audit(self, after: int, limit: int, who: str) -> dict[str, Any]:
        self.fail()
        return await super().audit(after, limit, who)

    async def commitments(self, member: str, after: int, limit: int, who: str) -> dict[str, Any]:
        self.fail()
        return await super().commitments(member, after, limit, who)

    async def deliveries(self, id_: str, rev: int | None = None) -> dict[str, Any] | None:
        self.fail()
        return await super().deliveries(id_, rev)

    async def why(self, id_: str, member: str) -> dict[str, Any] | None:
        self.fail()
        return await super().why(id_, member)
