"""`grants`: PostgreSQL's statements for the running roles of this side's database."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from immunosep_site.granting import grants_above, grants_below
from randomization.shared.service import Side, process_side


class Command(BaseCommand):
    help = "Print the grants of this side's database, to be run by its owner after each migrate."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--unblinded-role", required=True)
        parser.add_argument("--blinded-role", help="on the blinded side")

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections["default"]
        tables = sorted(connection.introspection.table_names())
        database = str(connection.settings_dict["NAME"])
        above, below = options["unblinded_role"], options["blinded_role"]
        if process_side() is Side.UNBLINDED:
            statements = grants_above(unblinded_role=above, database=database, tables=tables)
        elif below:
            statements = grants_below(unblinded_role=above, blinded_role=below, database=database, tables=tables)
        else:
            raise CommandError("Name the role of the blinded process too: --blinded-role NAME.")
        for statement in statements:
            self.stdout.write(f"{statement};")
