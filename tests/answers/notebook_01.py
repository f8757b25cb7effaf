"""Right and wrong answers to the exercises of notebook 01: (exercise, answer[, hint])."""

import numpy as np


def split_bursts(bursts, share, seed):
    names = np.unique(bursts)
    chosen = np.random.default_rng(seed).permutation(names)[: round(share * len(names))]
    in_test = np.isin(bursts, chosen)
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def split_in_lists(bursts, share, seed):
    rng = np.random.default_rng(seed)
    drawn = {burst: rng.random() < share for burst in sorted(set(bursts.tolist()))}
    sides = [[i for i, burst in enumerate(bursts) if drawn[burst] == side] for side in (0, 1)]
    return sides[0], sides[1]


def split_pictures(bursts, share, seed):
    order = np.random.default_rng(seed).permutation(len(bursts))
    n_test = round(share * len(bursts))
    return order[n_test:], order[:n_test]


def swapped(bursts, share, seed):
    return split_bursts(bursts, share, seed)[::-1]


def returns_bursts(bursts, share, seed):
    train, test = split_bursts(bursts, share, seed)
    return np.unique(bursts[train]), np.unique(bursts[test])


def returns_masks(bursts, share, seed):
    in_test = np.isin(bursts, np.unique(bursts)[:40])
    return ~in_test, in_test


def test_only(bursts, share, seed):
    return split_bursts(bursts, share, seed)[1]


def without_seed(bursts, share, seed):
    return split_bursts(bursts, share, None)


def one_seed(bursts, share, seed):
    return split_bursts(bursts, share, 7)


def with_a_typo(bursts, share, seed):
    return burst  # noqa: F821


def mix(pictures, labels, seed=0):
    order = np.random.default_rng(seed).permutation(len(pictures))
    return pictures[order], labels[order]


def mix_with_two_equal_generators(pictures, labels, seed=0):
    shuffled = [np.random.default_rng(seed).permutation(part) for part in (pictures, labels)]
    return tuple(shuffled)


def mix_in_two_orders(pictures, labels, seed=0):
    rng = np.random.default_rng(seed)
    return rng.permutation(pictures), rng.permutation(labels)


def mix_in_place(pictures, labels, seed=0):
    for part in (pictures, labels):
        np.random.default_rng(seed).shuffle(part)
    return pictures, labels


def mix_nothing(pictures, labels, seed=0):
    return pictures, labels


def mix_by_choice(pictures, labels, seed=0):
    order = np.random.default_rng(seed).integers(0, len(pictures), len(pictures))
    return pictures[order], labels[order]


def mix_a_few(pictures, labels, seed=0):
    return pictures[:5], labels[:5]


def bright_stripe(pictures):
    p = pictures[:, 24:44, 14:34, 0].astype(float)
    stripe = 2 * p[:, 2:-2] - p[:, :-4] - p[:, 4:]
    return stripe.mean(axis=2).max(axis=1) > 48


RIGHT = [
    ("01.1", split_bursts),
    ("01.1", split_in_lists),
    ("01.2", mix),
    ("01.2", mix_with_two_equal_generators),
    ("01.3", bright_stripe),
    ("01.3", lambda pictures: list(bright_stripe(pictures))),
]
MISTAKES = [
    ("01.1", split_pictures, "have pictures on both sides"),
    ("01.1", swapped, "of the pictures are in test, not 20%"),
    ("01.1", returns_bursts, "each must come out once"),
    ("01.1", returns_masks, "the numbers of the pictures"),
    ("01.1", without_seed, "two different splits"),
    ("01.1", one_seed, "Is it drawn at random?"),
    ("01.1", with_a_typo, "stops with an error: NameError: name 'burst' is not defined"),
    ("01.2", mix_in_two_orders, "have a different picture's label"),
    ("01.2", mix_in_place, "changes the arrays"),
    ("01.2", mix_nothing, "nothing is shuffled"),
    ("01.2", mix_by_choice, "others appear twice"),
    ("01.2", mix_a_few, "all pictures and all labels"),
    ("01.2", lambda pictures, labels: 1 / 0, "stops with an error: TypeError"),
    ("01.3", lambda pictures: ~bright_stripe(pictures), "turn it around"),
    ("01.3", lambda pictures: pictures.mean(axis=(1, 2, 3)) > 250, "move the threshold"),
    ("01.3", lambda pictures: pictures[:, 0, 0, 0] > 128, "Where does a smile change"),
    ("01.3", lambda pictures: bright_stripe(pictures).astype(int), "Return True"),
    ("01.3", lambda pictures: True, "as many answers"),
    ("01.3", lambda pictures: 1 / 0, "stops with an error: ZeroDivisionError"),
]
