"""A file of people, and loading it on the page."""

from __future__ import annotations

import io
from typing import Any

from django.test import Client

from randomization.blinded.desk.people_file import HEAD


def people_file(*lines: str) -> str:
    return "\n".join([",".join(HEAD), *lines])


def upload(client: Client, text: str, **more: str) -> Any:
    return client.post("/people/import/", {"file": io.StringIO(text), **more})
