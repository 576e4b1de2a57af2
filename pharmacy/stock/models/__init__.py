"""What the stock keeps: lots and their ledger, holds, and what was said about supply."""

from pharmacy.stock.models.holds import Excursion, Hold, Recall, Strike
from pharmacy.stock.models.lots import Consignment, Debt, ExpiryCorrection, Lot, MatchedReceipt, Movement
from pharmacy.stock.models.supply import SupplyFlag, SupplyStatement

__all__ = [
    "Consignment", "Debt", "Excursion", "ExpiryCorrection", "Hold", "Lot", "MatchedReceipt", "Movement", "Recall",
    "Strike", "SupplyFlag", "SupplyStatement",
]  # fmt: skip
