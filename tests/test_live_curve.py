"""The curve that grows during a training."""

import keras
import numpy as np
import pytest

from emolib import plots
from emolib.plots.live import growing_curve


@pytest.fixture
def shown(monkeypatch):
    """What the callback displays, in order: the first figure, then each one that replaces it."""
    figures = []

    class Handle:
        def update(self, figure):
            figures.append(figure)

    def display(figure, display_id):
        figures.append(figure)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    plots.live._callback_class.cache_clear()
    yield figures
    plots.live._callback_class.cache_clear()


def train(epochs=2, **options):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, activation="softmax")])
    model.compile("sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    x = np.eye(3, dtype="float32")
    curve = plots.live_curve()
    return model.fit(x, np.array([0, 1, 1]), epochs=epochs, verbose=0, callbacks=[curve], **options)


def titles(figures):
    return [figure.axes[0].get_title() for figure in figures]


def test_a_figure_before_the_training_and_a_new_one_after_each_epoch(shown):
    history = train(validation_data=(np.eye(3), np.array([0, 1, 1]))).history
    assert titles(shown) == ["Epoch 0 of 2", "Epoch 1 of 2", "Epoch 2 of 2"]
    lines = {line.get_label(): line for line in shown[-1].axes[0].lines}
    assert list(lines["faces it learns from"].get_ydata()) == history["accuracy"]
    assert list(lines["faces it has never seen"].get_ydata()) == history["val_accuracy"]


def test_a_second_training_starts_a_new_curve_and_may_have_no_validation_pictures(shown):
    train(epochs=1)
    train(epochs=3)
    assert titles(shown)[-1] == "Epoch 3 of 3"
    assert len(shown[-1].axes[0].lines[0].get_ydata()) == 3


def test_outside_a_notebook_the_training_runs_all_the_same(capsys):
    plots.live._callback_class.cache_clear()
    assert len(train().history["accuracy"]) == 2


def test_the_frame_is_there_from_the_start_and_holds_low_scores():
    empty = growing_curve({}, 15).axes[0]
    assert empty.get_xlim() == (0.5, 15.5) and empty.get_ylim() == (0.4, 1.02)
    low = growing_curve({"accuracy": [0.1, 0.3]}, 15).axes[0]
    assert low.get_ylim()[0] == 0.1
