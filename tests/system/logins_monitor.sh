#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 120
# The processes that stay root: what they are once the session is open, and what they load then.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells, or eval
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
. "$top/tests/host/jails.sh"
host_start
host_install
jails_on
remember_host

# A root that is somebody's who means no good: libraries that tell on whoever loads them, by the
# owner of a file, which is an id of the host.
programs_root /srv/root bash ls id cat sleep readlink getent true touch \
	/usr/lib/openssh/sftp-server
cp "$BUILD/probe/attack" /srv/root/usr/bin/
cat >"$SCRATCH/canary.c" <<'END'
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void loaded(void)
{
	char path[64];
	snprintf(path, sizeof(path), "/tmp/canary.%d.%d", (int)getpid(), (int)geteuid());
	int fd = open(path, O_WRONLY | O_CREAT, 0666);
	if (fd >= 0)
		close(fd);
}
END
cc -shared -fPIC -o "$SCRATCH/canary.so" "$SCRATCH/canary.c"
where=/srv/root/usr/lib/$(gcc -print-multiarch)
mkdir -p "$where/gconv" "$where/security"
for library in libnss_evil.so.2 libnss_systemd.so.2 libnss_compat.so.2 libnss_files.so.2 libgcc_s.so.1 \
	gconv/UTF-16.so gconv/ISO8859-15.so security/pam_motd.so security/pam_mail.so; do
	[ -e "$where/$library" ] || cp "$SCRATCH/canary.so" "$where/$library"
done
printf 'passwd: evil files\ngroup: evil files\ninitgroups: evil files\n' >/srv/root/etc/nsswitch.conf
policy users/alice.conf <<-'END'
	[jail]
	enable = yes
	grace = 5s
	[rootfs]
	source = /srv/root
END

# -- the controls: the canaries sing, for who is root outside and for who is not
mkdir -p "$SCRATCH/empty"
run unshare --mount sh -c "mount --bind /srv/root '$SCRATCH/empty' && chroot '$SCRATCH/empty' getent passwd nobody"
holds 'the control: root in a chroot there loads them, as uid 0 of the host' \
	eval '[ -n "$(find /srv/root/tmp -name "canary.*" -uid 0)" ]'
rm -f /srv/root/tmp/canary.*

# -- everybody comes in, by every way, with all that their programs look up
cp /etc/nsswitch.conf "$SCRATCH/nsswitch.before"
sed -i 's/^group:.*/group: files systemd/; s/^passwd:.*/passwd: files systemd/' /etc/nsswitch.conf
sshd_restart
expect 'ssh' 0 'alice' ssh_as alice 'id -un'
expect 'ssh with a password' 0 'alice' ssh_with_password "$host_password" alice 'id -un'
expect 'ssh -tt' 0 '.*alice.*' on_terminal '' "${ssh[@]}" -tt -l alice "$host_name" 'id -un'
expect 'a failed command' 127 '' ssh_as alice no-such-command
expect 'su' 0 alice su alice -c 'id -un'
expect 'su --pty -' 0 '.*alice.*' on_terminal '' su --pty - alice -c 'id -un'
expect 'sudo' 0 alice sudo -u alice id -un
expect 'login' 0 '.*iam-alice.*' on_terminal "
	expect Password:
	send $host_password\r
	expect \\$ $
	send echo iam-\$USER; exit\r" login alice
expect 'scp into the jail' 0 '' scp_here -s /etc/hostname "alice@$host_name:/tmp/from-outside"
run ssh_as alice 'getent passwd nobody'
init=$(init_of user-1001)
holds 'in the jail they do sing, for the person' \
	eval '[ -n "$(find "/proc/$init/root/tmp" -name "canary.*.1001" -uid 1001)" ]'
holds 'but for nobody who is root on the host' \
	eval '[ -z "$(find "/proc/$init/root/tmp" -name "canary.*" -uid 0)" ]'
echo '/usr/lib/libpreload.so' >/srv/root/etc/ld.so.preload
cp "$SCRATCH/canary.so" /srv/root/usr/lib/libpreload.so
run ssh_as alice true
run su alice -c true
run sudo -u alice true
holds 'nor with an ld.so.preload' eval '[ -n "$(find "/proc/$init/root/tmp" -newer /srv/root/etc/ld.so.preload -name "canary.*" -uid 1001)" ] &&
	[ -z "$(find "/proc/$init/root/tmp" -name "canary.*" -uid 0)" ]'
rm /srv/root/etc/ld.so.preload
cp "$SCRATCH/nsswitch.before" /etc/nsswitch.conf
sshd_restart

# -- the monitor itself
policy users/alice.conf <<-'END'
	[jail]
	enable = yes
	grace = 5s
END
true_within 10 jail_is_gone user-1001
status_of() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}
expect 'the control: root of the host may do both' 0 'done' \
	sh -c "cat /etc/shadow >/dev/null && hostname other && hostname $host_name && echo done"
# monitor_is_confined NAME PID
monitor_is_confined() {
	local name=$1 pid=$2 init
	init=$(init_of user-1001)
	holds "$name: is in the jail's user namespace" \
		[ "$(readlink "/proc/$pid/ns/user")" = "$(readlink "/proc/$init/ns/user")" ]
	holds "$name: and in its mounts, network, and control group" eval \
		"[ '$(readlink "/proc/$pid/ns/mnt") $(readlink "/proc/$pid/ns/net") $(readlink "/proc/$pid/ns/cgroup")' = \
		'$(readlink "/proc/$init/ns/mnt") $(readlink "/proc/$init/ns/net") $(readlink "/proc/$init/ns/cgroup")' ]"
	# Effective uid: an id of the jail's block.
	holds "$name: is nobody on the host ($(status_of "$pid" Uid))" \
		[ "$(status_of "$pid" Uid | cut -f2)" -ge $((0x70000000)) ]
	holds "$name: has no group of the host's root ($(status_of "$pid" Groups))" \
		eval "! grep -qw 0 <<<'$(status_of "$pid" Groups) $(status_of "$pid" Gid)'"
	holds "$name: no_new_privs, a filter, and nothing to inherit" \
		[ "$(status_of "$pid" NoNewPrivs) $(status_of "$pid" Seccomp) $(status_of "$pid" CapInh) $(status_of "$pid" CapBnd)" = \
			'1 2 0000000000000000 0000000000000000' ]
	# A capability counts over what belongs to its user namespace: nothing of the host's does.
	expect "$name: all capabilities that there are in its user namespace are none on the host" 0 'denied.denied' \
		nsenter --target "$pid" --user --setuid 0 --setgid 0 -- sh -c \
		'cat /etc/shadow >/dev/null 2>&1 || echo denied; hostname other 2>/dev/null || echo denied'
}
ssh_behind alice 'sleep 60' </dev/null
true_within 5 jail_is_there user-1001
true_within 5 is_running sleep
pid=
for pid in $(pgrep -f '^sshd(-session)?: alice \[priv\]'); do
	monitor_is_confined 'sshd' "$pid"
	holds 'sshd: its environment and memory cannot be read in the jail' \
		eval "! ssh_as alice 'cat /proc/[0-9]*/environ' 2>/dev/null | tr '\\0' '\\n' | grep -q '^PATH=.*sbin'"
done
holds 'sshd: there was one to look at' [ -n "$pid" ]
kill "$behind"
wait "$behind" 2>/dev/null
su alice -c 'sleep 61' &
child=$!
true_within 5 is_running sleep
monitor_is_confined su "$(pgrep -P $$ -x su)"
pkill -u 1001 -x sleep
wait "$child" 2>/dev/null
sudo -u alice sleep 62 &
child=$!
true_within 5 is_running sleep
monitor_is_confined sudo "$(pgrep -x sudo | head -n 1)"
pkill -u 1001 -x sleep
wait "$child" 2>/dev/null

# -- what the session has: the same, first or later, by whatever way
facts='grep -E "^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp):" /proc/self/status; cat /proc/self/cgroup; ulimit -a'
true_within 10 jail_is_gone user-1001
su alice -c "$facts" >"$SCRATCH/first"
expect 'a later session by ssh has what the first by su had' 0 "$(literally "$(<"$SCRATCH/first")")" \
	ssh_as alice "$facts"
expect 'and one by sudo' 0 "$(literally "$(<"$SCRATCH/first")")" sudo -u alice bash -c "$facts"
expect 'no capability at all, nor a way to one' 0 '0000000000000000' \
	su alice -c "grep ^Cap /proc/self/status | cut -f2 | sort -u"

# -- descriptors of directories are a way out
mkdir -p /srv/way/out
exec 7</srv/way/out
expect 'the control: a directory that root has open is inherited outside' 0 'out' \
	su bob -c 'ls /proc/self/fd/7/..'
expect 'a directory that root has open does not come along' 2 '' su alice -c 'ls /proc/self/fd/7/..'
exec 7<&-

# -- what root's terminal is for
install -m 0755 "$BUILD/probe/attack" /usr/local/bin/
types_into_terminal() {
	on_terminal '
		expect \$ $
		send attack tiocsti-stdin; echo code-$?\r
		expect code-\d
		send \x15exit\r' su "$1"
}
run types_into_terminal bob
if [[ $out == *code-0* ]]; then
	expect 'typing into the terminal of who runs su is refused' 0 '.*code-1.*' types_into_terminal alice
else
	skip 'typing into the terminal of who runs su' 'nor can it be done outside'
fi

holds 'every jail ends' no_jails
host_stop
nothing_left 'nothing is left'
finish
