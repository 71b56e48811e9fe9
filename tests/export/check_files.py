"""Read what the program wrote with parsers that are not the program's own.

    check_files.py json FILE EXPECTED     EXPECTED: see test_json_file.c
    check_files.py npz  FILE LAYERS BATCH INPUTS WIDTH OUTPUTS PARTS [STATE]...
                                          PARTS: see test_npz_file.c
    check_files.py events FOLDER ARRAYS LAYERS STEPS
                                          of a run as event files, ARRAYS an NPZ for step %d
    check_files.py events_nan FOLDER COUNT
                                          of one whose layer 2 has COUNT z that are NaN
    check_files.py png  FILE WIDTH HEIGHT SCALE [KEY TEXT]...
    check_files.py svg  FILE                  what test_svg_file.c draws

Prints the first thing that is wrong and exits with status 1.
"""

import base64
import glob
import json
import math
import shutil
import struct
import subprocess
import sys
import zipfile
import xml.etree.ElementTree as ElementTree
import zlib

import numpy as np

import event_decoder


def demand(claim, complaint):
    if not claim:
        sys.exit(f"check_files: {complaint}")


# JSON --------------------------------------------------------------------------------------------

SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def no_duplicates(pairs):
    names = [name for name, _ in pairs]
    demand(len(set(names)) == len(names), f"a name comes twice in {names}")
    return dict(pairs)


def no_constants(word):
    sys.exit(f"check_files: {word} is not JSON")


def whole_number(word):
    return -0.0 if word == "-0" else int(word)


def leaves(value, path=""):
    """Every leaf with its dotted path; histograms' lists of counts are leaves of their own."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield from leaves(child, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and not path.endswith(".counts"):
        for index, child in enumerate(value):
            yield from leaves(child, f"{path}.{index}")
    else:
        yield path, value


def full_log_counts(found, path):
    """Take a logarithmic histogram apart and give the counts of all its bins."""
    low, high = found.pop(path + ".low"), found.pop(path + ".high")
    counts = found.pop(path + ".counts")
    if not counts:
        demand(low is None and high is None, f"{path} is empty but has edges")
        return [0] * 508
    first = math.frexp(low)[1] - 1
    last = math.frexp(high)[1] - 1
    demand(math.ldexp(1.0, first) == low and math.ldexp(1.0, last) == high,
           f"{path}: edges {low} and {high} are no powers of two")
    demand(len(counts) == 2 * (last - first), f"{path}: wrong number of counts")
    demand(any(counts[:2]) and any(counts[-2:]), f"{path}: an outer octave is empty")
    return [0] * (2 * (first + 126)) + counts + [0] * (2 * (128 - last))


def check_value(path, kind, expected, value):
    if kind == "x":
        wanted = float.fromhex(expected) if "0x" in expected else float(expected)
        special = isinstance(value, str)
        got = SPECIAL.get(value) if special else value
        demand(special == (not math.isfinite(wanted)), f"{path}: {value!r} for {wanted!r}")
        same = got == wanted or (got is not None and math.isnan(got) and math.isnan(wanted))
        demand(same and math.copysign(1, got) == math.copysign(1, wanted)
               or math.isnan(wanted) and same, f"{path}: {value!r}, should be {wanted!r}")
        return
    wanted = {
        "n": lambda: int(expected),
        "b": lambda: expected == "1",
        "s": lambda: expected.replace("\\t", "\t").replace("\\\\", "\\"),
        "0": lambda: None,
        "c": lambda: [int(word) for word in expected.split()],
    }[kind]()
    demand(value == wanted and type(value) is type(wanted),
           f"{path}: {value!r}, should be {wanted!r}")


def check_json(path, expected_path):
    with open(path, "rb") as file:
        text = file.read().decode("utf-8", "strict")
    demand(text.endswith("}\n"), "no newline at the end")
    found = dict(leaves(json.loads(text, object_pairs_hook=no_duplicates,
                                   parse_constant=no_constants, parse_int=whole_number)))
    with open(expected_path, encoding="utf-8") as file:
        for line in file:
            name, kind, expected = line.rstrip("\n").split("\t")
            if kind == "l":
                counts = full_log_counts(found, name)
                check_value(name, "c", expected, counts)
                continue
            demand(name in found, f"{name} is missing")
            check_value(name, kind, expected, found.pop(name))
    demand(not found, f"nobody expected {list(found)[:5]}")


# NPZ ---------------------------------------------------------------------------------------------

# In the order of their numbers in test_npz_file.c.
PIECES = ["W", "b", "gamma", "beta", "slope", "scale"]
PASSED = ["z", "delta", "zhat", "delta_a", "running_mean", "running_variance", "phi", "h"]


def counting(shape, layer, kind):
    """The rule of test_npz_file.c."""
    place = np.arange(math.prod(shape), dtype=np.float64) % 997
    return (layer * 64 + kind + place / 64).astype(np.float32).reshape(shape)


def mask(shape):
    return (np.arange(math.prod(shape)) % 3 != 0).reshape(shape)


def shapes_of(number, layers, batch, inputs, width, outputs, parts):
    """What layer `number` has, and in which shape."""
    hidden = number <= layers
    fan_in, fan_out = inputs if number == 1 else width, width if hidden else outputs
    columns = fan_out * (2 if hidden and "k" in parts else 1)
    z, h = (batch, columns), (batch, fan_out)
    grouped = hidden and number > 1 and "g" in parts
    weight = (2, fan_in // 2, columns // 2) if grouped else (fan_in, columns)
    shapes = {"W": weight, "b": (columns,), "z": z, "delta": z, "h": h}
    if not hidden:
        return shapes
    if set("bn") & set(parts):
        shapes.update(gamma=(columns,), beta=(columns,), zhat=z, delta_a=z)
    if "b" in parts:
        shapes.update(running_mean=(columns,), running_variance=(columns,))
    if set("lp") & set(parts):
        shapes["slope"] = (fan_out,) if "p" in parts else ()
    if "s" in parts:
        shapes["scale"] = ()
    if set("su") & set(parts):
        shapes["phi"] = h
    if "u" in parts:
        shapes["unit_kept"] = h
    if "w" in parts and ("t" not in parts or number <= 2):
        shapes["weight_kept"] = weight
    if "s" in parts and "d" in parts:
        shapes["survived"] = ()
    if "t" in parts and number > 2:
        shapes.pop("W")
    if "t" in parts and number > 1:
        shapes.pop("b")
    return shapes


def arrays_of(number, shapes, parts, states):
    for name, shape in shapes.items():
        if name in PIECES:
            kind = 8 * PIECES.index(name)
            yield f"{name}{number}", counting(shape, number, kind)
            learned = {"slope": "p", "scale": "e"}.get(name)
            for place, prefix in enumerate(["d", *(state + "_" for state in states)], 1):
                if learned is None or learned in parts:
                    yield f"{prefix}{name}{number}", counting(shape, number, kind + place)
        elif name in PASSED:
            yield f"{name}{number}", counting(shape, number, 48 + PASSED.index(name))
        elif name == "survived":
            yield f"{name}{number}", np.float32(number / 4)
        else:
            yield f"{name}{number}", mask(shape)


def expected_arrays(states, parts, layers, batch, inputs, width, outputs):
    arrays = {"x": counting((batch, inputs), 0, 0),
              "y": (np.arange(batch) * 3 % 256).astype(np.float32)}
    if "m" in parts:
        arrays["y2"] = (np.arange(batch) * 5 % 256).astype(np.float32)
        arrays["lambda"] = np.float32(0.3)
    for number in range(1, layers + 2):
        shapes = shapes_of(number, layers, batch, inputs, width, outputs, parts)
        arrays.update(arrays_of(number, shapes, parts, states))
    arrays["z1"][0, 0] = np.nan
    arrays["delta1"].flat[:2] = [np.inf, -np.inf]
    arrays["prediction"] = arrays.pop(f"h{layers + 1}")
    arrays["logits"] = arrays[f"z{layers + 1}"]
    arrays["loss"] = np.float32(0.1)
    return arrays


def check_members(path):
    with zipfile.ZipFile(path) as archive:
        demand(archive.testzip() is None, "a member's checksum is wrong")
        for info in archive.infolist():
            demand(info.date_time == (1980, 1, 1, 0, 0, 0), f"{info.filename} has a time")
            with archive.open(info) as member:
                start = member.read(10)
            demand(start[:8] == b"\x93NUMPY\x01\x00", f"{info.filename}: not npy 1.0")
            length = struct.unpack("<H", start[8:])[0]
            demand((10 + length) % 64 == 0, f"{info.filename}: header not aligned to 64 bytes")


def check_npz(path, *words):
    check_members(path)
    expected = expected_arrays(words[6:], words[5], *map(int, words[:5]))
    with np.load(path, allow_pickle=False) as archive:
        missing = set(expected) ^ set(archive.files)
        demand(not missing, f"members differ: {sorted(missing)[:5]}")
        for name in archive.files:
            array, wanted = archive[name], expected[name]
            demand(array.dtype == wanted.dtype, f"{name} is {array.dtype}")
            demand(array.flags.c_contiguous, f"{name} is not in C order")
            demand(array.shape == wanted.shape, f"{name}: {array.shape} for {wanted.shape}")
            demand(np.array_equal(array, wanted, equal_nan=True), f"{name} has other values")


# Event files -------------------------------------------------------------------------------------

ARRAYS = {"preactivations": "z", "activations": "h", "gradients": "delta", "weights": "W",
          "weight_gradients": "dW"}


def only_event_file(folder, run):
    paths = glob.glob(f"{folder}/{run}/*")
    demand(len(paths) == 1 and "events.out.tfevents." in paths[0], f"files of {run}: {paths}")
    return list(event_decoder.events(paths[0]))


def count_between(values, low, high):
    """How many lie in a bucket: as in the program's histograms, an edge that separates two
    magnitudes belongs to the larger one, but the last edge to what is below it."""
    if high <= 0:
        return np.count_nonzero((values > low) & (values <= high) & (values != 0))
    return np.count_nonzero((values >= low) & (values < high))


def check_buckets(tag, found, values):
    limits = [found["min"], *found["limit"]]
    signed = tag.split("/")[0].endswith("gradients")
    for i, count in enumerate(found["bucket"]):
        low, high = limits[i] if i > 0 else -math.inf, limits[i + 1]
        last = i == len(found["bucket"]) - 1
        if signed and low < 0 < high:
            wanted = np.count_nonzero((values > low) & (values < high))
        elif signed:
            wanted = count_between(values, low, high)
        else:
            wanted = np.count_nonzero((values >= low) & ((values < high) | last))
        demand(count == wanted, f"{tag}: {count} in {low}..{high}, should be {wanted}")
    demand(found["limit"] == sorted(set(found["limit"])), f"{tag}: limits do not rise")
    demand(limits[-1] >= values.max(), f"{tag}: the last limit is below the largest value")


def near(found, wanted):
    return math.isclose(found, wanted, rel_tol=1e-6, abs_tol=1e-12)


def check_distribution(values, tag, found, events):
    kind, _, layer = tag.partition("/")
    wide = values.astype(np.float64)
    demand(found["num"] == wide.size == sum(found["bucket"]), f"{tag}: n")
    demand(found["min"] == wide.min() and found["max"] == wide.max(), f"{tag}: ends")
    for name, wanted in {"sum": wide.sum(), "sum_squares": (wide ** 2).sum()}.items():
        demand(math.isclose(found[name], wanted, rel_tol=1e-9, abs_tol=1e-9), f"{tag}: {name}")
    check_buckets(tag, found, wide)
    numbers = {"rms": math.sqrt((wide ** 2).mean()), "mean": wide.mean(), "sd": wide.std()}
    for name, wanted in numbers.items():
        demand(near(events.pop(f"{kind}_{name}/{layer}"), wanted), f"{tag}: {name}")
    zeros = events.pop(f"{kind}_zero/{layer}", 0)
    demand(zeros == np.count_nonzero(wide == 0), f"{tag}: {zeros} zeros")
    events.pop(f"{kind}_underflow/{layer}", 0)


def check_step(values, arrays, layers):
    for number in range(1, layers + 2):
        hidden = number <= layers
        layer = f"layer{number:02}" if hidden else "output"
        for kind, array in ARRAYS.items():
            name = f"{array}{number}" if hidden or array != "h" else "prediction"
            tag = f"{kind}/{layer}"
            check_distribution(arrays[name].ravel(), tag, values.pop(tag), values)
        demand(values.pop(f"update_ratio/{layer}") > 0, "update ratio")
        if hidden:
            dead = (arrays[f"h{number}"] == 0).all(axis=0).mean()
            demand(near(values.pop(f"dead/{layer}"), dead), f"dead/{layer}")
            demand(0 <= values.pop(f"saturated/{layer}") <= 1, f"saturated/{layer}")
    demand(near(values.pop("loss"), arrays["loss"]), "loss")
    prediction = arrays["prediction"]
    chosen = prediction.argmax(axis=1) if prediction.shape[1] > 1 else prediction[:, 0] > 0.5
    right = (chosen == arrays["y"]).mean()
    demand(near(values.pop("accuracy"), right), "accuracy")
    for name in ["learning_rate", "test_loss", "test_accuracy"]:
        demand(values.pop(name) >= 0, name)
    demand(not values, f"nobody expected {list(values)[:5]}")


def check_events(folder, arrays, layers, steps):
    a, b = only_event_file(folder, "A"), only_event_file(folder, "B")
    demand([step for step, _ in a] == [step for step, _ in b] == list(range(int(steps))), "steps")
    demand(a[0][1]["loss"] != b[0][1]["loss"], "A and B are the same")
    for step, values in a:
        with np.load(arrays % step) as archive:
            check_step(values, archive, int(layers))


def check_events_nan(folder, count):
    [(_, values)] = only_event_file(folder, "A")
    demand(math.isnan(values["loss"]), "the loss is a number")
    demand(values["preactivations_nan/layer02"] == int(count) > 0, "NaN in z")
    wide = values["preactivations/layer02"]
    demand(sum(wide["bucket"]) == wide["num"] and math.isfinite(wide["sum"]), "the others")
    demand("activations/layer03" not in values, "a distribution of nothing")
    demand("preactivations_nan/layer01" not in values, "NaN where there is none")


# PNG ---------------------------------------------------------------------------------------------

def chunks(path):
    with open(path, "rb") as file:
        demand(file.read(8) == b"\x89PNG\r\n\x1a\n", "not a PNG")
        while True:
            length, kind = struct.unpack(">I4s", file.read(8))
            data = file.read(length)
            crc = struct.unpack(">I", file.read(4))[0]
            demand(crc == zlib.crc32(kind + data), f"wrong checksum in {kind}")
            yield kind.decode("ascii"), data
            if kind == b"IEND":
                demand(file.read() == b"", "something follows IEND")
                return


def text_of(kind, data):
    key, _, rest = data.partition(b"\0")
    if kind == "tEXt":
        demand(rest.isascii(), f"{key}: tEXt is Latin-1, not UTF-8")
        return key.decode("latin-1"), rest.decode("ascii")
    demand(rest[:4] == b"\0\0\0\0", f"{key}: compressed, or in some language")
    return key.decode("latin-1"), rest[4:].decode("utf-8")


def check_pixels(data, width, height):
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + 3 * width)
    demand(not rows[:, 0].any(), "rows are filtered")
    y, x = np.mgrid[0:height, 0:width]
    wanted = np.stack([x * 7 + y, x + y * 5, x * y], axis=2) & 255
    demand(np.array_equal(rows[:, 1:].reshape(height, width, 3), wanted), "other pixels")


def check_colour(found, scale):
    demand(found["sRGB"] == [b"\0"], "not sRGB")
    demand(found["gAMA"] == [struct.pack(">I", 45455)], "wrong gamma")
    primaries = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000]
    demand(found["cHRM"] == [struct.pack(">8I", *primaries)], "wrong primaries")
    per_metre = round(96 * scale / 0.0254)
    demand(found["pHYs"] == [struct.pack(">IIB", per_metre, per_metre, 1)], "wrong resolution")


def check_png(path, width, height, scale, *texts):
    width, height, scale = int(width), int(height), float(scale)
    found, told = {}, {}
    for kind, data in chunks(path):
        if kind in ("tEXt", "iTXt"):
            told.update([text_of(kind, data)])
        else:
            found.setdefault(kind, []).append(data)
    known = {"IHDR", "IDAT", "IEND", "sRGB", "gAMA", "cHRM", "pHYs"}
    demand(set(found) == known, f"chunks differ: {set(found) ^ known}")
    demand(found["IHDR"] == [struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)], "header")
    check_pixels(b"".join(found["IDAT"]), width, height)
    check_colour(found, scale)
    wanted = dict(zip(texts[::2], texts[1::2]))
    demand(told == wanted, f"texts: {told}, should be {wanted}")
    if shutil.which("pngcheck"):
        result = subprocess.run(["pngcheck", "-q", path], capture_output=True, text=True)
        demand(result.returncode == 0, f"pngcheck: {result.stdout}")


# SVG ---------------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def pixels_of(image):
    """Of an embedded PNG, 8 bits per channel and not interlaced."""
    head, data = image.get("{http://www.w3.org/1999/xlink}href").split(",")
    demand(head == "data:image/png;base64", f"the image is {head}")
    bytes_ = base64.b64decode(data, validate=True)
    found = {}
    at = 8
    while at < len(bytes_):
        length, kind = struct.unpack(">I4s", bytes_[at:at + 8])
        found[kind.decode()] = found.get(kind.decode(), b"") + bytes_[at + 8:at + 8 + length]
        at += 12 + length
    width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", found["IHDR"])
    demand((depth, colour) == (8, 6), "not RGBA")
    rows = np.frombuffer(zlib.decompress(found["IDAT"]), np.uint8).reshape(height, 1 + 4 * width)
    pixels = np.zeros((height, width, 4), np.uint8)
    for y, row in enumerate(rows):
        line = row[1:].reshape(width, 4)
        demand(row[0] in (0, 1, 2), "a filter that is not expected")
        left = np.zeros(4, np.uint8)
        for x in range(width):
            above = pixels[y - 1, x] if y else np.zeros(4, np.uint8)
            left = line[x] + {0: 0, 1: left, 2: above}[row[0]]
            pixels[y, x] = left
    return pixels


def check_svg(path):
    root = ElementTree.parse(path).getroot()
    demand(root.tag == SVG + "svg", f"the root is {root.tag}")
    demand((root.get("width"), root.get("height"), root.get("viewBox")) ==
           ("160", "100", "0 0 80 50"), f"size {root.attrib}")
    demand(root.find(SVG + "title").text == "step <3> & more", "the title")
    demand(root.find(SVG + "metadata").text == "layers = 3\npath = a<b&c\n", "the metadata")
    group = root.find(SVG + "g")
    demand(group.get("clip-path") == "url(#c1)", "the clip")
    demand([child.tag for child in group] ==
           [SVG + name for name in ("rect", "image", "path", "path", "text")], "the marks")
    demand(group.find(SVG + "text").text == "σ < 1 & \"τ\"", "the text")
    wanted = [0xFFFF0000, 0xFF00FF00, 0xFF0000FF, 0x80123456, 0xFF000000, 0xFFFFFFFF]
    argb = np.array([[p >> 16 & 255, p >> 8 & 255, p & 255, p >> 24] for p in wanted], np.uint8)
    demand(np.array_equal(pixels_of(group.find(SVG + "image")), argb.reshape(2, 3, 4)), "the image")
    line = group.findall(SVG + "path")[1].get("d")
    demand("nan" not in line and "inf" not in line, f"numbers: {line}")


CHECKS = {"json": check_json, "npz": check_npz, "events": check_events,
          "events_nan": check_events_nan, "png": check_png, "svg": check_svg}

if __name__ == "__main__":
    CHECKS[sys.argv[1]](*sys.argv[2:])
