"""Every word of the unblinded pages is marked for translation."""

from __future__ import annotations

import pytest

from randomization.accounts.models import Person
from randomization.blinded.sites.models import Site
from randomization.unblinded.lists.selectors import plan_in_force
from tests.permissions import client_of
from tests.pseudo import check_every_word, speak_it
from tests.unblinded.test_permissions import TABLE, places

__all__ = ["places"]
pytestmark = pytest.mark.once


def test_every_word_of_every_unblinded_page_is_marked(
    trial: None, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a page says is translated, or is data; the trail shows what is stored, as it is stored."""
    shown = [
        (entry[0], entry[1][0]) for name, entry in TABLE.items() if entry and name not in {"trail", "trail_export"}
    ]
    clients = {actor: client_of(actor) for _, actor in shown}
    plan = plan_in_force()
    assert plan is not None
    data = [
        *(f"{site.name} {site.contact}" for site in Site.objects.all()), "first delivery", "HOSPITAL", "Request uid",
        "rehearsal before the first patient",
        *Person.objects.values_list("user_name", flat=True),
        *(f"{item.code} {item.name}" for item in plan.products.values()), plan.diluent,
    ]  # fmt: skip
    speak_it(monkeypatch)
    pages = [(clients[actor], address.format(**places)) for address, actor in shown if not address.startswith("/api/")]
    assert check_every_word(pages, data) > 60
