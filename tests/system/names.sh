#!/bin/bash
# SPDX-License-Identifier: MIT
# The name servers that a jail asks, and the names that it knows by itself.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
: >"$ROOT/etc/hosts"
jail --network bridge /bin/true # makes contain0, which stays
remember_host

# A host with systemd-resolved: a stub on its loopback, by a link into /run.
mkdir -p /run/systemd/resolve
printf 'nameserver 127.0.0.53\noptions edns0\nsearch example.org\n' >/run/systemd/resolve/stub-resolv.conf
printf 'nameserver 192.0.2.53\nnameserver 2001:db8::53\n' >/run/systemd/resolve/resolv.conf
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf

conf='cat /etc/resolv.conf'
upstream=$'options edns0\nsearch example\\.org\nnameserver 192\\.0\\.2\\.53\nnameserver 2001:db8::53'
for root in "$ROOT" host; do
	name=$([ "$root" = host ] && echo 'the host' || echo 'a directory')
	expect "$name: a stub on the loopback is replaced by its upstreams" 0 "$upstream" \
		jail --rootfs "$root" --network bridge /bin/sh -c "$conf"
	expect "$name: in the host's own network the stub can be asked" 0 \
		$'nameserver 127\\.0\\.0\\.53\noptions edns0\nsearch example\\.org' \
		jail --rootfs "$root" --network host /bin/sh -c "$conf"
	expect "$name: --dns" 0 $'options edns0\nsearch example\\.org\nnameserver 198\\.51\\.100\\.7\nnameserver 2001:db8::7' \
		jail --rootfs "$root" --network bridge --dns 198.51.100.7 --dns 2001:db8::7 /bin/sh -c "$conf"
	expect "$name: --dns none" 0 '# none: .*' jail --rootfs "$root" --network host --dns none /bin/sh -c "$conf"
	expect "$name: knows its own name, and localhost" 0 $'127\\.0\\.1\\.1 +web.*\n(127\\.0\\.0\\.1|::1) +localhost.*' \
		jail --rootfs "$root" --hostname web /bin/sh -c \
		'grep -w web /etc/hosts | tr "\t" " "; grep -w localhost /etc/hosts | tr "\t" " "; true'
	expect "$name: neither file can be changed" 0 '.*resolv\.conf.*Read-only.*hosts.*Read-only.*' \
		jail --rootfs "$root" --network bridge /bin/sh -c \
		'for file in resolv.conf hosts; do (: >/etc/$file) 2>&1; done; true'
done
expect 'the host without a resolver: what it asks itself' 0 'nameserver 192\.0\.2\.9' eval '
	rm /etc/resolv.conf
	echo "nameserver 192.0.2.9" >/etc/resolv.conf
	jail --network bridge /bin/sh -c "cat /etc/resolv.conf"'
expect 'a network of its own without anybody in it: the file of the root' 0 'mine' eval '
	echo mine >"$ROOT/etc/resolv.conf"
	jail --network none /bin/sh -c "cat /etc/resolv.conf"'
expect 'a volume counts more' 0 'given' eval '
	echo given >"$SCRATCH/given"
	jail --network bridge --volume "$SCRATCH/given:/etc/resolv.conf" /bin/sh -c "cat /etc/resolv.conf"'
expect 'the file of the root has not changed' 0 'mine' cat "$ROOT/etc/resolv.conf"
printf '192.0.2.80 web files\n' >"$ROOT/etc/hosts"
expect 'what the hosts file of the root says of the name stays' 0 $'127.*localhost\n::1.*localhost\n192\\.0\\.2\\.80 web files' \
	jail --hostname web /bin/sh -c 'cat /etc/hosts'

# -- bad input
refuses '--dns: a name' 125 '^contain-exec: --dns: "dns\.example" is not an address: use an IP, as in' \
	jail --dns dns.example /bin/true
refuses '--dns: a fourth' 125 'more than 3 name servers' \
	jail --dns 192.0.2.1 --dns 192.0.2.2 --dns 192.0.2.3 --dns 192.0.2.4 /bin/true
refuses '--dns: none, and one' 125 'contradict' jail --dns none --dns 192.0.2.1 /bin/true

# -- a name is really asked for there
"$PYTHON" "$top/tests/host/dns.py" 10.97.0.1 files.example.org 192.0.2.80 &
server=$!
true_within 5 eval 'ss -uln | grep -q "10.97.0.1:53"'
expect 'a program finds a name through the server that was given' 0 '192\.0\.2\.80 +STREAM files\.example\.org.*' \
	jail --rootfs host --network bridge --dns 10.97.0.1 getent ahostsv4 files.example.org
run jail --rootfs host --network bridge --dns none getent ahostsv4 files.example.org
holds 'and not without one' [ "$status" -eq 2 -a -z "$out" ]
kill "$server"
wait "$server" 2>/dev/null
nothing_left 'nothing is left'
finish
