#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 300
# Names of hosts in egress: a host with an uplink to an internet that has name servers, and servers on
# many addresses. Who looks names up in a jail is a dnsmasq of its own.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
make_internet
server=203.0.113.53 server6=2001:db8:5::53 other_server=203.0.113.54

# The names, and on which addresses they are. All end in .test.
names='
site 203.0.113.10
site 2001:db8:5::10
www.site 203.0.113.11
www.site 2001:db8:5::11
a.b.site 203.0.113.12
supersite 203.0.113.13
cdn.other 203.0.113.14
other 203.0.113.15
bad.site 203.0.113.16
below.bad.site 203.0.113.17
meta.site 169.254.169.254
meta.site fd00:ec2::254
bridge.site 10.97.0.1
lan.site 192.168.77.1
below.lan.site 192.168.77.2
'
for number in $(seq 40); do
	names+="n$number.many 203.0.113.$((100 + number))"$'\n'
done
{
	printf '%s\n' no-resolv no-hosts bind-interfaces pid-file= user=root local=/test/ local-ttl=86400 \
		"listen-address=$server" "listen-address=$server6" "listen-address=$other_server" \
		"addn-hosts=$SCRATCH/moving" cname=alias.site.test,cdn.other.test
	while read -r name address; do
		[ -z "$name" ] || echo "host-record=$name.test,$address"
	done <<<"$names"
} >"$SCRATCH/names.conf"
moves_to() {
	for address; do
		echo "$address moving.site.test"
	done >"$SCRATCH/moving"
}
moves_to 203.0.113.20
while read -r address; do
	[[ $address == 10.97.* ]] || far ip address add "$address" dev lo
done < <(awk 'NF { print $2 }' <<<"$names" | printf '%s\n' "$(cat)" 203.0.113.20 203.0.113.21 \
	"$server" "$server6" "$other_server")
far ip route add 10.97.0.0/16 via "$uplink"
far "$PYTHON" -c "$internet" serve 80 443 853 >"$SCRATCH/far" 2>&1 &
servers=($!)
far dnsmasq --conf-file="$SCRATCH/names.conf"
far_dnsmasq=$(pgrep -f "$SCRATCH/names.conf")
servers+=("$far_dnsmasq")
far busybox nc -ll -p 7 -e /bin/cat &
servers+=($!)
"$PYTHON" -c "$internet" serve 22 >"$SCRATCH/near" 2>&1 &
servers+=($!)
holds 'the servers come up' true_within 10 eval "grep -q ready '$SCRATCH/far' && grep -q ready '$SCRATCH/near' &&
	'$PYTHON' -c \"\$internet\" dns udp $server site.test | grep -q 203.0.113.10"

# from OPTION... -- WORD...: what a program in a jail hears, of internet.py.
from() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	jail --network bridge --dns "$server" "${options[@]}" --rootfs host "$PYTHON" -c "$internet" "$@"
}
run from -- ask tcp "$server" 853 # the bridge stays
remember_host

# -- who may send where: OPTIONS | QUESTIONS | ANSWERS
table="
# the control: without rules
| reach site.test 80 then reach other.test 80 then reach lan.site.test 80 | $uplink $uplink $uplink
| reach site.test 80 6 | $uplink6
| dns udp $server site.test then dns tcp $other_server site.test | 203.0.113.10 86400 203.0.113.10 86400
| ask tcp 203.0.113.10 853 | $uplink
--egress any | reach meta.site.test 80 | $uplink
--egress any | reach meta.site.test 80 6 | $uplink6
--egress any | reach bridge.site.test 22 | 10.97.*
# a name is what it is, and nothing else
--egress host:site.test | reach site.test 80 | $uplink
--egress host:SITE.Test | reach site.test 80 | $uplink
--egress host:site.test | reach Site.TEST 80 | $uplink
--egress host:site.test | reach site.test 80 6 | $uplink6
--egress host:site.test | reach www.site.test 80 | unknown
--egress host:site.test | reach supersite.test 80 | unknown
--egress host:site.test | reach other.test 80 | unknown
--egress host:site.test | reach test 80 | unknown
--egress host:site.test | reach site.test 80 then ask tcp 203.0.113.11 80 | $uplink refused
# what nobody has asked for cannot be reached
--egress host:site.test | ask tcp 203.0.113.10 80 | refused
--egress host:site.test | ask tcp 2001:db8:5::10 80 | refused
--egress host:site.test | ask tcp 203.0.113.10 80 then reach site.test 80 then ask tcp 203.0.113.10 80 | refused $uplink $uplink
# ports and protocols
--egress host:site.test:443 | reach site.test 80 then reach site.test 443 | refused $uplink
--egress host:site.test:tcp | reach site.test 80 then ask udp 203.0.113.10 80 | $uplink refused
--egress host:site.test:udp | reach site.test 80 then ask udp 203.0.113.10 80 | refused $uplink
--egress host:site.test:80,host:site.test:443 | reach site.test 80 then reach site.test 443 then ask tcp 203.0.113.10 853 | $uplink $uplink refused
# what is below one
--egress host:*.site.test | reach www.site.test 80 then reach a.b.site.test 80 | $uplink $uplink
--egress host:*.site.test | reach site.test 80 | unknown
--egress host:*.site.test | reach supersite.test 80 | unknown
--egress host:*.site.test | reach www.site.test 80 6 | $uplink6
--egress host:*.b.site.test | reach www.site.test 80 then reach a.b.site.test 80 | unknown $uplink
--egress host:site.test:80,host:*.site.test:443 | reach site.test 80 then reach site.test 443 then reach www.site.test 443 then reach www.site.test 80 | $uplink refused $uplink refused
# an alias counts by the name that was asked for
--egress host:alias.site.test | reach alias.site.test 80 then ask tcp 203.0.113.14 80 | $uplink $uplink
--egress host:*.site.test | reach alias.site.test 80 | $uplink
--egress host:*.site.test | reach cdn.other.test 80 | unknown
--egress deny,host:alias.site.test,allow,host:cdn.other.test | reach cdn.other.test 80 then reach alias.site.test 80 | $uplink unknown
# beside other destinations all names are answered, and are as exact
--egress host:lan.site.test,internet | reach lan.site.test 80 then reach other.test 80 then reach www.site.test 80 | $uplink $uplink $uplink
--egress host:lan.site.test,internet | reach below.lan.site.test 80 | refused
--egress host:*.lan.site.test,internet | reach below.lan.site.test 80 then reach lan.site.test 80 | $uplink refused
--egress host:*.site.test,internet | reach lan.site.test 80 then reach below.lan.site.test 80 then reach site.test 80 | $uplink $uplink $uplink
--egress host:lan.site.test:443,host:*.lan.site.test:80,internet | reach lan.site.test 443 then reach lan.site.test 80 then reach below.lan.site.test 80 then reach below.lan.site.test 443 | $uplink refused $uplink refused
--egress internet | reach lan.site.test 80 | refused
# denied ones
--egress deny,host:bad.site.test,allow,internet | reach bad.site.test 80 then reach below.bad.site.test 80 then reach www.site.test 80 | refused $uplink $uplink
--egress deny,host:bad.site.test,allow,host:*.site.test | reach bad.site.test 80 then reach below.bad.site.test 80 then reach www.site.test 80 | refused $uplink $uplink
--egress deny,host:*.site.test,allow,internet | reach www.site.test 80 then reach site.test 80 | refused $uplink
--egress deny,host:*.site.test,allow,internet | reach www.site.test 80 6 | refused
--egress host:www.site.test,deny,host:*.site.test,allow,internet | reach www.site.test 80 then reach a.b.site.test 80 | $uplink refused
# what no name opens, and what one opens unless something stands before it
--egress host:*.site.test | reach meta.site.test 80 | refused
--egress host:*.site.test | reach meta.site.test 80 6 | refused
--egress host:*.site.test | reach bridge.site.test 22 | refused
--egress host:*.site.test | reach lan.site.test 80 | $uplink
--egress deny,private,allow,host:*.site.test | reach lan.site.test 80 then reach www.site.test 80 | refused $uplink
# name servers: its own, and by it no other names than those
--egress host:site.test | dns udp 127.0.0.97 site.test then dns tcp 127.0.0.97 site.test | 203.0.113.10 300 203.0.113.10 300
--egress host:site.test | dns tcp 127.0.0.97 site.test then ask tcp 203.0.113.10 80 | 203.0.113.10 300 $uplink
--egress host:site.test | dns udp 127.0.0.97 other.test then dns tcp 127.0.0.97 other.test | none 5 none 5
--egress host:site.test | dns udp 127.0.0.97 x.site.test | none 3
--egress host:site.test | dns udp $server site.test then dns tcp $server site.test | refused refused
--egress host:site.test | dns udp $other_server site.test then dns tcp $other_server site.test | refused refused
--egress host:site.test,internet | dns udp $server site.test then dns tcp $server site.test | refused refused
--egress host:site.test,internet | dns udp $other_server site.test then dns tcp $other_server site.test | refused refused
--egress host:site.test,internet | dns udp 127.0.0.98 site.test then dns tcp 127.0.0.98 site.test | refused refused
--egress host:site.test,internet | ask tcp 203.0.113.10 853 then ask tcp 203.0.113.10 80 | refused $uplink
--egress host:site.test,internet | dns tcp 127.0.0.97 lan.site.test then dns udp 127.0.0.97 site.test | 192.168.77.1 300 203.0.113.10 300
--egress host:site.test --dns $server6 | reach site.test 80 | $uplink
--egress host:site.test --host-access none | reach site.test 80 | $uplink
"
while IFS='|' read -r options question answer; do
	[ -n "$question" ] || continue # a heading
	read -ra options <<<"$options"
	read -ra question <<<"$question"
	options=("${options[@]//,/ }")
	# the last --dns counts alone
	[[ ${options[*]} != *--dns* ]] || options=(--dns host "${options[@]}")
	run from "${options[@]}" -- "${question[@]}"
	# shellcheck disable=SC2053 # it is a pattern
	if [[ ${out//$'\n'/ } == ${answer# } ]]; then
		ok "${options[*]:-as it is}: ${question[*]} is${answer}"
	else
		not_ok "${options[*]:-as it is}: ${question[*]} is${answer}" "$(shown)"
	fi
done <<<"$table"

# -- many at once: what is answered is in the sets before the answer is there
expect 'forty names at once, each of which is reached' 0 "40 $uplink" eval 'from --egress "host:*.many.test host:many.test internet" \
	--egress "deny any" -- $(for n in $(seq 39); do echo "reach n$n.many.test 80 then"; done) reach n40.many.test 80 |
	sort | uniq -c | sed "s/^ *//"'
run jail --network bridge --dns "$server" --egress 'host:*.many.test deny internet' --rootfs host "$PYTHON" -c '
import concurrent.futures, socket
def reach(number):
    with socket.create_connection((f"n{number}.many.test", 80), 5) as server:
        return server.recv(99)
with concurrent.futures.ThreadPoolExecutor(40) as pool:
    print(len([1 for said in pool.map(reach, range(1, 41)) if said]))'
holds 'forty at the same time' [ "$out" = 40 ]

# -- what is in the jail, and what is not
only=(--network bridge --dns "$server" --egress host:site.test)
mixed=(--network bridge --dns "$server" --egress 'host:lan.site.test host:*.site.test internet')
inside() {
	jail "${only[@]}" --rootfs host "$PYTHON" -c "$@"
}
expect 'inside nothing can be seen of it' 0 'contain-init.sh(.sort)?' jail "${mixed[@]}" /bin/sh -c '
	for process in /proc/[0-9]*; do read name <$process/comm && echo $name; done | sort -u'
holds 'and resolv.conf names nothing else' [ "$(jail "${only[@]}" --rootfs host /bin/cat /etc/resolv.conf |
	grep -c nameserver)" -eq 1 ]
binds='
import socket
for kind in socket.SOCK_DGRAM, socket.SOCK_STREAM:
    try:
        socket.socket(socket.AF_INET, kind).bind(("127.0.0.97", 53))
        print("bound")
    except OSError as error:
        print(error.strerror)'
expect 'inside its address is taken' 0 $'Address already in use\nAddress already in use' inside "$binds"
expect 'the control: without it, it is not' 0 $'bound\nbound' jail --rootfs host "$PYTHON" -c "$binds"
# With SO_REUSEADDR a datagram can be had from under it, and what it says goes nowhere.
pretends='
import os, socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((sys.argv[1], 53))
if os.fork() == 0:
    server.settimeout(2)
    question, client = server.recvfrom(999)
    server.sendto(b"forged", client)
    os._exit(0)
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
try:
    client.connect((sys.argv[1], 53))
    client.send(b"?")
    print(client.recv(99).decode())
except OSError:
    print("nothing")'
expect 'inside nobody answers in its place' 0 'nothing' inside "$pretends" 127.0.0.97
expect 'nor in that of the inner ones' 0 'nothing' jail "${mixed[@]}" --rootfs host "$PYTHON" -c "$pretends" 127.0.0.99
expect 'the control: at another address somebody does' 0 'forged' inside "$pretends" 127.0.0.96
# From the name server's own address, which with IPv6 takes no right: to the port that it listens on for it.
forges='
import socket, sys
here = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
here.bind(("::", 5555))
here.settimeout(1)
address = [line.split()[0] for line in open("/proc/net/if_inet6") if line.split()[5] == "eth0"][0]
address = ":".join(address[i:i + 4] for i in range(0, 32, 4))
other = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
other.setsockopt(socket.IPPROTO_IPV6, 78, 1)  # IPV6_FREEBIND
other.bind((sys.argv[1] if sys.argv[1] != "own" else address, 53))
try:
    other.sendto(b"forged", (address, 5555))
    print(here.recv(99).decode())
except OSError:
    print("nothing")'
expect 'inside nothing comes from the address of a name server' 0 'nothing' inside "$forges" "$server6"
expect 'the control: from its own address it does' 0 'forged' inside "$forges" own
expect 'the control: without rules from that of a name server too' 0 'forged' \
	jail --network bridge --rootfs host "$PYTHON" -c "$forges" "$server6"

# -- outside: what it is, and that it goes with its jail
# its_processes: of all jails, but not the internet's.
its_processes() {
	pgrep -f -- '--conf-file=/[0-9].conf'
}
uid=$(id -u dnsmasq)
launch "${mixed[@]}" /bin/sleep 60
holds 'outside there are three, for names beside other destinations' true_within 5 eval '[ "$(its_processes | wc -l)" -eq 3 ]'
for pid in $(its_processes); do
	status_of=$(</proc/"$pid"/status)
	[[ $status_of =~ Uid:([[:space:]]${uid}){4} ]] || not_ok "the user of $pid" "$status_of"
	for set in Prm Eff Bnd Amb; do
		[[ $status_of =~ Cap$set:[[:space:]]0000000000001400 ]] || not_ok "capabilities of $pid: $set" "$status_of"
	done
	[[ $status_of =~ NoNewPrivs:[[:space:]]1 && $status_of =~ Seccomp:[[:space:]]2 && ! $status_of =~ Groups:[[:space:]]*[0-9]+\ [0-9] ]] ||
		not_ok "privileges of $pid" "$status_of"
	expect "the root of $(ps -o args= -p "$pid")" 0 '([0-9].conf|bin|dev|etc|lib[0-9x]*|sbin|usr| )*' \
		eval "echo \$(ls /proc/$pid/root)"
	expect 'its files' 0 'ld.so.cache passwd' eval "echo \$(ls /proc/$pid/root/etc)"
	holds 'which cannot be written to' fails touch "/proc/$pid/root/x"
done
expect 'the keeper holds nothing of the supervisor' 0 '(/dev)?/null.(/dev)?/null.(/dev)?/null.socket:[^ ]*' \
	eval "readlink /proc/$(pgrep -x contain-names)/fd/*"
holds 'its user has a session keyring of its own' grep -q "^ *$uid:" /proc/key-users
expect 'they are in the network of the jail, and in nothing else of it' 0 'same.other.other' bash -c '
	for kind in net mnt pid; do
		[ "$(readlink "/proc/$0/ns/$kind")" = "$(readlink "/proc/$1/ns/$kind")" ] && echo same || echo other
	done' "$(its_processes | head -n 1)" "$(pgrep -x sleep)"
kill -9 "$launched"
wait "$launched" 2>/dev/null
none_left() {
	! its_processes >/dev/null && ! pgrep --runstates RSDT -x contain-names >/dev/null
}
holds 'kill -9 of the supervisor leaves none of them' true_within 5 none_left
# A question by TCP makes it fork, and the child waits for more.
launch "${only[@]}" --rootfs host "$PYTHON" -c '
import socket, time
held = socket.create_connection(("127.0.0.97", 53))
held.send(b"\0\1")
time.sleep(60)'
holds 'with a child that has a question by TCP' true_within 5 eval '[ "$(its_processes | wc -l)" -eq 2 ]'
kill -9 "$launched"
wait "$launched" 2>/dev/null
holds 'nor of that' true_within 5 none_left
launch "${only[@]}" /bin/sleep 60
true_within 5 its_processes
end "$launched"
holds 'none is left when a jail ends' none_left

# At moments of its start, where the keeper cannot be told of it yet, or has told nobody.
exec {never}<> <(:)
for _ in $(seq 60); do
	launch "${mixed[@]}" /bin/sleep 60 2>/dev/null
	read -rt "$(printf '0.%04d' $((RANDOM % 400)))" -u "$never"
	kill -9 "$launched"
	wait "$launched"
done 2>/dev/null
exec {never}>&-
holds 'kill -9 at any moment of the start leaves none' true_within 5 none_left

# -- in a jail that lives: a shell that asks what it is told
mkfifo "$SCRATCH/questions"
"$CE" --network bridge --dns "$server" --egress host:moving.site.test --name moves --rootfs host /bin/bash -c '
	while read -ra words; do
		case ${words[0]} in
		open) exec {line}<>/dev/tcp/"${words[1]}"/7 && echo opened ;;
		talk) echo "${words[1]}" >&$line && read -r -t 2 said <&$line && echo "$said" || echo silence ;;
		*) "$0" -c "$1" "${words[@]}" ;;
		esac
	done' "$PYTHON" "$internet" <"$SCRATCH/questions" >"$SCRATCH/answers" &
moves=$!
exec {questions}>"$SCRATCH/questions"
asks() {
	: >"$SCRATCH/answers"
	echo "$*" >&"$questions"
	true_within 10 test -s "$SCRATCH/answers" && cat "$SCRATCH/answers"
}
keeper=
true_within 5 eval 'keeper=$(pgrep -x contain-names)'
expect 'a name that moves: it can be reached where it is' 0 "$uplink" asks reach moving.site.test 80
expect 'and a connection opened' 0 opened asks open moving.site.test
moves_to 203.0.113.21
kill -HUP "$far_dnsmasq"
holds 'it moves' true_within 5 eval '"$PYTHON" -c "$internet" dns udp "$server" moving.site.test | grep -q 203.0.113.21'
expect 'the control: nobody has asked for where it is now' 0 refused asks ask tcp 203.0.113.21 80
expect 'who asks reaches it there at once' 0 "$uplink" asks reach moving.site.test 80
expect 'and where it was, as long as answers may be used' 0 "$uplink" asks ask tcp 203.0.113.20 80
# as its time does: SIGALRM is the same
kill -ALRM "$keeper"
holds 'one half is emptied' true_within 5 eval '! nsenter --target "$keeper" --net nft list set inet contain a4_0 | grep -q elements'
expect 'after one time: still, by the other half' 0 "$uplink" asks ask tcp 203.0.113.20 80
expect 'and an answer goes into both again' 0 "$uplink" asks reach moving.site.test 80
kill -ALRM "$keeper"
holds 'then the other half' true_within 5 eval '! nsenter --target "$keeper" --net nft list set inet contain b4_0 | grep -q elements'
expect 'after two times: no more where it was' 0 refused asks ask tcp 203.0.113.20 80
expect 'where it is, as before' 0 "$uplink" asks ask tcp 203.0.113.21 80
expect 'what was connected goes on' 0 hello asks talk hello
kill -ALRM "$keeper"
true_within 5 eval '! nsenter --target "$keeper" --net nft list set inet contain a4_0 | grep -q elements'
expect 'nobody has asked for long: not there either' 0 refused asks ask tcp 203.0.113.21 80
expect 'until somebody asks' 0 "$uplink" asks reach moving.site.test 80

# -- two jails at once have one each
expect 'another jail has its own' 0 $'unknown\n'"$uplink" from --egress host:site.test -- \
	reach moving.site.test 80 'then' reach site.test 80
expect 'which changes nothing in the first' 0 unknown asks reach site.test 80
kill "$(its_processes)"
holds 'killed: the keeper goes with it' true_within 5 none_left
expect 'and names are not found any more' 0 unknown asks reach moving.site.test 80
expect 'and nothing else is open for it' 0 refused asks dns udp "$server" moving.site.test
expect 'the jail lives' 0 "$uplink" asks ask tcp 203.0.113.21 80
exec {questions}>&-
wait "$moves"

# -- an account
cat >/etc/passwd.new <<-END
	$(cat /etc/passwd)
	student:x:4201:4201::/:/bin/sh
END
mv /etc/passwd.new /etc/passwd
mkdir -p /etc/contain/users
printf '%s\n' '[network]' 'mode = bridge' "dns = $server" 'egress = host:*.site.test' >/etc/contain/users/student.conf
chmod -R go-w /etc/contain
expect "an account's, by its policy" 0 "$uplink.refused.unknown" "$CE" --as student -- "$PYTHON" -c "$internet" \
	reach www.site.test 80 'then' ask tcp 203.0.113.13 80 'then' reach supersite.test 80
printf '%s\n' '[network]' 'mode = bridge' 'egress = host:*.site.test' >/etc/contain/users/dnsmasq.conf
refuses 'not that of who looks names up' 125 'egress: names of hosts are looked up by a program that runs as user .*, whose jail this is' \
	"$CE" --as dnsmasq -- /bin/true

# -- bad input
refuses '--egress: no name' 125 '"host:a\.\.b" has nothing between two dots' jail --egress host:a..b /bin/true
refuses '--egress: names, and nobody to ask' 125 'with --dns none nobody can be asked' \
	jail --network bridge --dns none --egress host:a.test /bin/true
refuses '--egress: names, and every user' 125 'with --userns host the container has every user' \
	jail --network bridge --userns host --egress host:a.test /bin/true
below=a nested=
for _ in 1 2 3 4 5 6 7 8 9; do
	nested+="host:*.$below " below+=.a
done
refuses '--egress: too many names that one is below' 125 'is below more than 8 of the names' \
	jail --network bridge --egress "$nested" /bin/true
sed -i /^dnsmasq:/d /etc/passwd
refuses 'without its user' 125 '^contain-exec: --egress: names of hosts need the user dnsmasq in /etc/passwd.*dnsmasq-base' \
	jail "${only[@]}" /bin/true
mount --bind /dev/null /usr/sbin/dnsmasq
refuses 'without the program' 125 '^contain-exec: --egress: names of hosts need /usr/sbin/dnsmasq: install the package dnsmasq-base' \
	jail "${only[@]}" /bin/true
holds 'the control: without names nothing is missed' jail --network bridge --egress internet /bin/true
umount /usr/sbin/dnsmasq

nothing_left 'nothing is left'
kill "${servers[@]}"
wait "${servers[@]}" 2>/dev/null
finish
