"""Reads of who is who: look-alikes of a site, what was answered about them, and who was randomised already."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db import connections
from django.db.models import Field

from randomization.blinded.screening.identity import Identity, LookAlike
from randomization.blinded.screening.models import Participant
from randomization.blinded.screening.states import State
from randomization.shared import clock
from randomization.shared.service import Side, alias_of

LOOKED_BACK: Final = timedelta(days=90)
"""How long ago somebody was screened who may be the same person."""

_STATEMENT: Final = """
SELECT 'alike' AS what, other.number, COALESCE(
    (SELECT pair.is_same FROM screening_sameperson pair
      WHERE ((pair.participant_id = other.uid AND pair.other_id = %(me)s)
          OR (pair.participant_id = %(me)s AND pair.other_id = other.uid))
        AND pair.sex = %(sex)s AND pair.year_of_birth = %(year)s
      ORDER BY pair.id DESC LIMIT 1),
    CASE WHEN other.earlier_id = %(me)s OR other.uid = %(earlier)s THEN TRUE END) AS answer
  FROM screening_participant other JOIN screening_assessment compared ON compared.id = other.assessment_id
 WHERE other.home_id = %(home)s AND other.uid <> %(me)s AND other.screened_at >= %(since)s
   AND compared.sex = %(sex)s AND compared.year_of_birth = %(year)s
UNION ALL
SELECT 'randomised', number, TRUE FROM screening_participant
 WHERE person_uid = %(person)s AND state = %(allocated)s AND uid <> %(me)s
UNION ALL
SELECT 'attested', '', last.is_randomised_elsewhere FROM (
    SELECT is_randomised_elsewhere FROM screening_attestation
     WHERE participant_id = %(me)s AND sex = %(sex)s AND year_of_birth = %(year)s ORDER BY id DESC LIMIT 1) last
"""
"""Written out, since an allocation waits for it (docs/decisions/0046)."""


def _field(name: str) -> Field[Any, Any]:
    found: Field[Any, Any] = Participant._meta.get_field(name)  # type: ignore[assignment]
    return found


def identity_of(person: Participant) -> Identity:
    """What is known of who a participant is, as of now; one statement, whatever the number of look-alikes."""
    connection, mine = connections[alias_of(Side.BLINDED)], person.assessment
    uid = _field("uid")
    values = {
        "me": uid.get_db_prep_value(person.uid, connection),
        "earlier": uid.get_db_prep_value(person.earlier_id, connection),
        "person": uid.get_db_prep_value(person.person_uid, connection),
        "since": _field("screened_at").get_db_prep_value(clock.now() - LOOKED_BACK, connection),
        "home": person.home_id, "allocated": State.ALLOCATED.value,
        "sex": mine.sex if mine else "", "year": mine.year_of_birth if mine else 0,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT, values)
        rows = [(what, number, None if answer is None else bool(answer)) for what, number, answer in cursor.fetchall()]
    return Identity(
        tuple(LookAlike(number, answer) for what, number, answer in sorted(rows, key=str) if what == "alike"),
        next((answer for what, _number, answer in rows if what == "attested"), None),
        next((number for what, number, _answer in rows if what == "randomised"), None),
    )
