"""Right and wrong answers to the exercises of notebook 02: (exercise, answer[, hint])."""

import numpy as np

LAYERS = {
    "5x5 convolution, 32 maps": ((48, 48, 32), 800),
    "its batch normalization": ((48, 48, 32), 128),
    "first 3x3 convolution, 64 maps": ((24, 24, 64), 18_432),
    "last convolution, 256 maps": ((6, 6, 256), 294_912),
    "the last layer": ((1,), 257),
}
LABELS = [0, 1] * 8
LEARNED = {"accuracy": [0.5, 1.0]}

RIGHT = [
    ("02.0", LAYERS),
    ("02.1", 514),
    ("02.1", np.int64(514)),
    ("02.2", (np.array(LABELS), LEARNED)),
    ("02.3", ((18, 28, 16), 416)),
    ("02.3", [[18, 28, 16], 416]),
]
MISTAKES = [
    ("02.0", LAYERS | {"the last layer": ((1,), 256)}, "one bias"),
    ("02.0", LAYERS | {"its batch normalization": ((48, 48, 32), 64)}, "four numbers per map"),
    ("02.0", LAYERS | {"5x5 convolution, 32 maps": ((48, 48, 32), 832)}, "no bias"),
    ("02.0", LAYERS | {"5x5 convolution, 32 maps": ((44, 44, 32), 800)}, "at the border"),
    ("02.0", LAYERS | {"5x5 convolution, 32 maps": ((32, 48, 48), 800)}, "order is not"),
    (
        "02.0",
        LAYERS | {"first 3x3 convolution, 64 maps": ((48, 48, 64), 18_432)},
        "Pooling halves",
    ),
    (
        "02.0",
        LAYERS | {"last convolution, 256 maps": ((3, 3, 256), 294_912)},
        "once too often",
    ),
    ("02.1", 512, "has a bias"),
    ("02.1", 257, "one more unit"),
    ("02.1", 771, "the new last layer"),
    ("02.1", 574_931, "*added*"),
    ("02.1", 3, "How many numbers reach"),
    ("02.2", (np.sort(LABELS), LEARNED), "in order"),
    ("02.2", (LABELS[:4], LEARNED), "sixteen shuffled labels, not 4"),
    ("02.2", (LABELS, {"accuracy": [0.5, 0.9375]}), "94% of them so far"),
    ("02.3", ((18, 28, 16), 400), "has a bias"),
    ("02.3", ((28, 18, 16), 416), "order is not"),
    ("02.3", ((16, 18, 28), 416), "order is not"),
    ("02.3", ((20, 30, 16), 416), "cannot hang over"),
    ("02.3", ((36, 56, 16), 416), "before pooling"),
    ("02.3", ((19, 29, 16), 416), "two at the bottom"),
    ("02.3", ((18, 28, 1), 416), "counts the maps"),
    ("02.3", ((18, 28, 16), 26), "one filter"),
    ("02.3", ((18, 28, 16), 5), "height x width x input maps"),
]
