"""Notebook 02 builds, layer by layer, the very network that `emolib.model.build_cnn` returns."""

from pathlib import Path

import nbformat

from emolib.model import build_cnn

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "02_building_the_cnn.ipynb"


def built_in_the_notebook():
    """Run the imports and the cells tagged `builds-model`, and nothing else."""
    cells = nbformat.read(NOTEBOOK, 4).cells
    sources = [c.source for c in cells if "builds-model" in c.metadata.get("tags", [])]
    assert len(sources) >= 4
    names = {}
    exec("import keras\nfrom keras import layers", names)
    for source in sources:
        exec(source, names)
    return names["model"]


def settings(layer):
    """What a layer is, whatever Keras has numbered it."""
    return type(layer), {k: v for k, v in layer.get_config().items() if k != "name"}


def test_the_notebook_builds_the_network_of_emolib():
    mine, theirs = built_in_the_notebook(), build_cnn()
    assert [settings(layer) for layer in mine.layers] == [
        settings(layer) for layer in theirs.layers
    ]
    shapes = [[layer.output.shape for layer in model.layers] for model in (mine, theirs)]
    assert shapes[0] == shapes[1]
    weights = [[w.shape for w in model.weights] for model in (mine, theirs)]
    assert weights[0] == weights[1]
    assert mine.count_params() == theirs.count_params()
    for name in (lambda model: model.name, lambda model: model.inputs[0].name):
        assert name(mine) == name(theirs)
    assert mine.layers[-1].name == theirs.layers[-1].name
