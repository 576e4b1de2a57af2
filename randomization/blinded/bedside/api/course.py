"""How a treatment goes on, and deviations, over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.selectors import course_of, shift_choices
from randomization.blinded.bedside.services.steer_course import (
    StopCourse,
    hold_course,
    plan_first_dose,
    resume_course,
    shift_course,
    stop_course,
)
from randomization.blinded.bedside.states import StopCause
from randomization.blinded.screening.selectors import (
    deviations_for,
    find_participant,
    protocol_for,
)
from randomization.blinded.screening.services.explain_deviation import explain_deviation
from randomization.delivery.api import AcceptingInput, Endpoint, Moment, SignatureInput, accepted_in
from randomization.shared.errors import NotFound

S = serializers


class CourseOutput(S.Serializer[Any]):
    """One treatment; `shifts`: to which moments its one-time shift may move dose 2 now."""

    kit_code = S.CharField()
    first_dose_at = Moment()
    anchored_at = Moment(allow_null=True)
    held_at = Moment(allow_null=True)
    stopped_at = Moment(allow_null=True)
    stop_cause = S.CharField()
    shifts = S.ListField(child=Moment())


class CourseInput(AcceptingInput):
    """What to do: `plan` with `at`, `hold`, `resume`, `stop` with `at`, `cause` and signature, `shift` with `at`."""

    act = S.ChoiceField(choices=["plan", "hold", "resume", "stop", "shift"])
    reason = S.CharField()
    at = Moment(required=False)
    cause = S.ChoiceField(choices=list(StopCause), required=False)
    signature = SignatureInput(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Each act has what it needs."""
        needs = {"plan": ["at"], "shift": ["at"], "stop": ["at", "cause", "signature"]}.get(attrs["act"], [])
        missing = [key for key in needs if key not in attrs]
        if missing:
            raise S.ValidationError(dict.fromkeys(missing, "This is needed here."))
        return attrs


class CourseView(Endpoint):
    """One treatment, and how it goes on."""

    @extend_schema(responses=CourseOutput)
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.DOSE_READ)
        participant = find_participant(self.actor(), number)
        course = course_of(participant)
        if course is None:
            raise NotFound("This participant is not randomised: there is no treatment yet.")
        shifts = shift_choices(course, protocol_for(participant).regimen, participant.site.time_zone)
        names = ("kit_code", "first_dose_at", "anchored_at", "held_at", "stopped_at", "stop_cause")
        return Response(CourseOutput({**{name: getattr(course, name) for name in names}, "shifts": shifts}).data)

    @extend_schema(request=CourseInput, responses={204: None})
    def post(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.COURSE_STEER)
        find_participant(self.actor(), number)
        body, actor = self.parsed(CourseInput), self.actor()
        accepted = accepted_in(body)
        common: dict[str, Any] = {"actor": actor, "number": number, "reason": body["reason"]}
        match body["act"]:
            case "plan":
                plan_first_dose(at=body["at"], accepted=accepted, **common)
            case "hold":
                hold_course(accepted=accepted, **common)
            case "resume":
                resume_course(**common)
            case "shift":
                shift_course(to=body["at"], accepted=accepted, **common)
            case _:
                command = StopCourse(number, StopCause(body["cause"]), body["at"])
                grant = self.signed(body["signature"], command)
                stop_course(actor=actor, command=command, reason=body["reason"], grant=grant, accepted=accepted)
        return Response(status=204)


class DeviationOutput(S.Serializer[Any]):
    """One departure from the protocol."""

    id = S.IntegerField(source="pk")
    participant = S.CharField(source="participant.number")
    kind = S.CharField()
    about = S.CharField()
    arose_at = Moment()
    explained_at = Moment(allow_null=True)


class Deviations(Endpoint):
    """Departures within reach that nobody explained yet; with `all=1` the others too."""

    @extend_schema(responses=DeviationOutput(many=True), parameters=[OpenApiParameter("all", str)])
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        rows = deviations_for(self.actor(), open_only=request.query_params.get("all") != "1")
        return Response(DeviationOutput(rows, many=True).data)


class ExplanationInput(S.Serializer[Any]):
    """Why it happened, and what was done."""

    explanation = S.CharField()


class Explanation(Endpoint):
    """Explain a deviation."""

    @extend_schema(request=ExplanationInput, responses={201: DeviationOutput})
    def post(self, request: Request, deviation_id: int) -> Response:
        deviation = explain_deviation(actor=self.actor(), deviation_id=deviation_id, **self.parsed(ExplanationInput))
        return Response(DeviationOutput(deviation).data, status=201)
