"""What the text of notebook 05 says, checked after its last cell."""

# step 1: the note turns the photo, and the helper does the same
assert same and lying.size == photo.size[::-1] and photo.height > photo.width

# step 2: one face upright, none on its side; the helper puts the landmarks in the same place
assert found.shape == (1, 15) and nothing is None
assert apart < 0.06 and len(face.landmarks) == 5

# step 3: by hand and by helper
assert pixels.shape == by_hand.shape == (48, 48, 1) and np.abs(by_hand - pixels).mean() < 15
assert 0 <= pixels.min() < pixels.max() <= 255
handmade = classifier.predict_arrays(by_hand[np.newaxis])[0]
assert handmade.argmax() == best == 0 and abs(handmade[0] - outputs[0, 0]) < 0.05

# steps 4 and 5, and all in one line
assert card.class_names == ["happy", "neither", "sad"] and abs(outputs.sum() - 1) < 1e-4
assert card.temperature == 1 and card.sure_threshold == 0.5
assert answer.label == card.class_names[best] and answer.sure == sure
assert abs(answer.probability - outputs[0, best]) < 0.01
assert max(int(str(a).split()[-1].strip("%)")) for a in people) <= 99

# two networks read the group photo
assert len(people) == len(places) == len(faces_in_group) == IN_GROUP
assert (said == truth).sum() >= IN_GROUP - 2
assert (yours == truth).sum() > IN_GROUP / 2 and set(yours) <= {"happy", "sad"}

# neither: most neutral, angry and surprised faces
for name in ("neutral", "angry", "surprised"):
    assert (words[expression == name] == "neither").sum() >= 7, name
assert (words[expression == "happy"] == "happy").sum() >= 9

# half sad and half happy, it is not sure
assert list(in_words[[0, 2, 4]]) == ["sad", "not sure", "happy"] and len(fading) == 5
assert "not sure" not in words

# a higher threshold lowers both lines
for line in share.values():
    assert (np.diff(line) <= 0).all()
assert share["happy and sad faces"][4] > 0.8 and 0.1 < share["all others"][4] < 0.4

# all selfies smile, and the cell with the bug does not see it
smiling = classifier.predict_arrays(repaired).argmax(axis=1)
assert (smiling == 0).all() and not (p.argmax() == 0 and p.max() > 0.9)

# the exercises
assert tries["the most probable"] < 0.9 < tries["happy from 93%, sad from 20%"]
assert abs(tries["always neither"] - 1 / 3) < 1e-9
assert {"happy", "flirty"} <= set(called_happy) and "sad" not in called_happy
