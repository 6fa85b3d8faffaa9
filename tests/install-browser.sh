#!/bin/sh
# Makes sure that there is a real Chromium. One that is there already is used as it is.
set -eu

for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then
        echo "browser: $("$name" --version 2>/dev/null | head -n 1)"
        exit 0
    fi
done

as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
if command -v apt-get >/dev/null; then
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qq -y --no-install-recommends chromium
    chromium --version
else
    .venv/bin/python -m playwright install chromium
fi
