"""Screening over the API: all that its pages do."""
