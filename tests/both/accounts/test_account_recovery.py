"""Who lost password or telephone is let in again: by the manager below the line, by two people above it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

from immunosep_site.demonstration import cast
from immunosep_site.demonstration.password import PASSWORD
from randomization.accounts.models import Account, AccountRecovery, ApiToken, Membership, SecondFactor
from randomization.accounts.roles import Role
from randomization.accounts.selectors import addressees
from randomization.accounts.services.appoint import end_membership
from randomization.accounts.services.change_password import change_password
from randomization.accounts.services.recover_account import ask_recovery, recover_account, refuse_recovery
from randomization.audit.models import Event, FreeText
from randomization.blinded.desk.services.recover_blinded_account import recover_blinded_account
from randomization.delivery.totp import new_sealed
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.errors import InvalidInput, NotFound, NotPermitted, Refused
from randomization.shared.service import Side, on_side
from randomization.unblinded.people.services.recover_by_two import confirm_and_tell
from tests.conftest import tampering
from tests.permissions import client_of

pytestmark = pytest.mark.once

BREAKER = cast.at_site(Role.CODE_BREAKER, "GR01")
NURSE = cast.at_site(Role.NURSE, "GR01")
NEW = "a new first password"
ASKED = {"reason": "new telephone, called back", "password": NEW}


def account(user_name: str, alias: str = "default") -> Account:
    return Account.objects.using(alias).get(user_name=user_name)


def logs_in(user_name: str, password: str) -> bool:
    return Client().post("/log-in/", {"username": user_name, "password": password}).headers.get("Location") == "/"


@pytest.mark.requirement("R33")
def test_above_it_takes_two_and_both_secrets_are_new(trial: None) -> None:
    lost = account(BREAKER.user_name)
    with tampering():
        SecondFactor.objects.create(account=lost, sealed=new_sealed(), confirmed_at=clock.now())
    ask_recovery(actor=cast.STATISTICIAN, user_name=BREAKER.user_name, **ASKED)
    asked = ask_recovery(actor=cast.STATISTICIAN, user_name=f" {BREAKER.user_name.upper()}", **ASKED)
    assert AccountRecovery.objects.count() == 1
    assert not logs_in(BREAKER.user_name, NEW)
    with pytest.raises(Refused, match="second person"):
        confirm_and_tell(actor=cast.STATISTICIAN, recovery_id=str(asked.id))
    confirm_and_tell(actor=cast.SECOND_STATISTICIAN, recovery_id=str(asked.id))
    assert logs_in(BREAKER.user_name, NEW)
    assert not logs_in(BREAKER.user_name, PASSWORD)
    assert not SecondFactor.objects.exists()
    assert not account(BREAKER.user_name).password_is_own
    assert AccountRecovery.objects.get().password == ""
    said = json.loads(Event.objects.get(action="person.readmit").data)
    assert said == {"second_factor_ended": True, "request": str(asked.id), "asked_by": cast.STATISTICIAN.user_name}
    entry = Entry.objects.get(kind="readmitted")
    assert (entry.site_code, BREAKER.user_name in entry.payload) == ("", True)
    with pytest.raises(NotFound):
        confirm_and_tell(actor=cast.SECOND_STATISTICIAN, recovery_id=str(asked.id))


def test_a_session_and_a_token_end_with_the_old_password(trial: None) -> None:
    client = client_of(BREAKER)
    credentials = {"user_name": BREAKER.user_name, "password": PASSWORD}
    assert Client().post("/api/v1/tokens/", credentials, content_type="application/json").status_code == 201
    asked = ask_recovery(actor=cast.STATISTICIAN, user_name=BREAKER.user_name, **ASKED)
    confirm_and_tell(actor=cast.SECOND_STATISTICIAN, recovery_id=str(asked.id))
    assert client.get("/").status_code == 302
    assert not ApiToken.objects.filter(membership__account__user_name=BREAKER.user_name).exists()


def test_what_waits_longer_than_a_day_must_be_asked_for_anew(trial: None) -> None:
    asked = ask_recovery(actor=cast.STATISTICIAN, user_name=BREAKER.user_name, **ASKED)
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False), pytest.raises(NotFound):
        confirm_and_tell(actor=cast.SECOND_STATISTICIAN, recovery_id=str(asked.id))
    assert not logs_in(BREAKER.user_name, NEW)


def test_the_database_itself_asks_for_two(trial: None) -> None:
    asked = ask_recovery(actor=cast.STATISTICIAN, user_name=BREAKER.user_name, **ASKED)
    with tampering(), pytest.raises(IntegrityError), transaction.atomic():
        AccountRecovery.objects.filter(pk=asked.pk).update(confirmed_by=cast.STATISTICIAN.user_name)


@pytest.mark.requirement("R33")
def test_below_the_manager_does_it_and_it_is_recorded_with_its_reason(trial: None) -> None:
    with on_side(Side.BLINDED):
        recover_blinded_account(actor=cast.MANAGER, user_name=NURSE.user_name, **ASKED)
    nurse = account(NURSE.user_name, "blinded")
    assert nurse.check_password(NEW)
    assert not nurse.password_is_own
    events = Event.objects.using("blinded").filter(subject=NURSE.user_name, action__startswith="person.readmit")
    assert [event.action for event in events.order_by("seq")] == ["person.readmit.why", "person.readmit"]
    assert FreeText.objects.using("blinded").filter(text=ASKED["reason"]).exists()
    assert Entry.objects.using("blinded").filter(kind="readmitted").count() == 1


def test_what_is_wrong_changes_nothing_and_says_what_to_do(trial: None) -> None:
    before = account(BREAKER.user_name).password
    for actor, name, values, error in (
        (cast.STATISTICIAN, "nobody.gr01", ASKED, NotFound),
        (cast.STATISTICIAN, cast.STATISTICIAN.user_name, ASKED, Refused),
        (cast.STATISTICIAN, BREAKER.user_name, {**ASKED, "reason": " "}, InvalidInput),
        (cast.STATISTICIAN, BREAKER.user_name, {**ASKED, "password": "short"}, InvalidInput),
        (cast.at_site(Role.PHARMACIST, "GR01"), BREAKER.user_name, ASKED, NotPermitted),
    ):
        with pytest.raises(error):
            ask_recovery(actor=actor, user_name=name, **values)
    with pytest.raises(Refused, match="takes two"):
        recover_account(actor=cast.STATISTICIAN, user_name=BREAKER.user_name, **ASKED)
    assert account(BREAKER.user_name).password == before
    asked = ask_recovery(actor=cast.STATISTICIAN, user_name=cast.SECOND_STATISTICIAN.user_name, **ASKED)
    with pytest.raises(Refused, match="themselves"):
        confirm_and_tell(actor=cast.SECOND_STATISTICIAN, recovery_id=str(asked.id))


def test_page_and_api_of_the_two(trial: None) -> None:
    first, second = client_of(cast.STATISTICIAN), client_of(cast.SECOND_STATISTICIAN)
    assert first.post("/people/readmit/", {"user_name": "nobody", **ASKED}).status_code == 404
    assert first.post("/people/readmit/", {"user_name": BREAKER.user_name, **ASKED}).status_code == 302
    page = second.get("/people/readmit/").content.decode()
    assert f"Let {BREAKER.user_name} in" in page
    assert ASKED["reason"] in page
    assert f"Let {BREAKER.user_name} in" not in first.get("/people/readmit/").content.decode()
    asked = second.get("/api/v1/people/readmissions/").json()
    assert [(row["user_name"], row["asked_by"]) for row in asked] == [(BREAKER.user_name, cast.STATISTICIAN.user_name)]
    assert second.post(f"/people/readmit/{asked[0]['id']}/confirm/").status_code == 302
    again = {"user_name": BREAKER.user_name, **ASKED}
    created = first.post("/api/v1/people/readmissions/", again, content_type="application/json")
    assert created.status_code == 201
    address = f"/api/v1/people/readmissions/{created.json()['id']}/confirmation/"
    assert first.post(address, {}, content_type="application/json").status_code == 409
    assert second.post(address, {}, content_type="application/json").status_code == 204
    assert logs_in(BREAKER.user_name, NEW)


def asked_for_the_breaker() -> str:
    return str(ask_recovery(actor=cast.STATISTICIAN, user_name=BREAKER.user_name, **ASKED).id)


def test_what_waits_ends_with_a_password_of_ones_own_a_refusal_and_the_askers_role(trial: None) -> None:
    waiting = asked_for_the_breaker()
    change_password(actor=BREAKER, old=PASSWORD, new="found again, my own")
    with pytest.raises(NotFound):
        confirm_and_tell(actor=cast.SECOND_STATISTICIAN, recovery_id=waiting)
    waiting = asked_for_the_breaker()
    refuse_recovery(actor=cast.SECOND_STATISTICIAN, recovery_id=waiting)
    with pytest.raises(NotFound):
        confirm_and_tell(actor=cast.SECOND_STATISTICIAN, recovery_id=waiting)
    waiting = asked_for_the_breaker()
    asker = Membership.objects.get(account__user_name=cast.STATISTICIAN.user_name)
    end_membership(actor=cast.SECOND_STATISTICIAN, membership_id=str(asker.id), reason="left")
    with pytest.raises(NotFound):
        confirm_and_tell(actor=cast.SECOND_STATISTICIAN, recovery_id=waiting)
    assert not logs_in(BREAKER.user_name, NEW)


def test_the_e_mail_reaches_the_person_whatever_became_of_the_role(trial: None) -> None:
    with on_side(Side.BLINDED):
        recover_blinded_account(actor=cast.MANAGER, user_name=NURSE.user_name, **ASKED)
        held = Membership.objects.using("blinded").get(account__user_name=NURSE.user_name)
        end_membership(actor=cast.MANAGER, membership_id=str(held.id), reason="left")
        entry = Entry.objects.using("blinded").get(kind="readmitted")
        to = addressees(entry.roles.split(","), entry.site_code, only=NURSE.user_name)
        assert [addressee.email for addressee in to] == [account(NURSE.user_name, "blinded").email]
        with pytest.raises(NotFound):
            recover_blinded_account(actor=cast.MANAGER, user_name=NURSE.user_name, **ASKED)


def test_half_a_log_in_and_a_lock_end_with_the_old_password(trial: None) -> None:
    with tampering():
        SecondFactor.objects.create(account=account(BREAKER.user_name), sealed=new_sealed(), confirmed_at=clock.now())
    half = Client()
    credentials = {"username": BREAKER.user_name, "password": PASSWORD}
    assert "second-step" in half.post("/log-in/", credentials).headers["Location"]
    pharmacist = cast.at_site(Role.PHARMACIST, "GR01").user_name
    for _turn in range(5):
        logs_in(pharmacist, "wrong")
    for name in (BREAKER.user_name, pharmacist):
        asked = ask_recovery(actor=cast.STATISTICIAN, user_name=name, **ASKED)
        confirm_and_tell(actor=cast.SECOND_STATISTICIAN, recovery_id=str(asked.id))
    assert half.post("/log-in/second-step/", {"code": "", "reason": "x"}).headers["Location"] == "/log-in/"
    assert logs_in(pharmacist, NEW)
