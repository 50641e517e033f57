#!/bin/bash
# SPDX-License-Identifier: MIT
# Which writes reach the disk: overlays, read-only roots, volumes and their flags.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
remember_host

# Names, types, modes, owners, times, links and contents of a whole tree.
digest() {
	tar --sort=name --numeric-owner --format=pax --pax-option=delete=atime,delete=ctime \
		-C "$1" -cf - . | sha256sum
}
vandal='echo x >/etc/passwd; rm -rf /home/alice; mkdir /new; echo y >/new/file; chmod 0 /bin/busybox
	mv /etc/group /etc/moved; ln -s /etc /link; touch -d 2001-01-01 /root; ls /new'

before=$(digest "$ROOT")
expect 'overlay tmpfs: everything can be changed inside' 0 file jail --overlay tmpfs /bin/sh -c "$vandal"
holds 'overlay tmpfs: the root is byte-identical afterwards' [ "$(digest "$ROOT")" = "$before" ]
expect 'overlay tmpfs: the next jail starts anew' 0 '' jail --overlay tmpfs /bin/sh -c 'ls -d /new 2>/dev/null; true'
expect 'overlay tmpfs on the host root: root of the host can write' 0 x "$CE" --overlay tmpfs \
	--userns host -- /bin/sh -c 'echo x >/usr/contain-new && cat /usr/contain-new'
holds 'overlay tmpfs on the host root: the host has none of it' [ ! -e /usr/contain-new ]
expect 'overlay tmpfs on the host root: what is mounted below it cannot be written' 0 no \
	"$CE" --overlay tmpfs --userns host -- /bin/sh -c '{ echo x >/mnt/new; } 2>/dev/null || echo no'
holds 'overlay tmpfs on the host root: nothing is written there' [ ! -e /mnt/new ]

mkdir "$SCRATCH/layers"
expect 'overlay DIR: everything can be changed inside' 0 file \
	jail --overlay "$SCRATCH/layers" /bin/sh -c "$vandal"
holds 'overlay DIR: the root is byte-identical afterwards' [ "$(digest "$ROOT")" = "$before" ]
rm -rf "$SCRATCH/layers"/*
jail --overlay "$SCRATCH/layers" /bin/sh -c 'echo kept >/etc/kept; rm -r /home/alice'
expect 'overlay DIR: what was written and removed stays so' 0 'kept gone' \
	jail --overlay "$SCRATCH/layers" /bin/sh -c 'echo $(cat /etc/kept) $([ -e /home/alice ] || echo gone)'
launch --overlay "$SCRATCH/layers" sleep 30
true_within 5 pgrep -x sleep >/dev/null
refuses 'overlay DIR: not for two jails at once' 125 'layers' jail --overlay "$SCRATCH/layers" /bin/true
end "$launched"
mode=$(find "$SCRATCH/layers" -mindepth 1 -maxdepth 1 -perm /0022)
holds 'overlay DIR: nobody else can write its layers' [ -z "$mode" ]

expect 'no overlay: writes reach the root' 0 '' jail /bin/sh -c 'echo x >/etc/written'
holds 'no overlay: the file is there' [ "$(cat "$ROOT/etc/written")" = x ]
rm "$ROOT/etc/written"
expect '--read-only: the root cannot be written' 1 '' jail --read-only /bin/sh -c 'echo x 2>/dev/null >/etc/written'
holds '--read-only: nothing was written' [ ! -e "$ROOT/etc/written" ]
expect '--read-only: /tmp and /dev/shm can' 0 'x' \
	jail --read-only --tmpfs /tmp /bin/sh -c 'echo x >/dev/shm/x && echo x >/tmp/x && cat /tmp/x'
expect '--read-only: root inside cannot change that' 0 'no' jail --read-only --cap-add sys_admin \
	/bin/sh -c 'mount -o remount,rw / 2>/dev/null; echo x 2>/dev/null >/etc/written || echo no'

# -- volumes
mkdir "$SCRATCH/data" "$SCRATCH/other"
chmod 0777 "$SCRATCH/data"
echo one >"$SCRATCH/data/file"
echo two >"$SCRATCH/other/file"
expect 'a volume is there and can be written' 0 'one' \
	jail --volume "$SCRATCH/data:/mnt" /bin/sh -c 'cat /mnt/file; echo x >/mnt/made'
holds 'what is written there is on the host' [ "$(cat "$SCRATCH/data/made")" = x ]
for option in "--volume $SCRATCH/data:/mnt:ro" "--ro-bind $SCRATCH/data:/mnt" "-v $SCRATCH/data:/mnt:ro"; do
	# shellcheck disable=SC2086 # option and value
	expect "read-only: ${option%% *}" 0 'one no' jail $option \
		/bin/sh -c 'echo $(cat /mnt/file) $(echo x 2>/dev/null >/mnt/ro || echo no)'
	# shellcheck disable=SC2086
	expect "read-only for --cap-add sys_admin too: ${option%% *}" 0 'no' jail $option --cap-add sys_admin \
		/bin/sh -c 'mount -o remount,bind,rw /mnt 2>/dev/null; echo x 2>/dev/null >/mnt/ro || echo no'
done
mkdir "$SCRATCH/data/sub"
mount -t tmpfs below "$SCRATCH/data/sub"
touch "$SCRATCH/data/sub/below"
expect 'read-only holds for mounts below a volume' 0 'no' jail --volume "$SCRATCH/data:/mnt:ro" \
	/bin/sh -c 'echo x 2>/dev/null >/mnt/sub/x || echo no'
umount "$SCRATCH/data/sub"
expect 'a file can be a volume' 0 'two' jail --volume "$SCRATCH/other/file:/mnt/new/file" /bin/cat /mnt/new/file
expect 'later volumes cover earlier ones' 0 'two' \
	jail --volume "$SCRATCH/data:/mnt" --volume "$SCRATCH/other:/mnt" /bin/cat /mnt/file
expect 'a relative source is one of the caller'"'"'s' 0 'two' jail --volume other:/mnt /bin/cat /mnt/file
expect '--tmpfs is empty, writable and as large as it says' 0 '0 1024' jail --tmpfs /etc:size=1M \
	/bin/sh -c 'echo $(ls -A /etc | wc -l) $(df -k /etc | tail -n 1 | awk "{ print \$2 }")'

# -- flags, with the same file outside of them as the control
cp "$PROBE/ids" "$SCRATCH/data/ids"
chown 0:0 "$SCRATCH/data/ids"
chmod 04755 "$SCRATCH/data/ids"
run setpriv --reuid=1000 --regid=1000 --clear-groups "$SCRATCH/data/ids"
if [ "$out" = '1000 0' ]; then
	expect 'nosuid holds on a volume' 0 '1000 1000' \
		jail --volume "$SCRATCH/data:/mnt" --user alice /mnt/ids
	cp -a "$SCRATCH/data/ids" "$ROOT/bin/ids"
	expect 'set-user-ID programs of the root gain nothing' 0 '1000 1000' jail --user alice /bin/ids
	expect '--allow-setuid lets those of the root gain' 0 '1000 0' \
		jail --allow-setuid --user alice /bin/ids
	rm "$ROOT/bin/ids"
else
	not_ok 'a set-user-ID program works outside' "$(shown)"
fi
mknod "$SCRATCH/data/null" c 1 3
if sh -c "echo x >'$SCRATCH/data/null'" 2>/dev/null; then
	expect 'nodev holds on a volume' 0 'no' jail --volume "$SCRATCH/data:/mnt" \
		/bin/sh -c 'echo x 2>/dev/null >/mnt/null || echo no'
else
	skip 'nodev holds on a volume' 'device nodes cannot be opened outside either'
fi
nothing_left 'nothing is left of all these jails'
finish
