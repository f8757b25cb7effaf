"""Right and wrong answers to the exercises of notebook 02: (exercise, answer[, hint])."""

from types import SimpleNamespace

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


def convolve(image, kernel):
    """The loops of the notebook."""
    size = len(kernel)
    result = np.zeros((image.shape[0] - size + 1, image.shape[1] - size + 1))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            result[row, column] = (image[row : row + size, column : column + size] * kernel).sum()
    return result


def same(image, kernel):
    return convolve(np.pad(image, len(kernel) // 2), kernel)


def as_a_list(image, kernel):
    return same(image, kernel).tolist()


def always_one_pixel(image, kernel):
    return convolve(np.pad(image, 1), kernel)


def repeats_the_border(image, kernel):
    return convolve(np.pad(image, len(kernel) // 2, mode="edge"), kernel)


def turned(image, kernel):
    return same(image, kernel[::-1, ::-1])


def shifted(image, kernel):
    return convolve(np.pad(image, (0, 2)), kernel)


def in_bytes(image, kernel):
    return same(image, kernel.astype(image.dtype)).astype(image.dtype)


def in_place(image, kernel):
    image[:] = same(image, kernel)
    return image


def one_row_more(image, kernel):
    return np.pad(same(image, kernel), (0, 1))


def forgets_return(image, kernel):
    same(image, kernel)


def stops(image, kernel):
    return image[len(image)]


def network(says, numbers=900):
    """What a check asks a network for."""
    return SimpleNamespace(predict=lambda x, verbose: says(x), count_params=lambda: numbers)


def weighted(x):
    """The sum before the sigmoid of a network that scales its pixels."""
    return (x.reshape(len(x), -1) / 127.5 - 1).mean(axis=1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.clip(x, -50, 50)))


TRUTH = np.arange(120) % 2
PICTURES = np.repeat(TRUTH, 48 * 48).reshape(-1, 48, 48, 1).astype("uint8")


def knows(share):
    """A network that is right for this share of the pictures."""

    def says(x):
        truth = x[:, 0, 0]
        return np.where(np.arange(len(x))[:, None] < share * len(x), truth, 1 - truth)

    return says


RIGHT = [
    ("02.0", LAYERS),
    ("02.1", same),
    ("02.1", as_a_list),
    ("02.2", (np.array(LABELS), LEARNED)),
    ("02.3", network(lambda x: sigmoid(weighted(x)))),
    ("02.4", (network(knows(1)), PICTURES, TRUTH)),
    ("02.4", (network(knows(0.8), 2304), PICTURES, TRUTH)),
]
MISTAKES = [
    ("02.0", LAYERS | {"the last layer": ((1,), 256)}, "one bias"),
    ("02.0", LAYERS | {"its batch normalization": ((48, 48, 32), 64)}, "four numbers per map"),
    ("02.0", LAYERS | {"5x5 convolution, 32 maps": ((48, 48, 32), 832)}, "no bias"),
    ("02.0", LAYERS | {"5x5 convolution, 32 maps": ((48, 48, 32), 25)}, "one filter"),
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
    ("02.1", convolve, "still smaller"),
    ("02.1", always_one_pixel, "With a 5x5 filter"),
    ("02.1", repeats_the_border, "Only the border is wrong"),
    ("02.1", turned, "upside down and mirrored"),
    ("02.1", shifted, "at the right place"),
    ("02.1", in_bytes, "With pixels of uint8"),
    ("02.1", in_place, "changes the image"),
    ("02.1", one_row_more, "came out"),
    ("02.1", forgets_return, "`return`"),
    ("02.1", stops, "IndexError"),
    ("02.2", (np.sort(LABELS), LEARNED), "still right"),
    ("02.2", ([1] * 8 + [0] * 8, LEARNED), "happy faces 8 have"),
    ("02.2", ([0] * 16, LEARNED), "8 of the sad ones"),
    ("02.2", (LABELS[:4], LEARNED), "sixteen labels, not 4"),
    ("02.2", (LABELS, {"accuracy": [0.5, 0.9375]}), "94% of them so far"),
    ("02.3", network(weighted), "below 0 or above 1"),
    ("02.3", network(lambda x: np.full((len(x), 1), np.nan)), "below 0 or above 1"),
    ("02.3", network(lambda x: sigmoid(x.reshape(len(x), -1).sum(axis=1))), "How large"),
    ("02.3", network(lambda x: sigmoid(30 * weighted(x))), "build it again"),
    ("02.3", network(lambda x: np.full((len(x), 1), 0.5)), "same answer"),
    ("02.3", network(lambda x: np.full((len(x), 2), 0.5)), "2 numbers"),
    ("02.4", (network(knows(1), 2305), PICTURES, TRUTH), "your network has 2,305"),
    ("02.4", (network(knows(0.5)), PICTURES, TRUTH), "50% right"),
    ("02.4", (network(knows(1)), PICTURES[:16], TRUTH[:16]), "too few"),
    ("02.4", (network(lambda x: np.full((len(x), 2), 0.5)), PICTURES, TRUTH), "2 numbers"),
]
