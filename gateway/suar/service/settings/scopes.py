"""The scopes of tokens, which scope includes which, and the rights of older tokens. Pure.

The table in docs/operators.md lists which call needs which scope, and tests/attacks tries every call with each.
"""

from collections.abc import Iterable
from typing import Final

from suar.protocol.base.errors import Fault

SCOPES: Final = ("publish", "approve", "read", "acknowledge", "monitor", "operate", "admin")
"""In the order in which they are shown."""
INCLUDES: Final = {"operate": ("monitor",), "admin": ("operate", "monitor")}
CLAIM: Final = "claim"
"""What a one-time code may do, and nothing else: it is no scope of a token."""
AGENCY: Final = "agency"
"""What the token of an agency may do, and nothing else: it is no scope of other tokens."""
MACHINE: Final = "machine"
"""What only commands on this machine may do; no scope of a token either."""
AUDIT: Final = "audit"
"""What the token of a person who reads the audit log may do, and nothing else; no scope of a token either."""
PROPOSE: Final = "propose"
"""What the token of an agency may do that was registered with it: it is no scope of other tokens either."""
ROLES: Final = ("duty-officer", "focal-point", "approver", "agency")
"""In which a person acknowledges; messages.md, kind receipt."""
_READERS: Final = ("author", "approver", "reader")
_NEEDS: Final = {
    "publish": [{"author"}],
    "approve": [{"approver"}],
    "read": [{role} for role in (*_READERS, "coordinator")],
    "acknowledge": [{role} for role in _READERS],
    "monitor": [{"operator"}],
    "operate": [{"operator"}],
    "admin": [{"operator", "coordinator"}],
    AUDIT: [{"operator"}, {"coordinator"}, {"auditor"}],
}
"""By scope the sets of roles of a person of the console each of which allows it: docs/console.md, Roles.

The scope admin opens tokens and keys, which are an operator's, and agencies, which are a coordinator's.
"""
_BEFORE: Final = {"read": "acknowledge", "operate": "admin"}
"""What a scope also allowed before there were `acknowledge` and `admin`."""


def rights(scopes: Iterable[str], *, is_old: bool) -> frozenset[str]:
    """Every scope that a token's own scopes amount to; `is_old`: made before `acknowledge` and `admin` existed."""
    own = set(scopes)
    if is_old:
        own |= {_BEFORE[scope] for scope in own & _BEFORE.keys()}
    return frozenset(own.union(*(INCLUDES.get(scope, ()) for scope in own)))


def allowed(roles: Iterable[str]) -> frozenset[str]:
    """The scopes that a token in the name of a person with these roles may have."""
    held = set(roles)
    return frozenset(scope for scope, choices in _NEEDS.items() if any(choice <= held for choice in choices))


def narrowed(rights_: frozenset[str], roles: Iterable[str]) -> frozenset[str]:
    """The rights of a token that remain to a person with these roles; of `operate` the audit log to who reads that."""
    own = allowed(roles)
    return rights_ & own | ({AUDIT} & own if "operate" in rights_ else set())


def ordered(scopes: Iterable[str]) -> tuple[str, ...]:
    """Scopes in their order, once each. Fault for one that does not exist."""
    wanted = set(scopes)
    choice = f"choose of: {', '.join(SCOPES)}"
    if PROPOSE in wanted:
        raise Fault(
            f"the scope {PROPOSE} is of agencies alone", f"`suar agency add NAME ... --propose`; of a token {choice}"
        )
    if not wanted or not wanted <= set(SCOPES):
        unknown = ", ".join(sorted(wanted - set(SCOPES))) or "none"
        raise Fault(f"the scopes are wrong: {unknown[:80]}", choice)
    return tuple(scope for scope in SCOPES if scope in wanted)


def ordered_roles(roles: Iterable[str], scopes: Iterable[str]) -> tuple[str, ...]:
    """Roles in their order, once each. Fault for one that does not exist, and for roles that fit no scope.

    A token of the scope `acknowledge` has at least one role, every other token has none.
    """
    wanted, choice = set(roles), f"choose of: {', '.join(ROLES)}"
    if not wanted <= set(ROLES):
        raise Fault(f"the roles are wrong: {', '.join(sorted(wanted - set(ROLES)))[:80]}", choice)
    if wanted and "acknowledge" not in scopes:
        raise Fault("a role needs the scope acknowledge", "give the scope acknowledge, or no role")
    if not wanted and "acknowledge" in scopes:
        raise Fault("the scope acknowledge needs a role", f"give --role; {choice}")
    return tuple(role for role in ROLES if role in wanted)
