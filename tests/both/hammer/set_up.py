"""Set up sites and many eligible participants: `set_up.py SITES PATIENTS LENGTH`; prints their numbers."""

from __future__ import annotations

import sys

import django

django.setup()


from immunosep_site.demonstration import play  # noqa: E402
from tests.simulator import FIXTURES, add_sites, cast, create_custodian_keys  # noqa: E402


def main() -> None:
    """Everything but the allocation."""
    sites, patients, length = (int(word) for word in sys.argv[1:4])
    from randomization.blinded.sites.sitefile import load_sites
    from randomization.shared.actor import SYSTEM

    codes = [entry.code for entry in load_sites(FIXTURES / "sites.toml")][:sites]
    create_custodian_keys(actor=SYSTEM)
    cast.appoint_trial_people()
    add_sites(codes, length=length)
    cases = [play.Case(codes[order % sites]) for order in range(patients)]
    numbers = [play.screen(case).number for case in cases]
    for number, case in zip(numbers, cases, strict=True):
        play.measure(number, case)
    play.pass_hatch()
    for number, case in zip(numbers, cases, strict=True):
        assert play.confirm(number, case.site_code)
        print(number)


main()
