"""The roles of people at the console, and which of them one person may have together. Pure.

`console/guard.py` lists which page needs which role.
"""

from collections.abc import Collection, Iterable
from typing import Final

from suar.protocol.base.errors import Fault
from suar.service.settings.scopes import AGENCY

AGENCY_READER: Final = AGENCY
"""Reads what the policy permits one registered agency."""
PERSON_ROLES: Final = ("author", "approver", "reader", "operator", "coordinator", "auditor", AGENCY_READER)
"""In the order in which they are shown."""
CONFIRMED: Final = frozenset({"approver", "operator", "coordinator"})
"""Roles that one coordinator alone does not grant."""


def ordered(roles: Iterable[str]) -> tuple[str, ...]:
    """Roles in their order, once each. Fault for none, for one that does not exist, for two that exclude each other."""
    wanted = set(roles)
    choice = f"choose of: {', '.join(PERSON_ROLES)}"
    if not wanted or not wanted <= set(PERSON_ROLES):
        unknown = ", ".join(sorted(wanted - set(PERSON_ROLES))) or "none"
        raise Fault(f"the roles are wrong: {unknown[:80]}", choice)
    if "auditor" in wanted and len(wanted) > 1:
        raise Fault("an auditor has no other role", "give the role auditor to a person of its own")
    if AGENCY_READER in wanted and len(wanted) > 1:
        raise Fault("who reads for an agency has no other role", "give other roles to people of the focal point")
    if "operator" in wanted and wanted & {"author", "approver"}:
        raise Fault("an operator is neither author nor approver", "give these roles to another person")
    return tuple(role for role in PERSON_ROLES if role in wanted)


def check_of_agency(roles: Collection[str], agency: str) -> None:
    """Raise Fault unless people who read for an agency, and only they, have that role; "" is our focal point."""
    if (AGENCY_READER in roles) is not bool(agency):
        raise Fault(
            "the role agency and the name of an agency go together", "give both to a person of an agency, else neither"
        )


def is_confirmation_required(before: Collection[str], after: Collection[str]) -> bool:
    """Whether the change grants a role that a second coordinator has to confirm."""
    return bool((set(after) - set(before)) & CONFIRMED)
