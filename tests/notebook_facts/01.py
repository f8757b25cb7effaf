"""What the text of notebook 01 says, checked after its last cell."""

# a picture is numbers
assert path.parent.name == class_names[0]
assert pixels[33:35, 18:26].max() == pixels[31:39, 18:26].max() > 200  # the teeth
for other in four[2:]:  # half the light, mirrored
    assert (other != pixels).mean() > 0.8

# by hand and by helper
assert np.array_equal(x, by_hand) and np.array_equal(decoded, x_train)

# nothing gives the class away but the mouth
assert gap < 0.2
difference = np.abs(averages[0] - averages[1])[..., 0]
row, column = np.unravel_index(difference.argmax(), difference.shape)
assert 26 <= row <= 44 and 8 <= column <= 40

# five faults, one of them listed three times; one file to rename, three to remove
kinds = [found.problem for found in audit.problems]
assert sorted(set(kinds)) == sorted(
    ["unreadable", "not a picture", "wrong extension", "exact duplicate", "two classes"]
)
assert len(kinds) == 7 and kinds.count("two classes") == kinds.count("exact duplicate") == 2

# leaks
assert len(judged) == 180 and leaked[2] == leaked[-1] == len(judged)
assert leaky > 0.95 and honest < 0.6
assert has_twin.mean() > 0.8 and not shared
assert len(set(train) | set(validation) | set(test)) == len(train) + len(validation) + len(test)

# the pipeline
assert faster > 3
assert keras_ds.class_names == class_names and len(keras_ds) == -(-len(x) // BATCH_SIZE)
assert len(np.unique(eight, axis=0)) == 8 and len(np.unique(sixteen, axis=0)) == 16

# the exercises
assert twins.mean() == 0
pairs = {(picture.tobytes(), label) for picture, label in zip(x, y, strict=True)}
rng = np.random.default_rng(SEED)
torn = list(zip(rng.permutation(x), rng.permutation(y), strict=True))
assert 0.4 < np.mean([(picture.tobytes(), label) in pairs for picture, label in torn]) < 0.6
assert all((p.tobytes(), label) in pairs for p, label in zip(mixed_x, mixed_y, strict=True))
assert abs(tries["bright mouth"] - 0.5) < 0.06
assert tries["teeth"] > 0.6 and tries["bright stripe"] > 0.6
