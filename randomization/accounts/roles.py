"""Roles, permissions, and the one table that joins them. Nobody holds roles of both sides (E6 4.1.3)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from randomization.shared.service import Side


class Role(StrEnum):
    """What a person is, on one side."""

    AUDITOR = "auditor"
    BLINDED_MONITOR = "blinded_monitor"
    COORDINATOR = "coordinator"
    INVESTIGATOR = "investigator"
    NURSE = "nurse"
    TRIAL_MANAGER = "trial_manager"
    CODE_BREAKER = "code_breaker"
    LABORATORY = "laboratory"
    PHARMACIST = "pharmacist"
    PREPARER = "preparer"
    SAFETY_OFFICER = "safety_officer"
    STATISTICIAN = "statistician"
    UNBLINDED_MONITOR = "unblinded_monitor"


class Reach(StrEnum):
    """How far a role reaches: the membership names the site or country."""

    SITE = "site"
    COUNTRY = "country"
    EVERYWHERE = "everywhere"


class Permission(StrEnum):
    """What may be done, `resource:action`, alphabetised."""

    ACCOUNTABILITY_QUERY = "accountability:query"
    ACCOUNTABILITY_READ = "accountability:read"
    ACCOUNTABILITY_SIGN = "accountability:sign"
    ADMINISTRATION_RECORD = "administration:record"
    ALLOCATION_CREATE = "allocation:create"
    AUDIT_READ = "audit:read"
    AUDIT_REDACT = "audit:redact"
    CARD_PRINT = "card:print"
    CHECK_ARRANGE = "check:arrange"
    CLASS_DECIDE = "class:decide"
    CLEARANCE_RECORD = "clearance:record"
    CODE_ASSESS = "code:assess"
    CODE_BREAK = "code:break"
    CODE_REHEARSE = "code:rehearse"
    CODE_REPORT = "code:report"
    CONSENT_RECORD = "consent:record"
    COURSE_STEER = "course:steer"
    COURSE_TRANSFER = "course:transfer"
    DEVIATION_EXPLAIN = "deviation:explain"
    ALERT_ACKNOWLEDGE = "alert:acknowledge"
    DESK_USE = "desk:use"
    DOSE_READ = "dose:read"
    ELIGIBILITY_RECORD = "eligibility:record"
    ELIGIBILITY_SIGN = "eligibility:sign"
    HANDOVER_SIGN = "handover:sign"
    HATCH_RELEASE = "hatch:release"
    LIST_GENERATE = "list:generate"
    LIST_READ = "list:read"
    MISALLOCATION_RECORD = "misallocation:record"
    OUTCOME_RECORD = "outcome:record"
    PACK_PRINT = "pack:print"
    PARTICIPANT_READ = "participant:read"
    PARTICIPANT_SCREEN = "participant:screen"
    PEOPLE_APPOINT = "people:appoint"
    PREPARATION_MAKE = "preparation:make"
    PREPARATION_READ = "preparation:read"
    SAMPLE_ANALYSE = "sample:analyse"
    SAMPLE_RECORD = "sample:record"
    SITE_CHECK = "site:check"
    SITE_MANAGE = "site:manage"
    STOCK_CONFIRM = "stock:confirm"
    STOCK_MANAGE = "stock:manage"
    STOCK_RECALL = "stock:recall"
    TABLET_ENROL = "tablet:enrol"
    TABLET_USE = "tablet:use"
    WARD_REQUEST = "ward:request"


_P = Permission
_SCREENING = frozenset(
    {
        _P.PARTICIPANT_READ,
        _P.PARTICIPANT_SCREEN,
        _P.CONSENT_RECORD,
        _P.ELIGIBILITY_RECORD,
        _P.SAMPLE_RECORD,
        _P.ALLOCATION_CREATE,
        _P.CARD_PRINT,
        _P.CLEARANCE_RECORD,
        _P.COURSE_STEER,
        _P.DEVIATION_EXPLAIN,
        _P.DOSE_READ,
        _P.HANDOVER_SIGN,
        _P.OUTCOME_RECORD,
        _P.SITE_CHECK,
        _P.TABLET_ENROL,
        _P.WARD_REQUEST,
    }
)
PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    Role.AUDITOR: frozenset({_P.AUDIT_READ}),
    Role.BLINDED_MONITOR: frozenset({_P.PARTICIPANT_READ, _P.DOSE_READ, _P.AUDIT_READ}),
    Role.COORDINATOR: _SCREENING,
    Role.INVESTIGATOR: _SCREENING
    | {_P.ELIGIBILITY_SIGN, _P.ADMINISTRATION_RECORD, _P.COURSE_TRANSFER, _P.MISALLOCATION_RECORD},
    Role.NURSE: frozenset(
        {
            _P.PARTICIPANT_READ,
            _P.DOSE_READ,
            _P.ADMINISTRATION_RECORD,
            _P.CARD_PRINT,
            _P.CLEARANCE_RECORD,
            _P.HANDOVER_SIGN,
            _P.OUTCOME_RECORD,
            _P.TABLET_USE,
            _P.WARD_REQUEST,
        }
    ),
    Role.TRIAL_MANAGER: frozenset(
        {
            _P.ALERT_ACKNOWLEDGE,
            _P.DESK_USE,
            _P.HATCH_RELEASE,
            _P.SITE_MANAGE,
            _P.PEOPLE_APPOINT,
            _P.PARTICIPANT_READ,
            _P.AUDIT_READ,
            _P.AUDIT_REDACT,
        }
    ),
    Role.CODE_BREAKER: frozenset({_P.CODE_BREAK, _P.CODE_REHEARSE}),
    Role.LABORATORY: frozenset({_P.SAMPLE_ANALYSE}),
    Role.PHARMACIST: frozenset(
        {
            _P.PREPARATION_READ,
            _P.PREPARATION_MAKE,
            _P.STOCK_CONFIRM,
            _P.STOCK_MANAGE,
            _P.ACCOUNTABILITY_READ,
            _P.CLASS_DECIDE,
        }
    ),
    Role.PREPARER: frozenset({_P.PREPARATION_READ, _P.PREPARATION_MAKE}),
    Role.SAFETY_OFFICER: frozenset(
        {
            _P.CODE_ASSESS,
            _P.CODE_BREAK,
            _P.CODE_REPORT,
            _P.AUDIT_READ,
            _P.CHECK_ARRANGE,
            _P.STOCK_RECALL,
            _P.CLASS_DECIDE,
        }
    ),
    Role.STATISTICIAN: frozenset(
        {
            _P.LIST_GENERATE,
            _P.PACK_PRINT,
            _P.LIST_READ,
            _P.PEOPLE_APPOINT,
            _P.AUDIT_READ,
            _P.AUDIT_REDACT,
            _P.CODE_REPORT,
        }
    ),
    Role.UNBLINDED_MONITOR: frozenset(
        {
            _P.PREPARATION_READ,
            _P.AUDIT_READ,
            _P.ACCOUNTABILITY_READ,
            _P.ACCOUNTABILITY_SIGN,
            _P.ACCOUNTABILITY_QUERY,
            _P.CODE_REPORT,
        }
    ),
}
BLINDED_ROLES: Final = (
    Role.AUDITOR,
    Role.BLINDED_MONITOR,
    Role.COORDINATOR,
    Role.INVESTIGATOR,
    Role.NURSE,
    Role.TRIAL_MANAGER,
)
UNBLINDED_ROLES: Final = tuple(role for role in Role if role not in BLINDED_ROLES)
_WIDE: Final = {
    Role.AUDITOR: Reach.EVERYWHERE,
    Role.TRIAL_MANAGER: Reach.EVERYWHERE,
    Role.SAFETY_OFFICER: Reach.EVERYWHERE,
    Role.STATISTICIAN: Reach.EVERYWHERE,
    Role.LABORATORY: Reach.COUNTRY,
}


def reach_of(role: Role) -> Reach:
    """How far the role reaches."""
    return _WIDE.get(role, Reach.SITE)


def side_of(role: Role) -> Side:
    """The side on which the role exists."""
    return Side.BLINDED if role in BLINDED_ROLES else Side.UNBLINDED
