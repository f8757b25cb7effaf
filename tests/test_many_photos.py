"""The album of notebook 11, and the figures that count its photos."""

import pytest
from PIL import Image

from emolib import plots
from emolib.course.album import make_album
from emolib.plots.many import answers_over_time


def test_an_album_has_as_many_faces_as_it_says_and_is_the_same_again(tmp_path):
    faces = make_album(tmp_path / "one", 6, seed=3)
    assert list(faces.values()) == [1, 2, 3, 4, 1, 2]
    assert [*faces] == sorted(str(path) for path in (tmp_path / "one").iterdir())
    for path, n in faces.items():
        with Image.open(path) as photo:
            assert photo.width // photo.height in (n, n - 1)
    again = make_album(tmp_path / "two", 6, seed=3)
    other = make_album(tmp_path / "three", 6, seed=4)
    first, same, different = (
        [open(path, "rb").read() for path in each] for each in (faces, again, other)
    )
    assert first == same and first != different
    with pytest.raises(FileExistsError):
        make_album(tmp_path / "one", 1)


def test_the_speedup_curve_levels_off_at_one_over_the_serial_share():
    figure = plots.speedup_curve({"half": 0.5, "none": 0.0}, {"measured": {1: 1.0, 2: 1.3}}, 64)
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert lines["half"].get_ydata()[0] == 1 and 1.9 < lines["half"].get_ydata()[-1] < 2
    assert lines["none"].get_ydata()[-1] == pytest.approx(64)
    assert lines["measured"].get_xydata().tolist() == [[1, 1], [2, 1.3]]


def labels(figure):
    return [line.get_label() for line in figure.axes[0].lines if line.get_label()[0] != "_"]


def test_each_worker_has_a_line_and_a_killed_one_ends_in_a_cross():
    answers = [(0.1, "a", 4), (0.2, "b", 4), (0.4, "a", 4), (0.5, "c", 2)]
    figure = answers_over_time(answers, 20, ["b"])
    assert labels(figure) == ["all together", "worker 1", "worker 2, killed", "worker 3"]
    assert figure.axes[0].get_title() == "14 of 20 photos answered"
    lines = {line.get_label(): line for line in figure.axes[0].lines}
    assert lines["all together"].get_ydata().tolist() == [0, 4, 8, 12, 14]
    assert lines["worker 1"].get_ydata().tolist() == [4, 8]
    [cross] = [line for line in figure.axes[0].lines if line.get_marker() == "X"]
    assert cross.get_xydata().tolist() == [[0.2, 4]]
    assert labels(answers_over_time([], 20)) == ["all together"]


def test_a_live_count_draws_itself_now_and_then_and_at_the_end(monkeypatch):
    drawn = []

    class Handle:
        def update(self, figure):
            drawn.append(figure.axes[0].get_title())

    monkeypatch.setattr("IPython.display.display", lambda figure, display_id: Handle())
    count = plots.LiveCount(8)
    for worker, photos in (("a", 2), ("b", 2), ("a", 2), ("a", 2)):
        count.add(worker, photos)
    assert count.counted == 8 and drawn == ["8 of 8 photos answered"]
    monkeypatch.setattr("emolib.plots.many.PAUSE", 0)
    count = plots.LiveCount(8)
    count.add("a", 2)
    count.killed.append("a")
    count.add("b", 6)
    assert drawn[1:] == ["2 of 8 photos answered", "8 of 8 photos answered"]


def test_a_live_count_counts_outside_a_notebook_too(monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda figure, display_id: None)
    count = plots.LiveCount(2)
    count.add("a", 2)
    assert count.counted == 2
