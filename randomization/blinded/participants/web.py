"""The board, and the page that says everything about one participant."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from randomization.accounts.roles import Permission
from randomization.blinded.allocation.selectors import allocation_of, misallocations_of
from randomization.blinded.bedside.selectors import course_of
from randomization.blinded.outcomes.selectors import milestones_of
from randomization.blinded.participants.board import board, countdown_of, next_step_of
from randomization.blinded.screening.eligibility import window_ends_at
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import find_participant, open_reasons, protocol_for
from randomization.blinded.sites.selectors import duty_at
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import page
from randomization.documents.barcode import datamatrix_svg
from randomization.shared import clock


@page(Permission.PARTICIPANT_READ)
def participants(request: HttpRequest) -> HttpResponse:
    """The board: who is where, the clocks of each, what waits for whom, the next step."""
    actor, state = actor_in(request), request.GET.get("state", "")
    duty = duty_at(actor)
    context = {"rows": board(actor, state=state, page=request.GET.get("page")), "state": state, "duty": duty}
    return render(request, "participants/board.html", context)


@page(Permission.PARTICIPANT_READ)
def one_participant(request: HttpRequest, number: str) -> HttpResponse:
    """Everything recorded of one participant, the tasks that are open, and the kit code once there is one."""
    participant = find_participant(actor_in(request), number)
    allocation = allocation_of(participant)
    now, protocol = clock.now(), protocol_for(participant)
    ends_at = window_ends_at(participant.sepsis_at, protocol.eligibility)
    identity = None if allocation else identity_of(participant)
    reasons = open_reasons(participant, protocol, identity) if identity else ()
    bars = [reason for reason in reasons if reason.final]
    step = next_step_of(participant, reasons, identity)
    context = {
        "step": step,
        "page": step.page_for(actor_in(request), participant.site_id),
        "bars": bars,
        "countdown": None if bars else countdown_of(participant, protocol, now),
        "treats": actor_in(request).reaches(participant.site_id),
        "window_ends_at": ends_at,
        "left": ends_at - now,
        "is_over": now >= ends_at,
        "participant": participant,
        "zone": participant.site.time_zone,
        "allocation": allocation,
        "course": course_of(participant),
        "missing": [reason for reason in reasons if not reason.final],
        "identity": identity,
        "barcode": datamatrix_svg(participant.number) if allocation else "",
        "misallocations": misallocations_of(participant) if allocation else (),
        "milestones": milestones_of(participant) if allocation else (),
        "kit_barcode": datamatrix_svg(allocation.kit_code) if allocation else "",
    }
    return render(request, "participants/participant.html", context)
