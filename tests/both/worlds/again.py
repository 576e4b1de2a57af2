"""What is said twice below: who somebody is, one more sample, a wrong COVID-19 answer and the verdict that follows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from immunosep_site.demonstration import cast, play
from randomization.accounts.roles import Role
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import find_participant
from randomization.blinded.screening.services.answer_identity import answer_identity
from randomization.blinded.screening.services.correct_covid19 import CorrectCovid19, correct_covid19
from randomization.blinded.screening.services.record_sample import discard_sample, draw_sample, ship_sample
from randomization.shared import clock
from randomization.shared.service import Side, on_side
from randomization.signatures.signing import sign


def _ward(site_code: str, role: Role = Role.COORDINATOR) -> play.Actor:
    return cast.at_site(role, site_code)


def further_sample(number: str) -> None:
    """A sample that was judged is followed by another, which is lost, and by a third."""
    ward, now = _ward(number[:4]), clock.now()
    with on_side(Side.BLINDED):
        draw_sample(actor=ward, number=number, drawn_at=now, covid19=False, reason="not enough blood")
        ship_sample(actor=ward, number=number, shipped_at=now)
        discard_sample(actor=ward, number=number, reason="lost by the courier")
        draw_sample(actor=ward, number=number, drawn_at=now, covid19=False, reason="lost by the courier")
        ship_sample(actor=ward, number=number, shipped_at=now)


def correct_answer(number: str) -> None:
    """The investigator corrects the answer; what follows happens by itself when messages are carried down."""
    doctor, command = _ward(number[:4], Role.INVESTIGATOR), CorrectCovid19(number, True, "swab came back")
    with on_side(Side.BLINDED):
        grant = sign(actor=doctor, secret=cast.PASSWORD, command=command)
        correct_covid19(actor=doctor, command=command, grant=grant)


def same_person(number: str) -> None:
    """Somebody was here before after all, and was not."""
    ward = _ward(number[:4])
    with on_side(Side.BLINDED):
        known = identity_of(find_participant(ward, number))
        first = known.look_alikes[0].number
        for is_same in (True, False):
            same = {look_alike.number: is_same and look_alike.number == first for look_alike in known.look_alikes}
            answer_identity(actor=ward, number=number, same=same, elsewhere=False, reason="asked the family")


def acts(number: str, case: play.Case) -> list[tuple[str, Callable[[], object]]]:
    """Each act by its name, for somebody who is in no class that is treated."""
    return [
        ("say who it is", partial(same_person, number)),
        ("one more sample", partial(further_sample, number)),
        ("measure once more", partial(play.measure, number, case)),
        ("correct the COVID-19 answer", partial(correct_answer, number)),
        ("confirm once more", partial(play.confirm, number, number[:4])),
    ]
