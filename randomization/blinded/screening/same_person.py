"""Reads of who is who: look-alikes of a site, what was answered about them, and who was randomised already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

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
SELECT 'alike' AS what, me.number AS number, other.number AS other, COALESCE(
    (SELECT pair.is_same FROM screening_sameperson pair
      WHERE ((pair.participant_id = other.uid AND pair.other_id = me.uid)
          OR (pair.participant_id = me.uid AND pair.other_id = other.uid))
        AND pair.sex = mine.sex AND pair.year_of_birth = mine.year_of_birth
      ORDER BY pair.id DESC LIMIT 1),
    CASE WHEN other.earlier_id = me.uid OR other.uid = me.earlier_id THEN TRUE END) AS answer
  FROM screening_participant me
  JOIN screening_assessment mine ON mine.id = me.assessment_id
  JOIN screening_participant other
    ON other.home_id = me.home_id AND other.uid <> me.uid AND other.screened_at >= %(since)s
  JOIN screening_assessment compared
    ON compared.id = other.assessment_id AND compared.sex = mine.sex AND compared.year_of_birth = mine.year_of_birth
 WHERE me.uid IN ({people})
UNION ALL
SELECT 'randomised', me.number, other.number, TRUE
  FROM screening_participant me
  JOIN screening_participant other ON other.person_uid = me.person_uid AND other.uid <> me.uid
 WHERE other.state = %(allocated)s AND me.uid IN ({people})
UNION ALL
SELECT 'attested', me.number, '', said.is_randomised_elsewhere
  FROM screening_participant me
  JOIN screening_assessment mine ON mine.id = me.assessment_id
  JOIN screening_attestation said
    ON said.participant_id = me.uid AND said.sex = mine.sex AND said.year_of_birth = mine.year_of_birth
 WHERE me.uid IN ({people}) AND NOT EXISTS (
    SELECT 1 FROM screening_attestation later
     WHERE later.participant_id = said.participant_id AND later.sex = said.sex
       AND later.year_of_birth = said.year_of_birth AND later.id > said.id)
UNION ALL
SELECT DISTINCT 'judged', me.number, '', TRUE
  FROM screening_participant me
  JOIN screening_participant file ON file.person_uid = me.person_uid
  JOIN screening_sample sample ON sample.participant_id = file.uid
 WHERE sample.was_judged_with_covid19 = TRUE AND me.uid IN ({people})
"""
"""Written out, since an allocation waits for it (docs/decisions/0046)."""


def _field(name: str) -> Field[Any, Any]:
    field: Field[Any, Any] = Participant._meta.get_field(name)  # type: ignore[assignment]
    return field


def _identity(rows: Sequence[tuple[str, str, str, bool | None]]) -> Identity:
    alike = sorted((other, answer) for what, _number, other, answer in rows if what == "alike")
    attested = [answer for what, _number, _other, answer in rows if what == "attested"]
    randomised = [other for what, _number, other, _answer in rows if what == "randomised"]
    return Identity(
        tuple(LookAlike(other, None if answer is None else bool(answer)) for other, answer in alike),
        bool(attested[0]) if attested else None,
        min(randomised, default=None),
        any(what == "judged" for what, *_rest in rows),
    )


def identities(participants: Sequence[Participant]) -> dict[UUID, Identity]:
    """What is known of who each of these participants is, as of now; one statement, however many they are."""
    if not participants:
        return {}
    connection = connections[alias_of(Side.BLINDED)]
    uids = {
        f"uid{order}": _field("uid").get_db_prep_value(participant.uid, connection)
        for order, participant in enumerate(participants)
    }
    since = _field("screened_at").get_db_prep_value(clock.now() - LOOKED_BACK, connection)
    statement = _STATEMENT.format(people=", ".join(f"%({name})s" for name in uids))
    rows: dict[str, list[tuple[str, str, str, bool | None]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**uids, "since": since, "allocated": State.ALLOCATED.value})
        for row in cursor.fetchall():
            rows.setdefault(row[1], []).append(row)
    return {participant.uid: _identity(rows.get(participant.number, [])) for participant in participants}


def identity_of(participant: Participant) -> Identity:
    """As `identities`, of one."""
    return identities([participant])[participant.uid]
