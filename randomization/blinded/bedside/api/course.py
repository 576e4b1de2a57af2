"""How a treatment goes on, withdrawals, outcomes and deviations over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.selectors import course_of, milestones_of, shift_choices, sofa_of
from randomization.blinded.bedside.services import steer_course as steering
from randomization.blinded.bedside.services import transfer as moving
from randomization.blinded.bedside.services import withdraw as withdrawing
from randomization.blinded.bedside.services.record_outcome import record_milestone, record_sofa
from randomization.blinded.bedside.states import MilestoneKind, StopCause
from randomization.blinded.screening.selectors import (
    deviations_for,
    participant,
    protocol_for,
    scope_named,
    transfers_of,
)
from randomization.blinded.screening.services.explain_deviation import explain_deviation
from randomization.delivery.api import AcceptingInput, Endpoint, Moment, SignatureInput, accepted_in
from randomization.shared.errors import NotFound
from randomization.shared.ids import as_site_code

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

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Each act has what it needs."""
        needs = {"plan": ["at"], "shift": ["at"], "stop": ["at", "cause", "signature"]}.get(given["act"], [])
        missing = [key for key in needs if key not in given]
        if missing:
            raise S.ValidationError(dict.fromkeys(missing, "This is needed here."))
        return given


class CourseView(Endpoint):
    """One treatment, and how it goes on."""

    @extend_schema(responses=CourseOutput)
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.DOSE_READ)
        found = participant(self.actor(), number)
        course = course_of(found)
        if course is None:
            raise NotFound("This participant is not randomised: there is no treatment yet.")
        shifts = shift_choices(course, protocol_for(found).regimen, found.site.time_zone)
        names = ("kit_code", "first_dose_at", "anchored_at", "held_at", "stopped_at", "stop_cause")
        return Response(CourseOutput({**{name: getattr(course, name) for name in names}, "shifts": shifts}).data)

    @extend_schema(request=CourseInput, responses={204: None})
    def post(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.COURSE_STEER)
        participant(self.actor(), number)
        given, actor = self.parsed(CourseInput), self.actor()
        accepted = accepted_in(given)
        common: dict[str, Any] = {"actor": actor, "number": number, "reason": given["reason"]}
        match given["act"]:
            case "plan":
                steering.plan_first_dose(at=given["at"], accepted=accepted, **common)
            case "hold":
                steering.hold_course(accepted=accepted, **common)
            case "resume":
                steering.resume_course(**common)
            case "shift":
                steering.shift_course(to=given["at"], accepted=accepted, **common)
            case _:
                cause = StopCause(given["cause"])
                content = steering.stop_content(number, cause, given["at"])
                grant = self.signed(given["signature"], meaning=steering.STOP_MEANING, subject=number, content=content)
                steering.stop_course(at=given["at"], cause=cause, grant=grant, accepted=accepted, **common)
        return Response(status=204)


class WithdrawalInput(AcceptingInput):
    """From what, when, and the signature."""

    scope = S.ChoiceField(choices=["treatment", "follow-up", "data"])
    at = Moment()
    reason = S.CharField()
    signature = SignatureInput()


class Withdrawals(Endpoint):
    """Consent withdrawn."""

    @extend_schema(request=WithdrawalInput, responses={201: None})
    def post(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.CONSENT_RECORD)
        participant(self.actor(), number)
        given = self.parsed(WithdrawalInput)
        scope = scope_named(given["scope"])
        content = withdrawing.signed_content(number, scope, given["at"])
        grant = self.signed(given["signature"], meaning=withdrawing.MEANING, subject=number, content=content)
        withdrawing.withdraw(
            actor=self.actor(),
            number=number,
            scope=scope,
            at=given["at"],
            reason=given["reason"],
            grant=grant,
            accepted=accepted_in(given),
        )
        return Response(status=201)


class ScoresBody(S.Serializer[Any]):
    """One day by organ, 0 to 4 each."""

    day = S.IntegerField()
    respiration = S.IntegerField()
    coagulation = S.IntegerField()
    liver = S.IntegerField()
    cardiovascular = S.IntegerField()
    nervous = S.IntegerField()
    renal = S.IntegerField()


class SofaInput(ScoresBody):
    """A day, with the reason of a correction."""

    reason = S.CharField(required=False, default="", allow_blank=True)


class SofaDays(Endpoint):
    """SOFA by day."""

    @extend_schema(responses=ScoresBody(many=True))
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.DOSE_READ)
        return Response(ScoresBody(sofa_of(participant(self.actor(), number)), many=True).data)

    @extend_schema(request=SofaInput, responses={201: ScoresBody})
    def post(self, request: Request, number: str) -> Response:
        given = self.parsed(SofaInput)
        day, reason = given.pop("day"), given.pop("reason")
        made = record_sofa(actor=self.actor(), number=number, day=day, scores=given, reason=reason)
        return Response(ScoresBody(made).data, status=201)


class MilestoneBody(S.Serializer[Any]):
    """Discharge, death or loss to follow-up."""

    kind = S.ChoiceField(choices=list(MilestoneKind))
    at = Moment()


class MilestoneInput(MilestoneBody):
    """With the reason of a correction."""

    reason = S.CharField(required=False, default="", allow_blank=True)


class Milestones(Endpoint):
    """What ended or interrupted the daily scores."""

    @extend_schema(responses=MilestoneBody(many=True))
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.DOSE_READ)
        return Response(MilestoneBody(milestones_of(participant(self.actor(), number)), many=True).data)

    @extend_schema(request=MilestoneInput, responses={201: MilestoneBody})
    def post(self, request: Request, number: str) -> Response:
        given = self.parsed(MilestoneInput)
        made = record_milestone(actor=self.actor(), number=number, **{**given, "kind": MilestoneKind(given["kind"])})
        return Response(MilestoneBody(made).data, status=201)


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
        made = explain_deviation(actor=self.actor(), deviation_id=deviation_id, **self.parsed(ExplanationInput))
        return Response(DeviationOutput(made).data, status=201)


class TransferInput(AcceptingInput):
    """Where to, why, the signature."""

    to_site = S.CharField()
    reason = S.CharField()
    signature = SignatureInput()


class TransferOutput(S.Serializer[Any]):
    """A transfer to another site."""

    from_site = S.CharField(source="from_site_id")
    to_site = S.CharField(source="to_site_id")
    at = Moment()


class Transfers(Endpoint):
    """Another site treats from now on."""

    @extend_schema(responses=TransferOutput(many=True))
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        return Response(TransferOutput(transfers_of(participant(self.actor(), number)), many=True).data)

    @extend_schema(request=TransferInput, responses={201: TransferOutput})
    def post(self, request: Request, number: str) -> Response:
        given = self.parsed(TransferInput)
        to_site = as_site_code(given["to_site"])
        content = moving.signed_content(number, to_site)
        grant = self.signed(given["signature"], meaning=moving.MEANING, subject=number, content=content)
        made = moving.transfer(
            actor=self.actor(),
            number=number,
            to_site=to_site,
            reason=given["reason"],
            grant=grant,
            accepted=accepted_in(given),
        )
        return Response(TransferOutput(made).data, status=201)
