# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What holds for forwarded connections. The servers at the other end run in a login of the same
# USER, so it holds for a login with a network of its own as well. Ports are of 127.0.0.1.
#
#	check_forward_local USER	-L, -D, -W and a socket, through a login that runs a server
#	check_forward_remote USER	-R
#	check_forward_only USER		-N: no command at all
#	check_reaches_host USER yes|no	whether a server on the host can be reached, from a program in
#					the session and through -L
# shellcheck disable=SC2016 # what stands in single quotes is for the shell at the other end

net=$host/net.py

# serve_in USER PLACE TEXT: a server in a login. It comes over stdin, so that it need not be there.
serve_in() {
	: >"$SCRATCH/server"
	ssh_behind "$1" "exec python3 - serve $2 '$3'" <"$net" >"$SCRATCH/server" 2>&1
	server=$behind
	true_within 10 grep -q ready "$SCRATCH/server"
}

serve_here() {
	: >"$SCRATCH/server"
	"$PYTHON" "$net" serve "$1" "$2" >"$SCRATCH/server" 2>&1 &
	server=$!
	true_within 10 grep -q ready "$SCRATCH/server"
}

# Also where it is the client that ends: the server sees its stdin end.
server_stop() {
	kill "$server"
	wait "$server" 2>/dev/null
}

get_here() {
	"$PYTHON" "$net" get "$@"
}

check_forward_local() {
	local user=$1 port=$((30000 + BASHPID % 10000)) server behind through=()
	serve_in "$user" "$port" 'from the session'
	connect "$user" -L "$((port + 1)):127.0.0.1:$port" -D "$((port + 2))"
	expect "ssh -L $user: reaches a server of the session" 0 'from the session' \
		get_here "$((port + 1))"
	expect "ssh -L $user: where nobody listens, it is closed at once" 0 '' eval \
		"ssh_as $user -O forward -L $((port + 3)):127.0.0.1:1 && get_here $((port + 3))"
	expect "ssh -D $user: reaches a server of the session" 0 'from the session' \
		get_here "$port" --socks "$((port + 2))"
	disconnect
	expect "ssh -W $user: stdin and stdout are the connection" 0 'from the session' \
		ssh_as "$user" -W "127.0.0.1:$port"
	server_stop
	serve_in "$user" "/home/$user/check.socket" 'from the socket'
	connect "$user" -L "$SCRATCH/socket:/home/$user/check.socket"
	expect "ssh -L $user: reaches a socket of the session" 0 'from the socket' get_here "$SCRATCH/socket"
	disconnect
	server_stop
}

check_forward_remote() {
	local user=$1 port=$((30000 + BASHPID % 10000)) server behind
	serve_here "$port" 'from here'
	expect "ssh -R $user: a program in the session reaches a server of the client" 0 'from here' \
		eval "ssh_as $user -R $((port + 1)):127.0.0.1:$port 'python3 - get $((port + 1))' <$net"
	expect "ssh -R $user: through a socket too" 0 'from here' eval \
		"ssh_as $user -R /home/$user/check.remote:127.0.0.1:$port \
			'python3 - get ~/check.remote; rm -f ~/check.remote' <$net"
	server_stop
}

check_forward_only() {
	local user=$1 port=$((30000 + BASHPID % 10000)) server behind
	serve_in "$user" "$port" 'from the session'
	ssh_behind "$user" -N -o ExitOnForwardFailure=yes -L "$((port + 1)):127.0.0.1:$port"
	true_within 10 is_listening "$((port + 1))"
	expect "ssh -N $user: forwards without a session" 0 'from the session' get_here "$((port + 1))"
	kill "$behind"
	wait "$behind" 2>/dev/null
	server_stop
}

check_reaches_host() {
	local user=$1 reaches=$2 port=$((30000 + BASHPID % 10000)) server behind through=()
	serve_here "$port" 'from the host'
	run eval "ssh_as $user 'python3 - get $port' <$net 2>/dev/null"
	holds "ssh $user: a program reaches a server on the host's loopback: $reaches" \
		[ "${out:+yes}" = "${reaches/no/}" ]
	connect "$user" -L "$((port + 1)):127.0.0.1:$port"
	run get_here "$((port + 1))"
	holds "ssh -L $user: reaches a server on the host's loopback: $reaches" \
		[ "${out:+yes}" = "${reaches/no/}" ]
	disconnect
	server_stop
}
