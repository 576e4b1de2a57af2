"""What moves stock is done once under a key: every page and method that leads to the ledger, found in the source."""

from __future__ import annotations

import pytest
from drf_spectacular.generators import SchemaGenerator

from randomization.delivery.one_time_keys import HEADER
from tests.unblinded.stock.moving import handlers

pytestmark = pytest.mark.once
AT_LEAST = {
    "receive",
    "provisional",
    "confirm_receipt",
    "write_off",
    "count",
    "excursion",
    "decide",
    "recall",
    "prepare",
    "prepare_day",
    "prepare_all_the_same",
    "make",
    "enter_preparation",
    "take_back",
    "destroy_returned",
    "destroy_lot",
    "destroy_held",
    "destroy",
    "cancel_destruction",
    "decide_removal",
    "api_stock post",
    "api_confirm_receipt post",
    "api_movements post",
    "api_excursions post",
    "api_decisions post",
    "api_recalls post",
    "api_preparations post",
    "api_making post",
    "api_enter_preparation post",
    "api_returns post",
    "api_destroy_returned post",
    "api_destructions post",
    "api_destroy post",
    "api_cancel_destruction post",
    "api_decide_removal post",
}
"""What is known to move stock: the walk must find it, and may find more."""


def test_the_walk_finds_what_is_known_to_move_stock() -> None:
    assert AT_LEAST - {name for name, _handler in handlers()} == set()


@pytest.mark.requirement("R40")
def test_everything_that_moves_stock_takes_a_one_time_key() -> None:
    assert [name for name, code in handlers() if not getattr(code, "takes_one_time_key", False)] == []


def test_the_description_of_the_api_names_the_header_where_it_is_taken() -> None:
    paths = SchemaGenerator().get_schema(public=True)["paths"]  # type: ignore[no-untyped-call]
    named = {
        operation["operationId"]
        for path in paths.values()
        for operation in path.values()
        if HEADER in {parameter["name"] for parameter in operation.get("parameters", ())}
    }
    required = [
        (operation["operationId"], parameter["required"], "428" in operation["responses"])
        for path in paths.values()
        for operation in path.values()
        for parameter in operation.get("parameters", ())
        if parameter["name"] == HEADER
    ]
    assert {(needed, documented) for _name, needed, documented in required} == {(True, True)}
    assert len(named) >= sum(" " in name for name, _handler in handlers())
    assert paths["/api/v1/pharmacy/stock/lots/{lot_id}/movements/"]["post"]["operationId"] in named
    assert paths["/api/v1/pharmacy/stock/lots/{lot_id}/movements/"]["get"]["operationId"] not in named
