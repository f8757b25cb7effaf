"""Time and memory of a new process: from the shell to the answer for one phone photo.

    python benchmarks/startup.py

Processes are new each time; the files they read are in the system's cache, as after a first use.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from measure import Run, arguments, in_turns, print_table, ratio, run

NOTHING, TENSORFLOW = "python -c pass", "import tensorflow"


def main() -> None:
    args = arguments("Measure start-up times.", repeats=7).parse_args()
    selfie = a_selfie()
    with tempfile.TemporaryDirectory() as folder:
        train = train_command(Path(folder), selfie)
        predict = ["-m", "emolib", "predict", selfie, "--model", args.model]
        cases = {
            NOTHING: lambda: run(["-c", "pass"]),
            "import emolib": lambda: run(["-c", "import emolib"]),
            "import cv2": lambda: run(["-c", "import cv2"]),
            "emolib predict SELFIE": lambda: run(predict),
            "emolib train --help": lambda: run(["-m", "emolib", "train", "--help"]),
            "emolib train DATA, first line": lambda: first_line(train),
            TENSORFLOW: lambda: run(["-c", "import tensorflow"]),
        }
        runs = in_turns(cases, args.repeats)
    times = {name: [one.seconds for one in some] for name, some in runs.items()}
    print_table(
        ["", "seconds", "x python", "of tensorflow", "peak MB"],
        [
            [
                name,
                f"{median(times[name]):.2f}",
                f"{ratio(times[name], times[NOTHING]):.1f}",
                f"{ratio(times[name], times[TENSORFLOW]):.1%}",
                f"{median(one.peak for one in runs[name]):.0f}",
            ]
            for name in cases
        ],
    )


def a_selfie() -> str:
    """Return the path of a selfie, found in a different process so that this one stays small."""
    words = "from emolib.data import selfies; print(selfies()[0])"
    return subprocess.check_output([sys.executable, "-c", words], text=True).strip()


def train_command(folder: Path, selfie: str) -> list[str]:
    """Return the command of a training run that would start, with one picture per class."""
    for name in ("happy", "sad"):
        (folder / "data" / name).mkdir(parents=True)
        shutil.copy(selfie, folder / "data" / name)
    out = folder / "model.keras"
    return ["-m", "emolib", "train", str(folder / "data"), "--out", str(out)]


def first_line(words: list[str]) -> Run:
    """Measure until the first line of output, then stop."""
    stopped = run(words, stop_at_first_line=True)
    return Run(stopped.first_line, stopped.first_line, stopped.peak)


if __name__ == "__main__":
    main()
