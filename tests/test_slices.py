"""Groups are counted, with intervals that are honest about their size."""

import numpy as np
import pytest

from emolib import evaluation, plots
from emolib.evaluation import EvaluationError, wilson_interval

CORRECT = [True, True, False, True, True]
GROUPS = ["old", "young", "old", "young", "middle"]


def test_each_group_is_counted_by_name():
    found = evaluation.accuracy_by_group(CORRECT, GROUPS)
    assert [(s.group, s.right, s.n) for s in found] == [
        ("middle", 1, 1),
        ("old", 1, 2),
        ("young", 2, 2),
    ]
    for s in found:
        assert s.accuracy == (s.right / s.n, *wilson_interval(s.right, s.n))
        assert 0 <= s.accuracy.low <= s.accuracy.value <= s.accuracy.high <= 1


def test_small_groups_have_wide_intervals():
    small, large = (evaluation.accuracy_by_group([True] * n, ["a"] * n)[0] for n in (2, 200))
    assert str(small) == "a: 2 of 2 right (34% to 100%)"
    assert large.accuracy.low > 0.98


def test_the_interval_of_half_the_pictures_by_hand():
    # Wilson for 5 of 10: middle 1/2, half width z / (1 + z^2/10) * sqrt(1/40 + z^2/400)
    z = 1.959964
    half = z / (1 + z * z / 10) * (1 / 40 + z * z / 400) ** 0.5
    score = evaluation.accuracy_by_group([True, False] * 5, ["a"] * 10)[0].accuracy
    assert score.low == pytest.approx(0.5 - half, abs=1e-6)
    assert score.high == pytest.approx(0.5 + half, abs=1e-6)
    assert (
        evaluation.accuracy_by_group([True, False] * 5, ["a"] * 10, 0.5)[0].accuracy.low > score.low
    )


@pytest.mark.parametrize(("correct", "groups"), [([], []), ([True], []), ([[True]], ["a"])])
def test_what_cannot_be_grouped_is_refused(correct, groups):
    with pytest.raises(EvaluationError, match="each picture"):
        evaluation.accuracy_by_group(correct, groups)


def test_the_figure_shows_each_group_and_its_interval():
    found = evaluation.accuracy_by_group(np.array(CORRECT), GROUPS)
    axes = plots.slice_intervals({"age": found, "all": found[:1]}).axes[0]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == [*(f"age {s.group} (n = {s.n})" for s in found), "all middle (n = 1)"]
    intervals = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2][:4]
    assert [tuple(x) for x in intervals][:3] == [(s.accuracy.low, s.accuracy.high) for s in found]
    assert axes.get_xlim() == (0, 1)
