"""Composition root: settings of the two sides, router, urls, wsgi, celery, page frame. No logic."""

from immunosep_site.celery import app as celery_app

__all__ = ["celery_app"]
