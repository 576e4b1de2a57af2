#!/usr/bin/env python3
"""Django's command line; the side comes from IMMUNOSEP_SIDE (blinded when unset)."""

import os
import sys

SIDE_OF_COMMAND = {
    "load_protocol": "blinded",
    "approve_protocol": "blinded",
    "load_sites": "blinded",
    "demo": "unblinded",
    "load_plan": "unblinded",
    "create_custodian_keys": "unblinded",
    "generate_lists": "unblinded",
    "verify_list": "unblinded",
    "print_labels": "unblinded",
    "checkpoint": "unblinded",
    "create_hatch_key": "unblinded",
}


def main() -> None:
    """Run a command on its side; say so where it belongs to the other."""
    side = os.environ.setdefault("IMMUNOSEP_SIDE", "blinded")
    if side not in {"blinded", "unblinded"}:
        sys.exit(f"IMMUNOSEP_SIDE is {side!r}: write blinded or unblinded.")
    wanted = SIDE_OF_COMMAND.get(sys.argv[1] if len(sys.argv) > 1 else "", side)
    if wanted != side:
        sys.exit(f"{sys.argv[1]} is a command of the {wanted} side: run it with IMMUNOSEP_SIDE={wanted}.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"immunosep_site.settings.{side}")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
