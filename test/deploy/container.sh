# Runs a command as the first process of a container: `container.sh ROOT BASE USER WORKDIR ro|rw COMMAND…`,
# to be started by `unshare --mount --pid --fork`. The system comes from BASE, read-only, all else from ROOT:
# etc, usr/local and what the image adds. With `ro` only the volume /data can be written to; there is no /tmp.
set -eu
root=$1 base=$2 user=$3 workdir=$4 mode=$5
shift 5

mount --make-rprivate /
mount --bind "$root" "$root"
mkdir -p "$root/proc" "$root/dev" "$root/usr"
mount --bind -o ro "$base/usr" "$root/usr"
mount -o remount,bind,ro "$root/usr"
mount --bind "$root/local" "$root/usr/local"
mount -t proc proc "$root/proc"
mount -t tmpfs -o size=64k tmpfs "$root/dev"
for device in null zero full random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,ro "$root/dev"
privileges=
if [ "$mode" = ro ]; then
  mount --bind "$root/data" "$root/data"
  mount -o remount,bind,ro "$root/usr/local"
  mount -o remount,bind,ro "$root"
  privileges='--no-new-privs --bounding-set=-all --inh-caps=-all'
fi
# shellcheck disable=SC2086
exec chroot "$root" setpriv --reuid="${user%:*}" --regid="${user#*:}" --clear-groups $privileges \
  /bin/sh -c 'cd "$0" && exec "$@"' "$workdir" "$@"
