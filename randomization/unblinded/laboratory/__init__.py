"""Ferritin and HLA-DR, immune class, verdict."""
