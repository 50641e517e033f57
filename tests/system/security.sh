#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# Attacks on the jail from inside, through its root file system, and through what the caller hands
# on. Each is tried outside of a jail first: what cannot be done there either is a SKIP.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
echo canary >/etc/HOSTCANARY
mkdir "$SCRATCH/canary"
echo untouched >"$SCRATCH/canary/file"
chmod 0700 "$SCRATCH/canary"
remember_host

canary_digest() {
	stat -c '%A %u %g %n' "$SCRATCH/canary" "$SCRATCH/canary/"* /etc/HOSTCANARY
	cat "$SCRATCH/canary/"* /etc/HOSTCANARY /proc/sys/kernel/core_pattern
}
untouched=$(canary_digest)
canary_is_untouched() { [ "$(canary_digest)" = "$untouched" ]; }

# ------------------------------------------------ the root file system belongs to the attacker

# A mount target that is a symlink leads to a place inside, or nowhere.
mkdir "$SCRATCH/source"
echo from-source >"$SCRATCH/source/passwd"
for link in /etc ../../../../../../etc /proc/self/root/etc /proc/1/root/etc "$SCRATCH/canary"; do
	rm -rf "${ROOT:?}/mnt"
	ln -s "$link" "$ROOT/mnt"
	run jail --volume "$SCRATCH/source:/mnt" /bin/cat /mnt/passwd
	if canary_is_untouched && ! grep -q from-source /etc/passwd &&
		{ [ "$status" -eq 125 ] || [ "$out" = from-source ]; }; then
		ok "a volume's target that is a symlink to $(basename "$link") stays inside"
	else
		not_ok "a volume's target that is a symlink to $(basename "$link") stays inside" "$(shown)"
	fi
done
rm "$ROOT/mnt"
mkdir "$ROOT/mnt"
# The rename is what the attacker does between a check and its use.
mkdir -p "$ROOT/home/alice/vol/t"
ln -s /etc "$ROOT/home/alice/vol/l"
python3 - "$ROOT/home/alice/vol" <<'END' &
import ctypes, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
os.chdir(sys.argv[1])
end = time.monotonic() + 60
while time.monotonic() < end:
    libc.renameat2(-100, b"t", -100, b"l", 2)  # RENAME_EXCHANGE
END
swapper=$!
escaped=0 inside=0
for _ in $(seq 150); do
	run jail --volume "$SCRATCH/source:/home/alice/vol/t" /bin/cat /home/alice/vol/t/passwd
	! grep -q from-source /etc/passwd && canary_is_untouched || escaped=$((escaped + 1))
	[[ $out == *from-source* ]] && inside=$((inside + 1))
done
kill "$swapper"
wait "$swapper" 2>/dev/null
holds "150 mounts on a target that is being exchanged for a symlink stay inside ($inside succeeded)" \
	[ "$escaped" -eq 0 -a "$inside" -gt 0 ]
rm -rf "${ROOT:?}/home/alice/vol"

# /dev/null of the root is not what masks files.
if [ -w /proc/sys/kernel/core_pattern ]; then
	mv "$ROOT/dev" "$ROOT/dev.empty"
	for kind in symlink file fifo directory device; do
		mkdir "$ROOT/dev"
		case $kind in
		symlink) ln -s /proc/sys/kernel/core_pattern "$ROOT/dev/null" ;;
		file) echo fake >"$ROOT/dev/null" ;;
		fifo) mkfifo "$ROOT/dev/null" ;;
		directory) mkdir "$ROOT/dev/null" ;;
		device) mknod "$ROOT/dev/null" c 1 5 ;;
		esac
		ln -s "$SCRATCH/canary" "$ROOT/dev/pts"
		ln -s /proc/sysrq-trigger "$ROOT/dev/console"
		ln -s "$SCRATCH/canary" "$ROOT/dev/shm"
		run jail /bin/sh -c 'echo "|/evil" >/dev/null; cat /proc/keys /proc/timer_list 2>/dev/null | wc -c'
		if [ "$status" -eq 0 ] && [ "$out" = 0 ] && canary_is_untouched; then
			ok "a root with a $kind for /dev/null: masks hold"
		else
			not_ok "a root with a $kind for /dev/null: masks hold" "$(shown)"
		fi
		rm -rf "${ROOT:?}/dev"
	done
	mv "$ROOT/dev.empty" "$ROOT/dev"
else
	skip 'a root with a false /dev/null' 'core_pattern cannot be written outside either'
fi
for link in "$SCRATCH/canary" "../../../../../../../../..$SCRATCH/canary"; do
	rmdir "$ROOT/dev"
	ln -s "$link" "$ROOT/dev"
	run jail /bin/true
	holds 'a root whose /dev is a symlink: refused, and nothing is made outside' \
		canary_is_untouched
	rm "$ROOT/dev"
	mkdir "$ROOT/dev"
done
mkdir -p "$ROOT/fake/self/attr" "$ROOT/fake/sys/kernel"
echo fake >"$ROOT/fake/self/status"
rmdir "$ROOT/proc"
ln -s fake "$ROOT/proc"
run jail /bin/cat /proc/self/status
holds 'a root whose /proc is a symlink to a false one: refused' [ "$status" -eq 125 ]
rm -r "$ROOT/proc" "$ROOT/fake"
mkdir "$ROOT/proc"

# NSS, PAM and loader files in the root are the attacker's: nobody outside loads them.
mkdir -p "$ROOT/lib/x86_64-linux-gnu" "$ROOT/etc/security"
cat >"$SCRATCH/canary.c" <<'END'
#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void loaded(void)
{
	int fd = open("/tmp/canary.log", O_WRONLY | O_CREAT | O_APPEND, 0666);
	if (fd >= 0 && write(fd, "loaded\n", 7)) {}
}
END
cc -shared -fPIC -o "$SCRATCH/canary.so" "$SCRATCH/canary.c"
rm -f /tmp/canary.log
LD_PRELOAD=$SCRATCH/canary.so /bin/true
if [ -s /tmp/canary.log ]; then
	rm /tmp/canary.log
	for library in libnss_files.so.2 libnss_evil.so.2 libnss_compat.so.2 libcap.so.2 libgcc_s.so.1; do
		cp "$SCRATCH/canary.so" "$ROOT/lib/x86_64-linux-gnu/$library"
		cp "$SCRATCH/canary.so" "$ROOT/lib/$library"
	done
	echo '/lib/libnss_evil.so.2' >"$ROOT/etc/ld.so.preload"
	echo 'passwd: evil files' >"$ROOT/etc/nsswitch.conf"
	expect 'libraries of the root are loaded by no program of ours' 0 '0 1000' \
		jail --user alice /bin/sh -c 'echo $(ls /tmp | wc -l) $(id -u)'
	holds 'nor outside' [ ! -e /tmp/canary.log ]
	rm -rf "${ROOT:?}/lib" "$ROOT/etc/ld.so.preload" "$ROOT/etc/nsswitch.conf"
else
	not_ok 'a library can be preloaded outside'
fi

# ----------------------------------------------------------------------------- leaving the root

mkdir -p "$SCRATCH/cell/tmp" "$SCRATCH/cell/probe"
cp "$PROBE/attack" "$SCRATCH/cell/probe/attack"
run chroot "$SCRATCH/cell" /probe/attack chroot-escape
if [ "$status" -eq 0 ]; then
	run jail --cap-add sys_chroot /probe/attack chroot-escape
	holds 'the way out of a chroot does not lead out of a jail, even with CAP_SYS_CHROOT' \
		[ "$status" -eq 1 ]
else
	skip 'the way out of a chroot' "it does not lead out of one outside either: $out"
fi
denied 'chroot' chroot
expect 'the root is its own parent' 0 'same' jail /bin/sh -c '[ /.. -ef / ] && echo same'
expect 'the working directory is a place inside' 0 '/' jail /bin/pwd

# --------------------------------------------------------------------------- kernel interfaces

for attack in unshare-user unshare-mount clone-user clone3-user i386-unshare mount-tmpfs \
	mount-proc mount-cgroup remount-sysctl umount-proc fsopen open-tree bpf perf userfaultfd \
	io-uring add-key open-by-handle fanotify set-clock kernel-log accounting set-hostname \
	make-device vsock packet-socket raw-socket xfrm-socket alg-socket tiocsti tiocsti-64 set-discipline; do
	denied "refused, $attack" "$attack"
done
# What holds them back is not only the filter or only the capabilities.
all='--cap-add all'
for attack in umount-proc remount-sysctl mount-proc set-clock kernel-log open-by-handle \
	accounting make-device; do
	# shellcheck disable=SC2086 # option and value
	denied "refused with every capability and no filter, $attack" "$attack" $all --seccomp none
done
for attack in unshare-user clone-user clone3-user i386-unshare bpf userfaultfd io-uring tiocsti; do
	denied "refused to a user, $attack" "$attack" --user alice
done

# readable FILE: gives at least one byte within a second.
readable() { [ "$(timeout 1 head -c 1 "$1" 2>/dev/null | wc -c)" -gt 0 ]; }
for file in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug /proc/vmallocinfo \
	/proc/slabinfo /proc/kpageflags /proc/latency_stats /sys/firmware/memmap/0/start \
	/sys/kernel/debug/sleep_time /sys/kernel/vmcoreinfo /sys/kernel/boot_params/version; do
	if readable "$file"; then
		expect "masked, $file" 0 0 jail /bin/sh -c "timeout 1 head -c 1 $file 2>/dev/null | wc -c"
	else
		skip "masked, $file" 'cannot be read outside either'
	fi
done
for file in /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/vm/drop_caches \
	/proc/sys/kernel/hostname /proc/sysrq-trigger /proc/irq/default_smp_affinity \
	/proc/sys/kernel/ns_last_pid /sys/kernel/uevent_helper /sys/kernel/mm/ksm/run \
	/sys/power/state; do
	if [ -f "$file" ] && sh -c "true >>$file" 2>/dev/null; then
		for options in '' '--cap-add all --seccomp none'; do
			# shellcheck disable=SC2086 # words
			expect "cannot be opened for writing${options:+ with $options}, $file" 0 'refused' \
				jail $options /bin/sh -c "true 2>/dev/null >>$file || echo refused"
		done
	else
		skip "cannot be opened for writing, $file" 'nor outside'
	fi
done
expect 'nothing below /sys can be written' 0 '' \
	jail /bin/sh -c 'find /sys -type f -writable 2>/dev/null | head -n 3; touch /sys/x 2>/dev/null && echo made; true'
run find /sys/fs/cgroup -name release_agent -writable
if [ -n "$out" ]; then
	expect 'no release_agent, no control group can be written' 0 '' jail --memory 64M /bin/sh -c \
		'find /sys/fs/cgroup -type f 2>/dev/null | while read -r f; do true 2>/dev/null >>"$f" && echo "$f"; done
		mkdir /sys/fs/cgroup/x 2>/dev/null && echo made; true'
else
	skip 'release_agent' 'there is none outside'
fi
for device in kmsg mem kvm fuse net/tun vda sda loop-control vhost-net uinput; do
	[ -e "/dev/$device" ] || continue
	expect "no /dev/$device" 1 '' jail /bin/sh -c "ls /dev/$device 2>/dev/null"
	expect "no /dev/$device on the host's root" 2 '' "$CE" -- /bin/sh -c "ls /dev/$device 2>/dev/null"
done

# -------------------------------------------------------------------------------- credentials

field() { jail "$@" /bin/sh -c 'sed -nE "s/^(CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp):\t//p" /proc/self/status | tr "\n" " "'; }
default=00000000200005fb
none=0000000000000000
expect 'capabilities of root: the default set, none to inherit; no_new_privs; a filter' 0 \
	"$none $default $default $default $none 1 2 " field
expect 'capabilities of a user: none' 0 "$none $none $none $default $none 1 2 |$none $none $none $none $none 1 2 " \
	field --user alice
expect '--cap-drop all' 0 "$none $none $none $none $none 1 2 " field --cap-drop all
expect '--cap-drop chown' 0 "$none 00000000200005fa 00000000200005fa 00000000200005fa $none 1 2 " \
	field --cap-drop chown
expect '--seccomp none' 0 "$none $default $default $default $none 1 0 " field --seccomp none
expect '--allow-setuid: no no_new_privs' 0 "$none $default $default $default $none 0 2 " field --allow-setuid
run capsh --inh=cap_net_raw --addamb=cap_net_raw -- -c "grep CapAmb /proc/self/status"
if [[ $out == *0000002000 ]]; then
	run capsh --inh=cap_net_raw --addamb=cap_net_raw -- -c \
		"'$CE' --rootfs '$ROOT' /bin/grep -E 'Cap(Inh|Amb)' /proc/self/status"
	holds 'inheritable and ambient capabilities of the caller stop here' \
		[ "$(tr -cd '1-9' <<<"${out//Cap/}")" = '' ]
else
	skip 'inheritable and ambient capabilities of the caller' 'they cannot be had outside'
fi

# What root inside makes in a shared volume is worth nothing to a user outside.
mkdir "$SCRATCH/shared"
chmod 0777 "$SCRATCH/shared"
cp "$PROBE/ids" "$SCRATCH/shared/control"
chmod 04755 "$SCRATCH/shared/control"
outside() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
expect 'control: a set-user-ID file of real root works' 0 '65534 0' outside "$SCRATCH/shared/control"
jail --volume "$SCRATCH/shared:/mnt" /bin/sh -c 'cp /probe/ids /mnt/planted; chmod 04755 /mnt/planted'
expect 'a set-user-ID file that root inside leaves in a volume is not real root'"'"'s' 0 '65534 [1-9][0-9]*' \
	outside "$SCRATCH/shared/planted"

# --user reads numbers as numbers and never falls back to root; the root's passwd has a user called 1000.
expect 'a user that is a number keeps that number' 0 1000 jail --user 1000 /bin/id -u
expect 'supplementary groups of the caller stay outside' 0 '1000 1000 2000 2001' \
	setpriv --groups 0,4,27 "$CE" --rootfs "$ROOT" --user alice -- /bin/sh -c 'echo $(id -u) $(id -G)'

# Keys of the caller.
run "$PROBE/attack" find-key
python3 - <<'END'
import ctypes
libc = ctypes.CDLL(None)
for ring in (-3, -4):  # session, user
    libc.syscall(248, b"user", b"contain-canary", b"secret", 6, ring)
END
denied 'keys in the keyrings of root are not found' find-key
denied 'keys in the keyrings of root are not found without a filter' find-key --seccomp none
if [ "$(uname -m)" = x86_64 ]; then
	python3 -c '
import ctypes
libc = ctypes.CDLL(None)
for ring in (-3, -4):
    key = libc.syscall(250, 10, ring, b"user", b"contain-canary", 0)
    libc.syscall(250, 9, key, ring)'
fi

# ----------------------------------------------------------------- terminals, IPC and neighbours

expect 'the jail has terminals of its own only' 0 'ptmx ' jail /bin/sh -c 'ls /dev/pts | tr "\n" " "'
for socket in /run/docker.sock /run/dbus.sock; do
	python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); time.sleep(60)' "$socket" &
	listener=$!
	true_within 5 test -S "$socket"
	for root in host "$ROOT"; do
		expect "no $socket in a jail on ${root/$ROOT/a directory}" 0 '' "$CE" --rootfs "$root" -- \
			/bin/sh -c "find /run /var/run -type s 2>/dev/null; true"
	done
	kill "$listener"
	wait "$listener" 2>/dev/null
	rm -f "$socket"
done
launch --name left sleep 60
left=$launched
true_within 5 pgrep -x sleep >/dev/null
expect 'kill -9 -1 in one jail leaves the next alone' 0 '.*' jail --name right /bin/sh -c \
	'sleep 50 & kill -9 -1; wait; echo over'
holds 'the neighbour lives' pgrep -x sleep
expect 'a neighbour is not to be seen' 0 '' jail /bin/sh -c 'ps -o args | grep "sleep 60" | grep -v grep; true'
end "$left"

# ----------------------------------------------------------------------------- hostile callers

# as NAME COMMAND-PREFIX...: contain-exec below it either works in full or fails cleanly.
as() {
	local name=$1
	shift
	run "$@" "$CE" --rootfs "$ROOT" --memory 64M -- /bin/sh -c 'echo in $(id -u) $(pwd)'
	if { [ "$status" -eq 0 ] && [ "$out" = 'in 0 /' ]; } ||
		{ [ "$status" -eq 125 ] && [ -z "$out" ] && [ "$(wc -l <"$SCRATCH/err")" -eq 1 ]; }; then
		ok "called with $name: ${out:-${err:0:100}}"
	else
		not_ok "called with $name" "$(shown)"
	fi
	host_is_as_before || nothing_left "nothing is left after a call with $name"
}
as 'nothing unusual' env
as 'SIGCHLD ignored' env --ignore-signal=CHLD
as 'every signal ignored' env --ignore-signal
as 'every signal blocked' env --block-signal
as 'SIGTERM and SIGPIPE blocked' env --block-signal=TERM,PIPE
as 'umask 0' sh -c 'umask 0; exec "$@"' sh
as 'umask 0777' sh -c 'umask 0777; exec "$@"' sh
as 'few descriptors' prlimit --nofile=64:64
as 'hardly any descriptors' prlimit --nofile=8:8
# Through a pipe, because the files that this test reads could not be written either.
as 'no file size' bash -c '{
	prlimit --fsize=0:0 "$@" 2>&1 >&3 | cat >&2
	exit "${PIPESTATUS[0]}"
} 3>&1 | cat
exit "${PIPESTATUS[0]}"' bash
as 'a small stack' prlimit --stack=262144:262144
as 'a second of CPU time' prlimit --cpu=1:1
# AddressSanitizer cannot live with that.
[ -n "${CONTAIN_SANITIZED:-}" ] || as 'little address space' prlimit --as=67108864:67108864
as 'no_new_privs set' setpriv --no-new-privs
as 'a parent death signal' setpriv --pdeathsig KILL
as 'low priority' nice -n 19
as 'a deleted working directory' sh -c 'mkdir "$0/gone"; cd "$0/gone"; rmdir "$0/gone"; exec "$@"' "$SCRATCH"
as 'an OOM score of 1000' sh -c 'echo 1000 >/proc/self/oom_score_adj; exec "$@"' sh
as 'another personality' setarch --addr-no-randomize
as 'an empty environment' env -i
as 'an environment of 100 kB' env "BIG=$(head -c 100000 /dev/zero | tr '\0' x)"
as 'a session of its own' setsid -w
as 'no supplementary groups' setpriv --clear-groups
as 'its own mount namespace, shared' unshare --mount --propagation shared
rm -f /tmp/canary.log
for name in LD_AUDIT GCONV_PATH LOCPATH NLSPATH TMPDIR BASH_ENV ENV PYTHONPATH HOSTALIASES PATH \
	NOTIFY_SOCKET LD_LIBRARY_PATH; do
	as "$name set" env "$name=$SCRATCH"
done
cat >"$SCRATCH/evil" <<END
#!/bin/sh
echo loaded >>/tmp/canary.log
END
chmod 0755 "$SCRATCH/evil"
for program in ip nft mount modprobe newuidmap newgidmap sh iptables contain-init; do
	cp "$SCRATCH/evil" "$SCRATCH/$program"
done
run env "PATH=$SCRATCH" ip
holds 'control: a program in the first folder of PATH is run' [ -s /tmp/canary.log ]
rm -f /tmp/canary.log
run env "PATH=$SCRATCH" "$CE" --rootfs "$ROOT" --network bridge --memory 64M -- /bin/true
holds 'no program is looked up in the PATH of the caller' [ "$status" -eq 0 -a ! -e /tmp/canary.log ]
ip link del contain0 2>/dev/null
expect 'the umask and an OOM score above 0 are the caller'"'"'s' 0 '0027 500' sh -c 'umask 027
	echo 500 >/proc/self/oom_score_adj
	"$@" /bin/sh -c "echo \$(umask) \$(cat /proc/self/oom_score_adj)"' sh "$CE" --rootfs "$ROOT"
holds 'nothing that must not change has changed' canary_is_untouched
nothing_left 'nothing is left of all these jails'
finish
