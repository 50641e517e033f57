#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# Networks that have a name: their bridges and addresses, what their files say for who names them, and
# that nobody gets from one into another.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
make_internet
public=203.0.113.5 public6=2001:db8:5::5
for address in "$public" "$public6"; do
	far ip address add "$address" dev lo
done
far "$PYTHON" -c "$internet" serve 80 >"$SCRATCH/far" 2>&1 &
server=$!
true_within 10 grep -qs ready "$SCRATCH/far"
networks=/etc/contain/networks
mkdir -p "$networks"

# network NAME LINE...: its file.
network() {
	local name=$1
	shift
	printf '%s\n' '[network]' "$@" >"$networks/$name.conf"
}

# serves NAME OPTION...: a jail with a server, whose IPv4 address is then in $address.
serves() {
	local name=$1
	shift
	"$CE" --name "$name" "$@" --rootfs host -- "$PYTHON" -c "$internet" serve 80 \
		</dev/null >"$SCRATCH/$name" 2>&1 &
	launched=$!
	true_within 10 grep -qs ready "$SCRATCH/$name" || not_ok "$name comes up" "$(cat "$SCRATCH/$name")"
	address=$(sed -nE 's,^claim leases/net/.*-([0-9]+\.[0-9.]+)$,\1,p' "/run/contain/jails/$name")
}

addresses() {
	jail --network "$1" "${@:2}" /bin/sh -c 'ip -o address show dev eth0 scope global | awk "{ print \$4 }"; ip route | grep default || true'
}

# -- one that is not there, and one that is
refuses 'nobody has described it' 125 \
	'.*--network: there is no network lab: /etc/contain/networks/lab.conf is missing; use none, .*' \
	jail --network lab true
network lab 'pool = 10.50.0.0/24 fd50::/64'
expect 'its addresses, and the first of them is the gateway' 0 \
	'10\.50\.0\.[0-9]+/24.fd50::[0-9a-f]+/64.default via 10.50.0.1 dev eth0 *' addresses lab
holds 'it has a bridge of its own' eval \
	'ip -4 address show dev ct-lab | grep -q "10.50.0.1/24" && ip -6 address show dev ct-lab | grep -q "fd50::1/64"'
holds 'and contain0 is not made for it' fails ip link show contain0
expect 'the bridge listens to no router' 0 '0 0' eval \
	'echo $(cat /proc/sys/net/ipv6/conf/ct-lab/accept_ra /proc/sys/net/ipv6/conf/ct-lab/accept_dad)'
expect 'out there it is the host' 0 "$uplink.$uplink6" eval \
	'asks --network lab -- tcp "$public" 80; asks --network lab -- tcp "$public6" 80'
holds 'by a table of its own' nft list table inet contain-lab
holds 'that of contain0 is not made' fails nft list table inet contain
expect 'the same name has the same address again' 0 '' eval \
	'[ "$(addresses lab --name web)" = "$(addresses lab --name web)" ]'

# -- what somebody flushed comes back, for this network too
nft flush ruleset
expect 'flushed: the next one loads it again' 0 "$uplink" asks --network lab -- tcp "$public" 80

# -- from one into another
network dmz 'pool = 10.51.0.0/24 fd51::/64' 'gateway = 10.51.0.254'
serves dmz --network dmz
dmz=$launched dmz_address=$address
holds 'the gateway of the file is the address of the bridge' \
	eval 'ip -4 address show dev ct-dmz | grep -q "10.51.0.254/24"'
serves plain --network bridge
plain=$launched plain_address=$address
serves lab --network lab
lab=$launched lab_address=$address
expect 'the control: within one network they talk' 0 '10\.50\.0\.[0-9]+' asks --network lab -- tcp "$lab_address" 80
expect 'from lab into dmz: nothing' 0 silence asks --network lab -- tcp "$dmz_address" 80
expect 'from dmz into lab: nothing' 0 silence asks --network dmz -- tcp "$lab_address" 80
expect 'from lab into contain0: nothing' 0 silence asks --network lab -- tcp "$plain_address" 80
expect 'from contain0 into lab: nothing' 0 silence asks --network bridge -- tcp "$lab_address" 80
far ip route add 10.50.0.0/16 via "$uplink"
expect 'from outside: nothing, unasked' 0 silence far "$PYTHON" -c "$internet" ask tcp "$lab_address" 80

# -- published ports lead into them, and no jail comes that way
serves port --network dmz -p 8080:80
port=$launched
expect 'a published port leads into a named network' 0 198.51.100.1 \
	far "$PYTHON" -c "$internet" ask tcp "$uplink" 8080
expect 'but not for other containers' 0 refused asks --network lab -- tcp "$uplink" 8080
end "$port"
expect 'and nowhere when its container is gone' 0 refused far "$PYTHON" -c "$internet" ask tcp "$uplink" 8080

# -- what the file says for who names it
network quiet 'pool = 10.52.0.0/24' 'egress = deny any' 'isolate = yes' 'dns = 192.0.2.53'
expect 'egress is that of the network' 0 refused asks --network quiet -- tcp "$public" 80
open='--egress auto --egress any'
# shellcheck disable=SC2086 # words
expect 'an option counts more, wherever it stands' 0 "$uplink.$uplink" eval \
	'asks --network quiet $open -- tcp "$public" 80; asks $open --network quiet -- tcp "$public" 80'
expect 'and so are its name servers' 0 'nameserver 192.0.2.53' jail --network quiet cat /etc/resolv.conf
# shellcheck disable=SC2086
serves quiet --network quiet $open
quiet=$launched quiet_address=$address
# shellcheck disable=SC2086
expect 'isolate is that of the network' 0 silence asks --network quiet $open -- tcp "$quiet_address" 80
# shellcheck disable=SC2086
expect 'the control: who is not isolated is let through' 0 '10\.52\.0\.[0-9]+' \
	asks --network quiet $open --isolate no -- tcp "$quiet_address" 80
network inner 'pool = 10.53.0.0/24 fd53::/64' 'gateway = none'
expect 'without a gateway there is no way out' 0 '10\.53\.0\.[0-9]+/24.fd53::[0-9a-f]+/64' addresses inner
mkdir -p /etc/contain/groups
printf '%s\n' '[network]' 'mode = lab' 'bandwidth = 20M/5M' >/etc/contain/groups/students.conf
expect 'a policy names it' 0 '10\.50\.0\..*' \
	jail --policy students /bin/sh -c 'ip -o -4 address show dev eth0 | awk "{ print \$4 }"'
expect 'and an option names another' 0 '10\.51\.0\..*' \
	jail --policy students --network dmz /bin/sh -c 'ip -o -4 address show dev eth0 | awk "{ print \$4 }"'
refuses 'its bridge is its own' 125 \
	'.*--bridge and --network lab contradict each other: .*' jail --network lab --bridge br7 true

# -- an existing bridge under a name
ip link add lab7 type bridge
ip address add 10.77.0.1/24 dev lab7
ip link set lab7 up
network campus 'bridge = lab7' 'gateway = none'
expect 'an existing bridge with a name' 0 '10\.77\.0\.[0-9]+/24' addresses campus
holds 'it has no table of ours' fails nft list table inet contain-campus

# -- a pool that is used up, and one that changes while somebody has its addresses
network tiny 'pool = 10.54.0.0/29'
tiny=()
for number in 1 2 3 4 5; do
	serves "tiny$number" --network tiny
	tiny+=("$launched")
done
refuses 'a pool that is used up' 125 \
	'.*the bridge ct-tiny has no free IPv4 address left in 10.54.0.0/29: .*' jail --network tiny true
end "${tiny[0]}"
expect 'until somebody goes' 0 '' jail --network tiny true
network tiny 'pool = 10.55.0.0/24'
expect 'a new pool is for who comes from now on' 0 '10\.55\.0\.[0-9]+/24.default via 10.55.0.1 .*' addresses tiny
expect 'they all get out' 0 "$uplink" asks --network tiny -- tcp "$public" 80
expect 'and so do those with an address of before' 0 "$uplink" nsenter --net \
	--target "$(pgrep -P "$(pgrep -P "${tiny[1]}" | head -n 1)" | head -n 1)" \
	"$PYTHON" -c "$internet" ask tcp "$public" 80

# -- addresses that the host has already
network clash 'pool = 198.51.0.0/16'
refuses "the uplink's addresses" 125 \
	'.*ct-clash cannot have 198.51.0.1/16, because of 198.51.100.2/24 of up0: use a network with other addresses, .*' \
	jail --network clash true
holds 'and no bridge is left of it' fails ip link show ct-clash
network clash 'pool = 10.50.0.128/25'
refuses 'those of another network' 125 '.*because of 10.50.0.1/24 of ct-lab: .*' jail --network clash true
network clash 'pool = 10.56.0.0/24'
expect 'the control: free ones' 0 '10\.56\.0\..*' addresses clash
ip link add ct-pair type veth peer name pair
network pair 'pool = 10.57.0.0/24'
refuses 'a name that is taken by no bridge' 125 \
	'.*the interface ct-pair is in the way: it is of type veth, not a bridge: .*' jail --network pair true

# -- an address that somebody else had, to whom somebody out there still sends
cat >"$SCRATCH/sender.py" <<'END'
import socket, sys, time
host = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
host.bind((sys.argv[1], 7000))
print("ready", flush=True)
_, peer = host.recvfrom(99)
while True:
    host.sendto(b"late", peer)
    time.sleep(0.05)
END
# Asks out there, or only waits for what comes.
tenant='import socket, sys
own = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
own.bind(("", 5000))
own.settimeout(1.5)
if sys.argv[1] == "ask":
    own.sendto(b"hello", (sys.argv[2], 7000))
try:
    print(own.recvfrom(99)[0].decode())
except TimeoutError:
    print("silence")'
network flats 'pool = 10.60.0.0/24'
moves_in() {
	jail --network flats --network-address 10.60.0.9/24 --name "$1" --rootfs host \
		"$PYTHON" -c "$tenant" "$2" "$public"
}
far "$PYTHON" "$SCRATCH/sender.py" "$public" >"$SCRATCH/sender" 2>&1 &
sender=$!
true_within 10 grep -qs ready "$SCRATCH/sender"
expect 'a container asks for datagrams' 0 late moves_in first ask
expect 'the control: they still come when it has its address again' 0 late moves_in first wait
expect 'they do not come to another one that has the address' 0 silence moves_in second wait
expect 'and not to the first one any more' 0 silence moves_in first wait
kill "$sender"

network rooms 'pool = 10.61.0.0/29'
for number in 1 2 3 4 5 1 6; do
	addresses rooms --name "room$number" | head -n 1
done >"$SCRATCH/rooms"
expect 'one after the other: nobody gets what another has just had, as long as there are others' 0 5 \
	eval 'head -n 5 "$SCRATCH/rooms" | sort -u | wc -l'
expect 'who comes again has its own' 0 1 eval 'sed -n "1p;6p" "$SCRATCH/rooms" | sort -u | wc -l'
expect 'and the last one has one that another had' 0 '10\.61\.0\.[2-6]/29' tail -n 1 "$SCRATCH/rooms"

# -- as many as a bridge can have
network full 'pool = 10.59.0.0/16'
expect 'the control: the first port of a bridge' 0 '10\.59\..*' addresses full
for number in $(seq 1023); do
	printf 'link add p%s type veth peer name q%s\nlink set p%s master ct-full\n' "$number" "$number" "$number"
done >"$SCRATCH/ports"
holds 'it gets 1023 ports' ip -batch "$SCRATCH/ports"
refuses 'and no more' 125 \
	'.*the bridge ct-full has the 1023 ports that a bridge can have: end other containers, or use another network, .*' \
	jail --network full true
sed -nE 's/^link add (p[0-9]+) .*/link delete \1/p' "$SCRATCH/ports" >"$SCRATCH/unports"
ip -batch "$SCRATCH/unports"
expect 'until some are gone' 0 '10\.59\..*' addresses full

# -- twenty at once on a network that nobody has made yet
network rush 'pool = 10.58.0.0/24 fd58::/64'
children=()
for number in $(seq 20); do
	jail --network rush /bin/sh -c "ip -o -4 address show dev eth0; exec sleep $((3 * slow))" \
		>"$SCRATCH/rush.$number" 2>&1 &
	children+=($!)
done
wait "${children[@]}"
expect 'twenty at once: no address twice' 0 20 eval \
	'cat "$SCRATCH"/rush.* | grep -oE "inet 10\.58\.[0-9.]+" | sort -u | wc -l'

# -- more than there are addresses: 30 hosts, of which the bridge is one
network crowd 'pool = 10.62.0.0/27'
children=()
for number in $(seq 40); do
	jail --network crowd /bin/sh -c "ip -o -4 address show dev eth0; exec sleep $((8 * slow))" \
		>"$SCRATCH/crowd.$number" 2>&1 &
	children+=($!)
done
wait "${children[@]}"
expect 'forty on a pool of 32: 29 have addresses, each its own' 0 29 eval \
	'cat "$SCRATCH"/crowd.* | grep -oE "inet 10\.62\.0\.[0-9]+/27" | sort -u | wc -l'
expect 'and the others hear why not' 0 11 eval \
	'grep -l "has no free IPv4 address left in 10.62.0.0/27" "$SCRATCH"/crowd.* | wc -l'

# -- killed at any moment, while they send
for number in $(seq 200); do
	"$CE" --rootfs "$ROOT" --network rush -- /bin/sh -c "echo hello | nc -u $public 7000; sleep 9" \
		</dev/null >/dev/null 2>&1 &
	launched=$!
	sleep "0.0$((number % 5))$((number * 7 % 10))"
	kill -KILL "$launched"
	wait "$launched" 2>/dev/null
done
expect 'after two hundred: the next one is as any' 0 "$uplink" asks --network rush -- tcp "$public" 80
nothing_of_rush() {
	! compgen -G '/run/contain/leases/net/ct-rush-*' >/dev/null && ! ip -o link show master ct-rush | grep -q .
}
holds 'after two hundred: no lease and no interface is left' true_within 10 nothing_of_rush

end "$dmz" "$plain" "$lab" "$quiet" "${tiny[@]:1}"
kill "$server"
finish
