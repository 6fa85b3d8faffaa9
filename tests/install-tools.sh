#!/bin/sh
# Makes sure that there is all that the tests need beside Python: a real Chromium, Firefox and WebKit, Java, Node and
# what tests/package-lock.json names, and the web servers nginx and Caddy. What is there already is used as it is.
set -eu
cd "$(dirname "$0")/.."

have() {
    command -v "$1" >/dev/null && "$1" "${2:---version}" >/dev/null 2>&1
}

browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if have "$name"; then
            echo "$name"
            return
        fi
    done
}

# Servers stand where only root looks.
PATH="$PATH:/usr/sbin:/usr/local/sbin"

missing=""
[ -n "$(browser)" ] || missing="chromium"
have firefox-esr || have firefox || missing="$missing firefox-esr"
have WebKitWebDriver || missing="$missing webkit2gtk-driver"
have Xvfb -version || missing="$missing xvfb"
have java -version || missing="$missing default-jre-headless"
have node || missing="$missing nodejs"
have npm || missing="$missing npm"
have openssl version || missing="$missing openssl"
servers=""
have nginx -v || servers="$servers nginx-light"
have caddy version || servers="$servers caddy"
missing="$missing$servers"
# A wrong clock and other locales, for the tests of equal bytes; without them those are left out.
if command -v apt-get >/dev/null; then
    ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 || missing="$missing libfaketime"
    [ -e /usr/share/i18n/locales/tr_TR ] || missing="$missing locales"
fi

if [ -n "$missing" ] && command -v apt-get >/dev/null; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root="sudo"
    $as_root apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qq -y --no-install-recommends $missing
    if [ -n "$servers" ]; then
        # The tests start their own. Those that the packages started would show a page to the network.
        for name in $servers; do
            name=${name%-light}
            $as_root systemctl disable --now "$name" 2>/dev/null || $as_root service "$name" stop 2>/dev/null || true
        done
        # A help to nginx that not every system has; without it that part is left out.
        $as_root apt-get install -qq -y --no-install-recommends libnginx-mod-http-brotli-static || true
    fi
elif [ -n "$missing" ]; then
    case "$missing" in chromium*) .venv/bin/python -m playwright install chromium ;; esac
    have firefox-esr || have firefox || echo "No Firefox: its tests are left out."
    for name in java node npm openssl nginx caddy; do
        have "$name" -version || have "$name" version || have "$name" -v || have "$name" || { echo "Please install: $name"; exit 1; }
    done
fi

npm ci --prefix tests --ignore-scripts --no-audit --no-fund --loglevel error
found=$(browser)
echo "browser: $("${found:-true}" --version 2>/dev/null | head -n 1)"
