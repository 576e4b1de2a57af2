"""Errors of the API as RFC 9457 problem+json, with the stable code of `TrialError`; the one place that maps."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import page_not_found
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from randomization.shared import clock
from randomization.shared.errors import NotFound, TrialError
from randomization.shared.foreseen import VoidsNotAccepted
from randomization.shared.plausible import Implausible


def problem(
    status: int, code: str, detail: str, *, errors: Any = None, field: str | None = None, further: Any = None
) -> Response:
    """One problem answer; `further`: what only this kind of problem says."""
    body: dict[str, Any] = {
        "type": f"urn:immunosep:problem:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if field:
        body["field"] = field
    if errors:
        body["errors"] = errors
    body.update(further or {})
    return Response(body, status=status, content_type="application/problem+json")


def _further(error: TrialError) -> dict[str, Any]:
    """`confirm`: what to send in `confirmed` where an implausible value is meant.

    `accept_voids`: what to send under the same name where these syringes may become void.
    """
    match error:
        case Implausible():
            return {"confirm": error.confirm}
        case VoidsNotAccepted():
            voids = [
                {
                    "site_code": void.site_code,
                    "route": void.route,
                    "number": void.number,
                    "planned_at": clock.stamp(void.planned_at),
                }
                for void in error.voids
            ]
            return {"accept_voids": len(voids), "sentences": list(error.sentences), "voids": voids}
        case _:
            return {}


def nothing_here(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404 of an unknown address: a problem under the API, a page elsewhere."""
    if request.path.startswith("/api/"):
        answer = problem(404, NotFound.code, NotFound().sentence)
        return JsonResponse(answer.data, status=404, content_type="application/problem+json")
    return page_not_found(request, exception)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, TrialError):
        return problem(error.status, error.code, error.sentence, field=error.field, further=_further(error))
    if isinstance(error, exceptions.ValidationError):
        return problem(422, "invalid_input", "Some values cannot be used: see errors.", errors=error.detail)
    answer = exception_handler(error, context)
    if answer is None or not isinstance(error, exceptions.APIException):
        return answer
    response = problem(answer.status_code, error.default_code, str(error.detail))
    for header in ("WWW-Authenticate", "Allow", "Retry-After"):
        if header in answer.headers:
            response.headers[header] = answer.headers[header]
    return response
