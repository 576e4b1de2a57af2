"""Keep a version of the allocation plan."""

from __future__ import annotations

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import Refused
from randomization.shared.service import service
from randomization.unblinded.lists.models import PlanVersion
from randomization.unblinded.lists.plan import Plan, parse_plan, plan_of
from randomization.unblinded.lists.plan_and_protocol import check_new_plan


def _check_articles(existing: PlanVersion, plan: Plan) -> None:
    """A kept plan is never changed: article numbers that the file gained would be lost without a word."""
    kept = plan_of(existing.text).products
    more = [gtin for code, product in plan.products.items() for gtin in product.gtins if gtin not in kept[code].gtins]
    if more:
        raise Refused(
            f"Plan version {plan.version} is already kept without the article numbers {', '.join(more)}: the pharmacy "
            "adds them at its stock, or give the plan a new version.",
            code="version_exists",
        )


@service
def register_plan(*, actor: Actor, text: str, name: str = "plan") -> PlanVersion:
    """Keep one version; the same plan again is the same version.

    name: of the file, for messages. Raises ConfigurationError for a bad file and for a plan that disagrees with the
    protocol in force, Refused where the version exists with another content.
    """
    check_can(actor, Permission.LIST_GENERATE)
    plan = parse_plan(text, name=name)
    existing = PlanVersion.objects.filter(version=plan.version).first()
    if existing is not None:
        if existing.plan_hash == plan.plan_hash:
            _check_articles(existing, plan)
            return existing
        raise Refused(
            f"Plan version {plan.version} is already kept with another content: give the change a new version.",
            code="version_exists",
        )
    check_new_plan(plan, name=name)
    plan_version = PlanVersion.objects.create(
        version=plan.version, text=text, plan_hash=plan.plan_hash, loaded_at=clock.now()
    )
    record(actor=actor, action="plan.register", subject=str(plan.version), data={"plan_hash": plan.plan_hash})
    return plan_version
