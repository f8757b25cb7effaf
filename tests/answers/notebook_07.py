"""Right and wrong answers to the exercises of notebook 07: (exercise, answer[, hint])."""

from types import SimpleNamespace

import numpy as np


def softmax(scores):
    exponentials = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


def as_a_list(scores):
    return softmax(scores).tolist()


def overflows(scores):
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def one_maximum_for_all(scores):
    return overflows(scores - scores.max())


def by_column(scores):
    return softmax(scores.T).T


def all_at_once(scores):
    exponentials = np.exp(scores - scores.max())
    return exponentials / exponentials.sum()


def only_one_face(scores):
    return softmax(scores)[0]


def no_division(scores):
    return np.exp(scores)


def in_twos(scores):
    return 2.0**scores / (2.0**scores).sum(axis=1, keepdims=True)


def in_place(scores):
    scores -= scores.max(axis=1, keepdims=True)
    return softmax(scores)


def forgets_return(scores):
    softmax(scores)


def stops(scores):
    return scores[len(scores)]


def scored(x):
    """Seven different scores per picture."""
    return x.reshape(len(x), -1)[:, :7] / 50


def network(says, loss=None, metrics=("accuracy",), one_hot=False):
    """What a check asks a compiled network for."""

    def evaluate(x, y, verbose, return_dict):
        if (np.ndim(y) == 2) != one_hot:
            raise ValueError("these labels have a different shape")
        p = says(x)
        labels = np.argmax(y, axis=1) if one_hot else y
        truth = np.eye(p.shape[1])[labels]
        values = {
            "accuracy": np.mean(p.argmax(axis=1) == labels),
            "binary_accuracy": np.mean((p > 0.5) == truth),
        }
        entropy = -np.log(p[np.arange(len(p)), labels]).mean()
        found = entropy if loss is None else loss
        return {"loss": found} | {name: values[name] for name in metrics}

    return SimpleNamespace(predict=lambda x, verbose: says(x), evaluate=evaluate)


def good(x):
    return softmax(scored(x))


def sigmoids(x):
    return 1 / (1 + np.exp(-scored(x)))


def not_compiled(x, y, verbose, return_dict):
    raise ValueError("You must call `compile()` before calling `evaluate()`.")


TRUTH = np.arange(140) % 7


def finds(recall_of_last, n=140):
    """Answers that are right, but for the last class."""
    truth = TRUTH[:n]
    p = np.eye(7)[truth]
    last = np.flatnonzero(truth == 6)
    missed = last[round(recall_of_last * len(last)) :]
    p[missed] = np.eye(7)[0]
    return p, truth


def guesses(share):
    """Answers that are right for this share of each class."""
    p = np.eye(7)[TRUTH]
    wrong = np.arange(140) // 7 >= share * 20
    p[wrong] = np.roll(p[wrong], 1, axis=1)
    return p, TRUTH


RIGHT = [
    ("07.1", softmax),
    ("07.1", as_a_list),
    ("07.2", network(good)),
    ("07.2", network(good, one_hot=True)),
    ("07.2", network(good, metrics=("binary_accuracy", "accuracy"))),
    ("07.3", finds(1)),
    ("07.3", guesses(0.5)),
    ("07.3", finds(0.2)),
    ("07.3", tuple(part.tolist() for part in finds(0.5))),
]
MISTAKES = [
    ("07.1", overflows, "With scores around 1,000: some of the results are not numbers"),
    ("07.1", one_maximum_for_all, "around -1,000: some of the results are not numbers"),
    ("07.1", by_column, "a face is a row"),
    ("07.1", all_at_once, "all the numbers together"),
    ("07.1", only_one_face, "came out"),
    ("07.1", no_division, "do not sum to 1"),
    ("07.1", in_twos, "the shares are off"),
    ("07.1", in_place, "changes the scores"),
    ("07.1", forgets_return, "`return`"),
    ("07.1", stops, "IndexError"),
    ("07.2", network(lambda x: softmax(scored(x)[:, :3])), "gives 3 numbers"),
    ("07.2", network(sigmoids), "which last layer"),
    ("07.2", network(good, loss=0.2), "Its loss is not"),
    ("07.2", network(good, metrics=()), "reports no accuracy"),
    ("07.2", network(good, metrics=("binary_accuracy",)), "What does this metric count"),
    (
        "07.2",
        SimpleNamespace(predict=lambda x, verbose: good(x), evaluate=not_compiled),
        "compile it",
    ),
    ("07.3", guesses(0.3), "mean of the seven recalls is 30%"),
    ("07.3", guesses(0.35), "40% is needed"),
    ("07.3", finds(0.1), "in only 10% of its faces"),
    ("07.3", finds(1, n=14), "too few"),
    ("07.3", (finds(1)[0][:, :6], TRUTH), "one column per emotion"),
    ("07.3", (np.eye(7)[TRUTH], TRUTH % 6), "all seven"),
]
