"""The board and the next step of a participant over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.allocation.selectors import allocation_of
from randomization.blinded.participants.board import board, next_step_of
from randomization.blinded.screening.same_person import identity_of
from randomization.blinded.screening.selectors import find_participant, open_reasons, protocol_for
from randomization.delivery.api import Endpoint, Moment


class BoardOutput(serializers.Serializer[Any]):
    """One participant on the board: the next step, for whom it waits, and by when something is due."""

    participant = serializers.CharField(source="participant.number")
    state = serializers.CharField(source="participant.state")
    step = serializers.CharField(source="step.words")
    waits_for = serializers.CharField(source="step.waits_for")
    window_ends_at = Moment()
    ship_by = Moment(allow_null=True)
    due_at = Moment()


class Board(Endpoint):
    """Participants with something due, by when it is due; pages of 50 by `page`."""

    @extend_schema(responses=BoardOutput(many=True), parameters=[OpenApiParameter("page", int)])
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        return Response(BoardOutput(board(self.actor(), page=request.query_params.get("page")), many=True).data)


class NextStepOutput(serializers.Serializer[Any]):
    """What comes next for one participant, for whom it waits, what bars entry, and what is missing."""

    step = serializers.CharField(source="step.words")
    waits_for = serializers.CharField(source="step.waits_for")
    bars = serializers.ListField(child=serializers.CharField())
    missing = serializers.ListField(child=serializers.CharField())


class NextStep(Endpoint):
    """The next step of one participant."""

    @extend_schema(responses=NextStepOutput)
    def get(self, request: Request, number: str) -> Response:
        check_can(self.actor(), Permission.PARTICIPANT_READ)
        participant = find_participant(self.actor(), number)
        reasons = () if allocation_of(participant) else open_reasons(participant, protocol_for(participant))
        answer = {
            "step": next_step_of(participant, reasons, identity_of(participant)),
            "bars": [reason.sentence for reason in reasons if reason.final],
            "missing": [reason.sentence for reason in reasons if not reason.final],
        }
        return Response(NextStepOutput(answer).data)
