"""UNBLINDED. Paper envelopes for an outage: printed before it, entered afterwards."""
