"""What the text of notebook 00 says, checked after its last cell."""

# the first face and the crowd
assert [face.label for face in classifier.predict(data.selfies()[8])] == ["happy"]
crowd = classifier.predict(board)
found = [chosen[compose.place_of(face.box, places)].expression for face in crowd]
assert len(crowd) == 12 and (crowd[8].label, found[8]) == ("neither", "sad")
assert sum(face.label == said for face, said in zip(crowd, found, strict=True)) >= 10

# 960 faces to learn from, 240 hidden
assert sum(len(labels) for _, labels in train_ds) == 960
assert sum(len(labels) for _, labels in val_ds) == 240 and class_names == ["happy", "sad"]

# after a minute it reads new faces, and photographs
assert history.history["val_accuracy"][-1] > 0.85
assert history.history["accuracy"][-1] > history.history["val_accuracy"][-1]
new, is_sad = rendering.render_arrays(100, class_names, seed=2027)
assert (model.predict(new, verbose=0).argmax(axis=1) == is_sad).mean() > 0.85
assert len(truth) == 20 and (truth[:6] == ["happy", "sad"] * 3).all()
assert np.strings.startswith(yours, truth).sum() >= 17
assert np.strings.startswith(released, truth).sum() >= 16

# upside down, nothing changes for the released network, and everybody is happy for yours
assert [face.label for face in photo] == ["sad"] and portraits[1].expression == "sad"
assert sum("happy" in answer for answer in answers) >= 8
assert model.predict(upside_down, verbose=0).max(axis=1).mean() > 0.85
