"""The code break over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.delivery.api import Endpoint, Moment, SignatureInput
from randomization.unblinded.codebreak.categories import Category
from randomization.unblinded.codebreak.patients import patient_for_break
from randomization.unblinded.codebreak.selectors import Unblinding, code_break, code_breaks_for, unblindings
from randomization.unblinded.codebreak.services.assess_impact import AssessImpact, assess_impact
from randomization.unblinded.codebreak.services.break_code import BreakCode, Rehearse, break_code, rehearse
from randomization.unblinded.codebreak.services.enter_offline import EnterOffline, enter_offline
from randomization.unblinded.codebreak.services.tell_third_party import (
    NOBODY,
    InviteThirdParty,
    check_nobody_is_logged_in,
    invite_third_party,
    tell_third_party,
)

S = serializers


class BreakInput(S.Serializer[Any]):
    """One participant (number or kit code), or a rehearsal at a site; why; the signature."""

    number = S.CharField(required=False)
    rehearse_at = S.CharField(required=False)
    category = S.ChoiceField(choices=["emergency", "safety_report", "other", "drill"])
    reason = S.CharField()
    signature = SignatureInput()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A participant, or a site to rehearse at."""
        if ("number" in attrs) == ("rehearse_at" in attrs) or ("rehearse_at" in attrs) != (
            attrs["category"] == Category.DRILL
        ):
            raise S.ValidationError("Give a number, or rehearse_at with category drill.")
        return attrs


class SyringeOutput(S.Serializer[Any]):
    """What one route's syringe holds."""

    route = S.CharField()
    product = S.CharField()
    amount = S.CharField()
    last_given = Moment(allow_null=True)


class RevealedOutput(S.Serializer[Any]):
    """One patient's treatment."""

    uid = S.UUIDField()
    subject = S.CharField()
    kit_code = S.CharField()
    arm = S.CharField()
    syringes = SyringeOutput(many=True)
    is_drill = S.BooleanField()
    copied_at = Moment(allow_null=True)


class BreakOutput(S.Serializer[Any]):
    """That a code was broken: who, when, why; not what was seen."""

    uid = S.UUIDField()
    participant_number = S.CharField()
    site_code = S.CharField()
    category = S.CharField()
    reason = S.CharField()
    way = S.CharField()
    broken_by = S.CharField()
    seen_by = S.CharField()
    broken_at = Moment()


class CodeBreaks(Endpoint):
    """Code breaks within reach; a new one answers with the treatment, once."""

    @extend_schema(responses=BreakOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(BreakOutput(code_breaks_for(self.actor()), many=True).data)

    @extend_schema(request=BreakInput, responses={201: RevealedOutput})
    def post(self, request: Request) -> Response:
        body, actor = self.parsed(BreakInput), self.actor()
        reason, category = body["reason"], body["category"]
        if "rehearse_at" in body:
            rehearsal = Rehearse(body["rehearse_at"], reason)
            grant = self.signed(body["signature"], rehearsal)
            revealed = rehearse(actor=actor, command=rehearsal, grant=grant)
        else:
            command = BreakCode(patient_for_break(actor, body["number"]).number, category, reason)
            revealed = break_code(actor=actor, command=command, grant=self.signed(body["signature"], command))
        return Response(RevealedOutput(revealed).data, status=201)


class InvitationInput(S.Serializer[Any]):
    """One participant, why, the signature."""

    number = S.CharField()
    category = S.ChoiceField(choices=["emergency", "safety_report", "other"])
    reason = S.CharField()
    signature = SignatureInput()


class InvitationOutput(S.Serializer[Any]):
    """The code for a third party, shown once."""

    code = S.CharField()
    number = S.CharField()
    expires_at = Moment()


class Invitations(Endpoint):
    """A code with which somebody else reads one patient's treatment."""

    @extend_schema(request=InvitationInput, responses={201: InvitationOutput})
    def post(self, request: Request) -> Response:
        body, actor = self.parsed(InvitationInput), self.actor()
        number = patient_for_break(actor, body["number"]).number
        command = InviteThirdParty(number, body["category"], body["reason"])
        invitation = invite_third_party(actor=actor, command=command, grant=self.signed(body["signature"], command))
        return Response(InvitationOutput(invitation).data, status=201)


class ToldInput(S.Serializer[Any]):
    """The code, and who reads."""

    code = S.CharField()
    name = S.CharField(max_length=80)
    function = S.CharField(max_length=80)
    telephone = S.CharField(max_length=40)


class Told(Endpoint):
    """A third party reads one patient's treatment, once; the code is all that is asked."""

    authentication_classes: list[type[BaseAuthentication]] = []  # noqa: RUF012 (DRF's form)
    permission_classes = [AllowAny]  # noqa: RUF012 (DRF's form)

    @extend_schema(request=ToldInput, responses={201: RevealedOutput})
    def post(self, request: Request) -> Response:
        check_nobody_is_logged_in(getattr(request._request, "actor", None))
        revealed = tell_third_party(actor=NOBODY, **self.parsed(ToldInput))
        return Response(RevealedOutput(revealed).data, status=201)


class OfflineInput(InvitationInput):
    """What stands on paper of a code broken from a pack."""

    broken_at = Moment()
    seen_by = S.CharField(max_length=300)


class Offline(Endpoint):
    """Enter a code that was broken from a pack."""

    @extend_schema(request=OfflineInput, responses={201: BreakOutput})
    def post(self, request: Request) -> Response:
        body, actor = self.parsed(OfflineInput), self.actor()
        signature = body.pop("signature")
        body["number"] = patient_for_break(actor, body["number"]).number
        command = EnterOffline(**body)
        entered = enter_offline(actor=actor, command=command, grant=self.signed(signature, command))
        return Response(BreakOutput(entered).data, status=201)


class UnblindingOutput(S.Serializer[Any]):
    """One unblinding, its assessment, and how much those who have seen it recorded afterwards (null: not known now)."""

    code_break = BreakOutput()
    necessity = S.CharField(allow_null=True)
    assessed_by = S.CharField(allow_null=True)
    later_records = S.IntegerField(allow_null=True)


def _unblinding(row: Unblinding) -> dict[str, Any]:
    last = row.assessment
    return {
        "code_break": row.code_break,
        "necessity": last.necessity if last else None,
        "assessed_by": last.assessed_by if last else None,
        "later_records": None if row.later is None else len(row.later),
    }


class Report(Endpoint):
    """Who was unblinded, when and why."""

    @extend_schema(responses=UnblindingOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(UnblindingOutput([_unblinding(row) for row in unblindings(self.actor())], many=True).data)


class AssessmentInput(S.Serializer[Any]):
    """What an unblinding means for the trial."""

    necessity = S.ChoiceField(choices=["needed", "not_needed", "planned"])
    spread = S.CharField()
    effect = S.CharField()
    measures = S.CharField()
    signature = SignatureInput()


class Assessments(Endpoint):
    """Assess one unblinding."""

    @extend_schema(request=AssessmentInput, responses={204: None})
    def post(self, request: Request, uid: UUID) -> Response:
        body = self.parsed(AssessmentInput)
        signature = body.pop("signature")
        command = AssessImpact(code_break(self.actor(), uid).participant_number, uid, **body)
        assess_impact(actor=self.actor(), command=command, grant=self.signed(signature, command))
        return Response(status=204)
