"""Reads of sites and protocol versions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet

from randomization.blinded.sites.gates import SiteFacts
from randomization.blinded.sites.models import Approval, Duty, ProtocolVersion, SelfCheck, Site
from randomization.shared import clock
from randomization.shared.actor import SITE_LENGTH, Actor
from randomization.shared.errors import ConfigurationError, InvalidInput, NotFound
from randomization.shared.protocol import Protocol, parse_protocol
from randomization.shared.reach import within
from randomization.shared.read_once import read_once
from randomization.shared.sentences import sentence as _


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who is called at a site now."""

    investigator: str
    preparer: str
    checker: str
    telephone: str


@lru_cache(maxsize=16)
def _kept(sha256: str) -> Protocol:
    """A version by the hash of its text: content never changes under a hash, so it is read once a process."""
    return parse_protocol(ProtocolVersion.objects.filter(sha256=sha256).values_list("text", flat=True)[0])


def _of(sha256: str | None, site_code: str) -> Protocol:
    if sha256 is None:
        raise ConfigurationError(f"No protocol version is approved at {site_code}: load one and approve it there.")
    return _kept(sha256)


def protocol_of(site: Site) -> Protocol:
    """The version in force at a site; raises ConfigurationError where none is approved."""
    return _of(site.protocol_id, site.code)


def protocol_by_hash(sha256: str) -> Protocol:
    """A version by the hash of its text, in force or not any more."""
    return _kept(sha256)


def sites_for(actor: Actor) -> QuerySet[Site]:
    """The sites within the actor's reach, by code."""
    return within(Site.objects.order_by("code"), actor, "code")


@read_once
def site(actor: Actor, code: str) -> Site:
    """One site; raises NotFound where it does not exist or is out of reach."""
    reachable_site = sites_for(actor).filter(code=code).first()
    if reachable_site is None:
        raise NotFound()
    return reachable_site


def check_site_exists(code: str) -> None:
    """Raise InvalidInput where a reach names a site that is not registered."""
    if len(code) == SITE_LENGTH and not Site.objects.filter(code=code).exists():
        raise InvalidInput(_("There is no site %(code)s.", code=code), field="reach")


def protocol_in_force(site_code: str) -> Protocol:
    """As `protocol_of`, by the code of the site."""
    return _of(Site.objects.filter(code=site_code).values_list("protocol__sha256", flat=True).first(), site_code)


def protocol_to_start_with() -> ProtocolVersion | None:
    """The version a new site starts with: the newest in force anywhere, before the first the one loaded last."""
    newest_first = ProtocolVersion.objects.order_by("-loaded_at", "-id")
    return newest_first.filter(site__isnull=False).first() or newest_first.first()


def _holds(duty: Duty, day: int, hour: str) -> bool:
    """Whether a line of the duty table holds at an hour of a day; one that ends before it starts goes past midnight."""
    days = duty.days.split(",")
    if duty.starts < duty.ends:
        return str(day) in days and duty.starts <= hour < duty.ends
    yesterday = str((day - 1) % 7)
    return (str(day) in days and hour >= duty.starts) or (yesterday in days and hour < duty.ends)


def duty_at(actor: Actor) -> OnDuty | None:
    """Who is on duty now at the site of somebody whose reach is one site; None elsewhere."""
    return on_duty(site(actor, actor.site_code)) if actor.is_at_one_site else None


@read_once
def on_duty(site: Site) -> OnDuty | None:
    """Who is on duty at the site now, in its local time; None where the table has a hole."""
    local = clock.site_moment(clock.now(), site.time_zone)
    hour = f"{local:%H:%M}"
    for duty in site.duties.all():
        if _holds(duty, local.weekday(), hour):
            return OnDuty(duty.investigator, duty.preparer, duty.checker, duty.telephone)
    return None


def facts_of_site(site: Site) -> SiteFacts:
    """What decides whether people are randomised and treated at a site."""
    return SiteFacts(
        code=site.code,
        is_open=site.is_open,
        drill_is_done=site.drill_done_at is not None,
        messages_are_stopped=site.messages_stopped,
        may_supply=site.may_supply,
        protocol=site.protocol_id,
    )


def self_checks_of(site: Site) -> list[SelfCheck]:
    """The site's self-checks, newest first."""
    return list(SelfCheck.objects.filter(site=site).order_by("-id")[:20])


def has_passed_self_check(site: Site) -> bool:
    """Whether the last self-check found everything there."""
    last = SelfCheck.objects.filter(site=site).order_by("-id").first()
    return last is not None and last.is_passed


def duties_of(site: Site) -> list[Duty]:
    """The duty table of a site."""
    return list(site.duties.order_by("id"))


def approvals_of(site: Site) -> list[Approval]:
    """Which protocol version is in force at a site since when, newest first."""
    return list(site.approvals.select_related("protocol").order_by("-in_force_from"))


def sites_with_another_version(protocol: ProtocolVersion) -> list[str]:
    """The codes of sites at which another version than this one is in force."""
    others = Site.objects.exclude(protocol=None).exclude(protocol=protocol).order_by("code")
    return list(others.values_list("code", flat=True))


def protocol_of_trial() -> Protocol | None:
    """The newest version in force anywhere, before the first the one loaded last: for what belongs to no site."""
    protocol_version = protocol_to_start_with()
    return protocol_by_hash(protocol_version.sha256) if protocol_version else None


def has_to_know(*, stopped: bool) -> bool:
    """Whether a site does not know yet that messages from the other side are stopped, or that they go on."""
    return Site.objects.exclude(messages_stopped=stopped).exists()
