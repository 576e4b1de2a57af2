"""Pages of the pharmacy: the worklist, the steps of a preparation, its labels, and who may check where."""
