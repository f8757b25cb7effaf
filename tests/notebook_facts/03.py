"""What notebook 03 says, checked on its variables after its last cell."""

# one weight: the right rate arrives, the low one does not, the high one jumps over the valley
assert loss_at(descend(3)[-1]) < loss_at(descend(0.3)[-1])
assert np.diff([loss_at(weight) for weight in descend(20)]).max() > 0
assert np.isclose(gradient_at(1), (loss_at(1.001) - loss_at(0.999)) / 0.002, atol=1e-5)

# backpropagation by hand is what TensorFlow does, and `fit` is the loop
assert np.allclose([slope_of_a, slope_of_b], [slope.numpy() for slope in slopes], atol=1e-12)
assert same
losses = [network.evaluate(val_ds, verbose=0) for network in (looped, fitted)]
assert np.isclose(*losses, atol=2e-3), losses

# it beats the bar
assert accuracy > bar, (accuracy, bar)
assert accuracy > np.bincount(y_val).max() / len(y_val) + 0.1
assert at_the_end < history.history["loss"][0]

# only the middle rate learns, the other two guess
low, middle, high = (run_.history["loss"][-1] for run_ in three.values())
assert middle < 0.6 < min(low, high) and max(low, high) < 1, (low, middle, high)

# overfitting, and each cure ends lower
learned = runs["200 pictures"].history
assert learned["accuracy"][-1] > learned["val_accuracy"][-1] + 0.1
ends = {name: run_.history["val_loss"][-1] for name, run_ in runs.items()}
assert max(ends, key=ends.get) == "200 pictures", ends
assert learned["val_loss"][-1] > min(learned["val_loss"]) + 0.05

# it stops after four epochs without a new best one
assert len(run.epoch) < 60 and len(run.epoch) == np.argmin(run.history["val_loss"]) + 1 + 4
assert np.isclose(run.model.evaluate(val_ds, verbose=0)[0], min(run.history["val_loss"]), atol=0.01)
assert int(resumed.optimizer.iterations) == 4 * len(train_ds)

# more pictures help, and each step less
means = [table["accuracy"][table["pictures"] == size].mean() for size in (100, 1000)]
assert means[1] > means[0] + 0.03, means

# the saved network is the trained one, and reads a photo
assert emolib.load_classifier(path).class_names == class_names
assert len(right) >= len(people) - 1 and sum(right) > 0.6 * len(people), right

# the colleague's count flatters
assert judged > double.history["val_accuracy"][-1] + 0.03
assert len(x_judge) >= 30 and len(x_learn) >= 100
