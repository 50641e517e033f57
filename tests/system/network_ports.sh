#!/bin/bash
# SPDX-License-Identifier: MIT
# What a jail's port of the bridge lets through: who reaches whom, how fast, and nothing that pretends
# to come from somebody else. Whoever attacks is root inside with all that can be given of a network.
# shellcheck disable=SC2016 # what stands in single quotes is for the shell inside
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"

make_lab
remember_host

# on_lab HOST [OPTION...] COMMAND...: a jail on lab0 with the addresses .HOST and ::HOST.
on_lab() {
	local host=$1
	shift
	jail --bridge lab0 --network-address "192.168.2.$host/24" --network-address "fd00:2::$host/64" "$@"
}

stays_on_lab() {
	local host=$1
	shift
	launch --bridge lab0 --network-address "192.168.2.$host/24" \
		--network-address "fd00:2::$host/64" "$@" /bin/sleep 300
	true_within 10 ping -c 1 -W 1 "192.168.2.$host" >/dev/null 2>&1 ||
		not_ok "a jail with the address $host comes up"
}

# pings TO OPTION...: "yes" or "no" for IPv4 and for IPv6.
pings() {
	local host=$1 to said=''
	shift
	for to in "192.168.2.$host" "fd00:2::$host"; do
		if on_lab 30 "$@" --rootfs host ping -c 3 -i 0.3 -W 1 "$to" >/dev/null 2>&1; then
			said="$said yes"
		else
			said="$said no"
		fi
	done
	echo "${said# }"
}

# -- who reaches whom
stays_on_lab 17 --isolate yes
isolated=$launched
stays_on_lab 18 --isolate no
open=$launched
expect 'isolated: not another that is isolated' 0 'no no' pings 17 --isolate yes
expect 'isolated: one that is not' 0 'yes yes' pings 18 --isolate yes
expect 'isolated: the bridge' 0 'yes yes' pings 1 --isolate yes
expect 'not isolated: both' 0 'yes yes.yes yes' eval 'pings 17 --isolate no; pings 18 --isolate no'
expect 'of a command the default is not to be' 0 'yes yes' pings 17

# -- another hardware address
inside='ip link set eth0 down; [ -z "$0" ] || ip link set eth0 address "$0"; ip link set eth0 up
	ip address add 192.168.2.30/24 dev eth0 2>/dev/null
	ping -c 2 -W 1 192.168.2.1 >/dev/null && echo answered || echo silence'
root_of_network=(--cap-add 'net_admin,net_raw' --isolate no)
expect 'the control: root with net_admin may take its interface down and up' 0 answered \
	on_lab 30 "${root_of_network[@]}" /bin/sh -c "$inside" ''
victim=$(bridge fdb show br lab0 | awk '/ct.* static/ { print $1; exit }')
expect 'with another address, nothing gets through' 0 silence \
	on_lab 30 "${root_of_network[@]}" /bin/sh -c "$inside" 02:00:00:00:00:01
expect "with a neighbour's, nothing gets through" 0 silence \
	on_lab 30 "${root_of_network[@]}" /bin/sh -c "$inside" "$victim"
holds 'and the neighbour is where it was' ping -c 1 -W 1 192.168.2.17
# -- frames that pretend: looked at while whoever sends them is there, since their port takes with it
# what the bridge knows of it
frames=$(cat "$top/tests/host/frames.py")
# attack KIND COUNT: until `end "$launched"`, and the bridge has had time to believe it.
attack() {
	launch --bridge lab0 --network-address 192.168.2.30/24 --network-address fd00:2::30/64 \
		"${root_of_network[@]}" --rootfs host \
		/bin/sh -c '"$@"; echo sent; sleep 300' - "$PYTHON" -c "$frames" "$@" >"$SCRATCH/attack"
	true_within 10 grep -q sent "$SCRATCH/attack" || not_ok "attack $*: it is sent"
	sleep 0.3
}
unguarded() {
	ip link add other0 type veth peer name other1
	ip link set other0 master lab0 up
	ip link set other1 up
	true_within 5 eval "ip -o link show other0 | grep -q 'state UP'"
}
# heard_of COMMAND...: how many frames of a flood the bridge itself hears meanwhile.
heard_of() {
	"$PYTHON" -c "$frames" hear 120 lab0 >"$SCRATCH/heard" &
	local hearing=$!
	true_within 5 grep -q listening "$SCRATCH/heard"
	"$@"
	kill "$hearing"
	wait "$hearing"
	tail -n 1 "$SCRATCH/heard"
}
flooded() { bridge fdb show br lab0 | grep -q '^02:ff:'; }
expect 'of a flood of addresses nothing comes through' 0 0 heard_of attack flood 2000
holds 'and the bridge does not learn them' fails flooded
end "$launched"
unguarded
expect 'the control: from a port without a guard it comes through' 0 50 \
	heard_of "$PYTHON" -c "$frames" flood 50 other1
holds 'the control: and they are learnt' flooded
ip link del other0

# What each kind sends, twice: who it says to be, in the frame itself and within it.
expect 'as itself it is heard' 0 8 heard_of attack own 2
end "$launched"
for kind in arp ip neighbour router dhcp vlan; do
	expect "nothing of what pretends is heard: $kind" 0 0 heard_of attack "$kind" 2
	end "$launched"
done
unguarded
for kind in 'arp 2' 'ip 4' 'neighbour 6' 'router 6' 'dhcp 4' 'vlan 4'; do
	expect "the control: without a guard it is: ${kind% *}" 0 "${kind#* }" \
		heard_of "$PYTHON" -c "$frames" "${kind% *}" 2 other1
done
ip link del other0

ip link set lab0 type bridge stp_state 1
# What a port has been told of the root of the tree: our own bridge has another priority.
believes() { ip -d link show type bridge_slave | grep -q 'designated_root 0000\.'; }
attack bpdu 20
holds 'nobody is believed to be the root of a spanning tree' fails believes
end "$launched"
unguarded
"$PYTHON" -c "$frames" bpdu 20 other1
holds 'the control: from a port without a guard it is believed' believes
ip link del other0
ip link set lab0 type bridge stp_state 0

# -- bandwidth
iperf3 -s -B 192.168.2.1 >/dev/null 2>&1 &
server=$!
true_within 5 eval 'ss -tln | grep -q 192.168.2.1:5201'
# Each with an address of its own: what the kernel has still to send when a jail ends keeps its
# namespace, and nobody would hear it behind the port of the next that has the address.
client=(iperf3 -J -w 64K -c 192.168.2.1)
next=40
run eval 'on_lab 31 --rootfs host "${client[@]}" -t 1 |
	"$PYTHON" -c "import json, sys
print(int(json.load(sys.stdin)[\"end\"][\"sum_received\"][\"bits_per_second\"] / 1000))"'
holds "the control: without a limit it is more (${out:-nothing} kbit/s)" [ "${out:-0}" -gt 20000 ]
# arrives KBITS [-R]: a tenth more or less than that a second, at the third try at the latest: there
# may be others who want the processor.
arrives() {
	local wanted=$1 try got=0
	shift
	for try in 1 2 3; do
		next=$((next + 1))
		got=$(on_lab "$next" --bandwidth 10M/4M --rootfs host "${client[@]}" -t 4 "$@" 2>/dev/null |
			"$PYTHON" -c 'import json, sys
print(int(json.load(sys.stdin)["end"]["sum_received"]["bits_per_second"] / 1000))')
		echo "try $try: ${got:=0} kbit/s arrived, of $wanted"
		[ "$got" -le $((wanted * 11 / 10)) ] || return 1
		[ "$got" -lt $((wanted * 9 / 10)) ] || return 0
	done
	return 1
}
holds 'bandwidth: 10 Mbit/s down, within a tenth' arrives 10000 -R
holds 'bandwidth: 4 Mbit/s up, within a tenth' arrives 4000
expect 'root inside cannot take the limit away' 0 'no' on_lab 31 --bandwidth 20M/5M --rootfs host /bin/sh -c \
	'tc qdisc del dev eth0 root 2>/dev/null || echo no'
kill "$server"
wait "$server" 2>/dev/null

# -- bad input
refuses '--bandwidth: no number' 125 '^contain-exec: --bandwidth: "fast" is not a bandwidth: use bits a second' \
	jail --bandwidth fast /bin/true
refuses '--bandwidth: no number behind the slash' 125 '^contain-exec: --bandwidth: "" is not a bandwidth' \
	jail --bandwidth 20M/ /bin/true
refuses '--bandwidth: too small' 125 '"1K" is too small: 64K is the least' jail --bandwidth 1K /bin/true
refuses '--bandwidth: too large' 125 '"17G" is too large: .*16G the most' jail --bandwidth 17G /bin/true
refuses '--bandwidth: that root inside could take away' 125 'leave out the capability, or limit only one' \
	jail --bandwidth 20M/5M --cap-add net_admin --network bridge /bin/true
refuses '--bandwidth: of the host' 125 'use it with --network bridge' \
	jail --bandwidth 20M --network host /bin/true
refuses '--isolate: neither yes nor no' 125 '"maybe" is not possible: use auto, yes' \
	jail --isolate maybe /bin/true

end "$isolated" "$open"
nothing_left 'nothing is left'
finish
