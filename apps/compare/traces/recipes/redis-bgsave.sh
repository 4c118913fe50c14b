#!/bin/sh
# Captures a real Redis while it saves in the background under a write load, as traces/captured/redis-bgsave.jsonl.gz.
# Needs redis-server, redis-cli, redis-benchmark (Debian: redis-server), about 1 GB of memory, and root, so that the
# kernel shows frame numbers and the trace can say which side wrote. Everything runs on a socket in a folder of its own.
#
#   sh apps/compare/traces/recipes/redis-bgsave.sh [FILE]
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$here/captured/redis-bgsave.jsonl.gz}
dir=$(mktemp -d)
socket=$dir/redis.sock
cli() { redis-cli -s "$socket" "$@" | tr -d '\r'; }
finish() {
  [ -z "${load:-}" ] || kill "$load" 2>/dev/null || true
  [ ! -S "$socket" ] || redis-cli -s "$socket" shutdown nosave >/dev/null 2>&1 || true
  rm -rf "$dir"
}
trap finish EXIT
trap 'exit 130' INT TERM

redis-server --port 0 --unixsocket "$socket" --dir "$dir" --save '' --enable-debug-command local >"$dir/log" 2>&1 &
for _ in 1 2 3 4 5 6 7 8 9 10; do [ -S "$socket" ] && break; sleep 0.3; done
cli debug populate 260000 key: 1024 >/dev/null
pid=$(cli info server | sed -n 's/^process_id://p')
redis-benchmark -s "$socket" -t set -r 260000 -d 1024 -n 100000000 -c 2 -q >/dev/null 2>&1 &
load=$!
sleep 3

node "$here/../bin/forklab.js" capture --pid "$pid" --watch 30 --interval 100 \
  --trigger "redis-cli -s $socket bgsave" --name redis-bgsave --out "$dir/trace.jsonl.gz"
kill "$load"
sleep 0.5

# What Redis itself says of this snapshot, to be held against the model.
FORK_USEC=$(cli info stats | sed -n 's/^latest_fork_usec://p') \
COW_BYTES=$(cli info persistence | sed -n 's/^rdb_last_cow_size://p') \
REDIS=$(redis-server --version | sed -n 's/.*v=\([0-9.]*\).*/\1/p') \
node -e '
  const { readFileSync, writeFileSync } = require("node:fs");
  const { gunzipSync, gzipSync } = require("node:zlib");
  const [from, to] = process.argv.slice(1);
  const lines = gunzipSync(readFileSync(from)).toString("utf8").split("\n");
  const header = JSON.parse(lines[0]);
  const { REDIS, FORK_USEC, COW_BYTES } = process.env;
  header.description = "a Redis of 336 MiB, set with 1 KiB values at full speed by two clients, while BGSAVE writes its snapshot";
  header.source.redis = { version: REDIS, latestForkUsec: Number(FORK_USEC), rdbLastCowBytes: Number(COW_BYTES) };
  lines[0] = JSON.stringify(header);
  writeFileSync(to, gzipSync(lines.join("\n"), { level: 9 }));
' "$dir/trace.jsonl.gz" "$out"
echo "$out"
