#!/usr/bin/env python3
"""Makes the embedded example: digits.npz (all 1,797 handwritten digits of scikit-learn) and digits_mobilenet.keras,
a small MobileNetV2-like classifier trained on its training part.

    python3 -m venv .example && .example/bin/pip install keras tensorflow-cpu scikit-learn
    .example/bin/python examples/digits/make_digits.py

The data comes with the scikit-learn package (UCI, "Optical Recognition of Handwritten Digits"). The split is the one
that Burin makes of an .npz: per class 60/20/20 in the order of the SHA-256 of the sample's index. Training sees only
the first part; the second decides when to stop; the third is what the demo reports on.
"""
import hashlib
import os
import pathlib

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
from keras import layers
from sklearn.datasets import load_digits

FOLDER = pathlib.Path(__file__).parent


def split(labels):
    """Indices of train, val, test: each class in hash order, 60/20/20."""
    parts = ([], [], [])
    for label in np.unique(labels):
        members = sorted(np.flatnonzero(labels == label), key=lambda i: hashlib.sha256(str(i).encode()).hexdigest())
        first, second = len(members) * 60 // 100, len(members) * 80 // 100
        for part, chosen in zip(parts, (members[:first], members[first:second], members[second:])):
            part.extend(chosen)
    return [np.array(sorted(part)) for part in parts]


def inverted_residual(x, channels, stride, expansion, name):
    inputs, width = x, x.shape[-1] * expansion
    x = layers.Conv2D(width, 1, padding="same", use_bias=False, name=f"{name}_expand")(x)
    x = layers.BatchNormalization(name=f"{name}_expand_bn")(x)
    x = layers.ReLU(6.0, name=f"{name}_expand_relu")(x)
    x = layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False, name=f"{name}_depthwise")(x)
    x = layers.BatchNormalization(name=f"{name}_depthwise_bn")(x)
    x = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(x)
    x = layers.Conv2D(channels, 1, padding="same", use_bias=False, name=f"{name}_project")(x)
    x = layers.BatchNormalization(name=f"{name}_project_bn")(x)
    if stride == 1 and inputs.shape[-1] == channels:
        x = layers.Add(name=f"{name}_add")([inputs, x])
    return x


def build():
    image = keras.Input((8, 8, 1), name="image")
    x = layers.RandomTranslation(0.1, 0.1, fill_mode="constant", name="shift")(image)
    x = layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")(x)
    x = layers.Conv2D(24, 3, padding="same", use_bias=False, name="stem")(x)
    x = layers.BatchNormalization(name="stem_bn")(x)
    x = layers.ReLU(6.0, name="stem_relu")(x)
    x = inverted_residual(x, 24, 1, 4, "block_1")
    x = inverted_residual(x, 40, 2, 4, "block_2")
    x = inverted_residual(x, 40, 1, 4, "block_3")
    x = inverted_residual(x, 56, 1, 4, "block_4")
    x = inverted_residual(x, 56, 1, 4, "block_5")
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(0.2, name="dropout")(x)
    x = layers.Dense(10, activation="softmax", name="predictions")(x)
    return keras.Model(image, x, name="digits_mobilenet")


def main():
    keras.utils.set_random_seed(1)
    digits = load_digits()
    pixels = np.round(digits.images * (255 / 16)).astype(np.uint8)[..., None]  # 0..16 -> 0..255
    labels = digits.target.astype(np.uint8)
    np.savez_compressed(FOLDER / "digits.npz", x=pixels, y=labels)

    train, val, test = split(labels)
    x, y = pixels.astype(np.float32), labels.astype(np.int32)
    model = build()
    steps = 60 * (len(train) // 32 + 1)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(3e-3, steps)),
                  "sparse_categorical_crossentropy", metrics=["accuracy"])
    best = keras.callbacks.EarlyStopping("val_loss", patience=60, restore_best_weights=True)
    model.fit(x[train], y[train], 32, 60, validation_data=(x[val], y[val]), callbacks=[best], verbose=2)
    saved = build()  # without the optimizer's state
    saved.set_weights(model.get_weights())
    saved.save(FOLDER / "digits_mobilenet.keras")
    for name, part in (("train", train), ("val", val), ("test", test)):
        print(name, len(part), "accuracy", round(float(model.evaluate(x[part], y[part], verbose=0)[1]), 4))


if __name__ == "__main__":
    main()
