#!/usr/bin/env python3
"""Django's command line; the side comes from IMMUNOSEP_SIDE (blinded when unset)."""

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
    from django.core.management import execute_from_command_line

    from immunosep_site.settings.side import SIDE, choose_settings

    wanted = SIDE_OF_COMMAND.get(sys.argv[1] if len(sys.argv) > 1 else "", SIDE)
    if wanted != SIDE:
        sys.exit(f"{sys.argv[1]} is a command of the {wanted} side: run it with IMMUNOSEP_SIDE={wanted}.")
    choose_settings()

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
