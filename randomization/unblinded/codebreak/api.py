"""The code break over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.api import Endpoint, Moment, SignatureInput
from randomization.unblinded.codebreak.selectors import allocation_for_break, code_breaks_for
from randomization.unblinded.codebreak.services import break_code as codebreak

S = serializers


class BreakInput(S.Serializer[Any]):
    """One participant (number or kit code), or a rehearsal at a site; why; the signature."""

    number = S.CharField(required=False)
    rehearse_at = S.CharField(required=False)
    category = S.ChoiceField(choices=["emergency", "safety_report", "other", "drill"])
    reason = S.CharField()
    signature = SignatureInput()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """A participant, or a site to rehearse at."""
        if ("number" in given) == ("rehearse_at" in given) or ("rehearse_at" in given) != (
            given["category"] == "drill"
        ):
            raise S.ValidationError("Give a number, or rehearse_at with category drill.")
        return given


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


class BreakOutput(S.Serializer[Any]):
    """That a code was broken: who, when, why; not what was seen."""

    uid = S.UUIDField()
    participant_number = S.CharField()
    site_code = S.CharField()
    category = S.CharField()
    reason = S.CharField()
    broken_by = S.CharField()
    broken_at = Moment()


class CodeBreaks(Endpoint):
    """Code breaks within reach; a new one answers with the treatment, once."""

    @extend_schema(responses=BreakOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(BreakOutput(code_breaks_for(self.actor()), many=True).data)

    @extend_schema(request=BreakInput, responses={201: RevealedOutput})
    def post(self, request: Request) -> Response:
        given, actor = self.parsed(BreakInput), self.actor()
        reason, category = given["reason"], given["category"]
        if "rehearse_at" in given:
            code = given["rehearse_at"]
            content = codebreak.signed_content(code, "drill", reason)
            grant = self.signed(given["signature"], meaning=codebreak.MEANING, subject=code, content=content)
            revealed = codebreak.rehearse(actor=actor, site_code=code, reason=reason, grant=grant)
        else:
            number = allocation_for_break(actor, given["number"]).participant.number
            content = codebreak.signed_content(number, category, reason)
            grant = self.signed(given["signature"], meaning=codebreak.MEANING, subject=number, content=content)
            revealed = codebreak.break_code(actor=actor, number=number, category=category, reason=reason, grant=grant)
        return Response(RevealedOutput(revealed).data, status=201)
