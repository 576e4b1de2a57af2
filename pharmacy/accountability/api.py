"""Accountability over the API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.accountability.papers import report_csv, report_pdf
from pharmacy.accountability.report import Report
from pharmacy.accountability.selectors import queries_of, report_of, reports_for, sign_offs
from pharmacy.accountability.services import reconcile
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.delivery.api import Endpoint, Moment, SignatureInput, once
from randomization.shared.actor import Actor

S = serializers


class LotLineOutput(S.Serializer[Any]):
    """One lot, in units."""

    product = S.CharField()
    number = S.CharField()
    received = S.IntegerField()
    used = S.IntegerField()
    expires_on = S.DateField()
    wasted = S.IntegerField()
    returned = S.IntegerField()
    destroyed = S.IntegerField()
    counted = S.IntegerField()
    balance = S.IntegerField()
    unexplained = S.IntegerField()


class DoseLineOutput(S.Serializer[Any]):
    """One syringe and what became of it."""

    participant = S.CharField()
    kit_code = S.CharField()
    route = S.CharField()
    number = S.IntegerField()
    pack_code = S.CharField()
    lots = S.ListField(child=S.CharField())
    fate = S.CharField()
    from_envelope = S.BooleanField()
    at = Moment(allow_null=True)


class RemovalLineOutput(S.Serializer[Any]):
    """Units that one person took out of a lot, and what another said of it."""

    product = S.CharField()
    number = S.CharField()
    kind = S.CharField()
    units = S.IntegerField()
    recorded_by = S.CharField()
    recorded_at = Moment()
    state = S.CharField()
    decided_by = S.CharField()
    decided_at = Moment(allow_null=True)


class CartonLineOutput(S.Serializer[Any]):
    """An opened carton: units that syringes took of it, and whether it is open, closed, or was opened in error."""

    number = S.IntegerField()
    product = S.CharField()
    lot = S.CharField()
    expires_on = S.DateField()
    read = S.CharField()
    opened_by = S.CharField()
    opened_at = Moment()
    taken = S.IntegerField()
    state = S.CharField()
    ended_by = S.CharField()
    ended_at = Moment(allow_null=True)


class ReportOutput(S.Serializer[Any]):
    """The accountability of one site."""

    site_code = S.CharField()
    sha256 = S.CharField()
    unexplained = S.IntegerField()
    lots = LotLineOutput(many=True)
    doses = DoseLineOutput(many=True)
    removals = RemovalLineOutput(many=True)
    cartons = CartonLineOutput(many=True)


class SiteTotalOutput(S.Serializer[Any]):
    """What nobody can explain at a site."""

    site_code = S.CharField()
    sha256 = S.CharField()
    unexplained = S.IntegerField()


class Reports(Endpoint):
    """The sites within reach."""

    @extend_schema(responses=SiteTotalOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(SiteTotalOutput(reports_for(self.actor()), many=True).data)


class SignInput(SignatureInput):
    """The signature, on the report that was read, by its hash."""

    sha256 = S.CharField()


def _read(actor: Actor, site_code: str) -> Report:
    return reconcile.read_report(actor=actor, site_code=site_code, as_what="API")


class SignOffOutput(S.Serializer[Any]):
    """Who signed which report."""

    sha256 = S.CharField()
    unexplained = S.IntegerField()
    signed_by = S.CharField()
    signed_at = Moment()


class SignOffs(Endpoint):
    """The signatures on the reports of a site, newest first."""

    @extend_schema(responses=SignOffOutput(many=True))
    def get(self, request: Request, site_code: str) -> Response:
        check_can(self.actor(), Permission.ACCOUNTABILITY_READ)
        return Response(SignOffOutput(sign_offs(self.actor(), site_code), many=True).data)


class OneReport(Endpoint):
    """From lot to dose to patient to return; the monitor signs it."""

    @extend_schema(responses=ReportOutput)
    def get(self, request: Request, site_code: str) -> Response:
        return Response(ReportOutput(_read(self.actor(), site_code)).data)

    @extend_schema(request=SignInput, responses={201: SiteTotalOutput})
    def post(self, request: Request, site_code: str) -> Response:
        body, now = self.parsed(SignInput), reconcile.SignReport.of(report_of(self.actor(), site_code))
        grant = self.signed(body, replace(now, sha256=body["sha256"]))
        sign_off = reconcile.sign_report(actor=self.actor(), site_code=site_code, grant=grant)
        return Response(SiteTotalOutput(sign_off).data, status=201)


class ReportPdf(Endpoint):
    """The report on paper."""

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, site_code: str) -> HttpResponse:
        return HttpResponse(report_pdf(self.actor(), _read(self.actor(), site_code)), content_type="application/pdf")


class ReportCsv(Endpoint):
    """The report for a spreadsheet."""

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, site_code: str) -> HttpResponse:
        return HttpResponse(report_csv(_read(self.actor(), site_code)), content_type="text/csv; charset=utf-8")


class QueryBody(S.Serializer[Any]):
    """A question."""

    subject = S.CharField(required=False, default="", allow_blank=True, max_length=64)
    text = S.CharField()


class QueryOutput(S.Serializer[Any]):
    """A question and its answer."""

    id = S.IntegerField(source="query.pk")
    subject = S.CharField(source="query.subject")
    question = S.CharField()
    answer = S.CharField()
    closed_at = Moment(source="query.closed_at", allow_null=True)


class Queries(Endpoint):
    """What the monitor asked."""

    @extend_schema(responses=QueryOutput(many=True))
    def get(self, request: Request, site_code: str) -> Response:
        return Response(QueryOutput(queries_of(self.actor(), site_code), many=True).data)

    @extend_schema(request=QueryBody, responses={201: None})
    def post(self, request: Request, site_code: str) -> Response:
        reconcile.raise_query(actor=self.actor(), site_code=site_code, **self.parsed(QueryBody))
        return Response(status=201)


class QueryChange(S.Serializer[Any]):
    """`text` answers; without it the monitor closes."""

    text = S.CharField(required=False)


class OneQuery(Endpoint):
    """Answer, or close."""

    @extend_schema(request=QueryChange, responses={204: None})
    def patch(self, request: Request, site_code: str, query_id: int) -> Response:
        body = self.parsed(QueryChange)
        if "text" in body:
            reconcile.answer_query(actor=self.actor(), query_id=query_id, text=body["text"])
        else:
            reconcile.close_query(actor=self.actor(), query_id=query_id)
        return Response(status=204)


class ReturnInput(S.Serializer[Any]):
    """The label that was scanned."""

    barcode = S.CharField()


class Returns(Endpoint):
    """A syringe that was not given came back."""

    @extend_schema(request=ReturnInput, responses={201: None})
    @once
    def post(self, request: Request) -> Response:
        reconcile.take_back(actor=self.actor(), **self.parsed(ReturnInput))
        return Response(status=201)
