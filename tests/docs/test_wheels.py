"""What is published works without the checkout: wheels of all parts, installed into an environment of their own."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from frontdesk_sandbox.house import PLUGINS

ROOT = Path(__file__).parents[2]
PARTS = (ROOT / "core", ROOT / "sandbox", *(ROOT / "plugins" / name for name in PLUGINS))
WHERE = "import {0}, pathlib; print(pathlib.Path({0}.__file__).parent)"


def run(*command: str | Path, folder: Path) -> str:
    """Run a command that has to succeed, with nothing of this environment; give what it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("FRONTDESK_", "PIP_", "PYTHON"))}
    ended = subprocess.run(
        command, cwd=folder, env=clean, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def packages(part: Path) -> list[Path]:
    """The packages of one part."""
    return [file.parent for file in part.glob("*/__init__.py")]


def files(part: Path) -> Iterator[str]:
    """All that a part's wheel should hold."""
    for package in packages(part):
        for path in package.rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(part).as_posix()


def build(folder: Path) -> dict[Path, Path]:
    """Build the wheels from copies, which leaves nothing in the checkout; give them by their parts."""
    copies = {part: folder / "sources" / part.name for part in PARTS}
    for part, copy in copies.items():
        shutil.copytree(part, copy, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "build"))
    # Nothing is downloaded: setuptools is here, and dependencies are not asked for.
    offline = ("--no-deps", "--no-build-isolation", "--no-index")
    run(sys.executable, "-m", "pip", "wheel", *offline, "-w", folder / "wheels", *copies.values(), folder=folder)
    return {part: next((folder / "wheels").glob(f"{_distribution(part)}-[0-9]*.whl")) for part in PARTS}


def _distribution(part: Path) -> str:
    return "frontdesk" if part.name == "core" else f"frontdesk_{part.name}"


def install(folder: Path, wheels: dict[Path, Path]) -> Path:
    """Install the wheels into a new environment; give the folder of its programs.

    What others have published is lent from this environment. The parts that are installed here as a checkout are not:
    the hooks which lead to them are read in site-packages only.
    """
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", folder=folder)
    programs = Path(sysconfig.get_path("scripts", "venv", {"base": str(folder / "venv")}))
    own = run(programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=folder)
    lent = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (Path(own.strip()) / "lent.pth").write_text("\n".join(lent))
    pip = (sys.executable, "-m", "pip", "--python", programs / "python")
    run(*pip, "install", "--no-deps", "--no-index", *wheels.values(), folder=folder)
    return programs


@pytest.mark.slow
def test_wheels_hold_every_file_and_work_where_there_is_no_checkout(tmp_path: Path) -> None:
    wheels = build(tmp_path)
    for part, wheel in wheels.items():
        with ZipFile(wheel) as archive:
            assert {name for name in archive.namelist() if ".dist-info/" not in name} == set(files(part))

    programs = install(tmp_path, wheels)
    for package in (package.name for part in PARTS for package in packages(part)):
        assert tmp_path in Path(run(programs / "python", "-c", WHERE.format(package), folder=tmp_path).strip()).parents
    frontdesk = programs / "frontdesk"
    assert run(frontdesk, "--version", folder=tmp_path).startswith("frontdesk ")
    assert "deploy" in run(frontdesk, "flex", "--help", folder=tmp_path)

    (tmp_path / "bot.toml").write_text("[plugins]\n" + "".join(f"{name} = true\n" for name in PLUGINS))
    rows = run(frontdesk, "plugins", "list", folder=tmp_path).splitlines()[1:]
    assert {row.split()[0]: row.split()[1] for row in rows} == dict.fromkeys(PLUGINS, "on")
    assert "to be upgraded" not in run(frontdesk, "db", "upgrade", folder=tmp_path)
    run(frontdesk, "demo", "--tour", folder=tmp_path)
