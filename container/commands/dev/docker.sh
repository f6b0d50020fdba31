#!/bin/sh
# The docker command, for wrangler: an image that is on this machine is not fetched again, so that a start needs no network.
docker=${WRANGLER_DOCKER_BIN:-docker}
if [ "$1" = pull ]; then
  "$docker" image inspect "$2" >/dev/null 2>&1 && exit 0
  "$docker" "$@" && exit 0
  echo "The image $2 is not on this machine and could not be fetched. Next: start again with a network, or leave out --container." >&2
  exit 1
fi
exec "$docker" "$@"
