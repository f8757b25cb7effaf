"""Right and wrong answers to the exercises of notebook 08: (exercise, answer[, hint])."""

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict

import emolib


def bars_of(p, labels):
    return np.array([p[labels == k, k].mean() for k in range(p.shape[1])])


def suspicious(p, labels):
    answers = p.argmax(axis=1)
    return (answers != labels) & (p.max(axis=1) >= bars_of(p, labels)[answers])


def suspicious_in_a_loop(p, labels):
    bars = bars_of(p, labels)
    found = []
    for row, label in zip(p, labels, strict=True):
        answer = row.argmax()
        found.append(bool(answer != label and row[answer] >= bars[answer]))
    return found


def every_contradiction(p, labels):
    return p.argmax(axis=1) != labels


def means_over_all(p, labels):
    return (p.argmax(axis=1) != labels) & (p.max(axis=1) >= p.mean(axis=0)[p.argmax(axis=1)])


def the_labels_own_bar(p, labels):
    return (p.argmax(axis=1) != labels) & (p.max(axis=1) >= bars_of(p, labels)[labels])


def low_confidence(p, labels):
    return p[np.arange(len(labels)), labels] < bars_of(p, labels)[labels]


def one_bar(p, labels):
    return (p.argmax(axis=1) != labels) & (p.max(axis=1) >= 0.9)


def for_two_classes(p, labels):
    return [suspicious(p, labels), every_contradiction(p, labels)][p.shape[1] > 2]


def numbers(p, labels):
    return np.flatnonzero(suspicious(p, labels))


def in_one_call(learner, x, labels):
    return cross_val_predict(learner, x, labels, cv=5, method="predict_proba")


def in_a_loop(learner, x, labels):
    p = np.zeros((len(x), 2))
    for learn, judge in StratifiedKFold(3, shuffle=True, random_state=1).split(x, labels):
        p[judge] = learner.fit(x[learn], labels[learn]).predict_proba(x[judge])
    return p


def leave_one_out(learner, x, labels):
    return cross_val_predict(learner, x, labels, cv=KFold(len(x)), method="predict_proba")


def in_sample(learner, x, labels):
    return learner.fit(x, labels).predict_proba(x)


def learns_the_fold(learner, x, labels):
    p = np.zeros((len(x), 2))
    for learn, _ in StratifiedKFold(5, shuffle=True, random_state=1).split(x, labels):
        p[learn] = learner.fit(x[learn], labels[learn]).predict_proba(x[learn])
    return p


def learns_from_one_fold(learner, x, labels):
    p = np.zeros((len(x), 2))
    for judge, learn in StratifiedKFold(5, shuffle=True, random_state=1).split(x, labels):
        left = judge[~p[judge].any(axis=1)]
        p[left] = learner.fit(x[learn], labels[learn]).predict_proba(x[left])
    return p


def shuffles_labels(learner, x, labels):
    return in_one_call(learner, x, np.random.default_rng(0).permutation(labels))


def in_the_order_of_the_folds(learner, x, labels):
    parts = []
    for learn, judge in StratifiedKFold(5, shuffle=True, random_state=1).split(x, labels):
        parts.append(learner.fit(x[learn], labels[learn]).predict_proba(x[judge]))
    return np.concatenate(parts)


def second_class_only(learner, x, labels):
    return in_one_call(learner, x, labels)[:, 1]


def ask_someone_else(x, labels):
    p = emolib.load_classifier().predict_arrays(x, classes=["happy", "sad"])
    return 1 - p[np.arange(len(labels)), labels]


def turned_around(x, labels):
    return -ask_someone_else(x, labels)


def by_brightness(x, labels):
    return x.mean(axis=(1, 2, 3))


def all_sad_ones(x, labels):
    return labels + x.std(axis=(1, 2, 3)) / 1000


RIGHT = [
    ("08.1", suspicious),
    ("08.1", suspicious_in_a_loop),
    ("08.2", in_one_call),
    ("08.2", in_a_loop),
    ("08.2", leave_one_out),
    ("08.3", ask_someone_else),
]
MISTAKES = [
    ("08.1", every_contradiction, "every contradiction"),
    ("08.1", means_over_all, "over all faces"),
    ("08.1", the_labels_own_bar, "the bar of the label's class"),
    ("08.1", low_confidence, "what the network says itself"),
    ("08.1", one_bar, "labels are on your list"),
    ("08.1", for_two_classes, "With 3 classes"),
    ("08.1", numbers, "True or False for each label"),
    ("08.1", lambda p, labels: p[5000], "stops with an error: IndexError"),
    ("08.1", lambda p, labels: None, "True or False"),
    ("08.2", in_sample, "60 of 60 faces are judged by a learner that has learned from them"),
    ("08.2", learns_the_fold, "has learned from them"),
    ("08.2", learns_from_one_fold, "less than half of the others"),
    ("08.2", shuffles_labels, "the labels of different faces"),
    ("08.2", in_the_order_of_the_folds, "Row i must hold"),
    ("08.2", second_class_only, "60 rows of two probabilities"),
    ("08.2", lambda learner, x, labels: learner.predict_proba(x), "stops with an error"),
    ("08.3", turned_around, "the largest number must be the greatest doubt"),
    ("08.3", by_brightness, "Picking at random finds about"),
    ("08.3", all_sad_ones, "with 50 looks"),
    ("08.3", lambda x, labels: np.zeros(3), "as many numbers"),
    ("08.3", lambda x, labels: np.full(len(x), np.nan), "not finite"),
    ("08.3", lambda x, labels: 1 / 0, "stops with an error: ZeroDivisionError"),
]
