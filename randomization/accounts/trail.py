"""The audit trail for people: a page, the API, and an export that `verify_audit --export` checks.

It stands here and not in `audit`, which knows no roles.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.api import Endpoint
from randomization.accounts.middleware import actor_in
from randomization.accounts.pages import page
from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.selectors import as_dict, events_for, stream_events, streams, texts_of
from randomization.shared.actor import Actor

PAGE = 50
FILTERS = ("subject", "action", "stream")


def _filters(given: Any) -> dict[str, str]:
    return {key: str(given.get(key, "")).strip()[:64] for key in FILTERS}


@page(Permission.AUDIT_READ)
def trail(request: HttpRequest) -> HttpResponse:
    """The events within reach, newest first, with search."""
    filters = _filters(request.GET)
    found = Paginator(events_for(actor_in(request), **filters), PAGE).get_page(request.GET.get("page"))
    texts = texts_of(list(found))
    rows = [(event, json.loads(event.data), texts.get((event.stream, event.seq), {})) for event in found]
    return render(request, "trail.html", {"rows": rows, "found": found, **filters})


def _lines(actor: Actor) -> Iterator[str]:
    for stream in streams():
        if actor.reaches(stream.name) or not actor.site_code:
            for event in stream_events(stream.name):
                yield json.dumps(event, ensure_ascii=False, sort_keys=True) + "\n"


@page(Permission.AUDIT_READ)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The trail within reach as JSON lines."""
    answer = StreamingHttpResponse(_lines(actor_in(request)), content_type="application/x-ndjson")
    answer["Content-Disposition"] = 'attachment; filename="audit.jsonl"'
    return answer


class EventOutput(serializers.Serializer[Any]):
    """One event of audit chain v1."""

    v = serializers.IntegerField()
    stream = serializers.CharField()
    seq = serializers.IntegerField()
    at = serializers.CharField()
    actor = serializers.CharField()
    role = serializers.CharField()
    action = serializers.CharField()
    subject = serializers.CharField()
    data = serializers.DictField()  # type: ignore[assignment]
    previous = serializers.CharField()
    hash = serializers.CharField()


class Events(Endpoint):
    """The newest 200 events within reach; filter by subject, action, stream."""

    @extend_schema(responses=EventOutput(many=True), parameters=[OpenApiParameter(name, str) for name in FILTERS])
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.AUDIT_READ)
        found = events_for(self.actor(), **_filters(request.query_params))[:200]
        return Response([as_dict(event) for event in found])
