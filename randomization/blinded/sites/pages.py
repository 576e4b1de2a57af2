"""What pages about one's own site share."""

from __future__ import annotations

from randomization.blinded.sites.selectors import site
from randomization.delivery.pages import FormPage


class OwnSitePage(FormPage):
    """A form whose times are those of the site of the person who fills it in."""

    def zone(self) -> str:
        return site(self.actor, self.actor.site_code).time_zone
