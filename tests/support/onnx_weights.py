"""Reads ONNX files and NPZ masks without mho, for the tests: by protobuf's wire format and numpy's
by their specifications, or (`--onnx`) by Debian's python3-onnx.

onnx_weights.py [--onnx] MODEL                       the operators in order
onnx_weights.py [--onnx] MODEL MASKS.npz             a line for each mask: name, kept, size; fails
                                                     unless exactly the weights it keeps are not 0
onnx_weights.py [--onnx] MODEL MASKS.npz DENSE.onnx  the same for a model pruned in one shot: what is
                                                     kept is as in DENSE, where it may be 0, too
"""
import ast
import struct
import sys
import zipfile

FLOAT = 1


def fields(data):
    """Field numbers and values of a protobuf message."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        key = varint()
        if key & 7 == 0:
            yield key >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(key & 7) or varint()
        yield key >> 3, data[at:at + size]
        at += size


def dimensions(tensor):
    dims = []
    for key, value in tensor:
        while key == 1 and value:
            n, value = (value, b"") if isinstance(value, int) else (value[0], value[1:])
            if n >= 128:
                n, value = n & 127 | value[0] << 7, value[1:]
            dims.append(n)
    return dims


def read_wire(path):
    """Operators, and shape and values of each float initializer."""
    graph = [v for f, v in fields(open(path, "rb").read()) if f == 7][0]
    operators = [[v for k, v in fields(n) if k == 4][0].decode() for f, n in fields(graph) if f == 1]
    weights = {}
    for field, message in fields(graph):
        tensor = list(fields(message)) if field == 5 else []
        raw = [v for k, v in tensor if k == 9]
        if raw and [v for k, v in tensor if k == 2] == [FLOAT]:
            name = [v for k, v in tensor if k == 8][0].decode()
            values = struct.unpack(f"<{len(raw[0]) // 4}f", raw[0])
            weights[name] = dimensions(tensor), values
    return operators, weights


def read_onnx(path):
    """The same by python3-onnx, which also checks the model."""
    import onnx
    import onnx.numpy_helper
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    weights = {}
    for tensor in model.graph.initializer:
        if tensor.data_type == FLOAT:
            values = onnx.numpy_helper.to_array(tensor)
            weights[tensor.name] = list(values.shape), values.flatten().tolist()
    return [node.op_type for node in model.graph.node], weights


def read_masks(path):
    archive = zipfile.ZipFile(path)
    for member in archive.namelist():
        data = archive.read(member)
        length = struct.unpack("<H", data[8:10])[0]
        header = ast.literal_eval(data[10:10 + length].decode())
        assert header["descr"] == "|u1" and not header["fortran_order"], header
        yield member[:-4], list(header["shape"]), data[10 + length:]


def main(arguments):
    read = read_wire
    if arguments[0] == "--onnx":
        read = read_onnx
        del arguments[0]
    operators, weights = read(arguments[0])
    if len(arguments) == 1:
        print(" ".join(operators))
        return
    dense = read(arguments[2])[1] if len(arguments) > 2 else None
    for name, shape, mask in read_masks(arguments[1]):
        dims, values = weights[name]
        assert shape == dims, (name, shape, dims)
        if dense is None:
            assert all((v != 0) == (m == 1) for v, m in zip(values, mask, strict=True)), name
        else:
            expected = [v if m else 0 for v, m in zip(dense[name][1], mask, strict=True)]
            assert list(values) == expected, name
        print(name, sum(mask), len(mask))


main(sys.argv[1:])
