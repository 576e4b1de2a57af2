"""UNBLINDED. The doses due, the night sheet, calls of who is on duty, and risks to the blind."""
