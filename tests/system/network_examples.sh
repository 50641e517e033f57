#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 180
# The three networks of docs/NETWORKING.md, as they stand there, with what is sent and what is not: the lab
# for students, the hosting customer, the build bot.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
. "$top/tests/host/jails.sh"
host_start
host_install
jails_on
make_internet
files=192.168.10.5 licences=192.168.10.9 printer=192.168.10.7
public=203.0.113.5 mirror=203.0.113.20 mirror6=2001:db8:20::20
for address in "$files" "$licences" "$printer" "$public" "$mirror" "$mirror6"; do
	far ip address add "$address" dev lo
done
far "$PYTHON" "$host/internet.py" serve 80 443 445 27000 27009 27010 >"$SCRATCH/far" 2>&1 &
servers=($!)
holds 'the servers come up' true_within 10 grep -qs ready "$SCRATCH/far"

# example TEXT: the first block of the page behind a line with TEXT.
example() {
	awk -v text="$1" '
		/^```/ && found { inside = !inside; if (!inside) exit; next }
		inside
		index($0, text) { found = 1 }' "$top/docs/NETWORKING.md"
}
policy default.conf <<-'END'
	[jail]
	enable = yes
	grace = 0
END
# hears USER ADDRESS PORT: what a program of theirs hears.
hears() {
	ssh_as "$1" "exec python3 - ask tcp $2 $3" <"$host/internet.py"
}

# -- a lab for students
example /etc/contain/groups/students.conf | policy groups/students.conf
holds 'the lab: the page has a policy' grep -q 'egress = ' /etc/contain/groups/students.conf
while read -r what address port answer; do
	expect "the lab: $what" 0 "$answer" hears alice "$address" "$port"
done <<END
the_file_server $files 445 $uplink
but_not_its_other_services $files 80 refused
the_licence_server $licences 27000 $uplink
up_to_the_last_of_its_ports $licences 27009 $uplink
and_no_further $licences 27010 refused
nothing_else_of_the_campus $printer 445 refused
the_internet $public 80 $uplink
END
ssh_behind alice 'exec sleep 60' </dev/null >/dev/null 2>&1
session=$behind
holds 'the lab: a session stays' true_within 10 eval '[ -n "$(init_of user-1001)" ]'
expect 'the lab: 5 Mbit/s up' 0 '.*rate 5Mbit .*' \
	nsenter --net --target "$(init_of user-1001)" tc qdisc show dev eth0
expect 'the lab: and 20 down' 0 '.*rate 20Mbit .*' eval \
	'tc qdisc show | grep "dev ct$(init_of user-1001) "'
alice=$(nsenter --net --target "$(init_of user-1001)" ip -o -4 address show dev eth0 | sed -nE 's|.* inet ([0-9.]+)/.*|\1|p')
nsenter --net --target "$(init_of user-1001)" "$PYTHON" "$host/internet.py" serve 80 >"$SCRATCH/alice" 2>&1 &
servers+=($!)
true_within 10 grep -qs ready "$SCRATCH/alice"
expect 'the control: the host reaches a server in a session' 0 '10\.97\.0\.1' \
	"$PYTHON" "$host/internet.py" ask tcp "$alice" 80
expect 'the lab: no fellow student does' 0 'refused|silence' hears erin "$alice" 80
kill "$session"
wait "$session" 2>/dev/null

# -- a hosting customer
add_user shop 1010
example /etc/contain/users/shop.conf | policy users/shop.conf
holds 'the customer: the page has a policy' grep -q 'publish = 8443:443' /etc/contain/users/shop.conf
expect 'the control: nobody answers yet' 0 refused far "$PYTHON" "$host/internet.py" ask tcp "$uplink" 8443
ssh_behind shop 'exec python3 - serve 443' <"$host/internet.py" >"$SCRATCH/shop" 2>&1
shop=$behind
holds 'the customer has a server' true_within 10 grep -qs ready "$SCRATCH/shop"
expect 'the customer: it is reached by the port of the host, and sees who is there' 0 198.51.100.1 \
	far "$PYTHON" "$host/internet.py" ask tcp "$uplink" 8443
expect 'the customer: by no other port' 0 refused far "$PYTHON" "$host/internet.py" ask tcp "$uplink" 443
kill "$shop"
wait "$shop" 2>/dev/null
holds 'the customer: when they have gone nobody answers' true_within 10 eval \
	'[ "$(far "$PYTHON" "$host/internet.py" ask tcp "$uplink" 8443)" = refused ]'

# -- a build bot that reaches its mirrors
line=$(example 'A build bot that reaches its mirrors')
holds 'the build bot: the page has a command' [ "${line#contain-exec --network bridge --egress}" != "$line" ]
# bot ADDRESS PORT: its command, but that it asks.
bot() {
	local words=()
	eval "words=(${line%% -- *})"
	"$CE" "${words[@]:1}" -- "$PYTHON" -c "$internet" ask tcp "$1" "$2"
}
expect 'the build bot: its mirror' 0 "$uplink" bot "$mirror" 443
expect 'the build bot: the one of IPv6' 0 "$uplink6" bot "$mirror6" 443
expect 'the build bot: nothing else of it' 0 refused bot "$mirror" 80
expect 'the build bot: nothing else at all' 0 refused bot "$public" 443

kill "${servers[@]}"
wait "${servers[@]}" 2>/dev/null
host_stop
finish
