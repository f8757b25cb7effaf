"""The face lab: sliders and buttons move one face, and everything shown follows."""

import asyncio
import re
from base64 import b64decode

import numpy as np
import pytest

from conftest import slow_cases, small_model
from emolib.errors import EmolibError
from emolib.inference import output
from emolib.inspection import Probe
from emolib.inspection.probing import CONTROLS, GROUPS, RenderedFace, Sweep, control, typical
from emolib.model import ModelCard
from emolib.rendering import random_look
from emolib.widgets import face_lab, lab_html
from emolib.widgets import lab as lab_module
from emolib.widgets.lab import FaceLab

HAPPY_SAD = ModelCard(["happy", "sad"], sure_threshold=0.75)


@pytest.fixture(scope="module")
def probe():
    return Probe()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Small portraits, at once: a large one takes as long as seven small ones."""
    monkeypatch.setattr(lab_module, "PAUSE", 0)
    monkeypatch.setattr(RenderedFace.portrait, "__defaults__", (48,))


@pytest.fixture
def lab(probe):
    return FaceLab(probe, RenderedFace(typical("sad"), random_look(3), seed=3))


def shown(lab):
    return lab.portrait.value, lab.pictures.value, lab.answer.value, lab.plot.value


def svg(html):
    """The drawing inside the image."""
    return b64decode(re.search('svg.xml;base64,(.*?)"', html)[1]).decode()


def curves(html):
    """The points of each class's line, without the lines in the legend."""
    return re.findall('<path d="([^"]+)" clip-path=[^>]*stroke-width: 3[;"]', svg(html))


def test_without_a_model_the_released_one_answers_for_a_sad_face():
    lab = face_lab()
    assert lab.face == RenderedFace(typical("sad")) and "sad" in lab.answer.value
    assert len(curves(lab.plot.value)) == 3 and "12 lip corner puller" in lab.plot.value


def test_the_answer_is_the_probe_s_calibrated_one_and_may_be_not_sure(lab, probe):
    for value in np.linspace(0, 1, 6):
        lab.sliders[12].value = value
        p = probe.answer(lab.face).probabilities
        sure = p.max() >= probe.card.sure_threshold
        words = output.answer(probe.card.class_names[p.argmax()], p.max(), sure)
        assert f"<b>{words}</b>" in lab.answer.value
        assert all(f"width:{100 * share:.1f}%" in lab.answer.value for share in p)


@pytest.mark.parametrize("name", ["turn", *slow_cases(1, "occluder", "glasses", "blur")])
def test_moving_one_slider_changes_all_that_is_shown_and_no_other_slider(lab, name):
    before, places = shown(lab), {k: slider.value for k, slider in lab.sliders.items()}
    face = lab.face
    lab.sliders[name].value = control(name).high
    assert all(new != old for new, old in zip(shown(lab), before, strict=True))
    assert lab.face == face.moved(name, control(name).high)
    assert control(name).label in lab.plot.value
    del places[name]
    assert all(lab.sliders[k].value == value for k, value in places.items())


def test_the_curve_stays_while_only_its_own_slider_moves(lab):
    first = curves(lab.plot.value)
    lab.sliders[12].value = 0.6
    assert curves(lab.plot.value) == first
    lab.sliders[15].value = 0.1
    assert curves(lab.plot.value) != first


def test_the_curve_is_the_sweep_of_the_slider_moved_last(lab, probe):
    lab.sliders["blur"].value = 1.0
    swept, p = probe.sweep(lab.face, "blur"), probe.answer(lab.face).probabilities
    assert lab.plot.value == lab_html.Curve(control("blur"), swept, probe.card).html(1.0, p)


def test_dragging_never_waits_for_the_curve(probe):
    async def drag():
        lab = FaceLab(probe, RenderedFace())
        assert curves(lab.plot.value) == [] and "Drawing the curve" in lab.plot.value
        lab.sliders[15].value = 0.5  # before the first curve is ready
        left_behind = lab.plot.value
        lab.sliders[1].value = 0.5
        await lab._task
        return lab, left_behind

    lab, left_behind = asyncio.run(drag())
    assert "15 lip corner depressor" in left_behind and curves(left_behind) == []
    assert len(curves(lab.plot.value)) == 3 and "1 inner brow raiser" in lab.plot.value


@pytest.mark.slow
def test_a_curve_that_nobody_waits_for_is_given_up(probe):
    class Counting(Probe):
        def __init__(self):
            self.card, self._explain, self.asked = probe.card, probe._explain, []

        def ask(self, pictures):
            self.asked.append(len(pictures))
            return super().ask(pictures)

    counting = Counting()

    async def drag():
        lab = FaceLab(counting, RenderedFace())
        for name in (1, 2, 4, 5):
            lab.sliders[name].value = 0.5
            await asyncio.sleep(0.03)
        await lab._task

    asyncio.run(drag())
    assert sorted(counting.asked) == [1] * 5 + [11]


def test_the_large_picture_follows_once_nothing_moves(probe, monkeypatch):
    monkeypatch.setattr(lab_module, "PAUSE", 0.2)
    sizes = []
    portrait = RenderedFace.portrait
    monkeypatch.setattr(RenderedFace, "portrait", lambda face: sizes.append(face) or portrait(face))

    async def drag():
        lab = FaceLab(probe, RenderedFace())
        await asyncio.gather(*lab._tasks)
        first = lab.portrait.value
        for value in (0.3, 0.6, 0.9):
            lab.sliders[12].value = value
        moved = lab.portrait.value
        await asyncio.gather(*lab._tasks)
        return lab, first, moved

    lab, first, moved = asyncio.run(drag())
    assert first == moved != lab.portrait.value
    assert sizes == [RenderedFace(), lab.face]
    assert lab.portrait.value == lab_html.portrait(portrait(lab.face))


def test_buttons_change_the_expression_and_keep_the_person(lab):
    look, seed = lab.face.look, lab.face.seed
    for name, button in lab.buttons.items():
        lab.sliders[12].value = 0.123
        before = shown(lab)
        button.click()
        assert lab.face == RenderedFace(typical(name), look, seed)
        assert all(new != old for new, old in zip(shown(lab), before, strict=True))
        assert lab.sliders[12].value == typical(name).get(12, 0)


def test_a_random_face_is_a_different_person_with_the_same_expression(lab):
    before = shown(lab)
    lab.random.click()
    assert lab.face == RenderedFace(typical("sad"), random_look(4), 4)
    assert all(new != old for new, old in zip(shown(lab), before, strict=True))
    for name, slider in lab.sliders.items():
        assert slider.value == lab.face.value(name)


def test_a_browser_that_rounds_a_slider_moves_nothing(lab):
    face, before = lab.face, shown(lab)
    for name, slider in lab.sliders.items():
        slider.value = round(slider.value / control(name).step) * control(name).step
    assert lab.face == face and shown(lab) == before


def test_every_control_can_be_reached_by_its_group_and_has_its_name_beside_it(lab):
    reached = []
    for group in GROUPS:
        lab.group.value = group
        reached += [slider.description for slider in lab._sliders_shown.children]
    assert reached == [one.label for one in CONTROLS]


@pytest.mark.slow
def test_seven_classes_are_shown_calibrated_too():
    card = ModelCard(["<b>", *"bcdefg"], temperature=0.1, sure_threshold=0.9)
    model = small_model(classes=7)
    lab = face_lab(model, card)
    raw = model(lab.face.picture()[None].astype("float32")).numpy()[0]
    p = Probe(model, card).answer(lab.face).probabilities
    assert f"width:{100 * p.max():.1f}%" in lab.answer.value
    assert f"width:{100 * raw.max():.1f}%" not in lab.answer.value
    assert len(curves(lab.plot.value)) == 7 and "&lt;b&gt;" in svg(lab.plot.value)
    assert "<b>" not in lab.plot.value
    lab.sliders[12].value = 1.0


def test_models_that_do_not_fit_are_refused_in_a_sentence():
    with pytest.raises(EmolibError, match="48 x 48"):
        face_lab(small_model(size=32), HAPPY_SAD)


def test_a_class_may_be_named_like_a_formula():
    shown = lab_html.Curve(control(12), None, ModelCard(["$\\no$", "a"])).html(0, np.array([1, 0]))
    assert ">$\\no$<" in svg(shown)


def test_an_unsure_answer_is_said_to_be_and_no_bar_says_none_or_all():
    assert "not sure (happy 60%)" in lab_html.bars(np.array([0.6, 0.4]), HAPPY_SAD)
    three = ModelCard(["happy", "neither", "sad"], sure_threshold=0.75)
    shown = lab_html.bars(np.array([0.3, 0.6, 0.1]), three)
    assert "not sure (neither 60%)" in shown and ">neither<" in shown and "width:60.0%" in shown
    extreme = lab_html.bars(np.array([0.999, 0.001]), HAPPY_SAD)
    assert "happy 99%" in extreme and "&lt; 1%" in extreme and ">100%" not in extreme


def test_the_plot_marks_the_value_and_the_change_and_says_both():
    p = np.array([0.9, 0.5, 0.1])
    swept = Sweep(np.array([0, 0.4, 1]), np.column_stack([1 - p, p]))
    curve = lab_html.Curve(control(12), swept, HAPPY_SAD)
    drawn = curve.html(0.2, np.array([0.3, 0.7]))
    [axes] = curve.figure.axes
    by_style = {(line.get_linestyle(), line.get_marker()): line for line in axes.lines}
    for share, dashes in ((1 - p, "-"), (p, "--")):
        line = [one for one in axes.lines if len(one.get_xdata()) == 3].pop(dashes == "--")
        assert line.get_linestyle() == dashes and line.get_ydata() == pytest.approx(share)
    dots = [line.get_xydata().tolist() for line in axes.lines if line.get_marker() == "o"]
    assert dots == [[[0.2, 0.3]], [[0.2, 0.7]]]
    assert set(by_style[":", "None"].get_ydata()) == {HAPPY_SAD.sure_threshold}
    assert [text.get_text() for text in axes.texts] == ["0.40"] and ">0.40</text>" in svg(drawn)
    assert "The answer changes from sad to happy at 0.40.</div>" in drawn
    assert 'alt="Probability of each class against 12 lip corner puller. The answer' in drawn
    assert all(f">{name}</text>" in svg(drawn) for name in ("happy", "sad", "sure from here"))


def test_where_no_kernel_runs_a_page_shows_words(lab):
    assert repr(lab).endswith("while the notebook is running.") and "\n" not in repr(lab)
