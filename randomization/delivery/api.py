"""Tokens of the API, and what every endpoint shares."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from randomization.accounts.lock_out import Door, LogInAction
from randomization.accounts.locked_names import check_not_locked
from randomization.accounts.selectors import actor_of, current_memberships, has_factor
from randomization.accounts.services.tokens import issue_token
from randomization.accounts.wrong_secrets import counting_failures, note_failure
from randomization.delivery.middleware import actor_in
from randomization.delivery.one_time_keys import Answer, sent_by_client
from randomization.delivery.selectors import answer_to
from randomization.delivery.services.act_once import act_once
from randomization.delivery.services.second_factor import use_factor
from randomization.shared.actor import Actor
from randomization.shared.errors import KeyRequired, NotPermitted, SignatureRefused
from randomization.shared.exact import DIGITS, PLACES
from randomization.shared.foreseen import Accepted
from randomization.shared.plausible import YEARS
from randomization.signatures.command import SignedCommand
from randomization.signatures.signing import sign


class Moment(serializers.DateTimeField):
    """An ISO 8601 moment with its UTC offset: a time without one could be any of several."""

    default_error_messages = {  # noqa: RUF012 (DRF's form)
        "naive": "Add the UTC offset, like 2026-03-01T14:30+02:00.",
        "year": "This year cannot be: write four digits.",
    }

    def enforce_timezone(self, value: datetime) -> datetime:
        """Refuse a time without an offset, and a year that cannot be."""
        if value.tzinfo is None:
            self.fail("naive")
        if not YEARS[0] <= value.year <= YEARS[1]:
            self.fail("year")
        return super().enforce_timezone(value)


class Exact(serializers.DecimalField):
    """A decimal number as it was sent: one with more decimals than are kept is refused, never rounded or filled up."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=DIGITS, decimal_places=PLACES, **kwargs)

    def quantize(self, value: Decimal) -> Decimal:
        """What was sent stays as it is."""
        return value


class SignatureInput(serializers.Serializer[Any]):
    """Identity and secret, given again."""

    user_name = serializers.CharField()
    secret = serializers.CharField(trim_whitespace=False)


class DelegationBody(serializers.Serializer[Any]):
    """A person to appoint; each side names its own roles."""

    user_name = serializers.CharField()
    email = serializers.EmailField()
    reach = serializers.CharField(allow_blank=True, default="")
    delegated_by = serializers.CharField(allow_blank=True, default="")
    trained_for = serializers.CharField(allow_blank=True, default="")
    ends_at = Moment(required=False, default=None)
    password = serializers.CharField(trim_whitespace=False)


class MembershipOutput(serializers.Serializer[Any]):
    """A membership that holds now."""

    id = serializers.UUIDField()
    user_name = serializers.CharField(source="account.user_name")
    role = serializers.CharField()
    reach = serializers.CharField()
    starts_at = Moment()
    ends_at = Moment(allow_null=True)


class ReasonInput(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField()


class AccountRecoveryInput(serializers.Serializer[Any]):
    """Who is let in again, why, and the new first password."""

    user_name = serializers.CharField()
    reason = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)


class AcceptingInput(serializers.Serializer[Any]):
    """`accept_voids`: how many prepared syringes become void by this act, where an answer `voids_not_accepted` said so.

    Where the number has changed since, the answer says so again.
    """

    accepts_voids = True
    accept_voids = serializers.IntegerField(min_value=0, required=False, default=0)


def accepted_in(body: dict[str, Any]) -> Accepted:
    """Takes `accept_voids` out of a parsed body."""
    return Accepted(count=body.pop("accept_voids"))


class Endpoint(APIView):
    """A thin view: parse, one call, answer."""

    def actor(self) -> Actor:
        """Who calls."""
        return actor_in(self.request._request)

    def parsed(self, serializer: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The body, or a problem that names each wrong field."""
        body_serializer = serializer(data=self.request.data)
        body_serializer.is_valid(raise_exception=True)
        return dict(body_serializer.validated_data)

    def once(self, act: Callable[[], Response]) -> Response:
        """What `act` answers, in one transaction with the key of the request; what it answered before, if it did.

        Raises KeyRequired without the key.
        """
        sent = sent_by_client(self.actor(), self.request._request, self.request.data)
        if sent is None:
            raise KeyRequired
        first: list[Response] = []

        def carried_out() -> Answer:
            first.append(act())
            return Answer(first[0].status_code, json.dumps(first[0].data, cls=JSONEncoder))

        kept = act_once(actor=self.actor(), sent=sent, act=carried_out)
        return first[0] if first or kept is None else _again(kept)

    def signed(self, signature: dict[str, Any], command: SignedCommand) -> UUID:
        """The grant for a command, with the signature (`SignatureInput`) by the person who calls."""
        if signature["user_name"].lower() != self.actor().user_name:
            raise SignatureRefused("Sign with your own user name.", field="user_name")
        return sign(actor=self.actor(), secret=signature["secret"], command=command)


def _again(kept: Answer) -> Response:
    """The first answer, to a request that was sent again."""
    return Response(json.loads(kept.body or "null"), status=kept.status, headers={"Idempotency-Replayed": "true"})


Handler = Callable[..., Response]


def once(handler: Handler) -> Handler:
    """A method of an endpoint that is done once under the `Idempotency-Key` of the request, in one transaction with it.

    Raises KeyRequired (428) without the header.
    """

    def run(endpoint: Endpoint, request: Request, *args: Any, **kwargs: Any) -> Response:
        return endpoint.once(lambda: handler(endpoint, request, *args, **kwargs))

    return once_signed(wraps(handler)(run))


def once_signed(handler: Handler) -> Handler:
    """As `once`, for a method that takes a signature first and calls its service by `self.once`.

    Without the key nothing is looked at, so no signature is spent.
    """

    @wraps(handler)
    def run(endpoint: Endpoint, request: Request, *args: Any, **kwargs: Any) -> Response:
        sent = sent_by_client(endpoint.actor(), request._request, request.data)
        if sent is None:
            raise KeyRequired
        kept = answer_to(endpoint.actor(), sent)
        return _again(kept) if kept else handler(endpoint, request, *args, **kwargs)

    run.takes_one_time_key = True  # type: ignore[attr-defined]
    return run


class TokenInput(serializers.Serializer[Any]):
    """Log-in for a token; `role` where a person has several, `code` of the app where there is a second factor."""

    user_name = serializers.CharField()
    password = serializers.CharField(trim_whitespace=False)
    role = serializers.CharField(required=False)
    code = serializers.CharField(required=False, default="")


class TokenOutput(serializers.Serializer[Any]):
    """A token, shown once."""

    token = serializers.CharField()
    expires = Moment()
    role = serializers.CharField()
    reach = serializers.CharField()


class Tokens(Endpoint):
    """Get a token for 12 hours."""

    authentication_classes: list[type[BaseAuthentication]] = []  # noqa: RUF012 (DRF's form)
    permission_classes = [AllowAny]  # noqa: RUF012 (DRF's form)

    @extend_schema(request=TokenInput, responses={201: TokenOutput})
    def post(self, request: Request) -> Response:
        body = self.parsed(TokenInput)
        name = body["user_name"].lower()
        check_not_locked(Door.API_TOKEN, name)
        account = authenticate(request._request, username=name, password=body["password"])
        if account is None:
            note_failure(name, LogInAction.WRONG_AT_LOG_IN)
            raise SignatureRefused("User name or password is not right.", code="log_in_failed")
        roles = [item for item in current_memberships(account) if body.get("role") in {None, item.role}]
        if not roles:
            raise NotPermitted("You have no such role now.")
        if has_factor(account):
            with counting_failures(name, LogInAction.WRONG_SECOND_FACTOR):
                use_factor(actor=actor_of(roles[0]), code=body["code"])
        token, expires = issue_token(actor=actor_of(roles[0]))
        return Response(
            {"token": token, "expires": expires, "role": roles[0].role, "reach": roles[0].reach}, status=201
        )
