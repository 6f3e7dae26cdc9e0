"""Reading at a fake gateway: messages are those of its core; the audit, containers and causes are by rote."""

from typing import Any

from suar.observe import causes
from suar.observe.checks.facts import Facts, Message, Ours
from suar.protocol.base.errors import Refused
from suar.service.feed.exporting import Content
from suar.service.reading.evidence import Exported
from support.fake_state import FakeState
from support.gateway_state import ID
from support.healthy import NOW


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
        self.requests.append({"id": id_, "rev": rev, "exported_by": exported_by, "container": True})
        return Exported(id_, rev or 1, b"PK") if id_ == ID else None

    async def audit(self, after: int, limit: int, who: str) -> dict[str, Any]:
        self.fail()
        self.requests.append({"after": after, "limit": limit, "who": who})
        line = {"at": NOW, "who": "desk", "what": "publish", "about": ID, "hash": "00" * 32}
        title = {"audit": "suar-audit/1", "federation": "asean-test", "member": "TH"}
        return {"title": title, "lines": [{"n": after + 1, **line}], "heads": []}

    async def commitments(self, member: str, after: int, limit: int, who: str) -> dict[str, Any]:
        self.fail()
        self.requests.append({"member": member, "after": after, "limit": limit, "who": who})
        title = {"commitments": "suar-commitments/1", "federation": "asean-test", "member": member, "kept_by": "TH"}
        return {"title": title, "commitments": [{"at": NOW, "commitment": "00" * 32}], "after": after + 1}

    async def deliveries(self, id_: str, rev: int | None = None) -> dict[str, Any] | None:
        self.fail()
        return await super().deliveries(id_, rev)

    async def why(self, id_: str, member: str) -> dict[str, Any] | None:
        self.fail()
        about = Facts(now=NOW, late=0, message=Message(origin=id_[:2]), ours=Ours(code="TH"))
        values = dict.fromkeys(causes.values(about))
        values |= {"id": id_, "member": member, "origin": id_[:2], "heard": "2027-01-15T08:00:00Z"}
        number = next(n for n, cause in enumerate(causes.CAUSES, 1) if cause.code == "peer-silent")
        found = {"id": id_, "rev": 1, "member": member, "cause": "peer-silent", "number": number, "values": values}
        return found if id_ == ID else None

    async def record_receipt(
        self,
        id_: str,
        who: str,
        stage: str,
        role: str,
        *,
        sector: str | None = None,
        note: str | None = None,
        rev: int | None = None,
    ) -> dict[str, Any] | None:
        if stage == "acting":
            raise Refused("E-OWN-MESSAGE", "")
        if rev not in (None, 1):
            raise Refused("E-CHANGED", "")
        statement = {"id": id_, "rev": 1, "stage": stage, "role": role, "at": "2027-01-15T08:00:00Z", "new": True}
        statement["left_out"] = []
        statement |= {"new": False, "left_out": ["note"]} if note == "again" else {}
        self.requests.append({"who": who, "sector": sector, "note": note})
        return statement if id_ == ID else None
