"""Operating a fake gateway: alarms, tokens and keys are those of its core; trust, peers and carried files by rote."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from suar.observe.numbers import Numbers
from suar.protocol.base.errors import Fault, Refused
from suar.service.access import tokens
from suar.service.access.authentication import TokenRows
from suar.service.access.passphrase_check import NotConfirmed
from suar.service.access.tokens import TokenRequest
from suar.store.people.access import OPERATOR
from support.fake_state import FakeState

NOTHING_EXPOSED: dict[str, Any] = {"refused_messages": 0, "rotated": False, "warning": "nothing is lost"}


class FakeOperating(FakeState):
    """Calls of operators and administrators."""

    async def import_list(self, data: bytes, pin: bytes | None, who: str = "") -> dict[str, Any]:
        self.fail()
        self.acts.append(("import", who))
        if data == b"bad":
            raise Fault("the list is refused: too few signatures (E-TRUST-SIGNATURE [T2])", "repeat the ceremony")
        return {"result": "ok", "version": 3, "hash": pin.hex() if pin else ""}

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
        if self.fault:
            raise self.fault
        if self.is_identity(kid) and passphrase is None:
            raise NotConfirmed("revoking the identity needs the keyring's passphrase", "give it")
        self.requests.append({"kid": kid.hex(), "passphrase": passphrase})
        return {"kid": kid.hex(), "key": "bundle", "messages": [], **NOTHING_EXPOSED}

    async def peers(self) -> list[dict[str, Any]]:
        self.fail()
        return await super().peers()

    async def resend(self, member: str, who: str) -> dict[str, Any] | None:
        self.fail()
        return await super().resend(member, who)

    async def carry_out(self, to: str | None, who: str, *, everything: bool) -> AsyncIterator[bytes]:
        self.fail()
        self.requests.append({"to": to, "who": who, "everything": everything})

        async def parts() -> AsyncIterator[bytes]:
            yield b"first"
            yield b"last"

        return parts()

    async def carry_in(self, segment: bytes, who: str) -> dict[str, Any]:
        self.fail()
        if segment == b"bad":
            raise Refused("E-CARRIED-FORM", "C1")
        self.requests.append({"segment": segment, "who": who})
        return {"objects": 1}

    async def snapshot(self) -> Numbers:
        self.fail()
        return self.numbers

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

    def is_ready(self) -> tuple[bool, list[str]]:
        return not self.not_ready, self.not_ready
