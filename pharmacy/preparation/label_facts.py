"""What of the site and the protocol stands on the labels of a preparation: kept at its opening, read at each print."""

from __future__ import annotations

import json
from dataclasses import asdict

from pharmacy.labels.text import LabelSite
from pharmacy.preparation.models import Preparation
from randomization.blinded.sites.for_unblinded import Site, label_site, protocol_by_hash, protocol_in_force, site
from randomization.shared.actor import SYSTEM
from randomization.shared.protocol import Protocol


def label_facts(place: Site) -> str:
    """JSON of the site's particulars and the hash of the protocol in force there."""
    return json.dumps({"site": asdict(label_site(place)), "protocol": place.protocol_id}, sort_keys=True)


def facts_of(preparation: Preparation) -> tuple[LabelSite, Protocol]:
    """The particulars kept with a preparation; those that hold now for one opened before they were kept."""
    if not preparation.label_facts:
        return label_site(site(SYSTEM, preparation.site_code)), protocol_in_force(preparation.site_code)
    kept = json.loads(preparation.label_facts)
    return LabelSite(**kept["site"]), protocol_by_hash(kept["protocol"])
