"""The wires of `make prove` lead to functions that are there, and nothing of the shop knows of them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

PROGRAM = """
import django; django.setup()
from tests.proving import steps
from orders.payments.base import Provider
steps.wire()
steps.light("K7")
try:
    Provider.start(None, None, return_url="", webhook_url="")
except BaseException as problem:
    print("lived through", problem)
"""


def test_who_comes_to_a_step_with_a_lit_fuse_is_killed(tmp_path, monkeypatch):
    monkeypatch.setenv("FUSE", str(tmp_path / "fuse"))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.settings")
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (-9, ""), done.stderr
    assert not (tmp_path / "fuse").exists()


def test_nothing_of_the_shop_knows_of_the_steps():
    for app in ("shop", "accounts", "catalog", "cart", "orders", "reviews"):
        for path in (ROOT / app).rglob("*.py"):
            assert "tests.proving" not in path.read_text(), path
