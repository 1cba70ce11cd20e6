"""
Decoding, alignment and normalisation done again with NumPy and OpenCV: reads [{"path", "landmarks"}] from standard
input, writes one 1x3x112x112 float32 tensor a picture. (Debian's OpenCV is too old to run the network itself.)
"""
import json
import sys

import cv2
import numpy as np

TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)


def similarity(source, target):
    """The least-squares similarity as the solution of an over-determined linear system."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target):
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
        values += [u, v]
    a, b, tx, ty = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    return np.array([[a, -b, tx], [b, a, ty]])


for picture in json.load(sys.stdin):
    image = cv2.imread(picture["path"], cv2.IMREAD_COLOR)
    points = np.array(picture["landmarks"]).reshape(5, 2)
    matrix = similarity(points, TEMPLATE)
    while np.hypot(matrix[0, 0], matrix[1, 0]) < 0.5:
        image = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
        image = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        points = (points + 0.5) / 2 - 0.5
        matrix = similarity(points, TEMPLATE)
    face = cv2.warpAffine(image, matrix, (112, 112), flags=cv2.INTER_LINEAR)
    rgb = face[:, :, ::-1].astype(np.float32) / 255
    rgb = (rgb - np.array([0.485, 0.456, 0.406], np.float32)) / np.array([0.229, 0.224, 0.225], np.float32)
    sys.stdout.buffer.write(np.ascontiguousarray(rgb.transpose(2, 0, 1), dtype="<f4").tobytes())
