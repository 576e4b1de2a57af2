"""The protocol's text, and which version is in force where."""

from __future__ import annotations

from immunosep_site.demonstration.fixtures import FIXTURES
from randomization.blinded.sites.models import Site

TEXT = (FIXTURES / "protocol.toml").read_text(encoding="utf-8")


def in_force() -> dict[str, str]:
    return {
        site.code: site.protocol.version if site.protocol else "" for site in Site.objects.select_related("protocol")
    }
