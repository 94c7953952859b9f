# Sourced by the other scripts: finds a Python, makes the virtual environment, installs this checkout in it.
#
#   RRKIT_VENV    where the environment lives (default: .venv beside pyproject.toml)
#   RRKIT_PYTHON  the Python to make it with (default: the first that suits)

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
VENV=${RRKIT_VENV:-$ROOT/.venv}
STAMP=$VENV/.rrkit-installed

say() { printf '%s\n' "$*" >&2; }

# suits PYTHON MINOR: is it a CPython 3.MINOR or later that can make an environment?
suits() {
    "$1" -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, $2))" >/dev/null 2>&1
}

find_python() {
    local minor=$1 candidate
    for candidate in ${RRKIT_PYTHON:-} python3 python3.13 python3.12 python3.11 python3.10 python; do
        if suits "$candidate" "$minor"; then
            echo "$candidate"
            return
        fi
    done
    say "no Python 3.$minor or later with its venv module found; install one (on Debian: python3 python3-venv)"
    say "or name it: RRKIT_PYTHON=/path/to/python3 $0"
    return 1
}

# wanted_stamp EXTRA: what the stamp says when EXTRA of this very checkout is installed.
wanted_stamp() {
    printf '%s %s %s\n' "$1" "$(cksum <"$ROOT/pyproject.toml" | tr ' ' -)" "$ROOT"
}

# ensure_environment base|dev: afterwards $VENV/bin holds this checkout with what the extra asks for.
# Costs nothing where pyproject.toml has not changed since the last time.
ensure_environment() {
    local extra=$1 minor=10 python target=$ROOT
    # The interop tests need rerun-sdk 0.41, which needs Python 3.11.
    if [ "$extra" = dev ]; then minor=11 target="$ROOT[dev]"; fi

    if [ -f "$STAMP" ] && "$VENV/bin/python" -c "import sys; sys.exit(sys.version_info < (3, $minor))" 2>/dev/null; then
        # What the tests need contains what everything else needs.
        case $(cat "$STAMP") in "$(wanted_stamp "$extra")" | "$(wanted_stamp dev)") return ;; esac
    fi

    if ! "$VENV/bin/python" -c "import sys, pip; sys.exit(sys.version_info < (3, $minor))" 2>/dev/null; then
        if [ -e "$VENV" ] && [ -n "${RRKIT_VENV:-}" ]; then
            say "$VENV exists, but is no environment with Python 3.$minor or later and pip; remove it or name another in RRKIT_VENV"
            return 1
        fi
        python=$(find_python "$minor") || return 1
        say "making $VENV with $("$python" --version)"
        "$python" -m venv --clear "$VENV"
    fi
    say "installing rrkit ($extra) in $VENV"
    rm -f "$STAMP"
    # `compat` puts this folder on the path; the import hook that is the default costs each start 20 ms.
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --config-settings editable_mode=compat -e "$target" </dev/null
    wanted_stamp "$extra" >"$STAMP"
}

# install_system_packages NAME...: Debian packages, where this user may install them; otherwise says what is missing.
install_system_packages() {
    local missing=() name
    command -v dpkg-query >/dev/null || return 0
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' || missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing system packages: ${missing[*]}"
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" </dev/null >&2
    else
        say "not installed, and this user may not install them: ${missing[*]}"
    fi
}
