"""Django settings: one process on SQLite by default, PostgreSQL by one variable.

Environment: JINGWEI_DATA (data folder), JINGWEI_DATABASE_URL, JINGWEI_HOSTS (comma-separated host
names), JINGWEI_SECURE=1 behind TLS, JINGWEI_PUBLIC_URL (what links in notices begin with).
"""

import os
from pathlib import Path

import dj_database_url

from jingwei.run import address, paths, secrets

DATA = paths.data_folder()
JINGWEI_CONTENT = paths.content_folder()
JINGWEI_DATA = DATA
JINGWEI_KEY_FILE = DATA / "secret.key"
JINGWEI_MASTER_KEY = secrets.master_key(JINGWEI_KEY_FILE)  # seals credentials
SECRET_KEY = secrets.django_key(JINGWEI_KEY_FILE)

DEBUG = False
ALLOWED_HOSTS = [
    host.strip()
    for host in os.environ.get("JINGWEI_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    if host.strip()
]
SECURE = os.environ.get("JINGWEI_SECURE") == "1"
JINGWEI_PUBLIC_URL = address.public_url(os.environ.get("JINGWEI_PUBLIC_URL", ""))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "jingwei.accounts",
    "jingwei.calendars",
    "jingwei.assets",
    "jingwei.checks",
    "jingwei.desk",
    "jingwei.emergency",
    "jingwei.contract",
    "jingwei.reports",
    "jingwei.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "jingwei.web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "jingwei.web.middleware.PlainMiddleware",
    "jingwei.web.middleware.AsOfMiddleware",
    "jingwei.web.middleware.IdleMiddleware",
    "jingwei.web.middleware.PasswordChangeMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "jingwei.run.urls"
WSGI_APPLICATION = "jingwei.run.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jingwei.web.context.page",
            ],
        },
    }
]

_URL = os.environ.get("JINGWEI_DATABASE_URL", f"sqlite:///{DATA / 'jingwei.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(_URL, conn_max_age=600)}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers queue instead of failing: IMMEDIATE takes the write lock before reading.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;"
            # A page written again and again goes into the file once in 64 MB of log, not in 4.
            "PRAGMA wal_autocheckpoint=16000; PRAGMA cache_size=-65536;"
            "PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
        ),
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None
    if DATABASES["default"]["NAME"] != ":memory:":
        paths.private(Path(DATABASES["default"]["NAME"]))

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "web/locked.html"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True  # our own chain is the record; theirs would keep typed names
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "board"
LOGOUT_REDIRECT_URL = "login"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_SAVE_EVERY_REQUEST = False
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
DATETIME_FORMAT = "Y-m-d H:i"
DATE_FORMAT = "Y-m-d"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
MEDIA_ROOT = DATA / "files"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640
LOGGING_CONFIG = None  # run.logs configures logging once, for every command
JINGWEI_OBSERVATION_DAYS = 35
JINGWEI_SYSLOG = os.environ.get("JINGWEI_SYSLOG", "")  # address:port to listen at, "" not at all
JINGWEI_REMOTE_WRITE_URL = os.environ.get("JINGWEI_REMOTE_WRITE_URL", "")  # "": nothing goes out
JINGWEI_REMOTE_WRITE_TOKEN = os.environ.get("JINGWEI_REMOTE_WRITE_TOKEN", "")
JINGWEI_REMOTE_WRITE_USER = os.environ.get("JINGWEI_REMOTE_WRITE_USER", "")
JINGWEI_REMOTE_WRITE_PASSWORD = os.environ.get("JINGWEI_REMOTE_WRITE_PASSWORD", "")
JINGWEI_TRAPS = os.environ.get("JINGWEI_TRAPS", "")
JINGWEI_TRAP_COMMUNITY = os.environ.get("JINGWEI_TRAP_COMMUNITY", "")
