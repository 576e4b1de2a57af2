"""The pharmacy over the API: the worklist, the steps of a preparation, and who may check where."""
