#!/bin/bash
# SPDX-License-Identifier: MIT
# timeout: 180
# A login on a console: agetty, started by systemd, asks for the name on a serial line of the machine,
# and login(1) for the password. The other end of the line is a second serial line of the same
# machine, $keyboard, on which this test types and reads: see tests/vm.
# shellcheck source=tests/machine/lib.sh
. "$(dirname "$0")/lib.sh"
console=${CONTAIN_CONSOLE:-ttyS1}
keyboard=/dev/${CONTAIN_KEYBOARD:-ttyS2}
machine_start
remember_host
was_active=$(systemctl is-active "serial-getty@$console")
systemctl stop "serial-getty@$console"

# -- the two lines are one
stty -F "$keyboard" 115200 raw -echo clocal
stty -F "/dev/$console" 115200 raw -echo clocal
timeout 10 grep -qam 1 wired "/dev/$console" &
hears=$!
sleep 1
# What systemd has asked the terminal so far comes first.
printf '\nwired\n' >"$keyboard"
if ! wait "$hears"; then
	skip 'a login on a console' "$console and $keyboard are not the two ends of a line"
	exit 0
fi

systemctl start "serial-getty@$console"
exec 5<>"$keyboard"
cat <&5 >"$SCRATCH/screen" &
reader=$!
seen=0

type_in() {
	printf '%b' "$1" >&5
}

# on_screen REGEX: it appears behind what was waited for before; in $line is where.
on_screen() {
	local text
	text=$(tail -c "+$((seen + 1))" "$SCRATCH/screen" | tr -d '\0\r')
	[[ $text =~ $1 ]]
}

# appears NAME REGEX [SECONDS]
appears() {
	if within "${3:-30}" on_screen "$2"; then
		ok "$1"
	else
		not_ok "$1" "not on the screen: $2" "$(tail -c "+$((seen + 1))" "$SCRATCH/screen")"
	fi
	seen=$(stat -c %s "$SCRATCH/screen")
}

shell_on_console() {
	pgrep -u "$1" -t "$console" -x bash | head -n 1
}

# agetty throws away what was typed before it has begun to listen, which is a moment after it asks.
# Then a person types the name once more.
give_name() {
	local try
	for try in 1 2 3; do
		sleep 2
		type_in "$1\r"
		! within 15 on_screen 'Password: ' || return 0
		type_in '\r'
	done
	echo "# not even the name typed $try times was heard"
}

check_console() {
	local user=$1 wanted=$2
	type_in '\r'
	appears "$user: agetty asks who it is" 'login: $'
	give_name "$user"
	appears "$user: login asks for the password" 'Password: '
	type_in "$password\r"
	appears "$user: there is a shell" '\$ $'
	type_in "PS1='> '; stty -echo\r"
	appears "$user: that listens" '> $'
	type_in 'cat /proc/1/comm; tty\r'
	appears "$user: it is where it should be, on that line" "$wanted.{0,3}/dev/$console"
	# Its group is the tty of whoever has opened it: the jail's own, for alice.
	expect "$user: the line is theirs, and not for others to read or write" 0 "$user crw-(-w|--)----" \
		stat -c '%U %A' "/dev/$console"
	expect "$user: logind has the session on that line" 0 "$console" eval \
		"loginctl show-session \"\$(sessions_of $user)\" -p TTY --value"
	expect "$user: and its service is login" 0 login eval \
		"loginctl show-session \"\$(sessions_of $user)\" -p Service --value"
	expect "$user: who has it" 0 "$user +$console .*" eval "who | grep $console"
	type_in 'sleep 4713\r'
	holds "$user: a program runs" within 20 runs "$user" 'sleep 4713'
	type_in '\x1a'
	appears "$user: Ctrl-Z stops it" '(Stopped|\[1\]\+).*> $'
	holds "$user: it is stopped" within 10 is_stopped "$user"
	type_in 'fg\r'
	holds "$user: fg lets it go on" ends_within 20 is_stopped "$user"
	type_in '\x03'
	holds "$user: Ctrl-C ends it" ends_within 20 runs "$user" 'sleep 4713'
	type_in 'echo still here\r'
	appears "$user: and not the shell" 'still here'
	type_in 'exit\r'
	appears "$user: after logging out agetty is back" 'login: $' 40
	holds "$user: the session is over" ends_within 20 has_sessions "$user"
	expect "$user: the line is root's again" 0 root stat -c %U "/dev/$console"
	expect "$user: who has nobody there" 1 '' eval "who | grep $console"
	last_ended "$user" "$console"
}

is_stopped() {
	[ "$(ps -o state= -p "$(pgrep -u "$1" -f 'sleep 4713')" 2>/dev/null)" = T ]
}

check_console bob systemd
check_console alice contain-init

kill "$reader"
wait "$reader" 2>/dev/null
exec 5>&-
[ "$was_active" = active ] || systemctl stop "serial-getty@$console"
nothing_left 'nothing is left'
