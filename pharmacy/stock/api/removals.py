"""Removals over the API: what one person took out of a lot, and what another says of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.stock.removals import removal_to_decide, removals_for, row_for
from pharmacy.stock.removing import DecideRemoval, RemovalState
from pharmacy.stock.services.decide_removal import decide_removal
from randomization.delivery.api import Endpoint, Moment, SignatureInput, once_signed

S = serializers


class RemovalOutput(S.Serializer[Any]):
    """A removal; `reason` of who recorded it, `decision`: that of the last person who decided on it."""

    id = S.IntegerField(source="removal.pk")
    site_code = S.CharField(source="removal.site_code")
    product = S.CharField(source="removal.movement.lot.product")
    lot_number = S.CharField(source="removal.movement.lot.number")
    kind = S.CharField(source="removal.movement.kind")
    units = S.IntegerField()
    balance = S.IntegerField(source="removal.movement.balance")
    reason = S.CharField()
    recorded_at = Moment(source="removal.movement.at")
    recorded_by = S.CharField(source="removal.recorded_by")
    state = S.CharField(source="removal.state")
    may_become = S.ListField(child=S.CharField())
    decision = S.CharField()
    decided_at = Moment(source="removal.decided_at", allow_null=True)
    decided_by = S.CharField(source="removal.decided_by")


class Removals(Endpoint):
    """The removals that another person is asked about, and those that ended last."""

    @extend_schema(responses=RemovalOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(RemovalOutput(removals_for(self.actor()), many=True).data)


class RemovalDecisionInput(SignatureInput):
    """What the second person says; a `reason` for a dispute and for its end."""

    state = S.ChoiceField(choices=[state for state in RemovalState if state is not RemovalState.WAITING])
    reason = S.CharField(required=False, default="", allow_blank=True)


class RemovalDecision(Endpoint):
    """Confirm, dispute or settle a removal, as another person than the one who recorded it; nothing moves by it."""

    @extend_schema(request=RemovalDecisionInput, responses={201: RemovalOutput})
    @once_signed
    def post(self, request: Request, removal_id: int) -> Response:
        removal_to_decide(self.actor(), removal_id)
        body = self.parsed(RemovalDecisionInput)
        command = DecideRemoval(removal_id, RemovalState(body["state"]), body["reason"])
        grant = self.signed(body, command)

        def act() -> Response:
            decide_removal(actor=self.actor(), command=command, grant=grant)
            return Response(RemovalOutput(row_for(self.actor(), removal_id)).data, status=201)

        return self.once(act)
