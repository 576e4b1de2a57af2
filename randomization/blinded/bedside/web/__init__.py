"""Pages at the bedside: doses, the course of treatment, outcomes, duty."""
