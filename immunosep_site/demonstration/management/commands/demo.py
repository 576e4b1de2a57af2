"""`demo`: play the trial on its published figures and show what came of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from immunosep_site.demonstration import cast, play, trial
from immunosep_site.demonstration.figures import EXCLUDED, SCREENED
from immunosep_site.demonstration.fixtures import FIXTURES
from immunosep_site.demonstration.progress import Progress
from randomization.audit.selectors import verify_all
from randomization.blinded.allocation.selectors import published_list
from randomization.blinded.sites.selectors import sites_for
from randomization.shared.actor import SYSTEM
from randomization.shared.service import Side, on_side
from randomization.unblinded.lists.selectors import lists_for
from randomization.unblinded.lists.verify import verify_list

LABEL_SITE = "GR01"


class Command(BaseCommand):
    help = "Play the trial on its published figures (embedded run only); replaces what stands under var/."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED:
            raise CommandError("The demonstration runs embedded only: run `make demo` on a checkout of its own.")
        started, progress = time.monotonic(), Progress(self.stderr)
        self._fresh_databases()
        progress.say("Sites, protocol, plan, keys, lists")
        codes = self._set_up()
        progress.say("People of both sides")
        cast.appoint_trial_people()
        cast.appoint_site_people(codes)
        play.pass_hatch()
        bar = progress.bar(SCREENED)
        tally = trial.play_trial(codes, bar)
        bar.done()
        progress.say(f"Labels of one day at {LABEL_SITE}")
        content, syringes = trial.labels_of_one_day(LABEL_SITE)
        folder = Path(settings.VAR) / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"labels-{LABEL_SITE.lower()}.pdf").write_bytes(content)
        call_command("checkpoint", stdout=self.stderr)
        progress.say("Verifying every list and both trails")
        lists, events = self._verify()
        self._table(codes, tally)
        self._log_ins(folder, syringes)
        randomised = sum(tally.randomised.values())
        excluded = sum(tally.outcomes[reason] for reason, _count in EXCLUDED)
        self.stdout.write(
            f"demo: {SCREENED} screened, {randomised} randomised at {len(codes)} sites, "
            f"{tally.outcomes['MALS']} MALS, {tally.outcomes['SIP']} SIP, "
            f"{tally.outcomes['unclassified']} unclassified, "
            f"{excluded} excluded, {tally.prepared} first doses prepared, "
            f"{lists} lists and {events} events verified, {time.monotonic() - started:.0f} s, {trial.memory_mib()} MiB"
        )

    def _fresh_databases(self) -> None:
        var = Path(settings.VAR)
        for name in ("blinded", "unblinded"):
            for file in var.glob(f"{name}.sqlite3*"):
                file.unlink()
        for name in ("keys", "demo", "checkpoints"):
            shutil.rmtree(var / name, ignore_errors=True)
        for side in Side:
            self._run_on(side, "migrate", "-v0")

    def _run_on(self, side: Side, *command: str) -> None:
        environment = {"IMMUNOSEP_SIDE": side.value, "IMMUNOSEP_EMBEDDED": "1", "IMMUNOSEP_VAR": str(settings.VAR)}
        subprocess.run(
            [sys.executable, "manage.py", *command],
            check=True,
            env=environment,
            cwd=settings.BASE_DIR,
            stdout=sys.stderr,
        )

    def _set_up(self) -> list[str]:
        self._run_on(Side.BLINDED, "load_sites", str(FIXTURES / "sites.toml"))
        self._run_on(Side.BLINDED, "load_protocol", str(FIXTURES / "protocol.toml"))
        for command in (("load_plan", str(FIXTURES / "plan.toml")), ("create_custodian_keys",)):
            call_command(*command, stdout=self.stderr)
        with (Path(settings.VAR) / "lists.txt").open("w", encoding="utf-8") as file:
            call_command("generate_lists", "--all", "--length", "40", stdout=file)
            call_command("generate_lists", "--all", "--fallback", stdout=file)
        play.pass_hatch()
        return [site.code for site in sites_for(SYSTEM)]

    def _verify(self) -> tuple[int, int]:
        rows, events = lists_for(SYSTEM), 0
        for row in rows:
            verify_list(row.uid, published=published_list(row.uid))
        for side in Side:
            with on_side(side):
                count, faults = verify_all()
            if faults:
                raise CommandError(f"The {side} trail does not verify: {faults[0]}")
            events += count
        return len(rows), events

    def _table(self, codes: list[str], tally: trial.Tally) -> None:
        countries = Counter({code[:2]: 0 for code in codes})
        for code, count in tally.randomised.items():
            countries[code[:2]] += count
        write = self.stdout.write
        write("\nImmunoSep, played on its published figures\n" + "=" * 58)
        write(f"{'Screened':44}{SCREENED:>8}")
        write(f"{'  immune state not classifiable':44}{tally.outcomes['unclassified']:>8}")
        for reason, _count in EXCLUDED:
            write(f"{'  ' + reason:44}{tally.outcomes[reason]:>8}")
        write(f"{'Randomised':44}{sum(tally.randomised.values()):>8}")
        write("-" * 58)
        most = max(countries.values()) or 1
        for country, count in countries.items():
            sites = sum(code.startswith(country) for code in codes)
            write(f"{country}  {sites:>2} sites  {count:>4} randomised  {'#' * (count * 24 // most)}")
        write("=" * 58)

    def _log_ins(self, folder: Path, syringes: int) -> None:
        write = self.stdout.write
        write(f"Labels of {syringes} syringes: {folder / f'labels-{LABEL_SITE.lower()}.pdf'}")
        write(f'\nLog-ins of the demonstration (password "{cast.PASSWORD}"):')
        write("  Blinded, http://localhost:8000: coordinator.gr01, investigator.gr01, nurse.gr01, manager, auditor")
        write("  Unblinded, http://127.0.0.1:8001: pharmacist.gr01, preparer.gr01, unblinded_monitor.gr01,")
        write("    laboratory.gr, investigator.gr01 (code break), statistician, statistician.second, safety.officer\n")
