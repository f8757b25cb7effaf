"""What the text of notebook 02 says, checked after its last cell."""

# a convolution by hand: bright above dark along the upper edge of the mouth, strongest in a corner
top_row, top_column = np.unravel_index(edges.argmax(), edges.shape)
assert 5 <= top_row <= 9 and abs(top_column - 12.5) > 4
low_row, low_column = np.unravel_index(edges.argmin(), edges.shape)
assert low_row < top_row and abs(low_column - 12.5) < 3  # under the nose
assert np.allclose(convolve(two_rows, kernel), 27)
for name in ("light above", "light on the left", "spots"):
    assert filters[name].sum() == 0
sides = maps["light on the left"][6:11]
assert sides[:, 3:8].sum() > 200 and sides[:, 18:23].sum() < -200
spot_row, spot_column = np.unravel_index(maps["spots"].argmin(), edges.shape)
assert spot_row in (7, 8, 9) and abs(spot_column - 12.5) > 4
assert pooled.size * 4 == relu.size and (edges < 0).any() and not (relu < 0).any()

# the baselines
assert simple[-1].coef_.size + simple[-1].intercept_.size == single.count_params() == 2305
assert majority + 0.1 < logistic < simple.score(flat_train, y_train)

# the network
asked = [model.layers[i] for i in (4, 5, 8, 24, 29)]
for layer, (shape, parameters) in zip(asked, solution.values(), strict=True):
    assert layer.output.shape[1:] == shape and layer.count_params() == parameters
assert model.count_params() == build_cnn().count_params() == 575_137
assert asked[3].count_params() == 294_912 > model.count_params() / 2
normalized = layers.LayerNormalization([1, 2, 3], epsilon=1e-5, scale=False, center=False)
scaled = model.layers[0](x_val[:4].astype("float32"))
for layer in model.layers[1:4]:
    scaled_flat = layer(scaled if layer is model.layers[1] else scaled_flat)
assert np.allclose(normalized(scaled), scaled_flat, atol=1e-4)
assert [part.shape for part in seen] == [(6, 6), (16, 16), (36, 36)] and sees == 52 > 48

# the two checks
assert abs(loss - np.log(2)) < 0.1 and loss != np.log(2)
assert min(history.history["loss"]) < 0.1 and max(history.history["accuracy"]) == 1

# the exercises
assert (swapped != y_train[few]).sum() == 8 and max(nonsense.history["accuracy"]) == 1
assert stuck.history["loss"][-1] > 2 and stuck.history["accuracy"][-1] < 1
assert abs(start - np.log(2)) < 0.1 and max(learned.history["accuracy"]) > 0.9
assert tries["two small convolutions"][0] < 1000 and tries["two small convolutions"][1] >= 0.75
assert tries["one weight per pixel"][1] > majority and len(x_twice) == 2 * len(x_train)
assert np.mean((small.predict(x_test, verbose=0)[:, 0] >= 0.5) == y_test) > 0.7
