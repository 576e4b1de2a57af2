"""The trial manager over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.api import AppointmentBody, Endpoint, MembershipOutput, Moment, ReasonInput
from randomization.accounts.policies import check_can
from randomization.accounts.roles import BLINDED_ROLES, Permission, Role
from randomization.accounts.selectors import all_current
from randomization.accounts.services.appoint import Appointment, end_membership
from randomization.blinded.desk.services.appoint_blinded import appoint_blinded
from randomization.blinded.sites.selectors import sites_for
from randomization.blinded.sites.services.register_sites import set_site_open

S = serializers


class AppointmentInput(AppointmentBody):
    """A blinded person to appoint."""

    role = S.ChoiceField(choices=[role.value for role in BLINDED_ROLES])


class SiteOutput(S.Serializer[Any]):
    """A site."""

    code = S.CharField()
    name = S.CharField()
    is_open = S.BooleanField()
    drill_done_at = Moment(allow_null=True)
    may_supply = S.BooleanField()


class SiteStateInput(S.Serializer[Any]):
    """Open or closed, and why."""

    is_open = S.BooleanField()
    reason = S.CharField()


class People(Endpoint):
    """Memberships; appoint."""

    @extend_schema(responses=MembershipOutput(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.PEOPLE_APPOINT)
        return Response(MembershipOutput(all_current(), many=True).data)

    @extend_schema(request=AppointmentInput, responses={201: MembershipOutput})
    def post(self, request: Request) -> Response:
        given = self.parsed(AppointmentInput)
        password, role = given.pop("password"), Role(given["role"])
        made = appoint_blinded(
            actor=self.actor(), appointment=Appointment(**{**given, "role": role}), password=password
        )
        return Response(MembershipOutput(made).data, status=201)


class OneMembership(Endpoint):
    """End a membership."""

    @extend_schema(request=ReasonInput, responses={204: None})
    def delete(self, request: Request, membership_id: UUID) -> Response:
        end_membership(actor=self.actor(), membership_id=str(membership_id), **self.parsed(ReasonInput))
        return Response(status=204)


class Sites(Endpoint):
    """All sites within reach."""

    @extend_schema(responses=SiteOutput(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.SITE_MANAGE)
        return Response(SiteOutput(sites_for(self.actor()), many=True).data)


class SiteState(Endpoint):
    """Open or close a site."""

    @extend_schema(request=SiteStateInput, responses={204: None})
    def put(self, request: Request, code: str) -> Response:
        set_site_open(actor=self.actor(), code=code, **self.parsed(SiteStateInput))
        return Response(status=204)
