import ast
from pathlib import Path

import nbformat
import numpy as np
import pytest
from conftest import fill

from emolib import course, data
from emolib.course import own_model, paths
from emolib.model import ModelCard, build_cnn
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
    monkeypatch.setattr(recipe, "ENOUGH", 10)
    model, card = course.reader_model(dataset, seed=1)
    said = capsys.readouterr().out.strip()
    assert said.startswith("There is no network from notebook 03") and "\n" not in said
    assert not list(paths.models_dir().iterdir())
    assert [w.shape for w in model.weights] == [w.shape for w in build_cnn().weights]
    steps = -(-len(dataset.of("train")) // own_model.BATCH_SIZE)
    assert int(model.optimizer.iterations) == 2 * steps
    assert card.class_names == ["happy", "sad"]
    assert 0 < card.temperature != 1


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
