"""What is written of envelopes."""
