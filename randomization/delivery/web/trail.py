"""The audit trail for people: a page, the API, and an export that `verify_audit --export` checks.

It stands here and not in `audit`, which knows no roles.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from randomization.accounts.policies import check_can
from randomization.accounts.roles import Permission
from randomization.audit.selectors import as_dict, events_for, stream_events, streams, texts_of
from randomization.delivery.api import Endpoint
from randomization.delivery.differences import in_words
from randomization.delivery.forms import SiteForm
from randomization.delivery.middleware import actor_in
from randomization.delivery.pages import FormPage, file_answer, page
from randomization.delivery.services.note_reading import note_reading
from randomization.delivery.services.redact import confirm_redaction, request_redaction
from randomization.shared.actor import Actor
from randomization.shared.csv_file import write_csv
from randomization.shared.ids import (
    PARTICIPANT_NUMBER,
    SITE_CODE,
    TRIAL_STREAM,
    as_participant_number,
    as_site_code,
)
from randomization.shared.service import Side, current_side

PAGE = 50
MOST_LINES = 5000
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FILTERS = ("subject", "action", "stream", "actor", "since", "until")


def _filters(query: Any) -> dict[str, str]:
    """The filters of an address; a day that is none is left out, so that an old link still opens.

    A participant's number and a site are found however they are typed.
    """
    asked = {key: str(query.get(key, "")).strip()[:64] for key in FILTERS}
    number, site_code = as_participant_number(asked["subject"]), as_site_code(asked["stream"])
    if PARTICIPANT_NUMBER.fullmatch(number):
        asked["subject"] = number
    if site_code == TRIAL_STREAM or SITE_CODE.fullmatch(site_code):
        asked["stream"] = site_code
    return {key: text if key not in {"since", "until"} or DAY.fullmatch(text) else "" for key, text in asked.items()}


def _note(actor: Actor, what: str, filters: dict[str, str]) -> None:
    """Above the line a trail says what was in syringes: reading it is a pull, and recorded."""
    if current_side() is Side.UNBLINDED:
        note_reading(actor=actor, about=" ".join([what, *filter(None, filters.values())]))


@page(Permission.AUDIT_READ)
def trail(request: HttpRequest) -> HttpResponse:
    """The events within reach, newest first, with search."""
    filters = _filters(request.GET)
    _note(actor_in(request), "trail", filters)
    events = Paginator(events_for(actor_in(request), **filters), PAGE).get_page(request.GET.get("page"))
    texts = texts_of(list(events))
    rows = [(event, in_words(json.loads(event.data)), texts.get((event.stream, event.seq), {})) for event in events]
    context = {
        "rows": rows,
        "found": events,
        "filters": filters,
        "query": urlencode({key: text for key, text in filters.items() if text}),
    }
    return render(request, "trail.html", context)


@page(Permission.AUDIT_READ)
def found_csv(request: HttpRequest) -> HttpResponse:
    """What a search finds, as a file for people; the export for machines has the hashes."""
    filters, actor = _filters(request.GET), actor_in(request)
    _note(actor, "trail csv", filters)
    events = list(events_for(actor, **filters)[:MOST_LINES])
    texts = texts_of(events)
    rows = []
    for event in events:
        said = [*in_words(json.loads(event.data)), *texts.get((event.stream, event.seq), {}).items()]
        rows.append(
            (
                event.at,
                event.stream,
                event.seq,
                event.actor,
                event.role,
                event.action,
                event.subject,
                "; ".join(f"{name}: {words}" for name, words in said),
            )
        )
    if len(events) == MOST_LINES:
        rows.append(("", "", 0, "", "", "", "", f"Cut after {MOST_LINES} lines: narrow the search."))
    head = ("at_utc", "chain", "number", "who", "role", "action", "about", "what")
    return file_answer(write_csv(head, rows), "text/csv; charset=utf-8", "trail.csv")


def _lines(actor: Actor) -> Iterator[str]:
    for stream in streams():
        if actor.reaches(stream.name) or not actor.site_code:
            for event in stream_events(stream.name):
                yield json.dumps(event, ensure_ascii=False, sort_keys=True) + "\n"


@page(Permission.AUDIT_READ)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The trail within reach as JSON lines."""
    _note(actor_in(request), "trail export", {})
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
    """The newest 200 events within reach; filter by subject, action, stream, actor, since and until (days, UTC)."""

    @extend_schema(responses=EventOutput(many=True), parameters=[OpenApiParameter(name, str) for name in FILTERS])
    def get(self, request: Request) -> Response:
        check_can(self.actor(), Permission.AUDIT_READ)
        filters = _filters(request.query_params)
        _note(self.actor(), "trail", filters)
        events = events_for(self.actor(), **filters)[:200]
        return Response([as_dict(event) for event in events])


class RedactForm(SiteForm):
    """Which text, and why; the second person gives no reason."""

    step = forms.ChoiceField(
        label=_("What do you do?"),
        widget=forms.RadioSelect,
        choices=[("ask", _("Ask that a text is blanked")), ("confirm", _("Confirm, as the second person"))],
    )
    stream = forms.CharField(label=_("Chain"), help_text=_("Like GR01 or TRIAL"))
    seq = forms.IntegerField(label=_("Number of the event"))
    key = forms.CharField(label=_("Text"), initial="reason", help_text=_("The bold word before it in the trail"))
    reason = forms.CharField(label=_("Why must it go?"), required=False)


class Redact(FormPage):
    """Blank a free text that holds personal data by mistake: two people."""

    permission = Permission.AUDIT_REDACT
    form_class = RedactForm
    heading = _("Blank a text in the audit trail")
    button = _("Go on")
    explain = _(
        "For personal data typed by mistake. One person asks, another confirms; that it was done stays on record."
    )
    irrevocable = _("A blanked text cannot be brought back.")
    typed = "stream"
    success_url = reverse_lazy("trail")

    def form_valid(self, form: SiteForm) -> HttpResponse:
        _redact(self.actor, form.cleaned_data)
        return super().form_valid(form)


def _redact(actor: Actor, body: dict[str, Any]) -> None:
    place = {key: body[key] for key in ("stream", "seq", "key")}
    if body["step"] == "ask":
        request_redaction(actor=actor, reason=body["reason"], **place)
    else:
        confirm_redaction(actor=actor, **place)


class RedactionInput(serializers.Serializer[Any]):
    """As the page."""

    step = serializers.ChoiceField(choices=["ask", "confirm"])
    stream = serializers.CharField()
    seq = serializers.IntegerField()
    key = serializers.CharField()
    reason = serializers.CharField(required=False, default="", allow_blank=True)


class Redactions(Endpoint):
    """Ask for a redaction, or confirm one."""

    @extend_schema(request=RedactionInput, responses={204: None})
    def post(self, request: Request) -> Response:
        _redact(self.actor(), self.parsed(RedactionInput))
        return Response(status=204)
