"""What a message does: one service of a room below for each kind."""

from __future__ import annotations

from typing import Final, assert_never

from django.db import DataError, IntegrityError

from randomization.accounts.services.appoint import reserve_user_name
from randomization.blinded.allocation.services.receive_slots import receive_slots
from randomization.blinded.bedside.services import pharmacy_news
from randomization.blinded.inbox.models import Outcome, Parked
from randomization.blinded.screening.services import laboratory_news
from randomization.blinded.sites.services.register_sites import note_drill, set_supply
from randomization.hatch import messages
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import NotFound, TrialError
from randomization.shared.service import savepoint

UNKNOWN: Final = frozenset({"unknown_sample", "unknown_dose", "unknown_participant", "unknown_site"})
"""Codes of refusals that end by themselves once the subject is here."""


def dispatch(message: messages.Message) -> None:
    """Call the service of the message's kind."""
    match message:
        case messages.SlotsSealed(list_uid, site_code, stratum_uid, version, root, slots, fallback):
            receive_slots(
                actor=SYSTEM,
                list_uid=list_uid,
                site_code=site_code,
                stratum_uid=stratum_uid,
                version=version,
                root=root,
                slots=slots,
                fallback=fallback,
            )
        case messages.SampleReceived(sample_uid, received_at):
            laboratory_news.note_receipt(actor=SYSTEM, sample_uid=sample_uid, received_at=received_at)
        case messages.LaboratoryVerdict(sample_uid, verdict_uid, verdict, covid19, stratum_uid):
            laboratory_news.note_verdict(
                actor=SYSTEM,
                sample_uid=sample_uid,
                verdict_uid=verdict_uid,
                verdict=verdict,
                covid19=covid19,
                stratum_uid=stratum_uid,
            )
        case messages.DoseReady(dose_uid, site_code, pack_code, ready_at, use_before):
            pharmacy_news.note_ready(
                actor=SYSTEM,
                dose_uid=dose_uid,
                prepared_at_site=site_code,
                pack_code=pack_code,
                ready_at=ready_at,
                use_before=use_before,
            )
        case messages.DoseVoided(dose_uid, pack_code):
            pharmacy_news.note_voided(actor=SYSTEM, dose_uid=dose_uid, pack_code=pack_code)
        case messages.CodeBroken(participant_uid, at):
            pharmacy_news.note_code_broken(actor=SYSTEM, participant_uid=participant_uid, at=at)
        case messages.SiteSupply(site_code, may_supply):
            set_supply(actor=SYSTEM, code=site_code, may_supply=may_supply)
        case messages.UserNameReserved(user_name, email_sha256):
            reserve_user_name(actor=SYSTEM, user_name=user_name, email_sha256=email_sha256)
        case messages.DrillDone(site_code):
            note_drill(actor=SYSTEM, code=site_code)
        case _:
            assert_never(message)


def subject_of(message: messages.Message) -> str:
    """What a message is about: messages about the same subject are applied in their order."""
    match message:
        case messages.SampleReceived(sample_uid) | messages.LaboratoryVerdict(sample_uid):
            return str(sample_uid)
        case messages.DoseReady(dose_uid) | messages.DoseVoided(dose_uid):
            return str(dose_uid)
        case messages.CodeBroken(participant_uid):
            return str(participant_uid)
        case messages.UserNameReserved(user_name):
            return user_name
        case messages.SlotsSealed() | messages.SiteSupply() | messages.DrillDone():
            return message.site_code


def attempt(kind: str, payload: str, *, before: int) -> tuple[Outcome, str, str]:
    """Apply a verified message inside the running service: outcome, detail, subject.

    before: its number; it waits behind a parked message about the same subject that came earlier.
    """
    try:
        message = messages.from_payload(kind, payload)
    except TrialError as error:
        return Outcome.REFUSED, error.code, ""
    subject = subject_of(message)
    if Parked.objects.filter(subject=subject, number__lt=before).exists():
        return Outcome.PARKED, "behind", subject
    try:
        with savepoint():
            dispatch(message)
    except NotFound:
        return Outcome.PARKED, "unknown_site", subject
    except TrialError as error:
        return Outcome.PARKED if error.code in UNKNOWN else Outcome.REFUSED, error.code, subject
    except IntegrityError:
        return Outcome.REFUSED, "conflict", subject
    except (ValueError, DataError):
        return Outcome.REFUSED, "malformed", subject
    return Outcome.APPLIED, "", subject
