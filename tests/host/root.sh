# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The root of the test host: the machine's own /, with a layer in memory that takes what is written,
# hides what is the machine's alone, and holds Debian's packages as they come (tests/host/packages).
#
#	host_root TREE		from here on, "/" is that
#
# It is the root of this mount namespace, by pivot_root: in a chroot nobody can make a user
# namespace, and jails clone the root mount. The checkout, the build and $SCRATCH are where they
# were, the first two read-only. /srv is on a tmpfs of its own: an overlay cannot hold layers
# of overlays, a tmpfs can.

# Of the machine's, hidden: homes, mail, jobs, logs, its own configuration of what we test.
host_hidden=(/home /root /srv /media /mnt /tmp /usr/local
	/var/backups /var/cache/contain-tests /var/lib/contain /var/lib/misc /var/lib/pam
	/var/lib/sudo /var/local /var/log /var/mail /var/opt /var/spool /var/tmp
	/etc/contain /etc/cron.d /etc/cron.daily /etc/cron.hourly /etc/cron.monthly /etc/cron.weekly
	/etc/pam.d /etc/profile.d /etc/security /etc/skel /etc/ssh /etc/ssl/private /etc/sudoers.d
	/etc/update-motd.d)

# The layer in memory, below $1, from the tree of packages $2.
host_layer() {
	mkdir "$1/upper" "$1/work" "$1/root"
	cp -a "$2/." "$1/upper"
	mkdir -p "${host_hidden[@]/#/$1/upper}" "$1/upper/usr/local"/{bin,sbin,lib,libexec,share,etc}
	"$PYTHON" -c 'import os, sys
for path in sys.argv[1:]:
    os.setxattr(path, "trusted.overlay.opaque", b"y")' "${host_hidden[@]/#/$1/upper}"
	chmod 0700 "$1/upper/root"
	chmod 01777 "$1/upper/tmp" "$1/upper/var/tmp"
	install -m 0755 "$top/tests/host/sendmail" "$1/upper/usr/sbin/sendmail"
}

# /dev as any Debian machine has it; nodes are made, or are the machine's where none may be made.
host_devices() {
	local name major minor
	mount -t tmpfs -o mode=0755,nosuid tmpfs "$1"
	while read -r name major minor; do
		mknod -m 0666 "$1/$name" c "$major" "$minor" 2>/dev/null && true <"$1/$name" && continue
		rm -f "$1/$name"
		touch "$1/$name"
		mount --bind "/dev/$name" "$1/$name"
	done <<-'END'
		null 1 3
		zero 1 5
		full 1 7
		random 1 8
		urandom 1 9
	END
	mknod -m 0666 "$1/tty" c 5 0 2>/dev/null || {
		touch "$1/tty"
		mount --bind /dev/tty "$1/tty"
	}
	mkdir "$1/pts" "$1/shm" "$1/mqueue"
	mount -t devpts -o newinstance,mode=0620,gid=5,ptmxmode=0666 devpts "$1/pts"
	mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$1/shm"
	mount -t mqueue -o nosuid,nodev mqueue "$1/mqueue" 2>/dev/null || rmdir "$1/mqueue"
	ln -s pts/ptmx "$1/ptmx"
	ln -s /proc/self/fd "$1/fd"
	ln -s /proc/self/fd/0 "$1/stdin"
	ln -s /proc/self/fd/1 "$1/stdout"
	ln -s /proc/self/fd/2 "$1/stderr"
}

# The same directory at the same place below $1; OPTION... are mount's.
host_carry() {
	local root=$1 directory=$2
	shift 2
	mkdir -p "$root$directory"
	mount --bind "$directory" "$root$directory"
	[ $# -eq 0 ] || mount "$@" "$root$directory"
}

host_mounts() {
	mount -t proc -o nosuid,nodev,noexec proc "$1/proc"
	mount --rbind /sys "$1/sys"
	host_devices "$1/dev"
	mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs "$1/run"
	mkdir -m 01777 "$1/run/lock"
	mount -t tmpfs -o mode=0755,nosuid,nodev tmpfs "$1/srv"
	host_carry "$1" "$top" -o remount,bind,ro
	[[ $BUILD/ == "$top"/* ]] || host_carry "$1" "$BUILD" -o remount,bind,ro
	host_carry "$1" "$SCRATCH"
	chmod 0711 "$1$SCRATCH/.."
}

host_root() {
	local place=/mnt/host
	mkdir -p "$place"
	mount -t tmpfs -o mode=0755,size=75% tmpfs "$place" || return
	host_layer "$place" "$1" || return
	mount -t overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" host "$place/root" ||
		return
	[ -x "$place/root/usr/bin/python3" ] || {
		echo '/usr is on a file system of its own' >&2
		return 1
	}
	host_mounts "$place/root" || return
	mkdir "$place/root/mnt/machine"
	cd "$place/root" && pivot_root . mnt/machine && umount -l /mnt/machine && rmdir /mnt/machine &&
		cd /
}
