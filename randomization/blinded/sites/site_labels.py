"""What of a site stands on its labels, and whether every one of them can be printed."""

from __future__ import annotations

from randomization.blinded.sites.models import Site
from randomization.blinded.sites.selectors import protocol_by_hash, protocol_of, protocol_to_start_with
from randomization.documents.labels.fitting import check_labels
from randomization.documents.labels.text import LabelSite
from randomization.documents.pdf import DocumentError
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import joined


def label_site(place: Site) -> LabelSite:
    """What of a site stands on its labels."""
    return LabelSite(
        place.code, place.time_zone, place.label_language, place.contact, place.investigator, place.contact_full
    )


def check_labels_of(place: Site, protocol: Protocol | None = None) -> int:
    """How many labels of the site were rendered under `protocol`; without one, under that in force or to start with.

    None is rendered before the first protocol: its approval tries them. Raises DocumentError that names site, labels
    and key.
    """
    version = protocol or _version_of(place)
    return check_labels(label_site(place), version) if version else 0


class Refusals:
    """The labels that cannot be printed at any of several sites, told at once."""

    def __init__(self) -> None:
        self._refused: list[DocumentError] = []

    def check(self, place: Site, protocol: Protocol | None = None) -> None:
        """As `check_labels_of`; a refusal is kept."""
        try:
            check_labels_of(place, protocol)
        except DocumentError as refusal:
            self._refused.append(refusal)

    def tell(self) -> None:
        """Raise DocumentError with every refusal that was kept."""
        if self._refused:
            first, sentences = self._refused[0], [refusal.sentence for refusal in self._refused]
            raise DocumentError(joined(sentences, "\n"), code=first.code, field=first.field)


def _version_of(place: Site) -> Protocol | None:
    if place.protocol_id:
        return protocol_of(place)
    first = protocol_to_start_with()
    return protocol_by_hash(first.sha256) if first else None
