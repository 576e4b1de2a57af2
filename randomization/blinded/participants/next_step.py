"""What comes next for a participant, and for whom: a pure function from the state to a step that exists.

Every step names a role that may do it, and where: page and API of its own side. A test walks all states.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from randomization.accounts.policies import can
from randomization.accounts.roles import Permission, Role, side_of
from randomization.blinded.screening.states import State
from randomization.blinded.sites.gates import SiteGate
from randomization.shared.actor import Actor
from randomization.shared.sentences import sentence as _
from randomization.shared.sentences import word
from randomization.shared.service import Side


@dataclass(frozen=True, slots=True)
class Act:
    """Something that somebody can do: the names of its page and of its address in the API, the role, its permission."""

    page: str
    api: str
    role: Role
    permission: Permission

    @property
    def is_below(self) -> bool:
        """Whether it is done on the blinded side, where its page can be opened from the board."""
        return side_of(self.role) is Side.BLINDED


_P = Permission
SCREEN_AGAIN: Final = Act("register", "api_participants", Role.COORDINATOR, _P.PARTICIPANT_SCREEN)
RECORD_CONSENT: Final = Act("consent", "api_consent", Role.COORDINATOR, _P.CONSENT_RECORD)
ANSWER: Final = Act("eligibility", "api_eligibility", Role.COORDINATOR, _P.ELIGIBILITY_RECORD)
DRAW: Final = Act("sample", "api_samples", Role.COORDINATOR, _P.SAMPLE_RECORD)
DRAW_FURTHER: Final = Act("further_sample", "api_further_sample", Role.COORDINATOR, _P.SAMPLE_RECORD)
SHIP: Final = Act("ship_sample", "api_samples", Role.COORDINATOR, _P.SAMPLE_RECORD)
SAY_WHO: Final = Act("identity", "api_identity", Role.COORDINATOR, _P.PARTICIPANT_SCREEN)
RECEIVE: Final = Act("samples", "api_laboratory_samples", Role.LABORATORY, _P.SAMPLE_ANALYSE)
SIGN: Final = Act("confirm", "api_confirmation", Role.INVESTIGATOR, _P.ELIGIBILITY_SIGN)
RANDOMISE: Final = Act("randomise", "api_allocation", Role.COORDINATOR, _P.ALLOCATION_CREATE)
ENTER_ENVELOPE: Final = Act("envelope", "api_envelope", Role.COORDINATOR, _P.ALLOCATION_CREATE)
OPEN_SITE: Final = Act("site_state", "api_site_state", Role.TRIAL_MANAGER, _P.SITE_MANAGE)
REHEARSE: Final = Act("drill", "api_code_breaks", Role.CODE_BREAKER, _P.CODE_REHEARSE)
SUPPLY: Final = Act("supply", "api_supply", Role.PHARMACIST, _P.STOCK_MANAGE)
RELEASE_MESSAGES: Final = Act("messages_from_above", "api_messages_from_above", Role.TRIAL_MANAGER, _P.HATCH_RELEASE)
PREPARE: Final = Act("worklist", "api_worklist", Role.PHARMACIST, _P.PREPARATION_MAKE)
GIVE: Final = Act("administer", "api_administration", Role.NURSE, _P.ADMINISTRATION_RECORD)
STEER: Final = Act("resume", "api_course", Role.INVESTIGATOR, _P.COURSE_STEER)
STOP: Final = Act("stop", "api_course", Role.INVESTIGATOR, _P.COURSE_STEER)
SCORE: Final = Act("sofa", "api_sofa", Role.NURSE, _P.OUTCOME_RECORD)
ACTS: Final = (
    SCREEN_AGAIN,
    RECORD_CONSENT,
    ANSWER,
    DRAW,
    DRAW_FURTHER,
    SHIP,
    SAY_WHO,
    RECEIVE,
    SIGN,
    RANDOMISE,
    ENTER_ENVELOPE,
    OPEN_SITE,
    REHEARSE,
    RELEASE_MESSAGES,
    SUPPLY,
    PREPARE,
    GIVE,
    STEER,
    STOP,
    SCORE,
)
_CALLED: Final = {Role.PHARMACIST: "pharmacy", Role.CODE_BREAKER: "investigator"}


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next: words, the act, and the page where it is done (empty: the act is on the other side)."""

    words: str
    act: Act
    page: str

    @property
    def waits_for(self) -> str:
        """Whom it waits for, as people at the site call them."""
        return _CALLED.get(self.act.role, self.act.role.value)

    def page_for(self, actor: Actor, site_code: str) -> str:
        """The page that this person may act on, of somebody treated at this site; empty for everybody else."""
        return self.page if can(actor, self.act.permission) and actor.reaches(site_code) else ""


def step(words: str, act: Act, page: str | None = None) -> NextStep:
    """A step; by default its page is that of the act, where it is on this side."""
    return NextStep(words, act, page if page is not None else act.page if act.is_below else "")


class SampleStage(StrEnum):
    """How far the sample that counts has come."""

    NONE = "none"
    DRAWN = "drawn"
    SHIPPED = "shipped"
    RECEIVED = "received"
    JUDGED = "judged"


class Bar(StrEnum):
    """What bars entry: nothing, what a further sample may change, or what it cannot."""

    NONE = "none"
    VERDICT = "verdict"
    SAMPLE = "sample"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Screening:
    """A participant before randomisation. `sentence`: the first reason that bars entry. site: its first closed gate."""

    state: State
    window_is_open: bool
    has_consent: bool
    answers_are_complete: bool
    identity_is_open: bool
    sample: SampleStage
    bar: Bar
    sentence: str = ""
    site: SiteGate | None = None


def _closed(facts: Screening) -> NextStep:
    if facts.state is State.WITHDRAWN:
        return step(_("Consent was withdrawn. If it is given again, screen under a new number"), SCREEN_AGAIN)
    if facts.window_is_open and facts.bar is Bar.VERDICT:
        return step(_("Signed not eligible. If the laboratory asks for it, draw another sample"), DRAW_FURTHER)
    if facts.window_is_open and facts.bar is Bar.SAMPLE:
        return step(_("Signed not eligible. Draw another sample"), DRAW_FURTHER)
    return step(_("Signed not eligible: nothing is due. A wrong answer can be corrected"), ANSWER, "participant")


def _barred(facts: Screening) -> NextStep:
    if facts.bar is Bar.SAMPLE:
        return step(_("The sample was drawn before consent: draw another one"), DRAW_FURTHER)
    if facts.bar is Bar.VERDICT:
        return step(_("The laboratory's verdict is not eligible: sign that, or have another sample drawn"), SIGN)
    return step(_("Cannot enter, sign that: %(reason)s", reason=facts.sentence), SIGN)


def _ready(facts: Screening) -> NextStep:
    match facts.site:
        case SiteGate.CLOSED:
            return step(_("The site is closed for randomisation: the trial manager opens it"), OPEN_SITE, "")
        case SiteGate.NO_DRILL:
            return step(_("The code break is not rehearsed at this site: the investigator does the drill"), REHEARSE)
        case SiteGate.MESSAGES_STOPPED:
            return step(
                _("Messages from the pharmacy's side are stopped: call the trial manager"), RELEASE_MESSAGES, ""
            )
        case SiteGate.NO_SUPPLY:
            return step(_("The pharmacy cannot supply: call the pharmacist on duty"), SUPPLY)
        case None:
            return step(_("Randomise"), RANDOMISE)


def before_allocation(facts: Screening) -> NextStep:
    """The next step of somebody who is not randomised; what cannot be made good comes first."""
    if facts.state in {State.WITHDRAWN, State.NOT_ELIGIBLE}:
        return _closed(facts)
    if not facts.window_is_open:
        if facts.state is State.ELIGIBLE:
            return step(_("The window is over: was an envelope opened?"), ENTER_ENVELOPE)
        return step(_("The window is over: sign that"), SIGN)
    if not facts.has_consent:
        return step(_("Record consent"), RECORD_CONSENT)
    if facts.bar is not Bar.NONE:
        return _barred(facts)
    if not facts.answers_are_complete:
        return step(_("Answer the eligibility questions"), ANSWER)
    if facts.sample is SampleStage.NONE:
        return step(_("Draw a blood sample"), DRAW)
    if facts.sample is SampleStage.DRAWN:
        return step(_("Ship the sample"), SHIP)
    if facts.identity_is_open:
        return step(_("Say whether the person was here before"), SAY_WHO)
    if facts.sample is SampleStage.SHIPPED:
        return step(_("The sample is on its way: the laboratory records its arrival"), RECEIVE)
    if facts.sample is SampleStage.RECEIVED:
        return step(_("Verdict"), RECEIVE)
    return _ready(facts) if facts.state is State.ELIGIBLE else step(_("Sign the eligibility"), SIGN)


class DoseStage(StrEnum):
    """How far the next dose has come."""

    NONE = "none"
    PLANNED = "planned"
    READY = "ready"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Treatment:
    """A participant on treatment. stopped, ended: why, in stored words (empty: not). dose: `IV 07`."""

    stopped: str
    ended: str
    is_held: bool
    stage: DoseStage
    dose: str = ""


def on_treatment(facts: Treatment) -> NextStep:
    """The next step of somebody who is randomised."""
    if facts.stopped:
        return step(_("Treatment stopped: %(cause)s", cause=word(facts.stopped)), SCORE)
    if facts.ended:
        return step(_("Stop the treatment: %(ended)s is recorded", ended=word(facts.ended)), STOP)
    if facts.is_held:
        return step(_("On hold: resume or stop"), STEER, "doses")
    match facts.stage:
        case DoseStage.NONE:
            return step(_("All doses recorded"), SCORE)
        case DoseStage.DUE:
            return step(_("Give or record %(dose)s", dose=facts.dose), GIVE, "doses")
        case DoseStage.READY:
            return step(facts.dose, GIVE, "doses")
        case DoseStage.PLANNED:
            return step(facts.dose, PREPARE)
