# shellcheck shell=bash disable=SC2016  # quoted scripts are the container's to expand
# What the cases share. Each case is a folder with a script `run`; scripts/image-test builds IMAGE and runs them.
# A source server is a container of the same image; ours share its loopback, as the containers of one pod would.
set -euo pipefail

IMAGE=${IMAGE:?is not set; run scripts/image-test}
id=backup-case-$(basename "$(dirname "$(readlink -f "$0")")")-$$
work=$(mktemp -d "${TMPDIR:-/tmp}/$id.XXXXXX")
source_port=5432
# As the platform chooses them: a user without a name, the group 0, and a group of the volumes.
user=1000690000
volume_group=1000690000

pod() { podman --runtime runc --cgroup-manager cgroupfs "$@"; }

clean_up() {
  local status=$?
  # What shares the source's loopback goes with it.
  pod rm --force --depend --ignore --time 0 "$id-source" >/dev/null || true
  pod ps --all --quiet --filter label="case=$id" | while read -r left; do pod rm --force --time 0 "$left" >/dev/null; done
  if mountpoint --quiet "$work/backups"; then umount "$work/backups"; fi
  rm -rf "$work"
  [ "$status" = 0 ] || echo "case failed with $status" >&2
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { echo "== $*"; }

fail() {
  echo "FAILED: $*" >&2
  if [ -e "$work/said" ]; then sed 's/^/  | /' "$work/said" >&2; fi
  exit 1
}

# must CODE COMMAND...: runs it, keeps what it says for `said`, and insists on its exit code.
must() {
  local expected=$1 code=0
  shift
  "$@" >"$work/said" 2>&1 </dev/null || code=$?
  [ "$code" = "$expected" ] || fail "exit code $code of: $*; expected $expected"
}

# said PATTERN: the last `must` printed it (grep -E).
said() { grep --quiet --extended-regexp -- "$1" "$work/said" || fail "not said: $1"; }

# until_true SECONDS COMMAND...: asks five times a second.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { logs; fail "in vain waited for: $*"; }
    sleep 0.2
  done
}

logs() { pod logs --tail 40 "$id-service" >"$work/said" 2>&1 || true; }

# A volume as the platform mounts it: it belongs to root and a group that the pod's user is a member of.
volume() {
  mkdir -p "$work/$1"
  chown "0:$volume_group" "$work/$1"
  chmod 2775 "$work/$1"
}

# podman's own defaults are above what a container may have inside of another one.
limits=(--ulimit nofile=20000:20000 --ulimit nproc=30000:30000)

# All that OpenShift's restricted-v2 leaves to a container, and less: nothing but /tmp and two volumes can be written.
restricted=(
  --user "$user:0" --group-add "$volume_group" --passwd=false
  --read-only --read-only-tmpfs=false --tmpfs /tmp --cap-drop all --security-opt no-new-privileges
  "${limits[@]}"
  --volume "$work/backups:/backups" --volume "$work/scratch:/var/lib/pgsql/data" --volume "$work/conf:/conf:ro"
  --env BACKUP_CONF=/conf/backup.conf --env DATABASE_USER=postgres --env DATABASE_PASSWORD
)
volume backups
volume scratch
mkdir "$work/conf"
export DATABASE_PASSWORD
DATABASE_PASSWORD=$(head -c 18 /dev/urandom | base64)

# conf: backup.conf from stdin.
conf() { cat >"$work/conf/backup.conf"; }

# container PODMAN-OPTIONS... IMAGE ARGUMENTS...: a container of ours.
container() { pod run --label "case=$id" --network "container:$id-source" "${restricted[@]}" "$@"; }

# backup ARGUMENTS...: the program in a container of its own, as a CronJob would run it.
backup() { container --rm "$IMAGE" "$@"; }

# start_service PODMAN-OPTIONS...: the program without arguments, which stays.
start_service() { container --detach --name "$id-service" "$@" "$IMAGE" >/dev/null; }

# in_service COMMAND...: what `oc rsh` does.
in_service() { pod exec "$id-service" "$@"; }

# http PATH: what the service answers, with the status first.
http() {
  in_service node --input-type=module --eval "
    const answer = await fetch('http://127.0.0.1:8080$1')
    console.log(answer.status, await answer.text())"
}

# start_source: a PostgreSQL on the loopback that all containers of this case share.
start_source() {
  pod run --detach --name "$id-source" --label "case=$id" --network none "${limits[@]}" --user postgres --env DATABASE_PASSWORD \
    --entrypoint sh "$IMAGE" -ec '
      bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
      printf %s "$DATABASE_PASSWORD" >/tmp/password
      "$bin/initdb" --pgdata=/tmp/data --username=postgres --pwfile=/tmp/password --encoding=UTF8 --locale=C.UTF-8 \
        --auth-host=scram-sha-256 --auth-local=trust --no-sync
      exec "$bin/postgres" -D /tmp/data -c listen_addresses=127.0.0.1 -c unix_socket_directories=/tmp -c fsync=off \
        -c wal_level=minimal -c max_wal_senders=0 -c jit=off' >/dev/null
  until_true 60 sql postgres --command='SELECT 1'
}

# sql DATABASE PSQL-ARGUMENTS...: on the source; statements come from stdin unless an argument brings them.
sql() {
  local database=$1
  shift
  pod exec --interactive "$id-source" psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 \
    --host=/tmp --port="$source_port" --username=postgres --dbname="$database" "$@"
}

# make_shop: a small database with a bit of everything.
make_shop() {
  sql postgres --command='CREATE DATABASE shop'
  sql shop >/dev/null <<'SQL'
CREATE EXTENSION pgcrypto;
CREATE TABLE customer (id int PRIMARY KEY, name text NOT NULL, born timestamptz DEFAULT now());
INSERT INTO customer SELECT n, 'customer ' || n FROM generate_series(1, 1000) n;
CREATE TABLE purchase (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer int REFERENCES customer, cents int);
INSERT INTO purchase (customer, cents) SELECT 1 + n % 1000, n FROM generate_series(1, 5000) n;
CREATE VIEW sums AS SELECT customer, sum(cents) FROM purchase GROUP BY customer;
SELECT lo_from_bytea(0, '\xc0ffee');
SQL
}

# hold_dump: from now on a dump of shop waits for a table; `release_dump` lets it go on.
hold_dump() {
  sql shop --command="BEGIN; LOCK TABLE customer; SELECT pg_sleep(600)" >/dev/null 2>&1 </dev/null &
  until_true 20 is_held
}

release_dump() {
  sql postgres --command="SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' AND pid <> pg_backend_pid()" >/dev/null
}

is_held() { [ "$(sql postgres --command="SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" </dev/null)" = 1 ]; }

# dump_waits: a dump has come to the table that is held.
dump_waits() {
  [ "$(sql postgres --command="SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'LOCK TABLE%'" </dev/null)" -ge 1 ]
}

# files PATTERN: paths on the backup volume with this in their name.
files() { (cd "$work/backups" && find . -type f -name "$1" | sort); }

# count_files PATTERN NUMBER: so many there are, or it fails.
count_files() {
  local found
  found=$(files "$1" | wc -l)
  [ "$found" = "$2" ] || { find "$work/backups" -type f >"$work/said"; fail "$found files $1; expected $2"; }
}
