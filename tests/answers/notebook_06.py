"""Right and wrong answers to the exercises of notebook 06: (exercise, answer[, hint])."""

from functools import cache

import numpy as np

from emolib.course.paths import course_dir


def occlusion(
    gray=128, side=12, copy=True, signed=False, turned=False, scaled=False, output=0, last=48
):
    """Return an occlusion map function that can be wrong in several ways."""

    def move(network, picture):
        before = network.predict(picture[None].astype("float32"), verbose=0)[0, output]
        places = range(0, last - side + 1, 6)
        moves = []
        covered = picture if not copy else picture.copy()
        for top in places:
            for left in places:
                covered = picture.copy() if copy else covered
                covered[top : top + side, left : left + side] = gray
                after = network.predict(covered[None].astype("float32"), verbose=0)[0, output]
                moves.append(before - after if signed else abs(before - after))
        found = np.reshape(moves, (len(places), -1))
        found = found.T if turned else found
        return found / found.max() if scaled else found

    return move


def last_output(network, picture):
    return occlusion(output=-1)(network, picture)


def heat(softmax=False, relu=True, k=None, scaled=False):
    """Return a Grad-CAM function that can be wrong in several ways."""

    def find(network, pictures, asked):
        import keras
        import tensorflow as tf

        asked = asked if k is None else k
        relus = [one for one in network.layers if isinstance(one, keras.layers.Activation)]
        maps = keras.Model(network.inputs[0], relus[-1].output)(pictures)
        last = network.layers[-1]
        with tf.GradientTape() as tape:
            tape.watch(maps)
            means = tf.reduce_mean(maps, axis=(1, 2))
            score = last(means) if softmax else means @ last.kernel + last.bias
            score = score[:, asked]
        weights = tf.reduce_mean(tape.gradient(score, maps), axis=(1, 2), keepdims=True)
        found = tf.reduce_sum(weights * maps, axis=-1).numpy()
        found = np.maximum(found, 0) if relu else found
        return found / found.max(axis=(1, 2), keepdims=True) if scaled else found

    return find


class Network:
    """A network with one output, computed by a function of pictures."""

    def __init__(self, answer):
        self.answer = answer

    def predict(self, pictures, verbose=None):
        return self.answer(np.asarray(pictures))


@cache
def released():
    from emolib.model import load_model

    return load_model(course_dir() / "models" / "emotion_model.keras")[0]


def by_the_face(pictures):
    p = released().predict(pictures, verbose=0)
    return p[:, 2:] / (p[:, :1] + p[:, 2:])


def by_the_wall(pictures):
    corners = pictures[:, :6, [0, 1, 2, -3, -2, -1], 0].mean(axis=(1, 2))
    return (corners < pictures.mean(axis=(1, 2, 3))).astype(float)[:, None]


def crash(*arguments):
    return 1 / 0


def nothing(*arguments):
    return None


RIGHT = [
    ("06.1", occlusion()),
    ("06.2", heat()),
    ("06.3", Network(by_the_face)),
]
MISTAKES = [
    ("06.1", occlusion(signed=True), "up or down"),
    ("06.1", occlusion(turned=True), "changed places"),
    ("06.1", occlusion(copy=False), "earlier squares"),
    ("06.1", occlusion(gray=0), "black, not gray"),
    ("06.1", occlusion(gray=255), "numbers are not"),
    ("06.1", occlusion(scaled=True), "scaled"),
    ("06.1", occlusion(last=47), "How many places fit"),
    ("06.1", last_output, "three outputs"),
    ("06.1", crash, "ZeroDivisionError"),
    ("06.1", nothing, "returns nothing"),
    ("06.2", heat(softmax=True), "still cold"),
    ("06.2", heat(softmax=True, scaled=True), "hides the fault"),
    ("06.2", heat(relu=False), "above zero"),
    ("06.2", heat(k=0), "different class"),
    ("06.2", lambda network, pictures, k: np.zeros((4, 48, 48)), "the shape is"),
    ("06.2", crash, "ZeroDivisionError"),
    ("06.3", Network(by_the_wall), "still takes the shortcut"),
    ("06.3", Network(lambda x: 1 - by_the_wall(x)), "opposite shortcut"),
    ("06.3", Network(lambda x: np.ones((len(x), 1))), "not learned enough"),
    ("06.3", Network(lambda x: np.ones((len(x), 3))), "one output"),
]
