"""A bounded run of schemathesis over the API of one side: what the schema lets in, sent by every role."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

import schemathesis
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.core import NotSet
from schemathesis.core.result import Ok

from randomization.accounts.services.tokens import issue_token
from randomization.shared.actor import Actor

EXAMPLES: Final = {GenerationMode.POSITIVE: 1, GenerationMode.NEGATIVE: 1}
"""Cases of an operation: what the schema allows is sent by every role, a body that it does not by one role in turn."""


@dataclass(slots=True)
class Sent:
    """What a run sent, and the answers that nobody should ever get."""

    operations: int = 0
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def roles_with(self, *statuses: int) -> set[str]:
        """The roles that got an answer with one of these statuses."""
        return {role for role, status in self.answers if status in statuses}


def _cases(operation: Any, mode: GenerationMode) -> list[Case[Any]]:
    """The same cases in every run."""
    cases: list[Case[Any]] = []
    body = {"media_type": "application/json"} if operation.body else {}

    @settings(
        max_examples=EXAMPLES[mode],
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode, **body))
    def draw(case: Case[Any]) -> None:
        cases.append(case)

    draw()
    return cases


def _named(case: Case[Any], known: Mapping[str, str]) -> dict[str, Any]:
    """The path parameters of a case; where `known` has a value for a part of this path, that one."""
    names = dict(case.path_parameters)
    for part, value in known.items():
        if part in case.path:
            names[part[part.index("{") + 1 : -1]] = value
    return names


def _request(case: Case[Any]) -> dict[str, Any]:
    """A case as Django's client sends it; as JSON, which every operation takes."""
    request: dict[str, Any] = {"method": case.method, "path": case.formatted_path}
    if case.query:
        request["QUERY_STRING"] = urlencode(case.query, doseq=True)
    if not isinstance(case.body, NotSet):
        request |= {"data": json.dumps(case.body, default=str), "content_type": "application/json"}
    return request


def _is_right(response: Any) -> bool:
    """No server error, and every refusal is a problem with a stable code (RFC 9457)."""
    if response.status_code < 400:
        return True
    is_problem = response.headers.get("Content-Type") == "application/problem+json"
    return response.status_code < 500 and is_problem and bool(json.loads(response.content).get("code"))


def send_everything(actors: Sequence[Actor], known: Mapping[str, str], *, under: str = "") -> Sent:
    """Send every operation of this side's schema as each actor, or those whose path begins with `under`.

    known: real values by the part of a path that they belong to (`doses/{uid}`), so that the first case of an
    operation names what is there; the others name what the schema allows.
    """
    generator: Any = SchemaGenerator  # drf-spectacular has no types
    schema = schemathesis.openapi.from_dict(generator().get_schema(request=None, public=True))
    tokens = {actor: issue_token(actor=actor)[0] for actor in actors}
    sent, client = Sent(), Client(raise_request_exception=False)
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()
        if not operation.path.startswith(under):
            continue
        sent.operations += 1
        modes = list(EXAMPLES) if operation.body else [GenerationMode.POSITIVE]
        cases = [(case, mode) for mode in modes for case in _cases(operation, mode)]
        cases[0][0].path_parameters = _named(cases[0][0], known)
        for case, mode in cases:
            request = _request(case)
            in_turn = [actors[sent.operations % len(actors)]]
            for actor in actors if mode is GenerationMode.POSITIVE else in_turn:
                token = tokens[actor]
                headers = {**case.headers, "Authorization": f"Token {token}"}
                response = client.generic(**request, headers=headers)
                sent.answers[actor.role, response.status_code] += 1
                if not _is_right(response):
                    sent.faults.append(f"{response.status_code} {operation.label} as {actor.role}: {request}")
    return sent


def named_alike() -> list[str]:
    """Where this side's schema has one name for two forms of a body, so that one is described as the other."""
    generator: Any = SchemaGenerator
    stats: Any = GENERATOR_STATS
    stats.reset()
    generator().get_schema(request=None, public=True)
    return [warning for warning in stats._warn_cache if "identical names" in warning]
