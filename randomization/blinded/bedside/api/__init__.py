"""The bedside over the API: doses, and the course of treatment with its outcomes."""
