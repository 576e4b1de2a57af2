"""Remembers what was seen of the blinded side, so that an older copy of it is noticed before anything is carried."""
