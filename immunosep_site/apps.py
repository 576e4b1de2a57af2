"""Django's entry for the composition root: checks at start-up, and the fence of the unblinded process."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class CompositionConfig(AppConfig):
    """The house as one."""

    name = "immunosep_site"
    label = "composition"

    def ready(self) -> None:
        from django.core.checks import register

        from immunosep_site import fence
        from immunosep_site.checks import hatch_key_below, no_private_key_below

        fence.put_up()
        checks: Any = register
        checks(no_private_key_below)
        checks(hatch_key_below)
