"""The package as it is installed from an archive: built, unpacked elsewhere, and asked."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.slow


def run(*words: str | Path, folder: Path, path: Path | None = None) -> str:
    """Run Python in a folder, with a folder in front of the search path."""
    env = os.environ | ({"PYTHONPATH": str(path)} if path else {})
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def tools(tmp_path_factory) -> Path:
    """A folder with the build backend that pyproject.toml asks for."""
    folder = tmp_path_factory.mktemp("tools")
    words = ["pip", "install", "--quiet", "--target", folder, "hatchling>=1.27"]
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True)
    if done.returncode:
        pytest.skip("hatchling cannot be fetched")
    return folder


def build(kind: str, source: Path, folder: Path, tools: Path) -> Path:
    """Build an archive of the package in a new folder; return its path."""
    run("-m", "hatchling", "build", "-t", kind, "-d", folder, folder=source, path=tools)
    (archive,) = folder.iterdir()
    return archive


@pytest.mark.parametrize("built_from", ["repository", "sdist"])
def test_an_installed_wheel_answers(tools, tmp_path, built_from):
    source = ROOT
    if built_from == "sdist":
        archive = build("sdist", ROOT, tmp_path / "sdist", tools)
        with tarfile.open(archive) as content:
            content.extractall(tmp_path, filter="data")
        source = tmp_path / archive.name.removesuffix(".tar.gz")
    wheel = build("wheel", source, tmp_path / "dist", tools)
    site = tmp_path / "site"
    run("-m", "pip", "install", "-q", "--no-deps", "--target", site, wheel, folder=tmp_path)
    shipped = {path.relative_to(ROOT) for path in (ROOT / "emolib").rglob("*") if path.is_file()}
    missing = [path for path in shipped if not (site / path).is_file()]
    assert [path for path in missing if path.suffix != ".pyc"] == []
    empty = tmp_path / "empty"
    empty.mkdir()
    where = run("-c", "import emolib; print(emolib.__file__)", folder=empty, path=site)
    assert Path(where.strip()).is_relative_to(site)
    answers = run("-m", "emolib", "predict", folder=empty, path=site)
    assert answers.count("face: happy") == answers.count("face: sad") == 3, answers
    assert not any(empty.iterdir())
