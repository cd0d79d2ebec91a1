"""How gunicorn serves the shop: `gunicorn --config python:shop.gunicorn shop.wsgi`."""

import os
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")

# Read here, in the one process that comes first, so that a wrong environment is told once.
from shop import settings

wsgi_app = "shop.wsgi"
# Loaded once and shared by the workers: half the start, and half the memory.
preload_app = True
bind = os.environ.get("BIND") or f"0.0.0.0:{settings.env_int('PORT', 8000)}"
worker_class = "gthread"
workers = settings.env_int("WEB_CONCURRENCY", 2, at_least=1)
threads = settings.WEB_THREADS
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
# Beats are written to a file, which a slow disk would hold up.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
# It would open a socket for remote control in the home folder.
control_socket_disable = True
# Each request has its line in the shop's own log, without addresses.
accesslog = None
loglevel = "warning"
