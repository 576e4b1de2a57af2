"""Keep a new version of the protocol, and put it in force at sites from their approval."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.record import record
from randomization.blinded.sites.labelling import check_labels_of
from randomization.blinded.sites.models import Approval, ProtocolVersion, Site
from randomization.blinded.sites.selectors import protocol_by_hash, protocol_of
from randomization.shared import clock
from randomization.shared.actor import Actor
from randomization.shared.errors import NotFound, Refused
from randomization.shared.protocol import Protocol, parse_protocol
from randomization.shared.protocol.syringes import changed_syringes
from randomization.shared.sentences import sentence as _
from randomization.shared.service import current_scope, service


@service
def register_protocol(*, actor: Actor, text: str) -> ProtocolVersion:
    """Keep one version; the same text again is the same version.

    Raises ConfigurationError for a bad file, Refused where the version exists with another text.
    """
    check_can(actor, Permission.SITE_MANAGE)
    protocol = parse_protocol(text)
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
            _("At %(site)s the syringes would change: %(changes)s. What they hold is fixed with the lists of the site. "
              "Keep trial, routes, volumes and strengths, or start the new version at sites that are not open yet.",
              site=site.code, changes="; ".join(map(str, changed))), code="syringes_changed",
        )  # fmt: skip


@service
def approve_protocol(*, actor: Actor, version: str, site_codes: Sequence[str]) -> None:
    """Put a version in force at sites from now.

    Raises NotFound for an unknown version or site, Refused where the syringes of an open site would change,
    DocumentError where a label of a site could not be printed.
    """
    check_can(actor, Permission.SITE_MANAGE)
    alias = current_scope().alias
    protocol = ProtocolVersion.objects.using(alias).filter(version=version).first()
    if protocol is None:
        raise NotFound(_("Protocol version %(version)s is not kept: load it first.", version=version))
    known = {site.code: site for site in Site.objects.using(alias).filter(code__in=site_codes)}
    for code in site_codes:
        if code not in known:
            raise NotFound(_("There is no site %(code)s.", code=code))
        _check_same_syringes(known[code], protocol_by_hash(protocol.sha256))
        approval, made = Approval.objects.using(alias).get_or_create(
            site_id=code, protocol=protocol, defaults={"in_force_from": clock.now()}
        )
        if made:
            check_labels_of(known[code], protocol_by_hash(protocol.sha256))
            Site.objects.using(alias).filter(code=code).update(protocol=protocol)
            record(
                actor=actor, action="protocol.approve", subject=code, stream=code,
                data={"version": version, "from": clock.stamp(approval.in_force_from)},
            )  # fmt: skip
