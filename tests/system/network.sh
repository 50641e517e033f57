#!/bin/bash
# SPDX-License-Identifier: MIT
# Jails on bridges, all in the network namespace of this test.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"

make_lab
remember_host

# on_lab HOST [launch] OPTION...: a jail on lab0 with the addresses .HOST and ::HOST.
on_lab() {
	local host=$1 how=jail
	shift
	if [ "$1" = launch ]; then
		how=launch
		shift
	fi
	"$how" --bridge lab0 --network-address "192.168.2.$host/24" --network-address "fd00:2::$host/64" "$@"
}

# -- one server, one client
on_lab 17 launch --name server /bin/sh -c '
	nc -ll -p 7000 -e echo over-tcp &
	echo over-tcp6 >/tmp/page
	httpd -p "[fd00:2::17]:7006" -h /tmp
	sleep 300'
server=$launched
answers() { ping -c 1 -W 1 192.168.2.17 >/dev/null 2>&1; }
holds 'the host reaches the jail' true_within 10 answers
expect 'two jails ping each other over IPv4' 0 '.* 0% packet loss.*' \
	on_lab 18 --rootfs host ping -c 2 -W 2 192.168.2.17
expect 'two jails ping each other over IPv6' 0 '.* 0% packet loss.*' \
	on_lab 18 --rootfs host ping -6 -c 2 -W 2 fd00:2::17
expect 'two jails speak TCP over IPv4' 0 'over-tcp' on_lab 18 /bin/nc -w 5 192.168.2.17 7000
expect 'two jails speak TCP over IPv6' 0 'over-tcp6' on_lab 18 \
	/bin/wget -q -O - "http://[fd00:2::17]:7006/page"
expect 'the gateway answers over IPv4' 0 '.* 0% packet loss.*' on_lab 18 --rootfs host ping -c 1 -W 2 192.168.2.1
expect 'the gateway answers over IPv6' 0 '.* 0% packet loss.*' on_lab 18 --rootfs host ping -6 -c 1 -W 2 fd00:2::1
expect 'there are exactly lo and eth0' 0 'lo eth0 ' \
	on_lab 18 /bin/sh -c 'ip -o link | sed -E "s/^[0-9]+: ([^:@]+).*/\1/" | tr "\n" " "'
expect 'eth0 has the addresses that were asked for' 0 '192.168.2.18/24 fd00:2::18/64 ' \
	on_lab 18 /bin/sh -c 'ip -o address show dev eth0 scope global | awk "{ print \$4 }" | tr "\n" " "'
expect 'the bridge is the default route' 0 '192.168.2.1' \
	on_lab 18 /bin/sh -c 'ip route | awk "/^default/ { print \$3 }"'
expect 'the bridge is the default route over IPv6' 0 'fd00:2::1' \
	on_lab 18 /bin/sh -c 'ip -6 route | awk "/^default/ { print \$3 }"'
expect 'one address is enough' 0 '192.168.2.19/24' jail --bridge lab0 \
	--network-address 192.168.2.19/24 /bin/sh -c 'ip -o -4 address show dev eth0 | awk "{ print \$4 }"'
expect 'an address alone implies its bridge' 0 '.* 0% packet loss.*' jail \
	--bridge lab0 --network-address 192.168.2.20/24 --rootfs host ping -c 1 -W 2 192.168.2.1
expect 'an ordinary user inside may ping' 0 '.* 0% packet loss.*' \
	on_lab 18 --user 65534 --rootfs host ping -c 1 -W 2 192.168.2.17

# -- another router than the bridge, and what is behind it
mkdir -p /run/netns
ip netns add router
ip link add router0 master lab0 type veth peer name eth0 netns router
ip link set router0 up
router() { ip netns exec router "$@"; }
router ip link set lo up
router ip link set eth0 up
router ip address add 192.168.2.254/24 dev eth0
router ip address add fd00:2::254/64 dev eth0 nodad
router ip address add 203.0.113.9/32 dev lo
router ip address add 2001:db8:9::9/128 dev lo
beyond() {
	local to said=''
	for to in 203.0.113.9 2001:db8:9::9; do
		if on_lab 18 "$@" --rootfs host ping -c 2 -i 0.3 -W 2 "$to" >/dev/null 2>&1; then
			said="$said yes"
		else
			said="$said no"
		fi
	done
	echo "${said# }"
}
expect '--gateway: the control: by the bridge there is no way' 0 'no no' beyond
expect '--gateway: by the router there is' 0 'yes yes' beyond --gateway 192.168.2.254 --gateway fd00:2::254
expect '--gateway: of one family, the other as before' 0 'yes no' beyond --gateway 192.168.2.254
expect '--gateway none: no way at all' 0 '0' on_lab 18 --gateway none /bin/sh -c \
	'{ ip route; ip -6 route; } | grep -c default; true'
refuses '--gateway: outside' 125 '--gateway 192\.168\.3\.1: is in no network that the container has' \
	on_lab 18 --gateway 192.168.3.1 /bin/true
refuses '--gateway: itself' 125 "--gateway 192\\.168\\.2\\.18: is the container's own address" \
	on_lab 18 --gateway 192.168.2.18 /bin/true
refuses '--gateway: two of a family' 125 '--gateway: there are two of IPv4' \
	on_lab 18 --gateway 192.168.2.254 --gateway 192.168.2.253 /bin/true
refuses '--gateway: no address' 125 '--gateway: "router" is not an address' on_lab 18 --gateway router /bin/true
refuses '--gateway: none and one' 125 '--gateway: none and a gateway contradict each other' \
	on_lab 18 --gateway none --gateway 192.168.2.254 /bin/true
refuses '--gateway: without a network' 125 '--gateway and --network none contradict each other' \
	jail --gateway 192.168.2.254 /bin/true
ip netns delete router
umount /run/netns
holds 'the router is gone' true_within 5 fails ip link show router0

# -- what root inside may not do, with the same command as a control outside
control_add='ip address add 192.168.2.99/24 dev lab0'
if $control_add && ip address del 192.168.2.99/24 dev lab0; then
	expect 'root inside cannot take another address' 0 'no' on_lab 18 /bin/sh -c \
		'ip address add 192.168.2.99/24 dev eth0 2>/dev/null || echo no'
	expect 'root inside cannot take the interface down' 0 'no' on_lab 18 /bin/sh -c \
		'ip link set eth0 down 2>/dev/null || echo no'
	expect 'root inside cannot change the route' 0 'no' on_lab 18 /bin/sh -c \
		'ip route del default 2>/dev/null || echo no'
else
	not_ok 'addresses can be changed outside'
fi
expect '--cap-add net_admin: root inside owns its network' 0 'yes' on_lab 18 --cap-add net_admin \
	/bin/sh -c 'ip address add 192.168.2.99/24 dev eth0 && echo yes'
expect '--cap-add net_admin: but not that of the host' 2 '.*' on_lab 18 --cap-add net_admin \
	/bin/sh -c 'ip link show lab0 2>&1'

# -- addresses that cannot be had
refuses 'an address that a living jail holds is refused' 125 '192\.168\.2\.17.*(taken|use|held)' \
	on_lab 17 /bin/true
refuses 'the address of the bridge is refused' 125 '192\.168\.2\.1' \
	jail --bridge lab0 --network-address 192.168.2.1/24 /bin/true
refuses 'an address outside of the subnet is refused' 125 '192\.168\.3\.17' \
	jail --bridge lab0 --network-address 192.168.3.17/24 /bin/true
refuses 'the network address is refused' 125 '192\.168\.2\.0' \
	jail --bridge lab0 --network-address 192.168.2.0/24 /bin/true
refuses 'the broadcast address is refused' 125 '192\.168\.2\.255' \
	jail --bridge lab0 --network-address 192.168.2.255/24 /bin/true
refuses 'a bridge that does not exist is refused' 125 'nobridge' \
	jail --bridge nobridge --network-address 192.168.2.21/24 /bin/true
ip link add dummy7 type dummy 2>/dev/null || ip link add dummy7 type veth peer name dummy8
refuses 'an interface that is no bridge is refused' 125 'dummy7' \
	jail --bridge dummy7 --network-address 192.168.2.21/24 /bin/true
ip link del dummy7
end "$server"
expect 'the address is free again afterwards' 0 '.* 0% packet loss.*' \
	on_lab 17 --rootfs host ping -c 1 -W 2 192.168.2.1
nothing_left 'no interface, address or lease is left'

# -- the bridge that is made where none is named
expect '--network bridge makes contain0 and leases an address' 0 '10\.97\.[0-9.]+/16' \
	jail --network bridge /bin/sh -c 'ip -o -4 address show dev eth0 | awk "{ print \$4 }"'
holds 'contain0 is there' ip link show contain0
remember_host
launch --network bridge --name first /bin/sh -c 'ip -o -4 address show dev eth0 | awk "{ print \$4 }"
	sleep 300' >"$SCRATCH/first"
true_within 10 test -s "$SCRATCH/first"
address=$(cut -d/ -f1 "$SCRATCH/first")
expect 'two leased addresses differ, and their jails reach each other' 0 '.* 0% packet loss.*' \
	jail --network bridge --rootfs host ping -c 1 -W 2 "$address"
run jail --network bridge /bin/sh -c 'ip -o -4 address show dev eth0 | awk "{ print \$4 }"'
holds 'the second lease is another address' [ "${out%/*}" != "$address" -a -n "$out" ]
expect 'a leased IPv6 address' 0 'fd97:c0a1::[0-9a-f:]+/64' jail --network bridge \
	/bin/sh -c 'ip -o -6 address show dev eth0 scope global | awk "{ print \$4 }"'
end "$launched"
leased='ip -o -4 address show dev eth0 | awk "{ print \$4 }"'
again=$(jail --network bridge --name first /bin/sh -c "$leased")
holds 'who comes back under the same name has the same address' [ "${again%/*}" = "$address" ]
nothing_left 'nothing but contain0 is left'

# -- the host's own network
expect '--network host shows the interfaces of the host' 0 '.*lab0.*' \
	jail --network host /bin/sh -c 'ip -o link | tr "\n" " "'
expect '--network none: only lo, and nobody else answers' 2 '.*' \
	jail --network none --rootfs host ping -c 1 -W 1 192.168.2.1
nothing_left 'nothing is left'
finish
