"""Remember what is seen of the blinded side."""

from __future__ import annotations

from collections.abc import Collection

from randomization.audit.record import record
from randomization.blinded.allocation.for_unblinded import AllocationList
from randomization.hatch.models import InboxMessage
from randomization.notices.models import Channel
from randomization.notices.selectors import signed_after
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.service import service
from randomization.unblinded.witness.comparison import Binding, Heads
from randomization.unblinded.witness.models import SeenHead, SeenKit, SeenList, SeenMessage
from randomization.unblinded.witness.selectors import check_kit


@service
def note_kits(*, actor: Actor, kits: Collection[Binding]) -> None:
    """Keep to whom these kits are binding, for good. A kit or participant that is kept already is left as it is."""
    kept = set(SeenKit.objects.values_list("kit_code", flat=True))
    people = set(SeenKit.objects.values_list("participant_uid", flat=True))
    new = [kit for kit in kits if kit.kit_code not in kept and kit.participant_uid not in people]
    if not new:
        return
    SeenKit.objects.bulk_create(
        [
            SeenKit(
                kit_code=kit.kit_code,
                participant_uid=kit.participant_uid,
                participant_number=kit.participant_number,
                site_code=kit.site_code,
                seen_at=clock.now(),
            )
            for kit in new
        ],
        ignore_conflicts=True,
    )
    record(actor=actor, action="witness.kits", subject="kits", data={"kits": sorted(kit.kit_code for kit in new)})


@service
def see_kit(*, actor: Actor, binding: Binding) -> None:
    """Before anything is prepared for it: raises Refused (kit_of_another) where the kit was seen binding otherwise."""
    if not check_kit(kit_code=binding.kit_code, participant_uid=binding.participant_uid):
        note_kits(actor=actor, kits=[binding])
        check_kit(kit_code=binding.kit_code, participant_uid=binding.participant_uid)


@service
def note_heads(*, actor: Actor, heads: Heads) -> None:
    """Keep heads, positions and the last message as they are now, after they were compared with what was kept."""
    now = clock.now()
    for name, (seq, digest) in heads.items():
        SeenHead.objects.update_or_create(stream=name, defaults={"seq": seq, "hash": digest, "seen_at": now})
    for uid, site_code, position in AllocationList.objects.values_list("uid", "site_id", "next_position"):
        SeenList.objects.update_or_create(list_uid=uid, defaults={"site_code": site_code, "next_position": position})
    last = _last_arrived()
    if last is not None:
        SeenMessage.objects.update_or_create(id=1, defaults={"number": last.number, "signature": last.signature})
    record(
        actor=actor,
        action="witness.heads",
        subject="heads",
        data={
            "streams": {name: seq for name, (seq, _digest) in sorted(heads.items())},
            "message": last.number if last else 0,
        },
    )


def _last_arrived() -> InboxMessage | None:
    """The last row of the inbox that this side signed; the newest fifty are looked at."""
    seen = SeenMessage.objects.filter(id=1).values_list("number", flat=True).first() or 0
    sent = signed_after(Channel.HATCH, max(0, seen - 1))
    rows = InboxMessage.objects.filter(number__lte=max(sent, default=0)).order_by("-number")[:50]
    return next((row for row in rows if row.number in sent and sent[row.number][1] == row.signature), None)
