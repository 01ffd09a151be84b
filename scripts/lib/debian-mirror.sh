# shellcheck shell=bash
# Where this machine gets Debian from. Sourced by what calls mmdebstrap.

# The first address of Debian in this machine's own sources; nothing if there is none, and mmdebstrap takes its own.
debian_mirror() {
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } |
    sed -nE 's#^(URIs:|deb( \[[^]]*\])?) +([a-z]+://[^ ]*/debian)/?( .*)?$#\3#p' | head -n 1
}
