"""Scores against hand-computed values and against scikit-learn and SciPy."""

import json
import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conftest import one_sentence
from emolib.errors import EmolibError
from emolib.evaluation import (
    EvaluationError,
    apply_temperature,
    choose_sure_threshold,
    class_gaps,
    evaluate,
    expected_calibration_error,
    fit_bias,
    fit_temperature,
    mcnemar,
    reliability_bins,
    selective_table,
    summary_text,
    wilson_interval,
)
from emolib.inspection import grad_cam

NAMES = ["angry", "happy", "sad"]


def made_up(n=400, k=3, seed=0):
    """Probabilities that are right more often than not, and the labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, k, n)
    scores = rng.normal(size=(n, k))
    scores[np.arange(n), labels] += 1.5
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), labels


def loss_of(probabilities, labels, temperature):
    softened = apply_temperature(probabilities, temperature)
    return -np.log(softened[np.arange(len(labels)), labels]).mean()


@st.composite
def scored(draw):
    n, k = draw(st.integers(1, 30)), draw(st.integers(2, 7))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    # small concentrations give near-certain rows, large ones even rows
    probabilities = rng.dirichlet(np.full(k, draw(st.sampled_from([0.01, 0.3, 5]))), n)
    return probabilities, rng.integers(0, k, n)


# Intervals and tests


def test_wilson_against_published_and_reference_values():
    # Newcombe 1998, table 1: 81 of 263
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    from scipy.stats import binomtest

    for k, n in [(0, 5), (5, 5), (1377, 1473)]:
        reference = binomtest(k, n).proportion_ci(0.9, method="wilson")
        assert wilson_interval(k, n, 0.9) == pytest.approx(tuple(reference), abs=1e-9)
    assert wilson_interval(0, 0) == (0, 1)
    for bad in [(3, 2), (-1, 2)]:
        with pytest.raises(EvaluationError):
            wilson_interval(*bad)


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_contains_the_share(pair):
    low, high = wilson_interval(*pair)
    assert 0 <= low <= pair[0] / pair[1] <= high <= 1
    assert low < high


def test_mcnemar_by_hand():
    a = np.array([1] * 8 + [0] + [1] * 20, bool)
    b = np.array([0] * 8 + [1] + [1] * 20, bool)
    # 9 disagreements, 1 the other way: 2 * (1 + 9) / 2^9
    assert mcnemar(a, b) == pytest.approx(20 / 512)
    assert mcnemar(a, b) == mcnemar(b, a)
    assert mcnemar(a, a) == 1
    with pytest.raises(EvaluationError):
        mcnemar(a, b[:-1])


# Calibration


def test_calibration_error_by_hand():
    # 4 answers at 0.8, 3 right: |0.75 - 0.8|; 1 answer at 0.6, wrong: |0 - 0.6|
    p = np.array([[0.2, 0.8]] * 4 + [[0.6, 0.4]])
    labels = np.array([1, 1, 1, 0, 1])
    assert expected_calibration_error(p, labels, 10) == pytest.approx((4 * 0.05 + 0.6) / 5)
    bins = reliability_bins(p, labels, 10)
    # bins are open below and closed above: 0.8 lies in 0.7-0.8
    assert bins.count.tolist() == [0] * 5 + [1, 0, 4, 0, 0]
    assert bins.accuracy[7] == 0.75 and np.isnan(bins.accuracy[0])


@given(scored(), st.integers(1, 30))
def test_calibration_error_is_a_share(data, bins):
    assert 0 <= expected_calibration_error(*data, bins) <= 1


@given(scored(), st.floats(0.05, 20))
def test_temperature_keeps_the_answer(data, temperature):
    probabilities, _ = data
    changed = apply_temperature(probabilities, temperature)
    assert changed.dtype == np.float64
    np.testing.assert_allclose(changed.sum(axis=1), 1)
    answer = probabilities.argmax(axis=1)
    top = changed[np.arange(len(changed)), answer]
    np.testing.assert_allclose(top, changed.max(axis=1), rtol=1e-12)


def test_temperature_by_hand_and_at_the_ends():
    # the odds of 9 to 1 become their square root, 3 to 1
    assert apply_temperature([[0.9, 0.1]], 2) == pytest.approx(np.array([[0.75, 0.25]]))
    p = np.array([[0, 1], [1, 0]], np.float32)
    assert apply_temperature(p, 1) == pytest.approx(p, abs=1e-6)
    assert np.isfinite(apply_temperature(p, 0.02)).all()


def test_fitted_temperature_undoes_overconfidence():
    # labels drawn from the probabilities themselves: calibrated, so the truth is T = 1
    rng = np.random.default_rng(1)
    p = rng.dirichlet([1, 1, 1], 20_000)
    labels = np.array([rng.choice(3, p=row) for row in p])
    assert fit_temperature(p, labels) == pytest.approx(1, abs=0.03)
    overconfident = apply_temperature(p, 1 / 2.5)
    assert fit_temperature(overconfident, labels) == pytest.approx(2.5, abs=0.1)
    softened = apply_temperature(overconfident, fit_temperature(overconfident, labels))
    before = expected_calibration_error(overconfident, labels)
    assert expected_calibration_error(softened, labels) < before / 5


def test_fitted_temperature_is_the_smallest_loss():
    p, labels = made_up()
    best = fit_temperature(p, labels)

    around = [loss_of(p, labels, best * factor) for factor in (0.99, 1.01)]
    assert loss_of(p, labels, best) < min(around)
    # never wrong: so sharp that no loss is left; never right: as soft as allowed
    assert loss_of([[0.9, 0.1]], [0], fit_temperature([[0.9, 0.1]], [0])) < 1e-9
    assert fit_temperature([[0.9, 0.1]], [1]) > 49.9


def test_class_weights_count_like_repeated_pictures():
    p, labels = made_up(200, 2)
    twice = np.concatenate([np.arange(200), np.flatnonzero(labels == 1)])
    expected = fit_temperature(p[twice], labels[twice])
    assert fit_temperature(p, labels, [1, 2]) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("fit", [fit_temperature, fit_bias])
def test_one_hot_shares_are_labels(fit):
    p, labels = made_up()
    one_hot = np.eye(3)[labels]
    assert fit(p, one_hot) == pytest.approx(fit(p, labels), abs=1e-6)
    assert fit(p, one_hot.astype(int)) == pytest.approx(fit(p, labels), abs=1e-6)
    # two people who disagree count as half a picture each
    other = (labels + 1) % 3
    expected = fit(np.concatenate([p, p]), np.concatenate([labels, other]))
    assert fit(p, (one_hot + np.eye(3)[other]) / 2) == pytest.approx(expected, abs=1e-4)


def test_shares_of_people_give_the_temperature_and_bias_back():
    shares = np.random.default_rng(0).dirichlet([2, 1, 1], 500)
    for temperature in (0.4, 1, 2.5):
        changed = apply_temperature(shares, 1 / temperature)
        assert fit_temperature(changed, shares) == pytest.approx(temperature, rel=1e-3)
    steps = np.array([0, 0.7, -1.2])
    wrong = shares * np.exp(-steps)
    wrong = apply_temperature(wrong / wrong.sum(axis=1, keepdims=True), 0.5)
    # sharpened to half the temperature, the steps count twice
    assert fit_bias(wrong, shares) == pytest.approx(2 * steps, abs=0.01)


@pytest.mark.parametrize(
    ("shares", "weights", "says"),
    [
        (np.eye(2), [1, 2], "Class weights need one whole number"),
        (np.eye(3), None, "do not fit labels of shape"),
        (np.eye(3)[:2], None, "shape (2, 3) do not fit probabilities of shape (2, 2)"),
        ([[1], [0]], None, "do not fit probabilities"),
        (np.zeros((0, 2)), None, "no pictures"),
        ([[0.5, 0.4], [0, 1]], None, "sum to 1"),
        ([[1.5, -0.5], [0, 1]], None, "from 0 to 1"),
        ([[np.nan, np.nan], [0, 1]], None, "leave out pictures without votes"),
    ],
)
def test_shares_that_cannot_be_fitted_to_are_refused(shares, weights, says):
    for fit in (fit_temperature, fit_bias):
        with pytest.raises(EvaluationError) as error:
            fit([[0.7, 0.3], [0.4, 0.6]], shares, weights)
        one_sentence(error, says)


# Abstaining


def test_selective_table_by_hand():
    table = selective_table([0.9, 0.6, 0.9, 0.7], [True, False, False, True])
    assert table.threshold.tolist() == [0.9, 0.7, 0.6]
    assert table.coverage.tolist() == [0.5, 0.75, 1]
    assert table.accuracy == pytest.approx([1 / 2, 2 / 3, 2 / 4])
    with pytest.raises(EvaluationError):
        selective_table([], [])


def test_sure_threshold_by_hand():
    known = np.array([0.99, 0.95, 0.9, 0.8, 0.55])
    found = choose_sure_threshold(known, [0.97, 0.85, 0.6, 0.5], [1, 1, 1, 0, 0], keep=0.8)
    assert found.threshold == 0.8
    assert found.known_sure == 0.8
    assert found.accuracy_sure == 0.75
    assert found.others_unsure == 0.5
    alone = choose_sure_threshold(known, [])
    assert (alone.threshold, alone.accuracy_sure, alone.others_unsure) == (0.55, None, None)
    for bad in [([], [0.5], 0.9), (known, [], 0), (known, [], 1.1)]:
        with pytest.raises(EvaluationError):
            choose_sure_threshold(*bad[:2], keep=bad[2])


@given(st.lists(st.floats(0.5, 1), min_size=1, max_size=200), st.integers(1, 100))
@example(np.linspace(0.5, 1, 100).tolist(), 7)  # 0.07 * 100 is 7.000000000000001
def test_sure_threshold_is_the_highest_that_keeps_enough(known, percent):
    known = np.array(known)
    found = choose_sure_threshold(known, [], keep=percent / 100)
    assert (known >= found.threshold).sum() * 100 >= percent * len(known)
    assert (known > found.threshold).sum() * 100 < percent * len(known)


# The report


def test_report_by_hand():
    p = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7], [0.8, 0.2]])
    labels = np.array([0, 0, 1, 1, 1])
    report = evaluate(p, labels, ["happy", "sad"], ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg"])
    assert report.accuracy.value == 0.6
    assert (report.accuracy.low, report.accuracy.high) == wilson_interval(3, 5)
    assert report.confusion == [[1, 1], [1, 2]]
    assert report.balanced_accuracy == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert report.classes["sad"] == {"n": 3, "recall": 2 / 3, "precision": 2 / 3}
    # of the 6 pairs (happy, sad), 5 stand in the right order: 0.2 < 0.6 is the wrong one
    assert report.roc_auc == pytest.approx(5 / 6)
    assert report.log_loss == pytest.approx(-np.log([0.9, 0.4, 0.8, 0.7, 0.2]).mean())
    assert report.mistakes == [
        {"file": "e.jpg", "true": "sad", "predicted": "happy", "probability": 0.8},
        {"file": "b.jpg", "true": "happy", "predicted": "sad", "probability": 0.6},
    ]


@pytest.mark.parametrize("k", [2, 3, 7])
def test_report_against_scikit_learn(k):
    from sklearn import metrics

    p, labels = made_up(300, k)
    report = evaluate(p, labels, [f"class {i}" for i in range(k)])
    answers = p.argmax(axis=1)
    assert report.accuracy.value == metrics.accuracy_score(labels, answers)
    balanced = metrics.balanced_accuracy_score(labels, answers)
    assert report.balanced_accuracy == pytest.approx(balanced)
    assert report.log_loss == pytest.approx(metrics.log_loss(labels, p))
    assert report.confusion == metrics.confusion_matrix(labels, answers).tolist()
    precision, recall, _, n = metrics.precision_recall_fscore_support(labels, answers)
    found = list(report.classes.values())
    assert [c["precision"] for c in found] == pytest.approx(precision)
    assert [c["recall"] for c in found] == pytest.approx(recall)
    assert [c["n"] for c in found] == n.tolist()
    if k == 2:
        assert report.roc_auc == pytest.approx(metrics.roc_auc_score(labels, p[:, 1]))
    else:
        assert report.roc_auc is None


def test_classes_without_pictures_are_left_out_if_two_others_have_some():
    p = np.array([[0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.3, 0.0, 0.7], [0.0, 1.0, 0.0]])
    report = evaluate(p, [0, 2, 2, 0], ["happy", "neither", "sad"])
    alone = evaluate(report.probabilities, report.labels, ["happy", "sad"])
    assert report.probabilities[0] == pytest.approx([2 / 3, 1 / 3])
    assert report.confusion == [[2, 0], [1, 1]] == alone.confusion
    assert report.class_names == ["happy", "sad"] and report.roc_auc == alone.roc_auc
    said = "Only happy and sad are compared, because there are no pictures of neither."
    assert report.caveats() == [said] and report.left_out == ["neither"]
    assert said in report.text() and said in summary_text(report.to_dict())
    assert said not in summary_text(alone.to_dict())
    # one class alone cannot be compared with anything
    assert evaluate(p[:1], [0], ["happy", "neither", "sad"]).left_out == []


def test_report_as_json():
    p, labels = made_up(50)
    kept = json.loads(json.dumps(evaluate(p, labels, NAMES).to_dict(), allow_nan=False))
    assert list(kept) == [
        *("n", "class_names", "accuracy", "balanced_accuracy", "roc_auc", "log_loss", "ece"),
        *("classes", "confusion", "mistakes", "left_out"),
    ]
    assert list(kept["accuracy"]) == ["value", "low", "high"]
    assert list(kept["classes"]) == NAMES
    assert list(kept["classes"]["sad"]) == ["n", "recall", "precision"]
    assert list(kept["mistakes"][0]) == ["file", "true", "predicted", "probability"]
    assert isinstance(kept["mistakes"][0]["file"], int)


@pytest.mark.parametrize("weights", [[0, 1], [1], [1, -1], [1, np.nan]])
def test_class_weights_that_leave_nothing_to_weigh_are_refused(weights):
    for fit in (fit_temperature, fit_bias):
        with pytest.raises(EvaluationError, match="one number of 0 or more for each class"):
            fit(np.array([[0.7, 0.3], [0.6, 0.4]]), np.array([0, 0]), weights)


def test_a_class_that_is_never_predicted_is_named():
    p = np.array([[0.9, 0.1]] * 200)
    report = evaluate(p, np.repeat([0, 1], [190, 10]), ["happy", "sad"])
    never = "The model never predicts sad: none of 10 pictures is recognized."
    assert report.text().split("\n\n")[1] == never
    said = summary_text(report.to_dict(), "test pictures")
    assert said.splitlines() == [
        "Accuracy on 200 test pictures: 95.0% (95% interval: 91.0% to 97.3%).",
        "Balanced accuracy, the mean of the recalls: 50.0%.",
        "Recall, the share of each class that is recognized: happy 100.0% of 190, sad 0.0% of 10.",
        never,
    ]


def test_a_class_without_pictures_is_named():
    report = evaluate(np.array([[0.9, 0.1]] * 5), np.zeros(5, int), ["happy", "sad"])
    untested = "There are no pictures of sad: the scores say nothing about it."
    assert report.text().split("\n\n")[1] == untested
    said = summary_text(report.to_dict())
    assert "happy 100.0% of 5, sad - of 0." in said and said.endswith(untested)
    assert class_gaps(evaluate(np.eye(2), [0, 1], ["happy", "sad"]).classes) == []
    (one,) = class_gaps(evaluate(np.eye(2)[[0, 0]], [0, 1], ["happy", "sad"]).classes)
    assert one == "The model never predicts sad: its only picture is not recognized."


@pytest.mark.parametrize("k", [2, 3])
def test_absent_classes_are_null_and_silent(k):
    p = np.eye(k)[[0, 0]]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        report = evaluate(p, [0, 0], NAMES[:k])
        text = str(report)
    assert report.classes["happy"] == {"n": 0, "recall": None, "precision": None}
    assert report.roc_auc is None
    assert report.balanced_accuracy == 1
    json.dumps(report.to_dict(), allow_nan=False)
    assert "None" not in text and "nan" not in text and "mistakes" not in text


def test_certain_and_wrong_has_a_finite_loss():
    assert evaluate([[1, 0]], [1], NAMES[:2]).log_loss == pytest.approx(-np.log(1e-7))


def test_a_class_that_is_said_too_often_is_found():
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 2, (20_000, 3))
    p = apply_temperature(np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True), 1)
    labels = np.array([rng.choice(3, p=row) for row in p])
    assert fit_bias(p, labels) == pytest.approx([0, 0, 0], abs=0.1)
    steps = np.array([0, 0.7, -1.2])
    wrong = p * np.exp(-steps)
    wrong = apply_temperature(wrong / wrong.sum(axis=1, keepdims=True), 0.5)
    # sharpened to half the temperature, the steps count twice
    assert fit_bias(wrong, labels) == pytest.approx(2 * steps, abs=0.2)
    # the third class a quarter as common as here
    found = fit_bias(p, labels, [1, 1, 0.25])
    assert found == pytest.approx([0, 0, np.log(0.25)], abs=0.1)


def test_where_none_of_the_classes_has_a_share_the_classes_are_judged_among_themselves():
    report = evaluate([[0.3, 0.1], [0.2, 0.6]], [0, 0], NAMES[:2])
    assert report.log_loss == pytest.approx(-np.log([0.75, 0.25]).mean())
    assert [m["probability"] for m in report.mistakes] == [pytest.approx(0.75)]


def test_worst_mistakes_first_and_no_more_than_asked():
    p, labels = made_up()
    mistakes = evaluate(p, labels, NAMES, worst=5).mistakes
    assert len(mistakes) == 5
    shares = [m["probability"] for m in mistakes]
    assert shares == sorted(shares, reverse=True)
    wrong = p.argmax(axis=1) != labels
    assert shares[0] == p[wrong].max()
    assert evaluate(p, labels, NAMES, worst=0).mistakes == []


def test_text_says_it_all_in_aligned_columns():
    p, labels = made_up(1500)
    names = ["开心", "sad 😢", "so-so"]
    report = evaluate(p, labels, names, [f"{i}.jpg" for i in range(1500)])
    text = report.text()
    assert text == str(report) and text.startswith("1,500 pictures, 3 classes")
    assert f"accuracy           {100 * report.accuracy.value:.1f}%  (95% interval: " in text
    assert f"  {report.mistakes[0]['file']}: is {report.mistakes[0]['true']}, predicted " in text
    rows = text[text.index("true \\") :].splitlines()[:4]
    # wide letters take two places on the screen
    assert len({len(row) + sum(row.count(c) for c in "开心😢") for row in rows}) == 1


@pytest.mark.parametrize(
    ("probabilities", "labels", "names", "says"),
    [
        ([], [], NAMES, "no pictures"),
        (np.zeros((0, 2)), [], NAMES[:2], "no pictures"),
        ([[np.nan, 0.5]], [0], NAMES[:2], "from 0 to 1"),
        ([[np.nan, np.nan]], [0], NAMES[:2], "from 0 to 1"),
        ([[0.9, 0.9]], [0], NAMES[:2], "sum to 1"),
        ([[0.0, 0.0]], [0], NAMES[:2], "sum to 1"),
        ([[1.5, -0.5]], [0], NAMES[:2], "from 0 to 1"),
        ([[0.5, 0.5]], [0, 1], NAMES[:2], "do not fit"),
        ([[0.7], [0.2]], [0, 1], NAMES[:2], "1 - p and p"),
        ([0.7, 0.2], [0, 1], NAMES[:2], "1 - p and p"),
        ([[0.5, 0.5]], [2], NAMES[:2], "from 0 to 1"),
        ([[0.5, 0.5]], [-1], NAMES[:2], "from 0 to 1"),
        ([[0.5, 0.5]], [0.5], NAMES[:2], "whole numbers"),
        ([[0.5, 0.5]], [0], NAMES, "3 class names"),
    ],
)
def test_what_cannot_be_scored_is_said_in_a_sentence(probabilities, labels, names, says):
    with pytest.raises(EmolibError, match=says) as error:
        evaluate(np.array(probabilities), np.array(labels), names)
    assert str(error.value).endswith(".") and "\n" not in str(error.value)


def test_files_must_be_as_many_as_labels():
    with pytest.raises(EvaluationError, match="1 files but 2 labels"):
        evaluate(np.eye(2), [0, 1], NAMES[:2], files=["a.jpg"])


def test_importing_is_light():
    code = "import sys, emolib.evaluation, emolib.plots; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "emolib.evaluation" in loaded
    heavy = {"tensorflow", "keras", "sklearn", "scipy", "matplotlib"}
    assert not heavy & set(loaded.split())


# Where a network looks


def corner_model(head, **dense):
    """A network that averages a picture's brightness: class 1 is what is bright."""
    import keras

    model = keras.Sequential(
        [
            keras.Input((32, 24, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(1, 3, padding="same", use_bias=False),
            keras.layers.MaxPooling2D(),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(1 if head == "sigmoid" else 2, **dense),
        ]
    )
    model.layers[1].set_weights([np.full((3, 3, 1, 1), 1 / 9)])
    slopes = [[40.0]] if head == "sigmoid" else [[-40.0, 40.0]]
    model.layers[-1].set_weights([np.array(slopes)])
    if dense.get("activation") is None:
        model.add(keras.layers.Activation(head))
    return model


def test_grad_cam_finds_the_bright_corner():
    import keras

    pictures = np.zeros((2, 32, 24, 1), np.float32)
    pictures[0, :8, :8] = pictures[1, 24:, 16:] = 255
    pictures[0, 24:, 16:] = pictures[1, :8, :8] = -100
    for head in ("sigmoid", "softmax"):
        for activation in (head, None):
            model = corner_model(head, activation=activation, use_bias=False)
            # so sure that the slope of the probability itself is 0 in float32
            assert model(pictures * 50).numpy()[0, -1] == 1
            for images in (pictures, pictures * 50):
                heat = grad_cam(model, images, 1)
                assert heat.shape == (2, 32, 24) and heat.dtype == np.float32
                assert heat.min() == 0 and heat.max(axis=(1, 2)).tolist() == [1, 1]
                assert heat[0, :8, :8].mean() > 0.8 and heat[0, 12:].max() == 0
                np.testing.assert_allclose(heat[1], heat[0, ::-1, ::-1], atol=1e-5)
            # what is darker than nothing speaks for class 0, brightness does not
            dark = grad_cam(model, pictures, 0)
            assert dark[0, 24:, 16:].mean() > 0.6 and dark[0, :20].max() == 0
            assert (grad_cam(model, np.abs(pictures), 0) == 0).all()
            np.testing.assert_array_equal(grad_cam(model, pictures), grad_cam(model, pictures, 1))
            # a class for each picture
            mixed = grad_cam(model, pictures, [0, 1])
            np.testing.assert_allclose(mixed, [dark[0], grad_cam(model, pictures, 1)[1]], atol=1e-6)
    for wrong in (2, -1, [0, 2]):
        with pytest.raises(EvaluationError, match="classes 0 to 1"):
            grad_cam(model, pictures, wrong)
    for wrong in ([0], [0, 1, 1], 0.5):
        with pytest.raises(EvaluationError, match="one for each picture"):
            grad_cam(model, pictures, wrong)
    with pytest.raises(EvaluationError, match="array"):
        grad_cam(model, pictures[0])
    flat = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(EvaluationError, match="convolutions"):
        grad_cam(flat, np.zeros((1, 4, 4, 1)))
