"""Template words of the trial."""
