"""The same work on the same models with OpenCV's C++ (its DNN module), for comparison.

Reads frames from standard input (4 bytes big-endian length, then a JPEG) and answers each with one line of JSON:
{"ms": wall, "cpu": ms of processor time, "found": bool, "vector": [...]}. Arguments: the models' folder, threads.
"""
import json
import struct
import sys
import time

import cv2
import numpy as np

folder, threads = sys.argv[1], int(sys.argv[2])
cv2.setNumThreads(threads)
detector = cv2.FaceDetectorYN.create(f"{folder}/yunet_n_dynamic.onnx", "", (320, 320), 0.6, 0.3)
points, embed, live, v2, v1se = (
    cv2.dnn.readNetFromONNX(f"{folder}/{name}.onnx")
    for name in (
        "landmarks-regression-retail-0009",
        "mobilefacenet_foamliu",
        "liveness_minifas_128",
        "minifasnet_v2_2.7_80x80",
        "minifasnet_v1se_4.0_80x80",
    )
)
template = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)


def forward(net, blob):
    net.setInput(blob)
    return net.forward().reshape(-1)


def similarity(source):
    """Least squares, turn, scale and shift only."""
    a, b = source.mean(0), template.mean(0)
    p, q = source - a, template - b
    x = (p * q).sum() / (p * p).sum()
    y = (p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]).sum() / (p * p).sum()
    turn = np.array([[x, -y], [y, x]])
    return np.hstack([turn, (b - turn @ a)[:, None]])


def crop(picture, x, y, width, height, side):
    """The part of a picture, borders mirrored."""
    left, top = int(round(x)), int(round(y))
    right, bottom = int(round(x + width)), int(round(y + height))
    rows, columns = picture.shape[:2]
    part = picture[max(0, top) : min(rows, bottom), max(0, left) : min(columns, right)]
    borders = [max(0, -top), max(0, bottom - rows), max(0, -left), max(0, right - columns)]
    if any(borders):
        part = cv2.copyMakeBorder(part, *borders, cv2.BORDER_REFLECT_101)
    return cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA if width > side else cv2.INTER_LINEAR)


def within(picture, box, factor):
    """`factor` times the box, less where the picture is too small, pushed inside."""
    x, y, width, height = box
    rows, columns = picture.shape[:2]
    factor = min(factor, (columns - 1) / width, (rows - 1) / height)
    w, h = width * factor, height * factor
    return (
        min(max(0, x + width / 2 - w / 2), columns - w),
        min(max(0, y + height / 2 - h / 2), rows - h),
        w,
        h,
    )


def softmax(logits):
    parts = np.exp(logits - logits.max())
    return parts / parts.sum()


def describe(bytes_):
    picture = cv2.imdecode(np.frombuffer(bytes_, np.uint8), cv2.IMREAD_COLOR)
    rows, columns = picture.shape[:2]
    scale = (640 if max(rows, columns) >= 900 else 320) / max(rows, columns)
    small = cv2.resize(picture, (round(columns * scale), round(rows * scale)))
    detector.setInputSize((small.shape[1], small.shape[0]))
    faces = detector.detect(small)[1]
    if faces is None:
        return None
    face = max(faces, key=lambda one: one[2])
    x, y, width, height = face[:4] / scale
    found = face[4:14].reshape(5, 2) / scale
    more = forward(points, cv2.dnn.blobFromImage(crop(picture, x, y, width, height, 48))).reshape(5, 2)
    found = (found + more * [width, height] + [x, y]) / 2
    side = 1.5 * max(width, height)
    square = crop(picture, x + width / 2 - side / 2, y + height / 2 - side / 2, side, side, 128)
    alive = [softmax(forward(live, cv2.dnn.blobFromImage(square, 1 / 255, swapRB=True)))[0]]
    pair = [
        softmax(forward(net, cv2.dnn.blobFromImage(crop(picture, *within(picture, (x, y, width, height), factor), 80))))[1]
        for net, factor in ((v2, 2.7), (v1se, 4.0))
    ]
    alive = min(alive[0], sum(pair) / 2)
    matrix = similarity(found)
    aligned = cv2.warpAffine(picture, matrix, (112, 112))
    vector = np.zeros(128)
    for one in (aligned, aligned[:, ::-1]):
        rgb = one[:, :, ::-1].astype(np.float32) / 255
        blob = ((rgb - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]).astype(np.float32)
        out = forward(embed, np.ascontiguousarray(blob.transpose(2, 0, 1)[None]))
        vector += out / np.linalg.norm(out)
    return float(alive), vector / np.linalg.norm(vector)


print(json.dumps({"version": cv2.__version__}), flush=True)
while head := sys.stdin.buffer.read(4):
    data = sys.stdin.buffer.read(struct.unpack(">I", head)[0])
    wall, cpu = time.perf_counter(), time.process_time()
    result = describe(data)
    took = {"ms": 1000 * (time.perf_counter() - wall), "cpu": 1000 * (time.process_time() - cpu)}
    print(
        json.dumps({**took, "found": result is not None, "vector": [] if result is None else result[1].tolist()}),
        flush=True,
    )
