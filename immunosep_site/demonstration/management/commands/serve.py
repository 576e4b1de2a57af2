"""`serve`: both sides on loopback, for the embedded run."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from immunosep_site.demonstration.servers import serve


class Command(BaseCommand):
    help = "Serve both sides of the embedded run: blinded on port 8000, unblinded on 8001."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stderr.write("Blinded: http://localhost:8000   Unblinded: http://127.0.0.1:8001   (Ctrl-C stops)")
        serve()
