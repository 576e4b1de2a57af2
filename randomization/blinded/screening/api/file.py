"""The file over the API: screening, consent, answers, who it is, the signature."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import (
    answer_named,
    find_participant,
    open_reasons,
    participants_for,
    protocol_for,
)
from randomization.blinded.screening.services.answer_identity import answer_identity
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility, confirm_eligibility
from randomization.blinded.screening.services.record_consent import record_consent
from randomization.blinded.screening.services.record_eligibility import record_eligibility
from randomization.blinded.screening.services.record_later_consent import record_later_consent
from randomization.blinded.screening.services.register_participant import correct_sepsis, register_participant
from randomization.delivery.api import Endpoint, Moment, SignatureInput

S = serializers


class RegisterInput(S.Serializer[Any]):
    """A new participant; times are ISO 8601 with offset."""

    site_code = S.CharField(max_length=4)
    sepsis_at = Moment()
    earlier = S.CharField(required=False, default="")


class ParticipantOutput(S.Serializer[Any]):
    """One participant."""

    number = S.CharField()
    site_code = S.CharField(source="site_id")
    state = S.CharField()
    sepsis_at = Moment()
    screened_at = Moment()


class ReasonOutput(S.Serializer[Any]):
    """One reason against entering now."""

    code = S.CharField()
    sentence = S.CharField()
    final = S.BooleanField()


class ConsentInput(S.Serializer[Any]):
    """Consent as given."""

    given_by = S.ChoiceField(choices=["patient", "next_of_kin"])
    relation = S.CharField(required=False, default="", allow_blank=True)
    form_version = S.CharField()
    given_at = Moment()
    reason = S.CharField(required=False, default="", allow_blank=True)


class EligibilityInput(S.Serializer[Any]):
    """Answers by key of criterion."""

    answers = S.DictField(child=S.BooleanField())
    sex = S.ChoiceField(choices=["female", "male"])
    year_of_birth = S.IntegerField()
    neutrophils_per_mm3 = S.IntegerField()
    reason = S.CharField(required=False, default="", allow_blank=True)
    confirmed = S.ListField(child=S.CharField(), required=False, default=list)


class ConfirmationOutput(S.Serializer[Any]):
    """The outcome that was signed."""

    eligible = S.BooleanField()
    signed_by = S.CharField()
    signed_at = Moment()


class Participants(Endpoint):
    """The participants within reach."""

    @extend_schema(responses=ParticipantOutput(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        return Response(ParticipantOutput(participants_for(self.actor()), many=True).data)

    @extend_schema(request=RegisterInput, responses={201: ParticipantOutput})
    def post(self, request: Request) -> Response:
        participant = register_participant(actor=self.actor(), **self.parsed(RegisterInput))
        return Response(ParticipantOutput(participant).data, status=201)


class OneParticipant(Endpoint):
    """One participant."""

    @extend_schema(responses=ParticipantOutput)
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        return Response(ParticipantOutput(find_participant(self.actor(), number)).data)


class SepsisInput(S.Serializer[Any]):
    """The time of sepsis, and why it changes."""

    sepsis_at = Moment()
    reason = S.CharField()


class Sepsis(Endpoint):
    """Correct the time of sepsis."""

    @extend_schema(request=SepsisInput, responses={204: None})
    def put(self, request: Request, number: str) -> Response:
        correct_sepsis(actor=self.actor(), number=number, **self.parsed(SepsisInput))
        return Response(status=204)


class Consent(Endpoint):
    """Record or correct consent."""

    @extend_schema(request=ConsentInput, responses={201: None})
    def post(self, request: Request, number: str) -> Response:
        record_consent(actor=self.actor(), number=number, **self.parsed(ConsentInput))
        return Response(status=201)


class LaterConsentInput(S.Serializer[Any]):
    """What the patient says after next of kin consented."""

    answer = S.ChoiceField(choices=["given", "refused", "not possible"])
    form_version = S.CharField()
    answered_at = Moment()
    note = S.CharField(required=False, default="", allow_blank=True)


class LaterConsent(Endpoint):
    """Record the patient's own answer."""

    @extend_schema(request=LaterConsentInput, responses={201: None})
    def post(self, request: Request, number: str) -> Response:
        body = self.parsed(LaterConsentInput)
        record_later_consent(actor=self.actor(), number=number, **{**body, "answer": answer_named(body["answer"])})
        return Response(status=201)


class Eligibility(Endpoint):
    """The reasons against entering now, and the answers."""

    @extend_schema(responses=ReasonOutput(many=True))
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        participant = find_participant(self.actor(), number)
        return Response(ReasonOutput(open_reasons(participant, protocol_for(participant)), many=True).data)

    @extend_schema(request=EligibilityInput, responses={201: None})
    def post(self, request: Request, number: str) -> Response:
        record_eligibility(actor=self.actor(), number=number, **self.parsed(EligibilityInput))
        return Response(status=201)


class Confirmation(Endpoint):
    """The physician's signature."""

    @extend_schema(request=SignatureInput, responses={201: ConfirmationOutput})
    def post(self, request: Request, number: str) -> Response:
        actor, body = self.actor(), self.parsed(SignatureInput)
        grant = self.signed(body, ConfirmEligibility(find_participant(actor, number)))
        confirmation = confirm_eligibility(actor=actor, number=number, grant=grant)
        return Response(ConfirmationOutput(confirmation).data, status=201)


class IdentityInput(S.Serializer[Any]):
    """For each look-alike by number whether it is the same person; whether it was randomised at another site."""

    same = S.DictField(child=S.BooleanField(), required=False, default=dict)
    elsewhere = S.BooleanField()
    reason = S.CharField(required=False, default="", allow_blank=True)


class LookAlikeOutput(S.Serializer[Any]):
    """A participant of the same site, sex and year of birth; `is_same` is null where nobody answered."""

    number = S.CharField()
    is_same = S.BooleanField(allow_null=True)


class IdentityOutput(S.Serializer[Any]):
    """What is known of who a participant is; `is_open`: somebody must answer before randomisation."""

    look_alikes = LookAlikeOutput(many=True)
    elsewhere = S.BooleanField(allow_null=True)
    randomised_as = S.CharField(allow_null=True)
    is_open = S.BooleanField()


class Identity(Endpoint):
    """Whether it is somebody who was screened or randomised before."""

    @extend_schema(responses=IdentityOutput)
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        return Response(IdentityOutput(identity_of(find_participant(self.actor(), number))).data)

    @extend_schema(request=IdentityInput, responses={201: IdentityOutput})
    def post(self, request: Request, number: str) -> Response:
        answer = answer_identity(actor=self.actor(), number=number, **self.parsed(IdentityInput))
        return Response(IdentityOutput(answer).data, status=201)
