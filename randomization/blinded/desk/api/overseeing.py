"""Alerts, recruitment and flow over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.blinded.desk.flow import flow
from randomization.blinded.desk.overview import alerts_for
from randomization.blinded.desk.recruitment import progress
from randomization.blinded.desk.services.keep_alerts import acknowledge_alert
from randomization.blinded.desk.tables import flow_rows
from randomization.delivery.api import (
    Endpoint,
    Moment,
)

S = serializers


class AlertOutput(S.Serializer[Any]):
    """Something that needs somebody."""

    id = S.IntegerField()
    kind = S.CharField()
    site_code = S.CharField()
    subject = S.CharField()
    about = S.CharField()
    raised_at = Moment()
    acknowledged_by = S.CharField()


class Alerts(Endpoint):
    """What needs somebody now."""

    @extend_schema(responses=AlertOutput(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.ALERT_ACKNOWLEDGE)
        return Response(AlertOutput(alerts_for(self.actor())[:500], many=True).data)


class NoteInput(S.Serializer[Any]):
    """What is done."""

    note = S.CharField(required=False, default="", allow_blank=True)


class Acknowledgement(Endpoint):
    """Somebody deals with an alert."""

    @extend_schema(request=NoteInput, responses={204: None})
    def post(self, request: Request, alert_id: int) -> Response:
        acknowledge_alert(actor=self.actor(), alert_id=alert_id, **self.parsed(NoteInput))
        return Response(status=204)


class PlaceOutput(S.Serializer[Any]):
    """A site or country against plan."""

    code = S.CharField()
    randomised = S.IntegerField()
    expected = S.FloatField()
    last_at = Moment(allow_null=True)


class ProgressOutput(S.Serializer[Any]):
    """Recruitment against plan."""

    randomised = S.IntegerField()
    expected = S.FloatField()
    sites = PlaceOutput(many=True)
    countries = PlaceOutput(many=True)


class Recruitment(Endpoint):
    """Recruitment against plan."""

    @extend_schema(responses=ProgressOutput)
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.DESK_USE)
        return Response(ProgressOutput(progress()).data)


class FlowOutput(S.Serializer[Any]):
    """One number of the CONSORT figure; below five, where it breaks a group down, `<5`."""

    what = S.CharField()
    participants = S.CharField()


class Flow(Endpoint):
    """The flow of participants."""

    @extend_schema(responses=FlowOutput(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.DESK_USE)
        rows = [{"what": what, "participants": count} for what, count in flow_rows(flow())]
        return Response(FlowOutput(rows, many=True).data)
