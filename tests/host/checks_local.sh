# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What holds for su, sudo and login, whether they are confined or not. All start as root; where it
# says FROM, somebody else does, through ssh, with a terminal and a password.
#
#	check_su USER		exit codes, streams, ids, environment
#	check_su_terminal USER	su -, su --pty -
#	check_su_from FROM USER
#	check_sudo USER
#	check_sudo_from FROM USER
#	check_login USER	on a terminal, with a password
#	check_login_records USER	utmp, wtmp, lastlog, login uid; nobody else may log in as USER
# shellcheck disable=SC2016 # what stands in single quotes is for the shell of the user

ids_of() {
	echo "$(id -u "$1") $(id -g "$1") $(id -G "$1")"
}

# as_codes NAME COMMAND...: COMMAND followed by a line for a shell passes exit codes and streams on.
passes_on() {
	local name=$1 code wrong=''
	shift
	for code in 0 1 42 126 127 255; do
		run "$@" "exit $code"
		[ "$status:$out$err" = "$code:" ] || wrong="$wrong $code:$status:$out$err"
	done
	holds "$name: exit codes arrive, and nothing is said about it$wrong" [ -z "$wrong" ]
	run "$@" 'echo to-stdout; echo to-stderr >&2'
	holds "$name: stdout and stderr stay apart" [ "$out:$err" = to-stdout:to-stderr ]
	expect "$name: stdin passes through" 0 'a line' eval "echo 'a line' | ${*@Q} cat"
}

check_su() {
	local user=$1
	passes_on "su $user" su "$user" -c
	passes_on "su - $user" su - "$user" -c
	run su "$user" -c 'kill -TERM $$'
	holds "su $user: death by a signal is 128+n" [ "$status" -eq 143 ]
	expect "su $user: uid, gid and all groups" 0 "$(ids_of "$user")" \
		su "$user" -c 'echo $(id -u) $(id -g) $(id -G)'
	expect "su $user: keeps the environment and the directory" 0 "/home/$user $user kept /" \
		env -C / KEPT=kept su "$user" -c 'echo $HOME $USER $KEPT $PWD'
	expect "su - $user: neither" 0 "/home/$user $user none /home/$user" \
		env -C / KEPT=kept su - "$user" -c 'echo $HOME $USER ${KEPT:-none} $PWD'
	expect "su $user: the shell can be chosen" 0 'sh' su -s /bin/sh "$user" -c 'echo $0'
}

# shell_on_terminal NAME USER CODE STEPS COMMAND...: it gives USER a shell, after STEPS, with what
# belongs to a terminal, and ends with CODE when the shell ends with 6.
shell_on_terminal() {
	local name=$1 user=$2 code=$3 steps=$4
	shift 4
	expect "$name: a shell on a terminal, with job control; it ends with $code" "$code" '.*' \
		on_terminal --size 41x101 "$steps"'
		expect \$ $
		send tty; id -un; stty size\r
		expect /dev/pts/\d+\r\n'"$user"'\r\n41 101
		expect \$ $
		send sleep 100\r
		pause 0.3
		send \x1a
		expect Stopped
		send fg\r
		expect fg\r\nsleep 100\r\n
		pause 0.2
		send \x03
		expect \$ $
		send echo code $?\r
		expect code 130
		expect \$ $
		resize 50 120
		pause 0.3
		send stty size\r
		expect 50 120
		expect \$ $
		send exit 6\r' "$@"
	holds "$name: and says nothing against job control" eval '[[ $out != *"job control"* ]]'
}

check_su_terminal() {
	local user=$1
	shell_on_terminal "su - $user" "$user" 6 '' su - "$user"
	shell_on_terminal "su --pty - $user" "$user" 6 '' su --pty - "$user"
	expect "su --pty $user: has a terminal of its own" 0 '.*(/dev/pts/[0-9]+).*(/dev/pts/[0-9]+).*' \
		on_terminal '' sh -c 'tty; su --pty "$0" -c tty' "$user"
	holds "su --pty $user: which is not the caller's" \
		eval '[ "$(grep -o "/dev/pts/[0-9]*" <<<"$out" | sort -u | wc -l)" -eq 2 ]'
}

check_su_from() {
	local from=$1 user=$2
	expect "su $user by $from: with the password" 7 ".*iam-$user.*" on_terminal '
		expect Password:
		send '"$host_password"'\r' \
		"${ssh[@]}" -tt -l "$from" "$host_name" "su $user -c 'echo iam-\$(id -un); exit 7'"
	expect "su $user by $from: not with another" 1 '.*Authentication failure.*' on_terminal '
		expect Password:
		send wrong\r' "${ssh[@]}" -tt -l "$from" "$host_name" "su $user -c 'id -un; exit 7'"
}

check_sudo() {
	local user=$1
	passes_on "sudo -u $user" sudo -u "$user" /bin/sh -c
	passes_on "sudo -iu $user" sudo -iu "$user" -- /bin/sh -c
	expect "sudo -u $user: uid, gid and all groups" 0 "$(ids_of "$user")" \
		sudo -u "$user" /bin/sh -c 'echo $(id -u) $(id -g) $(id -G)'
	expect "sudo -u $user: the environment is sudo's" 0 "/home/$user $user root none" \
		env FOREIGN=1 sudo -u "$user" /bin/sh -c 'echo $HOME $USER $SUDO_USER ${FOREIGN:-none}'
	expect "sudo -iu $user: at home" 0 "/home/$user" sudo -iu "$user" pwd
	expect "sudo -u $user: a command that is not there" 1 '' sudo -u "$user" no-such-command
	shell_on_terminal "sudo -iu $user" "$user" 6 '' sudo -iu "$user"
}

check_sudo_from() {
	local from=$1 user=$2
	sudoers_add "$from ALL=($user) ALL"
	expect "sudo -u $user by $from: with the password" 7 "$user" eval \
		"echo '$host_password' | ssh_as $from 'sudo -S -p \"\" -u $user /bin/sh -c \"id -un; exit 7\"'"
	expect "sudo -u $user by $from: not with another" 1 '' \
		eval "echo wrong | ssh_as $from 'sudo -S -p \"\" -u $user id -un'"
	expect "sudo by $from: not as root" 1 '' \
		eval "echo '$host_password' | ssh_as $from 'sudo -S -p \"\" id -un'"
}

check_login() {
	local user=$1
	# Its exit code does not tell of the shell's.
	shell_on_terminal "login $user" "$user" 0 '
		expect Password:
		send '"$host_password"'\r' login "$user"
	expect "login $user: a wrong password is refused" 129 '.*Login incorrect.*' on_terminal '
		expect Password:
		send wrong\r
		expect Login incorrect
		hangup' login "$user"
}

check_login_records() {
	local user=$1 child records='' uid line
	# Debian 13's writes none.
	! grep -qE 'setutmp|pututxline' "$(command -v login)" || records=yes
	# That of a jail has its name too: "pts/3@user-1004".
	line='pts/[0-9]+(@[^ ]+)? '
	uid=${loginuid_works:+$(id -u "$user")}
	on_terminal '
		expect Password:
		send '"$host_password"'\r
		expect \$ $
		send echo owner $(stat -c %U $(tty)), login uid $(cat /proc/self/loginuid)\r
		expect owner '"$user, login uid $uid"'
		expect \$ $
		pause 2
		send exit 0\r' login "$user" >"$SCRATCH/login" 2>&1 &
	child=$!
	[ -z "$records" ] ||
		holds "login $user: utmp has it" true_within 10 is_recorded "$user $line" online
	wait "$child"
	holds "login $user: the terminal and the login uid are the user's" [ $? -eq 0 ]
	holds "login $user: utmp has it no more" true_within 5 is_not_recorded "$user $line" online
	if [ -n "$records" ]; then
		holds "login $user: wtmp has its beginning and end" is_recorded "$user $line" past
		holds "login $user: lastlog has it" is_recorded "$line" lastlog "$(id -u "$user")"
	fi
}
