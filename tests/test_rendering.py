"""Rendered faces: the same ones from the same seed, moved by each muscle, and known in a table."""

import csv
import dataclasses
import itertools
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from emolib import rendering
from emolib.rendering import expressions, files
from emolib.rendering.beard import beard_mask
from emolib.rendering.head import head_model
from emolib.rendering.raster import DepthBuffer

PLAIN = rendering.Look(noise=0, blur=0.1)


def pixels(actions, look=PLAIN, **more):
    return np.asarray(rendering.render_face(actions, look, **more)).astype(float)


def test_same_arguments_same_face():
    first = rendering.render_face("sad", seed=7)
    assert first.tobytes() == rendering.render_face("sad", seed=7).tobytes()
    assert first.tobytes() != rendering.render_face("sad", seed=8).tobytes()


def test_same_faces_on_an_older_machine():
    program = (
        "import json; import numpy as np; from emolib import rendering as r;"
        "print(json.dumps([np.asarray(r.render_face('sad', seed=i)).tolist() for i in range(6)]))"
    )
    # as on a processor without the newer instructions, whose sums round differently
    older = {"OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3"}
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, capture_output=True, check=True, env=os.environ | older)
    for i, there in enumerate(json.loads(done.stdout)):
        here = np.asarray(rendering.render_face("sad", seed=i)).astype(int)
        assert np.abs(np.array(there) - here).max() <= 1


@pytest.mark.parametrize("size", [24, 48, 100])
def test_sizes_and_colors(size):
    assert rendering.render_face("happy", size=size).size == (size, size)
    assert rendering.render_face("happy", size=size).mode == "L"
    assert rendering.render_face("happy", size=size, color=True).mode == "RGB"


def test_large_picture_is_the_same_face():
    large = rendering.render_face("happy", PLAIN, size=96).resize((48, 48), Image.BOX)
    small = pixels("happy")
    assert np.corrcoef(np.asarray(large).ravel(), small.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("unit", rendering.ACTION_UNITS)
def test_each_action_unit_moves_the_picture(unit):
    still, moved = pixels({}), pixels({unit: 1.0})
    change = np.abs(moved - still)
    assert change.max() > 12
    # what moves is the face, not the background
    assert change[:4, :4].max() <= 8


def test_brows_and_mouth_are_where_units_say():
    still = pixels({}, size=96)
    brows = np.abs(pixels({4: 1.0}, size=96) - still)
    mouth = np.abs(pixels({12: 1.0}, size=96) - still)
    assert brows[:45].sum() > 3 * brows[60:].sum()
    assert mouth[50:].sum() > 3 * mouth[:35].sum()


def test_wrong_requests_say_what_is_right():
    with pytest.raises(rendering.RenderingError, match="choose from happy"):
        rendering.render_face("cheerful")
    with pytest.raises(rendering.RenderingError, match="choose from 1, 2"):
        rendering.render_face({3: 0.5})
    with pytest.raises(rendering.RenderingError, match="give 0 to 1"):
        rendering.render_face({12: 1.5})
    with pytest.raises(rendering.RenderingError, match="at least 24"):
        rendering.render_face("happy", size=10)
    with pytest.raises(rendering.RenderingError, match="choose from bald"):
        rendering.Look(cut="mohawk")
    with pytest.raises(rendering.RenderingError, match="at least one"):
        rendering.render_arrays(3, classes=[])


@pytest.mark.parametrize("name", rendering.EXPRESSIONS)
def test_expressions_are_anatomical(name):
    for seed in range(60):
        actions = rendering.expression(name, seed)
        assert all(0 < intensity <= 1 for intensity in actions.values())
        assert 54 not in actions  # a lowered head would give the answer away
        for pair in rendering.INCOMPATIBLE:
            assert not set(pair) <= set(actions)


def test_incompatible_units_give_way():
    assert expressions.anatomical({24: 0.3, 26: 0.9}) == {24: 0.0, 26: 0.9}
    assert expressions.anatomical({24: 0.9, 26: 0.3})[26] == 0
    assert expressions.anatomical({6: 0.5, 12: 0.5}) == {6: 0.5, 12: 0.5}


def test_happy_and_sad_have_faint_and_strong_faces():
    smiles = [rendering.expression("happy", seed)[12] for seed in range(200)]
    assert min(smiles) < 0.5 and max(smiles) > 0.95
    assert all(15 in rendering.expression("sad", seed) for seed in range(50))


def test_asymmetry_favors_one_half():
    even = expressions.model_weights({12: 0.5})
    uneven = expressions.model_weights({12: 0.5}, asymmetry=0.4)
    assert even["mouthSmile_L"] == even["mouthSmile_R"]
    assert uneven["mouthSmile_L"] > even["mouthSmile_L"] > uneven["mouthSmile_R"]


def test_every_muscle_is_an_expression_of_the_model():
    known = set(head_model().expressions)
    for unit in rendering.ACTION_UNITS:
        assert set(expressions.model_weights({unit: 1.0})) <= known


def test_looks_are_known_and_varied():
    looks = [rendering.random_look(seed) for seed in range(300)]
    assert {look.cut for look in looks} == set(rendering.CUTS)
    assert {look.hair_color for look in looks} == set(rendering.HAIR_COLORS)
    tones = np.histogram([look.tone for look in looks], bins=5, range=(1, 10))[0]
    assert tones.min() > 35
    assert all(abs(look.turn) <= 35 and abs(look.pitch) <= 20 for look in looks)
    assert rendering.random_look(4) == rendering.random_look(4)


@pytest.mark.parametrize(
    "change",
    [
        {"tone": 9.0}, {"cut": "long"}, {"cut": "headscarf"}, {"cut": "cap"}, {"cut": "afro"},
        {"beard": 0.8}, {"moustache": 0.6}, {"stubble": 1.0}, {"glasses": "thick"},
        {"glasses": "sun"}, {"occluder": "hand"}, {"occluder": "scarf"},
        {"occluder": "microphone"}, {"age": 1.0}, {"makeup": 1.0}, {"turn": 30.0},
        {"pitch": 15.0}, {"tilt": 10.0}, {"light_side": 1.0}, {"rim": 1.0}, {"person": 5},
        {"male": 1.0}, {"background": 1.0}, {"zoom": 1.2}, {"noise": 0.02}, {"jpeg": 40},
    ],
    ids=str,
)  # fmt: skip
def test_each_part_of_a_look_is_seen(change):
    still, other = pixels({}), pixels({}, dataclasses.replace(PLAIN, **change))
    assert np.abs(other - still).max() > 10


def test_skin_tones_go_from_light_to_dark():
    looks = [dataclasses.replace(PLAIN, tone=tone, cut="bald") for tone in (1.0, 5.0, 7.0, 10.0)]
    cheeks = [pixels({}, look)[26:32, 14:34].mean() for look in looks]
    assert all(light > dark + 5 for light, dark in itertools.pairwise(cheeks))


def test_beard_grows_on_the_jaw_and_moustache_on_the_lip():
    chin, lip, brow = [[0, -7, 10]], [[0, -1.9, 12]], [[2, 6, 10]]
    jaw_mask, lip_mask = beard_mask(np.array(chin + lip + brow, np.float32))
    assert jaw_mask[0] > 0.8 and lip_mask[1] > 0.8
    assert jaw_mask[2] == lip_mask[2] == lip_mask[0] == 0


def test_depth_buffer_keeps_the_nearest_and_leaves_no_gaps():
    square = np.array([[1, 1, 0], [9, 1, 0], [9, 9, 0], [1, 9, 0]], np.float32)
    points = np.concatenate([square, square + [0, 0, 2]]).astype(np.float32)
    triangles = np.array([[0, 2, 1], [0, 3, 2], [4, 6, 5], [4, 7, 6]])
    for order in ([0, 1, 2, 3], [2, 3, 0, 1]):
        buffer = DepthBuffer((10, 10))
        buffer.draw(points, triangles[order])
        nearest = np.array(order)[buffer.triangles().reshape(10, 10)[1:9, 1:9]]
        assert (nearest >= 2).all()
        assert (buffer.triangles() >= 0).sum() == 64
    turned_away = DepthBuffer((10, 10))
    turned_away.draw(points, triangles[:, ::-1])
    assert (turned_away.triangles() < 0).all()


def test_arrays_are_balanced_and_depend_on_seed_and_number_only():
    faces, labels = rendering.render_arrays(6, classes=("happy", "sad", "neutral"))
    assert faces.shape == (6, 48, 48, 1) and faces.dtype == np.uint8
    assert labels.tolist() == [0, 1, 2, 0, 1, 2]
    fewer, _ = rendering.render_arrays(3, classes=("happy", "sad", "neutral"))
    assert (faces[:3] == fewer).all()


def test_each_is_the_same_but_for_the_look():
    looks = [PLAIN, dataclasses.replace(PLAIN, glasses="thick")]
    bare, glasses = (rendering.render_each(["happy"], [look])[0].astype(int) for look in looks)
    changed = np.abs(bare - glasses)[..., 0]
    assert changed[12:26].max() > 30
    assert changed[-6:].max() < 12


def test_files_and_table_agree(tmp_path):
    paths = rendering.render_faces(tmp_path / "new", n=5, seed=2, size=32)
    names = [path.relative_to(tmp_path / "new").as_posix() for path in paths]
    assert names == [f"{c}/{i:05d}.png" for i in range(3) for c in ("happy", "sad")][:5]
    with open(tmp_path / "new" / "faces.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == names
    for i, row in enumerate(rows):
        actions, look = rendering.ingredients(row["class"], 2, i)
        assert row["file"].startswith(row["class"] + "/")
        assert float(row["tone"]) == pytest.approx(look.tone, abs=1e-3)
        assert (row["cut"], row["glasses"]) == (look.cut, look.glasses)
        units = {unit: float(row[f"au{unit}"]) for unit in rendering.ACTION_UNITS}
        assert {unit: value for unit, value in units.items() if value} == actions
        face = rendering.render_face(actions, look, size=32, seed=(2, i))
        with Image.open(paths[i]) as saved:
            assert saved.mode == "L" and saved.tobytes() == face.tobytes()
    with pytest.raises(rendering.RenderingError, match="already exists"):
        rendering.render_faces(tmp_path / "new", n=5, size=32)


def in_processes(monkeypatch):
    """Have even a few faces rendered by two processes."""
    monkeypatch.setattr(files, "FEWEST", 4)
    monkeypatch.setattr(files, "_cores", lambda: 2)


def test_several_processes_give_the_same_faces(monkeypatch):
    alone, _ = rendering.render_arrays(8, size=32)
    in_processes(monkeypatch)
    together, _ = rendering.render_arrays(8, size=32)
    assert (alone == together).all()


def test_a_script_needs_no_guard_and_runs_once(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "from emolib.rendering import files\n"
        "files.FEWEST, files._cores = 4, lambda: 2\n"
        "print('once')\n"
        "faces, _ = files.render_arrays(8, size=32)\n"
        "print(faces.shape, __file__.endswith('script.py'))\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["once", "(8, 32, 32, 1) True"] and not done.stderr


def test_where_processes_stop_the_faces_are_rendered_here(monkeypatch):
    class Broken:
        def __init__(self, *_):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def map(self, work, jobs, chunksize):
            yield from map(work, jobs[:3])
            raise files.BrokenProcessPool

    whole, _ = rendering.render_arrays(8, size=32)
    in_processes(monkeypatch)
    monkeypatch.setattr(files, "ProcessPoolExecutor", Broken)
    rest, _ = rendering.render_arrays(8, size=32)
    assert (whole == rest).all()
