"""How much is left of the lists is told by site, and never which list it is."""

from __future__ import annotations

from randomization.blinded.allocation.models import AllocationList
from randomization.blinded.allocation.selectors import LOW_BELOW, statuses_by_list
from randomization.shared.entropy import new_uid
from tests.blinded.world import seal
from tests.conftest import tampering


def test_low_goes_by_the_sites_total_and_names_no_stratum(trial: None) -> None:
    """Of two strata of a site one is nearly used up: that must not show, nor which of them it is."""
    strata = [new_uid(), new_uid()]
    for stratum in strata:
        seal("GR02", stratum, length=20)
    for few, many in (strata, strata[::-1]):
        with tampering():
            AllocationList.objects.filter(stratum_uid=few).update(next_position=20 - LOW_BELOW + 5)
            AllocationList.objects.filter(stratum_uid=many).update(next_position=1)
        here = AllocationList.objects.filter(site_id="GR02").values_list("pk", flat=True)
        assert {statuses_by_list()[key] for key in here} == {"enough"}
    with tampering():
        AllocationList.objects.filter(site_id="GR02").update(next_position=10)
    assert {
        statuses_by_list()[allocation_list.pk] for allocation_list in AllocationList.objects.filter(site_id="GR02")
    } == {"low"}
