"""People and sites, managed over the API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import BLINDED_ROLES, Permission, Role
from randomization.accounts.selectors import all_current
from randomization.accounts.services.appoint import Delegation, end_membership
from randomization.blinded.desk.access import access_rows
from randomization.blinded.desk.people_file import read_people
from randomization.blinded.desk.services.appoint_blinded import appoint_blinded
from randomization.blinded.desk.services.import_people import import_people
from randomization.blinded.desk.services.recover_blinded_account import recover_blinded_account
from randomization.blinded.desk.services.review_access import ReviewAccess, check_shown, review_access
from randomization.blinded.sites.selectors import sites_for
from randomization.blinded.sites.services.register_sites import set_site_open
from randomization.blinded.sites.services.sign_self_check import SignSelfCheck, sign_self_check
from randomization.delivery.api import (
    AccountRecoveryInput,
    DelegationBody,
    Endpoint,
    MembershipOutput,
    Moment,
    ReasonInput,
    SignatureInput,
)

S = serializers


class DelegationInput(DelegationBody):
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

    @extend_schema(request=DelegationInput, responses={201: MembershipOutput})
    def post(self, request: Request) -> Response:
        body = self.parsed(DelegationInput)
        password, role = body.pop("password"), Role(body["role"])
        membership = appoint_blinded(
            actor=self.actor(), delegation=Delegation(**{**body, "role": role}), password=password
        )
        return Response(MembershipOutput(membership).data, status=201)


class AccountRecoveries(Endpoint):
    """Let somebody in again who lost password or telephone."""

    @extend_schema(request=AccountRecoveryInput, responses={204: None})
    def post(self, request: Request) -> Response:
        recover_blinded_account(actor=self.actor(), **self.parsed(AccountRecoveryInput))
        return Response(status=204)


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


class SelfCheckInput(S.Serializer[Any]):
    """What was tried at the site, and the signature."""

    printer = S.BooleanField()
    scanner = S.BooleanField()
    telephone_answered_by = S.CharField()
    telephone_called_at = Moment()
    people_trained = S.BooleanField()
    signature = SignatureInput()


class SelfCheckOutput(S.Serializer[Any]):
    """Whether the site passed."""

    passed = S.BooleanField(source="is_passed")
    signed_at = Moment()


class SelfChecks(Endpoint):
    """The self-check of one's own site."""

    @extend_schema(request=SelfCheckInput, responses={201: SelfCheckOutput})
    def post(self, request: Request) -> Response:
        body = self.parsed(SelfCheckInput)
        signature = body.pop("signature")
        command = SignSelfCheck(self.actor().site_code, **body)
        self_check = sign_self_check(actor=self.actor(), command=command, grant=self.signed(signature, command))
        return Response(SelfCheckOutput(self_check).data, status=201)


class PeopleFileInput(S.Serializer[Any]):
    """A file of people as text."""

    csv = S.CharField(trim_whitespace=False)
    dry_run = S.BooleanField(default=True)


class ImportedOutput(S.Serializer[Any]):
    """A membership of the file, with the first password of a new person; a dry run gives none."""

    user_name = S.CharField()
    role = S.CharField()
    reach = S.CharField()
    password = S.CharField()


class PeopleImport(Endpoint):
    """Appoint many people, all or none."""

    @extend_schema(request=PeopleFileInput, responses={200: ImportedOutput(many=True), 201: ImportedOutput(many=True)})
    def post(self, request: Request) -> Response:
        body = self.parsed(PeopleFileInput)
        dry = body["dry_run"]
        appointed = import_people(actor=self.actor(), rows=read_people(body["csv"]), dry_run=dry)
        shown = [replace(appointee, password="") for appointee in appointed] if dry else appointed
        return Response(ImportedOutput(shown, many=True).data, status=200 if dry else 201)


class ReviewInput(S.Serializer[Any]):
    """The signature over the memberships as they stand, and what follows."""

    shown = S.CharField()
    note = S.CharField(required=False, default="", allow_blank=True)
    signature = SignatureInput()


class AccessOutput(S.Serializer[Any]):
    """Who can do what where, since when, last seen."""

    user_name = S.CharField()
    role = S.CharField()
    reach = S.CharField()
    since = Moment()
    until = Moment(allow_null=True)
    delegated_by = S.CharField()
    trained_for = S.CharField()
    seen = Moment(allow_null=True)


class AccessListOutput(S.Serializer[Any]):
    """The rows, and `shown`: the hash to send back with the signature over them."""

    shown = S.CharField()
    rows = AccessOutput(many=True)


class Reviews(Endpoint):
    """The access review: read it, then sign what was shown."""

    @extend_schema(responses=AccessListOutput)
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.PEOPLE_APPOINT)
        rows = access_rows()
        return Response(AccessListOutput({"shown": ReviewAccess(rows).content_hash(), "rows": rows}).data)

    @extend_schema(request=ReviewInput, responses={204: None})
    def post(self, request: Request) -> Response:
        body, command = self.parsed(ReviewInput), ReviewAccess(access_rows())
        check_shown(command, body["shown"])
        grant = self.signed(body["signature"], command)
        review_access(actor=self.actor(), command=command, note=body["note"], grant=grant)
        return Response(status=204)
