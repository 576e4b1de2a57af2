"""An arm of the plan as the vault knows it: a name, and an index of one byte.

Pure: no Django.
"""

from __future__ import annotations

from collections.abc import Sequence

from randomization.shared.errors import TamperingFound


def arm_index(arms: Sequence[str], arm: str) -> int:
    """The index of `arm` in the plan, from 0. ValueError where the plan has no such arm."""
    return arms.index(arm)


def arm_at(arms: Sequence[str], index: int) -> str:
    """The arm of that index; raises TamperingFound for an index outside the plan."""
    if index >= len(arms):
        raise TamperingFound("A sealed slot names an arm that the plan does not have.")
    return arms[index]
