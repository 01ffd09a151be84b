# shellcheck shell=bash
# What is published of an image. Sourced by scripts/release and by a case of test/container/, in the checkout's root.

# pack IMAGE FOLDER: writes the image as an OCI archive, what is in it as an SPDX list, and the hashes of both. Version and
# revision are those of its labels. Needs root, to mount the image.
pack() {
  local image=$1 folder=$2 root name version revision created node_version status=0
  version=$(label_of "$image" org.opencontainers.image.version)
  revision=$(label_of "$image" org.opencontainers.image.revision)
  created=$(date --utc --date="@${SOURCE_DATE_EPOCH:-$(date +%s)}" +%Y-%m-%dT%H:%M:%SZ)
  name=backup-container-$version-$(podman image inspect --format '{{.Architecture}}' "$image")
  mkdir -p "$folder"

  root=$(podman image mount "$image")
  node_version=$("$root/usr/local/bin/node" --version)
  node scripts/lib/release/write-sbom.ts "$root" "$version" "$revision" "$created" "${node_version#v}" \
    >"$folder/$name.spdx.json" || status=$?
  podman image unmount "$image" >/dev/null
  [ "$status" = 0 ] || return "$status"
  rm -f "$folder/$name.oci.tar"
  podman save --quiet --format oci-archive --output "$folder/$name.oci.tar" "$image" >/dev/null
  (cd "$folder" && sha256sum "$name.oci.tar" "$name.spdx.json" >SHA256SUMS)
}

label_of() { podman image inspect --format "{{index .Labels \"$2\"}}" "$1"; }
