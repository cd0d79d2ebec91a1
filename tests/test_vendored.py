"""What others made is served as they made it."""

import hashlib
import re

import pytest
from django.conf import settings

VENDOR = settings.BASE_DIR / "static" / "vendor"
ROW = re.compile(
    r"^\| `(?P<file>[^`]+)` \|.*`(?P<licence>[^`]+/LICENSE)` \| `(?P<sha256>[0-9a-f]{64})` \|$",
    re.MULTILINE,
)
ROWS = list(ROW.finditer((VENDOR / "VENDORED.md").read_text()))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"])
def test_a_vendored_file_is_the_one_that_was_written_down(row: re.Match[str]) -> None:
    digest = hashlib.sha256((VENDOR / row["file"]).read_bytes()).hexdigest()

    assert digest == row["sha256"]
    assert (VENDOR / row["licence"]).is_file()


def test_no_file_is_served_without_a_line() -> None:
    served = {
        str(path.relative_to(VENDOR))
        for path in VENDOR.rglob("*")
        if path.suffix not in {"", ".md"}
    }

    assert served == {row["file"] for row in ROWS}
