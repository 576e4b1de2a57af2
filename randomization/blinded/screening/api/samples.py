"""The sample over the API: drawn, another one, unusable, shipped, corrected; the COVID-19 answer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.screening.selectors import (
    find_participant,
)
from randomization.blinded.screening.services.correct_covid19 import CorrectCovid19, correct_covid19
from randomization.blinded.screening.services.record_sample import (
    correct_sample,
    discard_sample,
    draw_sample,
    ship_sample,
)
from randomization.delivery.api import Endpoint, Moment, SignatureInput

S = serializers


class SampleInput(S.Serializer[Any]):
    """A sample: `drawn_at` with `covid19` records a new one, `shipped_at` alone ships it, all with a reason correct."""

    drawn_at = Moment(required=False)
    shipped_at = Moment(required=False)
    covid19 = S.BooleanField(required=False)
    reason = S.CharField(required=False, default="", allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Drawing and correcting need time and flag."""
        if attrs["reason"] or "drawn_at" in attrs:
            missing = [key for key in ("drawn_at", "covid19") if key not in attrs]
            if missing:
                raise S.ValidationError(dict.fromkeys(missing, "This is needed here."))
        elif "shipped_at" not in attrs:
            raise S.ValidationError({"shipped_at": "Give drawn_at and covid19, or shipped_at."})
        return attrs


class SampleOutput(S.Serializer[Any]):
    """A sample as the ward may know it."""

    uid = S.UUIDField()
    covid19 = S.BooleanField()
    drawn_at = Moment()
    shipped_at = Moment(allow_null=True)
    received_at = Moment(allow_null=True)
    verdict = S.CharField()


class Samples(Endpoint):
    """The last sample: draw, ship, correct."""

    @extend_schema(responses=SampleOutput)
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        return Response(SampleOutput(find_participant(self.actor(), number).sample).data)

    @extend_schema(request=SampleInput, responses={201: SampleOutput})
    def post(self, request: Request, number: str) -> Response:
        body, actor = self.parsed(SampleInput), self.actor()
        reason, shipped = body.pop("reason"), body.get("shipped_at")
        if reason:
            sample = correct_sample(
                actor=actor,
                number=number,
                drawn_at=body["drawn_at"],
                shipped_at=shipped,
                covid19=body["covid19"],
                reason=reason,
            )
        elif "drawn_at" in body:
            sample = draw_sample(actor=actor, number=number, drawn_at=body["drawn_at"], covid19=body["covid19"])
        else:
            sample = ship_sample(actor=actor, number=number, shipped_at=body["shipped_at"])
        return Response(SampleOutput(sample).data, status=201)


class FurtherSampleInput(S.Serializer[Any]):
    """One more sample, and why."""

    drawn_at = Moment()
    covid19 = S.BooleanField()
    reason = S.CharField()


class FurtherSample(Endpoint):
    """Draw one more sample: it counts in place of the one before."""

    @extend_schema(request=FurtherSampleInput, responses={201: SampleOutput})
    def post(self, request: Request, number: str) -> Response:
        sample = draw_sample(actor=self.actor(), number=number, **self.parsed(FurtherSampleInput))
        return Response(SampleOutput(sample).data, status=201)


class DiscardInput(S.Serializer[Any]):
    """Why the last sample cannot be judged."""

    reason = S.CharField()


class UnusableSample(Endpoint):
    """The last sample cannot be judged."""

    @extend_schema(request=DiscardInput, responses={204: None})
    def post(self, request: Request, number: str) -> Response:
        discard_sample(actor=self.actor(), number=number, **self.parsed(DiscardInput))
        return Response(status=204)


class Covid19Input(S.Serializer[Any]):
    """The right answer, why the one before was wrong, the signature of an investigator."""

    covid19 = S.BooleanField()
    reason = S.CharField()
    signature = SignatureInput()


class Covid19(Endpoint):
    """Correct the COVID-19 answer, also after a verdict."""

    @extend_schema(request=Covid19Input, responses={201: SampleOutput})
    def post(self, request: Request, number: str) -> Response:
        body, actor = self.parsed(Covid19Input), self.actor()
        check_can(actor, Permission.ELIGIBILITY_SIGN, site_code=find_participant(actor, number).site_id)
        command = CorrectCovid19(number, body["covid19"], body["reason"])
        sample = correct_covid19(actor=actor, command=command, grant=self.signed(body["signature"], command))
        return Response(SampleOutput(sample).data, status=201)
