"""Play one world and write down everything that can be observed on its blinded side.

`world.py OUT PATIENTS [arms] [classes] [minutes=SALINE,DRUG] [until=STEP] [leak=NAME]`
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.both.worlds import chance

chance.install()
chance.STREAM.reseed("start")

import os  # noqa: E402

import django  # noqa: E402
import django.core.mail  # noqa: E402

django.setup()
django.conf.settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

import time_machine  # noqa: E402

from immunosep_site.demonstration import play  # noqa: E402
from pharmacy.preparation.models import Preparation  # noqa: E402
from randomization.blinded.bedside.models import Dose  # noqa: E402
from randomization.blinded.bedside.states import DoseState, WardRequestKind  # noqa: E402
from randomization.blinded.desk.tasks import watch  # noqa: E402
from randomization.notices.mail import mail_due  # noqa: E402
from randomization.shared.service import Side, on_side  # noqa: E402
from tests.both.databases import Pair  # noqa: E402
from tests.both.worlds.comparing import IN_FULL  # noqa: E402
from tests.both.worlds.corrections import recorded  # noqa: E402
from tests.both.worlds.disk import need_not_survive_a_loss_of_power  # noqa: E402
from tests.both.worlds.leaks import LEAKS  # noqa: E402
from tests.both.worlds.pharmacist import Pharmacist  # noqa: E402
from tests.both.worlds.script import Step, check_both_arms, steps  # noqa: E402

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LAST_STEP = "last messages"
LOOK_AFTER = (
    "supply",
    "randomise 1",
    "prepare",
    "ready",
    "void",
    "ready again",
    "break a code",
    "clearance falls",
    "excursion",
    "quarantine decided",
    "hand over now",
    "short",
    "delivery",
    "released late",
    "shown late",
    "recall",
    "ready by another class",
    "hold",
    "prepare at the other site",
    "account",
    "enter from the envelope 2",
    "from paper at the dry site",
    "all the same ready",
    "recall of what was found",
    "more than is owed",
    "counted",
    "destroyed",
    "foreign message",
    LAST_STEP,
)
LOOK_SHORTLY_AFTER = ("prepare", "ready again", LAST_STEP)
"""In the worlds of planted leaks, which are short."""
LOOKS = {
    "coordinator.gr01": (
        "/",
        "/participants/",
        "/participants/?state=all",
        "/api/v1/board/",
        "/participants/GR01-001/",
        "/participants/GR01-002/",
        "/participants/GR01-003/",
        "/participants/GR01-003/identity/",
        "/api/v1/participants/GR01-003/identity/",
        "/participants/GR01-003/sample/further/",
        "/api/v1/participants/GR01-003/eligibility/",
        "/participants/GR01-001/doses/",
        "/participants/GR01-002/doses/",
        "/participants/GR01-001/randomise/",
        "/api/v1/participants/",
        "/api/v1/participants/GR01-001/allocation/",
        "/api/v1/participants/GR01-001/doses/",
        "/api/v1/participants/GR01-001/samples/",
        "/api/v1/participants/GR01-002/eligibility/",
        "/participants/GR02-001/",
        "/api/v1/participants/GR02-001/",
        "/deviations/",
        "/api/v1/deviations/",
        "/participants/GR01-004/",
        "/participants/GR01-004/eligibility/",
        "/api/v1/participants/GR01-004/course/",
        "/api/v1/participants/GR01-001/sofa/",
        "/self-check/",
    ),
    "investigator.gr01": ("/", "/participants/GR01-003/confirm/"),
    "nurse.gr01": ("/", "/bedside/", "/bedside/handover/", "/bedside/compare/", "/participants/GR01-001/"),
    "manager": (
        "/",
        "/desk/",
        "/desk/sites/site/",
        "/desk/screening/participant/",
        "/desk/allocation/allocationlist/",
        "/desk/allocation/allocationlist/?next_position=3",
        "/desk/audit/event/",
        "/desk/accounts/membership/",
        "/audit/",
        "/audit/export/",
        "/sites/",
        "/sites/GR01/",
        "/people/",
        "/api/v1/sites/",
        "/api/v1/audit/events/",
        "/deviations/",
        "/overview/",
        "/overview/recruitment/",
        "/overview/flow.csv",
        "/alerts/?past=1",
        "/people/review/",
        "/people/readmit/",
        "/messages/",
        "/api/v1/messages/",
    ),
    "auditor": ("/audit/?action=dose.ready", "/audit/found.csv"),
}
LOOKS_ELSEWHERE = {"coordinator.gr02": ("/participants/", "/participants/GR01-008/", "/participants/GR01-008/doses/")}
"""At the second site, which the short worlds of planted leaks do not have."""


PAGES_OPENED = 1 if IN_FULL else 4
"""After a step every page is opened, or every fourth in turn; after the last step always every page."""
CARRIED_EVERY = timedelta(minutes=30 if IN_FULL else 60)
"""How often messages are carried down beside the steps: at the full hour, and at the half hour, too."""
VOIDS_ASKED_AFTER = ("ready again", "second doses ready", "third doses ready", LAST_STEP)
"""After which steps the investigator asks what a hold would void."""
GIVEN_AFTER = {"ready again": 1, "rest given": 1, "second doses given": 2}
"""After which steps the nurse gives what, by number of dose."""


def pharmacist_of(words: list[str]) -> Pharmacist:
    """The pharmacist, with other minutes for saline and for drug where the words say so."""
    for word in words:
        if word.startswith("minutes="):
            saline, drug = word.removeprefix("minutes=").split(",")
            return Pharmacist(int(saline), int(drug))
    return Pharmacist()


def prepared_above() -> list[dict[str, Any]]:
    """Every syringe as the pharmacy knows it, with the risks that were recorded: what the ward must not learn from."""
    return [
        {
            "dose": f"{preparation.participant_number} {preparation.route} {preparation.number}",
            "pack_code": preparation.pack_code,
            "product": preparation.product,
            "opened_at": str(preparation.opened_at),
            "released_at": str(preparation.released_at),
            "risks": [str(risk.kind) for risk in preparation.risks.all()],
        }
        for preparation in Preparation.objects.order_by("participant_number", "route", "number", "opened_at")
    ]


class World:
    """One run."""

    def __init__(self, pair: Pair, out: Path, patients: int, words: list[str]) -> None:
        self.pair, self.out, self.patients, self.words = pair, out, patients, words
        self.now, self.pharmacist = START, pharmacist_of(words)
        self.record: list[dict[str, Any]] = []
        self.mailed = self.looks = 0
        self.log = tempfile.TemporaryFile("w+")  # noqa: SIM115 (a pipe that nobody reads would fill up and block)
        self.observer = subprocess.Popen(
            [sys.executable, "-m", "tests.both.worlds.observer"],
            env=pair.environment("blinded"),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
        )

    def ask(self, step: str, what: str, **command: Any) -> None:
        """One look, written down."""
        assert self.observer.stdin is not None
        assert self.observer.stdout is not None
        command |= {"seed": f"{step} {what} {len(self.record)}", "at": self.now.isoformat()}
        self.observer.stdin.write(json.dumps(command) + "\n")
        self.observer.stdin.flush()
        line = self.observer.stdout.readline()
        if not line:
            raise RuntimeError(self.logged())
        self.record.append({"step": step, "kind": what, "seen": json.loads(line)})

    def logged(self) -> str:
        """What the blinded process wrote to its log."""
        self.log.seek(0)
        return self.log.read()

    def look(self, step: str) -> None:
        """The pages of every role, and the database."""
        looks = {**LOOKS, **(LOOKS_ELSEWHERE if self.patients > 2 else {})}
        pages = [(user, page) for user, addresses in looks.items() for page in addresses]
        if step != LAST_STEP:
            pages = pages[self.looks % PAGES_OPENED :: PAGES_OPENED]
        for user, page in pages:
            self.ask(step, page, do="page", user=user, path=page)
        self.ask(step, "dump", do="dump")
        self.looks += 1

    def give(self, step: str, which: int) -> None:
        """The nurse gives what is there of one number, by scanning; also a syringe that is not shown yet."""
        for (number, route, order), label in sorted(self.pharmacist.labels.items()):
            data = {"participant_number": number, "barcode": label, "at": "", "volume_ml": ""}
            if order == which:
                self.ask(step, f"give {number} {route}", do="page", user="nurse.gr01", path="/bedside/", data=data)

    def ask_the_pharmacy(self, step: str) -> None:
        """The nurse sends each of the fixed requests, by the page and over the API."""
        for dose in Dose.objects.filter(route="IV", number__in=(3, 4)).order_by(
            "course__participant__number", "number"
        ):
            for kind in WardRequestKind:
                path = f"/doses/{dose.uid}/request/"
                self.ask(step, path, do="page", user="nurse.gr01", path=path, data={"wish": kind})
            path = f"/api/v1/doses/{dose.uid}/requests/"
            self.ask(step, path, do="page", user="nurse.gr01", path=path, json={"wish": WardRequestKind.EARLIER})

    def ask_what_becomes_void(self, step: str) -> None:
        """The investigator reads what a hold would void, sends the form unread, and asks over the API: nothing is done.

        Of what lies in the pharmacy, released and not shown, nothing may be counted.
        """
        ready = Dose.objects.filter(state=DoseState.READY, course__participant__site_id="GR01")
        numbers = ready.order_by("course__participant__number").values_list("course__participant__number", flat=True)
        for number in sorted(set(numbers)):
            page, typed = f"/participants/{number}/hold/", {"reason": "asked"}
            common = {"do": "page", "user": "investigator.gr01"}
            self.ask(step, page, path=page, **common)
            self.ask(step, f"{page} unread", path=page, data=typed, **common)
            path = f"/api/v1/participants/{number}/course/"
            self.ask(step, f"{path} hold", path=path, json={"act": "hold", **typed}, **common)

    def watch_and_mail(self, step: str) -> None:
        """The sweeps of the blinded side: alerts come and go, e-mails are written."""
        with on_side(Side.BLINDED):
            watch()
            mail_due()
        outbox = getattr(django.core.mail, "outbox", [])
        sent = [[str(mail.message()), mail.to] for mail in outbox[self.mailed :]]
        self.mailed = len(outbox)
        self.record.append({"step": step, "kind": "mail", "seen": sent})

    def read_corrections(self, step: str) -> None:
        """The nurse reads what was corrected, and what a further correction would bring."""
        for row in recorded()[:2]:
            path = f"/api/v1/doses/{row.dose_id}/administration/corrections/"
            self.ask(step, path, do="page", user="nurse.gr01", path=path)
            typed = {"outcome": "missed", "reason": "x", "preview": True}
            self.ask(step, f"{path} preview", do="page", user="nurse.gr01", path=path, json=typed)
            page = f"/doses/{row.dose_id}/correct/"
            self.ask(step, page, do="page", user="nurse.gr01", path=page)

    def print_cards(self, step: str) -> None:
        """The nurse prints card and wristband of two patients, by the page and over the API."""
        for path in ("/participants/GR01-001/card.pdf", "/api/v1/participants/GR01-002/card.pdf"):
            self.ask(step, path, do="page", user="nurse.gr01", path=path, data={})

    def pass_time(self, until: datetime) -> None:
        """Meanwhile the pharmacist works, and messages are carried down every half hour."""
        carried = self.now
        while True:
            carry = carried - (carried - START) % CARRIED_EVERY + CARRIED_EVERY
            act = self.pharmacist.next_at() or until
            at = min(carry, act)
            if at >= until:
                break
            with time_machine.travel(at, tick=False):
                if act <= carry:
                    self.pharmacist.act()
                else:
                    carried = carry
                    chance.STREAM.reseed(f"carry {at}")
                    play.pass_hatch()
        self.now = until

    def take(self, step: Step) -> None:
        """One step, and what is seen after it."""
        self.pass_time(self.now + timedelta(minutes=step.minutes))
        chance.STREAM.reseed(step.name)
        with time_machine.travel(self.now, tick=False):
            step.act()
            play.pass_hatch()
            if step.name in LOOK_AFTER:
                self.watch_and_mail(step.name)
        if step.name in (LOOK_AFTER if self.patients > 2 else LOOK_SHORTLY_AFTER):
            self.look(step.name)
        if step.name == "correct doses":
            self.read_corrections(step.name)
        if step.name in VOIDS_ASKED_AFTER:
            self.ask_what_becomes_void(step.name)
        if step.name == "ward asks":
            self.ask_the_pharmacy(step.name)
        if step.name == "ready again":
            self.print_cards(step.name)
        if step.name in GIVEN_AFTER:
            self.give(step.name, GIVEN_AFTER[step.name])

    def play(self) -> None:
        """All steps, or those until the named one; then the database is read once more."""
        last = next((word.removeprefix("until=") for word in self.words if word.startswith("until=")), LAST_STEP)
        for step in steps(
            arms_swapped="arms" in self.words,
            classes_swapped="classes" in self.words,
            patients=self.patients,
            pharmacist=self.pharmacist,
        ):
            self.take(step)
            if step.name == last:
                break
        if last != LAST_STEP:
            self.ask(last, "dump", do="dump")
        assert self.observer.stdin is not None
        self.observer.stdin.close()
        self.observer.wait()
        self.record.append({"step": "end", "kind": "log", "seen": self.logged()})
        files = sorted(str(path.relative_to(self.pair.folder)) for path in self.pair.folder.rglob("blinded*"))
        self.record.append({"step": "end", "kind": "files", "seen": files})
        if self.patients > 2 and last == LAST_STEP:
            check_both_arms()
        self.out.write_text(json.dumps(self.record))
        self.out.with_suffix(".above.json").write_text(
            json.dumps({"prepared": prepared_above(), "refused": self.pharmacist.refused})
        )


def main() -> None:
    """Play the world the words describe."""
    out, patients, words = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    need_not_survive_a_loss_of_power()
    pair = Pair(Path(os.environ["IMMUNOSEP_VAR"]), os.environ["IMMUNOSEP_PAIR"])
    for word in words:
        if word.startswith("leak="):
            LEAKS[word.removeprefix("leak=")]()
    World(pair, out, patients, words).play()


main()
