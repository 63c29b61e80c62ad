"""Files as numpy.save, savez and savez_compressed write them, for npy.json: their bytes in base64, and what is in them."""

import base64
import io
import json
import pathlib

import numpy as np


def written(save, *arrays, **options):
    file = io.BytesIO()
    save(file, *arrays, **options)
    return base64.b64encode(file.getvalue()).decode()


def read(array):
    return {"shape": list(array.shape), "values": [str(v) if not np.isfinite(v) else v for v in array.astype(object).ravel().tolist()]}


def version3(file, array):
    np.lib.format.write_array(file, array, version=(3, 0))


arrays = {
    "float32 by rows": np.arange(6, dtype="<f4").reshape(2, 3) / 4,
    "float64 by columns": np.asfortranarray(np.arange(24, dtype="<f8").reshape(2, 3, 4) - 5),
    "float16": np.array([0.5, -2, 65504, 2**-24, np.inf], dtype="<f2"),
    "big-endian float32": np.array([1.5, -2.25], dtype=">f4"),
    "big-endian int16 by columns": np.asfortranarray(np.array([[1, 2, 3], [-4, 5, -300]], dtype=">i2")),
    "int64 class indices": np.array([3, 0, 2, -1], dtype="<i8"),
    "int64 beyond int32": np.array([2**40, -7], dtype="<i8"),
    "uint64": np.array([2**32, 1], dtype="<u8"),
    "uint8": np.array([[0, 255], [7, 128]], dtype="u1"),
    "int8": np.array([-128, 127], dtype="i1"),
    "uint16": np.array([65535, 1], dtype="<u2"),
    "uint32": np.array([2**32 - 1, 1], dtype="<u4"),
    "int32": np.array([-(2**31), 1], dtype="<i4"),
    "bool": np.array([True, False, True]),
    "scalar": np.array(2.5),
    "no rows": np.zeros((0, 3), dtype="<f4"),
}
refused = {
    "text": np.array(["ab", "c"]),
    "complex numbers": np.array([1 + 2j]),
    "records": np.array([(1, 2.0)], dtype=[("a", "<i4"), ("b", "<f4")]),
    "objects": np.array([{"a": 1}], dtype=object),
    "integers beyond 2**53": np.array([2**60], dtype="<i8"),
}
some = {"x": np.full((50, 20), 0.5, dtype="<f4"), "y": np.arange(50) % 3}

golden = {
    "npy": {name: {"bytes": written(np.save, a), "type": str(a.dtype), **read(a)} for name, a in arrays.items()},
    "refused": {name: written(np.save, a) for name, a in refused.items()},
    "npz": {
        "bytes": {"savez": written(np.savez, **some), "savez_compressed": written(np.savez_compressed, **some)},
        "arrays": {name: read(a) for name, a in some.items()},
    },
}
golden["npy"]["version 3"] = {"bytes": written(version3, some["y"]), "type": "int64", **read(some["y"])}
pathlib.Path(__file__).with_name("npy.json").write_text(json.dumps(golden) + "\n")
