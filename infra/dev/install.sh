#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a virtual environment and installs Sotto into it, at the pinned versions.
set -euo pipefail
venv=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "Sotto needs Python 3.11 or newer; name one: make install PYTHON=python3.11" >&2
  exit 2
}
if [ ! -x "$venv/bin/python" ]; then
  echo "Making $venv ..."
  if ! "$python" -m venv "$venv" >/dev/null 2>&1; then
    # Debian's Python comes without venv.
    echo "Installing Debian's python3-venv ..."
    { [ "$(id -u)" = 0 ] && apt-get install -y -qq python3-venv >/dev/null 2>&1; } ||
      { echo "python3-venv is missing; install it: apt-get install python3-venv" >&2; exit 2; }
    rm -rf "$venv"
    "$python" -m venv "$venv"
  fi
fi
echo "Installing the pinned packages (about a minute, the first time) ..."
log=$venv/install.log
"$venv/bin/python" -m pip install --disable-pip-version-check -q \
  -c constraints.txt hatchling editables >"$log" 2>&1 &&
"$venv/bin/python" -m pip install --disable-pip-version-check -q --no-build-isolation \
  -c constraints.txt -e '.[embedded,dev]' >>"$log" 2>&1 || {
  tail -n 20 "$log" >&2
  echo "The installation failed; the whole log is in $log" >&2
  exit 1
}
"$venv/bin/python" -m compileall -q services flows protos >/dev/null 2>&1 || true
echo "Installed: $venv/bin/sotto"
