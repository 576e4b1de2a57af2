"""Forms of appointment."""

from __future__ import annotations

from randomization.accounts.forms import AppointForm
from randomization.accounts.roles import UNBLINDED_ROLES


class ProposeForm(AppointForm):
    """An unblinded person."""

    roles = UNBLINDED_ROLES
