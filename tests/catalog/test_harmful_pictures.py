"""
A small file that would fill the memory, and a file that is something else, is an error in the form.

Each goes through the form's field in a process of its own, which tells how much memory and processor
time that cost, with those of the processes it started: the machine of the tests is often busy, and its
clock says little.
"""

import gzip
import io
import json
import subprocess
import sys
import zlib

import pytest
from PIL import Image as Pillow

from catalog import images
from tests.catalog.drawing import (
    avif,
    drawn,
    film,
    flat,
    gif,
    lying_avif,
    many_scans,
    pixels,
    png,
    webp,
)

MOST_MEMORY = 100  # MB above what the process had.
MOST_TIME = 1.0

JUDGE = """
import django, json, os, resource, sys
from pathlib import Path
django.setup()
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from catalog import images
from catalog.admin.image import PictureField

def processor():
    return sum(os.times()[:4])

def memory():
    return sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))

def judge(content):
    began, before = processor(), memory()
    try:
        PictureField().clean(SimpleUploadedFile("mug.jpg", content))
        said = "taken"
    except ValidationError as refusal:
        said = refusal.messages[0]
    return said, (memory() - before) / 1024, processor() - began

judge(Path(sys.argv[1], "warm").read_bytes())  # Decoders are loaded at the first picture.
for path in sorted(Path(sys.argv[1]).glob("*.file")):
    if not os.fork():  # What one costs must not hide what the next one does.
        images.SPARSE = 10**9 if "unlimited" in path.name else images.SPARSE
        if "trusted" in path.name:
            images.keeps_its_word = lambda raw, memory: True
        path.with_suffix(".json").write_text(json.dumps(judge(path.read_bytes())))
        os._exit(0)
    os.wait()
"""

SVG = (
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><rect width='9' height='9'/></svg>"
)
TOO_MANY = "more than {} megapixels"
FAR_TOO_MANY = "The picture has too many pixels."
TOO_FLAT = "too many pixels for what is in it"
NONE = "no picture that can be read"
LIE = "larger than it says"

HARMFUL = {
    "a PNG of 900 megapixels": (lambda: png(30000, 30000, pixels(10, 10)), FAR_TOO_MANY),
    "a flat PNG of 39 megapixels": (lambda: png(6200, 6300, pixels(6200, 6300)), TOO_FLAT),
    "a WebP of 67 megapixels in 34 bytes": (lambda: webp(16383, 4095), TOO_MANY.format(20)),
    "a WebP of 19 megapixels in 34 bytes": (lambda: webp(16383, 1200), TOO_FLAT),
    "an AVIF of 19 megapixels": (lambda: avif(4400, 4400), TOO_FLAT),
    "an AVIF of 100 megapixels that says it has few": (lambda: lying_avif(64), LIE),
    "an AVIF of 100 megapixels that says it has 5": (lambda: lying_avif(2300), LIE),
    "half an AVIF": (lambda: drawn(600, 600, "AVIF").getvalue()[:1000], NONE),
    "a flat JPEG of 39 megapixels": (lambda: flat(6200, 6300, "JPEG", "L"), TOO_FLAT),
    "a JPEG of a thousand scans": (lambda: many_scans(3000, 3000, 1000), "takes too long"),
    "a GIF with a frame of 3,600 megapixels": (lambda: gif(60000, 60000), FAR_TOO_MANY),
    "a PNG with 200 MB of text": (
        lambda: png(1, 1, (b"zTXt", b"a\0\0" + zlib.compress(bytes(200_000_000))), pixels(1, 1)),
        NONE,
    ),
    "a PNG with a thousand texts": (
        lambda: png(1, 1, *[(b"zTXt", b"a\0\0" + zlib.compress(bytes(999_999)))] * 1000),
        NONE,
    ),
    "a PNG with a profile of 200 MB": (
        lambda: png(1, 1, (b"iCCP", b"a\0\0" + zlib.compress(bytes(200_000_000))), pixels(1, 1)),
        NONE,
    ),
    "half a photograph": (lambda: drawn(2000, 2000).getvalue()[:20_000], NONE),
    "a drawing in XML": (lambda: SVG, NONE),
    "a drawing in XML, packed": (lambda: gzip.compress(SVG), NONE),
    "a page of HTML that begins as a picture": (lambda: b"GIF89a<script>alert(1)</script>", NONE),
    "nothing but zeros": (lambda: bytes(5_000_000), NONE),
}
HARMLESS = {
    "a film of 500 frames": lambda: film(500, 400, 400),
    "a flat drawing of 15 megapixels": lambda: png(3000, 5000, pixels(3000, 5000)),
}


UNLIMITED = "a flat WebP, unlimited"
TRUSTED = "a lying AVIF, trusted"


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """What the form said to each, the memory in MB and the seconds that it cost."""
    folder = tmp_path_factory.mktemp("files")
    makers = {name: make for name, (make, _words) in HARMFUL.items()} | HARMLESS
    makers |= {UNLIMITED: lambda: webp(16383, 1200), TRUSTED: lambda: lying_avif(64)}
    (folder / "warm").write_bytes(drawn(kind="WEBP").getvalue())
    for name, make in makers.items():
        (folder / f"{name}.file").write_bytes(make())
    subprocess.run([sys.executable, "-c", JUDGE, folder], check=True, timeout=300)
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in makers}


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_file_is_an_error_in_the_form(name, judged):
    said, memory, took = judged[name]

    assert HARMFUL[name][1] in said
    assert memory < MOST_MEMORY
    assert took < MOST_TIME


@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_looks_harmful_is_taken_and_costs_little(name, judged):
    said, memory, _took = judged[name]

    assert said == "taken"
    assert memory < MOST_MEMORY


@pytest.mark.parametrize("name", [UNLIMITED, TRUSTED])
def test_a_harmful_file_would_do_harm(name, judged):
    """That the figures above are small is no mistake in measuring: without the limits they are not."""
    said, memory, _took = judged[name]

    assert said == "taken"
    assert memory > MOST_MEMORY


def test_limits_keep_what_a_camera_makes():
    images.clean(io.BytesIO(drawn(6000, 4000, quality=95).getvalue()))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_limits_keep_an_avif_that_is_as_large_as_it_says(mode):
    noise = Pillow.effect_noise((2600, 1800), 80).convert(mode)
    file = io.BytesIO()
    noise.save(file, "AVIF", speed=10, quality=90, subsampling="4:4:4")
    file.seek(0)
    assert images.clean(file).width == 2560
