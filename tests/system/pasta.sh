#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 240
# Networks of ordinary users, by pasta(1): what is reached through it and what is not, ports that lead
# in, and that pasta is gone when the container is, however that ended.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells
. "$(dirname "$0")/lib.sh"
make_rootfs "$ROOT"
chown -R 1000:1000 "$ROOT"
make_user
cd "$SCRATCH/user" || exit 1
open_tun
make_internet
ip address add 198.51.100.3/24 dev up0
beyond=198.51.100.1 beyond6=2001:db8:1::1
far "$PYTHON" -c "$internet" serve 80 5353 >"$SCRATCH/far" 2>&1 &
far "$PYTHON" "$top/tests/host/dns.py" "$beyond" files.example.org 192.0.2.80 &

user() { "${as_user[@]}" "$@"; }
run user unshare --user --map-root-user true
if [ "$status" -ne 0 ]; then
	skip 'pasta' "this kernel gives no user namespaces to ordinary users: $err"
	finish
	exit 0
fi
if [ ! -x /usr/bin/pasta ]; then
	skip 'pasta' 'pasta is not installed'
	finish
	exit 0
fi
if ! true <>/dev/net/tun; then
	skip 'pasta' 'this kernel has no tun device'
	finish
	exit 0
fi
# connected OPTION... -- COMMAND: in the container of an ordinary user, on the host's root.
connected() { user "$CE" --network pasta "$@"; }
# asks tcp|udp ADDRESS PORT: what a program hears; behind `connected --`, what one in there does.
asks=("$PYTHON" -c "$internet" ask)
# pastas: those that run.
pastas() { pgrep -U 1000 -x 'pas[st][ta].*'; }
no_pasta() { ! pastas >/dev/null; }
are_up() { grep -q ready "$SCRATCH/far" && far ss -Hlun "src $beyond:53" | grep -q .; }
holds 'the servers come up' true_within 10 are_up
remember_host

# -- what is reached
for question in "tcp $beyond 80" "udp $beyond 5353" "tcp $beyond6 80" "udp $beyond6 5353"; do
	read -ra words <<<"$question"
	expected=$uplink
	[[ $question != *:* ]] || expected=$uplink6
	expect "the control, without a network: $question" 0 refused user "$CE" -- "${asks[@]}" "${words[@]}"
	expect "from inside: $question" 0 "$expected" connected -- "${asks[@]}" "${words[@]}"
done
expect 'pings' 0 '.* 0% packet loss.*' connected -- ping -c 1 -W 2 "$beyond"
expect 'pings over IPv6' 0 '.* 0% packet loss.*' connected -- ping -6 -c 1 -W 2 "$beyond6"
expect 'there are exactly lo and eth0' 0 'lo eth0 ' \
	connected -- /bin/sh -c 'ip -o link | sed -E "s/^[0-9]+: ([^:@]+).*/\1/" | tr "\n" " "'
expect 'with a root of its own' 0 "$uplink/24" connected --rootfs "$ROOT" -- \
	/bin/sh -c 'ip -o -4 address show dev eth0 | awk "NR == 1 { print \$4 }"'
expect 'an ordinary user inside' 0 "$uplink" connected --user 0 --cap-drop all -- "${asks[@]}" tcp "$beyond" 80
expect '--no-init' 0 "$uplink" connected --no-init -- "${asks[@]}" tcp "$beyond" 80
expect 'root inside cannot change it' 0 no connected -- /bin/sh -c \
	'ip link set eth0 down 2>/dev/null || ip address add 192.0.2.9/24 dev eth0 2>/dev/null || echo no'
if command -v newuidmap >/dev/null; then
	echo 'contain-test:200000:65536' >>/etc/subuid
	echo 'contain-test:200000:65536' >>/etc/subgid
	expect 'with more ids' 0 "$uplink" setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=-all \
		env HOME=/ "$CE" --network pasta --user 1000:1000 -- "${asks[@]}" tcp "$beyond" 80
	sed -i '/^contain-test/d' /etc/subuid /etc/subgid
fi

# -- names
echo 'nameserver 127.0.0.53' >/etc/resolv.conf
mkdir -p /run/systemd/resolve
echo "nameserver $beyond" >/run/systemd/resolve/resolv.conf
expect 'a stub on the loopback: the servers that it asks' 0 "nameserver $beyond" \
	connected -- cat /etc/resolv.conf
expect '--dns' 0 'nameserver 192.0.2.53' connected --dns 192.0.2.53 -- cat /etc/resolv.conf
expect 'names are found' 0 '192\.0\.2\.80 .*' connected -- getent ahostsv4 files.example.org
rm -r /run/systemd/resolve

# -- hosts with one family only
ip -6 route del default
expect 'IPv4 only' 0 "$uplink" connected -- "${asks[@]}" tcp "$beyond" 80
ip -6 route add default via "$beyond6"
ip route del default
expect 'IPv6 only' 0 "$uplink6" connected -- "${asks[@]}" tcp "$beyond6" 80
ip route add default via "$beyond"

# -- what is not: what listens on the host's loopback, by any address
"$PYTHON" -c 'import socket
servers = [socket.create_server(("127.0.0.1", 7777)), socket.create_server(("::1", 7777), family=socket.AF_INET6)]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", 7777))
hidden = socket.socket(socket.AF_UNIX)
hidden.bind("\0contain-test")
hidden.listen()
print("ready", flush=True)
while True:
    udp.sendto(b"here", udp.recvfrom(9)[1])' >"$SCRATCH/near" &
near=$!
true_within 10 grep -q ready "$SCRATCH/near"
knock='import socket, sys
try:
    socket.create_connection((sys.argv[1], 7777), 2)
    print("open")
except OSError:
    print("closed")'
send='import socket, sys
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.connect((sys.argv[1], 7777))
udp.settimeout(0.5)
try:
    udp.send(b"?")
    print("open" if udp.recv(9) else "?")
except OSError:
    print("closed")'
for address in 127.0.0.1 ::1; do
	expect "the control: the host knocks at $address" 0 open user "$PYTHON" -c "$knock" "$address"
done
expect 'the control: the host sends to 127.0.0.1' 0 open user "$PYTHON" -c "$send" 127.0.0.1
for address in 127.0.0.1 127.0.0.2 0.0.0.0 ::1 :: ::ffff:127.0.0.1 "$uplink" "$uplink6" 198.51.100.3 "$beyond" "$beyond6"; do
	expect "from inside nobody knocks at the loopback by $address" 0 closed \
		connected -- "$PYTHON" -c "$knock" "$address"
done
for address in 127.0.0.1 "$beyond"; do
	expect "nor sends to it by $address" 0 closed connected -- "$PYTHON" -c "$send" "$address"
done
abstract='import socket
try:
    socket.socket(socket.AF_UNIX).connect("\0contain-test")
    print("open")
except OSError:
    print("closed")'
expect 'the control: the host has an abstract socket' 0 open user "$PYTHON" -c "$abstract"
expect 'from inside it is not there' 0 closed connected -- "$PYTHON" -c "$abstract"
kill "$near"
wait "$near" 2>/dev/null

# -- ports that lead in
# By pasta of Debian 12 who comes in speaks first, or is not heard.
server='import socketserver, sys, threading
class Answer(socketserver.BaseRequestHandler):
    def handle(self):
        who = self.client_address[0].removeprefix("::ffff:").encode()
        if isinstance(self.request, tuple):
            self.request[1].sendto(who, self.client_address)
        else:
            self.request.recv(9)
            self.request.sendall(who)
for kind in socketserver.TCPServer, socketserver.UDPServer:
    for port in sys.argv[1:]:
        kind.address_family = socketserver.socket.AF_INET6
        listening = kind(("::", int(port)), Answer)
        threading.Thread(target=listening.serve_forever, daemon=True).start()
print("ready", flush=True)
threading.Event().wait(200)'
client='import socket, sys
kind = socket.SOCK_STREAM if sys.argv[1] == "tcp" else socket.SOCK_DGRAM
asking = socket.socket(socket.AF_INET6 if ":" in sys.argv[2] else socket.AF_INET, kind)
asking.settimeout(2)
try:
    asking.connect((sys.argv[2], int(sys.argv[3])))
    asking.send(b"?")
    print(asking.recv(99).decode())
except TimeoutError:
    print("silence")
except OSError:
    print("refused")'
says=("$PYTHON" -c "$client")
# serves OPTION...: a container whose servers say who has asked.
serves() {
	"${as_user[@]}" "$CE" --network pasta "$@" -- "$PYTHON" -c "$server" 80 53 22222 \
		</dev/null >"$SCRATCH/inside" 2>&1 &
	launched=$!
	true_within 10 grep -qs ready "$SCRATCH/inside" || not_ok 'the servers inside come up' "$(cat "$SCRATCH/inside")"
}
for question in "tcp $uplink 8080" "udp $uplink 5353"; do
	read -ra words <<<"$question"
	expect "the control: nobody answers yet: $question" 0 refused far "${says[@]}" "${words[@]}"
done
serves -p 8080:80 -p 5353:53/udp -p "$uplink:8081:80" -p "[$uplink6]:8082:80" -p 127.0.0.1:8083:80
while read -r question answer; do
	read -ra words <<<"${question//,/ }"
	expect "from outside: ${words[*]}" 0 "$answer" far "${says[@]}" "${words[@]}"
done <<END
tcp,$uplink,8080 $beyond
tcp,198.51.100.3,8080 $beyond
tcp,$uplink6,8080 $beyond6
udp,$uplink,5353 $beyond
udp,$uplink6,5353 $beyond6
tcp,$uplink,8081 $beyond
tcp,198.51.100.3,8081 refused
tcp,$uplink6,8081 refused
tcp,$uplink6,8082 $beyond6
tcp,$uplink,8082 refused
tcp,$uplink,8083 refused
tcp,$uplink,5353 refused
udp,$uplink,8080 refused
tcp,$uplink,80 refused
tcp,$uplink,22222 refused
udp,$uplink,22222 refused
tcp,$uplink6,22222 refused
END
expect 'from the loopback of the host' 0 '127\.0\.0\.1|198\.51\.100\.[12]' "${says[@]}" tcp 127.0.0.1 8083
expect 'and not what was not published' 0 refused "${says[@]}" tcp 127.0.0.1 22222
refuses 'a port that another container has' 125 '--publish: tcp port 8080 .* in use' \
	connected -p 8080:80 -- true
end "$launched" 2>/dev/null
expect 'afterwards nobody answers' 0 refused far "${says[@]}" tcp "$uplink" 8080
expect 'and the port can be had again' 0 '' connected -p 8080:80 -- true
refuses "a port of root's" 125 "--publish: tcp port 80 of this host is root's" connected -p 80:80 -- true
refuses 'an address that the host does not have' 125 '--publish: .* does not have the address' \
	connected -p 203.0.113.99:8081:80 -- true
refuses 'one port of two addresses' 125 '--publish: .*8081:80/tcp are the same port .* pasta' \
	connected -p "$uplink:8081:80" -p 198.51.100.3:8081:80 -- true
refuses '-p alone is a bridge, which names pasta' 125 '--network: only root .* pasta' \
	user "$CE" -p 8080:80 -- true

# -- what is refused
refuses 'root has a bridge' 125 '--network pasta: .* bridge' "$BUILD/contain-exec" --network pasta -- true
refuses 'rules' 125 '--egress and --network pasta' connected --egress internet -- true
refuses 'the capability to forge packets' 125 '--network pasta: .*net_raw' connected --cap-add net_raw -- true
mkdir -p /etc/contain/users
printf '[jail]\nenable = yes\n[network]\nmode = pasta\n' >/etc/contain/users/contain-test.conf
run "$BUILD/containctl" policy check
holds 'a policy' [ "$status" -ne 0 -a "${out/use bridge/}" != "$out" ]
rm -r /etc/contain/users

# -- a start that fails says why, in one line
# where FILE IS...: a command on a host where something is otherwise, in mounts of its own.
otherwise() {
	unshare --mount bash -c "$1"' && shift && exec "$@"' bash "${as_user[@]}" "$CE" --network pasta -- true
}
mkdir "$SCRATCH/upper" "$SCRATCH/work"
refuses 'pasta is not installed' 125 '--network pasta: .*install the package passt' \
	otherwise "mount -t overlay -o lowerdir=/usr/bin,upperdir=$SCRATCH/upper,workdir=$SCRATCH/work none /usr/bin && rm /usr/bin/pasta && set -- x \"\$@\""
refuses 'no tun device' 125 '--network pasta: .*/dev/net/tun' \
	otherwise 'chmod 0600 /dev/net/tun && set -- x "$@"'
chmod 0666 /dev/net/tun
# That of Debian 13 connects it all the same, with what there is.
run unshare --net "${as_user[@]}" "$CE" --network pasta -- true
holds 'a host without a network' [ "$status" -eq 0 -a -z "$err" -o \
	"$status" -eq 125 -a "$(wc -l <"$SCRATCH/err")" -eq 1 -a "${err/--network pasta:/}" != "$err" ]
holds 'nothing runs of those that failed' true_within 5 no_pasta

# -- the command is what it would be without
expect 'exit codes arrive' 37 '' connected -- /bin/sh -c 'exit 37'
refuses 'a command that is not there' 127 'no-such' connected -- no-such
run connected -- /bin/sh -c 'kill -TERM $$'
holds 'death by a signal arrives' [ "$status" -eq 143 ]
holds 'stdin is the command'"'"'s' eval '[ "$(echo yes | connected -- cat)" = yes ]'
expect 'a caller that ignores SIGPIPE' 0 "$uplink" env --ignore-signal=PIPE "${as_user[@]}" "$CE" \
	--network pasta -- "${asks[@]}" tcp "$beyond" 80
expect 'the time can be limited' 124 '' connected --timeout 500ms -- sleep 20

# Ctrl-C goes to everybody in the group.
interrupted='import os, signal, sys
def heard(*_):
    os.execv(sys.argv[1], sys.argv[1:])
signal.signal(signal.SIGINT, heard)
signal.alarm(20)
print("ready", flush=True)
while True:
    signal.pause()'
setsid "${as_user[@]}" "$CE" --network pasta -- "$PYTHON" -c "$interrupted" "${asks[@]}" tcp "$beyond" 80 \
	</dev/null >"$SCRATCH/interrupted" 2>&1 &
launched=$!
true_within 10 grep -q ready "$SCRATCH/interrupted"
kill -INT -- "-$launched"
wait "$launched"
holds 'Ctrl-C is the command'"'"'s: the network stays' grep -qx "$uplink" "$SCRATCH/interrupted"

# -- who dies when
# starts [COMMAND...]: a container that runs; its pasta is in $pasta.
starts() {
	"${as_user[@]}" "$CE" --network pasta -- /bin/sh -c 'echo started; exec sleep 100' \
		</dev/null >"$SCRATCH/started" 8</ &
	launched=$!
	true_within 10 grep -q started "$SCRATCH/started"
	pasta=$(pastas)
}
starts
holds 'pasta is in a PID namespace of its own' [ "$(awk '/^NSpid:/ { print NF, $3 }' "/proc/$pasta/status")" = '3 2' ]
holds 'and below contain-exec' pgrep -P "$launched" -x contain-pasta
holds 'the control: the caller has a directory open' [ "$(readlink "/proc/$launched/fd/8")" = / ]
holds 'it has none of the files of who has called' eval '[ -d "/proc/$pasta/fd" ] && ! ls -l "/proc/$pasta/fd" | grep -q " -> /$"'
holds 'it has no capability over the host, and a filter' eval \
	'[ "$(readlink /proc/$pasta/ns/user)" != "$(readlink /proc/$launched/ns/user)" ] && grep -q "Seccomp:.*2" /proc/$pasta/status'
kill -KILL "$launched"
wait "$launched" 2>/dev/null
holds 'kill -9 of contain-exec: pasta is gone' true_within 5 no_pasta
starts
kill -KILL "$pasta"
holds 'without pasta the command goes on' eval 'sleep 0.3; kill -0 "$launched"'
end "$launched" 2>/dev/null
holds 'and ends as ever' [ $? -eq 143 ]
starts
true_within 5 pkill -KILL -P "$launched" -x contain-init
wait "$launched" 2>/dev/null
holds 'the end of PID 1 is the end of pasta' no_pasta
left=0
for round in $(seq 40); do
	"${as_user[@]}" "$CE" --network pasta -- sleep 20 </dev/null >/dev/null 2>&1 &
	launched=$!
	sleep "0.0$((round % 4))$((round * 7 % 10))"
	kill -KILL "$launched"
	wait "$launched" 2>/dev/null
	true_within 5 no_pasta || left=$((left + 1))
done
holds 'kill -9 at 40 moments of the start' [ "$left" -eq 0 ]
nothing_left 'nothing is left of all these containers'
finish
