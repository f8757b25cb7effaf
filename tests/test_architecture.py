"""Imports flow one way through the rooms of the package."""

import shutil
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAX_ROOMS = 18


def test_no_room_imports_from_a_room_above_it():
    # in a process of its own: import-linter changes the search path and switches loggers off
    command = shutil.which("lint-imports", path=sysconfig.get_path("scripts"))
    assert command, "import-linter is not installed: run pip install -r requirements.txt"
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_has_few_rooms():
    rooms = [path for path in (ROOT / "emolib").iterdir() if path.name != "__pycache__"]
    assert len([path for path in rooms if path.suffix in ("", ".py")]) <= MAX_ROOMS
