"""Try what emolib promises without training: `python tests/smoke.py`, on any operating system.

It needs emolib with its `course` extra, and neither pytest nor a shell.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from emolib import data, load_classifier


def emolib(*words: str | Path, cwd: Path) -> str:
    """Run the command line as a user does, and return what it prints."""
    command = [sys.executable, "-m", "emolib", *map(str, words)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, f"{words}: exit status {done.returncode}\n{done.stderr}"
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def main() -> None:
    """Answer, annotate, crop, render and audit in a folder whose name is not ASCII."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = Path(scratch, "Müller 笑")
        folder.mkdir()
        people = [p for p in data.portraits() if p.expression in ("happy", "sad")]
        for person in people[:4]:
            place = folder / "photos" / person.expression
            place.mkdir(parents=True, exist_ok=True)
            person.image.save(place / f"{person.person}.png")
        photos = json.loads(emolib("predict", "photos", "--json", cwd=folder))
        answers = [(Path(one["file"]).parent.name, one["faces"][0]["label"]) for one in photos]
        assert len(answers) == 4 and all(true == said for true, said in answers), answers
        emolib("predict", "photos", "--csv", "answers.csv", "--save", "answers", cwd=folder)
        assert len(list((folder / "answers").glob("*.jpg"))) == 4
        assert len((folder / "answers.csv").read_text(encoding="utf-8").splitlines()) == 5
        emolib("crop", "photos", "--to", "faces", cwd=folder)
        assert len(list((folder / "faces").glob("*/*.png"))) == 4
        emolib("render", "rendered", "--n", "6", cwd=folder)
        assert "happy" in emolib("audit", "rendered", cwd=folder)
    classifier = load_classifier()
    assert [str(face) for face in classifier.predict(people[0].image)], "a face is found"
    print(f"emolib works here: {classifier}")


if __name__ == "__main__":
    main()
