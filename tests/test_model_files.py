"""Model files as people bring them: renamed, damaged, of other programs, in any folder."""

import json
import os
import shutil
from pathlib import Path
from unittest.mock import Mock

import cv2
import pytest

from conftest import FORMATS, IMAGES, SEVEN, one_sentence, small_model
from emolib.inference import load_classifier
from emolib.model import ModelCard, ModelError, export_model, load_model, read_card

CASES = Path(__file__).parent / "cases" / "models"
MODELS = Path(__file__).parents[1] / "models"
TWO = ["happy", "sad"]
NAMES = ["Müller 表情", os.fsdecode(b"M\xfcller")]  # the second is not UTF-8


# folders and files of any name


@pytest.mark.parametrize("name", NAMES, ids=["not ASCII", "not UTF-8"])
@pytest.mark.parametrize("to", [*FORMATS, "savedmodel"])
@pytest.mark.slow
def test_a_model_is_exported_and_read_in_a_folder_of_any_name(tmp_path, name, to):
    if to == "onnx":
        pytest.importorskip("tf2onnx")
    folder = tmp_path / name
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system has no such names")
    path = folder / f"{name}.keras"
    model = small_model(classes=2)
    model.save(path)
    ModelCard(TWO).write(path)
    expected = load_classifier(path).predict_arrays(IMAGES)
    assert expected == pytest.approx(model(IMAGES).numpy(), abs=1e-5)
    made = export_model(path, to, folder / f"copy.{to}" if to == "keras" else None)
    assert made.exists() and made.parent == folder
    if to != "savedmodel":
        assert load_classifier(made).predict_arrays(IMAGES) == pytest.approx(expected, abs=1e-4)
        assert read_card(made).files.keys() >= {made.name}
    left = {path.name, made.name, *(p.with_suffix(".json").name for p in (path, made))}
    assert {p.name for p in folder.iterdir()} <= left
    with pytest.raises(ModelError) as error:
        load_classifier(folder / "none.onnx")
    str(error.value).encode()  # a screen and a web page can show it


# causes


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_path_says_nothing_about_the_file(tmp_path, suffix):
    path = tmp_path / f"lambda unsafe safe_mode{suffix}"
    path.write_bytes(b"not a model at all")
    with pytest.raises(ModelError, match="it is damaged"):
        load_model(path, TWO)


def test_too_little_memory_does_not_make_a_file_damaged(tmp_path, monkeypatch):
    import keras

    path = tmp_path / "m.keras"
    small_model(classes=2).save(path)

    full = Mock(side_effect=MemoryError)
    # Keras turns what a layer raises into an error of its own
    monkeypatch.setattr(keras.layers.Conv2D.__bases__[0], "__init__", full)
    with pytest.raises(ModelError, match="not enough memory to load .*m.keras"):
        load_model(path, TWO)
    monkeypatch.setattr(cv2.dnn, "readNetFromONNX", full)
    with pytest.raises(ModelError, match="not enough memory to load .*emotion_model.onnx"):
        load_classifier(MODELS / "emotion_model.onnx")


def test_what_is_no_fault_of_the_file_is_not_blamed_on_it(tmp_path, monkeypatch):
    import keras

    class Bug(Exception):
        pass

    small_model(classes=2).save(tmp_path / "m.keras")
    monkeypatch.setattr(keras.saving, "load_model", Mock(side_effect=Bug))
    with pytest.raises(Bug):
        load_model(tmp_path / "m.keras", TWO)
    locked = Mock(side_effect=PermissionError(13, "Permission denied"))
    monkeypatch.setattr("emolib.model.card.file_digest", locked)
    with pytest.raises(ModelError, match=r"cannot be read \(Permission denied\): check its perm"):
        load_model(tmp_path / "m.keras", TWO)


@pytest.mark.parametrize(
    "wrong", [{"image_size": [0, 0]}, {"channels": 7}, {"class_names": "ab"}, {"files": ["m"]}]
)
def test_a_card_with_impossible_values_is_not_a_card(tmp_path, wrong):
    path = shutil.copy(CASES / "softmax2.keras", tmp_path)
    card = ModelCard(TWO).write(path)
    card.write_text(json.dumps(json.loads(card.read_text("utf-8")) | wrong), "utf-8")
    with pytest.raises(ModelError, match="softmax2.json is not a model card"):
        load_classifier(path)


def test_a_renamed_pair_still_belongs_together(tmp_path):
    path = tmp_path / "emotion_model (1).keras"
    shutil.copy(MODELS / "emotion_model.keras", path)
    shutil.copy(MODELS / "emotion_model.json", path.with_suffix(".json"))
    three = ["happy", "neither", "sad"]
    assert load_classifier(path).class_names == three
    assert load_classifier(export_model(path, "h5")).class_names == three
    # the card of a different file is still refused
    shutil.copy(MODELS / "emotion_model_7.keras", path)
    with pytest.raises(ModelError, match="does not belong to emotion_model .1."):
        load_classifier(path)


# files that were found on the web


def test_an_h5_file_by_its_other_suffix_answers(tmp_path):
    path = shutil.copy(CASES / "fer2013_mini_XCEPTION.102-0.66.hdf5", tmp_path)
    assert load_classifier(path, SEVEN).predict_arrays(IMAGES).shape == (3, 7)
    made = export_model(path, "keras", class_names=SEVEN)
    assert made.name == "fer2013_mini_XCEPTION.102-0.66.keras"
    assert load_classifier(path).class_names == SEVEN


@pytest.mark.parametrize("suffix", [".KERAS", ".Onnx", ".TFLITE"])
def test_a_suffix_may_be_written_in_capitals(tmp_path, suffix):
    path = tmp_path / f"MODEL{suffix}"
    shutil.copy(MODELS / f"emotion_model{suffix.lower()}", path)
    shutil.copy(MODELS / "emotion_model.json", path.with_suffix(".json"))
    assert load_classifier(path).predict_arrays(IMAGES).shape == (3, 3)


@pytest.mark.parametrize("name", ["keras_model.h5", "keras2.h5"])
def test_a_file_that_only_keras_2_reads_says_so(name):
    with pytest.raises(ModelError, match="by Keras 2 in a form that Keras 3 cannot read") as error:
        load_classifier(CASES / name, TWO)
    one_sentence(error, "tf-keras", ".tflite file")


@pytest.mark.parametrize("names", [None, TWO])
def test_a_file_with_weights_alone_says_so(names):
    with pytest.raises(ModelError, match="holds only the weights of a network") as error:
        load_classifier(CASES / "w.weights.h5", names)
    one_sentence(error, "load_weights", 'model.save("mine.keras")')


def test_a_newer_keras_is_named_for_h5_files_too(tmp_path):
    import h5py

    small_model(classes=2).save(tmp_path / "new.h5")
    with h5py.File(tmp_path / "new.h5", "r+") as file:
        file.attrs["keras_version"] = "99.1.0"
        file.attrs["model_config"] = file.attrs["model_config"].replace("Conv2D", "NewLayer")
    with pytest.raises(ModelError, match="written by Keras 99.1.0, which is newer than"):
        load_model(tmp_path / "new.h5", TWO)
