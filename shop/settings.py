"""The settings of the shop, read top to bottom, from the environment (.env.example names it all)."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import dj_database_url
from django.utils.csp import CSP

from shop.logs import logging_config
from shop.social import ORIGINS, SocialMissing, social_providers

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"


# Helpers refuse what they do not understand. A refusal is one line and exit code 1, not a traceback:
# whoever starts the shop with a wrong environment needs the sentence, not our stack.


def refuse(sentence: str) -> NoReturn:
    raise SystemExit(sentence)


def env_bool(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower() or str(default).lower()
    if value not in {"true", "false"}:
        refuse(f"{name} must be 'true' or 'false', not {value!r}.")
    return value == "true"


def env_int(name: str, default: int, *, at_least: int = 0) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit()):
        refuse(f"{name} must be a whole number, not {value!r}.")
    if int(value) < at_least:
        refuse(f"{name} must be {at_least} or more, not {value}.")
    return int(value)


def env_list(name: str) -> list[str]:
    parts = os.environ.get(name, "").split(",")
    return [part.strip() for part in parts if part.strip()]


def env_choice(name: str, choices: list[str]) -> str:
    value = os.environ.get(name, "").strip() or choices[0]
    if value not in choices:
        refuse(f"{name} must be one of {', '.join(choices)}, not {value!r}.")
    return value


def split_url(text: str) -> SplitResult | None:
    """Take an address apart; None if its host or port cannot be one."""
    try:
        parts = urlsplit(text)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


# Core

DEBUG = env_bool("DEBUG", default=False)
SECRET_KEY = os.environ.get("SECRET_KEY", "")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS")
if DEBUG:
    SECRET_KEY = SECRET_KEY or "only-for-development"
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
if not SECRET_KEY:
    refuse("SECRET_KEY is missing. Set it, or set DEBUG=true on your own machine.")
if not ALLOWED_HOSTS:
    refuse("ALLOWED_HOSTS is missing. Set it, such as ALLOWED_HOSTS=shop.example.")

# The address shoppers see: used in mails, and its scheme decides whether cookies and redirects are
# for https only. Plain http is for one's own machine.
SITE_URL = os.environ.get("SITE_URL", "").rstrip("/")
if not SITE_URL:
    host = ALLOWED_HOSTS[0].lstrip(".*") or "localhost"
    SITE_URL = "http://127.0.0.1:8000" if DEBUG else f"https://{host}"
site = split_url(SITE_URL)
if site is None or site.scheme not in {"http", "https"} or not site.hostname or site.path:
    refuse(f"SITE_URL must look like https://shop.example, not {SITE_URL!r}.")
SECURE = SITE_URL.startswith("https://")

# A demo shows its own mails and names its staff login: never true for a shop that sells.
DEMO = env_bool("DEMO", default=False)

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "shop",
    "accounts",
    "catalog",
    "cart",
    "orders",
    "reviews",
    "shop.admin_site.ShopAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "mptt",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "django_htmx",
    "django_countries",
    "imagekit",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "django_structlog",
]

MIDDLEWARE = [
    "shop.middleware.RequestLogMiddleware",
    # Around all that takes longer for one address than for another, such as keeping a session.
    "accounts.middleware.EvenPaceMiddleware",
    "shop.middleware.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "shop.middleware.TooLargeMiddleware",
    "shop.middleware.ReadableInputMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.PrivateMiddleware",
    "accounts.middleware.LastSeenMiddleware",
    "accounts.middleware.WrongFormMiddleware",
    "shop.middleware.StaffHistoryMiddleware",
    "shop.middleware.TooSlowMiddleware",
    "shop.middleware.WrongMethodMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "shop.templatetags.shop",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shop.context_processors.shop",
                "catalog.context_processors.navigation",
                "cart.context_processors.cart",
            ],
        },
    },
]

# Forms are drawn by templates/django/forms/, so {{ form }} is in the shop's look.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Data

CONN_MAX_AGE = env_int("CONN_MAX_AGE", 60)


def database() -> dict[str, Any]:
    """The server DATABASE_URL names, or the embedded one."""
    if url := os.environ.get("DATABASE_URL"):
        # The address holds a password, so the refusal does not repeat it.
        parts = split_url(url)
        if not parts or parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
            refuse(
                "DATABASE_URL must name a PostgreSQL database: postgres://user:secret@host/name."
            )
        found: dict[str, Any] = dict(
            **dj_database_url.parse(url, conn_max_age=CONN_MAX_AGE, conn_health_checks=True)
        )
        found["OPTIONS"] = {**found.get("OPTIONS", {})}
    else:
        data = Path(os.environ.get("EMBEDDED_POSTGRES_DIR") or VAR_DIR / "pg18")
        durable = env_bool("EMBEDDED_POSTGRES_DURABLE", default=True)
        found = {
            "ENGINE": "shop.postgres",
            "NAME": "shop",
            "CONN_MAX_AGE": CONN_MAX_AGE,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"embedded": {"data": data.absolute(), "durable": durable}},
        }
    # No page may hold a lock, or a connection, for as long as a stuck browser likes.
    limits = {
        "statement_timeout": env_int("STATEMENT_TIMEOUT", 30),
        "lock_timeout": env_int("LOCK_TIMEOUT", 10),
        "idle_in_transaction_session_timeout": env_int("IDLE_IN_TRANSACTION_TIMEOUT", 60),
    }
    # Compiling the short queries of a page takes far longer than running them.
    options = ["-c jit=off", *(f"-c {k}={v}s" for k, v in limits.items())]
    found["OPTIONS"].setdefault("options", " ".join(options))
    return found


DATABASES = {"default": database()}

CACHES: dict[str, dict[str, Any]] = {
    "default": {
        # The table is made by a migration of this app.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "shop_cache",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
}
if REDIS_URL := os.environ.get("REDIS_URL"):
    if not find_spec("redis"):
        refuse("REDIS_URL is set, but the package is missing: pip install redis.")
    if not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
        refuse("REDIS_URL must look like redis://host:6379/0.")
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "shop",
    }

# Jobs

TASKS_BACKENDS = {
    "procrastinate": "shop.jobs.ProcrastinateBackend",
    "immediate": "shop.jobs.AfterCommitBackend",
}
TASKS = {
    "default": {
        "BACKEND": TASKS_BACKENDS[env_choice("TASKS", list(TASKS_BACKENDS))],
        "QUEUES": [],
    },
}
PROCRASTINATE_IMPORT_PATHS = ["shop.jobs"]
PROCRASTINATE_WORKER_DEFAULTS = {
    "concurrency": env_int("WORKER_CONCURRENCY", 4, at_least=1),
    "delete_jobs": "successful",
    "shutdown_graceful_timeout": 20,
}

# Mail


def mailer(url: str) -> dict[str, Any]:
    """smtp://user:secret@host:587?tls=true, smtps://…:465, or file:///folder."""
    parts = split_url(url)
    if parts and parts.scheme == "file" and parts.path:
        return {"BACKEND": "shop.mailers.FolderMailer", "OPTIONS": {"folder": unquote(parts.path)}}
    if not parts or parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        refuse("MAIL_URL must look like smtp://user:secret@host:587?tls=true or file:///folder.")
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    # Misspelt, it would send the password of the mail server in the clear.
    if asked not in ({}, {"tls": "true"}, {"tls": "false"}):
        refuse("MAIL_URL may end in ?tls=true or ?tls=false, and in nothing else.")
    is_tls = asked.get("tls") == "true"
    options = {
        "host": parts.hostname,
        "port": parts.port or {"smtp": 25, "smtps": 465}[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": is_tls and parts.scheme == "smtp",
        "use_ssl": parts.scheme == "smtps",
        "timeout": 10,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}


MAILERS = {"default": mailer(os.environ.get("MAIL_URL") or f"file://{VAR_DIR / 'mail'}")}
DEFAULT_FROM_EMAIL = os.environ.get("MAIL_FROM") or f"shop@{urlsplit(SITE_URL).hostname}"
if "@" not in DEFAULT_FROM_EMAIL:
    refuse(f"MAIL_FROM must be a mail address, not {DEFAULT_FROM_EMAIL!r}.")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Accounts: the address is the name, and no page tells whether an address has an account.

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    # The list of 20 000 that comes with Django, also with digits and signs put around a word of it.
    # What a password is made of is for its owner to say: length is what counts.
    {"NAME": "accounts.passwords.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:overview"
LOGOUT_REDIRECT_URL = "catalog:home"

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
# Only with a mail to follow can signing up answer alike, whether or not the address has an account.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# By a code that is typed where one signed up: no mail scanner confirms it, and no other browser.
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_ADAPTER = "accounts.adapter.ShopAccountAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.entrance.SignInForm",
    "signup": "accounts.entrance.SignUpForm",
    "reset_password": "accounts.entrance.ForgottenPasswordForm",
    "reset_password_from_key": "accounts.entrance.NewPasswordForm",
    "set_password": "accounts.entrance.FirstPasswordForm",
    "change_password": "accounts.entrance.ChangePasswordForm",
    "reauthenticate": "accounts.entrance.StillYouForm",
    "request_login_code": "accounts.entrance.AskForCodeForm",
    "confirm_login_code": "accounts.entrance.LoginCodeForm",
    "confirm_email_verification_code": "accounts.entrance.EmailCodeForm",
}
# Beside allauth's own limits, which are kept in the cache and so hold for all processes. Codes are
# tried for a cart, and whoever throws the cart away has the same address still. Photos cost work.
ACCOUNT_RATE_LIMITS = {
    "coupon": "10/10m/key,10/10m/ip",
    "gift_card": "10/10m/key,10/10m/ip",
    "review_photos": "20/h/key,40/h/ip",
}
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if SECURE else "http"
# Whoever is signed in is asked again before what changes who can get into the account.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
PASSWORD_RESET_TIMEOUT = 24 * 3600
# Pages that could tell by the clock whether there is an account answer at whole multiples of this,
# which is well above what they take.
EVEN_PACE_SECONDS = 0.3

# Passkeys, authenticator apps and recovery codes.

MFA_ADAPTER = "accounts.second_factor.ShopMFAAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
# A passkey stands for a password and a second step at once, so it has to know its owner.
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# A clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "accounts.entrance.SecondStepForm",
    "authenticate_webauthn": "accounts.entrance.SecondStepPasskeyForm",
    "reauthenticate": "accounts.entrance.StillYouCodeForm",
    "reauthenticate_webauthn": "accounts.entrance.StillYouPasskeyForm",
    "login_webauthn": "accounts.entrance.PasskeySignInForm",
    "signup_webauthn": "accounts.entrance.FirstPasskeyForm",
    "add_webauthn": "accounts.entrance.NewPasskeyForm",
    "edit_webauthn": "accounts.entrance.PasskeyNameForm",
    "activate_totp": "accounts.entrance.NewAppForm",
}
# Staff come into the admin with a second factor only. A demo, and your own machine, do without.
STAFF_SECOND_FACTOR = env_bool("STAFF_SECOND_FACTOR", default=not (DEBUG or DEMO))

# Google, Apple, GitHub: whichever the environment names. Their word on an address is taken only for a
# new account: to one that is there, a service is added by somebody who is signed in.

try:
    SOCIALACCOUNT_PROVIDERS = social_providers(dict(os.environ))
except SocialMissing as missing:
    refuse(str(missing))
INSTALLED_APPS += [f"allauth.socialaccount.providers.{name}" for name in SOCIALACCOUNT_PROVIDERS]
SOCIALACCOUNT_ADAPTER = "accounts.adapter.ShopSocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_FORMS = {
    "signup": "accounts.entrance.SocialSignUpForm",
    "disconnect": "accounts.entrance.DisconnectForm",
}

# How many proxies stand between the shop and its shoppers. They are believed about scheme and client.
PROXIES = env_int("PROXIES", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Who is asked whether a VAT number exists, beside what its own digits tell.
VAT_REGISTERS = {"none": "", "vies": "accounts.vat.Vies"}
VAT_REGISTER = VAT_REGISTERS[env_choice("VAT_REGISTER", list(VAT_REGISTERS))]

# Payment

# Stripe: both secrets or none. With one of them shoppers would pay and the shop not hear of it.
STRIPE_SECRET_KEY = os.environ.get("STRIPE_SECRET_KEY", "").strip()
STRIPE_WEBHOOK_SECRET = os.environ.get("STRIPE_WEBHOOK_SECRET", "").strip()
if STRIPE_SECRET_KEY and not STRIPE_SECRET_KEY.startswith(("sk_", "rk_")):
    refuse("STRIPE_SECRET_KEY must begin with sk_ or rk_.")
if STRIPE_WEBHOOK_SECRET and not STRIPE_WEBHOOK_SECRET.startswith("whsec_"):
    refuse("STRIPE_WEBHOOK_SECRET must begin with whsec_.")
if STRIPE_SECRET_KEY and not STRIPE_WEBHOOK_SECRET:
    refuse("STRIPE_WEBHOOK_SECRET is missing. It is told where the webhook is set up at Stripe.")
if STRIPE_WEBHOOK_SECRET and not STRIPE_SECRET_KEY:
    refuse("STRIPE_SECRET_KEY is missing, though STRIPE_WEBHOOK_SECRET is set.")
# When the money is taken: at once, or when the first parcel leaves.
STRIPE_CAPTURE = env_choice("STRIPE_CAPTURE", ["automatic", "manual"])
# Another address than Stripe's own is for tests.
STRIPE_API_BASE = os.environ.get("STRIPE_API_BASE") or "https://api.stripe.com"

# How many requests a web process answers at once.
WEB_THREADS = env_int("WEB_THREADS", 4, at_least=1)

# Beyond so many orders, or payments that failed, of one machine or address in an hour, whoever tries
# once more has to wait a little. 0: never.
CHALLENGE_AFTER_ORDERS = env_int("CHALLENGE_AFTER_ORDERS", 10)
CHALLENGE_AFTER_FAILURES = env_int("CHALLENGE_AFTER_FAILURES", 5)

# Named in the order in which shoppers are offered them. The demo provider lets anybody pay with
# nothing, so it is offered only where nothing is sold.
PAYMENT_PROVIDERS = env_list("PAYMENT_PROVIDERS") or [
    *(["stripe"] if STRIPE_SECRET_KEY else []),
    *(["demo"] if DEMO or DEBUG else []),
    *["transfer", "pickup"],
]
for name in PAYMENT_PROVIDERS:
    if name not in {"stripe", "demo", "transfer", "pickup"}:
        refuse(f"PAYMENT_PROVIDERS may name stripe, demo, transfer and pickup, not {name!r}.")
if "stripe" in PAYMENT_PROVIDERS and not STRIPE_SECRET_KEY:
    refuse("PAYMENT_PROVIDERS names stripe, but STRIPE_SECRET_KEY is missing.")

# Words and time

LANGUAGE_CODE = os.environ.get("LOCALE") or "en"
LANGUAGES = [("en", "English")]
if LANGUAGE_CODE not in dict(LANGUAGES):
    refuse(f"LOCALE must be one of {', '.join(dict(LANGUAGES))}, not {LANGUAGE_CODE!r}.")
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["shop.formats"]
TIME_ZONE = os.environ.get("TIME_ZONE") or "UTC"
try:
    ZoneInfo(TIME_ZONE)
except (ZoneInfoNotFoundError, ValueError, OSError):
    refuse(f"TIME_ZONE must be one such as Europe/Berlin, not {TIME_ZONE!r}.")
USE_TZ = True

# Static files and pictures

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "shop.joined.JoinedFilesFinder",
]
# Pictures are served by a view of the catalogue, in named sizes only.
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT") or VAR_DIR / "media")
MEDIA_URL = "/media/"
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}

# History names who changed what. Reading changes nothing, so it must not make us look up who reads:
# that alone would open the session of every page and picture.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# Security

SECURE_CSP: dict[str, list[str]] = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    # A form that leads to another service passes by ours, and the policy looks at where it ends.
    "form-action": [CSP.SELF, *(ORIGINS[name] for name in SOCIALACCOUNT_PROVIDERS)],
    "manifest-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "object-src": [CSP.NONE],
    "require-trusted-types-for": ["'script'"],
    "trusted-types": ["htmx"],
}
# What no page of the shop, and no frame in one, may ask a browser for.
PERMISSIONS_POLICY = [
    *("accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation"),
    *("gyroscope", "magnetometer", "microphone", "midi", "payment", "usb", "xr-spatial-tracking"),
]
SECURE_SSL_REDIRECT = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
# Over https, names that a browser takes only from this very host: no neighbour can plant one.
if SECURE:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_AGE = 30 * 24 * 3600
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "shop.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000

# Logs: no address, no name, no query and no secret link (shop.logs says how).

DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOG_LEVEL = env_choice("LOG_LEVEL", ["INFO", "DEBUG", "WARNING", "ERROR"])
LOGGING = logging_config(readable=DEBUG, level=LOG_LEVEL)

# The toolbar of `make dev` writes inline styles and HTML by script, so the policy steps back for it.

INTERNAL_IPS = ["127.0.0.1", "::1"]
TOOLBAR = env_bool("TOOLBAR", default=False)
if TOOLBAR and not DEBUG:
    refuse("TOOLBAR=true needs DEBUG=true.")
if TOOLBAR and "pytest" not in sys.modules:
    INSTALLED_APPS.append("debug_toolbar")
    # It adds itself to what is not compressed yet.
    compress = MIDDLEWARE.index("django.middleware.gzip.GZipMiddleware")
    MIDDLEWARE.insert(compress + 1, "debug_toolbar.middleware.DebugToolbarMiddleware")
    SECURE_CSP = {
        **{k: v for k, v in SECURE_CSP.items() if "trusted-types" not in k},
        "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
        "script-src": [CSP.SELF, CSP.NONCE],
    }
