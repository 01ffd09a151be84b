# shellcheck shell=bash
# The Debian trixie in which tests run that need what the image has and this machine may lack: a setpriv that knows
# Landlock, PostgreSQL 17. Sourced by scripts/setup, in the checkout's root; scripts/in-trixie-root runs commands in it.

. scripts/lib/debian-mirror.sh

trixie_packages=util-linux,postgresql-17,postgresql-client-17,libnss-wrapper,isal,locales,tzdata,tzdata-legacy

# Extensions that are proved and restored there, as people have them.
trixie_packages+=,postgresql-17-cron,postgresql-17-partman,postgresql-17-pg-hint-plan,postgresql-17-pgaudit
trixie_packages+=,postgresql-17-pglogical,postgresql-17-pgvector,postgresql-17-postgis-3,postgresql-17-postgis-3-scripts
trixie_packages+=,postgresql-17-squeeze,postgresql-17-timescaledb,postgresql-17-pgq3
trixie_packages+=,postgresql-17-age,postgresql-17-debversion,postgresql-17-h3,postgresql-17-hll,postgresql-17-hypopg,postgresql-17-ip4r
trixie_packages+=,postgresql-17-orafce,postgresql-17-pgtt,postgresql-17-prefix,postgresql-17-repack,postgresql-17-roaringbitmap
trixie_packages+=,postgresql-17-rum,postgresql-17-semver,postgresql-17-similarity,postgresql-17-unit

# make_trixie_root: once, and again when what goes into it, which is this file, has changed. Half a minute.
# shellcheck disable=SC2016  # hooks are mmdebstrap's to expand
make_trixie_root() {
  local place=node_modules/.cache/trixie mirror
  if cmp -s "$place/made-by" scripts/lib/trixie-root.sh; then return 0; fi
  echo 'setup: making a Debian trixie for tests' >&2
  if [ "$(id -u)" != 0 ]; then
    echo 'setup: only root can make and enter it; run this as root' >&2
    return 1
  fi
  mirror=$(debian_mirror)
  rm -rf "$place"
  mkdir -p "$place"
  # No package starts a server or makes one; left out is what docker/install-packages leaves out of the image.
  mmdebstrap --quiet --variant=apt --components=main --include="$trixie_packages" \
    --setup-hook='mkdir -p "$1/usr/sbin" "$1/etc/postgresql-common" "$1/checkout" && touch "$1/etc/hosts"' \
    --setup-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d" && chmod 0755 "$1/usr/sbin/policy-rc.d"' \
    --setup-hook='echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*/LC_MESSAGES/*' --dpkgopt='path-exclude=/usr/lib/postgresql/*/lib/bitcode/*' \
    --dpkgopt='path-exclude=/usr/lib/postgresql/*/lib/llvmjit*' --dpkgopt='path-exclude=/usr/lib/*/libLLVM*' \
    --customize-hook='echo "en_CA.UTF-8 UTF-8" >"$1/etc/locale.gen"' --customize-hook='chroot "$1" locale-gen >/dev/null' \
    trixie "$place/root" ${mirror:+"$mirror"} || return
  cp scripts/lib/trixie-root.sh "$place/made-by"
}
