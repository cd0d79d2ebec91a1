"""
An AVIF is decoded for the first time where it can do no harm.

It tells its size twice: around its pixels, where Pillow reads it, and in them, where the decoder does. A file of a
thousand bytes that says 64 × 64 can hold 144 megapixels. So a process of its own decodes it first, and gets the
memory that the size told is worth; where the system knows no such limit, it only decodes twice.
"""

import io
import resource
import subprocess
import sys

from PIL import AvifImagePlugin
from PIL import Image as Pillow

OWN_MEMORY = 24 * 1024 * 1024  # Bytes that the process has without any pixels, and some to spare.


def keeps_its_word(raw: bytes, memory: int) -> bool:
    """Can it be decoded in so many bytes beside its own? Also False where it cannot be decoded at all."""
    limit = str(OWN_MEMORY + 2 * len(raw) + memory)
    trial = [sys.executable, "-P", __file__, limit]
    return subprocess.run(trial, input=raw, capture_output=True, check=False).returncode == 0


def decode(limit: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # Each has memory of its own.
    with Pillow.open(io.BytesIO(sys.stdin.buffer.read()), formats=["AVIF"]) as picture:
        picture.load()


if __name__ == "__main__":
    decode(int(sys.argv[1]))
