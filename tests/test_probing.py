"""A rendered face is moved by one thing at a time, and a network's answers are followed."""

from dataclasses import replace

import numpy as np
import pytest

from conftest import one_sentence, small_model
from emolib import course
from emolib.evaluation import EvaluationError, apply_temperature
from emolib.inference import load_classifier
from emolib.inspection import grad_cam, probing
from emolib.inspection.probing import (
    LabelChange,
    ProbingError,
    RenderedFace,
    Sweep,
    control,
    label_changes,
)
from emolib.model import ModelCard, ModelError, load_model
from emolib.rendering import (
    ACTION_UNITS,
    RenderingError,
    random_look,
    render_arrays,
    render_face,
)

RELEASED = course.course_dir() / "models" / "emotion_model.keras"


@pytest.fixture(scope="module")
def probe():
    return probing.Probe()


@pytest.fixture
def face():
    return RenderedFace({12: 0.3, 4: 0.2}, random_look(3), seed=3)


def test_no_control_is_there_twice_and_each_group_has_some():
    names = [one.name for one in probing.CONTROLS]
    assert len(set(names)) == len(names)
    assert {name for name in names if isinstance(name, int)} < set(ACTION_UNITS)
    for expression in ("happy", "sad", "surprised", "angry", "afraid", "neutral"):
        assert set(probing.typical(expression)) <= set(names)
    assert {one.group for one in probing.CONTROLS} == set(probing.GROUPS)


def test_no_random_look_is_out_of_a_control_s_reach():
    for seed in range(200):
        face = RenderedFace(look=random_look(seed))
        for one in probing.CONTROLS:
            assert one.low <= face.value(one.name) <= one.high


@pytest.mark.parametrize("one", probing.CONTROLS, ids=lambda one: str(one.name))
def test_every_control_changes_the_face_and_nothing_else(one, face):
    ends = [face.moved(one.name, value) for value in (one.low, one.high)]
    assert [end.value(one.name) for end in ends] == [one.low, one.high]
    assert (ends[0].picture() != ends[1].picture()).any()
    assert ends[0].moved(one.name, one.high) == ends[1]
    others = [other.name for other in probing.CONTROLS if other is not one]
    assert all(end.value(name) == face.value(name) for end in ends for name in others)


def test_a_face_is_what_render_face_makes_and_stays_when_another_is_made_of_it(face):
    before = face.picture()
    assert before.shape == (48, 48, 1) and before.dtype == np.uint8
    rendered = np.asarray(render_face({12: 0.3, 4: 0.2}, face.look, seed=3))
    np.testing.assert_array_equal(before[..., 0], rendered)
    face.moved(12, 1.0).moved("occluder", 2)
    np.testing.assert_array_equal(face.picture(), before)


def test_the_portrait_is_the_same_face_large_and_in_color(face):
    large = face.portrait(96)
    assert large.shape == (96, 96, 3) and large.dtype == np.uint8
    gray = large.mean(axis=-1).reshape(48, 2, 48, 2).mean(axis=(1, 3))
    assert np.corrcoef(gray.ravel(), face.picture().ravel())[0, 1] > 0.95


def test_what_is_worn_is_a_name():
    moved = RenderedFace().moved("occluder", 2.0).moved("glasses", 1.0)
    assert moved.look == replace(probing.PLAIN, occluder="scarf", glasses="thin")
    assert (moved.value("occluder"), moved.value("glasses")) == (2, 1)


def test_a_typical_expression_can_be_rendered_and_neutral_is_none():
    assert probing.typical("neutral") == {}
    assert {6, 12} <= set(probing.typical("happy")) and 15 in probing.typical("sad")
    for name in ("happy", "sad", "angry"):
        RenderedFace(probing.typical(name)).picture()
    with pytest.raises(RenderingError, match="bored"):
        probing.typical("bored")


def test_the_answer_is_the_classifier_s_and_the_heat_is_grad_cam_s(probe, face):
    shown = probe.answer(face)
    pictures = face.picture()[None]
    said = load_classifier(RELEASED).predict_arrays(pictures)
    np.testing.assert_array_equal(shown.picture, pictures[0])
    np.testing.assert_allclose(shown.probabilities, said[0], atol=1e-5)
    heat = grad_cam(load_model(RELEASED)[0], pictures, int(said[0].argmax()))
    np.testing.assert_allclose(shown.heat, heat[0], atol=1e-4)


@pytest.mark.slow
def test_the_heat_is_of_the_class_that_is_named():
    model, card = load_model(RELEASED)
    card.flip_tta = True
    probe = probing.Probe(model, card)
    pictures, _ = render_arrays(150, ("happy", "sad", "neutral"))
    probabilities, heat = probe.ask(pictures)
    named = probabilities.argmax(axis=1)
    classifier = load_classifier(RELEASED)
    both = classifier.predict_arrays(pictures, flip_tta=True)
    np.testing.assert_array_equal(both.argmax(axis=1), named)
    # pictures that the network alone would give a different name than together with their mirror
    # images
    alone = classifier.predict_arrays(pictures, flip_tta=False).argmax(axis=1)
    split = np.flatnonzero(alone != named)
    assert len(split) > 1
    expected = grad_cam(model, pictures[split], named[split])
    np.testing.assert_allclose(heat[split], expected, atol=1e-4)
    assert (np.abs(heat[split] - grad_cam(model, pictures[split])) > 0.1).any()


def test_a_sweep_is_each_state_answered_alone(probe, face):
    values, probabilities = probe.sweep(face, 12, n=5)
    np.testing.assert_array_equal(values, [0, 0.25, 0.5, 0.75, 1])
    alone = [probe.answer(face.moved(12, value)).probabilities for value in values]
    np.testing.assert_allclose(probabilities, alone, atol=1e-5)
    values, probabilities = probe.sweep(face, "occluder")
    assert values.tolist() == [0, 1, 2, 3] and probabilities.shape == (4, 3)


def test_pulling_the_lip_corners_up_makes_the_released_network_say_happy(probe):
    values, probabilities = probe.sweep(RenderedFace(probing.typical("sad")), 12)
    turns = [(turn.before, turn.after) for turn in label_changes(values, probabilities)]
    assert turns[0][0] == 2 and turns[-1][1] == 0, "from sad to happy"


def test_turning_points_lie_where_straight_lines_cross():
    p = np.array([0.2, 0.4, 0.8, 0.3])
    turns = label_changes([0, 1, 2, 4], np.column_stack([1 - p, p]))
    assert turns == [LabelChange(pytest.approx(1.25), 0, 1), LabelChange(pytest.approx(3.2), 1, 0)]
    assert label_changes([0, 1], [[0.9, 0.1], [0.6, 0.4]]) == []
    assert label_changes([0, 1], [[0.5, 0.5], [0.5, 0.5]]) == []


def test_between_two_values_a_third_class_can_lead():
    turns = label_changes([0, 1], [[0.6, 0.35, 0.05], [0.05, 0.35, 0.6]])
    assert [turn[1:] for turn in turns] == [(0, 1), (1, 2)]
    assert [turn.value for turn in turns] == pytest.approx([0.25 / 0.55, 0.3 / 0.55])


def test_lines_that_cross_at_one_place_are_one_turn():
    assert [turn[1:] for turn in label_changes([0, 1], [[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]])] == [
        (0, 2)
    ]


def test_a_sentence_says_where_the_answer_changes():
    p = np.array([0.2, 0.4, 0.8, 0.3])
    swept = Sweep(np.array([0, 0.25, 0.5, 1]), np.column_stack([1 - p, p]))
    said = probing.in_words(12, swept, ["happy", "sad"])
    assert said == "The answer changes from happy to sad at 0.31, from sad to happy at 0.80."
    degrees = Sweep(np.array([-30.0, -10, 10, 30]), swept.probabilities[[0, 0, 2, 2]])
    said = probing.in_words("turn", degrees, ["happy", "sad"])
    assert said == "The answer changes from happy to sad at 0."
    things = Sweep(np.arange(4.0), swept.probabilities)
    assert "between hand and scarf" in probing.in_words("occluder", things, ["happy", "sad"])
    still = Sweep(swept.values, swept.probabilities[[0, 1, 0, 1]])
    assert probing.in_words(12, still, ["happy", "sad"]) == "The answer stays happy."


def test_a_touch_that_cannot_be_read_off_is_no_change():
    p = np.array([0.2, 0.501, 0.2])
    swept = Sweep(np.array([0, 0.5, 1]), np.column_stack([1 - p, p]))
    assert len(label_changes(*swept)) == 2
    assert probing.in_words(12, swept, ["happy", "sad"]) == "The answer stays happy."


def test_what_cannot_be_probed_is_refused_in_a_sentence(probe, face):
    for call in (control, face.value, lambda name: face.moved(name, 1)):
        with pytest.raises(ProbingError) as error:
            call("smile")
        one_sentence(error, "smile", "12", "blur")
    with pytest.raises(ProbingError) as error:
        probe.sweep(face, 12, n=1)
    one_sentence(error, "2 or more")
    with pytest.raises(RenderingError, match="Action unit 12"):
        probe.answer(RenderedFace({12: 2}))
    for values, p in (([0, 1], [[0.5, 0.5]]), ([1, 0], [[1, 0], [0, 1]]), ([0], [0.5])):
        with pytest.raises(ProbingError) as error:
            label_changes(values, p)
        one_sentence(error, "rise")


def test_more_classes_are_probed_too_and_calibrated(face):
    model = small_model(classes=7)
    card = ModelCard(list("abcdefg"), temperature=0.25)
    shown = probing.Probe(model, card).answer(face)
    raw = model(face.picture()[None].astype("float32")).numpy()
    np.testing.assert_allclose(shown.probabilities, apply_temperature(raw, 0.25)[0], atol=1e-5)
    assert abs(shown.probabilities - raw[0]).max() > 0.01  # the temperature does something here


def test_networks_that_cannot_be_probed_are_refused_in_a_sentence():
    import keras

    two, three = ModelCard(["happy", "sad"]), ModelCard(["a", "b", "c"])
    for arguments, words in (
        ((small_model(), None), "card"),
        ((None, two), "card"),
        ((small_model(size=32), two), "48"),
        ((object(), two), "48"),
    ):
        with pytest.raises(ProbingError) as error:
            probing.Probe(*arguments)
        one_sentence(error, words)
    for model in (small_model(), small_model(classes=7)):
        with pytest.raises(ModelError, match="The model has . outputs?, but its card needs 3"):
            probing.Probe(model, three)
    layers = [keras.Input((48, 48, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    with pytest.raises(EvaluationError, match="convolutions"):
        probing.Probe(keras.Sequential(layers), two)
