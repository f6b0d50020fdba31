#!/bin/sh
# The container's command: keeps a runner running. Whenever one has ended, for whatever reason, the next is started, as a container
# without one would be of no use. Takes the runner's arguments. Ends only when it is told to, and the runner has left.
[ -z "$SUPERVISOR_PID_FILE" ] || echo $$ > "$SUPERVISOR_PID_FILE"
unset SUPERVISOR_PID_FILE
cd "$(dirname "$0")" || exit 1
trap 'kill -TERM "$runner"; wait "$runner"; exit 0' TERM INT
while :; do
  python3 -m runner "$@" &
  runner=$!
  wait "$runner"
  echo "supervise: the runner has ended with code $?, starting the next one" >&2
  sleep 0.2
done
