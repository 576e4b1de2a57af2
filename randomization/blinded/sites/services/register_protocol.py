"""Keep a new version of the protocol, and put it in force at sites from their approval."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.sites.models import Approval, ProtocolVersion, Site
from randomization.blinded.sites.selectors import protocol_by_hash, protocol_of
from randomization.blinded.sites.site_labels import Refusals
from randomization.blinded.sites.syringes_on_the_ward import voided_by_version
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound, Refused
from randomization.shared.foreseen import Accepted, at_sites, check_accepted
from randomization.shared.protocol import Protocol, parse_protocol
from randomization.shared.protocol.syringes import changed_syringes
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope, service


@service
def register_protocol(*, actor: Actor, text: str, name: str = "protocol") -> ProtocolVersion:
    """Keep one version; the same text again is the same version.

    name: of the file, for messages. Raises ConfigurationError for a bad file, Refused where the version exists with
    another text.
    """
    check_can(actor, Permission.SITE_MANAGE)
    protocol = parse_protocol(text, name=name)
    versions = ProtocolVersion.objects.using(current_scope().alias)
    digest = sha256(text.encode()).hexdigest()
    existing = versions.filter(trial=protocol.trial, version=protocol.version).first()
    if existing is not None and existing.sha256 == digest:
        return existing
    if existing is not None:
        raise Refused(
            _(
                "Version %(version)s is already kept with another text: give the change a new version.",
                version=protocol.version,
            ),
            code="version_exists",
        )
    version = versions.create(
        trial=protocol.trial, version=protocol.version, text=text, sha256=digest, loaded_at=clock.now()
    )
    record(actor=actor, action="protocol.register", subject=protocol.version, data={"sha256": digest})
    return version


def _check_same_syringes(site: Site, new: Protocol) -> None:
    """Refuse a version that prints other syringes than the one in force where patients may be treated already.

    What a syringe holds is fixed with the lists of a site, which nobody below can read: the version in force when they
    were made says the same. Raises Refused, code `syringes_changed`.
    """
    if site.protocol_id is None or site.opened_at is None:
        return
    changed = changed_syringes(protocol_of(site), new)
    if changed:
        raise Refused(
            _(
                "At %(site)s the syringes would change: %(changes)s. What they hold is fixed with the lists of the "
                "site. Keep trial, routes, volumes and strengths, or start the new version at sites that are not "
                "open yet.",
                site=site.code,
                changes="; ".join(map(str, changed)),
            ),
            code="syringes_changed",
        )


def _version(version: str, trial: str) -> ProtocolVersion:
    kept = ProtocolVersion.objects.using(current_scope().alias).filter(version=version)
    versions = list(kept.filter(trial=trial) if trial else kept)
    if not versions:
        raise NotFound(_("Protocol version %(version)s is not kept: load it first.", version=version))
    if len(versions) > 1:
        raise Refused(
            _(
                "Version %(version)s is kept of %(trials)s: name the trial.",
                version=version,
                trials=", ".join(sorted(item.trial for item in versions)),
            ),
            code="several_trials",
        )
    return versions[0]


def _put_in_force(actor: Actor, sites: Sequence[Site], protocol: ProtocolVersion) -> None:
    refusals = Refusals()
    for site in sites:
        _put_in_force_at(actor, site, protocol, refusals)
    refusals.tell()


def _put_in_force_at(actor: Actor, site: Site, protocol: ProtocolVersion, refusals: Refusals) -> None:
    alias, content = current_scope().alias, protocol_by_hash(protocol.sha256)
    _check_same_syringes(site, content)
    if Approval.objects.using(alias).filter(site=site, protocol=protocol).exists():
        raise Refused(
            _(
                "Version %(version)s was in force at %(site)s before and was replaced: give its text a new version.",
                version=protocol.version,
                site=site.code,
            ),
            code="version_replaced",
        )
    refusals.check(site, content)
    approval = Approval.objects.using(alias).create(site=site, protocol=protocol, in_force_from=clock.now())
    Site.objects.using(alias).filter(code=site.code).update(protocol=protocol)
    record(
        actor=actor,
        action="protocol.approve",
        subject=site.code,
        stream=site.code,
        data={"version": protocol.version, "from": clock.stamp(approval.in_force_from)},
    )


@service
def approve_protocol(
    *,
    actor: Actor,
    version: str,
    site_codes: Sequence[str],
    trial: str = "",
    accepted: Accepted | None = None,
) -> list[str]:
    """Put a version in force at the sites named, from now; returns those where it was not in force before.

    trial: needed where several are kept under this version. accepted: which syringes on the wards may become void, by
    another dose level or other times; None: nobody is asked. Raises NotFound for an unknown version or site, Refused
    where the syringes of an open site would change or the version was replaced there, VoidsNotAccepted, DocumentError
    where a label of a site could not be printed; nothing is put in force anywhere then.
    """
    check_can(actor, Permission.SITE_MANAGE)
    protocol = _version(version, trial)
    sites = Site.objects.using(current_scope().alias).select_for_update().filter(code__in=site_codes).order_by("code")
    known = {site.code: site for site in sites}
    for code in site_codes:
        if code not in known:
            raise NotFound(_("There is no site %(code)s.", code=code))
    changed = [site for site in known.values() if site.protocol_id != protocol.sha256]
    content = protocol_by_hash(protocol.sha256)
    treating = [site for site in changed if site.protocol_id is not None]
    voids = [void for site in treating for void in voided_by_version(site, protocol_of(site), content)]
    _put_in_force(actor, changed, protocol)
    check_accepted(voids, accepted, at_sites)
    return [site.code for site in changed]


@service
def start_protocol(*, actor: Actor, protocol: ProtocolVersion, site_codes: Sequence[str] | None = None) -> list[str]:
    """The first version of the sites that have none (of those named, or of all); nothing changes at any other.

    Returns the sites where it is in force now. Raises DocumentError where a label of a site could not be printed.
    """
    check_can(actor, Permission.SITE_MANAGE)
    sites = Site.objects.using(current_scope().alias).select_for_update().filter(protocol=None).order_by("code")
    bare = list(sites if site_codes is None else sites.filter(code__in=site_codes))
    _put_in_force(actor, bare, protocol)
    return [site.code for site in bare]
