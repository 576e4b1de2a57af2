"""A code-break pack gives nothing away by its size."""

from __future__ import annotations

import pytest

from randomization.shared import clock
from randomization.unblinded.codebreak.pack import PATIENT_BYTES, seal_pack
from randomization.unblinded.codebreak.revealed import Syringe
from randomization.unblinded.codebreak.services.make_pack import Packed
from randomization.unblinded.vault.keyring import PrivateKey

pytestmark = pytest.mark.once


def test_the_size_of_a_pack_tells_how_many_are_in_it_and_nothing_else() -> None:
    holder = PrivateKey.generate().custodian("holder-GR01")
    patient = [
        Packed("GR01-001", "7F2QXK9S", arm, (Syringe("IV", drug, amount, None), Syringe("SC", "x", "y", clock.now())))
        for arm, drug, amount in (("PRECISION", "anakinra 100 mg/0.67 mL", "200 mg"), ("CONTROL", "saline", "20 mL"))
    ]
    size, other = (len(seal_pack("GR01", "2026-01-01", [item], holder)) for item in patient)
    assert size == other
    assert len(seal_pack("GR01", "2026-01-01", patient, holder)) == size + PATIENT_BYTES + 1
