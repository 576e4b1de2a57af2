"""Plan and protocol compared where both can be read: at loading, when lists are made, before a syringe is prepared."""

from __future__ import annotations

from uuid import UUID

from randomization.blinded.sites.for_unblinded import protocol_of_trial, protocols_in_force
from randomization.shared.errors import Refused
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _
from randomization.unblinded.lists.agreement import check_agreement, differences
from randomization.unblinded.lists.models import SealedSlot
from randomization.unblinded.lists.plan import Plan, plan_of


def check_new_plan(plan: Plan, *, name: str) -> None:
    """Refuse a plan that no protocol in force agrees with; before the first approval, the one loaded last is asked.

    Raises ConfigurationError, also for a plan that contradicts itself. Where no protocol is kept yet, lists and
    preparations are the first to compare the two.
    """
    versions = {f"in force at {', '.join(codes)}": protocol for protocol, codes in protocols_in_force()}
    latest = protocol_of_trial()
    if not versions and latest is not None:
        versions = {"loaded, in force nowhere yet": latest}
    check_agreement(plan, versions, plan_name=name)


def check_sites_agree(plan: Plan, site_codes: list[str]) -> None:
    """Refuse to make lists for sites whose protocol in force disagrees with the plan. Raises ConfigurationError."""
    for protocol, codes in protocols_in_force():
        wanted = [code for code in codes if code in site_codes]
        if wanted:
            where = f"in force at {', '.join(wanted)}"
            check_agreement(plan, {where: protocol}, plan_name=f"plan version {plan.version}")


def check_syringes_agree(slot_uid: UUID, protocol: Protocol) -> None:
    """Refuse to prepare or print where the plan of a kit's list and the protocol that labels it disagree.

    The whole plan is compared before anything is opened, so a refusal comes in every arm alike. An unknown slot is
    left to the code that opens it. Raises Refused, code `plan_and_protocol`.
    """
    text = SealedSlot.objects.filter(uid=slot_uid).values_list("list__plan__text", flat=True).first()
    if text is None:
        return
    plan = plan_of(text)
    disagreement = differences(plan, protocol, plan_name=f"plan version {plan.version}")
    if disagreement:
        raise Refused(
            _(
                "The instruction and the label would disagree: %(differences)s. Nothing may be prepared for this kit: "
                "call the trial manager and the statistician, who correct plan or protocol.",
                differences="; ".join(map(str, disagreement)),
            ),
            code="plan_and_protocol",
        )
