"""What a gateway gives to people and programs: read beside the core, and noted before they have it."""

from typing import Any

import pytest

from suar.protocol.policy.restrictions import Reader
from suar.service.access.agencies import reader_of, register
from suar.service.core.core import Core
from suar.service.feed import exporting
from suar.service.feed.exporting import Content
from suar.service.reading import evidence, human_receipts, views
from suar.service.reading.evidence import Exported
from suar.service.status import auditing
from suar.store.engine.vault import Vault
from support.corekit import CoreKit


def show(
    core: Core, id_: str, rev: int | None, opened_by: str | None, *, is_person: bool = False
) -> dict[str, Any] | None:
    """A message, as `suar show` asks for it."""
    found = views.message(core, id_, rev)
    if found and opened_by:
        human_receipts.note_shown(core, found, opened_by, is_person=is_person)
    return found


def content(
    core: Core, id_: str, rev: int | None, exported_by: str | None, *, is_person: bool = False
) -> Content | None:
    """A message's bytes, as an export asks for them."""
    found = exporting.content(core, id_, rev)
    if found and exported_by:
        human_receipts.note_received(core, found.id, found.rev, exported_by, "export", is_person=is_person)
    return found


def export(
    core: Core, id_: str, rev: int | None, exported_by: str, *, is_sealed: bool = False
) -> Exported | None:  # fmt: skip
    """A file of evidence."""
    found = evidence.export(core, id_, rev, is_sealed=is_sealed)
    if found:
        evidence.note_export(core, found, exported_by)
    return found


def audit_page(core: Core, after: int, limit: int, who: str) -> dict[str, Any]:
    """A page of the audit."""
    if not after:
        auditing.begin_reading(core, who)
    return auditing.page(core, after, limit)


def agency(kit: CoreKit, name: str, sector: str = "health", tlp: str = "AMBER", **more: Any) -> Reader:
    """What an agency that is registered for alerts may read by the list in force."""
    return reader_of(register(name, sector, ["alert"], tlp, **more), kit.core.member, kit.core.status.trust, kit.now)


def opened_texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the stores open from here on, as it is opened: what each sealed text is about."""
    opened, real = list[str](), Vault.open

    def counted(self: Vault, sealed: bytes, salt: bytes, about: str) -> bytes:
        opened.append(about)
        return real(self, sealed, salt, about)

    monkeypatch.setattr(Vault, "open", counted)
    return opened
