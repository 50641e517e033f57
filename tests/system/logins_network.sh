#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 180
# What logins reach, by programs of the session and by connections that sshd forwards for them: the same.
# shellcheck disable=SC2016 # what stands in single quotes is for other shells
. "$(dirname "$0")/lib.sh"
. "$top/tests/host/host.sh"
. "$top/tests/host/jails.sh"
. "$top/tests/host/checks_forward.sh"
host_start
host_install
jails_on
make_internet
public=203.0.113.5 private=192.168.77.1 metadata=169.254.169.254
for address in "$public" "$private" "$metadata"; do
	far ip address add "$address" dev lo
done
far "$PYTHON" "$host/internet.py" serve 80 >"$SCRATCH/far" 2>&1 &
servers=($!)
"$PYTHON" "$host/internet.py" serve 8022 >"$SCRATCH/near" 2>&1 &
servers+=($!)
holds 'the servers come up' true_within 10 eval "grep -qs ready '$SCRATCH/far' && grep -qs ready '$SCRATCH/near'"

mkdir -p /etc/contain/networks
printf '[network]\npool = 10.50.0.0/24 fd50::/64\n' >/etc/contain/networks/lab.conf
policy users/alice.conf <<-'END'
	[jail]
	enable = yes
	[network]
	mode = lab
END

# ways USER ADDRESS PORT: what a program hears, what comes through -W, -L and -D.
ways() {
	local user=$1 address=$2 port=$3 through=() own=$((30000 + BASHPID % 10000))
	ssh_as "$user" "exec python3 - ask tcp $address $port" <"$host/internet.py"
	ssh_as "$user" -W "$address:$port" 2>/dev/null </dev/null || echo closed
	connect "$user" -L "$own:$address:$port" -D "$((own + 1))"
	out=$(get_here "$own" 2>/dev/null)
	echo "${out:-closed}"
	get_here "$address:$port" --socks "$((own + 1))" 2>/dev/null || echo closed
	disconnect
}
all() {
	printf '%s\n' "$1" "${2:-$1}" "${2:-$1}" "${2:-$1}"
}

expect 'a login on a named network has its address' 0 '10\.50\.0\.[0-9]+/24' \
	ssh_as alice 'ip -o -4 address show dev eth0 | tr -s " " | cut -d" " -f4'
for where in "$public:80" "$private:80" "$metadata:80" "$uplink:8022"; do
	expect "the control: bob, who is not confined, reaches $where in all ways" 0 \
		'[0-9.]+.[0-9.]+.[0-9.]+.[0-9.]+' ways bob "${where%:*}" "${where#*:}"
done
expect 'the internet can be reached' 0 "$(all "$uplink")" ways alice "$public" 80
expect 'private networks cannot' 0 "$(all refused closed)" ways alice "$private" 80
expect 'nor can metadata' 0 "$(all refused closed)" ways alice "$metadata" 80
expect 'nor what the host serves, by its own address' 0 "$(all refused closed)" ways alice "$uplink" 8022
expect "nor by the bridge's" 0 "$(all refused closed)" ways alice 10.50.0.1 8022
check_forward_remote alice
check_reaches_host alice no

kill "${servers[@]}"
wait "${servers[@]}" 2>/dev/null
host_stop
finish
