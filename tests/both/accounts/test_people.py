"""People: nobody on both sides, unblinded people by two, names never given again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client

from immunosep_site.demonstration import cast, play
from randomization.accounts.models import Account, Membership, UserName
from randomization.accounts.roles import BLINDED_ROLES, PERMISSIONS, UNBLINDED_ROLES, Permission, Role
from randomization.accounts.services.appoint import Delegation, appoint, end_membership
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotPermitted, Refused
from randomization.shared.service import Side, on_side
from randomization.unblinded.people.services.appoint_by_two import confirm, propose
from randomization.unblinded.people.sweeps import sweep as sweep_people
from tests.conftest import tampering
from tests.permissions import client_of

ANNA = Delegation("pharmacist.new", "new@example.org", Role.PHARMACIST, "GR01")
SITE = "GR01"
BREAKER = cast.at_site(Role.CODE_BREAKER, SITE)


def below(delegation: Delegation) -> Membership:
    with on_side(Side.BLINDED):
        return appoint(actor=cast.MANAGER, delegation=delegation, password=cast.PASSWORD)


def above(delegation: Delegation) -> Membership:
    proposal = propose(actor=cast.STATISTICIAN, delegation=delegation, password=cast.PASSWORD)
    membership = confirm(actor=cast.SECOND_STATISTICIAN, proposal_id=str(proposal.id))
    play.pass_hatch()
    return membership


@pytest.mark.requirement("R12", "R31")
def test_a_name_or_e_mail_used_above_is_never_given_below(trial: None) -> None:
    above(ANNA)
    assert UserName.objects.using("blinded").get(name="pharmacist.new").reserved
    for taken in (
        Delegation("pharmacist.new", "other@example.org", Role.NURSE, "GR01"),
        Delegation("nurse.new", "new@example.org", Role.NURSE, "GR01"),
    ):
        with pytest.raises(Refused) as refusal:
            below(taken)
        assert refusal.value.code == "name_taken"


@pytest.mark.requirement("R12")
def test_who_is_below_can_only_break_codes_above_and_only_as_investigator_of_that_site(trial: None) -> None:
    for name, role, reach in (
        ("nurse.gr01", Role.PHARMACIST, "GR01"),
        ("nurse.gr01", Role.CODE_BREAKER, "GR01"),
        ("investigator.gr01", Role.PHARMACIST, "GR01"),
        ("investigator.gr01", Role.CODE_BREAKER, "GR02"),
        ("manager", Role.CODE_BREAKER, "GR01"),
        ("somebody.new", Role.CODE_BREAKER, "GR01"),
    ):
        with pytest.raises(Refused):
            above(Delegation(name, f"{name}@example.org", role, reach))
    with pytest.raises(Refused):
        above(Delegation("other.name", "nurse.gr01@example.org", Role.PHARMACIST, "GR01"))


@pytest.mark.requirement("R12")
def test_an_appointment_below_between_the_two_steps_is_noticed(trial: None) -> None:
    proposal = propose(actor=cast.STATISTICIAN, delegation=ANNA, password=cast.PASSWORD)
    below(Delegation("pharmacist.new", "new@example.org", Role.NURSE, "GR01"))
    with pytest.raises(Refused) as refusal:
        confirm(actor=cast.SECOND_STATISTICIAN, proposal_id=str(proposal.id))
    assert refusal.value.code == "both_sides"
    assert not Account.objects.filter(user_name="pharmacist.new").exists()


def test_one_person_alone_appoints_nobody_above(trial: None) -> None:
    with pytest.raises(Refused, match="by two"):
        appoint(actor=cast.STATISTICIAN, delegation=ANNA, password=cast.PASSWORD)
    proposal = propose(actor=cast.STATISTICIAN, delegation=ANNA, password=cast.PASSWORD)
    with pytest.raises(Refused, match="second person"):
        confirm(actor=cast.STATISTICIAN, proposal_id=str(proposal.id))
    with pytest.raises(NotPermitted):
        propose(actor=cast.at_site(Role.PHARMACIST, "GR01"), delegation=ANNA, password=cast.PASSWORD)


def test_the_first_people_are_appointed_once(trial: None, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(cast.PASSWORD)
    words = ["--user-name", "third", "--email", "third@example.org", "--password-file", str(file)]
    with pytest.raises(CommandError, match="people appoint people"):
        call_command("appoint_first", *words)
    with tampering():
        Membership.objects.filter(account__user_name="statistician.second").update(ends_at=clock.now())
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("appoint_first", *words[:-1], str(tmp_path / "nowhere"))
    call_command("appoint_first", *words)
    assert Membership.objects.get(account__user_name="third").role == Role.STATISTICIAN


@pytest.mark.requirement("R12")
@pytest.mark.parametrize(
    "fields",
    [
        {"side": "unblinded", "role": Role.NURSE},
        {"side": "blinded", "role": Role.PHARMACIST},
        {"side": "unblinded", "role": Role.CODE_BREAKER, "exists_below": False},
        {"side": "unblinded", "role": Role.PHARMACIST, "exists_below": True},
    ],
)
def test_the_constraints_say_the_same(trial: None, fields: dict[str, object]) -> None:
    account = Account.objects.get(user_name="pharmacist.gr01")
    with tampering(), pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(account=account, reach="GR01", starts_at=clock.now(), **fields)


def test_roles_are_of_one_side_and_nobody_enrols_who_generates() -> None:
    assert set(BLINDED_ROLES).isdisjoint(UNBLINDED_ROLES)
    assert set(BLINDED_ROLES) | set(UNBLINDED_ROLES) == set(Role) == set(PERMISSIONS)
    enrols = {Permission.ALLOCATION_CREATE, Permission.PARTICIPANT_SCREEN}
    for role, granted in PERMISSIONS.items():
        assert not (Permission.LIST_GENERATE in granted and enrols & granted), role


@pytest.mark.parametrize(
    "wrong",
    [
        Delegation("a.b", "a@example.org", Role.NURSE, "GR"),
        Delegation("a.b", "a@example.org", Role.NURSE, ""),
        Delegation("a.b", "a@example.org", Role.AUDITOR, "GR01"),
    ],
)
def test_a_wrong_reach_is_refused(trial: None, wrong: Delegation) -> None:
    with pytest.raises(InvalidInput):
        below(wrong)


def test_a_short_password_and_the_other_sides_role_are_refused(trial: None) -> None:
    with on_side(Side.BLINDED):
        with pytest.raises(InvalidInput):
            appoint(
                actor=cast.MANAGER,
                password="short",
                delegation=Delegation("a.b", "a@example.org", Role.NURSE, "GR01"),
            )
        with pytest.raises(Refused):
            appoint(actor=cast.MANAGER, delegation=ANNA, password=cast.PASSWORD)


@pytest.mark.requirement("R32")
def test_a_membership_ends_with_a_reason_and_stays_on_record(trial: None) -> None:
    with on_side(Side.BLINDED):
        membership = Membership.objects.using("blinded").get(account__user_name="nurse.gr01")
        with pytest.raises(InvalidInput):
            end_membership(actor=cast.MANAGER, membership_id=str(membership.id), reason="")
        end_membership(actor=cast.MANAGER, membership_id=str(membership.id), reason="left")
    membership.refresh_from_db()
    assert membership.ends_at is not None


@pytest.mark.requirement("R32")
def test_a_code_break_ends_with_the_investigators_role_and_memberships_above_can_be_ended(trial: None) -> None:
    with on_side(Side.BLINDED):
        below = Membership.objects.using("blinded").get(account__user_name=BREAKER.user_name, role=Role.INVESTIGATOR)
        end_membership(actor=cast.MANAGER, membership_id=str(below.pk), reason="left the site")
    sweep_people()
    assert Membership.objects.get(account__user_name=BREAKER.user_name, role=Role.CODE_BREAKER).ends_at is not None
    refused = Client().post("/log-in/", {"username": BREAKER.user_name, "password": cast.PASSWORD})
    assert (refused.status_code, b"No role of yours holds now" in refused.content) == (422, True)
    statistician = client_of(cast.STATISTICIAN)
    assert b"preparer.gr01" in statistician.get("/people/").content
    ours = Membership.objects.get(account__user_name="preparer.gr01")
    assert statistician.post(f"/people/{ours.pk}/end/", {"reason": ""}).status_code == 422
    assert statistician.post(f"/people/{ours.pk}/end/", {"reason": "left"}).status_code == 302
    other = Membership.objects.get(account__user_name="preparer.gr02")
    body = json.dumps({"reason": "left"})
    assert statistician.delete(f"/api/v1/people/{other.pk}/", body, "application/json").status_code == 204
    listed = {membership["user_name"] for membership in statistician.get("/api/v1/people/").json()}
    assert not {"preparer.gr01", "preparer.gr02", BREAKER.user_name} & listed
