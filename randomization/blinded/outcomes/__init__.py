"""BLINDED. Scores by day, milestones, withdrawal of consent, transfer, and handover of duty."""
