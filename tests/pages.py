"""Every page there is, by who reads it; a word in braces is something that the browser's set-up made.

The browser tests show each to axe; the permission tests of each side ask that none is missing here.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.urls import get_resolver, resolve

from tests.permissions import names

NOBODY_ENDS: Final = f"/people/{UUID(int=1)}/end/"
PANEL: Final = (
    "sites/site",
    "sites/duty",
    "sites/protocolversion",
    "sites/approval",
    "accounts/account",
    "accounts/membership",
    "screening/participant",
    "allocation/allocationlist",
    "audit/event",
)
LOGGED_OUT: Final = {"blinded": ("/log-in/",), "unblinded": ("/log-in/", "/told/")}
PAGES: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("blinded", "coordinator.gr01"): (
        "/",
        "/participants/",
        "/participants/new/",
        "/participants/{treated}/",
        "/participants/{waiting}/",
        "/participants/{waiting}/consent/",
        "/participants/{waiting}/eligibility/",
        "/participants/{waiting}/identity/",
        "/participants/{waiting}/sample/further/",
        "/participants/{waiting}/sample/unusable/",
        "/participants/{waiting}/sample/",
        "/participants/{waiting}/sample/correct/",
        "/participants/{waiting}/randomise/",
        "/participants/{treated}/doses/",
        "/participants/{treated}/clearance/",
        "/participants/?state=all",
        "/self-check/",
        "/tablets/",
        "/tablet/",
        "/participants/{treated}/sofa/",
        "/participants/{treated}/milestone/",
        "/participants/{waiting}/later-consent/",
        "/participants/{waiting}/withdraw/",
        "/sofa/import/",
        "/deviations/",
        "/participants/{waiting}/sepsis/",
        "/participants/{waiting}/envelope/",
        "/participants/{treated}/shift/",
        "/participants/{treated}/resume/",
        "/participants/{waiting}/sample/ship/",
        "/nowhere/",
        "/overview/",
    ),
    ("blinded", "coordinator.gr02"): (
        "/participants/",
        "/deviations/",
        "/deviations/{deviation}/",
        "/tablets/{tablet}/end/",
    ),
    ("blinded", "investigator.gr01"): (
        "/participants/{waiting}/confirm/",
        "/participants/{waiting}/covid19/",
        "/participants/{treated}/plan/",
        "/participants/{treated}/hold/",
        "/participants/{treated}/stop/",
        "/participants/{treated}/wrong/",
        "/participants/{treated}/transfer/",
    ),
    ("blinded", "nurse.gr01"): (
        "/",
        "/bedside/",
        "/bedside/handover/",
        "/bedside/compare/",
        "/bedside/transcribe/",
        "/tablets/pin/",
        "/tablets/badge/",
        "/second-step/",
        "/second-step/confirm/",
    ),
    ("blinded", "nurse.gr02"): (
        "/doses/{dose}/missed/",
        "/doses/{dose}/request/",
        "/doses/{dose}/correct/",
    ),
    ("blinded", "manager"): (
        "/overview/",
        "/overview/recruitment/",
        "/overview/flow/",
        "/alerts/",
        "/alerts/{alert}/",
        "/alerts/?past=1",
        "/people/import/",
        "/people/readmit/",
        "/people/review/",
        "/sites/",
        "/sites/GR01/",
        "/people/",
        "/password/",
        "/messages/",
        NOBODY_ENDS,
        "/audit/",
        "/audit/redact/",
        "/desk/",
        *(f"/desk/{model}/" for model in PANEL),
        "/desk/screening/participant/{treated_id}/change/",
        "/desk/screening/participant/{treated_id}/history/",
    ),
    ("unblinded", "laboratory.gr"): (
        "/laboratory/?all=1",
        "/laboratory/{sample}/receive/",
        "/laboratory/{received}/",
        "/laboratory/{received}/close/",
        "/laboratory/{received}/withdraw/",
    ),
    ("unblinded", "pharmacist.gr01"): (
        "/pharmacy/",
        "/pharmacy/supply/",
        "/pharmacy/stock/",
        "/pharmacy/stock/receive/",
        "/pharmacy/stock/lots/1/",
        "/pharmacy/stock/lots/1/count/",
        "/pharmacy/stock/lots/1/expiry/",
        "/pharmacy/stock/lots/1/write-off/",
        "/pharmacy/stock/lots/1/destruction/",
        "/pharmacy/stock/cartons/",
        "/pharmacy/stock/cartons/open/",
        "/pharmacy/stock/articles/",
        "/pharmacy/stock/lots/1/mixed/",
        "/pharmacy/stock/hold/",
        "/pharmacy/stock/excursion/",
        "/pharmacy/checks/",
        "/pharmacy/accountability/",
        "/pharmacy/accountability/GR01/",
        "/pharmacy/returns/",
        "/pharmacy/envelopes/",
        "/class-cases/",
    ),
    ("unblinded", "pharmacist.gr02"): (
        "/pharmacy/",
        "/pharmacy/stock/",
        "/pharmacy/stock/holds/{hold}/",
        "/pharmacy/stock/holds/{hold}/destruction/",
        "/pharmacy/destructions/",
        "/pharmacy/destructions/{order}/",
        "/pharmacy/destructions/{order}/cancel/",
        "/pharmacy/removals/",
        "/pharmacy/returns/GR02/destruction/",
        "/pharmacy/stock/receipts/{receipt}/",
        "/pharmacy/doses/{dose}/all-the-same/",
        "/class-cases/",
        "/class-cases/{case}/",
        "/pharmacy/kits/{kit}/make/",
        "/pharmacy/kits/{checked_kit}/release/",
        "/pharmacy/preparations/{preparation}/",
        "/pharmacy/stock/cartons/",
        "/pharmacy/stock/articles/",
        "/pharmacy/stock/cartons/{carton}/error/",
        "/pharmacy/stock/articles/{article}/withdraw/",
        "/pharmacy/preparations/{preparation}/labels/",
        "/pharmacy/preparations/{preparation}/void/",
        "/pharmacy/preparations/{preparation}/hand-over/",
        "/pharmacy/accountability/GR02/queries/{query}/",
    ),
    ("unblinded", "preparer.gr01"): ("/", "/pharmacy/", "/pharmacy/stock/", "/pharmacy/stock/provisional/"),
    ("unblinded", "preparer.gr02"): ("/pharmacy/kits/{made_kit}/check/", "/pharmacy/removals/{removal}/"),
    ("unblinded", "unblinded_monitor.gr01"): (
        "/",
        "/pharmacy/risks/",
        "/pharmacy/accountability/GR01/",
        "/pharmacy/accountability/GR01/sign/",
        "/pharmacy/accountability/GR01/queries/",
    ),
    ("unblinded", "safety.officer"): (
        "/",
        "/code-break/report/",
        "/code-break/{unblinding}/impact/",
        "/pharmacy/recall/",
        "/pharmacy/destructions/",
        "/pharmacy/destructions/find/",
        "/pharmacy/check-arrangements/",
        "/class-cases/",
        "/class-cases/{decided}/confirm/",
    ),
    ("unblinded", "investigator.gr01"): (
        "/",
        "/code-break/",
        "/code-break/drill/",
        "/code-break/third-party/",
        "/code-break/offline/",
        "/password/",
        "/second-step/",
        "/second-step/confirm/",
    ),
    ("unblinded", "statistician"): (
        "/lists/",
        "/people/",
        NOBODY_ENDS,
        "/people/readmit/",
        "/audit/",
        "/audit/redact/",
    ),
}
REFUSED: Final = {"/nowhere/": 404, ("coordinator.gr01", "/overview/"): 403}
"""Pages that say why something is not shown."""
ON_THE_WAY: Final = {"second_step"}
"""Reached only in the middle of something: tests/browser/test_second_step.py stands on it."""
NO_PAGES: Final = {
    # files
    "card",
    "health",
    "schema",
    "trail_csv",
    "trail_export",
    "recruitment_csv",
    "flow_csv",
    "unblindings_csv",
    "accountabilities_csv",
    "accountability_csv",
    "accountability_pdf",
    "night_sheet",
    "kept_night_sheet",
    "label_picture",
    "web_health",
    "shelf_label",
    # buttons, which answer with another page
    "log_out",
    "choose_role",
    "set_language",
    "eligibility_draft",
    "confirm_proposal",
    "refuse_proposal",
    "confirm_readmission",
    "refuse_readmission",
    "prepare",
    "prepare_day",
    "acknowledge",
    "labels_of_kit",
    "end_arrangement",
    "risk_seen",
    "close_query",
    "close_carton",
    # the description of the API, drawn by its library
    "docs",
}
NUMBERED: Final = dict.fromkeys(
    ("deviation", "alert", "hold", "receipt", "query", "article", "order", "removal", "carton"), "1"
)


class _Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return NUMBERED.get(key, str(UUID(int=1)))


def unseen(side: str) -> set[str]:
    """Names of addresses of this side that answer a page which no browser test shows to axe."""
    addresses = [*LOGGED_OUT[side]]
    for (where, _user), pages in PAGES.items():
        addresses += pages if where == side else ()
    matches = [
        resolve(address.partition("?")[0].format_map(_Anything())) for address in addresses if address not in REFUSED
    ]
    seen = {match.namespace or match.url_name for match in matches}
    every = {name for name in names(get_resolver().url_patterns) if not name.startswith("api_")}
    return every - seen - NO_PAGES - ON_THE_WAY
