"""What the text of notebook 10 says, checked after its last cell."""

import importlib.util

import cv2


def numbers(name):
    """KB, answers changed, and the percentage of a row of the table."""
    words = rows[name].replace("%", "").split()
    return float(words[0]), int(words[4]), float(words[6])


assert len(faces) == 1000 and known.sum() == 860 and 300 < len(x_train) <= 360
assert list(emolib.load_classifier().class_names) == names

# three formats, the same answers; the line in the text writes what the released file holds
assert np.allclose(litert, model(faces[:1]), atol=1e-4)
assert [numbers(name)[1] for name in ("Keras", "ONNX, OpenCV", "LiteRT")] == [0, 0, 0]
if importlib.util.find_spec("tf2onnx"):
    with silent_output():
        model.export(f"{small}/float.onnx", format="onnx")
    network = cv2.dnn.readNetFromONNX(f"{small}/float.onnx")
    network.setInput(faces[:1])
    assert np.allclose(network.forward(), litert, atol=1e-4)

# 8 bits: a quarter, at most half a step, hardly an answer; the helper does the same
assert error <= 0.501 * np.abs(largest).max() / 127
for name in ("dynamic range", "full integer"):
    assert 0.24 < numbers(name)[0] / numbers("LiteRT")[0] < 0.27 and numbers(name)[1] <= 8
assert numbers("dynamic range") == numbers("dynamic range, by the helper")
low, high = (float(word.strip("(%):")) for word in rows["dynamic range"].split()[8:11:2])
assert high - low > 2 > abs(numbers("dynamic range")[2] - numbers("LiteRT")[2])

# 4 bits: an eighth; most of the changed answers were close calls
assert 7.8 < file.stat().st_size / four_bits.stat().st_size < 9
assert 5 <= len(changed) <= 25
sure = np.sort(model.predict(faces, verbose=0), axis=1)
assert np.median(sure[changed, 2]) < 0.7 < np.median(sure[:, 2])
kilobytes, same_answers = np.transpose([*curve.items()])
assert (np.diff(kilobytes) > 0).all() and same_answers[0] < 0.8 and (same_answers[1:] > 0.92).all()

# the student
assert 17 < model.count_params() / student().count_params() < 19
assert numbers("student")[0] < 70 and 50 < numbers("student")[1] < 350
assert numbers("student")[2] > numbers("student, hard targets")[2]
assert numbers("student")[1] > 4 * len(changed)

# the service answered on this computer alone, and is gone
assert not PHONE and client.base_url.host == "127.0.0.1" and served["label"] == "happy"
assert service.wait(60) is not None
assert classifier.predict(photo_file)[0].label == served["label"]

# the page for the browser
page = (course.course_dir() / "docs" / "in_the_browser.html").read_text("utf-8")
assert len(page.splitlines()) == 75

# the exercises
assert numbers("colleague")[1] > 200 and numbers("colleague, fixed")[1] <= 8
_, kb, same = tries["3 bits, xz"]
assert kb < 300 and same >= 0.95
