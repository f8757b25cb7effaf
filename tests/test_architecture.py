"""Imports flow one way through the rooms of the package."""

from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]


def test_no_room_imports_from_a_room_above_it(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0


def test_importing_the_package_is_light_and_a_stranger_finds_few_rooms():
    rooms = [path for path in (ROOT / "emolib").iterdir() if path.name != "__pycache__"]
    assert len([path for path in rooms if path.suffix in ("", ".py")]) <= 17
