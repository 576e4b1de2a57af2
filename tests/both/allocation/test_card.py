"""Card and wristband: what stands on them, what the scanner reads, who printed them; equal byte for byte."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy
import pypdf
import pytest
import zxingcpp
from PIL import Image

from immunosep_site.demonstration import cast, play
from randomization.accounts.roles import Role
from randomization.audit.selectors import as_dict, events_for
from randomization.blinded.allocation.card import TEMPLATE, print_card
from randomization.blinded.sites.models import Site
from randomization.documents.barcode import datamatrix_svg
from randomization.documents.pdf import DocumentError, render_pages
from randomization.shared.actor import SYSTEM
from randomization.shared.errors import NotFound, NotPermitted
from randomization.shared.ids import show_code
from randomization.shared.service import Side, on_side
from tests.conftest import tampering

pytestmark = pytest.mark.once
NURSE = cast.at_site(Role.NURSE, "GR01")


def events_about(number: str, *, action: str) -> list[dict[str, Any]]:
    """The events of an action on a participant."""
    return [as_dict(event) for event in events_for(SYSTEM, subject=number, action=action)]


def _printed(number: str) -> bytes:
    with on_side(Side.BLINDED):
        return print_card(NURSE, number)


def test_card_and_wristband_hold_codes_and_contact_and_no_more(trial: None) -> None:
    allocation = play.enrol(play.Case("GR01"))
    content = _printed(allocation.participant)
    card, wristband = (page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    for text in (card, wristband):
        assert allocation.participant in text
        assert show_code(allocation.kit_code) in text
    assert "EudraCT 2020-005768-74" in card
    assert "+30 210" in card
    assert _printed(allocation.participant) == content
    with on_side(Side.BLINDED):
        prints = events_about(allocation.participant, action="card.print")
    assert [(event["actor"], len(event["data"]["sha256"])) for event in prints] == [("nurse.gr01", 64)] * 2


@pytest.mark.parametrize("page", [0, 1])
def test_the_scanner_reads_the_number_of_the_participant_at_300_dpi(page: int) -> None:
    texts = dict.fromkeys(("patient", "kit", "trial", "site", "sponsor", "contact", "trial_use"), "text")
    data = {
        **texts,
        "language": "el",
        "number": "GR01-001",
        "kit_code": "7F2Q-XK9S",
        "symbol": datamatrix_svg("GR01-001"),
    }
    picture = Image.open(io.BytesIO(render_pages(TEMPLATE, data, dpi=300)[page])).convert("L")
    assert [barcode.text for barcode in zxingcpp.read_barcodes(numpy.asarray(picture))] == ["GR01-001"]


def test_there_is_no_card_before_randomisation_nor_outside_reach_nor_for_others(trial: None) -> None:
    screened = play.screen(play.Case("GR01")).number
    with pytest.raises(NotFound, match="no card yet"):
        _printed(screened)
    number = play.enrol(play.Case("GR01")).participant
    with on_side(Side.BLINDED):
        with pytest.raises(NotFound):
            print_card(replace(NURSE, site_code="GR02"), number)
        with pytest.raises(NotPermitted):
            print_card(cast.MANAGER, number)
        assert not events_about(number, action="card.print")


def test_text_that_does_not_fit_stops_the_print_and_nothing_is_recorded(trial: None) -> None:
    number = play.enrol(play.Case("GR01")).participant
    with tampering():
        Site.objects.filter(code="GR01").update(contact="W" * 120)
    with pytest.raises(DocumentError, match="does not fit"):
        _printed(number)
    with on_side(Side.BLINDED):
        assert not events_about(number, action="card.print")
