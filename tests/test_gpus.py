"""Training on several GPUs; two logical CPU devices in a process of their own stand in for them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from conftest import mouth, small_model
from emolib.data import batches
from emolib.inference import load_classifier
from emolib.model import ModelError, build_cnn, load_model
from emolib.training import TrainConfig, compile_model, devices, targets, train_folder
from emolib.training.fit import fit_resumable
from emolib.training.prepare import check_config

TESTS = Path(__file__).resolve().parent

TWO_DEVICES = """
import tensorflow as tf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)

import sys
import test_gpus
from emolib.training import devices

devices.gpu_names = lambda: ["CPU:0", "CPU:1"]
made = devices.strategy(2)
assert isinstance(made, tf.distribute.MirroredStrategy) and made.num_replicas_in_sync == 2
test_gpus.CHILD[sys.argv[1]](*sys.argv[2:])
"""


def on_two_devices(what: str, *words) -> str:
    """Run a function of this file where TensorFlow has two devices; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", TWO_DEVICES, what, *map(str, words)],
        capture_output=True,
        text=True,
        cwd=TESTS,  # its conftest comes first, not that of the folder above
        env=os.environ | {"PYTHONPATH": str(TESTS.parent)},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def fit_small(out: str) -> None:
    """Fit a network without random numbers or batch normalization, and write its weights."""
    images = np.array([np.asarray(mouth(i % 2 == 0, i)) for i in range(63)])[..., None]
    wanted = targets(np.arange(63) % 2, 2)
    with devices.strategy(2).scope():
        model = small_model()
        compile_model(model, 6, 0.01)
        train_ds = batches(images[:48], wanted[:48], 16)
        val_ds = batches(*devices.whole_rounds((images[48:], wanted[48:]), 2), 8)
        history = fit_resumable(model, train_ds, val_ds, 2, f"{out}.state", verbose=0)
    np.savez(out, *model.get_weights(), val_loss=history["val_loss"], loss=history["loss"])


def train_two(folder: str, out: str) -> None:
    """Train, be interrupted after the first epoch, and resume; leave a copy of the state."""
    from emolib.training.checkpoint import TrainingCheckpoint

    save = TrainingCheckpoint.on_epoch_end

    def save_and_stop(self, *args):
        save(self, *args)
        raise KeyboardInterrupt

    TrainingCheckpoint.on_epoch_end = save_and_stop
    with pytest.raises(KeyboardInterrupt):
        train_folder(folder, out, epochs=2, batch_size=10)
    TrainingCheckpoint.on_epoch_end = save
    shutil.copytree(Path(out).with_suffix(".training"), Path(out).parent / "elsewhere.training")
    train_folder(folder, out, epochs=2, batch_size=10, resume=True)


CHILD = {"fit_small": fit_small, "train_two": train_two}


@pytest.mark.slow
def test_two_devices_compute_what_one_does(tmp_path):
    on_two_devices("fit_small", tmp_path / "two.npz")
    fit_small(str(tmp_path / "one.npz"))
    two, one = (np.load(tmp_path / name) for name in ("two.npz", "one.npz"))
    assert one.files == two.files
    for name in one.files:
        np.testing.assert_allclose(two[name], one[name], rtol=1e-3, atol=1e-5)


@pytest.mark.slow
def test_two_devices_write_a_file_like_any_other(tmp_path):
    faces = tmp_path / "faces"
    for name in ("happy", "sad"):
        (faces / name).mkdir(parents=True)
        for path in sorted((TESTS.parent / "data" / "rendered" / name).glob("*.png"))[:50]:
            shutil.copy(path, faces / name)
    said = on_two_devices("train_two", faces, tmp_path / "two.keras")
    assert "2 GPUs: batches of 20 pictures." in said

    model, card = load_model(tmp_path / "two.keras")
    assert card.training["gpus"] == 2
    one = build_cnn(2, (48, 48), 1, batch_norm_momentum=0.9)
    assert [w.shape for w in model.weights] == [w.shape for w in one.weights]
    kinds = [[type(layer) for layer in m.layers] for m in (model, one)]
    assert kinds[0] == kinds[1]
    images = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 1)).astype("float32")
    answers = load_classifier(tmp_path / "two.keras").predict_arrays(images)
    assert np.isfinite(answers).all() and answers.shape == (5, 2)

    # here there is no GPU, but the batches are still those of two
    finished = train_folder(
        faces, tmp_path / "elsewhere.keras", epochs=2, batch_size=10, resume=True
    )
    assert finished.training["gpus"] == 2
    names = ("two_history.csv", "elsewhere_history.csv")
    two, elsewhere = ((tmp_path / name).read_text().splitlines() for name in names)
    assert len(two) == len(elsewhere) == 3
    assert two[:2] == elsewhere[:2]


@pytest.mark.parametrize(("found", "used"), [(0, 1), (1, 1), (2, 2), (4, 4), (5, 1)])
def test_all_gpus_or_one(found, used):
    assert devices.worthwhile(found, pictures=45, batch_size=10) == used


def test_the_rate_grows_with_the_square_root():
    assert devices.scaled_rate(2e-3, 1) == 2e-3
    assert devices.scaled_rate(2e-3, 4) == pytest.approx(4e-3)


def test_one_device_unless_there_are_as_many_as_needed(monkeypatch):
    for names in ([], ["GPU:0"], ["GPU:0", "GPU:1"]):
        monkeypatch.setattr(devices, "gpu_names", lambda names=names: names)
        assert devices.strategy(1).num_replicas_in_sync == 1
        assert devices.strategy(3).num_replicas_in_sync == 1


def test_every_gpu_gets_as_many_pictures():
    images = np.arange(5)
    for gpus, wanted in ((1, 5), (2, 6), (5, 5), (8, 8)):
        repeated, labels = devices.whole_rounds((images, images), gpus)
        assert len(repeated) == len(labels) == wanted
        assert repeated.tolist() == (list(range(5)) * 2)[:wanted]


def test_a_resumed_training_keeps_the_gpus_it_began_with(tmp_path):
    def config(gpus: int, seed: int = 0) -> TrainConfig:
        return TrainConfig(["happy", "sad"], 1, 8, seed, "hash of the pictures", gpus=gpus)

    assert check_config(config(4), tmp_path).gpus == 4
    assert check_config(config(1), tmp_path).gpus == 4
    with pytest.raises(ModelError, match=r"different settings \(seed\)"):
        check_config(config(1, seed=1), tmp_path)
    written = json.loads((tmp_path / "config.json").read_text("utf-8"))
    del written["gpus"]  # by an older version
    (tmp_path / "config.json").write_text(json.dumps(written), "utf-8")
    assert check_config(config(2), tmp_path).gpus == 1
