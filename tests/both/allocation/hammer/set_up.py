"""Set up sites and eligible participants: `set_up.py SITES PATIENTS LENGTH [quick]`; prints their numbers.

quick: the verdicts come as messages without a laboratory, and signatures as grants without a password: enough to
randomise, and three times as fast.
"""

from __future__ import annotations

import sys

import django

django.setup()

from immunosep_site.demonstration import play  # noqa: E402
from immunosep_site.demonstration.fixtures import FIXTURES  # noqa: E402
from immunosep_site.demonstration.small_trial import set_up  # noqa: E402
from randomization.accounts.roles import Role  # noqa: E402
from randomization.audit.record import record  # noqa: E402
from randomization.blinded.screening.selectors import find_participant  # noqa: E402
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility, confirm_eligibility  # noqa: E402
from randomization.blinded.sites.site_file import load_sites  # noqa: E402
from randomization.hatch.messages import LaboratoryVerdict  # noqa: E402
from randomization.hatch.send import send  # noqa: E402
from randomization.shared.actor import SYSTEM, Actor  # noqa: E402
from randomization.shared.entropy import new_uid  # noqa: E402
from randomization.shared.service import Side, on_side, service  # noqa: E402
from randomization.signatures.services.sign import give_grant  # noqa: E402


@service
def _verdicts(*, actor: Actor, numbers: list[str]) -> None:
    for number in numbers:
        with on_side(Side.BLINDED):
            sample = find_participant(SYSTEM, number).sample
        assert sample is not None
        send(LaboratoryVerdict(sample.uid, new_uid(), "eligible", False, None))
    record(actor=actor, action="test.verdicts", subject="hammer")


def _confirm(number: str) -> None:
    actor = play.at_site(Role.INVESTIGATOR, number[:4])
    with on_side(Side.BLINDED):
        command = ConfirmEligibility(find_participant(actor, number))
        grant = give_grant(actor=actor, command=command, trained_for="1")
        confirm_eligibility(actor=actor, number=number, grant=grant)


def main() -> None:
    """Everything but the allocation."""
    sites, patients, length = (int(word) for word in sys.argv[1:4])
    codes = [entry.code for entry in load_sites(FIXTURES / "sites.toml")][:sites]
    set_up(codes, length=length)
    cases = [
        play.Case(codes[order % sites], sex=("female", "male")[order % 2], year_of_birth=1920 + order // 2 % 80)
        for order in range(patients)
    ]
    numbers = [play.screen(case).number for case in cases]
    if "quick" in sys.argv:
        _verdicts(actor=SYSTEM, numbers=numbers)
        play.pass_hatch()
        for number in numbers:
            _confirm(number)
    else:
        for number, case in zip(numbers, cases, strict=True):
            play.measure(number, case)
        play.pass_hatch()
        for number in numbers:
            assert play.confirm(number, number[:4])
    print("\n".join(numbers))


main()
