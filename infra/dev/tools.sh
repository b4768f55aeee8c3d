#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs the programs that the tests run for real, where they are missing and where it may.
# A test whose program is still missing says so and is skipped.
set -uo pipefail

wanted=()
command -v strace >/dev/null || wanted+=(strace)
command -v softhsm2-util >/dev/null || wanted+=(softhsm2)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || wanted+=(postgresql)
if [ ${#wanted[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${wanted[*]} from Debian's packages ..."
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends "${wanted[@]}"; } >/tmp/sotto-tools.log 2>&1 ||
      echo "Not installed: ${wanted[*]}; their tests are skipped (see /tmp/sotto-tools.log)"
  else
    echo "Missing, and not installed without root: ${wanted[*]}; their tests are skipped"
  fi
fi
exit 0
