"""UNBLINDED: the pharmacy of each site."""
