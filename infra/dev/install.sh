#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes a virtual environment and installs Sotto into it, at the pinned versions and with checked hashes.
set -euo pipefail
venv=$1
python=${PYTHON:-python3}
log=$venv/install.log

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

# Wheels alone: a source package would fetch what builds it without any hash.
pinned=(--no-deps --only-binary :all: --require-hashes)
everything=(-r requirements.txt -r requirements-dev.txt)
pip() { "$venv/bin/python" -m pip --disable-pip-version-check -q "$@"; }

# uv installs in seconds what takes pip more than a minute.
with_uv() {
  pip install "${pinned[@]}" -r <(awk '/^uv==/ {on = 1} on {print} on && !/\\$/ {exit}' requirements-dev.txt) &&
    UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$(index)} "$venv/bin/uv" pip install -q --python "$venv/bin/python" \
      --compile-bytecode "${pinned[@]}" "${everything[@]}"
}
# uv does not read where pip is told to find packages.
index() { echo "${PIP_INDEX_URL:-$(pip config get global.index-url 2>/dev/null || true)}"; }
with_pip() { pip install "${pinned[@]}" "${everything[@]}"; }
project() { pip install --no-deps --no-build-isolation -e .; }

echo "Installing the pinned packages (about a minute, the first time) ..."
{ with_uv || with_pip; } >"$log" 2>&1 && project >>"$log" 2>&1 || {
  tail -n 20 "$log" >&2
  echo "The installation failed; the whole log is in $log" >&2
  exit 1
}
"$venv/bin/python" -m compileall -q services flows protos >/dev/null 2>&1 || true
echo "Installed: $venv/bin/sotto"
