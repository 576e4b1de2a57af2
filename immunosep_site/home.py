"""The start page, the same on both sides."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from randomization.accounts.languages import LANGUAGES
from randomization.accounts.roles import PERMISSIONS, Permission, Role
from randomization.delivery.middleware import actor_in, memberships_in
from randomization.delivery.pages import page
from randomization.notices.selectors import notices_for
from randomization.shared.service import Side, process_side

P = Permission
TASKS = {
    Side.BLINDED: (
        (P.PARTICIPANT_READ, "/participants/", _("The board: who is where, what waits for whom")),
        (P.PARTICIPANT_SCREEN, "/participants/new/", _("Screen a participant")),
        (P.ADMINISTRATION_RECORD, "/bedside/", _("Give a dose")),
        (P.ADMINISTRATION_RECORD, "/bedside/transcribe/", _("Transcribe a dose from the chart")),
        (P.ADMINISTRATION_RECORD, "/bedside/compare/", _("Compare a day with the chart")),
        (P.TABLET_USE, "/tablets/pin/", _("Set your PIN for tablets")),
        (P.TABLET_USE, "/tablets/badge/", _("Print a new badge")),
        (P.TABLET_ENROL, "/tablets/", _("Tablets of your site")),
        (P.HANDOVER_SIGN, "/bedside/handover/", _("Hand over the duty")),
        (P.PARTICIPANT_READ, "/deviations/", _("Deviations")),
        (P.OUTCOME_RECORD, "/sofa/import/", _("Import SOFA scores")),
        (P.SITE_CHECK, "/self-check/", _("Self-check of your site")),
        (P.DESK_USE, "/overview/", _("The trial today: which site is behind, who waits, what went wrong")),
        (P.ALERT_ACKNOWLEDGE, "/alerts/", _("Alerts")),
        (P.HATCH_RELEASE, "/messages/", _("Messages from the pharmacy's side: foreign ones, and whether they go on")),
        (P.DESK_USE, "/overview/recruitment/", _("Recruitment against plan")),
        (P.DESK_USE, "/overview/flow/", _("Flow of participants (CONSORT)")),
        (P.SITE_MANAGE, "/sites/", _("Sites: open and close")),
        (P.PEOPLE_APPOINT, "/people/", _("Appoint blinded people, alone or from a file; review access")),
        (P.DESK_USE, "/desk/", _("All records, to read")),
        (P.AUDIT_READ, "/audit/", _("Audit trail")),
    ),
    Side.UNBLINDED: (
        (P.SAMPLE_ANALYSE, "/laboratory/", _("Samples waiting for a verdict")),
        (P.PREPARATION_READ, "/pharmacy/", _("Doses due")),
        (P.PREPARATION_MAKE, "/pharmacy/checks/", _("To check as second person")),
        (P.PREPARATION_READ, "/pharmacy/stock/", _("Stock of your site")),
        (P.PREPARATION_READ, "/pharmacy/removals/", _("Units taken out of stock, to be confirmed by a second person")),
        (P.STOCK_MANAGE, "/pharmacy/envelopes/", _("After an outage: enter what was prepared from an envelope")),
        (P.ACCOUNTABILITY_READ, "/pharmacy/accountability/", _("Accountability: lot to dose to return")),
        (P.ACCOUNTABILITY_READ, "/pharmacy/risks/", _("Risks to the blind")),
        (P.CLASS_DECIDE, "/class-cases/", _("Classes corrected after allocation")),
        (P.STOCK_RECALL, "/pharmacy/recall/", _("Recall a lot at every site")),
        (P.STOCK_RECALL, "/pharmacy/destructions/", _("Orders of destruction")),
        (P.STOCK_RECALL, "/pharmacy/removals/", _("Units taken out of stock, to be confirmed by a second person")),
        (P.CHECK_ARRANGE, "/pharmacy/check-arrangements/", _("Second check at sites without a second person")),
        (P.CODE_BREAK, "/code-break/", _("Break the code of one patient")),
        (P.CODE_BREAK, "/code-break/third-party/", _("Let the treating physician read a treatment")),
        (P.CODE_BREAK, "/code-break/offline/", _("Enter a code broken from the emergency pack")),
        (P.CODE_REHEARSE, "/code-break/drill/", _("Rehearse the code break")),
        (P.CODE_REPORT, "/code-break/report/", _("Who was unblinded, when and why; impact")),
        (P.LIST_READ, "/lists/", _("Sealed lists")),
        (P.PEOPLE_APPOINT, "/people/", _("Appoint people, as one of two")),
        (P.AUDIT_READ, "/audit/", _("Audit trail")),
    ),
}


@page()
def home(request: HttpRequest) -> HttpResponse:
    """The tasks of the person's role."""
    actor = actor_in(request)
    granted = PERMISSIONS[Role(actor.role)]
    links = [(address, words) for need, address, words in TASKS[process_side()] if need in granted]
    context = {
        "links": links,
        "roles": memberships_in(request),
        "notices": notices_for(actor),
        "languages": LANGUAGES,
        "language": get_language(),
    }
    return render(request, "home.html", context)
