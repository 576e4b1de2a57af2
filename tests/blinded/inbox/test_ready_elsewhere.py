"""What the pharmacy of another site announces is refused where the patient is not treated there."""

from __future__ import annotations

from randomization.audit.models import Event
from randomization.blinded.bedside.models import Dose
from tests.blinded.world import NUMBER, ready


def test_a_syringe_of_a_site_that_does_not_treat_the_patient_does_not_become_ready(trial: None) -> None:
    dose = Dose.objects.filter(course__participant__number=NUMBER, state="planned", route="SC").order_by("number")[0]
    ready(dose, site_code="GR02")
    dose.refresh_from_db()
    assert dose.state == "planned"
    assert Event.objects.filter(action="inbox.refused").order_by("-id")[0].data.count("transferred") == 1
