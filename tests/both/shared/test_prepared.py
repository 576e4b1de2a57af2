"""A prepared read returns what the ORM returns, as it stands now, on either database."""

from __future__ import annotations

import pytest
from django.db import connections
from django.forms.models import model_to_dict

from immunosep_site.demonstration import play
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.selectors import FILE, FILE_BY_NUMBER
from randomization.shared.compiled_reads import Prepared
from randomization.shared.service import Side, alias_of
from tests.conftest import tampering

BLINDED = alias_of(Side.BLINDED)


def test_it_reads_what_the_orm_reads_with_every_relation(trial: None) -> None:
    number = play.screen(play.Case("GR01")).number
    participant, expected = (
        FILE_BY_NUMBER.get(BLINDED, number),
        Participant.objects.select_related(*FILE).get(number=number),
    )
    assert participant is not None
    assert model_to_dict(participant) == model_to_dict(expected)
    for name in FILE:
        mine, theirs = getattr(participant, name), getattr(expected, name)
        assert (mine is None) == (theirs is None)
        if mine is not None:
            assert {field.attname: getattr(mine, field.attname) for field in mine._meta.concrete_fields} == {
                field.attname: getattr(theirs, field.attname) for field in theirs._meta.concrete_fields
            }
    assert (participant._state.db, participant._state.adding) == (expected._state.db, False)


def test_a_relation_is_read_along_and_not_asked_for_again(trial: None, django_assert_num_queries: object) -> None:
    number = play.screen(play.Case("GR01")).number
    FILE_BY_NUMBER.get(BLINDED, number)
    with django_assert_num_queries(1, connection=connections[BLINDED]):  # type: ignore[operator]
        participant = FILE_BY_NUMBER.get(BLINDED, number)
        assert participant is not None
        assert participant.sample is not None
        assert (participant.site.code, participant.confirmation) == ("GR01", None)


def test_it_is_never_older_than_the_row(trial: None) -> None:
    number = play.screen(play.Case("GR01")).number
    assert FILE_BY_NUMBER.get(BLINDED, number) is not None
    with tampering():
        Participant.objects.filter(number=number).update(state="withdrawn")
    participant = FILE_BY_NUMBER.get(BLINDED, number)
    assert participant is not None
    assert participant.state == "withdrawn"
    assert FILE_BY_NUMBER.get(BLINDED, "GR01-999") is None


def test_a_query_without_its_key_is_refused(trial: None) -> None:
    prepared = Prepared(lambda _values: Participant.objects.filter(number="GR01-001"))
    with pytest.raises(TypeError, match="takes its key once"):
        prepared.get(BLINDED, "GR01-001")
