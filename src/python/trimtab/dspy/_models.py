"""What is known about language models by their names."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["rejects"]

# OpenAI's reasoning families take no sampling arguments but their defaults; their "-chat" variants are ordinary models.
_REASONING = re.compile(
    r"^(?:o\d+(?:-(?:mini|nano|pro|preview))?(?:-\d{4}-\d{2}-\d{2})?|gpt-5(?:\.\d+)*(?!-chat)(?:-.*)?)$"
)
_DEFAULTS: dict[str, Any] = {"temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0}


def rejects(lm: Any, argument: str, value: Any) -> bool:
    """Tells whether a model is known to refuse a call because of this value of a sampling argument."""
    if argument not in _DEFAULTS or value is None or value == _DEFAULTS[argument]:
        return False
    return bool(_REASONING.match(str(lm.model).rsplit("/", 1)[-1].lower()))
