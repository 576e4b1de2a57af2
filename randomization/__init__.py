"""The randomization side of the house; see docs/house.md."""
