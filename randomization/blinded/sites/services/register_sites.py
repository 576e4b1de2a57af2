"""Add sites or change their particulars; open and close them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import changes, record
from randomization.blinded.sites.models import Duty, Site
from randomization.blinded.sites.selectors import has_passed_self_check
from randomization.blinded.sites.site_file import SiteEntry
from randomization.blinded.sites.site_labels import Refusals
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, NotFound, Refused
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope, service

PARTICULARS = ("name", "time_zone", "label_language", "contact", "contact_full", "investigator")


def _replace_duties(site: Site, entry: SiteEntry, alias: str) -> None:
    Duty.objects.using(alias).filter(site=site).delete()
    Duty.objects.using(alias).bulk_create(
        [
            Duty(
                site=site,
                days=",".join(map(str, duty.days)),
                starts=duty.starts,
                ends=duty.ends,
                investigator=duty.investigator,
                preparer=duty.preparer,
                checker=duty.checker,
                telephone=duty.telephone,
            )
            for duty in entry.duties
        ]
    )


@service
def register_sites(*, actor: Actor, entries: Sequence[SiteEntry]) -> None:
    """Add or update sites from entries of a sites file; opens those that say so.

    Raises DocumentError that names every label that could not be printed: then no site of the file is changed.
    """
    check_can(actor, Permission.SITE_MANAGE)
    alias, refusals = current_scope().alias, Refusals()
    for entry in entries:
        site = Site.objects.using(alias).select_for_update().filter(code=entry.code).first()
        before = {key: getattr(site, key) for key in PARTICULARS} if site else {}
        after = {key: getattr(entry, key) for key in PARTICULARS}
        site = site or Site(code=entry.code)
        for key, value in after.items():
            setattr(site, key, value)
        refusals.check(site)
        if entry.opens and site.opened_at is None:
            site.opened_at = clock.now()
        site.save(using=alias)
        _replace_duties(site, entry, alias)
        data = {**changes(before, after), "duties": [asdict(duty) for duty in entry.duties], "opens": entry.opens}
        record(actor=actor, action="site.register", subject=entry.code, stream=entry.code, data=data)
    refusals.tell()


def _site(code: str) -> Site:
    site = Site.objects.using(current_scope().alias).select_for_update().filter(code=code).first()
    if site is None:
        raise NotFound(_("There is no site %(code)s.", code=code))
    return site


@service
def set_site_open(*, actor: Actor, code: str, is_open: bool, reason: str) -> None:
    """Open or close a site. Closing stops screening and allocation; treatment goes on.

    Raises Refused where a site opens for the first time without a self-check that it passed.
    """
    check_can(actor, Permission.SITE_MANAGE, site_code=code)
    if not reason.strip():
        raise InvalidInput(_("Say why the site is opened or closed."), field="reason")
    site = _site(code)
    if is_open and site.opened_at is None and not has_passed_self_check(site):
        raise Refused(
            _(
                "%(code)s has not passed its self-check yet: somebody at the site tries printer, scanner "
                "and telephone and signs it first.",
                code=code,
            ),
            code="no_self_check",
        )
    old, now = site.is_open, clock.now()
    if is_open and site.opened_at is None:
        site.opened_at = now
    site.closed_at = None if is_open else now
    site.save(update_fields=["opened_at", "closed_at"])
    record(
        actor=actor,
        action="site.open" if is_open else "site.close",
        subject=code,
        stream=code,
        data=changes({"open": old}, {"open": is_open}),
        texts={"reason": reason},
    )


@service
def set_supply(*, actor: Actor, code: str, may_supply: bool) -> None:
    """The pharmacy's one flag: may this site allocate or not."""
    site = _site(code)
    old, site.may_supply = site.may_supply, may_supply
    site.save(update_fields=["may_supply"])
    record(
        actor=actor,
        action="site.supply",
        subject=code,
        stream=code,
        data={"old": {"may_supply": old}, "new": {"may_supply": may_supply}},
    )


@service
def note_messages(*, actor: Actor, stopped: bool) -> None:
    """Whether messages from the other side are stopped, for every site: nothing is allocated meanwhile."""
    changed = list(Site.objects.select_for_update().exclude(messages_stopped=stopped).order_by("code"))
    Site.objects.filter(pk__in=[site.pk for site in changed]).update(messages_stopped=stopped)
    for site in changed:
        record(
            actor=actor,
            action="site.messages",
            subject=site.code,
            stream=site.code,
            data=changes({"stopped": not stopped}, {"stopped": stopped}),
        )


@service
def note_drill(*, actor: Actor, code: str) -> None:
    """The code break was rehearsed at this site: its gate opens (EMA computerised systems A5.2)."""
    site = _site(code)
    if site.drill_done_at is None:
        site.drill_done_at = clock.now()
        site.save(update_fields=["drill_done_at"])
    record(actor=actor, action="site.drill", subject=code, stream=code)
