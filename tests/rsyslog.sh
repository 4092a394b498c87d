#!/bin/bash
# Unpacks rsyslog and its libraries from Debian's packages into a folder, without root and without installing anything.
set -euo pipefail
folder=$1
mkdir -p "$folder/packages"
if command -v apt-get > /dev/null && command -v dpkg > /dev/null; then
  cd "$folder/packages"
  packages="rsyslog rsyslog-relp librelp0 libfastjson4 libestr0 liblognorm5"
  # lists of packages that are not there yet need root
  if apt-get download $packages > /dev/null 2>&1 \
    || { apt-get update > /dev/null 2>&1 && apt-get download $packages > /dev/null 2>&1; }; then
    for package in *.deb; do dpkg -x "$package" "$folder"; done
  else
    echo "rsyslog cannot be fetched: its tests skip" >&2
  fi
  rm -rf "$folder/packages"
fi
touch "$folder/.done"
