"""Forms of appointment."""

from __future__ import annotations

from randomization.accounts.roles import UNBLINDED_ROLES
from randomization.delivery.forms import AppointForm


class ProposeForm(AppointForm):
    """An unblinded person."""

    roles = UNBLINDED_ROLES
