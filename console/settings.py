"""How the app is run. The only reader of the environment; sections in the order of a request."""

from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from console.database_options import POSTGRESQL, SQLITE
from console.logs import logging_config

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
BUNDLED = Path(__file__).resolve().parent / "_bundled"
ASSETS = BASE_DIR if (BASE_DIR / "templates").is_dir() else BUNDLED

# --- What this process is -------------------------------------------------------------------

PRODUCTION = env.bool("WAYBILL_PRODUCTION", default=False)
DEBUG = False
VAR = Path(env.str("WAYBILL_VAR", default=str(BASE_DIR / "var")))

if PRODUCTION and (env.str("WAYBILL_FAILPOINTS", "") or env.str("WAYBILL_FAILPOINTS_LOG", "")):
    raise ImproperlyConfigured("Failpoints are for tests: unset WAYBILL_FAILPOINTS in production.")

# --- Secrets: two keys, never the same ------------------------------------------------------

SECRET_KEY = env.str("WAYBILL_SECRET_KEY", default="" if PRODUCTION else "for development only")
# Base64 of 32 bytes each, newest first: the first one seals, all of them open.
KEY_ENCRYPTION_KEYS = env.list(
    "WAYBILL_KEY_ENCRYPTION_KEYS",
    default=[] if PRODUCTION else ["ZGV2ZWxvcG1lbnQga2V5LCBub3QgYSBzZWNyZXQgISE="],
)
if not SECRET_KEY or not KEY_ENCRYPTION_KEYS:
    raise ImproperlyConfigured("Set WAYBILL_SECRET_KEY and WAYBILL_KEY_ENCRYPTION_KEYS.")
if SECRET_KEY in KEY_ENCRYPTION_KEYS:
    raise ImproperlyConfigured("Credentials need a key of their own, not WAYBILL_SECRET_KEY.")

# --- Application ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "console",
    "inference",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "template_partials",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
]
AUTH_USER_MODEL = "inference.User"
ROOT_URLCONF = "console.urls"
WSGI_APPLICATION = "console.wsgi.application"
ASGI_APPLICATION = "console.asgi.application"
MIDDLEWARE = [
    "console.request_log.RequestLogMiddleware",
    "console.client_address.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "console.compression.PageCompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "console.plain_text.PlainTextMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ASSETS / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": [
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "inference.web.tags",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR / 'waybill.sqlite3'}"),
}
# Where notices are heard; needed when a pooler stands before PostgreSQL, which cannot LISTEN. One
# that lends connections to transactions and knows no prepared statements needs
# WAYBILL_DATABASE_PREPARES=off as well.
LISTEN_DATABASE_URL = env.str("WAYBILL_LISTEN_DATABASE_URL", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATABASES["default"]["OPTIONS"] = SQLITE
else:
    # Celery closes its connection after each task: back into the pool of the process, which opens
    # one in a few milliseconds and lends one in none.
    DATABASES["default"]["OPTIONS"] = {
        **POSTGRESQL,
        "pool": {"min_size": 1, "max_size": env.int("WAYBILL_DATABASE_POOL", default=32)},
    }
    if not env.bool("WAYBILL_DATABASE_PREPARES", default=True):
        DATABASES["default"]["OPTIONS"]["prepare_threshold"] = None
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Tasks ----------------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("WAYBILL_BROKER_URL", default="memory://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"polling_interval": 0.02}  # the default of one second would be the latency of every wake-up
    if CELERY_BROKER_URL.startswith("memory:")
    else {
        "visibility_timeout": 120,
        "socket_keepalive": True,
        "health_check_interval": 15,
        "socket_timeout": 5,
        "socket_connect_timeout": 3,
        # A wake-up that cannot be sent is left to the sweeper; kombu would try for six seconds.
        "max_retries": 0,
    }
)

# --- Delivery: seconds that hold together (a write has less than a lease has left) ----------

LEASE = timedelta(seconds=env.float("WAYBILL_LEASE_SECONDS", default=30))
SWEEP_EVERY = timedelta(seconds=env.float("WAYBILL_SWEEP_SECONDS", default=1))
TASK_DEADLINE = timedelta(seconds=env.float("WAYBILL_TASK_SECONDS", default=45))
WRITE_DEADLINE = timedelta(seconds=env.float("WAYBILL_WRITE_SECONDS", default=10))
WATCHDOG = timedelta(seconds=env.float("WAYBILL_WATCHDOG_SECONDS", default=60))
# What is told of a pod after its last change, before it counts as lasting.
SETTLE = timedelta(seconds=env.float("WAYBILL_SETTLE_SECONDS", default=20))
PROBE_EVERY = timedelta(seconds=env.float("WAYBILL_PROBE_SECONDS", default=30))

# How often the metrics source of a cluster is asked; readings are stale after 30 s.
MEASURE_EVERY = timedelta(seconds=env.float("WAYBILL_MEASURE_SECONDS", default=10))

# --- Simulated clusters ---------------------------------------------------------------------

# The folder where each simulated cluster of a demo writes down what it was asked.
SIMULATOR_JOURNALS = env.str("WAYBILL_SIMULATOR_JOURNALS", default="")

# --- Egress ---------------------------------------------------------------------------------

# Ranges beyond those that an administrator has entered; the demo adds 127.0.0.0/8 as rows.
EGRESS_RANGES = [ip_network(text) for text in env.list("WAYBILL_EGRESS_RANGES", default=[])]

# --- Prices ---------------------------------------------------------------------------------

# What the prices of pools are in. Nothing is converted.
CURRENCY = env.str("WAYBILL_CURRENCY", default="USD")

# --- Web ------------------------------------------------------------------------------------

ALLOWED_HOSTS = env.list(
    "WAYBILL_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver"]
)
CSRF_TRUSTED_ORIGINS = env.list("WAYBILL_TRUSTED_ORIGINS", default=[])
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())
CSRF_COOKIE_HTTPONLY = False
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("WAYBILL_BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Proxies that tell by X-Forwarded-For whom they speak for; failures to sign in are counted there.
PROXY_RANGES = [ip_network(text) for text in env.list("WAYBILL_PROXY_RANGES", default=[])]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "web:sign-in"
LOGIN_REDIRECT_URL = "web:home"
CSRF_FAILURE_VIEW = "inference.web.problems.csrf_failed"

# --- REST -----------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "inference.api.authentication.TokenAuthentication",
        "inference.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["inference.api.permissions.SignedIn"],
    "DEFAULT_RENDERER_CLASSES": ["inference.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["inference.api.parsing.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "inference.api.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "inference.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Waybill",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
}

# --- Time, language, files, logs ------------------------------------------------------------

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of one that is not there
STATICFILES_DIRS = [ASSETS / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "console.joined.JoinedFiles",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
LOGGING_CONFIG = None
logging_config(
    json=env.bool("WAYBILL_LOG_JSON", default=PRODUCTION),
    level=env.str("WAYBILL_LOG_LEVEL", default="INFO"),
)
