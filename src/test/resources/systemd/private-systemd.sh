#!/bin/bash
# private-systemd.sh WORK UNIT_DIRECTORY [HOST_DIRECTORY=INSIDE ...]
# Boots a systemd of its own on a throw-away overlay of /, in its own namespaces (processes, mounts, network,
# cgroups) until standard input ends; then nothing of it is left. Prints "up PID", the process by whose namespaces
# it is entered, or "missing WHY" and ends with 1.
set -u
work=$1
units=$2
shift 2
missing() {
    echo "missing $*"
    exit 1
}

cgroups=()
systemd=
unshared=
# shellcheck disable=SC2317 # the trap calls it
down() {
    trap - EXIT
    [ -z "$systemd" ] || kill -9 "$systemd" 2>/dev/null # the first process of its namespace: all others die too
    [ -z "$unshared" ] || wait "$unshared" 2>/dev/null
    for group in "${cgroups[@]}"; do
        for _ in {1..50}; do
            find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null
            [ -d "$group" ] || break
            sleep .1
        done
    done
}
trap down EXIT
trap 'exit 1' TERM INT HUP

# Groups of its own are the roots of its cgroup namespace: it never sees, let alone changes, those of the machine.
while IFS=: read -r _ controllers path; do
    [ -z "$controllers" ] || continue
    top=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
    group=$top${path%/}/narwhal-test-$$
    mkdir "$group" 2>/dev/null || missing "no cgroup can be made below $top${path%/}"
    cgroups+=("$group")
done </proc/self/cgroup
[ ${#cgroups[@]} -gt 0 ] || missing "no unified cgroups"

mkdir -p "$work/root"
cat >"$work/init.sh" <<'INIT'
set -e
work=$1 units=$2
shift 2
top=$work/root
mount -t tmpfs -o size=2g tmpfs "$top"
mkdir "$top/upper" "$top/work" "$top/root"
mount -t overlay -o "lowerdir=/,upperdir=$top/upper,workdir=$top/work" overlay "$top/root"
root=$top/root
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
touch "$root/dev/console"
ln -s /proc/self/fd "$root/dev/fd"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t devpts -o newinstance,ptmxmode=666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
for share in "$@"; do
    mkdir -p "$root${share#*=}"
    mount --bind "${share%%=*}" "$root${share#*=}"
    mount -o remount,bind,ro "$root${share#*=}"
done
# Without these two lines its systemd-sysctl would change the settings of the machine's own kernel.
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -o remount,bind,ro "$root/sys"
for unit in systemd-remount-fs.service dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount \
    sys-kernel-tracing.mount systemd-modules-load.service modprobe@.service systemd-update-utmp.service \
    avahi-daemon.socket; do
    ln -sfn /dev/null "$root/etc/systemd/system/$unit"
done
cp -a "$units/." "$root/etc/systemd/system/"
ip link set lo up
cd "$root"
mkdir -p oldroot
pivot_root . oldroot
umount -l /oldroot
mount --make-rshared /
[ ! -w /proc/sys/kernel/hostname ] || { echo "/proc/sys can be written to" >&2; exit 1; }
exec env -i container=narwhal-test PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    /lib/systemd/systemd --system --unit=basic.target --log-target=journal --show-status=0 </dev/null
INIT

(
    for group in "${cgroups[@]}"; do echo "$BASHPID" >"$group/cgroup.procs"; done
    exec setsid unshare --mount --pid --fork --kill-child --uts --ipc --net --cgroup --propagation private \
        bash "$work/init.sh" "$work" "$units" "$@"
) </dev/null >"$work/boot.log" 2>&1 &
unshared=$!
for _ in {1..600}; do
    kill -0 "$unshared" 2>/dev/null || missing "it did not boot: $(tail -n 3 "$work/boot.log" | tr '\n' ' ')"
    systemd=$(cat "/proc/$unshared/task/$unshared/children" 2>/dev/null)
    systemd=${systemd// /}
    if [ -n "$systemd" ]; then
        case $(nsenter -t "$systemd" -a systemctl is-system-running 2>/dev/null) in
            running | degraded)
                echo "up $systemd"
                cat >/dev/null # until whoever started us closes it, or dies
                exit 0
                ;;
        esac
    fi
    sleep .05
done
missing "it did not come up within a minute: $(tail -n 3 "$work/boot.log" | tr '\n' ' ')"
