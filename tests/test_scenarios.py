"""What docs/scenarios.md says is shown by a test is shown by one."""

import re

from django.conf import settings

ROW = re.compile(r"^\| (?!what \| |---)(.+) \| (.+) \|$", re.MULTILINE)


def test_every_scenario_names_a_test_that_exists_or_a_reason() -> None:
    page = (settings.BASE_DIR / "docs/scenarios.md").read_text()
    tests = {
        name
        for path in (settings.BASE_DIR / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    rows = ROW.findall(page)

    named = {name for _what, shown in rows for name in re.findall(r"`(test_\w+)`", shown)}

    assert named <= tests
    assert len(rows) == sum(
        int(count) for count in re.findall(r"^## .*\((\d+)\)$", page, re.MULTILINE)
    )
