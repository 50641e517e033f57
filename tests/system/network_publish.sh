#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# Ports of the host that lead into jails: who comes that way and who does not, who has a port, and that
# none leads anywhere when its jail is gone, however that ended.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
make_internet
# As it is where docker or a VPN runs.
sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=0
ip address add 198.51.100.3/24 dev up0
beyond=198.51.100.1 beyond6=2001:db8:1::1
remember_host

# publishes NAME OPTION...: a jail whose servers say on 80 and 53 who has asked.
publishes() {
	local name=$1
	shift
	"$CE" --name "$name" "$@" --rootfs host -- "$PYTHON" -c "$internet" serve 53 80 \
		</dev/null >"$SCRATCH/$name" 2>&1 &
	launched=$!
	true_within 10 grep -qs ready "$SCRATCH/$name" || not_ok "$name comes up" "$(cat "$SCRATCH/$name")"
}

# asks [COMMAND...] -- tcp|udp ADDRESS PORT: the answer. COMMAND runs it somewhere else.
asks() {
	local where=()
	while [ "$1" != -- ]; do
		where+=("$1")
		shift
	done
	shift
	"${where[@]}" "$PYTHON" -c "$internet" ask "$@"
}

# -- who comes that way
expect 'the control: nobody answers yet' 0 refused asks far -- tcp "$uplink" 8080
publishes web -p 8080:80 --publish 5353:53/udp -p 198.51.100.3:81:80/tcp -p "[$uplink6]:82:80"
web=$launched
while read -r question answer; do
	read -ra words <<<"${question//,/ }"
	expect "from outside: ${words[*]}" 0 "$answer" asks far -- "${words[@]}"
done <<END
tcp,$uplink,8080 $beyond
tcp,198.51.100.3,8080 $beyond
tcp,$uplink6,8080 $beyond6
udp,$uplink,5353 $beyond
udp,$uplink6,5353 $beyond6
tcp,198.51.100.3,81 $beyond
tcp,$uplink,81 refused
tcp,$uplink6,82 $beyond6
tcp,$uplink,82 refused
tcp,$uplink,80 refused
tcp,$uplink,5353 refused
udp,$uplink,8080 refused
END
expect 'from the host, by its address' 0 "$uplink" asks -- tcp "$uplink" 8080
expect 'and by that of IPv6' 0 "$uplink6" asks -- tcp "$uplink6" 8080
expect 'not by its loopback' 0 refused asks -- tcp 127.0.0.1 8080
expect 'nor by that of IPv6' 0 refused asks -- tcp ::1 8080
address=$(sed -n 's/^claim leases.net.contain0-\(10.*\)/\1/p' /run/contain/jails/web)
far ip route add 10.97.0.0/16 via "$uplink"
expect 'nobody gets past the ports' 0 silence asks far -- tcp "$address" 80
expect 'another jail asks the jail itself' 0 '10\.97\..*' \
	asks jail --network bridge --rootfs host -- tcp "$address" 80
expect 'and not the port of the host' 0 refused \
	asks jail --network bridge --rootfs host -- tcp "$uplink" 8080

# -- with rules that let the jail send nothing at all
publishes closed -p 8090:80 -p 8053:53/udp --egress 'deny any' --host-access none --isolate yes
closed=$launched
expect 'closed: answers pass' 0 "$beyond.$beyond6" eval \
	'asks far -- tcp "$uplink" 8090; asks far -- tcp "$uplink6" 8090'
expect 'closed: also those to datagrams' 0 "$beyond.$beyond6" eval \
	'asks far -- udp "$uplink" 8053; asks far -- udp "$uplink6" 8053'
expect 'closed: and those to the host' 0 "$uplink" asks -- tcp "$uplink" 8090
pid=$(pgrep -f "^$PYTHON.*serve 53 80" -P "$(pgrep -P "$closed" -x contain-init)")
expect 'closed: from a published port it sends nothing unasked' 0 'not sent' nsenter --target "$pid" --net \
	"$PYTHON" -c '
import socket
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
here.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
here.bind(("0.0.0.0", 53))
try:
    here.sendto(b"x", ("198.51.100.1", 53))
    print("sent")
except PermissionError:
    print("not sent")'

# -- who has a port
refuses 'a port that another jail has' 125 '--publish: tcp port 8080 .* in use.*stage ports' \
	jail -p 8080:80 true
refuses 'also of one address' 125 '--publish: tcp port 8080 .* in use' jail -p "$uplink:8080:80" true
expect 'the same number is another port of UDP' 0 '' jail -p 8080:80/udp true
"$PYTHON" -c 'import socket, time; s = socket.create_server(("", 8088)); time.sleep(60)' &
other=$!
true_within 5 eval "ss -Hltn 'sport = :8088' | grep -q ."
refuses 'a port that a server of the host has' 125 '--publish: tcp port 8088 .* in use' jail -p 8088:80 true
kill "$other"
wait "$other" 2>/dev/null
refuses 'an address that the host does not have' 125 '--publish: .* does not have the address' \
	jail -p 203.0.113.99:8081:80 true
expect 'a server of the host does not get one that is published' 0 'EADDRINUSE' "$PYTHON" -c '
import errno, socket
try:
    socket.create_server(("", 8080))
except OSError as error:
    print(errno.errorcode[error.errno])'
refuses 'one whose family the jail does not have' 125 '--publish: port 83 is of an IPv6 address' \
	jail -p "[$uplink6]:83:80" --network-address 10.97.200.7/16 true
refuses 'a bridge that is not ours' 125 '--publish and --bridge' jail -p 81:80 --bridge br0 true
refuses 'no firewall of ours' 125 '--publish and --nat' jail -p 81:80 --nat no true
refuses 'no network' 125 '--publish and --network none' jail -p 81:80 --network none true

# -- somebody flushes the rules of the host
nft flush ruleset
expect 'flushed: the control: it leads nowhere' 0 refused asks far -- tcp "$uplink" 8080
run jail --network bridge true
expect 'flushed: the next jail, which has none itself, brings all back' 0 "$beyond.$beyond6.$beyond" eval \
	'asks far -- tcp "$uplink" 8080; asks far -- tcp "$uplink6" 8080; asks far -- udp "$uplink" 8053'

# -- the end
end "$closed"
expect 'the end of one: its port leads nowhere' 0 refused asks far -- tcp "$uplink" 8090
expect 'and that of the other where it did' 0 "$beyond" asks far -- tcp "$uplink" 8080
# Somebody who goes on sending, from the same port, so that for the host it is the same connection.
mkfifo "$SCRATCH/more"
far "$PYTHON" -c '
import socket, sys
here = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
here.settimeout(2)
for line in open(sys.argv[2]):
    here.sendto(b"x", (sys.argv[1], 5353))
    try:
        print(here.recv(99).decode().strip(), flush=True)
    except OSError:
        print("silence", flush=True)' "$uplink" "$SCRATCH/more" >"$SCRATCH/flow" 2>&1 &
flow=$!
exec 5>"$SCRATCH/more"
goes_on() {
	local before
	before=$(wc -l <"$SCRATCH/flow")
	echo more >&5
	true_within 10 eval "[ \$(wc -l <'$SCRATCH/flow') -gt $before ]"
	tail -n 1 "$SCRATCH/flow"
}
expect 'the control: datagrams of one sender are answered' 0 "$beyond.$beyond" eval 'goes_on; goes_on'
kill -9 "$web"
wait "$web" 2>/dev/null
holds 'killed: the control: the firewall still has it' eval 'nft list table inet contain_ports | grep -q 8080'
expect 'killed: who gets the address next is not reached by it' 0 'refused' eval \
	'publishes next --network-address "$address/16"; asks far -- tcp "$uplink" 8080'
expect 'killed: nor by who goes on sending as before' 0 'silence' goes_on
exec 5>&-
kill "$flow"
wait "$flow" 2>/dev/null
end "$launched"
holds 'killed: the firewall has it no more' eval '! nft list table inet contain_ports | grep -q "8080\|5353"'
expect 'killed: the port is free' 0 '' jail -p 8080:80 true

# -- one that is gone, but whose record is still held, as by who clears up after it
publishes dying -p 8077:80
kill -9 "$launched"
wait "$launched" 2>/dev/null
"$PYTHON" -c '
import fcntl, os, time
record = os.open("/run/contain/jails/dying", os.O_RDONLY)
deadline = time.monotonic() + 10
while time.monotonic() < deadline:
    try:
        fcntl.flock(record, fcntl.LOCK_EX | fcntl.LOCK_NB)
        break
    except BlockingIOError:
        time.sleep(0.01)
print("held", flush=True)
time.sleep(60)' >"$SCRATCH/held" &
holder=$!
true_within 10 grep -qs held "$SCRATCH/held"
publishes heir -p 8077:80
heir=$launched
holds 'dying: the next gets its port all the same' grep -q ready "$SCRATCH/heir"
kill "$holder"
wait "$holder" 2>/dev/null
run jail --network bridge true
expect 'dying: and it leads there once the other is cleared up' 0 "$beyond" asks far -- tcp "$uplink" 8077
end "$heir"

# -- another network namespace has a firewall of its own
ip netns add other
publishes here -p 8078:80
here=$launched
ip netns exec other "$CE" --name elsewhere -p 8079:80 --rootfs "$ROOT" /bin/sleep 60 </dev/null &
elsewhere=$!
there() { ip netns exec other nft list table inet contain_ports 2>/dev/null; }
holds 'elsewhere: its port is in its own' true_within 10 eval 'there | grep -q 8079'
holds 'elsewhere: and no other' fails eval 'there | grep -q 8078'
run jail -p 8080:80 true
holds 'elsewhere: and it is not in ours' fails eval 'nft list table inet contain_ports | grep -q 8079'
end "$here" "$elsewhere"
ip netns delete other

# Ten at once, and one is killed: each has its own.
children=()
for number in $(seq 10); do
	publishes "many$number" -p "81$number:80"
	children+=("$launched")
done
kill -9 "${children[4]}"
expect 'many: each port leads to its own jail' 0 "9 $beyond" eval '
	for number in 1 2 3 4 6 7 8 9 10; do
		asks far -- tcp "$uplink" "81$number"
	done | sort | uniq -c | sed "s/^ *//"'
end "${children[@]}" 2>/dev/null
run jail --network bridge true
holds 'many: nothing of them is in the firewall' eval '! nft list table inet contain_ports | grep -q elements'

# Somebody who has the lock and does not let go, as one that was stopped.
"$PYTHON" -c '
import fcntl, os, time
fcntl.flock(os.open("/run/contain/published", os.O_RDONLY), fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(60)' >"$SCRATCH/locked" &
holder=$!
true_within 5 grep -q locked "$SCRATCH/locked"
refuses 'a lock that is not let go of is waited for, but not for ever' 125 \
	'registry: cannot lock the published ports.*stage publish' jail -p 8099:80 true
kill "$holder"
wait "$holder" 2>/dev/null
expect 'the control: without it there is nothing to wait for' 0 '' jail -p 8099:80 true

# At any moment of a start, over and over, with the same name, port and address.
came=0
for number in $(seq 100); do
	"$CE" --name storm -p 8080:80 --rootfs "$ROOT" /bin/sleep 60 </dev/null >"$SCRATCH/storm" 2>&1 &
	launched=$!
	sleep "0.0$((number % 5))$((RANDOM % 10))"
	! nft list table inet contain_ports 2>/dev/null | grep -q 'tcp \. 8080' || came=$((came + 1))
	kill -9 "$launched" 2>/dev/null
	wait "$launched" 2>/dev/null
	cat "$SCRATCH/storm" >>"$SCRATCH/storms"
done
run jail --network bridge true
holds "storm: the control: some came as far as the firewall, and some did not ($came of 100)" \
	[ "$came" -gt 0 -a "$came" -lt 100 ]
holds 'storm: none was refused but for what the one before it had not let go of yet' \
	fails grep -v 'port 8080 of this host is in use\|called "storm" runs already' "$SCRATCH/storms"
holds 'storm: nothing is left in the firewall' eval '! nft list table inet contain_ports | grep -q elements'
holds 'storm: no lease' [ -z "$(find /run/contain/leases/net /run/contain/published /run/contain/holders -type f)" ]
holds 'storm: no interface' true_within 10 eval '! ip -o link show master contain0 | grep -q .'
expect 'storm: all of it can be had again' 0 '' jail --name storm -p 8080:80 true
ip link delete contain0
nft flush ruleset
nothing_left 'nothing is left'
finish
