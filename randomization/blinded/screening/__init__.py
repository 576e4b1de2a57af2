"""Participants, consent, eligibility, samples drawn and sent."""
