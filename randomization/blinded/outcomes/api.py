"""Outcomes, withdrawals and transfers over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.outcomes.selectors import milestones_of, sofa_of
from randomization.blinded.outcomes.services.record_outcome import record_milestone, record_sofa
from randomization.blinded.outcomes.services.transfer import TransferParticipant, transfer
from randomization.blinded.outcomes.services.withdraw import WithdrawConsent, withdraw
from randomization.blinded.outcomes.states import MilestoneKind
from randomization.blinded.screening.selectors import (
    find_participant,
    scope_named,
    transfers_of,
)
from randomization.delivery.api import AcceptingInput, Endpoint, Moment, SignatureInput, accepted_in

S = serializers


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
        find_participant(self.actor(), number)
        body = self.parsed(WithdrawalInput)
        command = WithdrawConsent(number, scope_named(body["scope"]), body["at"])
        grant = self.signed(body["signature"], command)
        withdraw(actor=self.actor(), command=command, reason=body["reason"], grant=grant, accepted=accepted_in(body))
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
        return Response(ScoresBody(sofa_of(find_participant(self.actor(), number)), many=True).data)

    @extend_schema(request=SofaInput, responses={201: ScoresBody})
    def post(self, request: Request, number: str) -> Response:
        body = self.parsed(SofaInput)
        day, reason = body.pop("day"), body.pop("reason")
        sofa_day = record_sofa(actor=self.actor(), number=number, day=day, scores=body, reason=reason)
        return Response(ScoresBody(sofa_day).data, status=201)


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
        return Response(MilestoneBody(milestones_of(find_participant(self.actor(), number)), many=True).data)

    @extend_schema(request=MilestoneInput, responses={201: MilestoneBody})
    def post(self, request: Request, number: str) -> Response:
        body = self.parsed(MilestoneInput)
        milestone = record_milestone(actor=self.actor(), number=number, **{**body, "kind": MilestoneKind(body["kind"])})
        return Response(MilestoneBody(milestone).data, status=201)


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
        return Response(TransferOutput(transfers_of(find_participant(self.actor(), number)), many=True).data)

    @extend_schema(request=TransferInput, responses={201: TransferOutput})
    def post(self, request: Request, number: str) -> Response:
        body = self.parsed(TransferInput)
        command = TransferParticipant(number, body["to_site"])
        grant = self.signed(body["signature"], command)
        new_transfer = transfer(
            actor=self.actor(), command=command, reason=body["reason"], grant=grant, accepted=accepted_in(body)
        )
        return Response(TransferOutput(new_transfer).data, status=201)
