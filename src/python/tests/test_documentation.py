"""Every Python block of the documentation is a region of a file that runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def essence(text: str) -> list[str]:
    """The lines that matter, without indentation and blank lines."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def sources() -> list[list[str]]:
    """Everything that tests run."""
    files = [*(ROOT / "src" / "python").rglob("*.py"), *(ROOT / "examples").rglob("*.py")]
    return [essence(file.read_text()) for file in files if file != Path(__file__)]


def stands_somewhere(block: list[str]) -> bool:
    """Whether a block is a region of a source."""
    return any(
        source[i : i + len(block)] == block for source in sources() for i, line in enumerate(source) if line == block[0]
    )


BLOCKS = [
    pytest.param(block, id=f"{page.name}: {essence(block)[0]}")
    for page in [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
    for block in BLOCK.findall(page.read_text())
]


@pytest.mark.parametrize("block", BLOCKS)
def test_block_is_a_region_of_a_file_that_runs(block: str) -> None:
    """A block stands in a file that tests run, line by line."""
    assert stands_somewhere(essence(block)), f"stands nowhere:\n{block}"


def test_a_block_that_stands_nowhere_is_found() -> None:
    """The check can fail."""
    assert not stands_somewhere(["session." + "open_the_moon()"])


def test_the_guide_has_blocks() -> None:
    """The check looks at something."""
    assert len(BLOCKS) >= 5
