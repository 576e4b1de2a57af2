"""A signed act as a value: page and API build it, the person signs it, one service carries it out.

Pure: no Django.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

import rfc8785

from randomization.audit.chain import normal
from randomization.shared.ids import as_participant_number


class SignedCommand(ABC):
    """What one person signs: subclasses are frozen dataclasses, and their fields are what the act needs to know.

    `meaning` says what the signature stands for. What is not signed, like an explanation beside it, is an argument of
    the service.
    """

    __slots__ = ()
    meaning: ClassVar[str]

    @property
    @abstractmethod
    def subject(self) -> str:
        """The record that the signature is about."""

    @abstractmethod
    def content(self) -> Mapping[str, Any]:
        """What is signed. Its hash is stored with the signature, so its form stays as it is."""

    def content_hash(self) -> str:
        """SHA-256 (hex) of the canonical JSON of what is signed."""
        return sha256(rfc8785.dumps(normal(json.loads(json.dumps(self.content(), default=str))))).hexdigest()


@dataclass(frozen=True, slots=True)
class ParticipantCommand(SignedCommand):
    """A signed act about one participant, whose number may be typed in any of the ways that are understood."""

    number: str

    @property
    def subject(self) -> str:
        return as_participant_number(self.number)
