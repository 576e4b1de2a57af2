"""All that the upper side reads of sites and protocol versions.

Nothing above the line imports anything else of this package.
"""

from __future__ import annotations

from randomization.blinded.sites.models import Site
from randomization.blinded.sites.pages import OwnSitePage
from randomization.blinded.sites.selectors import (
    _kept,
    check_site_exists,
    on_duty,
    protocol_by_hash,
    protocol_in_force,
    protocol_of,
    protocol_of_trial,
    site,
    sites_for,
)
from randomization.blinded.sites.site_labels import label_site
from randomization.shared.protocol import Protocol

__all__ = [
    "OwnSitePage",
    "Site",
    "check_site_exists",
    "label_site",
    "on_duty",
    "protocol_by_hash",
    "protocol_in_force",
    "protocol_of",
    "protocol_of_trial",
    "protocols_in_force",
    "site",
    "sites_for",
]


def protocols_in_force() -> list[tuple[Protocol, list[str]]]:
    """Every version that is in force anywhere, with the codes of its sites."""
    codes: dict[str, list[str]] = {}
    for code, sha256 in Site.objects.exclude(protocol=None).order_by("code").values_list("code", "protocol__sha256"):
        codes.setdefault(sha256, []).append(code)
    return [(_kept(sha256), sites) for sha256, sites in codes.items()]
