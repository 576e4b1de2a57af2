"""A password that somebody else chooses first."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.hashers import make_password

from randomization.shared.errors import InvalidInput
from randomization.shared.sentences import sentence as _

LEAST_PASSWORD: Final = 12
"""Characters."""


def hashed(password: str) -> str:
    """A first password as it is stored; raises InvalidInput for a short one."""
    if len(password) < LEAST_PASSWORD:
        raise InvalidInput(
            _("A password has at least %(least_password)s characters.", least_password=LEAST_PASSWORD), field="password"
        )
    return make_password(password)
