"""The side that this process serves, which decides its settings: read before there are settings."""

from __future__ import annotations

import os
import sys
from typing import Final

from django.core.exceptions import ImproperlyConfigured

from immunosep_site.settings.read import variables

SIDE: Final = variables.choice(
    "IMMUNOSEP_SIDE", ("blinded", "unblinded"), default="blinded", help="Which side a process serves."
)


def choose_settings() -> None:
    """Tell Django the settings of this side, where nobody else has; an unknown side ends the start."""
    try:
        variables.stop_at_faults()
    except ImproperlyConfigured as fault:
        sys.exit(str(fault))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"immunosep_site.settings.{SIDE}")
