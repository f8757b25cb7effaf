"""What the text of notebook 00 says, checked after its last cell."""

# the first face and the crowd
assert [face.label for face in classifier.predict(data.selfies()[0])] == ["happy"]
crowd = classifier.predict(board)
found = [chosen[compose.place_of(face.box, places)].expression for face in crowd]
assert len(crowd) == 12 and (crowd[8].label, found[8]) == ("neither", "sad")
assert sum(face.label == true for face, true in zip(crowd, found)) >= 10

# 960 faces to learn from, 240 hidden
assert sum(len(labels) for _, labels in train_ds) == 960
assert sum(len(labels) for _, labels in val_ds) == 240 and class_names == ["happy", "sad"]

# half a minute later it reads new faces, and photographs
assert history.history["val_accuracy"][-1] > 0.85
assert history.history["accuracy"][-1] > history.history["val_accuracy"][-1]
new, labels = rendering.render_arrays(100, class_names, seed=2027)
assert (model.predict(new, verbose=0).argmax(axis=1) == labels).mean() > 0.85
assert sum(said.split()[0] == true for said, true in zip(yours, truth)) >= 17
assert sum(said.split()[0] == true for said, true in zip(released, truth)) >= 16
assert truth[:8].count("happy") == 4 and len(truth) == 20

# upside down: nothing changes for the released network, and everybody is happy for yours
assert [face.label for face in photo] == ["sad"] and portraits[1].expression == "sad"
assert sum("happy" in said for said in answers) >= 8
assert np.mean([int(said.split()[1][:-1]) for said in answers]) > 85
