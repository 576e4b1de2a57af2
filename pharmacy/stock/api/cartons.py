"""Opened cartons and article numbers over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from pharmacy.stock.articles import ArticleRow, articles_for
from pharmacy.stock.cartons import cartons_for, row_of
from pharmacy.stock.read_pack import Typed
from pharmacy.stock.scanned_lot import read_article
from pharmacy.stock.services.articles import AddArticle, add_article, withdraw_article
from pharmacy.stock.services.cartons import close_carton, open_carton, record_opened_in_error
from randomization.delivery.api import Endpoint, Moment, ReasonInput, SignatureInput, once

S = serializers


class CartonInput(S.Serializer[Any]):
    """A carton as opened. `code`: as scanned, or the lot as printed with a `reason`; `printed_lot` where asked."""

    product = S.CharField()
    code = S.CharField()
    printed_lot = S.CharField(required=False, default="", allow_blank=True)
    expires_on = S.DateField(required=False, default=None, allow_null=True)
    units = S.IntegerField(required=False, default=None, allow_null=True)
    reason = S.CharField(required=False, default="", allow_blank=True)


class CartonOutput(S.Serializer[Any]):
    """A carton of the register; `left` units where they were counted, `against`: why nothing may be taken from it."""

    id = S.IntegerField(source="pk")
    product = S.CharField()
    lot_number = S.CharField()
    expires_on = S.DateField()
    read = S.CharField(source="carton.read")
    units = S.IntegerField(source="carton.units", allow_null=True)
    left = S.IntegerField(allow_null=True)
    against = S.CharField()
    opened_at = Moment(source="carton.opened_at")
    opened_by = S.CharField(source="carton.opened_by")
    closed_at = Moment(source="carton.closed_at", allow_null=True)
    in_error_at = Moment(source="carton.in_error_at", allow_null=True)
    in_error_by = S.CharField(source="carton.in_error_by")


class Cartons(Endpoint):
    """The cartons open at the site, and one more."""

    @extend_schema(responses=CartonOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(CartonOutput(cartons_for(self.actor(), self.actor().site_code), many=True).data)

    @extend_schema(request=CartonInput, responses={201: CartonOutput})
    @once
    def post(self, request: Request) -> Response:
        body, actor = self.parsed(CartonInput), self.actor()
        typed = Typed(body["code"], body["expires_on"], body["printed_lot"], body["reason"])
        opened = open_carton(
            actor=actor, site_code=actor.site_code, product=body["product"], typed=typed, units=body["units"]
        )
        return Response(CartonOutput(row_of(opened)).data, status=201)


class CartonClosing(Endpoint):
    """Close a carton: it is empty, or put away."""

    @extend_schema(request=None, responses={201: CartonOutput})
    def post(self, request: Request, carton_id: int) -> Response:
        return Response(CartonOutput(row_of(close_carton(actor=self.actor(), carton_id=carton_id))).data, status=201)


class CartonInError(Endpoint):
    """Say that a carton was opened in error: it stays in the register and gives nothing."""

    @extend_schema(request=ReasonInput, responses={201: CartonOutput})
    def post(self, request: Request, carton_id: int) -> Response:
        carton = record_opened_in_error(actor=self.actor(), carton_id=carton_id, **self.parsed(ReasonInput))
        return Response(CartonOutput(row_of(carton)).data, status=201)


class ArticleInput(SignatureInput):
    """An article number, as scanned or 8 to 14 digits, the product that the pack is, and a signature."""

    product = S.CharField()
    article = S.CharField()


class ArticleOutput(S.Serializer[Any]):
    """An article number; without `id` it is the plan's."""

    id = S.IntegerField(source="pk", allow_null=True)
    gtin = S.CharField()
    product = S.CharField()
    added_at = Moment(allow_null=True)
    added_by = S.CharField()


class Articles(Endpoint):
    """The article numbers that prove packs at the site, and one more."""

    @extend_schema(responses=ArticleOutput(many=True))
    def get(self, request: Request) -> Response:
        return Response(ArticleOutput(articles_for(self.actor(), self.actor().site_code), many=True).data)

    @extend_schema(request=ArticleInput, responses={201: ArticleOutput})
    def post(self, request: Request) -> Response:
        body, actor = self.parsed(ArticleInput), self.actor()
        command = AddArticle(actor.site_code, body["product"], read_article(body["article"]))
        added = add_article(actor=actor, command=command, grant=self.signed(body, command))
        row = ArticleRow(added.gtin, added.product, added.pk, added.added_at, added.added_by)
        return Response(ArticleOutput(row).data, status=201)


class WithdrawalInput(S.Serializer[Any]):
    """Why it was wrong."""

    reason = S.CharField()


class ArticleWithdrawal(Endpoint):
    """Withdraw an article number that was added at the site."""

    @extend_schema(request=WithdrawalInput, responses={201: None})
    def post(self, request: Request, article_id: int) -> Response:
        withdraw_article(actor=self.actor(), article_id=article_id, **self.parsed(WithdrawalInput))
        return Response(status=201)
