"""A small trial, set up through the services: three sites, everybody appointed, gates open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from immunosep_site.demonstration import cast, play
from immunosep_site.demonstration.fixtures import FIXTURES
from randomization.blinded.sites.services.register_protocol import approve_protocol, register_protocol
from randomization.blinded.sites.services.register_sites import register_sites
from randomization.blinded.sites.site_file import load_sites
from randomization.shared.actor import SYSTEM
from randomization.unblinded.lists.services.create_keys import create_custodian_keys
from randomization.unblinded.lists.services.generate_lists import generate_lists
from randomization.unblinded.lists.services.register_plan import register_plan

SITES: Final = ("GR01", "GR02", "DE01")


def register(site_codes: Sequence[str], *, protocol: str = "") -> None:
    """Sites and protocol of the blinded side."""
    text = protocol or (FIXTURES / "protocol.toml").read_text(encoding="utf-8")
    entries = [entry for entry in load_sites(FIXTURES / "sites.toml") if entry.code in site_codes]
    register_sites(actor=SYSTEM, entries=entries)
    version = register_protocol(actor=SYSTEM, text=text)
    approve_protocol(actor=SYSTEM, version=version.version, site_codes=list(site_codes))


def add_sites(site_codes: Sequence[str], *, plan: str = "", protocol: str = "", length: int = 40) -> None:
    """Sites with lists, people and open gates; from a plan and protocol of their own where given."""
    register(site_codes, protocol=protocol)
    register_plan(actor=SYSTEM, text=plan or (FIXTURES / "plan.toml").read_text(encoding="utf-8"))
    generate_lists(actor=SYSTEM, site_codes=list(site_codes), length=length)
    cast.appoint_site_people(site_codes)
    play.pass_hatch()
    for site_code in site_codes:
        play.open_gates(site_code)


def set_up(site_codes: Sequence[str] = SITES, *, length: int = 40, plan: str = "") -> None:
    """Everything before the first patient."""
    create_custodian_keys(actor=SYSTEM)
    cast.appoint_trial_people()
    add_sites(site_codes, plan=plan, length=length)
