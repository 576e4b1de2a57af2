"""What is signed of each act stays as it is: its hash lies beside every signature that was ever given."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from inspect import isabstract
from typing import Final
from uuid import UUID

import pytest

from pharmacy.accountability.services.reconcile import SignReport
from pharmacy.outage.services.enter_envelope import EnterPreparation
from pharmacy.preparation.services.check import ArrangeCheck, CheckSyringes
from pharmacy.preparation.services.make import MakeSyringes
from pharmacy.preparation.states import Arrangement
from pharmacy.preparation.units_taken import TypedLot
from pharmacy.stock.destroying import OrderDestruction, RecordDestruction, Target
from pharmacy.stock.ledger import Kind
from pharmacy.stock.removing import CountLot, DecideRemoval, RemovalState, WriteOff
from pharmacy.stock.services.articles import AddArticle
from randomization.blinded.allocation.services.allocate import Allocate
from randomization.blinded.allocation.services.enter_envelope import EnterEnvelope
from randomization.blinded.allocation.services.note_misallocation import NoteMisallocation
from randomization.blinded.bedside.clearance import ClearanceInput
from randomization.blinded.bedside.services.steer_course import StopCourse
from randomization.blinded.bedside.states import StopCause
from randomization.blinded.desk.access import AccessRow
from randomization.blinded.desk.services.review_access import ReviewAccess
from randomization.blinded.inbox.services.note_foreign import ReleaseForeign
from randomization.blinded.outcomes.services.hand_over import HandOverDuty
from randomization.blinded.outcomes.services.transfer import TransferParticipant
from randomization.blinded.outcomes.services.withdraw import WithdrawConsent
from randomization.blinded.screening.models import Assessment, Consent, Participant, Sample, Scope
from randomization.blinded.screening.services.confirm_eligibility import ConfirmEligibility
from randomization.blinded.screening.services.correct_covid19 import CorrectCovid19
from randomization.blinded.sites.services.sign_self_check import SignSelfCheck
from randomization.hatch.models import ForeignRow
from randomization.shared.ids import Barcode
from randomization.signatures.command import SignedCommand
from randomization.unblinded.codebreak.services.assess_impact import AssessImpact
from randomization.unblinded.codebreak.services.break_code import BreakCode, Rehearse
from randomization.unblinded.codebreak.services.enter_offline import EnterOffline
from randomization.unblinded.codebreak.services.tell_third_party import InviteThirdParty
from randomization.unblinded.laboratory.models import ClassCase
from randomization.unblinded.laboratory.services.decide_class import ConfirmClass, DecideClass
from tests.architecture.modules import modules_of_services

AT: Final = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
UID: Final = UUID(int=7)
KIT: Final = "7F2QXK9D"
TODAY: Final = AT.date()
NUMBER: Final = "GR01-001"


def screened() -> Participant:
    """A file that a physician can sign; nothing of it is stored."""
    sample = Sample(uid=UID, covid19=False, drawn_at=AT, verdict="eligible", verdict_uid=UUID(int=8))
    assessment = Assessment(pk=4, answers='{"age": true}', sex="female", year_of_birth=1950, neutrophils_per_mm3=900)
    consent = Consent(pk=3, given_at=AT)
    return Participant(number=NUMBER, sepsis_at=AT, consent=consent, assessment=assessment, sample=sample)


CLEARANCE: Final = ClearanceInput(Decimal("80.5"), "measured", AT)


SIGNED: Final[list[tuple[SignedCommand, str, str, str]]] = [
    (
        ConfirmEligibility(screened()),
        "eligibility confirmed",
        NUMBER,
        "12d14b0b6c69c10e699d086bcbedc8349362d07d92d76f31b834830140370363",
    ),
    (
        CorrectCovid19("gr01 001", True, " wrong swab "),
        "COVID-19 answer corrected",
        NUMBER,
        "c4a6d645e6ad50d6e0d6b2e39de75be70aa84acd2d0c8e2ab5a28fa64a0d5381",
    ),
    (
        HandOverDuty("GR01", " Nurse.gr01 ", [{"dose": "IV 1", "state": "not ready"}]),
        "duty handed over",
        "GR01",
        "13421c72a8a7c861ba69a4874f1dd43399d633cf6f70ce36676c839f82ca9c40",
    ),
    (
        WithdrawConsent(NUMBER, Scope.DATA, AT),
        "consent withdrawn",
        NUMBER,
        "cace565d6096876ed3739c754e98fd753e1a2a37468ed30e76b616d26dd3baa2",
    ),
    (
        TransferParticipant(NUMBER, "gr02"),
        "transfer to another site",
        NUMBER,
        "e87e5d5ec0fc379fb9bc12f4caff650b228edce0027ce9ac2b925f81c13e053a",
    ),
    (
        SignSelfCheck("GR01", True, False, " dr. x ", AT, True),
        "the site is ready",
        "GR01",
        "c8f18ea3f771429304c2a2016fd87ff8f366a8c3d47f9a6fe645860a67356cf1",
    ),
    (
        ReviewAccess(
            [
                AccessRow("a", "nurse", "GR01", AT, None, "b", "1", None),
                AccessRow("c", "auditor", "", AT, AT, "", "", AT),
            ]
        ),
        "access reviewed",
        "access",
        "a9c984ece6890b508a66eeed77d30a1bd6bf01af9a8da5b9d1430064368668a5",
    ),
    (
        ReleaseForeign([ForeignRow(why="signature", noted_at=AT)]),
        "foreign messages looked at",
        "hatch",
        "fdef1b306da5f6a63414a12226245542a20189e180378a999a645de547ab8f06",
    ),
    (
        StopCourse(NUMBER, StopCause.DEATH, AT),
        "treatment stopped",
        NUMBER,
        "108691a615d0b2a19ab335fca54b9dd17dd2b894ec4fc973ad86043d8c56fa59",
    ),
    (
        DecideClass(NUMBER, UID, "MALS", {"SC": 2, "IV": 4}, " agreed "),
        "class decided after a correction",
        NUMBER,
        "d49be3534220a654b2d1edb56ab2265dbd860de0e9c470c6698b56d2287678bd",
    ),
    (
        ConfirmClass(ClassCase(participant_number=NUMBER), None),
        "class decided after a correction",
        NUMBER,
        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    ),
    (
        BreakCode(NUMBER, "emergency", " shock "),
        "break the code",
        NUMBER,
        "8a5db2a558ee505203a49179c2ce0495ee3c15139692329edf28d088d28d734f",
    ),
    (
        Rehearse("GR01", " rehearsal "),
        "break the code",
        "GR01",
        "0f2e94ff19483df92411bcb49e87d52869aeafd991041129060cbe712d0316d9",
    ),
    (
        InviteThirdParty(NUMBER, "emergency", " shock "),
        "let a third party read the treatment",
        NUMBER,
        "ce6cd86930d22face02232cf8cf5b0805c8c440688e235ba2f7224558eb087b0",
    ),
    (
        EnterOffline(NUMBER, AT, " dr. x ", "emergency", " outage "),
        "enter a code broken offline",
        NUMBER,
        "0b7a631d970e1d39a137277cfe94c0c853c7199d6d05392e2f3555ca8b5013aa",
    ),
    (
        AssessImpact(NUMBER, UID, "needed", "nobody", " none", "none"),
        "assess the impact of an unblinding",
        NUMBER,
        "2b4b39cc9ba85ec9181e01c353224548cf31b9b5821bbd016d462ed7c343968e",
    ),
    (
        Allocate(NUMBER, CLEARANCE, AT),
        "randomise",
        NUMBER,
        "7ccb4bd4c72cf411627fd0d5d78821445b17f816c6d10349f9911dfd97233d8c",
    ),
    (
        EnterEnvelope(NUMBER, KIT, AT, AT, CLEARANCE),
        "envelope opened in an outage",
        NUMBER,
        "29d084ddc3603e53a68c2eb038ac94b9c55ebb876307232be999a3d7a1a65551",
    ),
    (
        NoteMisallocation(NUMBER, "in_error", " not eligible "),
        "a randomisation was wrong",
        NUMBER,
        "99cdd11e8f885bd77f90e2477beb3acfd3aa488c7cef8f49786ca40123b22b2b",
    ),
    (
        MakeSyringes(KIT, [UID, UUID(int=2)], {"SALINE": TypedLot(cartons=(3, 1)), "ANAKINRA": TypedLot("A1", TODAY)}),
        "prepared as instructed",
        KIT,
        "cfac91a0ba5ae4d06bcd5ab61c4506434af8c9409f9e5807ae8d27846c02a117",
    ),
    (
        CheckSyringes(KIT, [UID, UUID(int=2)], [5, 4]),
        "checked as second person",
        KIT,
        "2461b69ea10e8b07c143c0d96181fcada61d9433bc5d8de09910e742d24bbeb4",
    ),
    (
        ArrangeCheck("GR01", Arrangement.COVER, "GR02", AT, " nights "),
        "second check arranged",
        "GR01",
        "bcc57684606acd48cda0688d438c8aa77b87c4531d245da842f6ec30dc0b7c9a",
    ),
    (
        EnterPreparation(Barcode(KIT, "IV", 1, "8K3P2YV4"), AT, "a", "b"),
        "prepared from an envelope",
        KIT,
        "8ca21679afdbfac08d40461ba5392caf8040ba906ce628c1c95d6669e673b743",
    ),
    (
        OrderDestruction("GR01", Target.HOLD, "ANAKINRA A1", 4, "expired", 3, 2, "C1", ("8K3P2YV4", "7F2QXK9D")),
        "destruction ordered",
        "GR01 ANAKINRA A1",
        "a75be14da72bfe96bc45eee91d87c12a4e894efeb517fab4caa79103774ecee0",
    ),
    (
        RecordDestruction(9, 2, " burnt ", "M. Second", AT, ("8K3P2YV4", "7F2QXK9D")),
        "destroyed as ordered",
        "destruction 9",
        "b3661f8b91a5124d9bc592d0788b8701305f62772580f0009d18a471fdcac982",
    ),
    (
        AddArticle("GR01", "SALINE", "04012345678901"),
        "this article number is this product",
        "04012345678901",
        "f4137921511a50143f0f19383f9e4adc2e3c4c02db5be6b5a15c51df1f9d8387",
    ),
    (
        SignReport("GR01", "f" * 64, 2),
        "accountability reviewed",
        "GR01",
        "c2f593d3ece14ce3dc526afb4cdf6aaf1a2284db9998ba81d94e6daa446a3aa9",
    ),
    (
        WriteOff(7, Kind.WASTE, 20, "dropped"),
        "units taken out of stock",
        "lot 7",
        "d4e11ad87fb5a3793dbadc6ead8918df0ff679c73850737ee009ab8993cdd4b2",
    ),
    (
        CountLot(7, 3, "lost"),
        "units taken out of stock",
        "lot 7",
        "7c37ce83bc6861d495884e8c5bfe1dadcc1b9d1591e7840186f80d0d6a74ab5e",
    ),
    (
        DecideRemoval(7, RemovalState.DISPUTED, "no"),
        "removal decided",
        "removal 7",
        "6384333d2dea0d301c67fa7b77fb2100492658ad6f61ae1afdace43a099441ab",
    ),
]


def commands(of: type[SignedCommand] = SignedCommand) -> set[str]:
    """The names of all commands of the product."""
    concrete = {of.__name__} if not isabstract(of) else set()
    return concrete.union(*(commands(kind) for kind in of.__subclasses__()))


def test_every_command_is_here() -> None:
    for name in modules_of_services():
        import_module(name)
    assert {type(row[0]).__name__ for row in SIGNED} == commands()


@pytest.mark.requirement("R34")
@pytest.mark.parametrize(
    ("command", "meaning", "subject", "content_hash"), SIGNED, ids=[type(row[0]).__name__ for row in SIGNED]
)
def test_what_is_signed_stays_as_it_is(command: SignedCommand, meaning: str, subject: str, content_hash: str) -> None:
    assert (command.meaning, command.subject) == (meaning, subject)
    assert command.content_hash() == content_hash
