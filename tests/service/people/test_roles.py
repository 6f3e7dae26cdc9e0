"""Which roles one person may have, and which grant takes a second coordinator."""

import itertools

import pytest

from suar.protocol.base.errors import Fault
from suar.service.people.roles import CONFIRMED, PERSON_ROLES, check_of_agency, is_confirmation_required, ordered


def test_an_auditor_has_no_other_role() -> None:
    assert ordered(["auditor"]) == ("auditor",)
    for other in set(PERSON_ROLES) - {"auditor"}:
        with pytest.raises(Fault, match="auditor"):
            ordered(["auditor", other])


def test_who_reads_for_an_agency_has_no_other_role_and_names_it() -> None:
    assert ordered(["agency"]) == ("agency",)
    for other in set(PERSON_ROLES) - {"agency"}:
        with pytest.raises(Fault, match=r"agency|auditor"):
            ordered(["agency", other])
    check_of_agency(["agency"], "clinic")
    check_of_agency(["author", "approver"], "")
    for roles, agency in ((["agency"], ""), (["reader"], "clinic")):
        with pytest.raises(Fault, match="go together"):
            check_of_agency(roles, agency)


@pytest.mark.parametrize("other", ["author", "approver"])
def test_an_operator_neither_writes_nor_releases(other: str) -> None:
    with pytest.raises(Fault, match="operator"):
        ordered(["operator", other])


def test_every_combination_that_is_let_through_keeps_the_rules() -> None:
    for size in range(1, 4):
        for wanted in itertools.combinations(PERSON_ROLES, size):
            try:
                found = ordered(reversed(wanted))
            except Fault:
                assert ({"auditor", "agency"} & set(wanted) and size > 1) or (
                    "operator" in wanted and {"author", "approver"} & set(wanted)
                )
            else:
                assert found == wanted


@pytest.mark.parametrize("wanted", [[], ["admin"], ["author", "root"]])
def test_only_roles_that_exist(wanted: list[str]) -> None:
    with pytest.raises(Fault, match="wrong"):
        ordered(wanted)


def test_what_is_granted_is_confirmed_and_what_is_taken_is_not() -> None:
    for role in PERSON_ROLES:
        assert is_confirmation_required([], [role]) is (role in CONFIRMED)
        assert not is_confirmation_required([role], [])
        assert not is_confirmation_required([role], [role])
