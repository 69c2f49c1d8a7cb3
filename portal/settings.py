"""Settings of the portal. Values come from the environment; README.md has the table."""

import os
from pathlib import Path

import environ
import structlog
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# --- Which kind of instance ------------------------------------------------------------------
# DEMO shows demo logins, a mailbox page and mails in the terminal, and makes its own secret.
DEMO = env.bool("DEMO", default=False)
DEBUG = env.bool("DEBUG", default=False)
TESTING = "PYTEST_VERSION" in os.environ  # set by pytest, inherited by children
PRODUCTION = not (DEMO or DEBUG or TESTING)

PORTAL_URL = env.str("PORTAL_URL", default="http://localhost:8000").rstrip("/")
HTTPS = PORTAL_URL.startswith("https://")
PORTAL_HOST = PORTAL_URL.split("://", 1)[-1].split("/", 1)[0]


SECRET_KEY_LENGTH = 50


def _secret_key() -> str:
    """SECRET_KEY from the environment; outside production a generated one kept in var/."""
    if key := env.str("SECRET_KEY", default=""):
        if PRODUCTION and len(key) < SECRET_KEY_LENGTH:
            raise ImproperlyConfigured(
                f"SECRET_KEY is shorter than {SECRET_KEY_LENGTH} characters."
            )
        return str(key)
    stored = VAR_DIR / "secret_key"
    if stored.is_file() and not PRODUCTION:
        return stored.read_text(encoding="ascii").strip()
    if PRODUCTION:
        raise ImproperlyConfigured(
            "SECRET_KEY is missing. Set it in the environment (50 random characters), "
            "or DEMO=1 for a demo instance."
        )
    return "only-for-tests-and-debugging-" + "x" * 30


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[PORTAL_HOST.rsplit(":", 1)[0]])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PORTAL_URL])

# --- Applications ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "portal.accounts",
    "checklists",
    "reports",
    "portal",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "auditlog",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.RefuseNulBytes",
    "portal.middleware.PlainWords",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "portal.middleware.SecondFactor",
    "portal.middleware.PrivatePages",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.pages.site_context",
                "reports.ordered.context",
            ],
            "builtins": ["checklists.templatetags.marks"],
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- Database --------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=600)
_database["CONN_HEALTH_CHECKS"] = True
if _database["ENGINE"].endswith("sqlite3"):
    # One writer at a time that waits its turn, instead of "database is locked".
    _database.setdefault("OPTIONS", {}).update(
        transaction_mode="IMMEDIATE",
        timeout=20,
        init_command="PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    )
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PRESENCE_DIR = VAR_DIR / "presence"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        # Beyond this the oldest are dropped, and with them what counts tries.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Who is on a page just now (checklists/presence.py): in no table, shared between processes.
    "presence": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": PRESENCE_DIR,
        "TIMEOUT": 60,
    },
}

# --- Accounts --------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["portal.accounts.sessions.Backend"]
SESSION_ENGINE = "portal.accounts.sessions"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "portal.accounts.forms.SignupForm"
ACCOUNT_FORMS = {
    "login": "portal.accounts.login_forms.LoginForm",
    "reauthenticate": "portal.accounts.login_forms.ReauthenticateForm",
    "change_password": "portal.accounts.login_forms.ChangePasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 900
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Gegenstrom"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
# From consultants and operators: what they see does not belong to them (portal/middleware.py).
SECOND_FACTOR_REQUIRED = env.bool("SECOND_FACTOR_REQUIRED", default=PRODUCTION)

# --- Audit trail for the operator: changes of authority only, never what people wrote ----------
AUDITLOG_INCLUDE_TRACKING_MODELS = (
    {"model": "accounts.Membership", "exclude_fields": ["visited_at"]},
    {"model": "accounts.Invitation", "include_fields": ["role", "accepted_at", "withdrawn_at"]},
    {
        "model": "accounts.Engagement",
        "exclude_fields": ["email", "message", "seen", "visited_at"],
    },
    {"model": "reports.Share", "exclude_fields": ["purpose", "token_hash", "password"]},
)
AUDITLOG_DISABLE_REMOTE_ADDR = True

# --- Browser side ----------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS and env.bool("SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "display-capture")
}
CSRF_FAILURE_VIEW = "portal.pages.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400

# --- Language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "de"
LANGUAGES = [("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Berlin"
USE_TZ = True

# --- Files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
# Third-party files are installed into var/vendor from package-lock.json, never kept in git.
STATICFILES_DIRS = [BASE_DIR / "static", ("vendor", BASE_DIR / "var" / "vendor")]
STORAGES = {
    "default": {
        "BACKEND": env.str(
            "STORAGE_BACKEND", default="django.core.files.storage.FileSystemStorage"
        ),
        "OPTIONS": env.json(
            "STORAGE_OPTIONS",
            default={"location": env.str("MEDIA_ROOT", default=str(VAR_DIR / "files"))},
        ),
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600  # reports are for this process alone
FILE_UPLOAD_HANDLERS = [
    "portal.uploads.CutOff",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
WHITENOISE_MAX_AGE = 31_536_000 if not (TESTING or DEBUG) else 0

# --- Mail ------------------------------------------------------------------------------------
if PRODUCTION and not env.str("EMAIL_URL", default=""):
    raise ImproperlyConfigured(
        "EMAIL_URL is missing: without mail nobody can sign up. For example "
        "smtp+tls://user:password@mail.example:587"
    )
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
if DEMO:
    EMAIL_BACKEND = "portal.mailbox.DemoMailbox"
    EMAIL_FILE_PATH = VAR_DIR / "mailbox"
DEFAULT_FROM_EMAIL = env.str("MAIL_FROM", default="Gegenstrom <portal@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Who runs this instance: imprint, privacy notice, contract ---------------------------------
OPERATOR_FIELDS = {
    # name: (must be set in production, made-up value for demo and tests)
    "OPERATOR_NAME": (True, "Portalbetrieb Musterstadt gGmbH"),
    "OPERATOR_ADDRESS": (True, "Beispielweg 4|00000 Musterstadt"),
    "OPERATOR_EMAIL": (True, "portal@betreiber.example"),
    "OPERATOR_PHONE": (False, "+49 30 23125 000"),
    "OPERATOR_REPRESENTED_BY": (False, "Geschäftsführung: Alex Beispiel"),
    "OPERATOR_REGISTER": (False, "Amtsgericht Musterstadt, HRB 00000"),
    "OPERATOR_VAT_ID": (False, ""),
    "PRIVACY_CONTACT": (True, "datenschutz@betreiber.example"),
    "SUPERVISORY_AUTHORITY": (False, "Datenschutzaufsicht des Landes, Musterstadt"),
    "HOSTING": (False, "Rechenzentrum Musterstadt, Deutschland"),
}
# What the start page says about the price.
OPERATOR_PRICE = env.str("OPERATOR_PRICE", default="kostenlos")
OPERATOR = {
    name: str(env.str(name, default="" if PRODUCTION else made_up)).strip()
    for name, (_needed, made_up) in OPERATOR_FIELDS.items()
}
if missing := [
    name for name, (needed, _) in OPERATOR_FIELDS.items() if needed and not OPERATOR[name]
]:
    raise ImproperlyConfigured(
        f"{', '.join(missing)} missing: imprint and privacy notice need them. Set them in the "
        "environment (README.md has the table); lines of an address are divided by |."
    )

# --- Background jobs -------------------------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
REPORT_ATTEMPTS = 3
REPORT_LEASE_SECONDS = env.int("REPORT_LEASE_SECONDS", default=90)
REPORT_MEMORY_MB = env.int("REPORT_MEMORY_MB", default=600)
# Job workers that `manage.py serve` starts: with a second core, two reports are set at once.
REPORT_WORKERS = env.int("REPORT_WORKERS", default=min(2, os.cpu_count() or 1))
REPORTS_PER_RENDER_CHILD = 200

# --- Logs: no address, no user agent, no answer, no token -------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.dev.ConsoleRenderer(
                colors=False,
                # Rich tracebacks would print local variables, and with them what people wrote.
                exception_formatter=structlog.dev.plain_traceback,
            )
            if not PRODUCTION
            else structlog.processors.JSONRenderer(ensure_ascii=False),
            "foreign_pre_chain": [
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso"),
            ],
        }
    },
    "filters": {"tokens": {"()": "portal.logs.WithoutTokens"}},
    "handlers": {"terminal": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["terminal"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "fontTools": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        # These name the address of a refused request.
        "django.request": {"filters": ["tokens"]},
        "django.security.csrf": {"filters": ["tokens"]},
        "django.server": {"filters": ["tokens"]},
    },
}
