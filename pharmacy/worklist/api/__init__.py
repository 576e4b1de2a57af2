"""The worklist over the API."""
