"""Who acts: a value, never a row, so that nothing of one side's people crosses to the other.

Pure: no Django.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EVERYWHERE: Final = ""
COUNTRY_LENGTH: Final = len("GR")
SITE_LENGTH: Final = len("GR01")


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in one role.

    `site_code` is the reach: a site (`GR01`), a country (`GR`) or everywhere (the empty string).
    """

    user_name: str
    role: str
    site_code: str

    @property
    def is_at_one_site(self) -> bool:
        """Whether the reach is one site."""
        return len(self.site_code) == SITE_LENGTH

    def reaches(self, site_code: str) -> bool:
        """Whether `site_code` lies inside this person's reach; what belongs to the trial is reached from everywhere."""
        if self.site_code in {EVERYWHERE, site_code}:
            return True
        return len(site_code) == SITE_LENGTH and site_code[:COUNTRY_LENGTH] == self.site_code


SYSTEM = Actor("system", "system", EVERYWHERE)
