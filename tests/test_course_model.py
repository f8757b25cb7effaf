"""The reader's own network: loaded, kept or trained."""

import ast
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest

from conftest import fill
from emolib import course, data
from emolib.course import own_model, paths
from emolib.model import ModelCard, build_cnn, load_model
from emolib.training import recipe

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "03_training.ipynb"


@pytest.fixture
def dataset(tmp_path, monkeypatch):
    """A small data set, and a folder for models that is empty."""
    (tmp_path / "models").mkdir()
    monkeypatch.setattr(paths, "models_dir", lambda: tmp_path / "models")
    folder = fill(tmp_path / "data", {"happy": 24, "sad": 24})
    return data.split(data.scan(folder), validation=0.3)


def save(dataset, path, **changes):
    model = build_cnn()
    model.save(path)
    facts = {"class_names": dataset.class_names, "data": {"sha256": dataset.digest()}} | changes
    ModelCard(**facts).write(path)
    return model


def test_the_readers_network_is_loaded_if_it_learned_from_this_split(dataset, capsys):
    saved = save(dataset, paths.models_dir() / own_model.FILE)
    model, card = course.reader_model(dataset)
    assert "notebook 03 is loaded: models/my_model.keras" in capsys.readouterr().out
    for mine, theirs in zip(model.get_weights(), saved.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert card.class_names == ["happy", "sad"]


@pytest.mark.slow
def test_without_one_the_same_network_is_trained_and_nothing_written(dataset, capsys, monkeypatch):
    monkeypatch.setattr(own_model, "EPOCHS", 2)
    monkeypatch.setattr(recipe, "ENOUGH", 5)
    model, card = course.reader_model(dataset, seed=1)
    said, *epochs = capsys.readouterr().out.splitlines()
    assert said.startswith("There is no network from notebook 03")
    assert epochs == ["Epoch 1 of 2", "Epoch 2 of 2"]
    assert not list(paths.models_dir().iterdir())
    assert [w.shape for w in model.weights] == [w.shape for w in build_cnn().weights]
    steps = -(-len(dataset.of("train")) // own_model.BATCH_SIZE)
    assert int(model.optimizer.iterations) == 2 * steps
    assert card.class_names == ["happy", "sad"]
    assert 0 < card.temperature != 1


@pytest.mark.slow
def test_a_network_that_would_be_replaced_keeps_all_that_belongs_to_it(dataset, capsys):
    path = paths.models_dir() / own_model.FILE
    course.keep_previous(path)
    assert not list(path.parent.iterdir())
    weights = []
    for _ in range(3):
        course.keep_previous(path)
        weights.append(save(dataset, path).get_weights())
        path.with_name("my_model_split.csv").write_text(str(len(weights)))
    path.with_name("my_models.keras").write_text("not mine")
    path.with_name("my_model_3.json").write_text("of a network that is gone")
    course.keep_previous(path)
    for number, expected in zip((1, 2, 4), weights, strict=True):
        older = path.with_name(f"my_model_{number}.keras")
        model, card = load_model(older)
        assert card.class_names == ["happy", "sad"]
        for mine, theirs in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_array_equal(mine, theirs)
    assert path.with_name("my_model_4_split.csv").read_text() == "3"
    names = {"my_models.keras", "my_model_3.json"}
    for end in (".keras", ".json", "_split.csv"):
        names |= {f"my_model_{number}{end}" for number in (1, 2, 4)}
    assert {file.name for file in path.parent.iterdir()} == names


def test_notebook_03_keeps_the_readers_network(dataset, monkeypatch):
    """Its cell that saves, run twice: the first network is still there."""
    [cell] = [c for c in nbformat.read(NOTEBOOK, 4).cells if "model.save(" in c.source]
    names = {"course": course, "dataset": dataset, "class_names": dataset.class_names, "np": np}
    names |= {"keras": keras, "ModelCard": ModelCard, "x_val": np.zeros((8, 48, 48, 1))}
    names |= {"DATASET": "rendered", "EPOCHS": 1, "SEED": 1}
    monkeypatch.setattr(course, "models_dir", paths.models_dir)
    for _ in range(2):
        exec(cell.source, names | {"model": build_cnn()})
    saved = sorted(file.name for file in paths.models_dir().iterdir())
    assert saved == ["my_model.json", "my_model.keras", "my_model_1.json", "my_model_1.keras"]


@pytest.mark.parametrize(
    "changes",
    [{"class_names": ["angry", "sad"]}, {"data": {"sha256": "of other pictures"}}, {"data": {}}],
)
def test_a_network_for_other_pictures_does_not_count(dataset, changes, monkeypatch):
    path = paths.models_dir() / own_model.FILE
    save(dataset, path, **changes)
    assert not own_model._fits(path, dataset)


def test_a_damaged_file_does_not_count(dataset):
    path = paths.models_dir() / own_model.FILE
    save(dataset, path)
    assert own_model._fits(path, dataset)
    path.write_bytes(b"half a file")
    assert not own_model._fits(path, dataset)


def test_the_settings_are_those_of_notebook_03():
    cells = nbformat.read(NOTEBOOK, 4).cells
    [cell] = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
    given = {
        line.targets[0].id: ast.literal_eval(line.value)
        for line in ast.parse(cell.source).body
        if isinstance(line, ast.Assign)
    }
    for name in ("EPOCHS", "BATCH_SIZE", "LEARNING_RATE"):
        assert given[name] == getattr(own_model, name)
