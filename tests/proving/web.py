"""The shop as gunicorn serves it, with a wire to every step."""

from shop.wsgi import application
from tests.proving.steps import wire

__all__ = ["application"]

wire()
