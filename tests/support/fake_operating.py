"""Operating a fake gateway: each call is that of its core, unless it is to fail."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from suar.observe.numbers import Numbers
from suar.service.access import tokens
from suar.service.access.authentication import TokenRows
from suar.service.access.tokens import TokenRequest
from suar.store.people.access import OPERATOR
from support.fake_state import FakeState


class FakeOperating(FakeState):
    """Calls of operators and administrators."""

    async def import_list(self, data: bytes, pin: bytes | None, who: str = OPERATOR) -> dict[str, Any]:
        self.fail()
        return await super().import_list(data, pin, who)

    async def trust(self) -> dict[str, Any]:
        self.fail()
        return await super().trust()

    async def rotate_keys(self, who: str = OPERATOR) -> dict[str, Any]:
        self.fail()
        self.acts.append(("rotate", who))
        return await super().rotate_keys(who)

    async def alarms(self, since: int = 0, *, is_open: bool = False) -> list[dict[str, Any]]:
        self.fail()
        return await super().alarms(since, is_open=is_open)

    async def acknowledge_alarm(self, number: int, who: str, note: str) -> dict[str, Any] | None:
        self.fail()
        return await super().acknowledge_alarm(number, who, note)

    async def compromised(self, kid: bytes, who: str, passphrase: bytes | None) -> dict[str, Any]:
        self.fail()
        return await super().compromised(kid, who, passphrase)

    async def peers(self) -> list[dict[str, Any]]:
        self.fail()
        return await super().peers()

    async def resend(self, member: str, who: str) -> dict[str, Any] | None:
        self.fail()
        return await super().resend(member, who)

    async def carry_out(self, to: str | None, who: str, *, everything: bool) -> AsyncIterator[bytes]:
        self.fail()
        return await super().carry_out(to, who, everything=everything)

    async def carry_in(self, segment: bytes, who: str) -> dict[str, Any]:
        self.fail()
        return await super().carry_in(segment, who)

    async def snapshot(self) -> Numbers:
        self.fail()
        return await super().snapshot()

    async def tokens_add(self, request: TokenRequest, who: str = "") -> dict[str, object]:
        self.fail()
        self.acts.append(("add", who))
        return await super().tokens_add(request, who)

    async def tokens_add_at_once(self, requests: Sequence[TokenRequest]) -> list[str]:
        """Create tokens as `tokens_add` does, in one transaction instead of one each; their secrets, in order."""
        self.fail()
        self.acts += [("add", "")] * len(requests)

        def issue() -> list[str]:
            table, now = TokenRows(self._core, ""), self._core.clock()
            with self._core.transaction():
                return [tokens.issue(table, each, "", now).token for each in requests]

        made = await self._core.run(issue)
        await self._tokens.reload()
        return made

    async def tokens_revoke(self, name: str, who: str = "") -> bool:
        self.acts.append(("revoke", who))
        return await super().tokens_revoke(name, who)
