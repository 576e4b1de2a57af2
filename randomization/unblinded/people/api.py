"""People of the unblinded side over the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import UNBLINDED_ROLES, Permission, Role
from randomization.accounts.selectors import all_current, open_proposals
from randomization.accounts.services.appoint import Delegation, end_membership, refuse_delegation
from randomization.accounts.services.recover_account import ask_recovery, refuse_recovery
from randomization.delivery.api import AccountRecoveryInput, DelegationBody, Endpoint, MembershipOutput, ReasonInput
from randomization.unblinded.people.services.appoint_by_two import confirm, propose
from randomization.unblinded.people.services.recover_by_two import confirm_and_tell
from randomization.unblinded.people.waiting_requests import facts_of, waiting_recoveries

S = serializers


class ProposalInput(DelegationBody):
    """An unblinded person to appoint, as first of two."""

    role = S.ChoiceField(choices=[role.value for role in UNBLINDED_ROLES])


class ProposalOutput(S.Serializer[Any]):
    """What waits for the second person."""

    id = S.UUIDField()
    user_name = S.CharField()
    role = S.CharField()
    reach = S.CharField()
    proposed_by = S.CharField()


class Proposals(Endpoint):
    """Appointments that wait for a second person; propose one."""

    @extend_schema(responses=ProposalOutput(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.PEOPLE_APPOINT)
        return Response(ProposalOutput(open_proposals(), many=True).data)

    @extend_schema(request=ProposalInput, responses={201: ProposalOutput})
    def post(self, request: Request) -> Response:
        body = self.parsed(ProposalInput)
        password, role = body.pop("password"), Role(body["role"])
        proposal = propose(actor=self.actor(), delegation=Delegation(**{**body, "role": role}), password=password)
        return Response(ProposalOutput(proposal).data, status=201)


class Confirmation(Endpoint):
    """Confirm an appointment as second of two."""

    @extend_schema(request=None, responses={201: MembershipOutput})
    def post(self, request: Request, proposal_id: UUID) -> Response:
        return Response(MembershipOutput(confirm(actor=self.actor(), proposal_id=str(proposal_id))).data, status=201)


class OneProposal(Endpoint):
    """Say no."""

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, proposal_id: UUID) -> Response:
        refuse_delegation(actor=self.actor(), proposal_id=str(proposal_id))
        return Response(status=204)


class AccountRecoveryOutput(S.Serializer[Any]):
    """What waits for the second person."""

    id = S.UUIDField()
    user_name = S.CharField()
    asked_by = S.CharField()
    reason = S.CharField()


class AccountRecoveries(Endpoint):
    """Who waits to be let in again; ask for it."""

    @extend_schema(responses=AccountRecoveryOutput(many=True))
    def get(self, request: Request) -> Response:
        waiting = waiting_recoveries(self.actor())
        return Response([facts_of(recovery, reason) for recovery, reason in waiting])

    @extend_schema(request=AccountRecoveryInput, responses={201: AccountRecoveryOutput})
    def post(self, request: Request) -> Response:
        body = self.parsed(AccountRecoveryInput)
        return Response(facts_of(ask_recovery(actor=self.actor(), **body), body["reason"]), status=201)


class OneAccountRecovery(Endpoint):
    """Say no."""

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, recovery_id: UUID) -> Response:
        refuse_recovery(actor=self.actor(), recovery_id=str(recovery_id))
        return Response(status=204)


class AccountRecoveryConfirmation(Endpoint):
    """Let somebody in again as second of two."""

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, recovery_id: UUID) -> Response:
        confirm_and_tell(actor=self.actor(), recovery_id=str(recovery_id))
        return Response(status=204)


class People(Endpoint):
    """The memberships that hold now."""

    @extend_schema(responses=MembershipOutput(many=True))
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.PEOPLE_APPOINT)
        return Response(MembershipOutput(all_current(), many=True).data)


class OneMembership(Endpoint):
    """End a membership."""

    @extend_schema(request=ReasonInput, responses={204: None})
    def delete(self, request: Request, membership_id: UUID) -> Response:
        end_membership(actor=self.actor(), membership_id=str(membership_id), **self.parsed(ReasonInput))
        return Response(status=204)
