"""Right and wrong answers to the exercises of notebook 03: (exercise, answer[, hint])."""

import numpy as np


def trained(model, x, y, rate=0.01, epochs=8, loss="binary_crossentropy", metrics=("accuracy",)):
    import keras

    model.compile(keras.optimizers.Adam(rate), loss=loss, metrics=list(metrics))
    return model.fit(x, y, epochs=epochs, verbose=0)


def only_compiled(model, x, y):
    model.compile("adam", "binary_crossentropy")


def returns_nothing(model, x, y):
    trained(model, x, y)


def not_compiled(model, x, y):
    return model.fit(x, y, verbose=0)


def of_other_labels(model, x, y):
    return trained(model, x, 1 - y)


faces = np.random.default_rng(0).integers(0, 256, (200, 48, 48, 1), np.uint8)
moved = np.roll(faces, 1, axis=2)
learn = np.concatenate([faces[:150], moved[:150]])
notebook = {"200 pictures": 0.72, "augmentation": 0.77, "dropout": 0.71, "600 pictures": 0.84}
RIGHT = [
    ("03.1", trained),
    ("03.1", lambda *example: trained(*example, rate=1e-3, epochs=20).history),
    ("03.1", lambda *example: trained(*example, metrics=["binary_accuracy"])),
    ("03.2", (learn, faces[150:])),
    ("03.2", (faces[:150], np.concatenate([faces[150:], moved[150:]]))),
    ("03.2", (learn.astype("float32"), faces[150:])),
    ("03.3", notebook | {"mine": 0.85}),
    ("03.3", notebook | {"first": 0.6, "second": np.float32(0.8)}),
]
MISTAKES = [
    ("03.1", only_compiled, "have not moved"),
    ("03.1", not_compiled, "stops with an error: ValueError"),
    ("03.1", lambda model: model, "stops with an error: TypeError"),
    ("03.1", returns_nothing, "hand back what `fit` returns"),
    ("03.1", lambda *example: trained(*example, rate=np.nan), "no longer numbers"),
    ("03.1", lambda *example: trained(*example, epochs=1), "One epoch is no curve"),
    ("03.1", lambda *example: trained(*example, metrics=()), "no accuracy"),
    ("03.1", of_other_labels, "still fall"),
    ("03.2", (np.concatenate([faces, moved])[:300], moved[100:]), "one pixel to the side"),
    ("03.2", (faces, faces[:100].astype("float32")), "100 of the 100"),
    ("03.2", (learn, faces[180:]), "one mistake"),
    ("03.2", (faces[:50], faces[150:]), "keep more"),
    ("03.3", notebook, "under a new name"),
    ("03.3", notebook | {"mine": 0.75}, "2.0 points short"),
    ("03.3", notebook | {"mine": 85}, "from 0 to 1"),
    ("03.3", notebook | {"mine": 0.99}, "too good"),
]
