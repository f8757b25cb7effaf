"""What rendered faces teach about photographs: train on them alone, test on FER2013.

    python benchmarks/rendered_to_photos.py data/fer2013 --n 20000 --epochs 12

The network learns two things at once from faces that `emolib.rendering` makes: happy or sad, and
how strong each action unit is, which only a rendered face knows. The second keeps it from looking
at the mouth alone. It is tested on the happy and sad photographs of FER2013 (validation, then test
set) and on the portraits.
"""

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np

from emolib import data, rendering
from emolib.images import to_array

UNITS = tuple(rendering.ACTION_UNITS)
OTHERS = ("neutral", "surprised", "angry", "afraid", "disgusted", "mixed", "mixed")
PART = 500  # faces that one process renders at a time


def render(part):
    """Render faces: pictures, 0 happy, 1 sad or -1 for others, and their units' intensities."""
    faces, labels, units = [], [], []
    for i in range(part * PART, (part + 1) * PART):
        rng = np.random.default_rng((1, i))
        name = ("happy", "sad")[i % 2] if i % 10 < 7 else str(rng.choice(OTHERS))
        if name == "mixed":
            chosen = rng.choice(UNITS, 5, replace=False)
            actions = {int(unit): float(rng.uniform(0, 1)) for unit in chosen}
        else:
            actions = rendering.expression(name, rng)
        face = rendering.render_face(actions, rendering.random_look(rng), seed=(2, i))
        faces.append(np.asarray(face)[..., np.newaxis])
        labels.append({"happy": 0, "sad": 1}.get(name, -1))
        units.append([actions.get(unit, 0.0) for unit in UNITS])
    return np.array(faces), np.array(labels), np.array(units)


def build(units):
    """Build a small network with one output for sad and one for each action unit."""
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input((48, 48, 1)), layers.Rescaling(1 / 127.5, -1)])
    model.add(layers.Flatten())
    model.add(layers.LayerNormalization(scale=False, center=False))
    model.add(layers.Reshape((48, 48, 1)))
    for filters, size in ((32, 5), (64, 3), (128, 3), (160, 3)):
        model.add(layers.Conv2D(filters, size, padding="same", use_bias=False))
        model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.Activation("relu"))
        if filters < 160:
            model.add(layers.MaxPooling2D())
            model.add(layers.Dropout(0.1))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(1 + units, activation="sigmoid"))
    return model


def loss(targets, answers):
    """Return the cross-entropy of sad (where it is known) plus the mean of the units'."""
    import tensorflow as tf

    answers = tf.clip_by_value(answers, 1e-5, 1 - 1e-5)
    known = tf.cast(targets[:, 0] >= 0, tf.float32)
    goals = tf.concat([tf.clip_by_value(targets[:, :1], 0.05, 0.95), targets[:, 1:]], 1)
    each = -goals * tf.math.log(answers) - (1 - goals) * tf.math.log(1 - answers)
    return known * each[:, 0] + tf.reduce_mean(each[:, 1:], 1)


def train(images, targets, epochs):
    """Train with small shifts and rotations, and with patches of the face erased."""
    import keras

    from emolib.data import augmentation

    keras.utils.set_random_seed(0)
    move = augmentation(0)
    erase = keras.layers.RandomErasing(0.6, scale=(0.02, 0.25), value_range=(0, 255), seed=0)

    def change(images, training):
        return erase(move(images, training=training), training=training)

    ds = data.batches(images, targets, shuffle=True, augment=change)
    rate = keras.optimizers.schedules.CosineDecay(
        1e-4, epochs * len(ds) - 200, alpha=0.01, warmup_target=2e-3, warmup_steps=200
    )
    model = build(targets.shape[1] - 1)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=0.02), loss=loss, jit_compile=False)
    model.fit(ds, epochs=epochs, verbose=2, shuffle=False)
    return model


def judge(model, name, images, labels):
    """Print the share of each class that is found, their mean, and the area under the ROC curve."""
    from sklearn.metrics import roc_auc_score

    sad = model.predict(images.astype(np.float32), batch_size=256, verbose=0)[:, 0]
    found = [((sad > 0.5) == label)[labels == label].mean() for label in (0, 1)]
    print(
        f"{name:19} balanced {np.mean(found):.3f} (happy {found[0]:.3f}, sad {found[1]:.3f}), "
        f"area {roc_auc_score(labels, sad):.3f}, {len(labels)} pictures",
        flush=True,
    )


def main():
    """Render, train, test."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("fer2013", help="folder of FER2013")
    parser.add_argument("--n", type=int, default=20000, help="rendered faces")
    parser.add_argument("--epochs", type=int, default=12)
    args = parser.parse_args()
    start = time.time()
    with ProcessPoolExecutor() as pool:
        parts = list(pool.map(render, range(args.n // PART)))
    images, labels, units = (np.concatenate([part[i] for part in parts]) for i in range(3))
    print(f"{len(images)} faces rendered in {time.time() - start:.0f} s", flush=True)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    targets = np.column_stack([labels, units]).astype(np.float32)
    model = train(images, targets, args.epochs)
    photos = data.scan(data.open_folder(args.fer2013), ["happy", "sad"])
    for split in ("validation", "test"):
        rows = photos.of(split)
        judge(model, f"FER2013 {split}", data.load_images(rows), photos.labels(rows))
    faces = [p for p in data.portraits() if p.expression in ("happy", "sad")]
    truth = np.array([int(p.expression == "sad") for p in faces])
    judge(model, "portraits", np.stack([to_array(p.face()) for p in faces]), truth)
    others, kinds, _ = render(args.n // PART)
    judge(model, "other faces", others[kinds >= 0], kinds[kinds >= 0])


if __name__ == "__main__":
    main()
