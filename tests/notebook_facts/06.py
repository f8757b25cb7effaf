"""What the text of notebook 06 says, checked after its last cell."""

# the star: perfect on its test, far worse than a coin after the swap
assert (says_same == is_sad).mean() > 0.9 and (says_swapped == is_sad).mean() < 0.15
everywhere = score(x_test, y_test == 1)
assert 0.3 < everywhere["cheat"] < 0.65, everywhere
assert everywhere["yours"] > 0.8 and everywhere["released"] > 0.9, everywhere

# layers: the first convolution, and 256 maps of 6 x 6 at the end
assert {name: kernel.shape[:3] for name, kernel in kernels.items()} == dict.fromkeys(
    networks, (5, 5, 1)
)
assert maps_after(relus(model)[-1], model, x_test[:1]).shape[1:] == (6, 6, 256)

# Grad-CAM by hand and by helper
assert np.allclose(heat, grad_cam(model, x_test), atol=0.001)

# heat: yours at the mouth, the released network's between the eyes
height = {name: one.mean(axis=(0, 2)) for name, one in zip(networks, heats, strict=True)}
assert height["yours"][24:].sum() > 1.5 * height["yours"][:24].sum()
assert 14 <= height["released"].argmax() <= 26
assert 26 <= height["yours"].argmax() <= 46
assert height["released"][12:26].sum() > 2 * height["released"][32:].sum()

# but the mouth decides, for both of them; the cheat does not care
for name in ("yours", "released"):
    happy_face, sad_eyes, sad_mouth, sad_face = (share[name] for share in called_sad.values())
    assert sad_mouth - happy_face > 0.5 > 0.3 > abs(sad_eyes - happy_face), name
    assert sad_mouth > 0.8 and sad_eyes < 0.4, name
cheating = [share["cheat"] for share in called_sad.values()]
assert max(cheating) - min(cheating) < 0.25, cheating

# the sweep
sadness, smile = p[:, 2], p[:, 0]
assert (p.argmax(axis=1) != 1).all() and sadness[:6].min() > 0.6 and smile[-1] > 0.85
change = probing.label_changes(steps, p)
assert len(change) == 1 and 0.65 < change[0].value < 0.75
assert p[7].max() < 0.45 and 0.2 < p[7, 1] < 0.3

# darkness costs nothing, the rest a lot
ends = {what: [list(c.values())[i] for i in (0, -1)] for what, c in curves.items()}
for what, (start_, end_) in ends.items():
    for name in start_:
        fall = start_[name] - end_[name]
        assert abs(fall) < 0.03 if "light" in what else fall > 0.15, (what, name)
for what, level in (("blur, pixels", 2), ("noise, share of white", 0.1)):
    assert curves[what][level]["released"] > curves[what][level]["yours"], what
assert max(curves["rotation, degrees"][90].values()) < 0.7
assert all(0.55 < right < 0.75 for right in curves["rotation, degrees"][180].values())

# the exercises
many = np.mean([occlusion_map(model, face) for face in x_test[::10]], axis=0)
assert many[4:].max() > 1.5 * many[:3].max(), many
assert tries["no cure"] < 0.3 < tries["100 new faces, flipped, turned, cropped"]
assert tries["100 new faces, flipped, turned, cropped"] > 0.6
