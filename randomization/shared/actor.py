"""Who acts: a value, never a row, so that nothing of one side's people crosses to the other.

Pure: no Django.
"""

from __future__ import annotations

from dataclasses import dataclass

EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in one role.

    `site_code` is the reach: a site (`GR01`), a country (`GR`) or everywhere (the empty string).
    """

    user_name: str
    role: str
    site_code: str

    def reaches(self, site_code: str) -> bool:
        """Whether `site_code` lies inside this person's reach."""
        return site_code.startswith(self.site_code) and self.site_code in {EVERYWHERE, site_code[:2], site_code}


SYSTEM = Actor("system", "system", EVERYWHERE)
