# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What holds for ssh, whether logins are confined or not. Each is for one USER and reports by itself.
#
#	check_ssh_exit_codes USER
#	check_ssh_streams USER
#	check_ssh_much_data USER MEGABYTES
#	check_ssh_ids USER			uid, gid and all groups as the host has them
#	check_ssh_environment USER
#	check_ssh_methods USER			password and keyboard-interactive, and wrong ones
#	check_ssh_terminal USER			tty, size, Ctrl-C, a closed window
#	check_ssh_job_control USER		Ctrl-Z, jobs, fg in a shell
#	check_ssh_records USER			utmp, wtmp, lastlog; nobody else may log in as USER
#	check_ssh_channels USER			many sessions in one connection are one login
#	check_ssh_agent USER			forwarding
#	check_ssh_forced_command USER
#	check_ssh_rc USER			~/.ssh/rc; nobody else may log in as USER meanwhile
#	check_ssh_left USER stays|goes		what a login leaves running
#	check_ssh_tmux USER			goes on between two logins
# shellcheck disable=SC2016 # what stands in single quotes is for the shell at the other end

check_ssh_exit_codes() {
	local user=$1 code wrong='' through=()
	connect "$user"
	for code in 0 1 2 42 125 126 127 128 130 143 255; do
		run ssh_as "$user" "exit $code"
		[ "$status" -eq "$code" ] && [ -z "$out$err" ] || wrong="$wrong $code:$status:$out$err"
	done
	disconnect
	holds "ssh $user: exit codes arrive, and nothing is said about it$wrong" [ -z "$wrong" ]
	expect "ssh $user: an exit code of a connection of its own" 42 '' ssh_as "$user" 'exit 42'
	expect "ssh $user: death by a signal is 255" 255 '' ssh_as "$user" 'kill -TERM $$'
	expect "ssh $user: a command that is not there is 127" 127 '' ssh_as "$user" no-such-command
}

check_ssh_streams() {
	local user=$1 through=()
	connect "$user"
	expect "ssh $user: stdin passes through" 0 'a line' eval "echo 'a line' | ssh_as $user cat"
	run ssh_as "$user" 'echo to-stdout; echo to-stderr >&2'
	holds "ssh $user: stdout and stderr stay apart" [ "$out:$err" = to-stdout:to-stderr ]
	expect "ssh $user: the end of stdin is seen" 0 '0' ssh_as "$user" 'wc -c'
	expect "ssh $user: a reader that goes away ends the command" 0 'y' \
		eval "ssh_as $user yes | head -n 1"
	expect "ssh $user: no terminal unless asked for" 0 'not a tty' ssh_as "$user" 'tty; true'
	printf '\0\1\377\r\n\004' >"$SCRATCH/bytes"
	ssh_as "$user" cat <"$SCRATCH/bytes" >"$SCRATCH/bytes.back"
	holds "ssh $user: any byte passes" cmp "$SCRATCH/bytes" "$SCRATCH/bytes.back"
	disconnect
}

check_ssh_much_data() {
	local user=$1 megabytes=$2 back
	back=$(head -c "${megabytes}M" /dev/urandom | tee >(sha256sum >"$SCRATCH/sent") |
		ssh_as "$user" 'tee >(sha256sum >&2)' 2>"$SCRATCH/there" | sha256sum)
	holds "ssh $user: $megabytes MB arrive unchanged, and come back so" \
		[ "$back$back" = "$(cat "$SCRATCH/sent" "$SCRATCH/there" | tr -d '\n')" ]
}

check_ssh_ids() {
	local user=$1 through=()
	connect "$user"
	expect "ssh $user: uid, gid and all groups" 0 \
		"$(id -u "$user") $(id -g "$user") $(id -G "$user")" \
		ssh_as "$user" 'echo $(id -u) $(id -g) $(id -G)'
	expect "ssh $user: their names" 0 "$(id -un "$user") $(id -Gn "$user")" \
		ssh_as "$user" 'echo $(id -un) $(id -Gn)'
	if [ -n "$loginuid_works" ]; then
		expect "ssh $user: the login uid" 0 "$(id -u "$user")" ssh_as "$user" 'cat /proc/self/loginuid'
	else
		skip "the login uid of ssh" 'the kernel has none, or lets nobody change it'
	fi
	disconnect
}

check_ssh_environment() {
	local user=$1 home through=()
	home=$(getent passwd "$user" | cut -d: -f6)
	connect "$user"
	expect "ssh $user: who and where one is" 0 "$user $user $home /bin/bash $home" \
		ssh_as "$user" 'echo $USER $LOGNAME $HOME $SHELL $PWD'
	expect "ssh $user: PATH" 0 '/usr/local/bin:/usr/bin:/bin:/usr/games' ssh_as "$user" 'echo $PATH'
	expect "ssh $user: SSH_CONNECTION" 0 '127\.0\.0\.1 [0-9]+ 127\.0\.0\.1 22' \
		ssh_as "$user" 'echo $SSH_CONNECTION'
	expect "ssh $user: files in the home can be written, and are the user's" 0 "$(id -u "$user") 644" \
		ssh_as "$user" 'f=$(mktemp -p ~); chmod 644 $f; stat -c "%u %a" $f; rm $f'
	disconnect
	# A shared connection sends what the first one may send.
	expect "ssh $user: LC_ variables pass, others do not" 0 'C.UTF-8 none' \
		eval "LC_TIME=C.UTF-8 FOREIGN=1 ssh_as $user -o SendEnv='LC_TIME FOREIGN' \
			'echo \$LC_TIME \${FOREIGN:-none}'"
}

check_ssh_methods() {
	local user=$1
	expect "ssh $user: with a password" 0 "$user" ssh_with_password "$host_password" "$user" id -un
	expect "ssh $user: a wrong password is refused" 255 '' ssh_with_password wrong "$user" id -un
	other_sshd 'KbdInteractiveAuthentication yes' 'PasswordAuthentication no'
	expect "ssh $user: keyboard-interactive" 0 "$user" \
		ssh_with_password "$host_password" "$user" -p "$other_port" id -un
	expect "ssh $user: keyboard-interactive with a wrong password is refused" 255 '' \
		ssh_with_password wrong "$user" -p "$other_port" id -un
	other_sshd_stop
}

no_process() {
	! pgrep -f -- "$1" >/dev/null
}

check_ssh_terminal() {
	local user=$1 there=("${ssh[@]}" -tt -l "$1" "$host_name")
	expect "ssh $user: a terminal, its owner and its size" 0 ".*/dev/pts/[0-9]+.*$user 41 101.*" \
		on_terminal --size 41x101 '' "${there[@]}" 'tty; echo $(stat -c %U $(tty)) $(stty size)'
	expect "ssh $user: an exit code through a terminal" 33 '.*' on_terminal '' "${there[@]}" 'exit 33'
	holds "ssh $user: a change of the size arrives" on_terminal --size 24x80 '
		expect ready
		resize 50 120
		expect 50 120
		send \x03' \
		"${there[@]}" \
		'trap "stty size" WINCH; trap "exit 0" INT; echo ready; while :; do sleep 0.1; done'
	expect "ssh $user: Ctrl-C ends a command" 130 '.*' on_terminal '
		expect ready
		send \x03' \
		"${there[@]}" 'trap "exit 130" INT; sh -c "echo ready; exec sleep 100"'
	expect "ssh $user: Ctrl-D is the end of stdin" 0 '.*1 2 3.*' on_terminal '
		expect ready
		send 1 2 3\r\x04' \
		"${there[@]}" 'echo ready; cat'
	on_terminal '
		expect ready
		hangup' \
		"${there[@]}" "echo ready; exec sleep 100.$BASHPID" >/dev/null 2>&1
	holds "ssh $user: a closed window ends what ran in it" true_within 5 no_process "sleep 100.$BASHPID"
}

check_ssh_job_control() {
	local user=$1
	expect "ssh $user: a shell has job control" 6 '.*' on_terminal '
		expect \$ $
		send sleep 100\r
		pause 0.3
		send \x1a
		expect Stopped
		send jobs\r
		expect \+ *Stopped +sleep 100
		send fg\r
		expect fg\r\nsleep 100\r\n
		pause 0.2
		send \x03
		expect \$ $
		send echo code $?\r
		expect code 130
		expect \$ $
		send sleep 100 | cat &\r
		expect \$ $
		send kill %1; wait %1; echo ended\r
		expect \nended
		send exit 6\r' \
		"${ssh[@]}" -tt -l "$user" "$host_name"
	holds "ssh $user: and says nothing against it" eval '[[ $out != *"job control"* ]]'
}

# The monitor of the connection that $1, a command, comes from: its pid, as sshd logs it.
monitor_of() {
	local port
	port=$("$@" 'echo $SSH_CONNECTION' </dev/null | cut -d' ' -f2)
	sed -nE "s/.* sshd(-session)?\[([0-9]+)\]: Accepted .* port $port .*/\2/p" /var/log/syslog
}

# opened_and_closed PID USER: once each.
opened_and_closed() {
	local said='pam_unix\(sshd:session\): session'
	[ "$(grep -cE "sshd(-session)?\[$1\]: $said opened for user $2\(" /var/log/syslog)" -eq 1 ] &&
		[ "$(grep -cE "sshd(-session)?\[$1\]: $said closed for user $2\$" /var/log/syslog)" -eq 1 ]
}

check_ssh_channels() {
	local user=$1 number children=() codes='' pid behind through=()
	connect "$user"
	for number in 1 2 3 4 5; do
		ssh_behind "$user" "sleep 0.3; echo $number; exit $number" \
			</dev/null >"$SCRATCH/channel.$number"
		children+=("$behind")
	done
	for pid in "${children[@]}"; do
		wait "$pid"
		codes="$codes$?"
	done
	holds "ssh $user: five commands at once in one connection" \
		[ "$codes $(cat "$SCRATCH"/channel.? | tr -d '\n')" = '12345 12345' ]
	expect "ssh $user: sftp in the same connection" 0 '.*/home.*' eval "echo pwd | sftp_as $user"
	pid=$(monitor_of ssh_as "$user")
	disconnect
	holds "ssh $user: all that was one login, opened and closed once" \
		true_within 5 opened_and_closed "$pid" "$user"
}

# Proof that the agent can be used: something is signed.
check_ssh_agent() {
	local user=$1 SSH_AUTH_SOCK SSH_AGENT_PID
	eval "$(ssh-agent)" >/dev/null
	export SSH_AUTH_SOCK
	ssh-add -q /root/.ssh/id_ed25519
	expect "ssh $user: a forwarded agent lists its keys" 0 '.*everybody \(ED25519\)' \
		ssh_as "$user" -A 'ssh-add -l'
	expect "ssh $user: and signs" 0 '-----BEGIN SSH SIGNATURE-----.*' ssh_as "$user" -A \
		'ssh-add -L >~/agent.pub; echo x | ssh-keygen -Y sign -n file -f ~/agent.pub; rm ~/agent.pub'
	expect "ssh $user: no agent unless asked for" 2 '' ssh_as "$user" 'ssh-add -l'
	kill "$SSH_AGENT_PID"
}

check_ssh_forced_command() {
	local user=$1
	ssh-keygen -q -t ed25519 -N '' -C forced-command -f "$SCRATCH/forced"
	printf 'command="echo forced: $SSH_ORIGINAL_COMMAND" %s\n' "$(cat "$SCRATCH/forced.pub")" |
		ssh_as "$user" 'cat >>.ssh/authorized_keys'
	expect "ssh $user: a command that the key forces" 0 'forced: id' \
		timeout -k 2 "$ssh_seconds" \
		ssh -F none -o BatchMode=yes -o UserKnownHostsFile=/root/.ssh/known_hosts \
		-o HostName=127.0.0.1 -o IdentitiesOnly=yes -i "$SCRATCH/forced" -l "$user" "$host_name" id
	ssh_as "$user" 'sed -i /forced-command/d .ssh/authorized_keys'
}

check_ssh_rc() {
	local user=$1
	ssh_as "$user" 'echo "echo from-rc; id -u >~/rc.ran" >~/.ssh/rc'
	expect "ssh $user: ~/.ssh/rc runs first, as the user" 0 "from-rc.$(id -u "$user")" \
		ssh_as "$user" 'cat rc.ran; rm rc.ran .ssh/rc'
}

# is_recorded REGEX ARGUMENT...: records.py prints such a line.
is_recorded() {
	local regex=$1
	shift
	"$PYTHON" "$host/records.py" "$@" 2>/dev/null | grep -qE -- "^$regex\$"
}

is_not_recorded() {
	! is_recorded "$@"
}

check_ssh_records() {
	local user=$1 behind where='pts/[0-9]+(@user-[0-9]+)? 127\.0\.0\.1'
	ssh_behind "$user" -tt 'sleep 100' </dev/null >/dev/null 2>&1
	holds "ssh $user: utmp has a login with a terminal" true_within 5 \
		is_recorded "$user $where" online
	kill "$behind"
	wait "$behind" 2>/dev/null
	holds "ssh $user: and no more after it" true_within 5 is_not_recorded "$user $where" online
	holds "ssh $user: wtmp has its beginning and end" true_within 5 is_recorded "$user $where" past
	holds "ssh $user: lastlog has it" is_recorded "$where" lastlog "$(id -u "$user")"
}

is_there() {
	[ -n "$(pgrep -u "$1" -f -- "$2")" ]
}

check_ssh_left() {
	local user=$1 what=$2 mark=200.$BASHPID
	ssh_as "$user" "setsid nohup sleep $mark >/dev/null 2>&1 </dev/null &"
	if [ "$what" = stays ]; then
		sleep 0.5
		holds "ssh $user: what a login leaves in the background goes on" is_there "$user" "sleep $mark"
		pkill -f "^sleep $mark"
	else
		holds "ssh $user: what a login leaves in the background ends" \
			true_within 5 no_process "^sleep $mark"
	fi
}

check_ssh_tmux() {
	local user=$1
	expect "ssh $user: a terminal multiplexer starts" 0 '' \
		ssh_as "$user" 'tmux -L check new-session -d -s work -x 80 -y 24 "cat >tmux.seen"'
	expect "ssh $user: and is there in the next login" 0 'work: 1 windows.*' \
		ssh_as "$user" 'tmux -L check ls'
	TERM=xterm holds "ssh $user: one attaches and types" on_terminal '
		expect work
		send typed by hand\r
		pause 0.3
		send \x02d
		expect detached' \
		"${ssh[@]}" -tt -l "$user" "$host_name" 'tmux -L check attach -t work'
	expect "ssh $user: it was typed into the multiplexer" 0 'typed by hand' \
		ssh_as "$user" 'tmux -L check kill-server; cat tmux.seen; rm tmux.seen'
}
