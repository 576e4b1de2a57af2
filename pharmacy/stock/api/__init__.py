"""Stock over the API: the ledger and what to order; quarantine and supply."""
