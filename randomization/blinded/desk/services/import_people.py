"""Appoint many blinded people from a file, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from randomization.accounts.policies import check_can
from randomization.accounts.roles import BLINDED_ROLES, Permission, Role
from randomization.accounts.selectors import name_is_taken
from randomization.accounts.services.appoint import Delegation
from randomization.audit.record import record
from randomization.blinded.desk.people_file import PersonRow
from randomization.blinded.desk.services.appoint_blinded import appoint_blinded
from randomization.shared.actor import Actor
from randomization.shared.errors import InvalidInput, TrialError
from randomization.shared.ids import as_site_code, new_kit_code
from randomization.shared.sentences import joined
from randomization.shared.sentences import sentence as _
from randomization.shared.service import savepoint, service, undo

MOST_ROWS = 500


@dataclass(frozen=True, slots=True)
class Imported:
    """One membership that was made; `password` is the first one of a new person, empty for one already here."""

    user_name: str
    role: str
    reach: str
    password: str


def _delegation(row: PersonRow) -> Delegation:
    if row.role not in {role.value for role in BLINDED_ROLES}:
        known = ", ".join(role.value for role in BLINDED_ROLES)
        raise InvalidInput(
            _("%(role)s is no role of this side: write one of %(known)s.", role=repr(row.role), known=known),
            field="file",
        )
    return Delegation(
        row.user_name,
        row.email,
        Role(row.role),
        as_site_code(row.reach),
        row.delegated_by,
        row.trained_for,
        row.ends_at,
    )


@service
def import_people(*, actor: Actor, rows: Sequence[PersonRow], dry_run: bool) -> list[Imported]:
    """Appoint everybody of a file with a first password drawn by chance (14 characters of 31, and two to check).

    A dry run tries every line and appoints nobody. Raises InvalidInput naming every line that cannot be; then nobody is
    appointed.
    """
    check_can(actor, Permission.PEOPLE_APPOINT)
    if not 1 <= len(rows) <= MOST_ROWS:
        raise InvalidInput(_("A file has 1 to %(most_rows)s lines.", most_rows=MOST_ROWS), field="file")
    appointed: list[Imported] = []
    refused: list[str] = []
    for row in rows:
        is_new = not name_is_taken(row.user_name)
        password = new_kit_code() + new_kit_code()
        try:
            with savepoint():
                appoint_blinded(actor=actor, delegation=_delegation(row), password=password)
        except TrialError as error:
            refused.append(_("Line %(line)s: %(sentence)s", line=row.line, sentence=error.sentence))
            continue
        appointed.append(Imported(row.user_name.lower(), row.role, as_site_code(row.reach), password if is_new else ""))
    if refused:
        raise InvalidInput(joined((*refused, _("Nobody was appointed."))), field="file")
    record(actor=actor, action="person.import", subject="people", data={"lines": len(appointed)})
    if dry_run:
        undo()
    return appointed
