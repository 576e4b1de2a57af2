"""Every name and e-mail used above is reserved below, whichever way the account was made; all the ways are walked."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from immunosep_site.demonstration import cast, play
from randomization.accounts.models import Account, Membership, UserName
from randomization.accounts.roles import Role
from randomization.accounts.services.appoint import Delegation, appoint
from randomization.notices.models import Entry
from randomization.shared import clock
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import Refused
from randomization.shared.service import Side, on_side
from randomization.unblinded.people.services.appoint_by_two import confirm, propose
from randomization.unblinded.people.services.reserve_below import not_reserved
from tests.conftest import tampering

ROOT = Path(__file__).parents[3]


def sent(user_name: str) -> int:
    payloads = Entry.objects.using("default").filter(kind="UserNameReserved").values_list("payload", flat=True)
    return sum(json.loads(payload)["user_name"] == user_name for payload in payloads)


def _nobody_yet() -> None:
    with tampering():
        Membership.objects.using("default").filter(role=Role.STATISTICIAN).update(ends_at=clock.now())


def _by_command(name: str, tmp_path: Path) -> None:
    _nobody_yet()
    secret = tmp_path / "secret"
    secret.write_text("a first password of 30 letters", encoding="utf-8")
    words = ("--user-name", name, "--email", f"{name}@example.org", "--password-file", str(secret))
    call_command("appoint_first", *words)


def _by_the_system(name: str, _tmp_path: Path) -> None:
    with on_side(Side.UNBLINDED):
        appoint(actor=SYSTEM, delegation=_delegation(name), password=cast.PASSWORD)


def _by_two(name: str, _tmp_path: Path) -> None:
    proposal = propose(actor=cast.STATISTICIAN, delegation=_delegation(name), password=cast.PASSWORD)
    confirm(actor=cast.SECOND_STATISTICIAN, proposal_id=str(proposal.id))


def _delegation(name: str, role: Role = Role.STATISTICIAN) -> Delegation:
    return Delegation(name, f"{name}@example.org", role, "", delegated_by="sponsor", trained_for="1")


WAYS = (_by_command, _by_the_system, _by_two)


def _below(user_name: str, email: str) -> str:
    with on_side(Side.BLINDED), pytest.raises(Refused) as refusal:
        appoint(
            actor=cast.MANAGER,
            password=cast.PASSWORD,
            delegation=Delegation(user_name, email, Role.AUDITOR, "", delegated_by="sponsor"),
        )
    return refusal.value.code


@pytest.mark.requirement("R11", "R32")
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nobody_made_above_can_be_appointed_below(trial: None, tmp_path: Path, way: Callable[..., None]) -> None:
    way("somebody.new", tmp_path)
    play.pass_hatch()
    assert sent("somebody.new") == 1
    assert UserName.objects.using("blinded").get(name="somebody.new").reserved
    assert _below("somebody.new", "other@example.org") == "name_taken"
    assert _below("somebody.else", "Somebody.New@example.org") == "name_taken"
    play.pass_hatch()
    assert sent("somebody.new") == 1, "once"


def test_the_ways_walked_are_all_there_are() -> None:
    """One function makes accounts, and three services and commands call it above."""
    makers, callers = set(), set()
    for path in (
        *ROOT.glob("randomization/**/*.py"),
        *ROOT.glob("pharmacy/**/*.py"),
        *ROOT.glob("immunosep_site/**/*.py"),
    ):
        if "migrations" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                if called.startswith("Account") and called.endswith(
                    ("create", "bulk_create", "get_or_create", "Account")
                ):
                    makers.add(path.relative_to(ROOT).as_posix())
                if called in {"appoint", "appoint.appoint", "confirm_delegation", "appoint.confirm_delegation"}:
                    callers.add(path.relative_to(ROOT).as_posix())
    assert makers == {"randomization/accounts/services/appoint.py"}
    assert callers == {
        "randomization/accounts/management/commands/appoint_first.py",
        "randomization/unblinded/people/services/appoint_by_two.py",
        "immunosep_site/demonstration/cast.py",  # as the system, and by two
        "randomization/blinded/desk/services/appoint_blinded.py",
    }


def test_everybody_of_the_trial_above_is_reserved_but_code_breakers(trial: None) -> None:
    play.pass_hatch()
    accounts = Account.objects.using("default").all()
    assert {account.user_name for account in accounts if sent(account.user_name) != 1} == {
        account.user_name for account in accounts if account.exists_below
    }
    assert sent("statistician") == 1
    assert _below("statistician", "x@example.org") == "name_taken"


def test_somebody_below_cannot_be_the_first_above(trial: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nobody is on both sides"):
        _by_command("manager", tmp_path)
    assert not Account.objects.using("default").filter(user_name="manager").exists()


def test_accounts_from_before_are_reserved_by_the_sweep(trial: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("randomization.accounts.services.appoint._on_new_account", [])
    _by_the_system("earlier.one", ROOT)
    with tampering():
        Account.objects.using("default").update(is_reserved_below=False)
    assert sent("earlier.one") == 0
    play.pass_hatch()
    assert not_reserved() == []
    assert (sent("earlier.one"), sent("statistician")) == (1, 1), "what was sent before is not sent again"
    assert _below("earlier.one", "x@example.org") == "name_taken"
