"""What stands on a label: Annex VI section A of Regulation 536/2014, in the site's language.

A label knows the route, level, codes and times; an arm, a class, a lot or a drug's expiry has no way in.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from randomization.shared.ids import Barcode, dose_name, show_code
from randomization.shared.protocol import Protocol, Word

BLANK: Final = "_" * 16


@dataclass(frozen=True, slots=True)
class LabelSubject:
    """One syringe, as far as its label may know it; times are UTC.

    Without participant and times, the label of an envelope for an outage: they are filled in by hand.
    """

    participant_number: str
    kit_code: str
    route: str
    number: int
    pack_code: str
    planned_at: datetime | None
    use_before: datetime | None
    reduced: bool


@dataclass(frozen=True, slots=True)
class LabelSite:
    """What of the site stands on its labels.

    contact: short, for the syringe; contact_full: name, address and telephone for the outer bag (Annex VI A.1(a)), the
    short one where it is empty.
    """

    code: str
    time_zone: str
    language: str
    contact: str
    investigator: str
    contact_full: str = ""


def shown_time(moment: datetime | None, zone: str) -> str:
    """Unambiguous: date, hour and UTC offset, `2026-03-01 14:30 +02:00`; room to write it where there is none."""
    if moment is None:
        return BLANK
    local = moment.astimezone(ZoneInfo(zone))
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M} {offset[:3]}:{offset[3:]}"


def _strength(subject: LabelSubject, protocol: Protocol, words: Mapping[str, Word]) -> str:
    route = protocol.regimen.route(subject.route)
    drug = route.reduced_strength if subject.reduced else route.strength
    text = f"{drug} {words['or_placebo'].text}"
    return f"{text} ({words['reduced_dose'].text})" if subject.reduced else text


def label_fields(subject: LabelSubject, site: LabelSite, protocol: Protocol) -> dict[str, Any]:
    """Every text of one label by name, as the template takes it, and the barcode's content."""
    words = protocol.label_words[site.language]
    route = protocol.regimen.route(subject.route)

    def named(key: str, value: str) -> str:
        return f"{words[key].text} {value}"

    return {
        "id": f"{subject.kit_code} {dose_name(subject.route, subject.number)}",
        "route_code": subject.route,
        "route": words[f"route_{subject.route}"].text,
        "strength": _strength(subject, protocol, words),
        "volume": named("volume", f"{route.volume_ml.normalize():f} mL"),
        "units": words["units"].text,
        "trial": named("trial", f"{protocol.trial} {protocol.reference}"),
        "trial_short": f"{protocol.trial} {protocol.reference}",
        "site": named("site", site.code),
        "investigator": named("investigator", site.investigator),
        "sponsor": named("sponsor", protocol.sponsor),
        "contact": f"{words['contact'].text}: {site.contact_full or site.contact}",
        "contact_short": site.contact,
        "patient": named("patient", subject.participant_number or "_" * 8),
        "kit": named("kit", show_code(subject.kit_code)),
        "dose": named("dose", dose_name(subject.route, subject.number)),
        "code": named("code", show_code(subject.pack_code)),
        "planned": f"{words['planned'].text} {shown_time(subject.planned_at, site.time_zone)}",
        "use_before": f"{words['use_before'].text} {shown_time(subject.use_before, site.time_zone)}",
        "trial_use": words["clinical_trial_use"].text,
        "directions": words["directions"].text,
        "storage": words["store_refrigerated"].text,
        "children": words["keep_out_of_reach"].text if protocol.keep_out_of_reach else "",
        "barcode": str(Barcode(subject.kit_code, subject.route, subject.number, subject.pack_code)),
    }
