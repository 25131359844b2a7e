"""``python -m docs.generator``: writes docs/reference from the code; with ``--check`` only says what is stale."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from docs.generator.commands import commands_page
from docs.generator.hooks import hooks_page
from docs.generator.settings import settings_page

REFERENCE = Path(__file__).parents[1] / "reference"
PAGES: Mapping[str, Callable[[], str]] = {
    "hooks.md": hooks_page,
    "settings.md": settings_page,
    "commands.md": commands_page,
}


def stale(folder: Path = REFERENCE) -> list[str]:
    """Name the pages that do not say what the code says."""
    return [name for name, page in PAGES.items() if _read(folder / name) != page()]


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or check them.

    Returns:
        The exit code: 1 if a page is stale.
    """
    if "--check" in arguments:
        pages = stale()
        for name in pages:
            print(f"docs/reference/{name} is stale: run make docs")
        return 1 if pages else 0
    REFERENCE.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (REFERENCE / name).write_text(page(), encoding="utf-8")
        print(f"docs/reference/{name}")
    return 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
