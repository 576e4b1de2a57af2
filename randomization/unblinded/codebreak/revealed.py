"""What a code break shows, once, to the person who asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Syringe:
    """What one route's syringe holds; `last_given`: when it was given last (UTC), None if never."""

    route: str
    product: str
    amount: str
    last_given: datetime | None


@dataclass(frozen=True, slots=True)
class Revealed:
    """One patient's treatment, shown once. `copied_at`: doses given since (UTC) are not in it; None: all are."""

    uid: UUID
    subject: str
    kit_code: str
    arm: str
    syringes: tuple[Syringe, ...]
    is_drill: bool
    copied_at: datetime | None = None
    zone: str = "UTC"
