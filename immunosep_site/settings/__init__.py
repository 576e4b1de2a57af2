"""Settings of the two sides; the side comes from IMMUNOSEP_SIDE."""
