"""Corrections of recorded doses over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.bedside.selectors import dose, records_of
from randomization.blinded.bedside.services.correct_dose import DoseTruth, correct_dose
from randomization.blinded.bedside.states import NOT_RECORDED, DoseState
from randomization.delivery.api import AcceptingInput, Endpoint, Exact, Moment, accepted_in

S = serializers


class CorrectionInput(AcceptingInput):
    """What is true: `given` with what differs from the record, `missed`, or `not_recorded`; and why.

    `not_recorded` takes a wrong "missed" back: the dose is planned again.

    `preview`: only say what follows, and record nothing.
    """

    outcome = S.ChoiceField(choices=["given", "missed", NOT_RECORDED])
    at = Moment(required=False, default=None)
    volume_ml = Exact(required=False, allow_null=True, default=None)
    given_by = S.CharField(required=False, default="", allow_blank=True)
    barcode = S.CharField(required=False, default="", allow_blank=True)
    reason = S.CharField()
    preview = S.BooleanField(required=False, default=False)


class NewTimeOutput(S.Serializer[Any]):
    """The new planned time of a dose that was not given yet, and its window."""

    dose = S.CharField()
    planned_before = Moment()
    planned_at = Moment()
    window_from = Moment()
    window_until = Moment()


class ConsequencesOutput(S.Serializer[Any]):
    """Old and new record, and what follows: how the timetable moves, which syringes become void, which deviations arise
    or are lifted. `times`: every dose with a new planned time.
    """

    dose = S.CharField()
    old = S.DictField()
    new = S.DictField()
    anchor_before = Moment()
    anchor_after = Moment()
    moved = S.IntegerField()
    times = NewTimeOutput(many=True)
    dropped = S.ListField(child=S.CharField())
    voided = S.ListField(child=S.CharField())
    arising = S.ListField(child=S.CharField())
    lifted = S.ListField(child=S.CharField())


class RecordOutput(S.Serializer[Any]):
    """One record of a dose; the last of them is in force."""

    sequence = S.IntegerField()
    outcome = S.CharField()
    at = Moment()
    volume_ml = Exact(allow_null=True)
    given_by = S.CharField()
    recorded_by = S.CharField()
    recorded_at = Moment()


class Corrections(Endpoint):
    """All records of a dose, and a correction of the last one."""

    @extend_schema(responses=RecordOutput(many=True))
    def get(self, request: Request, uid: UUID) -> Response:
        check_can(self.actor(), Permission.DOSE_READ)
        return Response(RecordOutput(records_of(dose(self.actor(), uid)), many=True).data)

    @extend_schema(request=CorrectionInput, responses={200: ConsequencesOutput, 201: ConsequencesOutput})
    def post(self, request: Request, uid: UUID) -> Response:
        body = self.parsed(CorrectionInput)
        keys = ("at", "volume_ml", "given_by", "barcode")
        outcome, facts = body["outcome"], {key: body[key] for key in keys}
        truth = DoseTruth(outcome == DoseState.GIVEN, planned_again=outcome == NOT_RECORDED, **facts)
        done = correct_dose(
            actor=self.actor(),
            dose_uid=uid,
            truth=truth,
            reason=body["reason"],
            preview=body["preview"],
            accepted=accepted_in(body),
        )
        return Response(ConsequencesOutput(done).data, status=200 if body["preview"] else 201)
