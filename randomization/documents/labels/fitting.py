"""Whether every label of a site can be printed: each route and level, syringe and outer bag, PDF and ZPL.

Tried when sites are loaded, when a protocol comes in force and in the self-check, so that no label is refused at night.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from randomization.documents.labels.sheet import Sheet, labels_pdf, labels_zpl
from randomization.documents.labels.text import LabelSite, LabelSubject
from randomization.documents.pdf import DocumentError
from randomization.shared.errors import InvalidInput
from randomization.shared.protocol import Protocol
from randomization.shared.sentences import sentence as _

WIDEST_CODE: Final = "WMWMWMWM"
WIDEST_NUMBER: Final = "0888"
WIDEST_TIME: Final = datetime(2028, 8, 28, 20, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LabelFault:
    """One label that cannot be printed: which, at which level, the key to blame, and what the engine says."""

    label: str
    level: str
    key: str
    sentence: str


def every_subject(site_code: str, protocol: Protocol) -> Iterator[LabelSubject]:
    """The widest label of each route and level, and the one of an envelope, with room to write by hand."""
    for route in protocol.regimen.routes:
        for reduced in (False, True):
            subject = LabelSubject(
                f"{site_code}-{WIDEST_NUMBER}",
                WIDEST_CODE,
                route.code,
                route.doses,
                WIDEST_CODE,
                WIDEST_TIME,
                WIDEST_TIME,
                reduced,
            )
            yield subject
            yield replace(subject, participant_number="", planned_at=None, use_before=None)


def _level(subject: LabelSubject) -> str:
    level = "reduced dose" if subject.reduced else "full dose"
    return level if subject.planned_at else f"{level} from an envelope"


def _refusal(subject: LabelSubject, site: LabelSite, protocol: Protocol, sheet: Sheet) -> str:
    """Why one label cannot be printed; empty where it can."""
    try:
        labels_pdf([subject], site, protocol, at=WIDEST_TIME, sheet=sheet)
    except (DocumentError, InvalidInput) as error:
        return error.sentence
    return ""


def _blamed(subject: LabelSubject, site: LabelSite, protocol: Protocol, sheet: Sheet) -> str:
    """The key of the sites file without whose text the label could be printed; else the protocol's words."""
    contacts = ["contact_full", "contact"] if sheet.kind == "bag" and site.contact_full else ["contact", "contact_full"]
    for key in (*contacts, "investigator"):
        if getattr(site, key) and not _refusal(subject, replace(site, **{key: "-"}), protocol, sheet):
            return key
    return f"protocol {protocol.version}, label_words.{site.language}"


def label_faults(site: LabelSite, protocol: Protocol) -> list[LabelFault]:
    """Every label of the site that cannot be printed; none where all can: as PDF and as ZPL, of envelopes as PDF."""
    subjects = list(every_subject(site.code, protocol))
    try:
        labels_zpl([subject for subject in subjects if subject.planned_at], site, protocol, at=WIDEST_TIME)
        labels_pdf([subject for subject in subjects if not subject.planned_at], site, protocol, at=WIDEST_TIME)
    except (DocumentError, InvalidInput):
        pass
    else:
        return []
    faults = []
    for subject in subjects:
        for kind, sheet in (("syringe", Sheet(subject.route)), ("outer bag", Sheet("bag"))):
            refusal = _refusal(subject, site, protocol, sheet)
            if refusal:
                key = _blamed(subject, site, protocol, sheet)
                faults.append(LabelFault(f"{kind} {subject.route}", _level(subject), key, refusal))
    return faults


def _listed(faults: Sequence[LabelFault]) -> Iterator[str]:
    """A sentence for each key to blame, with all its labels and levels."""
    for key in dict.fromkeys(fault.key for fault in faults):
        blamed = [fault for fault in faults if fault.key == key]
        labels = [
            f"{label} ({', '.join(fault.level for fault in blamed if fault.label == label)})"
            for label in dict.fromkeys(fault.label for fault in blamed)
        ]
        yield f"{key}, on {'; '.join(labels)}. {blamed[0].sentence}"


def check_labels(site: LabelSite, protocol: Protocol) -> int:
    """How many labels were rendered, syringe and outer bag of each.

    Raises DocumentError, code `label_text`, that names the site, the labels and the key of each text to blame.
    """
    faults = label_faults(site, protocol)
    if not faults:
        return 2 * len(list(every_subject(site.code, protocol)))
    raise DocumentError(
        _("A label of %(site)s cannot be printed: %(faults)s", site=site.code, faults=" ".join(_listed(faults))),
        code="label_text",
        field=faults[0].key,
    )
