#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# Where a jail can send to, and from which address: a host with an uplink to an internet, both network
# namespaces of this test, with servers on every kind of address that there is.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"

public=203.0.113.5 public6=2001:db8:5::5
private=192.168.77.1 private6=fd00:77::1
metadata=169.254.169.254 metadata6=fd00:ec2::254
make_internet
for address in "$public" "$public6" "$private" "$private6" "$metadata" "$metadata6" 100.100.100.200 168.63.129.16; do
	far ip address add "$address" dev lo
done
far ip route add 10.97.0.0/16 via "$uplink"
sysctl -q net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0 net.ipv6.conf.up0.accept_ra=1
far "$PYTHON" -c "$internet" serve 53 80 443 >"$SCRATCH/far" 2>&1 &
servers=($!)
"$PYTHON" -c "$internet" serve 22 53 >"$SCRATCH/near" 2>&1 &
servers+=($!)
holds 'the servers come up' true_within 10 eval "grep -q ready '$SCRATCH/far' && grep -q ready '$SCRATCH/near'"

# from OPTION... -- tcp|udp ADDRESS PORT: what a program in a jail on the bridge hears.
from() {
	asks --network bridge "$@"
}

# -- without a firewall of ours
nft add table inet admins
nft add chain inet admins own '{ type filter hook forward priority 10; policy accept; }'
expect 'the control: the host reaches the internet' 0 "$uplink.$uplink6" eval \
	'"$PYTHON" -c "$internet" ask tcp $public 80; "$PYTHON" -c "$internet" ask tcp $public6 80'
expect '--nat no: nobody translates or forwards' 0 silence from --nat no -- tcp "$public" 80
holds '--nat no: and nothing of the host is changed' eval \
	'! nft list tables | grep -q contain && [ "$(sysctl -n net.ipv4.ip_forward)" -eq 0 ]'

# -- with it
expect 'out there it is the host, over IPv4' 0 "$uplink" from -- tcp "$public" 80
expect 'and over IPv6' 0 "$uplink6" from -- tcp "$public6" 80
expect 'and by datagrams' 0 "$uplink.$uplink6" eval \
	'from -- udp $public 53; from -- udp $public6 53'
expect 'forwarding is on, and the host listens to its routers as before' 0 '1 1 2' eval \
	'echo $(sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv6.conf.up0.accept_ra)'
launch --network bridge --name web /bin/sh -c 'ip -o -4 address show dev eth0 >/tmp/address
	nc -ll -p 80 -e echo from-the-jail'
web=$launched
true_within 10 test -s "$ROOT/tmp/address"
address=$(sed -nE 's|.* inet ([0-9.]+)/.*|\1|p' "$ROOT/tmp/address")
hears() { [ "$("$PYTHON" -c "$internet" ask tcp "$1" 80)" = "$2" ]; }
holds 'the control: the host reaches a server in a jail' true_within 5 hears "$address" from-the-jail
expect 'nobody out there does, unasked' 0 silence far "$PYTHON" -c "$internet" ask tcp "$address" 80

# -- somebody flushes the rules of the host
nft flush ruleset
from_web() { nsenter --target "$(pgrep -x nc)" --net "$PYTHON" -c "$internet" ask tcp "$public" 80; }
expect 'flushed: the control: nobody translates' 0 "$address" from_web
nft add table inet admins
nft add chain inet admins own '{ type filter hook forward priority 10; policy accept; }'
children=()
for number in $(seq 10); do
	from -- tcp "$public" 80 >"$SCRATCH/flushed.$number" 2>&1 &
	children+=($!)
done
wait "${children[@]}"
expect 'flushed: ten that start at once load them again' 0 "10 $uplink" \
	eval 'cat "$SCRATCH"/flushed.* | sort | uniq -c | sed "s/^ *//"'
expect 'flushed: and what lived meanwhile is translated again' 0 "$uplink" from_web
expect "the administrator's own table is as it was" 0 '.*chain own.*' nft list table inet admins

# -- another table that drops all that it does not know
nft add chain inet admins strict '{ type filter hook forward priority 20; policy drop; }'
expect "a strict table of the administrator's: nobody gets out" 0 silence from -- tcp "$public" 80
run "$BUILD/containctl" doctor --json
run "$PYTHON" -c 'import json, sys
for finding in json.loads(sys.argv[1])["findings"]:
    if finding["check"] == "network":
        print(finding["command"])' "$out"
mend=$out
holds 'containctl doctor knows the command' [ "$(wc -l <<<"$mend")" -eq 1 -a -n "$mend" ]
bash -c "$mend"
expect 'and they let us through' 0 "$uplink" from -- tcp "$public" 80
expect 'but nobody in, unasked' 0 silence far "$PYTHON" -c "$internet" ask tcp "$address" 80
nft delete chain inet admins strict
end "$web"

# -- who may send where: OPTIONS | KIND ADDRESS PORT | ANSWER
table="
# an ordinary command reaches all but metadata
| tcp $public 80 | $uplink
| tcp $private 80 | $uplink
| tcp $private6 80 | $uplink6
| tcp $metadata 80 | refused
| tcp $metadata6 80 | refused
| tcp 100.100.100.200 80 | refused
| tcp 168.63.129.16 80 | refused
| udp $metadata 53 | refused
| tcp ::ffff:$metadata 80 | refused
--egress any | tcp $metadata 80 | $uplink
--egress any | tcp $metadata6 80 | $uplink6
# name servers of a cloud, among those addresses, can be asked, and nothing else there
--dns $metadata | udp $metadata 53 | $uplink
--dns $metadata | tcp $metadata 53 | $uplink
--dns $metadata | tcp $metadata 80 | refused
--dns $metadata | tcp $metadata6 80 | refused
--dns $metadata | tcp $private 80 | $uplink
--dns $metadata6 | udp $metadata6 53 | $uplink6
# the internet, and nothing else
--egress internet | tcp $public 80 | $uplink
--egress internet | tcp $public6 443 | $uplink6
--egress internet | udp $public 53 | $uplink
--egress internet | tcp $private 80 | refused
--egress internet | tcp $private6 80 | refused
--egress internet | tcp $metadata 80 | refused
--egress internet | tcp $metadata6 80 | refused
--egress internet | tcp 168.63.129.16 80 | refused
--egress internet | udp $private 53 | refused
--egress internet | tcp ::ffff:$private 80 | refused
# ports and protocols
--egress $public:80 | tcp $public 80 | $uplink
--egress $public:80 | tcp $public 443 | refused
--egress $public:80 | tcp $public6 80 | refused
--egress $public:tcp | tcp $public 443 | $uplink
--egress $public:tcp | udp $public 53 | refused
--egress $public:udp/50-60 | udp $public 53 | $uplink
--egress $public:udp/50-52 | udp $public 53 | refused
--egress [$public6]:443 | tcp $public6 443 | $uplink6
--egress [$public6]:443 | tcp $public6 80 | refused
--egress [2001:db8::]/32:tcp/80-90 | tcp $public6 80 | $uplink6
--egress 203.0.113.0/24 | tcp $public 443 | $uplink
--egress 203.0.112.0/24 | tcp $public 443 | refused
# the first that fits
--egress deny,$public:80,allow,any | tcp $public 80 | refused
--egress deny,$public:80,allow,any | tcp $public 443 | $uplink
--egress allow,$public:80,deny,any | tcp $public 80 | $uplink
--egress allow,$public:80,deny,any | tcp $public6 80 | refused
--egress deny,private,allow,any | tcp $private 80 | refused
--egress deny,private,allow,any | tcp $public6 80 | $uplink6
--egress deny,any | tcp $public 80 | refused
--egress deny,metadata,private,allow,any | tcp 168.63.129.16 80 | refused
# the host itself, by each of its addresses
| tcp 10.97.0.1 22 | 10.97.*
| tcp $uplink 22 | 10.97.*
| tcp $uplink6 22 | fd97:*
--host-access none | tcp 10.97.0.1 22 | refused
--host-access none | tcp fd97:c0a1::1 22 | refused
--host-access none | tcp $uplink 22 | refused
--host-access none | tcp $uplink6 22 | refused
--host-access none | udp $uplink 53 | refused
--host-access none | tcp $public 80 | $uplink
--host-access none --egress any | tcp $uplink 22 | refused
--host-access 22 | tcp 10.97.0.1 22 | 10.97.*
--host-access 22 | tcp fd97:c0a1::1 22 | fd97:*
--host-access 22 | tcp 10.97.0.1 53 | refused
--host-access tcp/22 | udp 10.97.0.1 53 | refused
--host-access udp | udp 10.97.0.1 53 | 10.97.*
--host-access udp | tcp 10.97.0.1 22 | refused
--host-access 20-21 --host-access 22-23 | tcp 10.97.0.1 22 | 10.97.*
--host-access 22 | tcp $uplink 22 | refused
--host-access 22 | tcp $uplink6 22 | refused
--host-access 22 --egress any | tcp $uplink 22 | refused
--host-access 22 --egress deny,any | tcp 10.97.0.1 22 | 10.97.*
--host-access 22 | tcp $public 80 | $uplink
--egress deny,any | tcp 10.97.0.1 22 | refused
--egress internet | tcp 10.97.0.1 22 | refused
--egress deny,any --host-access all | tcp 10.97.0.1 22 | 10.97.*
# and name servers, wherever they are
--egress internet --dns $private | udp $private 53 | $uplink
--egress internet --dns $private | tcp $private 80 | refused
"
while IFS='|' read -r options question answer; do
	[ -n "$question" ] || continue # a heading
	read -ra options <<<"$options"
	read -ra question <<<"$question"
	options=("${options[@]//,/ }")
	run from "${options[@]}" -- "${question[@]}"
	# shellcheck disable=SC2053 # it is a pattern
	if [[ $out == ${answer# } ]]; then
		ok "${options[*]:-as it is}: ${question[*]} is${answer}"
	else
		not_ok "${options[*]:-as it is}: ${question[*]} is${answer}" "$(shown)"
	fi
done <<<"$table"
expect '--host-access none: pings are answered' 0 '.* 0% packet loss.*' \
	jail --network bridge --host-access none --rootfs host ping -c 1 -W 2 "$uplink"
launch --network bridge --network-address 10.97.200.200/16 --egress 'deny any' \
	/bin/sh -c 'nc -ll -p 80 -e echo answered'
holds 'an answer passes, whoever asks' true_within 5 hears 10.97.200.200 answered
expect 'also one to a ping' 0 '.* 0% packet loss.*' ping -c 2 -i 0.2 -W 2 10.97.200.200
expect 'and that nobody listens there' 0 'refused' \
	timeout 5 "$PYTHON" -c "$internet" ask udp 10.97.200.200 99
end "$launched"

# -- from an address that is not its own, which with IPv6 takes no right
"$PYTHON" -c '
import socket
here = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
here.bind(("fd97:c0a1::1", 5454))
while True:
    print(here.recvfrom(99)[1][0], flush=True)' >"$SCRATCH/senders" &
servers+=($!)
# pretends OPTION...: and says what has come.
pretends() {
	: >"$SCRATCH/senders"
	jail --network bridge "$@" --user 65534 --rootfs host "$PYTHON" -c '
import socket
for host in "", "fd97:c0a1::ffff:1":
    here = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    here.setsockopt(socket.IPPROTO_IPV6, 78, 1)  # IPV6_FREEBIND
    here.bind((host, 5555))
    try:
        here.sendto(b"x", ("fd97:c0a1::1", 5454))
    except OSError:
        pass'
	sleep 0.3
	sort -u "$SCRATCH/senders"
}
expect 'the control: without rules, it comes from another address' 0 \
	$'fd97:c0a1::[0-9a-f:]+\nfd97:c0a1::ffff:1' pretends
expect 'with rules, only from its own' 0 'fd97:c0a1::[0-9a-f]+' pretends --egress internet --host-access all
expect 'so with rights over its network' 0 'fd97:c0a1::[0-9a-f]+' pretends --cap-add net_admin

# -- isolated, and sent to the bridge to be brought back from there: an answer would take the same way,
# but a datagram needs none.
launch --rootfs host --network bridge --isolate yes --network-address 10.97.200.201/16 "$PYTHON" -c '
import socket
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.bind(("", 5353))
while True:
    print(here.recv(99).decode(), flush=True)' >"$SCRATCH/arrived"
true_within 5 ping -c 1 -W 1 10.97.200.201 >/dev/null
# detour OPTION...: its hardware address is said to be the bridge's.
detour() {
	jail --network bridge --isolate yes --cap-add net_admin "$@" --rootfs host /bin/sh -c '
		ip neigh replace 10.97.200.201 lladdr 02:c0:0a:61:00:01 dev eth0
		exec "$0" -c "$1" ask udp 10.97.200.201 5353' "$PYTHON" "$internet"
}
run from --isolate yes -- udp 10.97.200.201 5353
run detour
holds 'isolated: nothing arrives, nor through the host, whatever root of its network does' \
	[ ! -s "$SCRATCH/arrived" ]
nft flush ruleset
run detour --nat no
holds 'the control: without the rules there is that way' true_within 5 test -s "$SCRATCH/arrived"
end "$launched"

# -- root inside cannot take the rules away
expect 'root inside cannot change the rules, or the routes' 0 'no.no.refused' \
	jail --network bridge --egress internet --rootfs host /bin/sh -c '
	nft flush ruleset 2>/dev/null || echo no
	ip route del default 2>/dev/null || echo no
	exec "$0" -c "$1" ask tcp "$2" 80' "$PYTHON" "$internet" "$private"

# -- bad input
refuses '--egress: no destination' 125 '^contain-exec: --egress: "example\.org" is not a destination: use any, internet' \
	jail --egress example.org /bin/true
refuses '--egress: bits behind the prefix' 125 '"10\.0\.0\.1/8" is not a destination' jail --egress 10.0.0.1/8 /bin/true
refuses '--egress: no port' 125 '"any:http": "http" are not ports: use 443' jail --egress any:http /bin/true
refuses '--egress: that root inside could take away' 125 'leave out the capability' \
	jail --network bridge --egress internet --cap-add net_admin /bin/true
refuses '--egress: of the host' 125 'use it with --network bridge' jail --egress any --network host /bin/true
refuses '--egress: deny, and nothing behind it' 125 '"deny" has no destination behind it: deny any is everything' \
	jail --egress deny /bin/true
refuses '--egress: the same at the end of others' 125 '"allow" has no destination' \
	jail --egress 'deny private allow' /bin/true
refuses '--host-access: of the host' 125 '^contain-exec: --host-access none is for an interface' \
	jail --host-access none --network host /bin/true
refuses '--isolate: of the host' 125 '^contain-exec: --isolate yes is for an interface' \
	jail --isolate yes --network host /bin/true
expect '--egress any: root of its network may be' 0 'in' \
	jail --network bridge --egress any --cap-add net_admin /bin/echo in
for word in some tcp/ tcp/0 90-80 65536 icmp 443/tcp; do
	refuses "--host-access: $word" 125 "\"$word\" is not possible: use auto, all, none or ports" \
		jail --host-access "$word" /bin/true
done
refuses '--host-access: none and a port' 125 'none and ports contradict each other' \
	jail --host-access 443 --host-access none /bin/true
refuses '--host-access: a port and all' 125 'all and ports contradict each other' \
	jail --host-access all --host-access 443 /bin/true
refuses '--host-access: a port, and root of its network could take the rules away' 125 \
	'--host-access: with net_admin or net_raw' jail --network bridge --host-access 443 --cap-add net_raw /bin/true
refuses '--host-access: a port, of the host' 125 '--host-access PORTS is for an interface' \
	jail --host-access 443 --network host /bin/true
cp -r "$BUILD" "$SCRATCH/without"
rm "$SCRATCH/without/contain-nftables.so"
nft flush ruleset
refuses 'without the part for it, it is refused and not left out' 125 \
	'--nat: cannot load contain-nftables\.so: .* \(stage connected\)' \
	"$SCRATCH/without/contain-exec" --rootfs "$ROOT" --network bridge /bin/true

kill "${servers[@]}"
wait "${servers[@]}" 2>/dev/null
no_jails_left() {
	! compgen -G '/run/contain/jails/*' >/dev/null && ! compgen -G '/run/contain/leases/net/*' >/dev/null &&
		! ip -o link | grep -q ' ct[0-9]'
}
holds 'nothing is left' true_within 5 no_jails_left
finish
