"""One patient, at once; rehearsal."""
