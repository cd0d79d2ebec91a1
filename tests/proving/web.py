"""
The shop as gunicorn serves it, with a wire to every step.

PROVE_DATABASE names another database than the shop's, UNPROTECTED a race whose protection is taken out.
"""

import os
from importlib import import_module

from shop import settings
from tests.proving.steps import wire

settings.DATABASES["default"]["NAME"] = os.environ.get("PROVE_DATABASE", "shop")
application = import_module("shop.wsgi").application
wire()
if race := os.environ.get("UNPROTECTED"):
    import_module("tests.proving.unprotected").UNPROTECT[race]()
