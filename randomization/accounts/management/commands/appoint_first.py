"""`appoint_first`: the first trial manager below, the first two statisticians above; then people appoint people."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from randomization.accounts.roles import Role
from randomization.accounts.selectors import all_current
from randomization.accounts.services.appoint import Delegation, appoint
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.shared.service import Side, process_side

FIRST: Final = {Side.BLINDED: (Role.TRIAL_MANAGER, 1), Side.UNBLINDED: (Role.STATISTICIAN, 2)}


class Command(BaseCommand):
    help = "Appoint the first trial manager (blinded side), or the first two statisticians (unblinded side)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user-name", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument("--password-file", type=Path, help="else it is asked for")

    def handle(self, *args: Any, **options: Any) -> None:
        role, most = FIRST[process_side()]
        if sum(item.role == role for item in all_current()) >= most:
            raise CommandError("The first people are appointed: now people appoint people, on the pages.")
        file: Path | None = options["password_file"]
        try:
            password = file.read_text(encoding="utf-8").strip() if file else getpass.getpass("First password: ")
            delegation = Delegation(options["user_name"], options["email"], role, "", "sponsor", "1")
            appoint(actor=SYSTEM, delegation=delegation, password=password)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except TrialError as error:
            raise CommandError(error.sentence) from error
        self.stdout.write(f"{delegation.user_name} is {role.replace('_', ' ')}.")
