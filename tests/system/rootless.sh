#!/bin/bash
# SPDX-License-Identifier: MIT
# contain-exec run by an ordinary user.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
chown -R 1000:1000 "$ROOT"
make_user
cd "$SCRATCH/user" || exit 1
remember_host

user() { "${as_user[@]}" "$@"; }
run user unshare --user --map-root-user true
if [ "$status" -ne 0 ]; then
	skip 'rootless' "this kernel gives no user namespaces to ordinary users: $err"
	finish
	exit 0
fi
mine() { user "$CE" --rootfs "$ROOT" "$@"; }

expect 'a command runs' 0 'in' mine -- /bin/echo in
expect 'the user is root inside' 0 '0 0' mine -- /bin/sh -c 'echo $(id -u) $(id -g)'
expect 'its files are root'"'"'s inside' 0 'root root' mine -- /bin/stat -c '%U %G' /etc/passwd
mine -- /bin/sh -c 'echo x >/root/made' </dev/null
expect 'what root makes inside is the user'"'"'s outside' 0 1000 stat -c %u "$ROOT/root/made"
for namespace in user mnt pid net ipc uts cgroup; do
	run mine -- /bin/readlink "/proc/self/ns/$namespace"
	holds "the $namespace namespace is the jail's own" \
		[ "$status" -eq 0 -a "$out" != "$(readlink "/proc/self/ns/$namespace")" ]
done
expect 'ps shows only the jail' 0 ' ?1 contain-init, ?2 sh,.*' mine -- /bin/sh -c 'ps -o pid,comm | tail -n +2 | tr -s " " | tr "\n" ","'
expect 'there is one interface, lo, and it is up' 0 'lo LOOPBACK,UP,LOWER_UP' \
	mine -- /bin/sh -c 'ip -o link | sed -E "s/^[0-9]+: ([^:]+): <([^>]+)>.*/\1 \2/"'
expect '--rootfs host' 0 'in' user "$CE" -- /bin/sh -c 'echo in'
expect '--rootfs host: files of root stay unreadable' 1 '' user "$CE" -- /bin/sh -c 'cat /etc/shadow 2>/dev/null'
expect '--overlay tmpfs' 0 'x' mine --overlay tmpfs -- /bin/sh -c 'echo x >/etc/new; cat /etc/new'
holds '--overlay tmpfs: the root is as before' [ ! -e "$ROOT/etc/new" ]
mkdir "$SCRATCH/user/data"
chown 1000:1000 "$SCRATCH/user/data"
expect '--volume' 0 'x' mine --volume "$SCRATCH/user/data:/mnt" -- /bin/sh -c 'echo x >/mnt/f; cat /mnt/f'
expect 'exit codes arrive' 37 '' mine -- /bin/sh -c 'exit 37'
refuses 'a command that is not there' 127 'no-such' mine -- no-such
run mine -- /probe/signals raise 15
holds 'death by a signal arrives' [ "$status" -eq 143 ]
expect '1000 orphans are reaped' 0 0 mine -- /probe/signals orphans 1000
expect '--rlimit' 0 37 mine --rlimit nofile=40 -- /probe/load files 100
expect 'no_new_privs and a filter' 0 '1 2' \
	mine -- /bin/sh -c 'echo $(sed -nE "s/^(NoNewPrivs|Seccomp):\t//p" /proc/self/status)'
for attack in unshare-user mount-tmpfs remount-sysctl umount-proc bpf io-uring set-hostname tiocsti; do
	if unshare --mount "$PROBE/attack" "$attack" >/dev/null; then
		run mine -- /probe/attack "$attack"
		holds "refused: $attack" [ "$status" -eq 1 -o "$status" -eq 2 ]
	fi
done
refuses 'a bridge needs root' 125 '(--network|bridge|root)' mine --network bridge -- /bin/true
run mine --memory 64M -- /probe/load memory 200
if [ "$status" -eq 125 ]; then
	holds 'a limit that cannot be enforced is an error that says what is missing' \
		[ "$(wc -l <"$SCRATCH/err")" -eq 1 -a "${err/--memory/}" != "$err" ]
else
	holds 'a limit where the group is delegated is enforced' [ "$status" -eq 137 ]
fi

# More ids through newuidmap, where the administrator has given some.
if command -v newuidmap >/dev/null; then
	echo 'contain-test:200000:65536' >>/etc/subuid
	echo 'contain-test:200000:65536' >>/etc/subgid
	newuidmap_works() {
		# As the user: without --bounding-set, which would take newuidmap's own capabilities away.
		setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all env HOME=/ "$@"
	}
	expect 'more ids through /etc/subuid' 0 '1000 1000' newuidmap_works "$CE" --rootfs "$ROOT" \
		--user 1000:1000 -- /bin/sh -c 'echo $(id -u) $(id -g)'
	sed -i '/^contain-test/d' /etc/subuid /etc/subgid
fi
refuses 'without more ids another user is refused' 125 '--user' mine --user 1001 -- /bin/true
nothing_left 'nothing is left of all these jails'
finish
