"""After the hammer: each patient one slot, each slot one patient, no gap, in order, nothing half. Prints a line."""

from __future__ import annotations

import sys

import django

django.setup()

from randomization.audit.models import Event  # noqa: E402
from randomization.audit.selectors import verify_all  # noqa: E402
from randomization.blinded.allocation.models import Allocation, AllocationList  # noqa: E402
from randomization.blinded.bedside.models import Clearance, Course, Dose  # noqa: E402
from randomization.blinded.screening.models import Participant  # noqa: E402


def main() -> None:
    """Assert it all."""
    wanted = int(sys.argv[1])
    allocations = list(Allocation.objects.select_related("list", "slot"))
    assert len(allocations) == wanted, len(allocations)
    assert len({item.participant_id for item in allocations}) == wanted
    assert len({item.slot_id for item in allocations}) == wanted
    assert all(item.kit_code == item.slot.kit_code and item.position == item.slot.position for item in allocations)
    lists = list(AllocationList.objects.all())
    for entry in lists:
        used = sorted((item for item in allocations if item.list_id == entry.uid), key=lambda item: item.position)
        assert [item.position for item in used] == list(range(1, entry.next_position)), entry.version
        moments = [item.allocated_at for item in used]
        assert moments == sorted(moments)
        assert entry.state == ("exhausted" if entry.next_position > entry.length else entry.state)
    for site_code in {entry.site_id for entry in lists}:
        states = [entry.state for entry in sorted(lists, key=lambda e: e.version) if entry.site_id == site_code]
        assert states.count("open") <= 1
        assert states == sorted(states, key=["exhausted", "open", "sealed"].index), states
    assert Course.objects.count() == wanted
    assert Dose.objects.count() == wanted * 53
    assert Clearance.objects.count() == wanted
    assert Participant.objects.filter(state="allocated").count() == wanted
    assert Event.objects.filter(action="participant.allocate").count() == wanted
    assert verify_all()[1] == []
    exhausted = sum(entry.state == "exhausted" for entry in lists)
    print(f"{wanted} allocated, {exhausted} lists exhausted")


main()
