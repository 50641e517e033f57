# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The other end of the wire: OpenSSH's clients as root of the test host, with the key that everybody
# there accepts and nothing of the machine's configuration. All are bounded in time.
#
#	ssh_as USER [OPTION...] [COMMAND...]	OPTIONs of ssh go before the command
#	ssh_with_password PASSWORD USER [OPTION...] [COMMAND...]	and no key
#	sftp_as USER [OPTION...]		commands on stdin
#	scp_here OPTION... FROM... TO		a side is USER@testhost:PATH; so with the next two
#	rsync_here OPTION... FROM... TO
#	git_here ARGUMENT...
#	connect USER [OPTION...]		one connection for all of the above until disconnect, as
#	disconnect				$through says: a function that does so makes that local
#	ssh_behind USER [OPTION...] COMMAND	in the background; its pid in $behind
#	other_sshd OPTION...			one more sshd, on $other_port, with what sshd_config has
#	other_sshd_stop				otherwise, as "KbdInteractiveAuthentication yes"
#	on_terminal [--size 24x80] STEPS COMMAND...	keyboard.py; "${ssh[@]}" is ssh with its options

host_name=testhost
ssh_seconds=${ssh_seconds:-$((30 * slow))}
ssh=(ssh -F /root/.ssh/config)
through=()

ssh_as() {
	local user=$1
	shift
	timeout -k 2 "$ssh_seconds" "${ssh[@]}" "${through[@]}" -l "$user" "$host_name" "$@"
}

# Not by ssh_as: the pid is that of a process that passes signals on. The stdin is named, because
# bash gives /dev/null to what runs in the background.
ssh_behind() {
	local user=$1
	shift
	timeout -k 2 "$ssh_seconds" "${ssh[@]}" "${through[@]}" -l "$user" "$host_name" "$@" <&0 &
	behind=$!
}

ssh_with_password() {
	local password=$1 user=$2
	shift 2
	printf '#!/bin/sh\necho "%s"\n' "$password" >"$SCRATCH/askpass"
	chmod 0700 "$SCRATCH/askpass"
	SSH_ASKPASS=$SCRATCH/askpass SSH_ASKPASS_REQUIRE=force ssh_as "$user" -o BatchMode=no \
		-o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 "$@"
}

sftp_as() {
	local user=$1
	shift
	timeout -k 2 "$ssh_seconds" sftp -q -F /root/.ssh/config "${through[@]}" -b - "$@" "$user@$host_name"
}

scp_here() {
	timeout -k 2 "$ssh_seconds" scp -q -F /root/.ssh/config "${through[@]}" "$@"
}

rsync_here() {
	timeout -k 2 "$ssh_seconds" rsync -e "${ssh[*]} ${through[*]}" "$@"
}

git_here() {
	GIT_SSH_COMMAND="${ssh[*]} ${through[*]}" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 \
		timeout -k 2 "$ssh_seconds" git "$@"
}

# Where the connection takes no more sessions, ssh would quietly make another: not with false for one.
connect() {
	local user=$1
	shift
	timeout -k 2 "$ssh_seconds" "${ssh[@]}" -o ControlPath="$SCRATCH/master" -l "$user" \
		-o ControlMaster=yes -N -f "$@" "$host_name" </dev/null >"$SCRATCH/master.log" 2>&1
	through=(-o "ControlPath=$SCRATCH/master" -o ProxyCommand=false)
}

disconnect() {
	"${ssh[@]}" "${through[@]}" -O exit "$host_name" 2>/dev/null
	through=()
}

other_sshd() {
	local options=() option
	other_port=$((10000 + BASHPID % 20000))
	for option; do
		options+=(-o "$option")
	done
	daemon_start other_sshd /usr/sbin/sshd -D -p "$other_port" -o PidFile=none "${options[@]}"
	true_within 5 is_listening "$other_port"
}

other_sshd_stop() {
	daemon_stop other_sshd
}

on_terminal() {
	timeout -k 2 60 "$PYTHON" "$host/keyboard.py" "$@"
}
