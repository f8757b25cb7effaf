import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from emolib import drawing
from emolib.cli import main
from emolib.drawing.canvas import blur


def gray(face):
    return np.asarray(face.convert("L"), float)


def test_a_face_is_a_gray_rgb_picture_of_its_size():
    face = drawing.draw_face("happy", seed=1)
    assert face.mode == "RGB" and face.size == (48, 48)
    channels = np.asarray(face)
    assert (channels[..., 0] == channels[..., 1]).all() and channels.std() > 10
    assert drawing.draw_face("sad", size=96, seed=1).size == (96, 96)


def test_the_same_seed_draws_the_same_face_and_another_one_another():
    one, again = drawing.draw_face("sad", seed=(4, 2)), drawing.draw_face("sad", seed=(4, 2))
    assert one.tobytes() == again.tobytes()
    assert drawing.draw_face("sad", seed=(4, 3)).tobytes() != one.tobytes()


def test_committed_faces_are_those_that_seed_0_draws():
    folder = Path(__file__).parents[1] / "data" / "drawn"
    assert len(list(folder.glob("happy/*.png"))) == len(list(folder.glob("sad/*.png"))) == 600
    for i in (0, 1, 2, 501, 1199):
        name = ("happy", "sad")[i % 2]
        drawn = gray(drawing.draw_face(name, seed=(0, i)))
        kept = gray(Image.open(folder / name / f"{i // 2:05d}.png"))
        # JPEG's rounding can carry a difference in the last bit of a sum a little further
        assert np.abs(drawn - kept).mean() < 0.1, (name, i)


@pytest.mark.parametrize("unit", drawing.ACTION_UNITS)
def test_every_action_unit_changes_the_face_where_it_acts_and_only_there(unit):
    look = drawing.Look()
    at_rest = gray(drawing.draw_face({}, look))
    acting = gray(drawing.draw_face({unit: 1.0}, look))
    # the camera's exposure may move a little everywhere
    change = np.abs(acting - at_rest)
    assert change.max() > 12
    if unit in (1, 2, 4, 5, 43, 64):
        assert change[:26].max() > 3 * change[32:].max()
    if unit in (12, 15, 17, 20, 23, 25, 26):
        assert change[26:].max() > 3 * change[:18].max()


def test_lip_corners_go_up_in_smiles_and_down_in_sadness():
    look = replace(drawing.Look(), blur=0, light_x=0.0)

    def darkest_row(unit):
        corner = gray(drawing.draw_face({unit: 1.0}, look))[28:46, 30:34].mean(axis=1)
        return corner.argmin()

    assert darkest_row(12) < darkest_row(15) - 2


def test_half_a_smile_is_less_than_a_whole_one():
    look = drawing.Look()
    rest, half, whole = (gray(drawing.draw_face({12: i}, look)) for i in (0, 0.5, 1))
    assert np.abs(half - rest).mean() < np.abs(whole - rest).mean()


def test_expressions_are_made_of_their_units_and_vary():
    for name, table in drawing.EXPRESSIONS.items():
        drawn = [drawing.expression(name, seed) for seed in range(60)]
        assert all(0 < v <= 1 for units in drawn for v in units.values())
        if table:
            assert len({tuple(units.items()) for units in drawn}) == 60
    happy = [drawing.expression("happy", s) for s in range(200)]
    sad = [drawing.expression("sad", s) for s in range(200)]
    assert all(12 in units and 15 not in units for units in happy)
    assert all(15 in units and 12 not in units for units in sad)
    # faint ones too
    assert min(units[12] for units in happy) < 0.5 and min(units[15] for units in sad) < 0.4


def test_looks_are_drawn_from_a_seed_and_differ():
    assert drawing.random_look(3) == drawing.random_look(3) != drawing.random_look(4)
    looks = [drawing.random_look(seed) for seed in range(300)]
    assert 0.02 < np.mean([look.glasses for look in looks]) < 0.4
    assert np.std([look.skin for look in looks]) > 0.1


@pytest.mark.parametrize(
    "change",
    [
        {"turn": 20.0},
        {"nod": 15.0},
        {"tilt": 12.0},
        {"skin": 0.35},
        {"age": 1.0},
        {"glasses": True},
        {"beard": 0.8},
        {"moustache": 0.8},
        {"fringe": 0.4},
        {"hair_length": 1.5},
        {"hairline": -1.6},
        {"hat": 0.8},
        {"hand": 1},
        {"light_x": 0.9},
        {"background": 1.0},
        {"blur": 1.0},
        {"noise": 0.05},
        {"jpeg": 30},
        {"contrast": 0.5},
        {"brightness": 0.3},
        {"makeup": 1.0},
        {"freckles": 1.0},
    ],
)
def test_each_part_of_a_look_shows(change):
    plain = gray(drawing.draw_face({}, drawing.Look()))
    assert np.abs(gray(drawing.draw_face({}, drawing.Look(**change))) - plain).max() > 8


def test_arrays_hold_the_same_faces_as_single_drawings():
    images, labels = drawing.draw_arrays(4, seed=9)
    assert images.shape == (4, 48, 48, 1) and images.dtype == np.uint8
    assert labels.tolist() == [0, 1, 0, 1] and labels.dtype == np.int32
    face = drawing.draw_face("sad", seed=(9, 3))
    assert (images[3, ..., 0] == np.asarray(face)[..., 0]).all()


def test_no_two_of_many_faces_are_the_same():
    images, _ = drawing.draw_arrays(60, ("neutral",), seed=2)
    assert len({hashlib.sha256(image.tobytes()).digest() for image in images}) == 60


def test_a_folder_is_filled_and_nothing_in_it_overwritten(tmp_path):
    written = drawing.draw_faces(tmp_path / "new", n=5, classes=("angry", "happy", "sad"), seed=1)
    assert [p.relative_to(tmp_path / "new").as_posix() for p in written] == [
        "angry/00000.png",
        "happy/00000.png",
        "sad/00000.png",
        "angry/00001.png",
        "happy/00001.png",
    ]
    with Image.open(written[0]) as picture:
        assert picture.mode == "L" and picture.size == (48, 48)
    before = written[1].read_bytes()
    with pytest.raises(drawing.DrawingError, match="exists already"):
        drawing.draw_faces(tmp_path / "new", n=3, seed=2)
    assert written[1].read_bytes() == before


@pytest.mark.parametrize(
    ("actions", "options", "says"),
    [
        ("smug", {}, "no expression 'smug'"),
        ({3: 1.0}, {}, "no action unit 3"),
        ({12: 1.5}, {}, "give 0 to 1"),
        ("happy", {"size": 10}, "at least 24"),
    ],
)
def test_mistakes_are_said_in_a_sentence(actions, options, says):
    with pytest.raises(drawing.DrawingError, match=says):
        drawing.draw_face(actions, **options)


def test_the_command_line_draws(tmp_path, capsys):
    assert main(["draw", str(tmp_path / "d"), "--n", "4", "--classes", "happy", "neutral"]) == 0
    assert len(list((tmp_path / "d" / "neutral").glob("*.png"))) == 2
    assert "4 faces" in capsys.readouterr().out
    assert main(["draw", str(tmp_path / "d"), "--n", "2"]) == 1
    assert "exists already" in capsys.readouterr().err
    assert main(["draw", str(tmp_path / "e"), "--classes", "smug"]) == 1
    assert not (tmp_path / "e").exists()


def test_blur_keeps_what_is_flat_and_the_sum_of_what_is_not():
    assert np.allclose(blur(np.full((30, 30), 3.0), 2.0), 3)
    dot = np.zeros((31, 31))
    dot[15, 15] = 1
    assert blur(dot, 2.0).sum() == pytest.approx(1) and blur(dot, 2.0).max() < 0.05


def test_each_face_depends_on_its_own_orders_only():
    looks = [drawing.random_look(i) for i in range(3)]
    faces = drawing.draw_each(["happy", {12: 1.0}, "sad"], looks, seed=7)
    assert faces.shape == (3, 48, 48, 1) and faces.dtype == np.uint8
    again = drawing.draw_each(["happy", {15: 1.0}, "sad"], looks, seed=7)
    assert [np.array_equal(a, b) for a, b in zip(faces, again, strict=True)] == [True, False, True]
    one = np.asarray(drawing.draw_face({12: 1.0}, looks[1], seed=(7, 1)).convert("L"))
    np.testing.assert_array_equal(faces[1, ..., 0], one)


def test_a_changed_look_changes_only_what_it_names():
    look = replace(drawing.random_look(3), noise=0.0, jpeg=0, sharpening=0.0, blur=0.0)
    light, dark = (
        drawing.draw_each(["happy"], [replace(look, brightness=value)])[0].astype(float)
        for value in (0.55, 0.5)
    )
    assert 5 < (light - dark).mean() < 20
    assert np.corrcoef(light.ravel(), dark.ravel())[0, 1] > 0.99


def test_orders_must_fit_together():
    with pytest.raises(ValueError):
        drawing.draw_each(["happy"], [])
    with pytest.raises(drawing.DrawingError):
        drawing.draw_each(["content"], [drawing.Look()])
    assert drawing.draw_each([], []).shape == (0, 48, 48, 1)
