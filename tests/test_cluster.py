"""Many photos on a Dask cluster: real schedulers and workers, some of which are killed."""

import csv
import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from conftest import write
from emolib.cli import main
from emolib.data import selfies
from emolib.faces import MODELS
from emolib.inference import Photo, load_classifier
from emolib.inference import worker as on_worker
from emolib.inference.classifier import RELEASED
from emolib.model.card import ModelError

distributed = pytest.importorskip("distributed")
from emolib.inference import cluster  # noqa: E402

N = 300
DASK = [sys.executable, "-m", "dask"]
# what a decoder that crashes does to the program around it
HOSTILE = """
import os, signal
from emolib.inference import classifier

def open_image(source, opened=classifier.open_image, **options):
    if os.path.basename(str(source)).startswith("hostile"):
        os.kill(os.getpid(), signal.SIGKILL)
    return opened(source, **options)

classifier.open_image = open_image
"""


@pytest.fixture(scope="module")
def classifier():
    return load_classifier()


@pytest.fixture(scope="module")
def parcel(classifier):
    return on_worker.pack(classifier)


@pytest.fixture(scope="module")
def album(tmp_path_factory) -> list[str]:
    """300 small photos of different sizes, some without a face, and one that is damaged."""
    folder = tmp_path_factory.mktemp("album")
    faces = [Image.open(path).convert("RGB").resize((200, 300)) for path in selfies()]
    for i in range(N):
        image = faces[i % 10].resize((150 + i % 37, 225 + i % 41))
        if i % 50 == 7:
            image = Image.new("RGB", (90, 90), "gray")
        image.save(folder / f"{i:03}.jpg", quality=90)
    (folder / "123.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    return [str(folder / f"{i:03}.jpg") for i in range(N)]


@pytest.fixture(scope="module")
def expected(album, classifier) -> list[Photo]:
    return list(classifier.predict_many(album))


class Machines:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.env = os.environ | settings
        self.workers: list[subprocess.Popen] = []
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", "0")
        file = folder / "scheduler.json"
        for _ in range(600):
            time.sleep(0.1)
            if file.is_file() and file.read_text():
                break
        self.address = json.loads(file.read_text())["address"]

    def _start(self, *words: str, **settings: str) -> subprocess.Popen:
        log = open(self.folder / f"{words[0]}-{time.monotonic_ns()}.log", "wb")
        words += ("--no-dashboard", "--scheduler-file", str(self.folder / "scheduler.json"))
        # away from the working folder: paths must not depend on it
        return subprocess.Popen(
            [*DASK, *words], cwd=self.folder, env=self.env | settings, stdout=log, stderr=log
        )

    def add_worker(self, *words: str, **settings: str) -> None:
        words = words or ("--no-nanny",)
        self.workers.append(self._start("worker", "--nthreads", "1", *words, **settings))

    def kill_worker(self, worker: subprocess.Popen) -> None:
        self.workers.remove(worker)
        worker.kill()
        worker.wait()

    def stop(self) -> None:
        for process in [*self.workers, self.scheduler]:
            process.kill()  # a worker ends with its nanny
            process.wait()


@pytest.fixture
def machines(tmp_path, monkeypatch) -> Iterator[Machines]:
    monkeypatch.setattr(cluster, "PHOTOS", 8)
    tried_three_times = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2"}
    started = Machines(tmp_path, **tried_three_times)
    yield started
    started.stop()


def same(answers: Sequence[Photo], expected: Sequence[Photo]) -> None:
    """Check that answers are equal, but for the last digits of the probabilities."""
    assert [photo.file for photo in answers] == [photo.file for photo in expected]
    for photo, wanted in zip(answers, expected, strict=True):
        assert (photo.width, photo.height) == (wanted.width, wanted.height)
        assert photo.error == wanted.error
        assert [(face.label, face.box) for face in photo] == [(f.label, f.box) for f in wanted]
        for face, right in zip(photo, wanted, strict=True):
            assert face.probabilities == pytest.approx(right.probabilities, abs=1e-5)


def test_a_worker_answers_a_chunk_as_predict_many_does(parcel, classifier, tmp_path):
    good = shutil.copy(selfies()[0], tmp_path / "good.jpg")
    empty = str(write(tmp_path / "empty.jpg", b""))
    places = [f"file://{good}", empty, str(good), f"file://{tmp_path}/no.jpg", f"file://{empty}"]
    first, second, third, fourth, fifth = on_worker.answer_chunk(parcel, places, False)
    same([first, third], [replace(classifier.predict(good), file="")] * 2)
    assert (
        second.error == fifth.error == "empty.jpg is empty (zero bytes): copy or download it again."
    )
    assert fourth.error == "no.jpg was not found at its address: give that of a photo."
    assert on_worker.load_once(parcel) is on_worker.load_once(replace(parcel))


def test_photos_that_a_worker_cannot_reach_have_sentences(parcel, tmp_path, monkeypatch):
    big = write(tmp_path / "big.jpg", bytes(3 * 2**20))
    monkeypatch.setattr(on_worker, "MAX_BYTES", 2_000_000)
    places = [
        "/nowhere/a.jpg",
        f"file://{big}",
        f"file://{tmp_path}",
        "s3://bucket/a.jpg?key=secret",
        "nonsense://bucket/a.jpg",
        "www.example.com/a.jpg",
        str(tmp_path),
    ]
    says = [
        "a.jpg does not exist on ",
        "big.jpg is larger than 2 MB",
        " was not found at its address",
        "a.jpg cannot be fetched because ",
        "a.jpg cannot be fetched (Protocol not known: nonsense): check its address.",
        "www.example.com/a.jpg is an internet address",
        " is a folder: give a picture file",
    ]
    if shutil.which("s3fs"):
        says[3] = "a.jpg cannot be fetched"
    for photo, words in zip(on_worker.answer_chunk(parcel, places, False), says, strict=True):
        assert words in photo.error and "\n" not in photo.error
        assert photo.error.endswith(".") and "secret" not in photo.error


def test_a_worker_with_a_different_emolib_refuses(parcel, monkeypatch):
    for change, says in (
        ({"version": "9.9"}, "has emolib .*, and the work comes from emolib 9.9: install the same"),
        ({"face_finder": "0"}, "has a different face finder"),
        ({"content": b"0"}, "cannot load the model: .*ONNX"),
    ):
        with pytest.raises(on_worker.ClusterError, match=says) as error:
            on_worker.load_once(replace(parcel, digest="new", **change))
        assert "\n" not in str(error.value)


def test_any_model_file_travels_and_a_network_in_memory_is_refused(classifier, tmp_path):
    for name in ("model.onnx", "WITHOUT A CARD.ONNX"):
        path = Path(shutil.copy(MODELS / "emotion_model.onnx", tmp_path / name))
        if name == "model.onnx":
            shutil.copy(MODELS / "emotion_model.json", path.with_suffix(".json"))
        mine = load_classifier(path, None if name == "model.onnx" else ["a", "b", "c"])
        mine.card.temperature = 2.0
        loaded = on_worker.load_once(on_worker.pack(mine))
        assert (loaded.class_names, loaded.card.temperature) == (mine.class_names, 2.0)
    with pytest.raises(ModelError, match="save its model first"):
        on_worker.pack(type(classifier)(classifier.card, lambda images: images))


def test_emolib_loads_no_dask():
    code = "import sys, emolib.inference, emolib.cli; sys.exit('dask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.slow
def test_three_workers_answer_as_one_machine_once_they_are_there(machines, album, expected):
    said: list[str] = []
    answers: list[Photo] = []
    with cluster.connect(machines.address) as client:
        photos = cluster.predict_on_cluster(client, [*album, album[0]], say=said.append)
        asking = threading.Thread(target=lambda: answers.extend(photos))
        asking.start()
        while not said:
            time.sleep(0.1)
        for _ in range(3):
            machines.add_worker()
        asking.join()
    assert said == ["The cluster has no workers: waiting for one (press Ctrl+C to stop)."]
    same(answers, [*expected, expected[0]])


@pytest.mark.slow
def test_killed_workers_lose_nothing(machines, album, expected):
    for _ in range(3):
        machines.add_worker()
    moments = random.sample(range(10, 200), 3)
    print("workers are killed after photos", moments)
    answers = []
    with cluster.connect(machines.address) as client:
        for photo in cluster.predict_on_cluster(client, map(Path, album)):
            answers.append(photo)
            if len(answers) in moments:
                machines.kill_worker(random.choice(machines.workers))
                machines.add_worker()
    same(answers, expected)


@pytest.mark.slow
def test_a_picture_that_ends_every_program_is_named(machines, album, expected, tmp_path):
    (tmp_path / "hostile.py").write_text(HOSTILE)
    for _ in range(2):
        machines.add_worker("--preload", str(tmp_path / "hostile.py"))  # under a nanny
    hostile = shutil.copy(album[0], tmp_path / "hostile.jpg")
    with cluster.connect(machines.address) as client:
        sources = [*album[:13], hostile, *album[13:60]]
        answers = list(cluster.predict_on_cluster(client, sources))
    said = answers.pop(13)
    assert (said.file, said.faces) == (str(hostile), ())
    assert said.error == (
        "hostile.jpg crashed 3 programs that read it: leave it out, or open it and save it again."
    )
    same(answers, expected[:60])


@pytest.mark.slow
def test_a_killed_client_goes_on(machines, album, capsys, tmp_path):
    for _ in range(3):
        machines.add_worker()
    folder = os.path.dirname(album[0])
    plain = tmp_path / "plain.csv"
    table = tmp_path / "answers.csv"
    part = tmp_path / "answers.csv.part"
    assert main(["predict", folder, "--csv", str(plain)]) == 1
    words = ["predict", folder, "--cluster", machines.address, "--csv", str(table)]
    client = subprocess.Popen([sys.executable, "-m", "emolib", *words])
    while client.poll() is None and not (part.is_file() and part.read_bytes().count(b"\n") > 40):
        time.sleep(0.01)
    client.kill()
    assert client.wait() == -signal.SIGKILL
    assert not table.exists()
    capsys.readouterr()
    assert main(words) == 1
    assert capsys.readouterr().err.count("add --resume") == 1
    os.truncate(part, part.stat().st_size - 30)
    kept = part.read_bytes()
    other = tmp_path / "other.onnx"  # the same classes, other probabilities
    shutil.copy(RELEASED, other)
    card = json.loads(RELEASED.with_suffix(".json").read_text("utf-8"))
    other.with_suffix(".json").write_text(json.dumps(card | {"temperature": 2.0}))
    assert main([*words, "--resume", "--model", str(other)]) == 1
    assert "use the model that it was started with" in capsys.readouterr().err
    assert kept.startswith(part.read_bytes()) and not table.exists()
    assert main([*words, "--resume"]) == 1
    first, *_ = capsys.readouterr().err.splitlines()
    assert first.startswith("Already answered: ")
    assert not part.exists()
    rows, wanted = (list(csv.DictReader(open(file, encoding="utf-8"))) for file in (table, plain))
    for row, right in zip(rows, wanted, strict=True):
        for column in row:
            if column in ("probability", "score") or column.startswith("p_"):
                assert float(row[column] or 0) == pytest.approx(float(right[column] or 0), abs=1e-5)
            else:
                assert row[column] == right[column]


@pytest.mark.slow
def test_a_cluster_that_cannot_answer_says_why(machines, album, tmp_path):
    write(tmp_path / "old" / "emolib" / "__init__.py", b"")
    with cluster.connect(machines.address) as client:
        machines.add_worker("--no-nanny", PYTHONPATH=str(tmp_path / "old"))
        with pytest.raises(
            cluster.ClusterError, match="worker at tcp://.* has no emolib, or an old"
        ):
            next(cluster.predict_on_cluster(client, album))
        machines.kill_worker(machines.workers[0])
        write(tmp_path / "old" / "emolib" / "inference" / "worker.py", b"__version__ = '9.9'")
        machines.add_worker("--no-nanny", PYTHONPATH=str(tmp_path / "old"))
        with pytest.raises(cluster.ClusterError, match=r"worker at tcp://.* has emolib 9\.9, "):
            next(cluster.predict_on_cluster(client, album))
        machines.kill_worker(machines.workers[0])
        machines.add_worker()
        photos = cluster.predict_on_cluster(client, itertools.cycle(album))
        assert len(list(itertools.islice(photos, 40))) == 40
        machines.scheduler.kill()
        with pytest.raises(cluster.ClusterError, match="The scheduler is gone"):
            list(photos)
    with pytest.raises(cluster.ClusterError, match="No Dask scheduler answers at tcp://"):
        with cluster.connect(machines.address):
            pass


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT")
def test_a_cluster_of_this_machine_stops_at_ctrl_c_and_goes_on(album, tmp_path):
    words = ["predict", os.path.dirname(album[0]), "--cluster", "local", "--csv", "answers.csv"]
    command = [sys.executable, "-m", "emolib", *words]
    part = tmp_path / "answers.csv.part"
    with open(tmp_path / "said.txt", "w+") as said:
        # in a group of its own, all of which gets the signal, as from a keyboard
        client = subprocess.Popen(command, cwd=tmp_path, stderr=said, start_new_session=True)
        while client.poll() is None and not (part.is_file() and b"\n" in part.read_bytes()[300:]):
            time.sleep(0.01)
        os.killpg(client.pid, signal.SIGINT)
        assert client.wait() == 130
        said.seek(0)
        *_, last_but_one, last = said.read().splitlines()
    assert last_but_one == "answers.csv.part keeps the answers: add --resume to continue."
    assert last == "Stopped."
    done = subprocess.run([*command, "--resume"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1  # one photo is damaged
    assert done.stderr.startswith("Already answered: ") and "Traceback" not in done.stderr
    rows = list(csv.DictReader((tmp_path / "answers.csv").open(encoding="utf-8")))
    assert list(dict.fromkeys(row["file"] for row in rows)) == album
