"""Run all benchmarks in a folder of their own and print one table."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

FOLDER = tempfile.mkdtemp(prefix="immunosep-bench-")
os.environ.update(
    IMMUNOSEP_SIDE="unblinded",
    IMMUNOSEP_EMBEDDED="1",
    IMMUNOSEP_DEMONSTRATION="1",
    IMMUNOSEP_VAR=FOLDER,
    DJANGO_SETTINGS_MODULE="immunosep_site.settings.unblinded",
)
for side in ("blinded", "unblinded"):
    environment = {**os.environ, "IMMUNOSEP_SIDE": side, "DJANGO_SETTINGS_MODULE": f"immunosep_site.settings.{side}"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], check=True, env=environment)

import django

django.setup()

from benchmarks import measures


def main() -> None:
    """Print every measure with its floor, ratio and bound."""
    print(f"{'measure':58}{'ours':>10}{'floor':>10}{'ratio':>8}{'bound':>8}")
    for measure in measures.all_measures():
        ratio = f"{measure.ours / measure.floor:.2f}" if measure.floor else "-"
        floor = f"{measure.floor:.2f}" if measure.floor else "-"
        print(f"{measure.name:58}{measure.ours:>10.2f}{floor:>10}{ratio:>8}{measure.bound:>8}")
    subprocess.run([sys.executable, "-W", "ignore", "-m", "benchmarks.pages"], check=True)


main()
