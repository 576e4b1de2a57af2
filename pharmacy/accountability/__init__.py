"""From lot to dose to patient to return: the pharmacy reconciles, the unblinded monitor reads, asks and signs."""
