"""`code_break_pack --site CODE --holder FILE.pub --out FILE`: seal the treatments of a site to its key holder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from randomization.shared.actor import SYSTEM
from randomization.shared.errors import TrialError
from randomization.shared.files import write_private
from randomization.shared.ids import as_site_code
from randomization.unblinded.codebreak.services.make_pack import make_pack
from randomization.unblinded.vault.keyring import Custodian, holder_name


class Command(BaseCommand):
    help = "Make the emergency code-break pack of a site. Nothing of it is printed; every opening is recorded."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", required=True, metavar="CODE", type=as_site_code)
        parser.add_argument("--holder", required=True, type=Path, metavar="FILE.pub")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            public = bytes.fromhex(options["holder"].read_text(encoding="ascii").strip())
            holder = Custodian(holder_name(options["site"]), public)
            write_private(options["out"], make_pack(actor=SYSTEM, site_code=options["site"], holder=holder))
        except TrialError as error:
            raise CommandError(error.sentence) from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read or written: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError("The holder's .pub file does not hold a public key: make it anew.") from error
        self.stdout.write(f"The pack of {options['site']} is at {options['out']}: hand it to its key holder.")
