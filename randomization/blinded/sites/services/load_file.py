"""Load a file of sites or a protocol: all of it in one transaction, or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from randomization.blinded.sites.models import ProtocolVersion
from randomization.blinded.sites.selectors import protocol_to_start_with
from randomization.blinded.sites.services.register_protocol import register_protocol, start_protocol
from randomization.blinded.sites.services.register_sites import register_sites
from randomization.blinded.sites.site_file import SiteEntry
from randomization.shared.actor import Actor
from randomization.shared.service import service


@service
def load_site_file(*, actor: Actor, entries: Sequence[SiteEntry]) -> tuple[ProtocolVersion | None, list[str]]:
    """Register sites, and start those that have no protocol; the version they start with, and where it is in force now.

    Raises as `register_sites` and `start_protocol`: then nothing of the file is kept.
    """
    register_sites(actor=actor, entries=entries)
    version = protocol_to_start_with()
    codes = [entry.code for entry in entries]
    return version, start_protocol(actor=actor, protocol=version, site_codes=codes) if version else []


@service
def load_protocol_file(*, actor: Actor, text: str, name: str) -> tuple[ProtocolVersion, list[str]]:
    """Keep a version, and start the sites that have none; the version, and the sites that start with it.

    name: of the file, for messages. Raises as `register_protocol` and `start_protocol`: then the version is not kept.
    """
    version = register_protocol(actor=actor, text=text, name=name)
    return version, start_protocol(actor=actor, protocol=version)
