"""A site with patients at every step, for the browser: prints their numbers by what they are for, and their kits."""

from __future__ import annotations

import json

import django

django.setup()

from immunosep_site.demonstration import play  # noqa: E402
from tests.simulator import set_up  # noqa: E402

SITE = "GR01"


def main() -> None:
    """Three are randomised, three eligible."""
    set_up([SITE], length=12)
    case, told = play.Case(SITE), {}
    for name in ("treated", "broken", "told", "waiting", "drafted", "coming"):
        number = play.screen(case).number
        play.measure(number, case)
        play.pass_hatch()
        assert play.confirm(number, SITE)
        told[name] = number
    kits = {told[name]: play.randomise(told[name], case).kit_code for name in ("treated", "broken", "told")}
    print(json.dumps({**told, "kits": kits}))


main()
