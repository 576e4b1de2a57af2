"""Argon2id at the first of the parameters OWASP's password storage cheat sheet recommends: 19 MiB, 2, 1."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class TrialArgon2(Argon2PasswordHasher):
    """memory_cost in KiB; about 20 ms, so that a signature at the bedside is not felt."""

    time_cost = 2
    memory_cost = 19456
    parallelism = 1


class DemonstrationArgon2(TrialArgon2):
    """For the demonstration alone, whose one password is printed: 2 ms, since it signs a thousand times."""

    time_cost = 1
    memory_cost = 1024
