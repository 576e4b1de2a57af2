"""People of the unblinded side: appointed by two, checked against the blinded side."""
