"""What the stock keeps: lots and their ledger, holds, destructions, removals, and what was said about supply."""

from pharmacy.stock.models.destruction import Destruction, DestructionOrder, OrderedSyringe
from pharmacy.stock.models.holds import Excursion, Hold, NamedHold, Recall, Strike
from pharmacy.stock.models.lots import (
    Consignment,
    Debt,
    ExpiryCorrection,
    Lot,
    MatchedReceipt,
    Mixing,
    Movement,
    ProvisionalMixing,
)
from pharmacy.stock.models.registers import Article, Carton, CartonUse, Read
from pharmacy.stock.models.removal import Removal
from pharmacy.stock.models.supply import SupplyFlag, SupplyStatement

__all__ = [
    "Article",
    "Carton",
    "CartonUse",
    "Consignment",
    "Debt",
    "Destruction",
    "DestructionOrder",
    "Excursion",
    "ExpiryCorrection",
    "Hold",
    "Lot",
    "MatchedReceipt",
    "Mixing",
    "Movement",
    "NamedHold",
    "OrderedSyringe",
    "ProvisionalMixing",
    "Read",
    "Recall",
    "Removal",
    "Strike",
    "SupplyFlag",
    "SupplyStatement",
]
