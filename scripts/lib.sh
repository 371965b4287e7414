# What the scripts beside this file share; sourced, with the working folder at the root of the tree.

say() { printf 'set-up: %s\n' "$*" >&2; }
fail() { printf 'set-up failed: %s\n' "$*" >&2; exit 1; }

# Prints the first interpreter that is new enough. A pyenv shim may exist without a version behind it, so each is tried.
find_python() {
  local name
  for name in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      # The real path: in an activated .venv, python3 is a link that set-up may be about to replace.
      "$name" -c 'import os, sys; print(os.path.realpath(sys.executable))'
      return
    fi
  done
  return 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_be_root() { [ "$(id -u)" -eq 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }; }

# Stops with what to type where these Debian packages cannot be installed from here; changes nothing.
apt_possible() {
  command -v apt-get >/dev/null ||
    fail "these Debian packages are missing: $*. This machine has no apt-get. Install their equivalents with its package manager, then run make again."
  may_be_root ||
    fail "these Debian packages are missing, and you are not root: $*. Nothing was changed. Ask for this, then run make again:
  sudo sh -c 'apt-get update && apt-get install -y --no-install-recommends $*'"
}

apt_install() {
  say "installing Debian packages (a minute or more the first time): $*"
  # A stale package list of one source must not stop us: what counts is whether the packages install.
  as_root apt-get update -qq >&2 || say "apt-get update had errors, trying all the same"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install -y -qq --no-install-recommends "$@" >/dev/null ||
    fail "apt-get could not install: $*. To see why, type as root: apt-get update && apt-get install -y --no-install-recommends $*"
}

# Whether version $1 is at least version $2.
at_least() { [ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }
