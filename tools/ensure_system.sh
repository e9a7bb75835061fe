#!/bin/sh
# The tests drive Debian's Chromium, compare with Debian's age and openssl, draw Arabic and Chinese, and read PDFs: install what is missing.
set -eu

missing=
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
command -v age >/dev/null 2>&1 || missing="$missing age"
command -v pdftotext >/dev/null 2>&1 || missing="$missing poppler-utils"
# Asked of fontconfig by language and not by package: any font that can draw it will do.
if command -v fc-list >/dev/null 2>&1; then
	[ -n "$(fc-list :lang=ar family)" ] || missing="$missing fonts-noto-core"
	[ -n "$(fc-list :lang=zh-cn family)" ] || missing="$missing fonts-wqy-microhei"
else
	missing="$missing fontconfig fonts-noto-core fonts-wqy-microhei"
fi
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
	echo "The tests need these Debian packages, or their like here:$missing" >&2
	exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif sudo -n true 2>/dev/null; then
	as_root=sudo
else
	echo "The tests need these packages, and you may not install them without a password. Please run:" >&2
	echo "  sudo apt-get update && sudo apt-get install --no-install-recommends$missing" >&2
	exit 1
fi
echo "Installing for the tests:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086 # one word per package is meant
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $missing >/dev/null
