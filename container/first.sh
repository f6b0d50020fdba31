#!/bin/sh
# The container's first process; its arguments are the SDK's server and the command of that. Told to end, the SDK's server would end at once, and
# with it the container. So it is not told: the supervisor is, whose runner may take minutes to leave, and then everything ends.
export SUPERVISOR_PID_FILE="${SUPERVISOR_PID_FILE:-/run/supervisor.pid}"
supervisor() {
  cat "$SUPERVISOR_PID_FILE" 2> /dev/null
}
rm -f "$SUPERVISOR_PID_FILE"
trap 'told=1; kill -TERM "$(supervisor)" 2> /dev/null' TERM INT
"$@" &
server=$!
while kill -0 "$server" 2> /dev/null; do
  wait "$server"
  code=$?
  [ -z "$told" ] && exit "$code"
  while kill -0 "$(supervisor)" 2> /dev/null; do sleep 0.2; done
  kill -KILL "$server" 2> /dev/null
  exit 0
done
