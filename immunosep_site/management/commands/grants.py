"""`grants`: PostgreSQL's statements that fence the unblinded role off the blinded database."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import connections

from immunosep_site.fence import grants


class Command(BaseCommand):
    help = "Print the grants of the blinded database, to be run by its owner (blinded side)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--blinded-role", required=True)
        parser.add_argument("--unblinded-role", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        tables = sorted(connections["default"].introspection.table_names())
        statements = grants(
            unblinded_role=options["unblinded_role"], blinded_role=options["blinded_role"], tables=tables
        )
        for statement in statements:
            self.stdout.write(f"{statement};")
